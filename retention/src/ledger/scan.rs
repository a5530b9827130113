//! Reads a whole ledger once, in bounded memory, and says everything that is wrong with it. Both opening and
//! verification are this one pass.

use super::checkpoint::Checkpoint;
use super::entry::{Act, Entry};
use super::error::{Finding, LedgerError};
use super::file::{LogFile, read_full_at};
use super::record::{MAGIC, Next, Position, Record, Records, later_batch_follows};
use super::tree::{Frontier, leaf_hash};
use std::collections::BTreeMap;

/// What a pass over a ledger learnt.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) frontier: Frontier,
    pub(super) end: Position,
    /// Intents without an outcome.
    pub(super) open: BTreeMap<u64, Act>,
    pub(super) findings: Vec<Finding>,
}

/// Takes entries with their indices as they are read.
pub(super) type Seen<'a> = &'a mut dyn FnMut(u64, &Entry);

/// Reads the ledger in `file` against checkpoints in any order. `origin` is what its first entry has to say;
/// `seen` is shown every entry that is one.
pub(super) fn scan(
    file: &impl LogFile,
    origin: &str,
    known: &[Checkpoint],
    seen: Seen<'_>,
) -> Result<Scan, LedgerError> {
    let mut known: Vec<&Checkpoint> = known.iter().collect();
    known.sort_by_key(|checkpoint| checkpoint.size());
    let mut scan = Scan {
        frontier: Frontier::default(),
        end: Position::START,
        open: BTreeMap::new(),
        findings: Vec::new(),
    };
    let mut magic = [0; MAGIC.len()];
    let read = read_full_at(file, &mut magic, 0).map_err(LedgerError::io("reading"))?;
    if read < magic.len() || magic != MAGIC {
        scan.findings.push(Finding::NotALedger);
        return Ok(scan);
    }
    let mut records = Records::new(file, Position::START);
    loop {
        let passed = known.iter().take_while(|c| c.size() <= scan.frontier.size()).count();
        known.drain(..passed).for_each(|checkpoint| scan.compare(checkpoint));
        match records.next().map_err(LedgerError::io("reading"))? {
            Next::Record(record) => {
                let entry = Entry::decode(record.entry);
                if let Some(entry) = &entry {
                    seen(record.index, entry);
                }
                scan.take(record, entry, origin);
            }
            Next::Bad => {
                scan.end = records.position();
                let finding = bad_end(file, scan.end)?;
                scan.findings.push(finding);
                break;
            }
            Next::End => {
                scan.end = records.position();
                break;
            }
        }
    }
    let size = scan.frontier.size();
    let shorter = known.iter().map(|c| Finding::Shorter { checkpoint_size: c.size(), size });
    scan.findings.extend(shorter);
    if size == 0 && scan.findings.is_empty() {
        scan.findings.push(Finding::BadEntry { index: 0 });
    }
    Ok(scan)
}

pub(super) fn bad_end(file: &impl LogFile, end: Position) -> Result<Finding, LedgerError> {
    let Position { offset, index, .. } = end;
    if later_batch_follows(file, end).map_err(LedgerError::io("reading"))? {
        return Ok(Finding::Damaged { offset, index });
    }
    let size_bytes = file.size_bytes().map_err(LedgerError::io("reading"))?.saturating_sub(offset);
    Ok(Finding::TornTail { offset, index, size_bytes })
}

impl Scan {
    fn compare(&mut self, checkpoint: &Checkpoint) {
        // Sizes come in order and each is passed once, so the tree has exactly that size.
        if self.frontier.root() != *checkpoint.root() {
            self.findings.push(Finding::Rewritten { checkpoint_size: checkpoint.size() });
        }
    }

    fn take(&mut self, record: Record<'_>, entry: Option<Entry>, origin: &str) {
        let index = record.index;
        self.frontier.push(leaf_hash(record.entry));
        match entry {
            Some(Entry::Genesis { origin: found }) if index == 0 => {
                if found != origin {
                    self.findings.push(Finding::OtherOrigin);
                }
            }
            Some(Entry::Intent(act)) if index > 0 => {
                self.open.insert(index, act);
            }
            Some(Entry::Outcome { intent, act, .. }) if index > 0 => {
                // An outcome is written only once its intent is durable: in a batch of its own.
                let same_kind = self.open.get(&intent).is_some_and(|open| open.kind == act.kind);
                if intent >= record.batch_first || !same_kind {
                    self.findings.push(Finding::NoIntent { index });
                } else {
                    self.open.remove(&intent);
                }
            }
            _ => self.findings.push(Finding::BadEntry { index }),
        }
    }
}
