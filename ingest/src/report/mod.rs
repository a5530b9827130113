//! Reports as typed tables: CSV, workbooks, and the XML and JSON of web services. A report may hold several tables: sheets,
//! or groups that repeat within an entry. Each can be read again and again, some of its columns at a time.
//!
//! Types are taken from values and headings, and only where nothing is lost: identifiers stay texts, a day whose order is
//! unclear too. What is no report, or cannot be read whole, is refused. Not the `cells` of an artifact, which keep places
//! and every hidden thing: those are [`crate::formats`].

mod csv;
mod guess;
mod heading;
mod rows;
mod sheet;
mod table;
mod tree;
mod value;
mod write;

pub use table::{HEADING_KEY, NOTE_KEY, ROW_COLUMN, ReportTable};
pub use write::{REPORT_SHAPE, write_report};

use custody_rules::{ArtifactKind, Limits, Reason, Refusal, Sniffed};
use std::fs::File;
use std::sync::Arc;

/// Opens the report's file, each time anew or the same one: it is read at positions of its own.
pub type Opener = Arc<dyn Fn() -> Result<File, Refusal> + Send + Sync>;

/// How types are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// By a first pass over everything: types are certain, rows are counted.
    Whole,
    /// By so many rows of each table. A later value that does not fit its column is refused by its row and column when it
    /// is met. XML and JSON are judged whole all the same: a column may stand in the last entry only.
    Sample {
        /// Rows from the beginning, at least 1.
        rows: u64,
    },
}

impl Typing {
    fn rows_max(self) -> Option<u64> {
        match self {
            Self::Whole => None,
            Self::Sample { rows } => Some(rows.max(1)),
        }
    }
}

/// Opens a report and finds its tables, the main one first.
///
/// # Errors
/// A [`Refusal`] of what is no report (pictures, logs, other XML), of one without any row of headings or values, and of
/// what breaks its format or the limits.
pub fn open_report(
    open: Opener,
    sniffed: Sniffed,
    limits: &Limits,
    how: Typing,
) -> Result<Vec<ReportTable>, Refusal> {
    let file = table::Source::new(open, sniffed, limits)?;
    match sniffed.kind {
        ArtifactKind::Csv => csv::tables(file, how),
        ArtifactKind::Workbook => sheet::tables(&file, how),
        ArtifactKind::Xml | ArtifactKind::Json => tree::tables(&file),
        ArtifactKind::Text => Err(no_report("it is lines of text without columns")),
        ArtifactKind::Image | ArtifactKind::Video => Err(no_report("it is pixels")),
        _ => Err(no_report("it is of a kind that holds no table")),
    }
}

/// What is no report, and why.
fn no_report(why: &str) -> Refusal {
    Refusal::new(Reason::Unsupported, format!("it is no report: {why}"))
}

#[cfg(test)]
mod tests;
