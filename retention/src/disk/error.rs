//! What can be wrong with a store's folder before anything in it is read. Never names the folder.

use std::io;

/// Says why a store's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// The file system failed; the error itself could name a path.
    #[error("the store's folder: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// It is a link, a file, or something else that is no folder.
    #[error("the store is no folder, or a link to one; name the folder itself")]
    NotAFolder,
    /// It belongs to somebody else.
    #[error("the store's folder belongs to another user of this machine")]
    Foreign,
    /// Group or others may use it.
    #[error(
        "the store's folder is open to other users (mode {mode:03o}); take their rights away (`chmod 700`)"
    )]
    Shared {
        /// Its permission bits.
        mode: u32,
    },
    /// Another process uses the store.
    #[error("the store is in use by another process")]
    Busy,
}

impl DiskError {
    pub(super) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }
}
