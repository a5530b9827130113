//! `store.toml`: what has to be known of a store before anything in it can be opened. Nothing in it is secret.

use super::StoreError;
use crate::ledger::VerifierKey;
use crate::{disk, hex};
use serde::{Deserialize, Serialize};

/// The file's name.
pub(super) const FILE: &str = "store.toml";
const VERSION: u32 = 1;
pub(super) const BYTES_MAX: u64 = 64 << 10;

/// Where the store key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeySource {
    /// The keyring of the operating system.
    Keyring,
    /// A passphrase that is asked for.
    Passphrase,
    /// A file outside of the store.
    File(String),
}

/// A store's description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// The store's ID: 16 random bytes.
    pub id: [u8; 16],
    /// The environment that artifacts belong to when nothing else is said.
    pub environment: Option<String>,
    /// Where its key comes from.
    pub key: KeySource,
    /// What verifies its ledger.
    pub verifier: VerifierKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Syntax {
    version: u32,
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    key: KeySource,
    verifier: String,
}

/// Whether a word can name an environment or a class: `kebab-case`, 1 to 40 characters.
pub fn is_word(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl StoreConfig {
    /// The text of `store.toml`.
    pub(super) fn to_text(&self) -> Result<String, StoreError> {
        let syntax = Syntax {
            version: VERSION,
            id: hex::digits(&self.id),
            environment: self.environment.clone(),
            key: self.key.clone(),
            verifier: self.verifier.to_string(),
        };
        let body = toml::to_string(&syntax).map_err(|_| StoreError::Config("it cannot be written"))?;
        Ok(format!(
            "# What this store is; its keys and contents are elsewhere. Written once, by `custody init`.\n{body}"
        ))
    }

    /// Reads `store.toml`.
    ///
    /// # Errors
    /// [`StoreError::Config`] for anything but what [`StoreConfig::to_text`] writes.
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let syntax: Syntax =
            toml::from_str(text).map_err(|_| StoreError::Config("it is not the description of a store"))?;
        if syntax.version != VERSION {
            return Err(StoreError::Config("it was made by another version of custody"));
        }
        if syntax.environment.as_deref().is_some_and(|name| !is_word(name)) {
            return Err(StoreError::Config("the environment's name is not one"));
        }
        let id = hex::parse(&syntax.id).ok_or(StoreError::Config("the store's ID is not one"))?;
        let verifier = VerifierKey::parse(&syntax.verifier)
            .map_err(|_| StoreError::Config("the verifier key is not one"))?;
        Ok(Self { id, environment: syntax.environment, key: syntax.key, verifier })
    }
}

/// Reads a small text file of the store whole; `None` where there is none.
///
/// # Errors
/// [`StoreError::Config`] for one that is too long or not UTF-8; [`StoreError::Io`].
pub fn read_text(disk: &dyn disk::Disk, path: &str) -> Result<Option<String>, StoreError> {
    let failed = StoreError::io("reading");
    if disk.stat(path).map_err(&failed)?.is_none() {
        return Ok(None);
    }
    disk::read_text(disk, path, BYTES_MAX).map(Some).map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => StoreError::Config("it is longer than it can be"),
        std::io::ErrorKind::UnexpectedEof => StoreError::Config("it is cut off"),
        std::io::ErrorKind::InvalidData => StoreError::Config("it is not UTF-8"),
        _ => failed(error),
    })
}
