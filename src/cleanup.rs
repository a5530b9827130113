//! Temporary folders of the whole process: each goes when its owner is done with it, and all go when the
//! process ends early.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// A folder in memory where the machine has such a file system: what is staged there touches no disk.
///
/// # Errors
/// When it cannot be made.
pub fn memory_folder() -> std::io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}

/// The temporary folders there are.
#[derive(Debug, Clone, Default)]
pub struct Cleanup(Arc<Mutex<Vec<TempDir>>>);

/// A temporary folder; it is removed when this is dropped, or earlier by [`Cleanup::run`].
#[derive(Debug)]
pub struct Staged {
    path: Box<Path>,
    cleanup: Cleanup,
}

impl Cleanup {
    /// Takes a folder over.
    pub fn stage(&self, folder: TempDir) -> Staged {
        let path = folder.path().into();
        self.folders().push(folder);
        Staged { path, cleanup: self.clone() }
    }

    /// Removes them all, as far as that goes.
    pub fn run(&self) {
        self.folders().clear();
    }

    fn folders(&self) -> MutexGuard<'_, Vec<TempDir>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Staged {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        self.cleanup.folders().retain(|folder| folder.path() != &*self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_with_their_owner_or_all_at_once() {
        let cleanup = Cleanup::default();
        let stage = || cleanup.stage(tempfile::tempdir().expect("a folder"));
        let (one, two) = (stage(), stage());
        let (first, second) = (one.path().to_owned(), two.path().to_owned());
        drop(one);
        assert!(!first.exists() && second.exists());
        cleanup.run();
        assert!(!second.exists());
        drop(two);
    }
}
