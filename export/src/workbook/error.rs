//! What can go wrong while a workbook is written. Names sheets, cells and numbers of transactions, never a text.

use crate::eib::RowError;
use std::io;

/// Why a workbook is not written. What was written before it is to be thrown away.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The template's file is no package that can be filled without changing its header.
    #[error("the template's file cannot be filled: {what}")]
    Package {
        /// What is wrong with it.
        what: &'static str,
    },
    /// A sheet of the template's file cannot be filled.
    #[error("sheet {sheet:?} of the template's file cannot be filled: {what}")]
    Sheet {
        /// Its name.
        sheet: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A sheet has rows below the header already.
    #[error("sheet {sheet:?} has a row {row} already; fill a template as Workday generates it, without data")]
    HasRows {
        /// Its name.
        sheet: String,
        /// The first of them, as people count.
        row: u32,
    },
    /// A choice for row 4 or for the overview that the template does not offer.
    #[error("{cell} of sheet {sheet:?} cannot be set: {what}")]
    Setting {
        /// Its name.
        sheet: String,
        /// `C4`.
        cell: String,
        /// Why not.
        what: &'static str,
    },
    /// A text that a workbook cannot hold.
    #[error("{cell} of sheet {sheet:?}: {what}")]
    Text {
        /// Its name.
        sheet: String,
        /// `C17`, as if one file held all rows of the batch it was in.
        cell: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Rows that are not what was agreed on; a fault of what makes them.
    #[error("the rows are not in order: {what}")]
    Rows {
        /// What was found.
        what: &'static str,
    },
    /// There is nothing to write.
    #[error("there are no rows to write")]
    NoRows,
    /// A transaction that no file can hold whole.
    #[error("transaction {number} does not fit into one file ({what})")]
    Transaction {
        /// From 1.
        number: u64,
        /// Which limit it exceeds.
        what: &'static str,
    },
    /// The header of a generated workbook could not be made.
    #[error("a workbook cannot be generated: {what}")]
    Generate {
        /// Which part of it.
        what: &'static str,
    },
    /// The rows ended early.
    #[error(transparent)]
    Source(#[from] RowError),
    /// A written file, read again, does not hold what it should.
    #[error("file {file} does not hold what was written: {cell} of sheet {sheet:?} differs; it is not used")]
    ReadBack {
        /// From 1.
        file: u32,
        /// Its name.
        sheet: String,
        /// The first cell that differs.
        cell: String,
    },
    /// A written file cannot be read again.
    #[error("file {file} cannot be read again; it is not used")]
    Unreadable {
        /// From 1.
        file: u32,
    },
    /// A file cannot be written.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}
