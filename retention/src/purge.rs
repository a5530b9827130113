//! The only door through which artifacts are deleted. No other code of the project removes a file that it
//! did not make itself a moment before; `clippy.toml` bans the functions.
//!
//! The order is fixed by the types: an [`Intent`] exists only after the journal took it, [`purge`] consumes
//! it, asks for the status again, deletes, and tells the journal the [`Outcome`]. After a crash the same
//! steps run again: what is gone already is an outcome too.

use crate::Status;
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Takes intents and outcomes and keeps them durably: when a call returns, a power cut loses nothing.
pub trait Journal {
    /// Takes the intent to purge an artifact.
    ///
    /// # Errors
    /// When it could not be made durable; nothing is deleted then.
    fn intent(&mut self, artifact_id: &str) -> io::Result<()>;

    /// Takes what became of it.
    ///
    /// # Errors
    /// When it could not be made durable; recovery will find the intent without an outcome.
    fn outcome(&mut self, artifact_id: &str, outcome: Outcome) -> io::Result<()>;
}

/// What a purge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The artifact was there and is deleted.
    Purged,
    /// It was gone before: an earlier run was interrupted, or somebody else deleted it.
    AlreadyGone,
}

/// Says why nothing was deleted. Names the artifact by its ID, never by its path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PurgeError {
    /// A hold is on it.
    #[error("{artifact_id}: a hold is on it")]
    Held {
        /// The artifact.
        artifact_id: String,
    },
    /// Its period has not ended, or no policy names its class.
    #[error("{artifact_id}: not due")]
    NotDue {
        /// The artifact.
        artifact_id: String,
    },
    /// It is a folder, a link or a device.
    #[error("{artifact_id}: not a regular file")]
    NotAFile {
        /// The artifact.
        artifact_id: String,
    },
    /// It is not the file any more that the intent was about.
    #[error("{artifact_id}: changed since the intent was recorded")]
    Changed {
        /// The artifact.
        artifact_id: String,
    },
    /// The journal or the file system failed.
    #[error("{artifact_id}: {what}: {kind}")]
    Io {
        /// The artifact.
        artifact_id: String,
        /// What was being done.
        what: &'static str,
        /// How it failed; the error itself could name the path.
        kind: io::ErrorKind,
    },
}

/// The proof that a purge was recorded before it happens. Bound to the file as it was then; used once.
#[must_use = "an intent that is not carried out stays open in the journal"]
pub struct Intent {
    artifact_id: String,
    path: PathBuf,
    identity: Option<Identity>,
}

/// A file as the file system tells it apart from its successors.
#[derive(PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size_bytes: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path can hold a name.
        f.debug_struct("Intent").field("artifact_id", &self.artifact_id).finish_non_exhaustive()
    }
}

impl Intent {
    /// Checks that an artifact may be purged and has the journal record that it will be.
    ///
    /// # Errors
    /// [`PurgeError::Held`], [`PurgeError::NotDue`] and [`PurgeError::NotAFile`] before anything is
    /// recorded, [`PurgeError::Io`] when the journal fails.
    pub fn record(
        journal: &mut dyn Journal,
        artifact_id: &str,
        path: &Path,
        status: Status,
    ) -> Result<Self, PurgeError> {
        allowed(artifact_id, status)?;
        let identity = regular_file(artifact_id, path)?.as_ref().map(Identity::of);
        journal.intent(artifact_id).map_err(|e| failed(artifact_id, "recording the intent", &e))?;
        Ok(Self { artifact_id: artifact_id.to_owned(), path: path.to_owned(), identity })
    }
}

/// Deletes the artifact of an intent after asking `recheck` for its status once more, makes the deletion
/// durable and records the outcome.
///
/// # Errors
/// A [`PurgeError`]; the artifact is still there unless it is an [`PurgeError::Io`] of a later step.
pub fn purge(
    intent: Intent,
    recheck: impl FnOnce() -> Status,
    journal: &mut dyn Journal,
) -> Result<Outcome, PurgeError> {
    let Intent { artifact_id, path, identity } = intent;
    let found = regular_file(&artifact_id, &path)?;
    allowed(&artifact_id, recheck())?;
    let outcome = match found {
        None => Outcome::AlreadyGone,
        Some(metadata) if identity == Some(Identity::of(&metadata)) => {
            delete(&path).map_err(|e| failed(&artifact_id, "deleting", &e))?;
            Outcome::Purged
        }
        Some(_) => return Err(PurgeError::Changed { artifact_id }),
    };
    journal.outcome(&artifact_id, outcome).map_err(|e| failed(&artifact_id, "recording the outcome", &e))?;
    Ok(outcome)
}

#[allow(clippy::disallowed_methods, reason = "this is the one door")]
fn delete(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    // The entry's absence has to survive a power cut as well.
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

fn allowed(artifact_id: &str, status: Status) -> Result<(), PurgeError> {
    let artifact_id = artifact_id.to_owned();
    match status {
        Status::Due { .. } => Ok(()),
        Status::Held => Err(PurgeError::Held { artifact_id }),
        Status::NotDue { .. } | Status::NoRule => Err(PurgeError::NotDue { artifact_id }),
    }
}

/// The file's metadata, links not followed; `None` when there is nothing.
fn regular_file(artifact_id: &str, path: &Path) -> Result<Option<Metadata>, PurgeError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
        Ok(_) => Err(PurgeError::NotAFile { artifact_id: artifact_id.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(artifact_id, "looking at it", &error)),
    }
}

fn failed(artifact_id: &str, what: &'static str, error: &io::Error) -> PurgeError {
    PurgeError::Io { artifact_id: artifact_id.to_owned(), what, kind: error.kind() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: Status = Status::Due { since_s: 0 };

    #[derive(Default)]
    struct Notes {
        entries: Vec<String>,
        broken: bool,
    }

    impl Journal for Notes {
        fn intent(&mut self, artifact_id: &str) -> io::Result<()> {
            self.entries.push(format!("intent {artifact_id}"));
            if self.broken { Err(io::Error::other("disk full")) } else { Ok(()) }
        }

        fn outcome(&mut self, artifact_id: &str, outcome: Outcome) -> io::Result<()> {
            self.entries.push(format!("{outcome:?} {artifact_id}"));
            Ok(())
        }
    }

    fn artifact() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("Jane Doe.csv");
        fs::write(&path, "a,b").expect("a file can be written");
        (dir, path)
    }

    #[test]
    fn an_intent_comes_before_and_an_outcome_after() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        let intent = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        assert!(path.exists());
        assert_eq!(purge(intent, || DUE, &mut notes).expect("it can be deleted"), Outcome::Purged);
        assert!(!path.exists());
        assert_eq!(notes.entries, ["intent a1", "Purged a1"]);
    }

    #[test]
    fn a_second_run_after_a_crash_finds_it_gone() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        let first = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        let again = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        purge(first, || DUE, &mut notes).expect("it can be deleted");
        assert_eq!(purge(again, || DUE, &mut notes).expect("idempotent"), Outcome::AlreadyGone);
    }

    #[test]
    fn a_hold_that_comes_after_the_intent_still_holds() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        let intent = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        let error = purge(intent, || Status::Held, &mut notes).expect_err("held");
        assert!(matches!(error, PurgeError::Held { .. }) && path.exists());
        assert_eq!(notes.entries, ["intent a1"]);
    }

    #[test]
    fn what_is_not_due_is_not_even_recorded() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        for status in [Status::Held, Status::NoRule, Status::NotDue { due_at_s: 5 }] {
            assert!(Intent::record(&mut notes, "a1", &path, status).is_err());
        }
        assert!(notes.entries.is_empty() && path.exists());
    }

    #[test]
    fn a_journal_that_fails_stops_everything() {
        let (_dir, path) = artifact();
        let mut notes = Notes { broken: true, ..Notes::default() };
        assert!(Intent::record(&mut notes, "a1", &path, DUE).is_err());
        assert!(path.exists());
    }

    #[test]
    fn a_file_that_changed_since_is_left_alone() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        let intent = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        fs::write(&path, "another report").expect("a file can be written");
        assert!(matches!(purge(intent, || DUE, &mut notes), Err(PurgeError::Changed { .. })));
        assert!(path.exists());
    }

    #[test]
    fn folders_and_links_are_not_artifacts() {
        let (dir, path) = artifact();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link can be made");
        for odd in [dir.path(), &link] {
            let error = Intent::record(&mut Notes::default(), "a1", odd, DUE).expect_err("odd");
            assert!(matches!(error, PurgeError::NotAFile { .. }));
        }
    }

    #[test]
    fn neither_errors_nor_debug_name_the_path() {
        let (_dir, path) = artifact();
        let mut notes = Notes::default();
        let held = Intent::record(&mut notes, "a1", &path, Status::Held).expect_err("held");
        let intent = Intent::record(&mut notes, "a1", &path, DUE).expect("it is due");
        let shown = format!("{held} {held:?} {intent:?} {:?}", notes.entries);
        assert!(!shown.contains("Jane"), "{shown}");
    }
}
