//! A disk in memory that fails when it is told to, writes short, and loses power. It keeps apart what programs see
//! from what the device has: only a sync carries one to the other. Shared by test binaries through `#[path]`.
//!
//! What a power cut leaves: of the writes to a file since its last sync, every sector of 512 bytes has taken some, in
//! their order, and the file has one of the sizes it had; of the entries made, renamed and removed since their folder
//! was synced, any, but none without those before it that touch the same names. A rename is one step. A folder whose
//! own entry was lost takes what lies in it along. A sync that fails keeps nothing and loses it: the next one says
//! that all is well, as Linux does.
#![allow(dead_code, reason = "every test binary uses its own part")]

#[path = "sim_state.rs"]
mod state;

use custody_retention::disk::{Disk, DiskFile, EntryKind, Stat, names, split};
use state::{Faults, Inode, Node, Random, State, Step, Write};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// Input or output error.
pub(crate) const EIO: i32 = 5;
/// No space left.
pub(crate) const ENOSPC: i32 = 28;

const DEVICE: u64 = 1;

/// A disk; clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    /// An empty disk.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics inside")
    }

    /// Makes the `n`-th call from now fail (0 is the next one), and the ones after work again.
    pub(crate) fn fail_at(&self, n: u64, errno: i32) {
        let mut state = self.state();
        state.faults.fails = Some((state.calls + n, errno));
        state.faults.for_good = false;
    }

    /// Makes the `n`-th call from now fail, and all after it that change something.
    pub(crate) fn fail_from(&self, n: u64, errno: i32) {
        self.fail_at(n, errno);
        self.state().faults.for_good = true;
    }

    /// Lets all calls work again.
    pub(crate) fn heal(&self) {
        self.state().faults = Faults::default();
    }

    /// Moves so many bytes at a time at most.
    pub(crate) fn short(&self, bytes_max: usize) {
        self.state().faults.bytes_max = Some(bytes_max);
    }

    /// Interrupts every so many-th read or write.
    pub(crate) fn interrupt_every(&self, n: u64) {
        self.state().faults.interrupt_every = Some(n);
    }

    /// Keeps the state that is there before the `n`-th call from now.
    pub(crate) fn keep_at(&self, n: u64) {
        let mut state = self.state();
        state.snapshot_at = Some(state.calls + n);
    }

    /// The state that was kept, as a disk; `None` when that call never came.
    pub(crate) fn kept(&self) -> Option<Self> {
        self.state().snapshot.take().map(|state| Self(Arc::new(Mutex::new(*state))))
    }

    /// Calls so far, failed ones too.
    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Syncs of files and folders so far.
    pub(crate) fn syncs(&self) -> u64 {
        self.state().syncs
    }

    /// Another disk with the same content, what is not durable included.
    pub(crate) fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.state().clone())))
    }

    /// The disk after a power cut at this moment. This one goes on as if nothing had happened.
    pub(crate) fn crash(&self, seed: u64) -> Self {
        let state = self.state();
        let mut random = Random(seed);
        // From all that was not durable to nothing of it, and everything in between.
        let keep = [0, 8, 64, 128, 200, 250, 256][random.below(7)];
        let names = state.names_after(&mut random, keep);
        let mut after = State { next_inode: state.next_inode, ..State::default() };
        for node in names.values() {
            if let Node::File(number) = node {
                let bytes = state.inodes[number].after(&mut random, keep);
                after
                    .inodes
                    .insert(*number, Inode { seen: bytes.clone(), durable: bytes, pending: Vec::new() });
            }
        }
        after.seen.clone_from(&names);
        after.durable = names;
        Self(Arc::new(Mutex::new(after)))
    }

    /// All paths, folders too.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.state().seen.keys().cloned().collect()
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        let state = self.state();
        match state.seen.get(path) {
            Some(Node::File(number)) => state.inodes[number].seen.clone(),
            other => panic!("{path}: {other:?}"),
        }
    }

    /// Puts a file there, durably, or puts other bytes into the one that is there.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) {
        let mut state = self.state();
        let number = match state.seen.get(path) {
            Some(Node::File(number)) => *number,
            _ => state.new_inode(),
        };
        state.put(path, Node::File(number));
        state.inodes.insert(number, Inode { seen: bytes.into(), durable: bytes.into(), pending: Vec::new() });
    }

    /// Puts something there, durably, that is neither file nor folder.
    pub(crate) fn put_other(&self, path: &str) {
        self.state().put(path, Node::Other);
    }

    /// Gives a file a second name, durably.
    pub(crate) fn hard_link(&self, from: &str, to: &str) {
        let mut state = self.state();
        let node = state.seen[from];
        state.put(to, node);
        if let Node::File(number) = node {
            state.linked.insert(number);
        }
    }

    /// Takes a name away, durably, whatever it is.
    pub(crate) fn take_away(&self, path: &str) {
        let mut state = self.state();
        state.seen.remove(path);
        state.durable.remove(path);
    }

    fn call(&self, changes: bool) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.call(changes)?;
        Ok(state)
    }

    fn handle(&self, path: &str, changes: bool) -> io::Result<Box<dyn DiskFile>> {
        split(path)?;
        let state = self.call(false)?;
        match state.find(path)? {
            Node::File(number) => Ok(Box::new(SimFile { disk: self.clone(), number, writable: changes })),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}
impl Disk for SimDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let folder = split(path)?.0;
        let mut state = self.call(true)?;
        state.folder(folder)?;
        if state.seen.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let number = state.new_inode();
        state.step(Step::from([(path.into(), Some(Node::File(number)))]));
        Ok(Box::new(SimFile { disk: self.clone(), number, writable: true }))
    }

    fn open_read(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.handle(path, false)
    }

    fn open_write(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.handle(path, true)
    }

    fn stat(&self, path: &str) -> io::Result<Option<Stat>> {
        split(path)?;
        let state = self.call(false)?;
        let node = match state.find(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            node => node?,
        };
        let (kind, inode) = match node {
            Node::File(number) => (EntryKind::File, number),
            Node::Folder => (EntryKind::Folder, 0),
            Node::Other => (EntryKind::Other, 0),
        };
        let size_bytes = state.inodes.get(&inode).map_or(0, |inode| inode.seen.len() as u64);
        Ok(Some(Stat { kind, size_bytes, links: state.links(node), device: DEVICE, inode }))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        names(folder)?;
        let state = self.call(false)?;
        state.folder(folder)?;
        let inside = state.seen.keys().filter_map(|path| match path.rsplit_once('/') {
            Some((parent, name)) => (parent == folder).then(|| name.to_owned()),
            None => folder.is_empty().then(|| path.clone()),
        });
        Ok(inside.collect())
    }

    fn make_folder(&self, path: &str) -> io::Result<()> {
        let parent = split(path)?.0;
        let mut state = self.call(true)?;
        state.folder(parent)?;
        match state.seen.get(path) {
            Some(Node::Folder) => {}
            Some(_) => return Err(io::ErrorKind::NotADirectory.into()),
            None => state.step(Step::from([(path.into(), Some(Node::Folder))])),
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let to_folder = split(to)?.0;
        split(from)?;
        let mut state = self.call(true)?;
        let node = state.plain(from)?;
        state.folder(to_folder)?;
        if matches!(state.seen.get(to), Some(Node::Folder | Node::Other)) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        state.step(Step::from([(from.into(), None), (to.into(), Some(node))]));
        Ok(())
    }

    fn rename_new(&self, from: &str, to: &str) -> io::Result<()> {
        split(to)?;
        if self.state().seen.contains_key(to) {
            self.call(true)?.plain(from)?;
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.rename(from, to)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        split(path)?;
        let mut state = self.call(true)?;
        state.plain(path)?;
        state.step(Step::from([(path.into(), None)]));
        Ok(())
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        names(folder)?;
        let mut state = self.call(true)?;
        state.folder(folder)?;
        state.syncs += 1;
        state.sync_folder(folder);
        Ok(())
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    number: u64,
    writable: bool,
}

impl SimFile {
    fn change(&self, change: impl FnOnce(&mut Inode)) -> io::Result<()> {
        if !self.writable {
            // As a descriptor that was opened for reading.
            return Err(io::Error::from_raw_os_error(9));
        }
        self.disk.state().inodes.entry(self.number).and_modify(change);
        Ok(())
    }
}

fn offset_of(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

impl DiskFile for SimFile {
    fn size_bytes(&self) -> io::Result<u64> {
        Ok(self.disk.call(false)?.inodes[&self.number].seen.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.state();
        let most = state.move_bytes(bytes.len(), false)?;
        let rest = state.inodes[&self.number].seen.get(offset_of(offset)?..).unwrap_or_default();
        let length = rest.len().min(most);
        bytes[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let offset = offset_of(offset)?;
        let moved = self.disk.state().move_bytes(bytes.len(), true);
        let write = |length: usize| {
            let bytes = bytes[..length].to_vec();
            self.change(|inode| inode.write(Write::Bytes { offset, bytes }))
        };
        match moved {
            Ok(length) => write(length).map(|()| length),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            // Half of it got there.
            Err(error) => write(bytes.len() / 2).and(Err(error)),
        }
    }

    fn sync(&self) -> io::Result<()> {
        let called = self.disk.call(true).map(|mut state| state.syncs += 1);
        match called {
            Ok(()) => self.change(Inode::sync),
            Err(error) => self.change(|inode| inode.pending.clear()).and(Err(error)),
        }
    }

    fn set_size(&self, size_bytes: u64) -> io::Result<()> {
        drop(self.disk.call(true)?);
        let size = offset_of(size_bytes)?;
        self.change(|inode| inode.write(Write::Size(size)))
    }

    fn forget_cached(&self) -> io::Result<()> {
        drop(self.disk.call(false)?);
        let forget = |inode: &mut Inode| {
            inode.seen.clone_from(&inode.durable);
            inode.pending.iter().for_each(|write| write.apply(&mut inode.seen));
        };
        self.disk.state().inodes.entry(self.number).and_modify(forget);
        Ok(())
    }
}
