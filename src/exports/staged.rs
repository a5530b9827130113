//! Files on their way out: without a name until they are put in place, so that nothing is left of them whatever ends the
//! process. Where a file system has no files without names, they have one that says whose they are.

use super::build::folder_of;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// A file that is being written.
#[derive(Debug)]
pub struct Staged {
    file: File,
    /// Its name, where it has to have one.
    named: Option<TempPath>,
}

impl Staged {
    /// Begins a file that is going to be `out`, in the folder where that will be.
    ///
    /// # Errors
    /// What the device says.
    pub fn beside(out: &Path) -> io::Result<Self> {
        let folder = folder_of(out);
        match open(folder, OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC, Mode::from(0o600)) {
            // It is put in place through this path; without it, it needs a name.
            Ok(file) if own_path(&file).exists() => Ok(Self { file: file.into(), named: None }),
            _ => Self::named(folder),
        }
    }

    fn named(folder: &Path) -> io::Result<Self> {
        let (file, path) = tempfile::Builder::new().prefix(".custody-").tempfile_in(folder)?.into_parts();
        Ok(Self { file, named: Some(path) })
    }

    /// Another handle, to write with.
    ///
    /// # Errors
    /// What the device says.
    pub fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// A handle that reads from the beginning.
    ///
    /// # Errors
    /// What the device says.
    pub fn reader(&self) -> io::Result<File> {
        match &self.named {
            Some(path) => File::open(path),
            None => File::open(own_path(&self.file)),
        }
    }

    /// Puts the file in place, durable but for its name. What is there stays.
    ///
    /// # Errors
    /// What the device says; [`io::ErrorKind::AlreadyExists`] when something is there.
    pub fn place(self, out: &Path) -> io::Result<Placed> {
        self.file.sync_all()?;
        match self.named {
            Some(path) => path.persist_noclobber(out).map_err(|error| error.error)?,
            None => linkat(CWD, own_path(&self.file), CWD, out, AtFlags::SYMLINK_FOLLOW)?,
        }
        Ok(Placed(TempPath::try_from_path(out)?))
    }
}

/// A file that is in place, and is taken back unless it is kept.
#[derive(Debug)]
#[must_use = "a file that is not kept is taken back"]
pub struct Placed(TempPath);

impl Placed {
    /// Lets it stay.
    ///
    /// # Errors
    /// Never on this system.
    pub fn keep(self) -> io::Result<PathBuf> {
        self.0.keep().map_err(|error| error.error)
    }
}

/// Makes the names of a folder durable.
///
/// # Errors
/// What the device says.
pub fn sync_folder_of(out: &Path) -> io::Result<()> {
    File::open(folder_of(out))?.sync_all()
}

/// The path of an open file, with or without a name.
fn own_path(file: &impl AsRawFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    /// Begins a file with and without a name.
    fn both(out: &Path) -> [Staged; 2] {
        [Staged::beside(out).expect("staged"), Staged::named(folder_of(out)).expect("staged")]
    }

    #[test]
    fn it_is_there_whole_or_not_at_all() {
        for which in 0..2 {
            let dir = tempfile::tempdir().expect("a folder");
            let out = dir.path().join("out.xlsx");
            // The other one is dropped, and leaves nothing.
            let staged = both(&out).into_iter().nth(which).expect("one of both");
            staged.writer().expect("a handle").write_all(b"cells").expect("written");
            let mut read = String::new();
            staged.reader().expect("a handle").read_to_string(&mut read).expect("read");
            assert_eq!(read, "cells");
            assert!(!out.exists());
            let placed = staged.place(&out).expect("in place");
            assert_eq!(std::fs::read(&out).expect("the file"), b"cells");
            drop(placed);
            assert_eq!(names(dir.path()), Vec::<String>::new(), "taken back");
        }
    }

    #[test]
    fn what_is_kept_stays_and_what_is_there_is_not_overwritten() {
        for which in 0..2 {
            let dir = tempfile::tempdir().expect("a folder");
            let out = dir.path().join("out.xlsx");
            let [one, other] = both(&out);
            let (first, second) = if which == 0 { (one, other) } else { (other, one) };
            first.writer().expect("a handle").write_all(b"first").expect("written");
            first.place(&out).expect("in place").keep().expect("kept");
            let error = second.place(&out).expect_err("something is there");
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(
                (names(dir.path()), std::fs::read(&out).expect("the file")),
                (vec!["out.xlsx".to_owned()], b"first".to_vec())
            );
        }
    }

    #[test]
    fn without_a_name_nothing_is_seen_of_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let staged = Staged::beside(&dir.path().join("out.xlsx")).expect("staged");
        // Overlays of old kernels have no such files.
        assert_eq!(names(dir.path()).len(), usize::from(staged.named.is_some()));
    }
}
