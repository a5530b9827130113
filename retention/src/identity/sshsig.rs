//! Signatures in the format SSHSIG (OpenSSH, PROTOCOL.sshsig), which `ssh-keygen -Y sign` and `-Y verify` speak. Ed25519
//! over SHA-512 only, in a namespace of our own, so that no signature made for something else counts here.

use super::{KEY_TYPE, PublicKey, Signer, wire};
use crate::store::StoreError;
use sha2::{Digest, Sha512};
use std::fmt::Write as _;

/// What signatures are made for.
pub const NAMESPACE: &str = "custody";
const MAGIC: &[u8] = b"SSHSIG";
const HASH: &[u8] = b"sha512";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
/// Characters of a line of OpenSSH's.
const LINE: usize = 70;
/// Bytes of the longest text that is read as a signature.
const TEXT_BYTES_MAX: usize = 1_024;

/// A signature with the key that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SshSignature {
    /// Whose.
    pub key: PublicKey,
    /// The signature.
    pub signature: [u8; 64],
}

/// What is signed for a message: not the message but its hash, with what it is for.
pub fn signed_bytes(message: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for part in [NAMESPACE.as_bytes(), b"", HASH, &Sha512::digest(message)] {
        wire::put(&mut out, part);
    }
    out
}

impl SshSignature {
    /// Signs a message, and looks whether that worked.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the key cannot be used, or what comes back is no signature of it.
    pub fn sign(signer: &dyn Signer, message: &[u8]) -> Result<Self, StoreError> {
        let (key, bytes) = (signer.public(), signed_bytes(message));
        let made = Self { key, signature: signer.sign(&bytes)? };
        if !made.verifies(message) {
            let why = "what the key's holder gave is no signature of that key";
            return Err(StoreError::Refused(why.to_owned()));
        }
        Ok(made)
    }

    /// Whether it is one of this message.
    pub fn verifies(&self, message: &[u8]) -> bool {
        self.key.verifies(&signed_bytes(message), &self.signature)
    }

    /// As `ssh-keygen` writes it.
    pub fn to_text(&self) -> String {
        let mut inner = Vec::new();
        wire::put(&mut inner, KEY_TYPE.as_bytes());
        wire::put(&mut inner, &self.signature);
        let mut blob = MAGIC.to_vec();
        blob.extend(1_u32.to_be_bytes());
        for part in [&self.key.to_blob()[..], NAMESPACE.as_bytes(), b"", HASH, &inner] {
            wire::put(&mut blob, part);
        }
        let (digits, mut text) = (wire::to_base64(&blob), BEGIN.to_owned());
        let mut rest = &digits[..];
        while !rest.is_empty() {
            let (line, after) = rest.split_at(rest.len().min(LINE));
            let _ = writeln!(text, "{line}");
            rest = after;
        }
        text + END
    }

    /// Reads what `ssh-keygen -Y sign -n custody` writes; `None` for everything else, also for another namespace.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let body = text.strip_prefix(BEGIN)?.strip_suffix(END)?;
        let blob = wire::from_base64(&body.split('\n').collect::<String>())?;
        let mut rest = blob.strip_prefix(MAGIC)?.strip_prefix(&1_u32.to_be_bytes())?;
        let key = PublicKey::from_blob(wire::string(&mut rest)?)?;
        let fixed = [NAMESPACE.as_bytes(), b"", HASH];
        if !fixed.into_iter().all(|part| wire::string(&mut rest) == Some(part)) {
            return None;
        }
        let mut inner = wire::string(&mut rest)?;
        let kind = wire::string(&mut inner)?;
        let signature = wire::string(&mut inner)?;
        if kind != KEY_TYPE.as_bytes() || !inner.is_empty() || !rest.is_empty() {
            return None;
        }
        let made = Self { key, signature: signature.try_into().ok()? };
        // One signature, one text: what is hashed is never another writing of the same.
        (made.to_text() == text).then_some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::MemoryKey;

    #[test]
    fn a_signature_survives_text_and_no_changed_text_counts() {
        let key = MemoryKey::new(&[7; 32]);
        let made = SshSignature::sign(&key, b"message").expect("signed");
        let text = made.to_text();
        assert_eq!(SshSignature::parse(&text), Some(made));
        assert!(made.verifies(b"message") && !made.verifies(b"massage"));
        for at in 0..text.len() {
            let mut bent = text.clone().into_bytes();
            bent[at] ^= 1;
            let bent = String::from_utf8_lossy(&bent).into_owned();
            let counts = SshSignature::parse(&bent)
                .is_some_and(|read| read.key == made.key && read.verifies(b"message"));
            assert!(!counts, "{at}");
            assert_eq!(SshSignature::parse(&text[..at]), None);
        }
    }

    #[test]
    fn keys_of_other_kinds_and_weak_ones_are_none() {
        let key = MemoryKey::new(&[7; 32]).public();
        let line = key.to_string();
        assert_eq!(PublicKey::parse(&format!("{line} a.person@example\n")), Some(key));
        for line in ["", "ssh-rsa AAAA", &line[..40], &format!("{line}\n{line}"), &format!(" {line}")] {
            assert_eq!(PublicKey::parse(line), None, "{line}");
        }
        let mut one = [0; 32];
        one[0] = 1;
        assert_eq!((PublicKey::new([0; 32]), PublicKey::new(one)), (None, None));
    }
}
