//! Who holds the store key. The key file's open and rotation talk to it through one trait; here is no holder itself.

use super::{Kdf, KeyError, StoreKey};

/// Which of two store keys: between the beginning and the end of a rotation there is a next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one in use.
    Current,
    /// The one that a rotation is changing to.
    Next,
}

/// A store key that a holder has made and keeps.
#[derive(Debug)]
pub struct Made {
    /// The key.
    pub key: StoreKey,
    /// How it comes from a passphrase, if it does; the key file's header keeps this.
    pub kdf: Option<Kdf>,
}

/// Whoever holds a store's key: a file, a passphrase in a person's head, the keyring of the operating system. It holds
/// the keys of one store only, since a rotation replaces what it holds.
#[allow(clippy::missing_errors_doc, reason = "every error is the holder's own, as a KeyError")]
pub trait KeyHolder: Send + Sync {
    /// Gives a key, `None` when there is no such one. `kdf` is what the key file's header says.
    fn get(&self, which: Which, kdf: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError>;
    /// Makes a new key and keeps it; once this returns, it is durable. A current one that is there already is never
    /// replaced, a next one is.
    fn make(&self, which: Which) -> Result<Made, KeyError>;
    /// Makes the next key the current one, and forgets the one before; does nothing where there is no next one.
    fn promote(&self) -> Result<(), KeyError>;
    /// Forgets the next key; does nothing where there is none.
    fn forget_next(&self) -> Result<(), KeyError>;
}
