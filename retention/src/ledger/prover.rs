//! Makes many proofs from one pass over a ledger: it keeps the roots of complete subtrees from 256 entries up, and
//! reads the entries below them again when they are needed. What it reads again has to be what it read before.

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::error::{Finding, LedgerError};
use super::file::{LogFile, read_full_at};
use super::folder::LedgerFolder;
use super::note::VerifierKey;
use super::proof::{consistency_ranges, inclusion_ranges, split};
use super::record::{Next, Position, Records, parse};
use super::tlog_proof::TlogProof;
use super::tree::{Frontier, Hash, leaf_hash, node_hash};
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

/// Entries of a block; a power of two.
const BLOCK: u64 = 256;
/// Checkpoints that are looked at for the last good one.
const NEWEST: usize = 16;
/// Blocks that stay in memory: an intent, its outcome and their neighbours.
const BLOCKS_KEPT: usize = 8;

/// Proves entries under one checkpoint. It keeps about 70 bytes for every 256 entries, and by path a lock that lets
/// others read only.
pub struct Prover {
    file: Box<dyn LogFile + Send>,
    checkpoint: Checkpoint,
    /// Where blocks begin in the file, and where the last one ends.
    offsets: Vec<u64>,
    /// Roots of complete subtrees: of one block, of two, of four, …
    levels: Vec<Vec<Hash>>,
    /// The entries behind the last complete block.
    rest: Frontier,
    /// Last used last.
    blocks: VecDeque<Block>,
}

/// The entries of a block as they were read again.
#[derive(Debug)]
struct Block {
    number: u64,
    /// Roots of its complete subtrees: leaves, pairs, …
    levels: Vec<Vec<Hash>>,
    bytes: Vec<u8>,
    entries: Vec<Range<usize>>,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").field("size", &self.size()).finish_non_exhaustive()
    }
}

impl Prover {
    /// Reads a ledger, to prove entries under its last kept checkpoint.
    ///
    /// # Errors
    /// [`LedgerError::NotCovered`] when there is none, [`LedgerError::Damaged`] when the entries are not those of
    /// the checkpoint, [`LedgerError::Busy`], [`LedgerError::Io`].
    pub fn open(folder: impl Into<LedgerFolder>, key: &VerifierKey) -> Result<Self, LedgerError> {
        let folder = folder.into();
        // The checkpoint before the entries: these only grow.
        let (kept, _) = folder.checkpoints(key, NEWEST)?;
        let checkpoint = kept.into_iter().next_back().ok_or(LedgerError::NotCovered { index: 0 })?;
        Self::under(folder, checkpoint)
    }

    /// Reads a ledger, to prove entries under a checkpoint of it.
    ///
    /// # Errors
    /// As [`Prover::open`].
    pub fn under(folder: impl Into<LedgerFolder>, checkpoint: Checkpoint) -> Result<Self, LedgerError> {
        let mut prover = Self {
            file: folder.into().open_reader()?,
            checkpoint,
            offsets: vec![Position::START.offset],
            levels: vec![Vec::new()],
            rest: Frontier::default(),
            blocks: VecDeque::new(),
        };
        let size = prover.read()?;
        let checkpoint_size = prover.size();
        if size < checkpoint_size {
            let findings = vec![Finding::Shorter { checkpoint_size, size }];
            return Err(LedgerError::Damaged { findings });
        }
        if prover.subtree(0..size)? != *prover.checkpoint.root() {
            return Err(prover.rewritten());
        }
        Ok(prover)
    }

    /// The checkpoint that proofs are made under.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Shows an entry.
    ///
    /// # Errors
    /// As [`Prover::prove`].
    pub fn entry(&mut self, index: u64) -> Result<Entry, LedgerError> {
        let entry = Entry::decode(&self.bytes(index)?);
        entry.ok_or_else(|| LedgerError::Damaged { findings: vec![Finding::BadEntry { index }] })
    }

    /// Proves that an entry is in the ledger. The proof stands alone.
    ///
    /// # Errors
    /// [`LedgerError::NotCovered`] for an entry behind the checkpoint, [`LedgerError::Damaged`] when the file was
    /// changed meanwhile, [`LedgerError::Io`].
    pub fn prove(&mut self, index: u64) -> Result<TlogProof, LedgerError> {
        let entry = self.bytes(index)?;
        let ranges = inclusion_ranges(index, self.size());
        let hashes = ranges.into_iter().map(|range| self.subtree(range)).collect::<Result<_, _>>()?;
        Ok(TlogProof::new(index, entry, hashes, self.checkpoint.note().to_owned()))
    }

    /// Proves that the entries under `old` are the first ones under the prover's checkpoint, for
    /// [`verify_consistency`](super::verify_consistency).
    ///
    /// # Errors
    /// [`LedgerError::NotCovered`] when `old` is the longer one, [`LedgerError::Damaged`] when the first entries are
    /// not those of `old`, [`LedgerError::Io`].
    pub fn consistency(&mut self, old: &Checkpoint) -> Result<Vec<Hash>, LedgerError> {
        let (old_size, size) = (old.size(), self.size());
        if old_size > size {
            return Err(LedgerError::NotCovered { index: size });
        }
        if self.subtree(0..old_size)? != *old.root() {
            let findings = vec![Finding::Rewritten { checkpoint_size: old_size }];
            return Err(LedgerError::Damaged { findings });
        }
        consistency_ranges(old_size, size).into_iter().map(|range| self.subtree(range)).collect()
    }

    fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    fn rewritten(&self) -> LedgerError {
        LedgerError::Damaged { findings: vec![Finding::Rewritten { checkpoint_size: self.size() }] }
    }

    /// Goes over the entries under the checkpoint, and returns how many there are.
    fn read(&mut self) -> Result<u64, LedgerError> {
        let mut records = Records::new(&self.file, Position::START);
        let mut size = 0;
        while size < self.size() {
            let next = records.next().map_err(LedgerError::io("reading"))?;
            let Next::Record(record) = next else { break };
            self.rest.push(leaf_hash(record.entry));
            size += 1;
            if self.rest.size() == BLOCK {
                self.offsets.push(records.position().offset);
                let root = std::mem::take(&mut self.rest).root();
                add(&mut self.levels, root);
            }
        }
        self.offsets.push(records.position().offset);
        Ok(size)
    }

    /// The root of the leaves of a subtree, as the recursion of RFC 6962 makes them.
    fn subtree(&mut self, range: Range<u64>) -> Result<Hash, LedgerError> {
        let leaves = range.end - range.start;
        if leaves == 0 {
            return Ok(Frontier::default().root());
        }
        if range == (self.size() - self.rest.size()..self.size()) {
            return Ok(self.rest.root());
        }
        if leaves.is_power_of_two() && range.start.is_multiple_of(leaves) {
            return self.complete(range.start, leaves).and_then(|root| root.ok_or_else(|| self.rewritten()));
        }
        let middle = range.start + split(leaves);
        let left = self.subtree(range.start..middle)?;
        Ok(node_hash(&left, &self.subtree(middle..range.end)?))
    }

    /// The root of a complete subtree: kept from the pass, or of a block.
    fn complete(&mut self, first: u64, leaves: u64) -> Result<Option<Hash>, LedgerError> {
        let (levels, place, unit) = if leaves >= BLOCK {
            (&self.levels, first / leaves, BLOCK)
        } else {
            (&self.block(first / BLOCK)?.levels, first % BLOCK / leaves, 1)
        };
        let roots = levels.get((leaves / unit).ilog2() as usize);
        Ok(roots.and_then(|roots| roots.get(place as usize)).copied())
    }

    fn bytes(&mut self, index: u64) -> Result<Vec<u8>, LedgerError> {
        if index >= self.size() {
            return Err(LedgerError::NotCovered { index });
        }
        let block = self.block(index / BLOCK)?;
        Ok(block.bytes[block.entries[(index % BLOCK) as usize].clone()].to_vec())
    }

    /// A block's entries, read again unless they are in memory. They are those of the pass before.
    fn block(&mut self, number: u64) -> Result<&Block, LedgerError> {
        let kept = self.blocks.iter().position(|block| block.number == number);
        let block = match kept.and_then(|place| self.blocks.remove(place)) {
            Some(block) => block,
            None => self.read_block(number)?,
        };
        self.blocks.truncate(BLOCKS_KEPT - 1);
        self.blocks.push_front(block);
        Ok(&self.blocks[0])
    }

    fn read_block(&self, number: u64) -> Result<Block, LedgerError> {
        let place = number as usize;
        let &[offset, end] = self.offsets.get(place..place + 2).ok_or_else(|| self.rewritten())? else {
            return Err(self.rewritten());
        };
        let mut bytes = vec![0; (end - offset) as usize];
        read_full_at(&self.file, &mut bytes, offset).map_err(LedgerError::io("reading"))?;
        let (mut at, mut entries, mut frontier) = (0, Vec::new(), Frontier::default());
        let mut levels = Vec::new();
        while let Some(record) = parse(&bytes[at..]) {
            let leaf = leaf_hash(record.entry);
            frontier.push(leaf);
            add(&mut levels, leaf);
            entries.push(record.entry_at(at));
            at += record.size_bytes();
        }
        let expected = self.levels[0].get(place).copied().unwrap_or_else(|| self.rest.root());
        let block = Block { number, levels, bytes, entries };
        if frontier.root() == expected { Ok(block) } else { Err(self.rewritten()) }
    }
}

/// Adds a leaf or a block's root, and the roots of the larger subtrees that it completes.
fn add(levels: &mut Vec<Vec<Hash>>, root: Hash) {
    let mut root = root;
    for level in 0.. {
        if level == levels.len() {
            levels.push(Vec::new());
        }
        levels[level].push(root);
        let &[.., left, right] = levels[level].as_slice() else { return };
        if levels[level].len() % 2 == 1 {
            return;
        }
        root = node_hash(&left, &right);
    }
}

/// Proves that an entry is in the ledger, under its last kept checkpoint. The proof stands alone.
///
/// # Errors
/// As [`Prover::open`] and [`Prover::prove`].
pub fn prove(
    folder: impl Into<LedgerFolder>,
    key: &VerifierKey,
    index: u64,
) -> Result<TlogProof, LedgerError> {
    Prover::open(folder, key)?.prove(index)
}

/// Proves many entries from one pass over the ledger. A [`Prover`] does the same one at a time.
///
/// # Errors
/// As [`Prover::open`] and [`Prover::prove`].
pub fn prove_many(
    folder: impl Into<LedgerFolder>,
    key: &VerifierKey,
    indices: &[u64],
) -> Result<Vec<TlogProof>, LedgerError> {
    let mut prover = Prover::open(folder, key)?;
    indices.iter().map(|index| prover.prove(*index)).collect()
}

/// Makes the proof that the entries under `old` are the first ones under `new`, for
/// [`verify_consistency`](super::verify_consistency).
///
/// # Errors
/// [`LedgerError::NotCovered`] when `old` is the longer one, [`LedgerError::Damaged`] when the entries are not
/// those of either, [`LedgerError::Busy`], [`LedgerError::Io`].
pub fn prove_consistency(
    folder: impl Into<LedgerFolder>,
    old: &Checkpoint,
    new: &Checkpoint,
) -> Result<Vec<Hash>, LedgerError> {
    if old.size() > new.size() {
        return Err(LedgerError::NotCovered { index: new.size() });
    }
    Prover::under(folder, new.clone())?.consistency(old)
}
