//! Folders that hold what is staged: whoever ends the process removes them first.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Folders to remove when the process ends early. Folders that are gone already do no harm.
#[derive(Debug, Clone, Default)]
pub struct Cleanup(Arc<Mutex<Vec<PathBuf>>>);

impl Cleanup {
    /// Adds a folder.
    pub fn add(&self, folder: &Path) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    }

    /// Removes them all, as far as that goes.
    pub fn run(&self) {
        for folder in self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
