//! A file of the operating system, as a disk's file. Who opened it saw to what it is.

use super::DiskFile;
use rustix::fs::{Advice, fadvise};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// An open file.
pub(crate) struct PlainFile(pub(crate) File);

impl fmt::Debug for PlainFile {
    /// Shows no path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainFile")
    }
}

impl DiskFile for PlainFile {
    fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(&self.0, bytes, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(&self.0, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn set_size(&self, size_bytes: u64) -> io::Result<()> {
        self.0.set_len(size_bytes)
    }

    fn forget_cached(&self) -> io::Result<()> {
        Ok(fadvise(&self.0, 0, None, Advice::DontNeed)?)
    }
}
