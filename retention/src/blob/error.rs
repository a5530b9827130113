//! What can go wrong with a blob. Never says which blob, or what is in it.

use std::io;

/// Says why a blob cannot be written or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The file system failed; the error itself could name a path.
    #[error("a blob: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// It is not what was written under this key.
    #[error("a blob is damaged, or not opened by this key: {why}")]
    Damaged {
        /// What is wrong.
        why: &'static str,
    },
    /// Writing failed before: nobody knows what is there.
    #[error("writing to a blob failed before")]
    Poisoned,
    /// More content or metadata than the format takes.
    #[error("too large for a blob: {what}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
    },
    /// The machine gives no random numbers.
    #[error("the machine gives no random numbers")]
    NoRandom,
}

impl BlobError {
    pub(super) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }

    /// The error for a reader or writer of the standard library; it keeps this one inside.
    pub(super) fn into_io(self) -> io::Error {
        let kind = match self {
            Self::Io { kind, .. } => kind,
            Self::Damaged { .. } => io::ErrorKind::InvalidData,
            Self::TooLarge { .. } => io::ErrorKind::FileTooLarge,
            Self::Poisoned | Self::NoRandom => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }
}
