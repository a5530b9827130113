//! Where an artifact's content comes from, and how it is opened again later: the same file, or none.

use crate::archive::{Target, expand, memory_file, seal};
use custody_rules::{Reason, Refusal};
use rustix::fs::{Mode, OFlags, open, openat};
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use zip::read::OwnedZipFileEntry;

/// An artifact's content. Opening it gives a descriptor with an offset of its own, at the first byte.
#[derive(Clone)]
pub struct Source(Inner);

#[derive(Clone)]
enum Inner {
    /// A file the user named.
    Named { path: PathBuf, identity: Identity },
    /// A file below a folder the user named.
    Below { root: Arc<OwnedFd>, path: Arc<[OsString]>, identity: Identity },
    /// A file in memory.
    Memory { file: Arc<File>, size_bytes: u64 },
    /// A member of an archive.
    Member { archive: Arc<Container>, entry: Arc<OwnedZipFileEntry>, size_bytes: u64 },
}

/// An archive's bytes: a file on disk, or in memory for an archive inside another.
pub(super) enum Container {
    OnDisk(Source),
    InMemory(File),
}

/// What makes a file the same one, unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    file: (u64, u64),
    size_bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Identity {
    pub(super) fn of(facts: &Metadata) -> Self {
        Self {
            file: (facts.dev(), facts.ino()),
            size_bytes: facts.len(),
            modified: (facts.mtime(), facts.mtime_nsec()),
            changed: (facts.ctime(), facts.ctime_nsec()),
        }
    }
}

impl fmt::Debug for Source {
    /// Shows no path.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Inner::Named { .. } | Inner::Below { .. } => "Source(file)",
            Inner::Memory { .. } => "Source(memory)",
            Inner::Member { .. } => "Source(member)",
        })
    }
}

impl Source {
    pub(super) fn named(path: PathBuf, identity: Identity) -> Self {
        Self(Inner::Named { path, identity })
    }

    pub(super) fn below(root: Arc<OwnedFd>, path: Arc<[OsString]>, identity: Identity) -> Self {
        Self(Inner::Below { root, path, identity })
    }

    /// A file in memory that nobody changes any more; it is sealed here.
    ///
    /// # Errors
    /// A [`Refusal`] for a file that is none of memory.
    pub fn memory(file: File) -> Result<Self, Refusal> {
        let file = seal(file)?;
        let size_bytes = file.metadata()?.len();
        Ok(Self(Inner::Memory { file: Arc::new(file), size_bytes }))
    }

    pub(super) fn member(archive: Arc<Container>, entry: Arc<OwnedZipFileEntry>, size_bytes: u64) -> Self {
        Self(Inner::Member { archive, entry, size_bytes })
    }

    /// Opens the content at its first byte. A member of an archive is expanded into memory, never onto disk,
    /// and cannot be changed.
    ///
    /// # Errors
    /// A [`Refusal`] when the file cannot be opened, or is not the file that was found.
    pub fn open(&self) -> Result<File, Refusal> {
        match &self.0 {
            Inner::Named { path, identity } => {
                let descriptor = open(path, FILE | OFlags::NOCTTY, Mode::empty());
                same(descriptor.map_err(std::io::Error::from)?.into(), *identity)
            }
            Inner::Below { root, path, identity } => same(open_below(root, path)?, *identity),
            // A descriptor of its own, with an offset of its own.
            Inner::Memory { file, .. } => Ok(File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))?),
            Inner::Member { archive, entry, size_bytes } => match &**archive {
                Container::OnDisk(source) => member(&source.open()?, entry, *size_bytes),
                Container::InMemory(file) => member(file, entry, *size_bytes),
            },
        }
    }

    /// Whether it lies in an archive.
    pub fn is_member(&self) -> bool {
        matches!(self.0, Inner::Member { .. })
    }

    /// Where the file lies, or the archive that it is in; `None` when nobody can say any more. For people: the content is
    /// opened otherwise.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.0 {
            Inner::Named { path, .. } => std::path::absolute(path).ok(),
            Inner::Below { root, path, .. } => {
                let root = std::fs::read_link(format!("/proc/self/fd/{}", root.as_raw_fd())).ok()?;
                Some(path.iter().fold(root, |path, name| path.join(name)))
            }
            Inner::Memory { .. } => None,
            Inner::Member { archive, .. } => match &**archive {
                Container::OnDisk(source) => source.path(),
                Container::InMemory(_) => None,
            },
        }
    }

    /// The content's size in bytes when it was found.
    pub fn size_bytes(&self) -> u64 {
        match &self.0 {
            Inner::Named { identity, .. } | Inner::Below { identity, .. } => identity.size_bytes,
            Inner::Memory { size_bytes, .. } | Inner::Member { size_bytes, .. } => *size_bytes,
        }
    }
}

/// Flags for files: a pipe must not block, a terminal must not become ours.
const FILE: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);
/// Flags for folders on the way to a file.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW).union(OFlags::DIRECTORY);

/// Opens a folder that is no link.
pub(super) fn open_folder(parent: &OwnedFd, name: &OsString) -> Result<OwnedFd, Refusal> {
    Ok(openat(parent, name, FOLDER, Mode::empty()).map_err(std::io::Error::from)?)
}

/// Opens a regular file that is no link.
pub(super) fn open_file(parent: &OwnedFd, name: &OsString) -> Result<File, Refusal> {
    let flags = FILE | OFlags::NOFOLLOW | OFlags::NOCTTY;
    let file: File = openat(parent, name, flags, Mode::empty()).map_err(std::io::Error::from)?.into();
    if !file.metadata()?.is_file() {
        return Err(special());
    }
    Ok(file)
}

/// Opens a file that was found below `root`, following no link on the way.
fn open_below(root: &OwnedFd, path: &[OsString]) -> Result<File, Refusal> {
    let Some((name, folders)) = path.split_last() else {
        return Err(Refusal::new(Reason::Unreadable, "it has no name"));
    };
    let mut folder: Option<OwnedFd> = None;
    for name in folders {
        folder = Some(open_folder(folder.as_ref().unwrap_or(root), name)?);
    }
    open_file(folder.as_ref().unwrap_or(root), name)
}

fn same(file: File, identity: Identity) -> Result<File, Refusal> {
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(special());
    }
    if Identity::of(&facts) != identity {
        return Err(Refusal::new(
            Reason::Changed,
            "it changed since it was found: run again when it is at rest",
        ));
    }
    Ok(file)
}

pub(super) fn special() -> Refusal {
    Refusal::new(Reason::SpecialFile, "it is a pipe, a socket or a device")
}

/// Expands a member into memory; it must be as large as it was when it was counted.
fn member(archive: &File, entry: &OwnedZipFileEntry, size_bytes: u64) -> Result<File, Refusal> {
    let mut kept = Kept { file: memory_file()?, bytes: 0, bytes_max: size_bytes };
    expand(archive, entry, &mut kept)?;
    if kept.bytes != size_bytes {
        return Err(changed());
    }
    seal(kept.file)
}

struct Kept {
    file: File,
    bytes: u64,
    bytes_max: u64,
}

impl Target for Kept {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(changed());
        }
        self.file.write_all(bytes)?;
        Ok(())
    }
}

fn changed() -> Refusal {
    Refusal::new(Reason::Changed, "the archive changed since it was read")
}
