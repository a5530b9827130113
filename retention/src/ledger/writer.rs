//! The ledger's one writer: many entries in a batch, one sync for all of them, and checkpoints over what was read
//! back. After an error of the file nothing more is written through the same handle: nobody knows what the kernel
//! kept, so the file is opened and read anew.

use super::checkpoint::Checkpoint;
use super::entry::{Act, ActKind, Ending, Entry};
use super::error::{Finding, LedgerError};
use super::file::{LockedFile, LogFile, write_all_at};
use super::folder::{LedgerFolder, TornTail};
use super::ids::UserId;
use super::note::{SignerKey, VerifierKey};
use super::record::{MAGIC, Next, Position, Records, frame};
use super::scan::{Seen, scan};
use super::tree::{Frontier, Hash, leaf_hash};
use crate::disk::{Disk, DiskFile};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Kept checkpoints that opening compares the entries to; verification does to all. The last one covers what the
/// others do: an older one adds nothing but its own good state.
const NEWEST: usize = 1_000;
/// Bytes of a batch that wait in memory before they are written, still unsynced.
const STAGED_BYTES_MAX: usize = 1 << 20;

/// A ledger that is open for writing.
#[derive(Debug)]
pub struct Ledger<F: LogFile = LockedFile> {
    folder: LedgerFolder,
    file: F,
    origin: String,
    frontier: Frontier,
    open: BTreeMap<u64, Act>,
    /// Entries that are durable.
    durable: u64,
    /// Size of the file with what was written so far.
    written_bytes: u64,
    staged: Vec<u8>,
    entry_bytes: Vec<u8>,
    /// What was read back from the file, and its tree.
    read_back: (Position, Frontier),
    poisoned: bool,
}

/// What opening a ledger had to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a torn tail has to be reported"]
pub struct Opened {
    /// The unfinished write of a crash, set aside.
    pub torn_tail: Option<TornTail>,
}

impl Ledger {
    /// Makes a ledger in a folder: its first entry says the origin, which is the key's name, and a checkpoint
    /// of that entry is kept. A crash leaves none or the whole.
    ///
    /// # Errors
    /// [`LedgerError::Exists`], [`LedgerError::InvalidEntry`] for an origin that is none, [`LedgerError::Io`].
    pub fn create(folder: &Path, key: &SignerKey) -> Result<(), LedgerError> {
        let (bytes, checkpoint) = beginning(key)?;
        let failed = LedgerError::io("making the folder");
        LedgerFolder::make(folder).map_err(failed)?;
        begin(&folder.into(), &bytes, &checkpoint)
    }

    /// Opens a ledger for writing, reading all of it: it must agree with the newest 1,000 kept checkpoints. The
    /// unfinished write of a crash is set aside.
    ///
    /// # Errors
    /// [`LedgerError::Busy`], [`LedgerError::Damaged`] (nothing is changed then), [`LedgerError::Io`].
    pub fn open(folder: &Path, key: &VerifierKey) -> Result<(Self, Opened), LedgerError> {
        let file = LockedFile::open_writer(&Self::entries_file(folder))?;
        Self::open_with(folder, key, file)
    }

    /// The file of entries in a ledger's folder.
    pub fn entries_file(folder: &Path) -> std::path::PathBuf {
        LedgerFolder::entries_at(folder)
    }
}

/// On a store's disk, under the store's lock.
impl Ledger<Box<dyn DiskFile>> {
    /// Makes a ledger in a folder of a disk, as [`Ledger::create`] does.
    ///
    /// # Errors
    /// As [`Ledger::create`].
    pub fn create_on(disk: Arc<dyn Disk>, folder: &str, key: &SignerKey) -> Result<(), LedgerError> {
        let (bytes, checkpoint) = beginning(key)?;
        begin(&LedgerFolder::on(disk, folder), &bytes, &checkpoint)
    }

    /// Opens the ledger in a folder of a disk for writing, as [`Ledger::open`] does.
    ///
    /// # Errors
    /// As [`Ledger::open`]; [`LedgerError::Busy`] never comes.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        folder: &str,
        key: &VerifierKey,
    ) -> Result<(Self, Opened), LedgerError> {
        Self::open_on_with(disk, folder, key, 0, &mut |_, _| ())
    }

    /// Opens the ledger in a folder of a disk for writing, and shows its entries while it reads them. What was shown
    /// counts only if opening succeeds: an error may come behind it. The caller knows of `known` entries: a ledger of
    /// fewer was cut, and a torn tail of it is not set aside.
    ///
    /// # Errors
    /// As [`Ledger::open_on`].
    pub fn open_on_with(
        disk: Arc<dyn Disk>,
        folder: &str,
        key: &VerifierKey,
        known: u64,
        seen: &mut dyn FnMut(u64, &Entry),
    ) -> Result<(Self, Opened), LedgerError> {
        let folder = LedgerFolder::on(disk, folder);
        let file = folder.open_entries().map_err(LedgerError::io("opening"))?;
        Self::open_seen(folder, key, (file, known), seen)
    }
}

/// The bytes that a new ledger's file begins with, and the checkpoint over them.
fn beginning(key: &SignerKey) -> Result<(Vec<u8>, Checkpoint), LedgerError> {
    let (mut entry, mut bytes) = (Vec::new(), MAGIC.to_vec());
    Entry::Genesis { origin: key.verifier().name().to_owned() }.encode(&mut entry)?;
    frame(&mut bytes, &entry, 0, 0);
    let mut frontier = Frontier::default();
    frontier.push(leaf_hash(&entry));
    Ok((bytes, Checkpoint::sign(key, 1, frontier.root())?))
}

fn begin(folder: &LedgerFolder, bytes: &[u8], checkpoint: &Checkpoint) -> Result<(), LedgerError> {
    let making = LedgerError::io("making the folder");
    if folder.has_entries().map_err(&making)? {
        return Err(LedgerError::Exists);
    }
    folder.create().map_err(making)?;
    folder.keep(checkpoint).map_err(LedgerError::io("keeping the checkpoint"))?;
    folder.begin(bytes)
}

impl<F: LogFile> Ledger<F> {
    /// Opens a ledger whose entries are in a file of the caller's, who sees to it that there is one writer.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(
        folder: impl Into<LedgerFolder>,
        key: &VerifierKey,
        file: F,
    ) -> Result<(Self, Opened), LedgerError> {
        Self::open_seen(folder.into(), key, (file, 0), &mut |_, _| ())
    }

    fn open_seen(
        folder: LedgerFolder,
        key: &VerifierKey,
        (mut file, least): (F, u64),
        seen: Seen<'_>,
    ) -> Result<(Self, Opened), LedgerError> {
        // What an earlier process wrote may be in the cache only, or there only because a sync failed.
        folder.sync().map_err(LedgerError::io("syncing"))?;
        file.sync().map_err(LedgerError::io("syncing"))?;
        file.forget_cached().map_err(LedgerError::io("reading"))?;
        let (kept, mut findings) = folder.checkpoints(key, NEWEST)?;
        let scan = scan(&file, key.name(), &kept, seen)?;
        findings.extend(&scan.findings);
        if scan.frontier.size() < least {
            findings.push(Finding::Shorter { checkpoint_size: least, size: scan.frontier.size() });
        }
        let torn_tail = match findings[..] {
            [] => None,
            [Finding::TornTail { offset, .. }] if scan.frontier.size() > 0 => {
                let tail =
                    folder.set_aside(&file, offset).map_err(LedgerError::io("setting a torn tail aside"))?;
                file.truncate(offset).map_err(LedgerError::io("cutting a torn tail"))?;
                file.sync().map_err(LedgerError::io("syncing"))?;
                Some(tail)
            }
            _ => return Err(LedgerError::Damaged { findings }),
        };
        let ledger = Self {
            folder,
            file,
            origin: key.name().to_owned(),
            durable: scan.frontier.size(),
            open: scan.open,
            written_bytes: scan.end.offset,
            staged: Vec::new(),
            entry_bytes: Vec::new(),
            read_back: (scan.end, scan.frontier.clone()),
            frontier: scan.frontier,
            poisoned: false,
        };
        Ok((ledger, Opened { torn_tail }))
    }

    /// Appends an entry to the current batch and returns its index. It counts only once [`Ledger::commit`] has
    /// returned.
    ///
    /// # Errors
    /// [`LedgerError::NoIntent`] for an outcome whose intent is not open and durable,
    /// [`LedgerError::InvalidEntry`], [`LedgerError::Poisoned`], [`LedgerError::Io`].
    pub fn append(&mut self, entry: &Entry) -> Result<u64, LedgerError> {
        self.usable()?;
        self.admit(entry)?;
        self.entry_bytes.clear();
        entry.encode(&mut self.entry_bytes)?;
        let index = self.frontier.size();
        frame(&mut self.staged, &self.entry_bytes, index, self.durable);
        self.frontier.push(leaf_hash(&self.entry_bytes));
        match entry {
            Entry::Intent(act) => self.open.insert(index, act.clone()),
            Entry::Outcome { intent, .. } => self.open.remove(intent),
            Entry::Genesis { .. } => None,
        };
        if self.staged.len() >= STAGED_BYTES_MAX {
            self.write_staged()?;
        }
        Ok(index)
    }

    /// Makes the current batch durable with one sync, and returns the number of entries.
    ///
    /// # Errors
    /// [`LedgerError::Io`], after which every call fails with [`LedgerError::Poisoned`].
    pub fn commit(&mut self) -> Result<u64, LedgerError> {
        self.usable()?;
        if self.durable < self.frontier.size() {
            self.write_staged()?;
            let synced = self.file.sync();
            self.fatal("syncing", synced)?;
            self.durable = self.frontier.size();
        }
        Ok(self.durable)
    }

    /// Commits, reads back from the device what no checkpoint covers yet, signs a checkpoint over it and
    /// keeps that.
    ///
    /// # Errors
    /// [`LedgerError::ReadBack`] when the file holds something else than was written, [`LedgerError::Note`]
    /// when the key is another ledger's, otherwise as [`Ledger::commit`].
    pub fn checkpoint(&mut self, key: &SignerKey) -> Result<Checkpoint, LedgerError> {
        if key.verifier().name() != self.origin {
            return Err(LedgerError::Note { what: "signer key", why: "another ledger's" });
        }
        self.commit()?;
        let same = self.read_back();
        if !self.fatal("reading back", same)? {
            self.poisoned = true;
            return Err(LedgerError::ReadBack);
        }
        let checkpoint = Checkpoint::sign(key, self.durable, self.frontier.root())?;
        let kept = self.folder.keep(&checkpoint);
        self.fatal("keeping the checkpoint", kept)?;
        Ok(checkpoint)
    }

    /// Signs a checkpoint over an act that does nothing but date it, so that an idle ledger's age can be told.
    /// `time_ms` is in milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// As [`Ledger::checkpoint`].
    pub fn heartbeat(
        &mut self,
        key: &SignerKey,
        user: UserId,
        time_ms: u64,
    ) -> Result<Checkpoint, LedgerError> {
        let act = Act { kind: ActKind::Heartbeat, user, time_ms, subjects: Vec::new() };
        let intent = self.append(&Entry::Intent(act.clone()))?;
        self.commit()?;
        self.append(&Entry::Outcome { intent, ending: Ending::Done, act })?;
        self.checkpoint(key)
    }

    /// Number of entries, those of the current batch included.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the tree of all entries, those of the current batch included.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Intents without an outcome, by index: what recovery has to look into.
    pub fn open_intents(&self) -> impl Iterator<Item = (u64, &Act)> {
        self.open.iter().map(|(index, act)| (*index, act))
    }

    fn admit(&self, entry: &Entry) -> Result<(), LedgerError> {
        match entry {
            Entry::Genesis { .. } => Err(LedgerError::InvalidEntry { why: "a ledger begins once" }),
            Entry::Intent(_) => Ok(()),
            Entry::Outcome { intent, act, .. } => {
                let same_kind = self.open.get(intent).is_some_and(|open| open.kind == act.kind);
                (*intent < self.durable && same_kind)
                    .then_some(())
                    .ok_or(LedgerError::NoIntent { intent: *intent })
            }
        }
    }

    fn usable(&self) -> Result<(), LedgerError> {
        if self.poisoned { Err(LedgerError::Poisoned) } else { Ok(()) }
    }

    fn fatal<T>(&mut self, what: &'static str, result: io::Result<T>) -> Result<T, LedgerError> {
        self.poisoned |= result.is_err();
        result.map_err(LedgerError::io(what))
    }

    fn write_staged(&mut self) -> Result<(), LedgerError> {
        let written = write_all_at(&mut self.file, &self.staged, self.written_bytes);
        self.fatal("writing", written)?;
        self.written_bytes += self.staged.len() as u64;
        self.staged.clear();
        Ok(())
    }

    /// Whether the file holds what was written.
    fn read_back(&mut self) -> io::Result<bool> {
        self.file.forget_cached()?;
        let (from, mut frontier) = self.read_back.clone();
        let mut records = Records::new(&self.file, from);
        while let Next::Record(record) = records.next()? {
            frontier.push(leaf_hash(record.entry));
        }
        let position = records.position();
        let same = position.offset == self.written_bytes
            && self.file.size_bytes()? == self.written_bytes
            && frontier == self.frontier;
        self.read_back = (position, frontier);
        Ok(same)
    }
}
