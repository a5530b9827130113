//! The few operations that the store needs of a file system: blobs, keys and ledger are touched through them only.
//! Paths are relative to the store's folder. Tests put a disk between that fails, writes short or loses power.

mod error;
mod file;
mod lock;
mod path;
mod real;

pub use error::DiskError;
pub(crate) use file::PlainFile;
pub use lock::StoreLock;
pub use path::{names, split};
pub use real::RealDisk;

use std::fmt::Debug;
use std::io;

/// What a directory entry is, the entry itself and not what a link points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a socket, or a folder that another file system is mounted on.
    Other,
}

/// What is known of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: EntryKind,
    /// Its size.
    pub size_bytes: u64,
    /// Names it has; more than one is a hard link.
    pub links: u64,
    /// The file system it lies on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

/// An open file: read anywhere, written anywhere.
#[allow(clippy::missing_errors_doc, reason = "every error is the file's own")]
pub trait DiskFile: Send + Sync + Debug {
    /// Its size.
    fn size_bytes(&self) -> io::Result<u64>;
    /// Reads some bytes at an offset; 0 at the end only.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes some bytes at an offset; how many, it says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;
    /// Returns once all that was written is durable.
    fn sync(&self) -> io::Result<()>;
    /// Cuts or lengthens the file.
    fn set_size(&self, size_bytes: u64) -> io::Result<()>;
    /// Makes the next reads come from the device, as far as that can be asked for.
    fn forget_cached(&self) -> io::Result<()>;
}

/// A store's folder. Every path is made of plain names joined by `/`, below the folder; no link is followed and no
/// mount is crossed.
#[allow(clippy::missing_errors_doc, reason = "every error is the file system's own")]
pub trait Disk: Send + Sync + Debug {
    /// Makes a file that is not there yet, for the owner only.
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a regular file for reading.
    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a regular file for reading and writing.
    fn open_write(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;
    /// What an entry is; `None` where there is nothing.
    fn stat(&self, path: &str) -> io::Result<Option<Stat>>;
    /// Names in a folder (`""` is the store's own), sorted. A name that is not UTF-8 is listed with U+FFFD in it.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Makes a folder for the owner only; one that is there already is fine.
    fn make_folder(&self, path: &str) -> io::Result<()>;
    /// Renames a file over whatever regular file is there.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Renames a file; [`io::ErrorKind::AlreadyExists`] when there is one.
    fn rename_new(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a regular file that has one name and lies on the store's file system;
    /// [`io::ErrorKind::InvalidInput`] for anything else.
    fn unlink(&self, path: &str) -> io::Result<()>;
    /// Returns once the folder's entries are durable.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;
    /// Returns once the entries of all these folders are durable. One that is not there has none.
    fn sync_folders(&self, folders: &mut dyn Iterator<Item = &str>) -> io::Result<()> {
        each_synced(self, folders)
    }
}

/// Syncs folders one by one.
fn each_synced(disk: &(impl Disk + ?Sized), folders: &mut dyn Iterator<Item = &str>) -> io::Result<()> {
    for folder in folders {
        match disk.sync_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Fills `bytes` from an offset as far as the file goes; returns how many.
///
/// # Errors
/// The file's own.
pub fn read_full_at(file: &dyn DiskFile, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    fill(bytes, offset, |bytes, offset| file.read_at(bytes, offset))
}

/// Fills `bytes` by reads of any size, as far as there is anything; returns how many.
pub(crate) fn fill(
    bytes: &mut [u8],
    offset: u64,
    mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match read(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Fills all of `bytes` from an offset.
///
/// # Errors
/// [`io::ErrorKind::UnexpectedEof`] where the file is shorter, else the file's own.
pub fn read_exact_at(file: &dyn DiskFile, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    let wanted = bytes.len();
    if read_full_at(file, bytes, offset)? < wanted {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok(())
    }
}

/// Reads a text file whole.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] for more than `bytes_max`, [`io::ErrorKind::InvalidData`] for what is not UTF-8,
/// else as [`read_exact_at`].
pub fn read_text(disk: &dyn Disk, path: &str, bytes_max: u64) -> io::Result<String> {
    let file = disk.open_read(path)?;
    let size_bytes = file.size_bytes()?;
    if size_bytes > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; size_bytes as usize];
    read_exact_at(&*file, &mut bytes, 0)?;
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Writes all bytes at an offset.
///
/// # Errors
/// The file's own; what was written of `bytes` is unknown then.
pub fn write_all_at(file: &dyn DiskFile, bytes: &[u8], offset: u64) -> io::Result<()> {
    drain(bytes, offset, |bytes, offset| file.write_at(bytes, offset))
}

/// Writes all of `bytes` by writes of any size.
pub(crate) fn drain(
    mut bytes: &[u8],
    mut offset: u64,
    mut write: impl FnMut(&[u8], u64) -> io::Result<usize>,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            // Nothing was written: the one error that is no failure.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
