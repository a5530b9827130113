//! The few operations that the ledger needs of its file. In a store it is a file of the store's disk, by path a
//! [`LockedFile`]; tests put a file between that fails, writes short or forgets; bytes in memory serve for reading
//! what somebody sent.

use super::LedgerError;
use crate::disk::{DiskFile, drain, fill};
use rustix::fs::{Advice, fadvise};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file of entries: read anywhere, written at the end only.
#[allow(clippy::missing_errors_doc, reason = "every error is the file's own")]
pub trait LogFile {
    /// Its size.
    fn size_bytes(&self) -> io::Result<u64>;
    /// Reads some bytes at an offset; 0 at the end only.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes some bytes at an offset; how many, it says.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Returns once all that was written is durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file.
    fn truncate(&mut self, size_bytes: u64) -> io::Result<()>;
    /// Makes the next reads come from the device, as far as that can be asked for.
    fn forget_cached(&self) -> io::Result<()>;
}

/// Writes all bytes at an offset.
pub(super) fn write_all_at(file: &mut impl LogFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    drain(bytes, offset, |bytes, offset| file.write_at(bytes, offset))
}

/// Fills `bytes` from an offset as far as the file goes; returns how many.
pub(super) fn read_full_at(file: &impl LogFile, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    fill(bytes, offset, |bytes, offset| file.read_at(bytes, offset))
}

/// A ledger's file by its path, with a lock on it.
#[derive(Debug)]
pub struct LockedFile(File);

impl LockedFile {
    /// Opens a file that exists for the one writer. The lock lies on the file itself and ends with the process.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] while anybody else has it open, [`LedgerError::Io`] otherwise.
    pub fn open_writer(path: &Path) -> Result<Self, LedgerError> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let file = opened.map_err(LedgerError::io("opening"))?;
        locked(file.try_lock()).map(|()| Self(file))
    }

    /// Opens a file that exists for one of many readers.
    ///
    /// # Errors
    /// [`LedgerError::Busy`] while a writer has it open, [`LedgerError::Io`] otherwise.
    pub fn open_reader(path: &Path) -> Result<Self, LedgerError> {
        let file = File::open(path).map_err(LedgerError::io("opening"))?;
        locked(file.try_lock_shared()).map(|()| Self(file))
    }
}

fn locked(answer: Result<(), TryLockError>) -> Result<(), LedgerError> {
    answer.map_err(|error| match error {
        TryLockError::WouldBlock => LedgerError::Busy,
        TryLockError::Error(error) => LedgerError::io("locking")(error),
    })
}

/// Closing alone would leave the lock to a child that was being started at that moment and has the file as well.
impl Drop for LockedFile {
    fn drop(&mut self) {
        // It fails only where there is no lock to give up.
        let _ = self.0.unlock();
    }
}

impl LogFile for LockedFile {
    fn size_bytes(&self) -> io::Result<u64> {
        self.0.metadata().map(|metadata| metadata.len())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(&self.0, bytes, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(&self.0, bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        self.0.set_len(size_bytes)
    }

    fn forget_cached(&self) -> io::Result<()> {
        Ok(fadvise(&self.0, 0, None, Advice::DontNeed)?)
    }
}

/// A file of a store's disk. It has no lock of its own: the store's covers it.
impl LogFile for dyn DiskFile {
    fn size_bytes(&self) -> io::Result<u64> {
        DiskFile::size_bytes(self)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        DiskFile::read_at(self, bytes, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        DiskFile::write_at(self, bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        DiskFile::sync(self)
    }

    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        DiskFile::set_size(self, size_bytes)
    }

    fn forget_cached(&self) -> io::Result<()> {
        DiskFile::forget_cached(self)
    }
}

impl<F: LogFile + ?Sized> LogFile for Box<F> {
    fn size_bytes(&self) -> io::Result<u64> {
        self.as_ref().size_bytes()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.as_ref().read_at(bytes, offset)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.as_mut().write_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.as_mut().sync()
    }

    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        self.as_mut().truncate(size_bytes)
    }

    fn forget_cached(&self) -> io::Result<()> {
        self.as_ref().forget_cached()
    }
}

/// Bytes in memory are a file as well: nothing is durable, and nothing fails.
impl LogFile for Vec<u8> {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let length = rest.len().min(bytes.len());
        bytes[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        if self.len() < offset + bytes.len() {
            self.resize(offset + bytes.len(), 0);
        }
        self[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        Vec::truncate(self, usize::try_from(size_bytes).unwrap_or(usize::MAX));
        Ok(())
    }

    fn forget_cached(&self) -> io::Result<()> {
        Ok(())
    }
}
