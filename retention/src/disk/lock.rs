//! Who uses a store: one writer alone, or any number of readers. The lock lies on the file `lock` and ends with the
//! process, however that ends.

use super::{DiskError, RealDisk};
use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

const FILE: &str = "lock";
const STEP: Duration = Duration::from_millis(20);

/// A held lock; dropping it gives it up.
#[derive(Debug)]
pub struct StoreLock(File);

impl StoreLock {
    /// Locks a store for the one writer, waiting so long for others to end.
    ///
    /// # Errors
    /// [`DiskError::Busy`] when somebody still uses it then, [`DiskError::Io`] otherwise.
    pub fn exclusive(disk: &RealDisk, wait: Duration) -> Result<Self, DiskError> {
        Self::locked(disk, wait, File::try_lock)
    }

    /// Locks a store for one of many readers, waiting so long for a writer to end.
    ///
    /// # Errors
    /// [`DiskError::Busy`] when somebody still writes to it then, [`DiskError::Io`] otherwise.
    pub fn shared(disk: &RealDisk, wait: Duration) -> Result<Self, DiskError> {
        Self::locked(disk, wait, File::try_lock_shared)
    }

    fn locked(
        disk: &RealDisk,
        wait: Duration,
        lock: fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, DiskError> {
        let file = lock_file(disk).map_err(DiskError::io("opening the lock"))?;
        let until = Instant::now() + wait;
        loop {
            match lock(&file) {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(STEP),
                Err(TryLockError::WouldBlock) => return Err(DiskError::Busy),
                Err(TryLockError::Error(error)) => return Err(DiskError::io("locking")(error)),
            }
        }
    }
}

/// Two processes may make it at the same moment.
fn lock_file(disk: &RealDisk) -> io::Result<File> {
    match disk.file_new(FILE) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => disk.file(FILE, true),
        made => made,
    }
}

/// Closing alone would leave the lock to a child that was being started at that moment and has the file as well.
impl Drop for StoreLock {
    fn drop(&mut self) {
        // It fails only where there is no lock to give up.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writer_or_many_readers() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = RealDisk::create(&folder.path().join("store")).expect("made");
        let soon = Duration::ZERO;
        let reader = StoreLock::shared(&disk, soon).expect("free");
        let other = StoreLock::shared(&disk, soon).expect("readers share");
        assert!(matches!(StoreLock::exclusive(&disk, soon), Err(DiskError::Busy)));
        drop((reader, other));
        let writer = StoreLock::exclusive(&disk, soon).expect("free");
        assert!(matches!(StoreLock::shared(&disk, Duration::from_millis(30)), Err(DiskError::Busy)));
        drop(writer);
        StoreLock::exclusive(&disk, soon).expect("free again");
    }
}
