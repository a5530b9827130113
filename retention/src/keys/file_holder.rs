//! A store key in a file outside of the store, for machines where nobody types. Whoever can read the file can read the
//! store: it belongs to one user, on a file system that backups of the store do not take along.

use super::{Kdf, KeyError, KeyHolder, Made, StoreKey, Which};
use rustix::fd::OwnedFd;
use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, fstat, fsync, openat, renameat, renameat_with,
    unlinkat,
};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const DIGITS: usize = 64;
const RAW: usize = 32;

/// Holds the store key in a file of one store: 64 hexadecimal digits and perhaps a line end, or 32 bytes. It must be a
/// regular file of this user that nobody else may read (mode 0600 or 0400), not a link to one.
///
/// During a rotation the next key lies beside it, with `.next` behind its name. When the next key takes over, it is
/// renamed over the old one, and the old one's bytes are overwritten. What a file system keeps in spite of that is
/// beyond this program: a copying file system (Btrfs, ZFS, snapshots), a log that holds data, and flash memory may have
/// the old bytes for a long time, and so has every copy that somebody made; a process that is killed between the two
/// steps leaves them unwritten over.
#[derive(Debug)]
pub struct FileHolder {
    folder: PathBuf,
    name: OsString,
    next: OsString,
}

impl FileHolder {
    /// Names the file; it is looked at when a key is asked for.
    ///
    /// # Errors
    /// [`KeyError::Holder`] for a path that names no file.
    pub fn new(path: &Path) -> Result<Self, KeyError> {
        let name = path.file_name().ok_or(KeyError::Holder { why: "its path names no file" })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut next = name.to_owned();
        next.push(".next");
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), next })
    }

    fn folder(&self) -> Result<OwnedFd, KeyError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat(CWD, &self.folder, flags, Mode::empty())
            .map_err(KeyError::errno("opening the folder of its file"))
    }

    fn read(&self, name: &OsStr) -> Result<Option<StoreKey>, KeyError> {
        let Some(file) = open(&self.folder()?, name, OFlags::RDONLY)? else { return Ok(None) };
        // One byte more than a key may have.
        let mut bytes = Zeroizing::new(Vec::with_capacity(DIGITS + 3));
        let read = file.take(DIGITS as u64 + 3).read_to_end(&mut bytes);
        read.map_err(KeyError::io("reading its file"))?;
        parse(&bytes)
            .map(Some)
            .ok_or(KeyError::Holder { why: "its file holds no key (64 hexadecimal digits)" })
    }

    /// Writes a key to the file that next keys lie in.
    fn write_next(&self, folder: &OwnedFd, key: &StoreKey) -> Result<(), KeyError> {
        remove(folder, &self.next)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let made = openat(folder, &self.next, flags, Mode::RUSR | Mode::WUSR);
        let mut file = made.map(File::from).map_err(KeyError::errno("making its file"))?;
        let mut text = key.expose_hex();
        text.push('\n');
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.map_err(KeyError::io("writing its file"))?;
        fsync(folder).map_err(KeyError::errno("making its file durable"))
    }
}

impl KeyHolder for FileHolder {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        self.read(if which == Which::Current { &self.name } else { &self.next })
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        let folder = self.folder()?;
        let key = StoreKey::random()?;
        self.write_next(&folder, &key)?;
        if which == Which::Current {
            let renamed = renameat_with(&folder, &self.next, &folder, &self.name, RenameFlags::NOREPLACE);
            if let Err(errno) = renamed {
                remove(&folder, &self.next)?;
                return Err(KeyError::errno("making its file")(errno));
            }
            fsync(&folder).map_err(KeyError::errno("making its file durable"))?;
        }
        Ok(Made { key, kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        let folder = self.folder()?;
        if open(&folder, &self.next, OFlags::RDONLY)?.is_none() {
            return Ok(());
        }
        let old = open(&folder, &self.name, OFlags::RDWR);
        let renamed = renameat(&folder, &self.next, &folder, &self.name).and_then(|()| fsync(&folder));
        renamed.map_err(KeyError::errno("replacing its file"))?;
        if let Ok(Some(old)) = old {
            // It opens nothing any more: that it cannot be overwritten (mode 0400, a full disk) is no failure.
            let _ = old.write_all_at(&[0; DIGITS + 2], 0).and_then(|()| old.sync_all());
        }
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        remove(&self.folder()?, &self.next)
    }
}

/// Opens a key's file, `None` when there is none.
fn open(folder: &OwnedFd, name: &OsStr, access: OFlags) -> Result<Option<File>, KeyError> {
    let link = KeyError::Holder { why: "its file is no regular file, or a link to one" };
    let flags = access | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(folder, name, flags, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(Errno::LOOP | Errno::NXIO) => return Err(link),
        Err(errno) => return Err(KeyError::errno("opening its file")(errno)),
    };
    let stat = fstat(&file).map_err(KeyError::errno("opening its file"))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(link);
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return Err(KeyError::Holder { why: "its file belongs to another user of this machine" });
    }
    if Mode::from_raw_mode(stat.st_mode).intersects(Mode::RWXG | Mode::RWXO) {
        return Err(KeyError::Holder {
            why: "its file is open to other users; take their rights away (`chmod 600`)",
        });
    }
    Ok(Some(File::from(file)))
}

/// Removes a next key, if there is one. What is no key's file of this user is not touched.
fn remove(folder: &OwnedFd, name: &OsStr) -> Result<(), KeyError> {
    let Some(file) = open(folder, name, OFlags::RDONLY)? else { return Ok(()) };
    let stat = fstat(&file).map_err(KeyError::errno("forgetting a key"))?;
    if u64::try_from(stat.st_size).is_ok_and(|size_bytes| size_bytes > DIGITS as u64 + 2) {
        return Err(KeyError::Holder {
            why: "another file lies where the next key goes (`.next` behind its name)",
        });
    }
    let removed = unlinkat(folder, name, AtFlags::empty()).and_then(|()| fsync(folder));
    removed.map_err(KeyError::errno("forgetting a key"))
}

fn parse(bytes: &[u8]) -> Option<StoreKey> {
    if let Ok(raw) = <[u8; RAW]>::try_from(bytes) {
        return Some(StoreKey::new(raw));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    StoreKey::parse(line)
}
