//! What the approver sees: each transaction's cells, as they are now and as they will be. Values stand here as they are:
//! masking is the caller's, and nothing of it goes to disk.

use crate::tables::BaseColumn;
use crate::template::Address;
use std::fmt;

/// The first transactions of a load, unmasked.
#[derive(Default)]
pub struct Preview {
    /// The fields.
    pub columns: Vec<PreviewColumn>,
    /// The transactions, in order.
    pub rows: Vec<PreviewRow>,
    /// Transactions that are not among them.
    pub left_off: u64,
}

/// A field of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewColumn {
    /// The field.
    pub address: Address,
    /// Name of its sheet.
    pub sheet: String,
    /// Whether the report says what Workday holds now.
    pub has_current: bool,
    /// Columns that its values come from, of the report and of a lookup's IDs; empty for a constant.
    pub from: Vec<BaseColumn>,
    /// Columns that what Workday holds now comes from.
    pub current_from: Vec<BaseColumn>,
}

/// A transaction.
pub struct PreviewRow {
    /// Its number, from 1.
    pub transaction: u64,
    /// Its row on the main sheet, from 1 as people count.
    pub row: u32,
    /// A cell for every column of the preview.
    pub cells: Vec<PreviewCell>,
}

/// A field of a transaction. Several values are joined by line breaks.
pub struct PreviewCell {
    /// What Workday holds now, as far as the report says.
    pub current: Option<String>,
    /// What is written; none for a blank.
    pub new: Option<String>,
    /// How the two compare.
    pub change: Change,
}

/// What a cell does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Blank: Workday keeps what it has.
    Left,
    /// Written, and nothing known of what is there now.
    Written,
    /// The same as now.
    Same,
    /// Another value than now.
    Changed,
    /// Cleared.
    Cleared,
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Preview");
        shown.field("rows", &self.rows.len()).field("left_off", &self.left_off).finish_non_exhaustive()
    }
}

impl fmt::Debug for PreviewRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewRow").field("transaction", &self.transaction).finish_non_exhaustive()
    }
}

impl fmt::Debug for PreviewCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewCell").field("change", &self.change).finish_non_exhaustive()
    }
}
