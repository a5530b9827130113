//! Signed notes as c2sp.org/signed-note fixes them, with Ed25519 keys: a text, an empty line, signatures.
//! What the text says is the business of others.

use super::LedgerError;
use crate::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;

/// The signature type of Ed25519 keys.
const ED25519: u8 = 0x01;
/// Bytes of the longest note that is read.
pub(super) const NOTE_BYTES_MAX: usize = 64 << 10;
/// Signatures of one note; the format asks for 16 at least.
const SIGNATURES_MAX: usize = 100;

/// The key that notes are verified with, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// The key that notes are signed with. Never shown.
pub struct SignerKey {
    key: SigningKey,
    public: VerifierKey,
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignerKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Decodes standard base64; padding and trailing bits have to be as encoding makes them.
pub(super) fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn bad(why: &'static str) -> LedgerError {
    LedgerError::Note { what: "signed note", why }
}

fn name_is_valid(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

impl VerifierKey {
    /// Reads a key in the form `name+hash+key` that the Go tools write as well.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when it is none, or not of Ed25519.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let bad = |why| LedgerError::Note { what: "verifier key", why };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("not of the form name+hash+key"));
        };
        let bytes: [u8; 33] = from_base64(key).ok_or_else(|| bad("not 33 bytes of base64"))?;
        let (kind, public) = bytes.split_first().ok_or_else(|| bad("empty"))?;
        let public: &[u8; 32] = public.try_into().map_err(|_| bad("not 32 bytes"))?;
        let key = VerifyingKey::from_bytes(public).map_err(|_| bad("not a point of the curve"))?;
        if *kind != ED25519 || key.is_weak() || !name_is_valid(name) {
            return Err(bad("not an Ed25519 key with a name"));
        }
        let parsed = Self { name: name.to_owned(), key };
        (parsed.hash_text() == hash).then_some(parsed).ok_or_else(|| bad("the hash is another key's"))
    }

    /// The key's name: the ledger's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn hash(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(self.name.as_bytes()).chain_update([b'\n', ED25519]);
        let hash = hash.chain_update(self.key.as_bytes()).finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn hash_text(&self) -> String {
        hex::digits(&self.hash())
    }

    /// Verifies a note and returns its text, the final line break included.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when it is no note, or this key has not signed it.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, LedgerError> {
        if note.len() > NOTE_BYTES_MAX || note.contains(|c: char| c < ' ' && c != '\n') {
            return Err(bad("too long, or control characters"));
        }
        let split = note.rfind("\n\n").ok_or_else(|| bad("no empty line before the signatures"))?;
        let (text, signatures) = (&note[..=split], &note[split + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or_else(|| bad("the last line is not ended"))?;
        if lines.split('\n').count() > SIGNATURES_MAX {
            return Err(bad("too many signatures"));
        }
        let mut signed = false;
        for line in lines.split('\n') {
            signed |= self.signed(text, line)?;
        }
        signed.then_some(text).ok_or_else(|| bad("not signed by the ledger's key"))
    }

    /// Whether a signature that [`SignerKey::sign_bytes`] made is this key's.
    pub fn verify_bytes(&self, bytes: &[u8], signature: &str) -> bool {
        let signature = signature.strip_prefix("ed25519:").and_then(from_base64::<64>);
        signature.is_some_and(|signature| {
            self.key.verify_strict(bytes, &Signature::from_bytes(&signature)).is_ok()
        })
    }

    /// Whether a signature line is this key's; an error if it is and is wrong.
    fn signed(&self, text: &str, line: &str) -> Result<bool, LedgerError> {
        let parts = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
        let (name, blob) =
            parts.filter(|(name, _)| name_is_valid(name)).ok_or_else(|| bad("signature line"))?;
        let blob = STANDARD.decode(blob).map_err(|_| bad("signature line"))?;
        let (hash, signature) = blob.split_at_checked(4).ok_or_else(|| bad("signature line"))?;
        if name != self.name || hash != self.hash() {
            return Ok(false);
        }
        let signature = Signature::from_slice(signature).map_err(|_| bad("signature of a wrong length"))?;
        let verified = self.key.verify_strict(text.as_bytes(), &signature);
        verified.map(|()| true).map_err(|_| bad("the signature does not verify"))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.hash_text(), to_base64(&bytes))
    }
}

impl SignerKey {
    /// Makes the key from its name and 32 secret random bytes.
    ///
    /// # Errors
    /// [`LedgerError::Note`] for a name that is empty or has spaces or `+`.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        if !name_is_valid(name) {
            return Err(LedgerError::Note {
                what: "signer key",
                why: "a name without spaces and + is needed",
            });
        }
        let key = SigningKey::from_bytes(seed);
        let public = VerifierKey { name: name.to_owned(), key: key.verifying_key() };
        Ok(Self { key, public })
    }

    /// The key that verifies what this one signs.
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }

    /// Signs bytes that are no note: `ed25519:` and the signature in base64. What is signed says itself what it is, so
    /// that it can be taken for nothing else.
    pub fn sign_bytes(&self, bytes: &[u8]) -> String {
        format!("ed25519:{}", to_base64(&self.key.sign(bytes).to_bytes()))
    }

    /// Signs a text that ends in a line break.
    ///
    /// # Errors
    /// [`LedgerError::Note`] when it does not, or has control characters.
    pub fn sign(&self, text: &str) -> Result<String, LedgerError> {
        if !text.ends_with('\n') || text.contains(|c: char| c < ' ' && c != '\n') {
            return Err(bad("the text is not lines of text"));
        }
        let mut blob = self.public.hash().to_vec();
        blob.extend(self.key.sign(text.as_bytes()).to_bytes());
        Ok(format!("{text}\n— {} {}\n", self.public.name, to_base64(&blob)))
    }
}
