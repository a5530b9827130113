//! Verification of a whole ledger by whoever has its key, and proofs of single entries. Changes nothing.

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::error::{Finding, LedgerError};
use super::file::{DiskFile, LogFile};
use super::folder::Folder;
use super::note::VerifierKey;
use super::proof::{RangeRoots, consistency_ranges, inclusion_ranges};
use super::record::{Next, Position, Records};
use super::scan::scan;
use super::tlog_proof::TlogProof;
use super::tree::{Frontier, Hash, leaf_hash};
use std::ops::Range;
use std::path::Path;

/// What verification of a ledger came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries that can be read.
    pub size: u64,
    /// Root of their tree.
    pub root: Hash,
    /// Indices of the intents without an outcome: under way, or interrupted.
    pub open_intents: Vec<u64>,
    /// Checkpoints kept beside the entries.
    pub kept_checkpoints: usize,
    /// Entries under the last of them; none of those can go unnoticed.
    pub covered: u64,
    /// Torn tails that were set aside so far.
    pub quarantined: usize,
    /// All that is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies the ledger in a folder against its own checkpoints and those that were remembered elsewhere.
///
/// # Errors
/// [`LedgerError::Busy`] while it is open for writing, [`LedgerError::Io`]. What is wrong with the ledger
/// is no error but in the report.
pub fn verify(folder: &Path, key: &VerifierKey, remembered: &[Checkpoint]) -> Result<Report, LedgerError> {
    let folder = Folder::new(folder);
    let file = DiskFile::open_reader(&folder.entries())?;
    let (mut known, mut findings) = folder.checkpoints(key)?;
    let (kept_checkpoints, covered) = (known.len(), known.last().map_or(0, Checkpoint::size));
    known.extend_from_slice(remembered);
    let mut report = verify_entries(&file, key, &known)?;
    findings.append(&mut report.findings);
    let quarantined = folder.quarantined().map_err(LedgerError::io("reading the quarantine"))?;
    Ok(Report { kept_checkpoints, covered, quarantined, findings, ..report })
}

/// Verifies a file of entries alone, against checkpoints that the caller has.
///
/// # Errors
/// [`LedgerError::Io`].
pub fn verify_entries(
    file: &impl LogFile,
    key: &VerifierKey,
    known: &[Checkpoint],
) -> Result<Report, LedgerError> {
    let scan = scan(file, key.name(), known)?;
    Ok(Report {
        size: scan.frontier.size(),
        root: scan.frontier.root(),
        open_intents: scan.open.into_keys().collect(),
        kept_checkpoints: 0,
        covered: known.iter().map(Checkpoint::size).max().unwrap_or(0),
        quarantined: 0,
        findings: scan.findings,
    })
}

/// Shows every entry of a ledger in order, without comparing them to any checkpoint: [`verify`] does that.
///
/// # Errors
/// [`LedgerError::Damaged`] where an entry cannot be read; those before it were shown.
/// [`LedgerError::Busy`], [`LedgerError::Io`].
pub fn for_each_entry(folder: &Path, mut show: impl FnMut(u64, Entry)) -> Result<(), LedgerError> {
    let file = DiskFile::open_reader(&Folder::new(folder).entries())?;
    let mut records = Records::new(&file, Position::START);
    loop {
        let Position { offset, index, .. } = records.position();
        let damaged = |finding| LedgerError::Damaged { findings: vec![finding] };
        match records.next().map_err(LedgerError::io("reading"))? {
            Next::End => return Ok(()),
            Next::Bad => return Err(damaged(Finding::Damaged { offset, index })),
            Next::Record(record) => {
                let entry = Entry::decode(record.entry);
                show(index, entry.ok_or_else(|| damaged(Finding::BadEntry { index }))?);
            }
        }
    }
}

/// Proves that an entry is in the ledger, under its last kept checkpoint. The proof stands alone.
///
/// # Errors
/// [`LedgerError::NotCovered`] when no checkpoint covers it yet, [`LedgerError::Damaged`] when the entries are
/// not those of the checkpoint, [`LedgerError::Busy`], [`LedgerError::Io`].
pub fn prove(folder: &Path, key: &VerifierKey, index: u64) -> Result<TlogProof, LedgerError> {
    let folder = Folder::new(folder);
    let file = DiskFile::open_reader(&folder.entries())?;
    let (kept, _) = folder.checkpoints(key)?;
    let checkpoint = kept.into_iter().next_back().filter(|checkpoint| index < checkpoint.size());
    let checkpoint = checkpoint.ok_or(LedgerError::NotCovered { index })?;
    let ranges = inclusion_ranges(index, checkpoint.size());
    let (hashes, entry) = pass(&file, &checkpoint, ranges, index)?;
    Ok(TlogProof::new(index, entry, hashes, checkpoint.note().to_owned()))
}

/// Makes the proof that the entries under `old` are the first ones under `new`, for
/// [`verify_consistency`](super::verify_consistency).
///
/// # Errors
/// [`LedgerError::NotCovered`] when `old` is the longer one, [`LedgerError::Damaged`] when the entries are not
/// those of either, [`LedgerError::Busy`], [`LedgerError::Io`].
pub fn prove_consistency(
    folder: &Path,
    old: &Checkpoint,
    new: &Checkpoint,
) -> Result<Vec<Hash>, LedgerError> {
    if old.size() > new.size() {
        return Err(LedgerError::NotCovered { index: new.size() });
    }
    let file = DiskFile::open_reader(&Folder::new(folder).entries())?;
    let ranges = consistency_ranges(old.size(), new.size());
    pass(&file, old, Vec::new(), 0)?;
    pass(&file, new, ranges, 0).map(|(hashes, _)| hashes)
}

/// Goes once over the entries under a checkpoint: the roots of ranges, and the bytes of one entry.
fn pass(
    file: &impl LogFile,
    checkpoint: &Checkpoint,
    ranges: Vec<Range<u64>>,
    wanted: u64,
) -> Result<(Vec<Hash>, Vec<u8>), LedgerError> {
    let mut records = Records::new(file, Position::START);
    let (mut roots, mut frontier, mut entry) = (RangeRoots::new(ranges), Frontier::default(), Vec::new());
    while frontier.size() < checkpoint.size() {
        let next = records.next().map_err(LedgerError::io("reading"))?;
        let Next::Record(record) = next else { break };
        let leaf = leaf_hash(record.entry);
        if record.index == wanted {
            entry = record.entry.to_vec();
        }
        roots.push(record.index, leaf);
        frontier.push(leaf);
    }
    let (checkpoint_size, size) = (checkpoint.size(), frontier.size());
    let finding = match frontier.root() == *checkpoint.root() {
        true => return Ok((roots.finish(), entry)),
        false if size < checkpoint_size => Finding::Shorter { checkpoint_size, size },
        false => Finding::Rewritten { checkpoint_size },
    };
    Err(LedgerError::Damaged { findings: vec![finding] })
}
