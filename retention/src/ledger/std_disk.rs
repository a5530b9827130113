//! A folder that is named by its path, as a disk: for tools and tests that have a ledger and no store. It knows
//! nothing of links and mounts, and removes nothing.

use crate::disk::{Disk, DiskFile, EntryKind, PlainFile, Stat};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

/// A folder by its path.
#[derive(Debug)]
pub(super) struct StdDisk(pub(super) PathBuf);

impl StdDisk {
    fn open(&self, path: &str, options: &OpenOptions) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(PlainFile(options.open(self.0.join(path))?)))
    }
}

impl Disk for StdDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, OpenOptions::new().read(true).write(true).create_new(true).mode(0o600))
    }

    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, OpenOptions::new().read(true))
    }

    fn open_write(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open(path, OpenOptions::new().read(true).write(true))
    }

    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        let found = match fs::symlink_metadata(self.0.join(path)) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let kind = match found.file_type() {
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_dir() => EntryKind::Folder,
            _ => EntryKind::Other,
        };
        let (size_bytes, links, device, inode) = (found.len(), found.nlink(), found.dev(), found.ino());
        Ok(Some(Stat { kind, size_bytes, links, device, inode }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(self.0.join(folder))?;
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn make_folder(&self, path: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(self.0.join(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.0.join(from), self.0.join(to));
        Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
    }

    fn unlink(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.0.join(folder))?.sync_all()
    }
}
