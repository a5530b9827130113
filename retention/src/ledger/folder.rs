//! A ledger's folder: the file of entries, the kept checkpoints, and what was set aside. Files appear whole or not
//! at all, and nothing is ever removed. All of it lies on a [`Disk`].

use super::checkpoint::{Checkpoint, parse_decimal};
use super::error::{Finding, LedgerError};
use super::file::{LockedFile, LogFile, read_full_at, write_all_at};
use super::note::{NOTE_BYTES_MAX, VerifierKey};
use super::std_disk::StdDisk;
use crate::disk::{Disk, DiskFile};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of entries.
const ENTRIES: &str = "entries.ledger";
/// The folder of kept checkpoints: files named after the number of entries, in 20 digits.
const CHECKPOINTS: &str = "checkpoints";
/// The folder of torn tails.
const QUARANTINE: &str = "quarantine";
/// Bytes copied at a time.
const COPY_BYTES: usize = 64 << 10;

/// A torn tail that was set aside, into the ledger's folder `quarantine`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Where it began in the ledger, in bytes.
    pub offset: u64,
    /// Its size.
    pub size_bytes: u64,
    /// The BLAKE3 hash of its bytes.
    pub hash: [u8; 32],
    /// Name of its file: its offset and the beginning of its hash.
    pub name: String,
}

/// The number of entries that a checkpoint's name says.
fn size_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".checkpoint").filter(|digits| digits.len() == 20)?;
    match digits.trim_start_matches('0') {
        "" => Some(0),
        significant => parse_decimal(significant),
    }
}

/// Where a ledger lies: in a folder of a store's disk, or in one by its path.
#[derive(Debug, Clone)]
pub struct LedgerFolder {
    disk: Arc<dyn Disk>,
    /// Below the disk's folder; empty for that itself.
    path: String,
    /// The file of entries by its path, where it is to be locked.
    locked: Option<PathBuf>,
}

/// A folder by its path. Whoever opens its ledger has a lock on the file of entries.
impl From<&Path> for LedgerFolder {
    fn from(path: &Path) -> Self {
        let locked = Some(Self::entries_at(path));
        Self { disk: Arc::new(StdDisk(path.to_owned())), path: String::new(), locked }
    }
}

impl From<&PathBuf> for LedgerFolder {
    fn from(path: &PathBuf) -> Self {
        Self::from(path.as_path())
    }
}

impl LedgerFolder {
    /// A folder of a store's disk; `""` is the disk's own. Nothing is locked: the store is.
    pub fn on(disk: Arc<dyn Disk>, path: &str) -> Self {
        Self { disk, path: path.to_owned(), locked: None }
    }

    /// Makes a folder by its path, and the folders it is in, for the owner only.
    pub(super) fn make(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        // The folder's own entry has to last as well.
        path.canonicalize()?.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    }

    /// The file of entries of a folder by its path.
    pub(super) fn entries_at(path: &Path) -> PathBuf {
        path.join(ENTRIES)
    }

    /// Opens the file of entries for reading.
    pub(super) fn open_reader(&self) -> Result<Box<dyn LogFile + Send>, LedgerError> {
        match &self.locked {
            Some(path) => Ok(Box::new(LockedFile::open_reader(path)?)),
            None => {
                let opened = self.disk.open_read(&self.join(ENTRIES));
                Ok(Box::new(opened.map_err(LedgerError::io("opening"))?))
            }
        }
    }

    fn join(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    fn in_folder(&self, folder: &str, name: &str) -> String {
        format!("{}/{name}", self.join(folder))
    }

    /// Makes the folders, for the owner only.
    pub(super) fn create(&self) -> io::Result<()> {
        if !self.path.is_empty() {
            self.disk.make_folder(&self.path)?;
            self.sync_parent()?;
        }
        self.disk.make_folder(&self.join(CHECKPOINTS))?;
        self.disk.make_folder(&self.join(QUARANTINE))?;
        self.disk.sync_folder(&self.path)
    }

    /// Makes durable what an earlier process may have left in the cache of the folders.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.sync_parent()?;
        self.disk.sync_folder(&self.path)?;
        match self.disk.sync_folder(&self.join(CHECKPOINTS)) {
            // That is a finding.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            synced => synced,
        }
    }

    /// The folder's own entry has to last as well.
    fn sync_parent(&self) -> io::Result<()> {
        match self.path.rsplit_once('/') {
            _ if self.path.is_empty() => Ok(()),
            parent => self.disk.sync_folder(parent.map_or("", |(parent, _)| parent)),
        }
    }

    /// Whether there is a file of entries.
    pub(super) fn has_entries(&self) -> io::Result<bool> {
        Ok(self.disk.stat(&self.join(ENTRIES))?.is_some())
    }

    /// Opens the file of entries for reading and writing, without a lock.
    pub(super) fn open_entries(&self) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open_write(&self.join(ENTRIES))
    }

    /// Writes the file of entries as it begins; there must be none.
    pub(super) fn begin(&self, bytes: &[u8]) -> Result<(), LedgerError> {
        let failed = LedgerError::io("writing the first entry");
        let staged = self.join(".entries.new");
        self.write_synced(&staged, bytes).map_err(&failed)?;
        match self.disk.rename_new(&staged, &self.join(ENTRIES)) {
            Ok(()) => self.disk.sync_folder(&self.path).map_err(failed),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(LedgerError::Exists),
            Err(error) => Err(failed(error)),
        }
    }

    /// Keeps a checkpoint durably.
    pub(super) fn keep(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let staged = self.in_folder(CHECKPOINTS, ".checkpoint.new");
        self.write_synced(&staged, checkpoint.note().as_bytes())?;
        let name = format!("{:020}.checkpoint", checkpoint.size());
        self.disk.rename(&staged, &self.in_folder(CHECKPOINTS, &name))?;
        self.disk.sync_folder(&self.join(CHECKPOINTS))
    }

    /// The newest kept checkpoints, so many at most, and a finding for each file that is none.
    pub(super) fn checkpoints(
        &self,
        key: &VerifierKey,
        newest: usize,
    ) -> Result<(Vec<Checkpoint>, Vec<Finding>), LedgerError> {
        let failed = LedgerError::io("reading the checkpoints");
        let (mut kept, mut findings) = (Vec::new(), Vec::new());
        let mut names = self.names(CHECKPOINTS).map_err(&failed)?;
        names.retain(|name| !name.starts_with('.'));
        let mut older = names.iter().filter(|name| size_of(name).is_some()).count().saturating_sub(newest);
        for name in names {
            let size = size_of(&name);
            if size.is_some() && older > 0 {
                older -= 1;
                continue;
            }
            let note = self.read_note(&self.in_folder(CHECKPOINTS, &name)).map_err(&failed)?;
            let checkpoint = note.and_then(|note| Checkpoint::parse(&note, key).ok());
            match checkpoint.filter(|checkpoint| Some(checkpoint.size()) == size) {
                Some(checkpoint) => kept.push(checkpoint),
                None => findings.push(Finding::BadCheckpoint { checkpoint_size: size }),
            }
        }
        if kept.is_empty() && findings.is_empty() {
            findings.push(Finding::NoCheckpoint);
        }
        kept.sort_by_key(Checkpoint::size);
        Ok((kept, findings))
    }

    /// Number of torn tails that were set aside so far.
    pub(super) fn quarantined(&self) -> io::Result<usize> {
        Ok(self.names(QUARANTINE)?.iter().filter(|name| !name.starts_with('.')).count())
    }

    /// Copies what stands in `file` from an offset on into a file of its own, durably. Doing it again after a crash
    /// makes the same file.
    pub(super) fn set_aside(&self, file: &impl LogFile, offset: u64) -> io::Result<TornTail> {
        self.disk.make_folder(&self.join(QUARANTINE))?;
        let staged = self.in_folder(QUARANTINE, ".tail.new");
        let mut copy = self.new_file(&staged)?;
        let (mut hasher, mut size_bytes) = (blake3::Hasher::new(), 0);
        let mut bytes = vec![0; COPY_BYTES];
        loop {
            let read = read_full_at(file, &mut bytes, offset + size_bytes)?;
            if read == 0 {
                break;
            }
            write_all_at(&mut copy, &bytes[..read], size_bytes)?;
            hasher.update(&bytes[..read]);
            size_bytes += read as u64;
        }
        LogFile::sync(&mut copy)?;
        let hash = hasher.finalize();
        let name = format!("{offset:020}-{}.tail", &hash.to_hex()[..16]);
        self.disk.rename(&staged, &self.in_folder(QUARANTINE, &name))?;
        self.disk.sync_folder(&self.join(QUARANTINE))?;
        self.disk.sync_folder(&self.path)?;
        Ok(TornTail { offset, size_bytes, hash: *hash.as_bytes(), name })
    }

    /// Names in a folder; none when it is not there.
    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        match self.disk.list(&self.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            listed => listed,
        }
    }

    /// A note's text; `None` when it is too long or not UTF-8.
    fn read_note(&self, path: &str) -> io::Result<Option<String>> {
        let file = self.disk.open_read(path)?;
        let size = usize::try_from(DiskFile::size_bytes(file.as_ref())?).unwrap_or(usize::MAX);
        let mut bytes = vec![0; size.min(NOTE_BYTES_MAX + 1)];
        let read = read_full_at(&file, &mut bytes, 0)?;
        bytes.truncate(read);
        Ok(String::from_utf8(bytes).ok().filter(|note| note.len() <= NOTE_BYTES_MAX))
    }

    /// An empty file to write. One that a crash left is begun anew.
    fn new_file(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        match self.disk.create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let file = self.disk.open_write(path)?;
                file.set_size(0)?;
                Ok(file)
            }
            created => created,
        }
    }

    fn write_synced(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.new_file(path)?;
        write_all_at(&mut file, bytes, 0)?;
        LogFile::sync(&mut file)
    }
}
