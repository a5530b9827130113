//! A ledger's folder: the file of entries, the kept checkpoints, and what was set aside. Files appear whole or not
//! at all, and nothing is ever removed.

use super::checkpoint::{Checkpoint, parse_decimal};
use super::error::{Finding, LedgerError};
use super::file::{LogFile, read_full_at};
use super::note::{NOTE_BYTES_MAX, VerifierKey};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The file of entries.
const ENTRIES: &str = "entries.ledger";
/// The folder of kept checkpoints: files named after the number of entries, in 20 digits.
const CHECKPOINTS: &str = "checkpoints";
/// The folder of torn tails.
const QUARANTINE: &str = "quarantine";
/// Bytes copied at a time.
const COPY_BYTES: usize = 64 << 10;

/// A torn tail that was set aside. The file's name says its offset and the BLAKE3 hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Where it began in the ledger, in bytes.
    pub offset: u64,
    /// Its size.
    pub size_bytes: u64,
    /// The hash of its bytes.
    pub hash: [u8; 32],
    /// Where it lies now.
    pub path: PathBuf,
}

#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes the folders, for the owner only.
    pub(super) fn create(&self) -> io::Result<()> {
        for folder in [self.0.clone(), self.0.join(CHECKPOINTS), self.0.join(QUARANTINE)] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        sync_folder(&self.0)?;
        // The folder's own entry has to last as well.
        self.0.canonicalize()?.parent().map_or(Ok(()), sync_folder)
    }

    pub(super) fn entries(&self) -> PathBuf {
        self.0.join(ENTRIES)
    }

    /// Writes the file of entries as it begins; there must be none.
    pub(super) fn begin(&self, bytes: &[u8]) -> Result<(), LedgerError> {
        let staged = self.0.join(".entries.new");
        let written = write_synced(&staged, bytes);
        written.map_err(LedgerError::io("writing the first entry"))?;
        match renameat_with(CWD, &staged, CWD, self.entries(), RenameFlags::NOREPLACE) {
            Ok(()) => sync_folder(&self.0).map_err(LedgerError::io("writing the first entry")),
            Err(rustix::io::Errno::EXIST) => Err(LedgerError::Exists),
            Err(error) => Err(LedgerError::io("writing the first entry")(error.into())),
        }
    }

    /// Keeps a checkpoint durably.
    pub(super) fn keep(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let folder = self.0.join(CHECKPOINTS);
        let staged = folder.join(".checkpoint.new");
        write_synced(&staged, checkpoint.note().as_bytes())?;
        fs::rename(&staged, folder.join(format!("{:020}.checkpoint", checkpoint.size())))?;
        sync_folder(&folder)
    }

    /// All kept checkpoints, and a finding for each file that is none.
    pub(super) fn checkpoints(
        &self,
        key: &VerifierKey,
    ) -> Result<(Vec<Checkpoint>, Vec<Finding>), LedgerError> {
        let failed = LedgerError::io("reading the checkpoints");
        let (mut kept, mut findings) = (Vec::new(), Vec::new());
        for name in names(&self.0.join(CHECKPOINTS)).map_err(&failed)? {
            if name == ".checkpoint.new" {
                continue;
            }
            let digits = name.strip_suffix(".checkpoint").filter(|digits| digits.len() == 20);
            let size = digits.and_then(|digits| match digits.trim_start_matches('0') {
                "" => Some(0),
                significant => parse_decimal(significant),
            });
            let note = read_note(&self.0.join(CHECKPOINTS).join(&name)).map_err(&failed)?;
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
        Ok(names(&self.0.join(QUARANTINE))?.iter().filter(|name| !name.starts_with('.')).count())
    }

    /// Copies what stands in `file` from an offset on into a file of its own, durably. Doing it again after a crash
    /// makes the same file.
    pub(super) fn set_aside(&self, file: &impl LogFile, offset: u64) -> io::Result<TornTail> {
        let folder = self.0.join(QUARANTINE);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let staged = folder.join(".tail.new");
        let mut copy = File::create(&staged)?;
        let (mut hasher, mut size_bytes) = (blake3::Hasher::new(), 0);
        let mut bytes = vec![0; COPY_BYTES];
        loop {
            let read = read_full_at(file, &mut bytes, offset + size_bytes)?;
            if read == 0 {
                break;
            }
            copy.write_all(&bytes[..read])?;
            hasher.update(&bytes[..read]);
            size_bytes += read as u64;
        }
        copy.sync_all()?;
        let hash = hasher.finalize();
        let path = folder.join(format!("{offset:020}-{}.tail", &hash.to_hex()[..16]));
        fs::rename(&staged, &path)?;
        sync_folder(&folder)?;
        sync_folder(&self.0)?;
        Ok(TornTail { offset, size_bytes, hash: *hash.as_bytes(), path })
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// A note's text; `None` when it is too long or not UTF-8.
fn read_note(path: &Path) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(NOTE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(String::from_utf8(bytes).ok())
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
