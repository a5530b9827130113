//! What the disk in memory consists of: what programs see, what the device has, and what a power cut makes of both.
//! No traits of the product here.

use custody_retention::disk::{names, split};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

const SECTOR: usize = 512;

#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) inodes: BTreeMap<u64, Inode>,
    pub(super) next_inode: u64,
    /// What programs see.
    pub(super) seen: Names,
    /// What the device has.
    pub(super) durable: Names,
    /// What was done since, oldest first.
    pub(super) pending: Vec<Step>,
    /// Files that were given a second name.
    pub(super) linked: BTreeSet<u64>,
    pub(super) calls: u64,
    pub(super) syncs: u64,
    pub(super) faults: Faults,
    /// Number of the call before which the state is kept, and that state.
    pub(super) snapshot_at: Option<u64>,
    pub(super) snapshot: Option<Box<State>>,
}

pub(super) type Names = BTreeMap<String, Node>;
/// Changes of entries that happen together; `None` removes.
pub(super) type Step = BTreeMap<String, Option<Node>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    File(u64),
    Folder,
    Other,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    pub(super) seen: Vec<u8>,
    pub(super) durable: Vec<u8>,
    pub(super) pending: Vec<Write>,
}

#[derive(Debug, Clone)]
pub(super) enum Write {
    Bytes { offset: usize, bytes: Vec<u8> },
    Size(usize),
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    /// Number of the call that fails, and how.
    pub(super) fails: Option<(u64, i32)>,
    /// Later calls fail as well.
    pub(super) for_good: bool,
    /// Bytes that a read or write moves at most.
    pub(super) bytes_max: Option<usize>,
    /// Every so many-th read or write is interrupted.
    pub(super) interrupt_every: Option<u64>,
}
impl State {
    /// Counts a call, and fails it if it is its turn.
    pub(super) fn call(&mut self, changes: bool) -> io::Result<()> {
        let number = self.calls;
        if self.snapshot_at == Some(number) {
            self.snapshot_at = None;
            self.snapshot = Some(Box::new(self.clone()));
        }
        self.calls += 1;
        match self.faults.fails {
            Some((at, errno)) if number == at || (self.faults.for_good && changes && number > at) => {
                Err(io::Error::from_raw_os_error(errno))
            }
            _ => Ok(()),
        }
    }

    /// Counts a read or write of some bytes; returns how many it may move.
    pub(super) fn move_bytes(&mut self, bytes: usize, changes: bool) -> io::Result<usize> {
        self.call(changes)?;
        if self.faults.interrupt_every.is_some_and(|n| self.calls.is_multiple_of(n)) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(bytes.min(self.faults.bytes_max.unwrap_or(usize::MAX)))
    }

    pub(super) fn new_inode(&mut self) -> u64 {
        self.next_inode += 1;
        self.inodes.insert(self.next_inode, Inode::default());
        self.next_inode
    }

    pub(super) fn put(&mut self, path: &str, node: Node) {
        self.seen.insert(path.into(), node);
        self.durable.insert(path.into(), node);
    }

    /// An entry whose folders are all there, and are folders.
    pub(super) fn find(&self, path: &str) -> io::Result<Node> {
        self.folder(split(path)?.0)?;
        self.seen.get(path).copied().ok_or(io::ErrorKind::NotFound.into())
    }

    pub(super) fn folder(&self, path: &str) -> io::Result<()> {
        names(path)?;
        match self.seen.get(path) {
            _ if path.is_empty() => Ok(()),
            Some(Node::Folder) => self.folder(split(path)?.0),
            Some(_) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn step(&mut self, step: Step) {
        apply(&mut self.seen, &step);
        self.pending.push(step);
    }

    pub(super) fn links(&self, node: Node) -> u64 {
        match node {
            // Others are never given a second name.
            Node::File(number) if self.linked.contains(&number) => {
                self.seen.values().filter(|other| **other == node).count() as u64
            }
            _ => 1,
        }
    }

    pub(super) fn plain(&self, path: &str) -> io::Result<Node> {
        match self.find(path)? {
            node @ Node::File(_) if self.links(node) == 1 => Ok(node),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    pub(super) fn sync_folder(&mut self, folder: &str) {
        let in_folder = |path: &String| path.rsplit_once('/').map_or("", |(parent, _)| parent) == folder;
        let mut wanted = BTreeSet::new();
        let mut kept = Vec::new();
        let mut done = Vec::new();
        for step in std::mem::take(&mut self.pending).into_iter().rev() {
            if step.keys().any(|path| in_folder(path) || wanted.contains(path)) {
                wanted.extend(step.keys().cloned());
                done.push(step);
            } else {
                kept.push(step);
            }
        }
        done.iter().rev().for_each(|step| apply(&mut self.durable, step));
        self.pending = kept.into_iter().rev().collect();
    }

    pub(super) fn names_after(&self, random: &mut Random, keep: usize) -> Names {
        let mut names = self.durable.clone();
        let mut lost = BTreeSet::new();
        for step in &self.pending {
            if step.keys().any(|path| lost.contains(path)) || !random.keeps(keep) {
                lost.extend(step.keys().cloned());
            } else {
                apply(&mut names, step);
            }
        }
        let all = names.clone();
        let there = |path: &str| {
            let mut parents = path.match_indices('/').map(|(at, _)| &path[..at]);
            parents.all(|parent| all.get(parent) == Some(&Node::Folder))
        };
        names.retain(|path, _| there(path));
        names
    }
}

pub(super) fn apply(names: &mut Names, step: &Step) {
    for (path, node) in step {
        match node {
            Some(node) => drop(names.insert(path.clone(), *node)),
            None => drop(names.remove(path)),
        }
    }
}

impl Inode {
    pub(super) fn write(&mut self, write: Write) {
        write.apply(&mut self.seen);
        self.pending.push(write);
    }

    pub(super) fn sync(&mut self) {
        self.pending.drain(..).for_each(|write| write.apply(&mut self.durable));
    }

    /// What a power cut leaves of it.
    pub(super) fn after(&self, random: &mut Random, keep: usize) -> Vec<u8> {
        if self.pending.is_empty() {
            return self.durable.clone();
        }
        let until = |random: &mut Random| {
            if random.keeps(keep) { self.pending.len() } else { random.below(self.pending.len() + 1) }
        };
        let mut length = self.durable.len();
        self.pending[..until(random)].iter().for_each(|write| length = write.length_after(length));
        let mut bytes = vec![0; length];
        for (number, sector) in bytes.chunks_mut(SECTOR).enumerate() {
            let start = number * SECTOR;
            let durable = self.durable.get(start..).unwrap_or_default();
            let there = durable.len().min(sector.len());
            sector[..there].copy_from_slice(&durable[..there]);
            self.pending[..until(random)].iter().for_each(|write| write.apply_to(sector, start));
        }
        bytes
    }
}

impl Write {
    pub(super) fn length_after(&self, length: usize) -> usize {
        match self {
            Self::Bytes { offset, bytes } => length.max(offset + bytes.len()),
            Self::Size(size) => *size,
        }
    }

    pub(super) fn apply(&self, file: &mut Vec<u8>) {
        file.resize(self.length_after(file.len()), 0);
        if let Self::Bytes { offset, bytes } = self {
            file[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }

    /// Applies what of it falls on a part of the file.
    pub(super) fn apply_to(&self, part: &mut [u8], start: usize) {
        match self {
            Self::Bytes { offset, bytes } => {
                let from = start.max(*offset);
                let to = (start + part.len()).min(offset + bytes.len());
                if from < to {
                    part[from - start..to - start].copy_from_slice(&bytes[from - offset..to - offset]);
                }
            }
            Self::Size(size) => {
                let from = size.saturating_sub(start).min(part.len());
                part[from..].fill(0);
            }
        }
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True so often of 256 times.
    pub(super) fn keeps(&mut self, of_256: usize) -> bool {
        self.below(256) < of_256
    }
}
