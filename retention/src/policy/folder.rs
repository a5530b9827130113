//! Reads a folder of policies from a disk: every file in it, or none counts.

use super::{PolicyError, PolicySet};
use crate::disk::{Disk, read_text};
use std::io;

/// Largest file that is taken for a policy.
const FILE_BYTES_MAX: u64 = 64 << 10;

impl PolicySet {
    /// Reads and checks all files of a folder. Names that begin with a dot are an editor's or the system's, and are
    /// left alone; what else does not end in `.toml` is a mistake, since it may have been meant as a policy.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse), and [`PolicyError::Unreadable`].
    pub fn read(disk: &dyn Disk, folder: &str) -> Result<Self, Vec<PolicyError>> {
        let unreadable = |file: &str, error: &io::Error| {
            vec![PolicyError::Unreadable { file: file.to_owned(), kind: error.kind() }]
        };
        let names = disk.list(folder).map_err(|error| unreadable("", &error))?;
        let mut files = Vec::new();
        for name in names.into_iter().filter(|name| !name.starts_with('.')) {
            let text = read_text(disk, &format!("{folder}/{name}"), FILE_BYTES_MAX)
                .map_err(|error| unreadable(&name, &error))?;
            files.push((name, text));
        }
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Self::parse(&files)
    }
}
