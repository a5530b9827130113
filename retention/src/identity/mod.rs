//! Who may act, and how a person's acts are proven: keys, signatures in OpenSSH's format, roles, records of users, and
//! statements, which are what a person signs. It has no terminal and no key files: where a private key comes from is the
//! caller's, through [`Signer`].

mod role;
mod sshsig;
mod statement;
mod user;
mod walk;
mod wire;

use crate::store::StoreError;
use std::fmt;

pub(crate) use role::roles_in_words;
pub use role::{Role, is_signed};
pub use sshsig::{NAMESPACE, SshSignature, signed_bytes};
pub use statement::{STATEMENT_BYTES_MAX, Signed, Statement};
pub use user::{USERS_MAX, User};
pub use walk::{BadStatement, StatementReport, check_statements};

/// A person's public key: Ed25519, as OpenSSH writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// What OpenSSH calls the only kind of keys that is taken.
pub(crate) const KEY_TYPE: &str = "ssh-ed25519";

impl PublicKey {
    /// A key by its 32 bytes; `None` for what is no point, and for points of small order, under which anything verifies.
    pub fn new(bytes: [u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok()?;
        (!key.is_weak()).then_some(Self(bytes))
    }

    /// Reads a line `ssh-ed25519 AAAA… comment`, as `*.pub` files have it. The comment is left out; a second line is refused.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', '\n']);
        let mut words = line.split(' ');
        if line.contains(['\r', '\n']) || words.next()? != KEY_TYPE {
            return None;
        }
        Self::from_blob(&wire::from_base64(words.next()?)?)
    }

    /// Reads a key in the form that agents and signatures have it in.
    pub fn from_blob(blob: &[u8]) -> Option<Self> {
        let mut rest = blob;
        let kind = wire::string(&mut rest)?;
        let bytes = wire::string(&mut rest)?;
        if kind != KEY_TYPE.as_bytes() || !rest.is_empty() {
            return None;
        }
        Self::new(bytes.try_into().ok()?)
    }

    /// The form that agents and signatures have it in.
    pub fn to_blob(self) -> Vec<u8> {
        let mut blob = Vec::new();
        wire::put(&mut blob, KEY_TYPE.as_bytes());
        wire::put(&mut blob, &self.0);
        blob
    }

    /// Its 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether these 64 bytes are this key's signature of a message. Strict: one message, one signature.
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        ed25519_dalek::VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KEY_TYPE} {}", wire::to_base64(&self.to_blob()))
    }
}

/// Whoever has a private key and can sign with it: a key file, an agent, a keyring.
pub trait Signer: Send + Sync {
    /// The public half.
    fn public(&self) -> PublicKey;

    /// Signs bytes as they are.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the key cannot be used, with the reason.
    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], StoreError>;
}

/// A private key in memory, wiped when it is dropped.
pub struct MemoryKey(ed25519_dalek::SigningKey);

impl MemoryKey {
    /// A key from its 32 secret bytes.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }
}

impl fmt::Debug for MemoryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKey")
    }
}

impl Signer for MemoryKey {
    fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], StoreError> {
        use ed25519_dalek::Signer as _;
        Ok(self.0.sign(bytes).to_bytes())
    }
}
