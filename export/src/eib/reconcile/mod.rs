//! Reads what Workday rejected: the errors attachment, a copy of the sheet with a column of messages, or a list of keys
//! and messages, as XLSX or CSV. Only what is plainly marked counts as rejected: what is not sure is refused, so that
//! nothing is loaded twice.

mod grid;

use crate::template::cell_name;
use grid::Grid;
pub use grid::GridError;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;

/// Rows in which headings are looked for.
const HEADING_ROWS: u32 = 40;
/// Headings of the key.
const KEYS: [&str; 4] = ["spreadsheet key", "header key", "key", "transaction key"];
/// Headings of a row's number.
const ROWS: [&str; 4] = ["row", "row number", "line", "line number"];
/// Words in the headings of messages.
const MESSAGES: [&str; 5] = ["error", "errors", "exception", "exceptions", "message"];

/// What was rejected.
#[derive(Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Transactions, by number.
    pub transactions: BTreeSet<u64>,
    /// What Workday said of each; may hold values.
    pub messages: BTreeMap<u64, Vec<String>>,
}

/// Messages hold anything.
impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("transactions", &self.transactions.len()).finish_non_exhaustive()
    }
}

/// Why a file does not say what was rejected. Holds no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// It cannot be read.
    #[error("{0}")]
    Grid(#[from] GridError),
    /// No column of keys.
    #[error(
        "no column named Spreadsheet Key, Header Key or Row within the first {HEADING_ROWS} rows of any sheet"
    )]
    NoKey,
    /// No column of messages: what is listed may have been loaded.
    #[error("no column that says what was wrong (a heading with Error, Exception or Message)")]
    NoMessages,
    /// A rejected row without a key.
    #[error("sheet {sheet}, {cell}: a message, and no key in its row")]
    KeyMissing {
        /// From 1.
        sheet: usize,
        /// Where the key should be.
        cell: String,
    },
    /// A key that the plan does not have.
    #[error("sheet {sheet}, {cell}: no key of this plan; is it the right file?")]
    KeyUnknown {
        /// From 1.
        sheet: usize,
        /// Where it stands.
        cell: String,
    },
    /// Nothing was rejected.
    #[error("no row of the file has a message")]
    Nothing,
}

/// Transactions that were sent: what keys and rows of the file may mean.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// Numbers of transactions.
    pub transactions: &'a BTreeSet<u64>,
    /// Transactions by row of the main sheet, the first one in row 6; where the file names rows instead of keys.
    pub main_rows: &'a [u64],
}

/// Reads what was rejected.
///
/// # Errors
/// A [`ReconcileError`].
pub fn rejected(file: File, sent: Sent<'_>) -> Result<Rejected, ReconcileError> {
    let mut reading =
        Reading { sent, headings: Headings::default(), found: BTreeMap::new(), any_key: false, any: false };
    Grid::open(file)?.rows(&mut |sheet, row, cells| reading.row(sheet, row, cells))?;
    match (reading.any_key, reading.any) {
        (false, _) => Err(ReconcileError::NoKey),
        (true, false) => Err(ReconcileError::NoMessages),
        _ if reading.found.is_empty() => Err(ReconcileError::Nothing),
        _ => {
            let transactions = reading.found.keys().copied().collect();
            Ok(Rejected { transactions, messages: reading.found })
        }
    }
}

/// Where a sheet's keys and messages are.
#[derive(Default)]
struct Headings {
    sheet: usize,
    row: Option<u32>,
    key: Option<(u32, bool)>,
    messages: Vec<u32>,
}

struct Reading<'a> {
    sent: Sent<'a>,
    headings: Headings,
    found: BTreeMap<u64, Vec<String>>,
    any_key: bool,
    any: bool,
}

impl Reading<'_> {
    fn row(&mut self, sheet: usize, row: u32, cells: &[(u32, String)]) -> Result<(), ReconcileError> {
        if self.headings.sheet != sheet {
            self.headings = Headings { sheet, ..Headings::default() };
        }
        let Some((key, is_row)) = self.headings.key.filter(|_| self.headings.row.is_some_and(|at| at < row))
        else {
            self.headings.look(row, cells);
            self.any_key |= self.headings.key.is_some();
            self.any |= self.headings.key.is_some() && !self.headings.messages.is_empty();
            return Ok(());
        };
        let text = |column: u32| {
            let cell = cells.iter().find(|(at, _)| *at == column);
            cell.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
        };
        let said: Vec<String> =
            self.headings.messages.iter().filter_map(|&at| text(at)).map(str::to_owned).collect();
        if said.is_empty() {
            return Ok(());
        }
        let cell = || cell_name(row, key);
        let Some(text) = text(key) else { return Err(ReconcileError::KeyMissing { sheet, cell: cell() }) };
        let number = text.strip_suffix(".0").unwrap_or(text).parse::<u64>().ok();
        let number = number.and_then(|number| {
            if is_row {
                self.sent.main_rows.get(usize::try_from(number.checked_sub(6)?).ok()?).copied()
            } else {
                Some(number)
            }
        });
        let number = number.filter(|number| self.sent.transactions.contains(number));
        let Some(number) = number else { return Err(ReconcileError::KeyUnknown { sheet, cell: cell() }) };
        self.found.entry(number).or_default().extend(said);
        Ok(())
    }
}

impl Headings {
    /// Messages' headings may stand above the row of labels; the key's is in it.
    fn look(&mut self, row: u32, cells: &[(u32, String)]) {
        // What stands alone in its row is a title.
        if row >= HEADING_ROWS || cells.iter().filter(|(_, text)| !text.trim().is_empty()).count() < 2 {
            return;
        }
        let mut by_row = None;
        for (column, text) in cells {
            let heading = custody_rules::normalise_label(text);
            if KEYS.contains(&heading.as_str()) {
                self.key.get_or_insert((*column, false));
            } else if ROWS.contains(&heading.as_str()) {
                by_row.get_or_insert((*column, true));
            } else if text.chars().count() <= 60
                && heading.split(' ').any(|word| MESSAGES.contains(&word))
                && !self.messages.contains(column)
            {
                self.messages.push(*column);
            }
        }
        // A row's number alone is a heading beside messages only: labels say "Line", too.
        if self.key.is_none() && !self.messages.is_empty() {
            self.key = by_row;
        }
        if let Some((key, _)) = self.key {
            self.row = Some(row);
            // Every row has a key: it says nothing of what was wrong.
            self.messages.retain(|column| *column != key);
        }
    }
}

#[cfg(test)]
mod tests;
