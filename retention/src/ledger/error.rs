//! What can go wrong with a ledger, and what verification finds. Neither names a path or a value.

use std::fmt;
use std::io;

/// Says why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file system failed; the error itself could name a path.
    #[error("the ledger: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// Another process has it open.
    #[error("the ledger is in use by another process")]
    Busy,
    /// There is one already.
    #[error("there is a ledger already")]
    Exists,
    /// It does not verify; nothing was changed.
    #[error("the ledger is damaged: {}", list(findings))]
    Damaged {
        /// What was found.
        findings: Vec<Finding>,
    },
    /// Writing failed before: nobody knows what is durable. Open it anew.
    #[error("writing to the ledger failed before; open it anew")]
    Poisoned,
    /// What was read back is not what was written; nothing was signed.
    #[error("the ledger reads back differently than it was written")]
    ReadBack,
    /// An entry that cannot be.
    #[error("not an entry: {why}")]
    InvalidEntry {
        /// What is wrong.
        why: &'static str,
    },
    /// An outcome without a durable, open intent of its kind.
    #[error("entry {intent} is no open intent of this kind")]
    NoIntent {
        /// The index it named.
        intent: u64,
    },
    /// A note, key, checkpoint or proof that cannot be read or does not verify.
    #[error("{what}: {why}")]
    Note {
        /// What it is.
        what: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// No checkpoint covers the entry yet.
    #[error("no checkpoint covers entry {index}")]
    NotCovered {
        /// The entry.
        index: u64,
    },
}

impl LedgerError {
    pub(super) fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }
}

/// One thing that verification found wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The file does not begin like a ledger.
    NotALedger,
    /// A record cannot be read though later ones are there: the file was damaged or edited.
    Damaged {
        /// Offset of the record, in bytes.
        offset: u64,
        /// Index of the entry.
        index: u64,
    },
    /// The last bytes are no whole record: a crash while writing, or damage to the last batch.
    TornTail {
        /// Offset of the tail, in bytes.
        offset: u64,
        /// Index of the entry that would be next.
        index: u64,
        /// Size of the tail.
        size_bytes: u64,
    },
    /// A whole record holds what is no entry, or not one that may stand there.
    BadEntry {
        /// Its index.
        index: u64,
    },
    /// An outcome does not belong to an open intent of its kind.
    NoIntent {
        /// Index of the outcome.
        index: u64,
    },
    /// A checkpoint promised more entries: the file was truncated or rolled back.
    Shorter {
        /// Entries promised.
        checkpoint_size: u64,
        /// Entries there.
        size: u64,
    },
    /// The entries under a checkpoint are not the ones it was signed for.
    Rewritten {
        /// Entries under the checkpoint.
        checkpoint_size: u64,
    },
    /// A kept checkpoint cannot be read or was not signed by the ledger's key.
    BadCheckpoint {
        /// The size in its name, if it has one.
        checkpoint_size: Option<u64>,
    },
    /// No checkpoint is kept, though every ledger begins with one.
    NoCheckpoint,
    /// The ledger is another one than its checkpoints'.
    OtherOrigin,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotALedger => f.write_str("the file does not begin like a ledger"),
            Self::Damaged { offset, index } => write!(f, "entry {index} at byte {offset} is damaged"),
            Self::TornTail { offset, index, size_bytes } => {
                write!(f, "{size_bytes} bytes at byte {offset} are no whole entry {index}")
            }
            Self::BadEntry { index } => write!(f, "entry {index} is not valid"),
            Self::NoIntent { index } => write!(f, "entry {index} is an outcome without an open intent"),
            Self::Shorter { checkpoint_size, size } => {
                write!(f, "{size} entries, but there were {checkpoint_size} before")
            }
            Self::Rewritten { checkpoint_size } => {
                write!(f, "the first {checkpoint_size} entries are not those of their checkpoint")
            }
            Self::BadCheckpoint { checkpoint_size: Some(size) } => {
                write!(f, "the kept checkpoint of {size} entries does not verify")
            }
            Self::BadCheckpoint { checkpoint_size: None } => f.write_str("a kept checkpoint does not verify"),
            Self::NoCheckpoint => f.write_str("no checkpoint is kept"),
            Self::OtherOrigin => f.write_str("the ledger has another origin than its key"),
        }
    }
}

fn list(findings: &[Finding]) -> String {
    const SHOWN: usize = 5;
    let shown = findings.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let more = findings.len().saturating_sub(SHOWN);
    if more > 0 { format!("{shown}; and {more} more") } else { shown }
}
