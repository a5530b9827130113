//! A store's folder on a real file system. Everything is reached from the folder's descriptor: no absolute path is
//! resolved after opening, no link is followed, no mount is crossed, and only a plain file with one name is removed.

use super::{Disk, DiskError, DiskFile, EntryKind, Stat, names, split};
use super::{PlainFile, each_synced};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags, StatxAttributes, StatxFlags, fstat,
    fsync, mkdirat, openat, openat2, renameat_with, statat, statx, syncfs, unlinkat,
};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

const FILE_MODE: Mode = Mode::RUSR.union(Mode::WUSR);
const OTHERS: u32 = 0o077;
/// Folders that are synced one by one.
const SYNCED_ALONE_MAX: usize = 8;

/// A store's folder, held open.
#[derive(Debug)]
pub struct RealDisk {
    root: OwnedFd,
    device: u64,
}

impl RealDisk {
    /// Opens a folder that only its owner, who must be this user, may use.
    ///
    /// # Errors
    /// [`DiskError::NotAFolder`] for a link too, [`DiskError::Foreign`], [`DiskError::Shared`], [`DiskError::Io`].
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        // Components leave a last `/` or `/.` away, which would follow a link.
        let path: PathBuf = path.components().collect();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let root = openat(CWD, &path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::LOOP | Errno::NOTDIR => DiskError::NotAFolder,
            errno => DiskError::io("opening")(errno.into()),
        })?;
        let stat = fstat(&root).map_err(|errno| DiskError::io("opening")(errno.into()))?;
        if stat.st_uid != rustix::process::geteuid().as_raw() {
            return Err(DiskError::Foreign);
        }
        let mode = Mode::from_raw_mode(stat.st_mode).as_raw_mode();
        if mode & OTHERS != 0 {
            return Err(DiskError::Shared { mode: mode & 0o777 });
        }
        Ok(Self { root, device: stat.st_dev })
    }

    /// Makes the folder, in one that exists, and opens it. An empty one that is there already and fits is fine.
    ///
    /// # Errors
    /// As [`RealDisk::open`]; [`DiskError::Io`] with [`io::ErrorKind::DirectoryNotEmpty`] when something lies in it.
    pub fn create(path: &Path) -> Result<Self, DiskError> {
        let path: PathBuf = path.components().collect();
        let failed = DiskError::io("making it");
        match mkdirat(CWD, &path, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(failed(errno.into())),
        }
        let disk = Self::open(&path)?;
        if !disk.list("").map_err(&failed)?.is_empty() {
            return Err(failed(io::ErrorKind::DirectoryNotEmpty.into()));
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed)?;
        Ok(disk)
    }

    /// Makes a file that is not there yet.
    pub(super) fn file_new(&self, path: &str) -> io::Result<File> {
        split(path)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        Ok(File::from(self.reach(path, flags, FILE_MODE)?))
    }

    /// Opens a regular file.
    pub(super) fn file(&self, path: &str, write: bool) -> io::Result<File> {
        split(path)?;
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        // Without it, a pipe would wait for its other end.
        let flags = access | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let opened = self.reach(path, flags, Mode::empty())?;
        let stat = fstat(&opened)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_dev != self.device {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(File::from(opened))
    }

    fn folder(&self, path: &str, access: OFlags) -> io::Result<OwnedFd> {
        self.reach(path, access | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
    }

    /// The folder of an entry, and the entry's name in it.
    fn parent<'p>(&self, path: &'p str) -> io::Result<(OwnedFd, &'p str)> {
        let (folder, name) = split(path)?;
        Ok((self.folder(folder, OFlags::PATH)?, name))
    }

    /// Opens an entry below the folder. The kernel sees to links and mounts; one without that call (before Linux 5.6,
    /// or under a filter that does not know it) is walked name by name, which sees mounts by their device only.
    fn reach(&self, path: &str, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let names = names(path)?;
        let resolve = ResolveFlags::BENEATH
            | ResolveFlags::NO_SYMLINKS
            | ResolveFlags::NO_XDEV
            | ResolveFlags::NO_MAGICLINKS;
        let target = if path.is_empty() { "." } else { path };
        match openat2(&self.root, target, flags, mode, resolve) {
            Err(Errno::NOSYS | Errno::PERM) => self.walk(&names, flags, mode),
            // A link: nothing that fails, but something that is refused.
            Err(Errno::LOOP) => Err(io::ErrorKind::InvalidInput.into()),
            opened => Ok(opened?),
        }
    }

    fn walk(&self, names: &[&str], flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let Some((last, folders)) = names.split_last() else {
            return Ok(openat(&self.root, ".", flags, mode)?);
        };
        let step = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut at = None;
        for name in folders {
            let next = openat(at.as_ref().unwrap_or(&self.root), *name, step, Mode::empty())?;
            if fstat(&next)?.st_dev != self.device {
                return Err(io::ErrorKind::CrossesDevices.into());
            }
            at = Some(next);
        }
        let opened = openat(at.as_ref().unwrap_or(&self.root), *last, flags, mode)?;
        if fstat(&opened)?.st_dev != self.device {
            return Err(io::ErrorKind::CrossesDevices.into());
        }
        Ok(opened)
    }

    fn stat_at(&self, folder: &OwnedFd, name: &str) -> io::Result<Option<Stat>> {
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(None),
            stat => stat?,
        };
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            _ if stat.st_dev != self.device || is_mount(folder, name) => EntryKind::Other,
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            _ => EntryKind::Other,
        };
        Ok(Some(Stat {
            kind,
            size_bytes: u64::try_from(stat.st_size).unwrap_or(0),
            links: links(stat.st_nlink),
            device: stat.st_dev,
            inode: stat.st_ino,
        }))
    }

    /// An entry that may be renamed or removed: a plain file of this store that has one name.
    fn plain(&self, folder: &OwnedFd, name: &str) -> io::Result<Stat> {
        match self.stat_at(folder, name)? {
            None => Err(io::ErrorKind::NotFound.into()),
            Some(stat) if stat.kind == EntryKind::File && stat.links == 1 => Ok(stat),
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

/// Whether something is mounted there, from the same file system too. Kernels before 5.8 do not say; the device does.
fn is_mount(folder: &OwnedFd, name: &str) -> bool {
    statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE)
        .is_ok_and(|stat| stat.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// The type of the field differs between machines.
#[allow(clippy::useless_conversion, reason = "u64 on this machine, u32 on others")]
fn links(number: impl Into<u64>) -> u64 {
    number.into()
}

impl Disk for RealDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(PlainFile(self.file_new(path)?)))
    }

    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(PlainFile(self.file(path, false)?)))
    }

    fn open_write(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(PlainFile(self.file(path, true)?)))
    }

    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        match self.parent(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            parent => parent.and_then(|(folder, name)| self.stat_at(&folder, name)),
        }
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in Dir::new(self.folder(folder, OFlags::RDONLY)?)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !matches!(name.as_str(), "." | "..") {
                found.push(name);
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn make_folder(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        match mkdirat(&folder, name, Mode::RWXU) {
            // Not a link, not a mount, not a file: else this fails.
            Err(Errno::EXIST) => self.folder(path, OFlags::PATH).map(drop),
            made => Ok(made?),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from_folder, from), (to_folder, to)) = (self.parent(from)?, self.parent(to)?);
        self.plain(&from_folder, from)?;
        if self.stat_at(&to_folder, to)?.is_some_and(|stat| stat.kind != EntryKind::File) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(renameat_with(&from_folder, from, &to_folder, to, RenameFlags::empty())?)
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        let ((from_folder, from), (to_folder, to)) = (self.parent(from)?, self.parent(to)?);
        self.plain(&from_folder, from)?;
        match renameat_with(&from_folder, from, &to_folder, to, RenameFlags::NOREPLACE) {
            // A file system that cannot: the store's one writer asks, then does.
            Err(Errno::INVAL) if self.stat_at(&to_folder, to)?.is_none() => {
                Ok(renameat_with(&from_folder, from, &to_folder, to, RenameFlags::empty())?)
            }
            Err(Errno::INVAL) => Err(io::ErrorKind::AlreadyExists.into()),
            renamed => Ok(renamed?),
        }
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.parent(path)?;
        let stat = self.plain(&folder, name)?;
        let held = openat(&folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        if fstat(&held)?.st_ino != stat.inode {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        unlinkat(&folder, name, AtFlags::empty())?;
        // Gone is the file that was looked at, and no other that took its name at that moment.
        if links(fstat(&held)?.st_nlink) == 0 { Ok(()) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        Ok(fsync(self.folder(folder, OFlags::RDONLY)?.as_fd())?)
    }

    /// Of many folders, the whole file system at once: each sync waits for the device, and there are 256 of them.
    fn sync_folders(&self, folders: &mut dyn Iterator<Item = &str>) -> io::Result<()> {
        let folders: Vec<&str> = folders.collect();
        if folders.len() > SYNCED_ALONE_MAX {
            match syncfs(&self.root) {
                // Some sandboxes do not know it.
                Err(Errno::NOSYS | Errno::PERM) => {}
                synced => return Ok(synced?),
            }
        }
        each_synced(self, &mut folders.into_iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// What a kernel without `openat2` gets.
    #[test]
    fn walking_refuses_links_as_the_kernel_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("store");
        let disk = RealDisk::create(&root).expect("made");
        disk.make_folder("a").and_then(|()| disk.make_folder("a/b")).expect("made");
        disk.create_new("a/b/x").expect("made");
        symlink("a", root.join("link")).expect("a link");
        symlink("x", root.join("a/b/y")).expect("a link");
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let walk = |path: &str| disk.walk(&names(path).expect("plain"), flags, Mode::empty());
        for path in ["", "a", "a/b", "a/b/x"] {
            let (walked, reached) =
                (walk(path).expect(path), disk.reach(path, flags, Mode::empty()).expect(path));
            let inode = |file: &OwnedFd| fstat(file).expect("asked").st_ino;
            assert_eq!(inode(&walked), inode(&reached), "{path}");
        }
        for path in ["link/b", "link/b/x", "a/b/y", "a/b/x/z", "none", "none/x"] {
            assert!(walk(path).is_err(), "{path}");
            assert!(disk.reach(path, flags, Mode::empty()).is_err(), "{path}");
        }
    }
}
