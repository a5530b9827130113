//! Outside memory: checkpoints handed to where whoever can write the ledger cannot. What is remembered already is
//! never overwritten by a ledger that does not begin with it. It asks no network for anything.

mod command;
mod file;
mod git;
mod notes;

pub use command::TIME_LIMIT;
pub use notes::read_memory;

use super::checkpoint::Checkpoint;
use super::error::{Finding, LedgerError};
use super::note::VerifierKey;
use super::proof::verify_consistency;
use super::prover::Prover;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Says why a checkpoint could not be remembered, or none be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The file system failed; the error itself could name a path.
    #[error("the memory: {what}: {kind}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// More entries are remembered than the ledger's last checkpoint covers: it was cut or rolled back.
    #[error("{remembered} entries are remembered, but the ledger's checkpoint covers {size}")]
    Longer {
        /// Entries remembered.
        remembered: u64,
        /// Entries of the ledger under its last checkpoint.
        size: u64,
    },
    /// The entries that are remembered are not the ledger's first ones: it was rewritten.
    #[error("the ledger's first {remembered} entries are not those that are remembered")]
    Rewritten {
        /// Entries remembered.
        remembered: u64,
    },
    /// What is there is no checkpoint, or not one that this ledger's key signed.
    #[error("the memory holds what is no checkpoint of this ledger: {why}")]
    NotOurs {
        /// What is wrong.
        why: &'static str,
    },
    /// No checkpoint of this ledger is there.
    #[error("the memory holds no checkpoint of this ledger")]
    Nothing,
    /// A command did not do what was asked.
    #[error("{what} failed{}", code.map_or_else(String::new, |code| format!(" with exit code {code}")))]
    Command {
        /// What was run.
        what: &'static str,
        /// Its exit code, if it had one.
        code: Option<i32>,
    },
    /// A command was stopped.
    #[error("{what} took longer than it may and was stopped")]
    TimedOut {
        /// What was run.
        what: &'static str,
    },
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl MemoryError {
    fn io(what: &'static str) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { what, kind: error.kind() }
    }
}

/// Where checkpoints are remembered.
#[derive(Clone, PartialEq, Eq)]
pub enum Memory {
    /// A file that holds the last checkpoint. It is replaced whole.
    File(PathBuf),
    /// The top folder of a Git repository: a file for each ledger, to which every checkpoint is appended, each in a
    /// commit of its own. Nothing is pushed.
    Git(PathBuf),
    /// A program and its arguments, run without a shell; it reads the checkpoint from its standard input and has to
    /// end with exit code 0 within [`TIME_LIMIT`].
    Command(Vec<OsString>),
}

/// Paths and arguments are the caller's own business.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(_) => "File",
            Self::Git(_) => "Git",
            Self::Command(_) => "Command",
        })
    }
}

/// What remembering came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remembered {
    /// It was written.
    Written,
    /// The same checkpoint is there already.
    AlreadyThere,
}

impl Memory {
    /// Remembers the checkpoint that a prover stands under, durably. What a file or repository holds already has to
    /// be the ledger's beginning.
    ///
    /// # Errors
    /// [`MemoryError`]; nothing was overwritten then.
    pub fn remember(&self, prover: &mut Prover, key: &VerifierKey) -> Result<Remembered, MemoryError> {
        match self {
            Self::File(path) => file::remember(path, prover, key),
            Self::Git(folder) => git::remember(folder, prover, key),
            Self::Command(words) => {
                command::remember(words, prover.checkpoint()).map(|()| Remembered::Written)
            }
        }
    }
}

/// Whether the ledger goes on from everything that is remembered; the same checkpoint is none to write.
fn extends(
    prover: &mut Prover,
    key: &VerifierKey,
    remembered: &[Checkpoint],
) -> Result<Remembered, MemoryError> {
    let Some(last) = remembered.iter().max_by_key(|checkpoint| checkpoint.size()) else {
        return Ok(Remembered::Written);
    };
    let (old_size, size) = (last.size(), prover.checkpoint().size());
    if old_size > size {
        return Err(MemoryError::Longer { remembered: old_size, size });
    }
    let rewritten = MemoryError::Rewritten { remembered: old_size };
    let proof = match prover.consistency(last) {
        Err(LedgerError::Damaged { findings }) if matches!(findings[..], [Finding::Rewritten { .. }]) => {
            return Err(rewritten);
        }
        proof => proof?,
    };
    // What is remembered and what is handed out are read anew: the proof has to hold for a stranger.
    let new = Checkpoint::parse(prover.checkpoint().note(), key)?;
    if !verify_consistency((old_size, last.root()), (size, new.root()), &proof) {
        return Err(rewritten);
    }
    Ok(if old_size == size { Remembered::AlreadyThere } else { Remembered::Written })
}
