//! What can go wrong with keys. Never says a path, a key or an item.

use std::io;

/// Says why something could not be done with a store's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file system failed; the error itself could name a path.
    #[error("the store's keys: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// The key file is not there.
    #[error("the store's key file is gone; nothing in the store can be read without it")]
    Lost,
    /// There is a key file already.
    #[error("there is a key file already")]
    Exists,
    /// The key file is not what was written; nothing was changed.
    #[error("the store's key file is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: &'static str,
    },
    /// One slot of the key file is not what was written; nothing was changed.
    #[error("the store's key file is damaged: slot {slot}")]
    DamagedSlot {
        /// Its number.
        slot: u64,
    },
    /// The store key is another one than the key file was made with.
    #[error("this store key does not open the store")]
    WrongKey,
    /// The store key is not where it should be.
    #[error("there is no store key")]
    NoStoreKey,
    /// The store key cannot be had, or may not be used.
    #[error("the store key: {why}")]
    Holder {
        /// What is wrong, and what to do.
        why: &'static str,
    },
    /// The item's key was destroyed.
    #[error("the key of this item was destroyed")]
    Destroyed,
    /// The slot holds no key.
    #[error("there is no key of this item")]
    NoKey,
    /// The slot belongs to another item.
    #[error("the key in this slot belongs to another item")]
    OtherItem,
    /// It was opened for reading.
    #[error("the key file is open for reading only")]
    ReadOnly,
    /// Writing failed before: nobody knows what is durable. Open it anew.
    #[error("writing to the key file failed before; open it anew")]
    Poisoned,
    /// The machine gives no random numbers.
    #[error("the machine gives no random numbers")]
    NoRandom,
}

impl KeyError {
    pub(super) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }

    pub(super) fn errno(what: &'static str) -> impl Fn(rustix::io::Errno) -> Self {
        move |errno| Self::io(what)(errno.into())
    }
}
