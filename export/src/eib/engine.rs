//! Makes rows of a template out of rows of a report. What it cannot make a cell of it leaves blank and notes; whether
//! the cells are right is for the checks that follow.
//!
//! Transactions are numbered from 1 in the order of the report (of the key, where there is one), and that number is the
//! spreadsheet key on every sheet. Row IDs count from 1 within their parent. A sub-process sheet has rows for those
//! transactions only that have a value there which is no constant; the same goes for the children of a group.

mod finish;
mod flat;
mod grouped;
mod select;
mod sheets;

pub(super) use select::{Field, Spec};
#[cfg(test)]
pub(super) use sheets::GroupPlan;
pub(super) use sheets::SheetPlan;

use super::finding::Code;
use super::rows::{Block, RowError, RowSource};
use crate::tables::{QueryRows, TablesError};
use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::compute::{filter_record_batch, kernels::cmp};
use datafusion::arrow::datatypes::{DataType, Field as ArrowField, Schema};
use grouped::Grouping;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something about a cell that only its making tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) sheet: usize,
    /// Position among the sheet's columns.
    pub(super) column: usize,
    /// Row of data on the sheet, from 0.
    pub(super) row: u64,
    pub(super) code: Code,
}

/// A block, and what is known of its transactions beside their cells.
pub(super) struct Made {
    pub(super) block: Block,
    pub(super) notes: Vec<Note>,
    /// Rows of the report in it.
    pub(super) rows_in: u64,
    /// Its transactions, in order.
    pub(super) transactions: Vec<u64>,
    /// By field: what Workday holds now, a text for every transaction.
    pub(super) current: Vec<Option<StringArray>>,
    /// By field, where it is watched: what is written, a text for every transaction.
    pub(super) new: Vec<Option<StringArray>>,
    /// The hire date of every transaction, where the report has it.
    pub(super) hired: Option<StringArray>,
}

/// The rows of a plan, made anew.
pub struct Rows {
    spec: Arc<Spec>,
    source: QueryRows,
    /// Transactions so far.
    count: u64,
    /// Rows of data so far, by sheet plan.
    rows: Vec<u64>,
    only: Option<BTreeSet<u64>>,
    grouping: Option<Grouping>,
    ended: bool,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("transactions", &self.count).finish_non_exhaustive()
    }
}

impl Rows {
    pub(super) fn new(spec: Arc<Spec>, source: QueryRows, only: Option<&BTreeSet<u64>>) -> Self {
        let grouping = spec.is_grouped().then(|| Grouping::new(&spec));
        let rows = vec![0; spec.sheets.len()];
        Self { spec, source, count: 0, rows, only: only.cloned(), grouping, ended: false }
    }

    /// The next block with what is known of it; `None` at the end.
    pub(super) fn next_made(&mut self) -> Result<Option<Made>, RowError> {
        while !self.ended {
            if self.grouping.is_none() && self.left() == 0 {
                self.ended = true;
                break;
            }
            let batch = self.source.next().transpose()?;
            self.ended = batch.is_none();
            let made = match (self.grouping.take(), batch) {
                (Some(mut grouping), batch) => {
                    let made = self.grouped(&mut grouping, batch.as_ref())?;
                    self.ended |= grouping.is_full();
                    self.grouping = Some(grouping);
                    made
                }
                (None, Some(batch)) => self.flat_batch(&batch)?,
                (None, None) => None,
            };
            if made.is_some() {
                return Ok(made);
            }
        }
        Ok(None)
    }

    /// Transactions that the limit leaves.
    fn left(&self) -> u64 {
        self.spec.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.count))
    }

    /// Every row is a transaction.
    fn flat_batch(&mut self, batch: &RecordBatch) -> Result<Option<Made>, RowError> {
        let rows = usize::try_from(self.left()).unwrap_or(usize::MAX).min(batch.num_rows());
        let mut batch = batch.slice(0, rows);
        let mut numbers: Vec<u64> = (self.count + 1..).take(rows).collect();
        self.count += rows as u64;
        if let Some(only) = &self.only {
            let kept: BooleanArray = numbers.iter().map(|number| Some(only.contains(number))).collect();
            batch = filter_record_batch(&batch, &kept).map_err(|_| TablesError::Failed)?;
            numbers.retain(|number| only.contains(number));
        }
        if numbers.is_empty() {
            Ok(None)
        } else {
            flat::block(&self.spec, &batch, numbers, &mut self.rows).map(Some)
        }
    }
}

impl RowSource for Rows {
    fn next_block(&mut self) -> Result<Option<Block>, RowError> {
        Ok(self.next_made()?.map(|made| made.block))
    }
}

/// Texts as a batch; the names of its columns say nothing.
pub(super) fn text_batch(columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, TablesError> {
    use datafusion::arrow::array::RecordBatchOptions;
    let fields: Vec<_> =
        (0..columns.len()).map(|at| ArrowField::new(format!("c{at}"), DataType::Utf8, true)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options);
    batch.map_err(|_| TablesError::Failed)
}

/// Whether two lists of texts are the same, row by row; a blank is the same as a blank.
pub(super) fn same_texts(a: &StringArray, b: &StringArray) -> Option<BooleanArray> {
    cmp::not_distinct(a, b).ok()
}

/// A text that may be missing.
pub(in crate::eib) fn text_at(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}
