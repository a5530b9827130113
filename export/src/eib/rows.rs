//! Rows on their way into a workbook: the seam between what makes them (a plan) and what takes them (a writer, a
//! digest). Texts as they will stand in the cells; nothing is checked here.

use datafusion::arrow::array::RecordBatch;
use std::fmt;
use std::sync::Arc;

/// Rows of whole transactions, in order: all rows of a transaction, on all sheets, are in one block.
#[derive(Debug)]
pub struct Block {
    /// Rows by sheet, ascending; a sheet without rows may be missing.
    pub sheets: Vec<SheetBlock>,
}

/// A block's rows of one sheet.
pub struct SheetBlock {
    /// Position in [`Template::sheets`](crate::template::Template::sheets).
    pub sheet: usize,
    /// Positions in [`Sheet::columns`](crate::template::Sheet::columns), ascending: what the batch's columns are. The
    /// same in every block of a sheet.
    pub columns: Arc<[usize]>,
    /// Texts of the cells: `Utf8` columns. A null is a cell that is not written.
    pub rows: RecordBatch,
    /// Number of the transaction that each row belongs to, from 1; never falls, and goes on from block to block.
    pub transactions: Vec<u64>,
}

impl fmt::Debug for SheetBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SheetBlock")
            .field("sheet", &self.sheet)
            .field("columns", &self.columns)
            .field("rows", &self.rows.num_rows())
            .finish_non_exhaustive()
    }
}

/// Why rows end early. Holds no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The tables could not be read.
    #[error("{0}")]
    Tables(#[from] crate::tables::TablesError),
    /// What makes the rows gave up.
    #[error("{0}")]
    Stopped(String),
}

/// Makes rows, block by block (some thousand rows each), the same ones every time it is made anew.
pub trait RowSource {
    /// The next block; `None` at the end.
    ///
    /// # Errors
    /// A [`RowError`]: what came before is to be thrown away.
    fn next_block(&mut self) -> Result<Option<Block>, RowError>;
}
