//! Verification of a whole ledger by whoever has its key, and reading its entries. Changes nothing.

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::error::{Finding, LedgerError};
use super::file::LogFile;
use super::filter::Filter;
use super::folder::LedgerFolder;
use super::note::VerifierKey;
use super::record::{Next, Position, Records};
use super::scan::{bad_end, scan};
use super::tree::Hash;
use std::ops::ControlFlow;

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
pub fn verify(
    folder: impl Into<LedgerFolder>,
    key: &VerifierKey,
    remembered: &[Checkpoint],
) -> Result<Report, LedgerError> {
    let folder = folder.into();
    let file = folder.open_reader()?;
    let (mut known, mut findings) = folder.checkpoints(key, usize::MAX)?;
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
    let scan = scan(file, key.name(), known, &mut |_, _| ())?;
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
pub fn for_each_entry(
    folder: impl Into<LedgerFolder>,
    mut show: impl FnMut(u64, Entry),
) -> Result<(), LedgerError> {
    for_each_matching(folder, &Filter::default(), |index, entry| {
        show(index, entry);
        ControlFlow::Continue(())
    })
}

/// Shows the entries that a filter asks for, in order, until it is told to stop; compares them to no checkpoint.
///
/// # Errors
/// As [`for_each_entry`]; what lies behind the filter's last index is not read.
pub fn for_each_matching(
    folder: impl Into<LedgerFolder>,
    filter: &Filter,
    mut show: impl FnMut(u64, Entry) -> ControlFlow<()>,
) -> Result<(), LedgerError> {
    let file = folder.into().open_reader()?;
    let damaged = |finding| LedgerError::Damaged { findings: vec![finding] };
    let (first, end) = filter.indices.as_ref().map_or((0, u64::MAX), |range| (range.start, range.end));
    let mut records = Records::new(&file, Position::START);
    loop {
        let position = records.position();
        let index = position.index;
        if index >= end {
            return Ok(());
        }
        match records.next().map_err(LedgerError::io("reading"))? {
            Next::End => return Ok(()),
            Next::Bad => return Err(damaged(bad_end(&file, position)?)),
            Next::Record(_) if index < first => {}
            Next::Record(record) => {
                let entry = Entry::decode(record.entry);
                let entry = entry.ok_or_else(|| damaged(Finding::BadEntry { index }))?;
                if filter.matches(index, &entry) && show(index, entry).is_break() {
                    return Ok(());
                }
            }
        }
    }
}
