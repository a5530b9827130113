//! Rows that are transactions by themselves, a column at a time. Every group has one child at most.

use super::finish::{current_column, finish_column};
use super::select::Watch;
use super::sheets::SheetPlan;
use super::{Made, Note, Spec, text_batch};
use crate::eib::finding::Code;
use crate::eib::rows::{Block, RowError, SheetBlock};
use crate::eib::text::{Style, texts};
use crate::tables::TablesError;
use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch, StringArray, StringBuilder};
use datafusion::arrow::buffer::{BooleanBuffer, NullBuffer};
use datafusion::arrow::compute::filter;
use std::sync::Arc;

/// Texts of a batch by field; constants have none.
struct Columns {
    texts: Vec<Option<StringArray>>,
    failed: Vec<Vec<(usize, Code)>>,
    rows: usize,
}

pub(super) fn block(
    spec: &Spec,
    batch: &RecordBatch,
    numbers: Vec<u64>,
    done: &mut [u64],
) -> Result<Made, RowError> {
    let rows = batch.num_rows();
    let mut columns = Columns { texts: Vec::new(), failed: Vec::new(), rows };
    let (mut current, mut new) = (Vec::new(), Vec::new());
    for field in &spec.fields {
        let mut failed = Vec::new();
        let finished = match field.constant {
            Some(_) => None,
            None => {
                let raw = column(batch, field.at, field.style)?;
                Some(finish_column(field, &spec.lookups, &raw, &mut failed))
            }
        };
        let now = field.current.map(|at| column(batch, at, field.style)).transpose()?;
        let now = now.map(|texts| current_column(field, &spec.lookups, &texts));
        new.push((field.watch == Watch::New).then(|| match (&finished, &field.constant) {
            (Some(texts), _) => texts.clone(),
            (None, text) => std::iter::repeat_n(text.as_deref(), rows).collect(),
        }));
        current.push(now);
        columns.texts.push(finished);
        columns.failed.push(failed);
    }
    let (mut sheets, mut notes) = (Vec::new(), Vec::new());
    for (at, plan) in spec.sheets.iter().enumerate() {
        let made = sheet(spec, plan, &columns, &numbers, (done[at], &mut notes))?;
        if let Some(made) = made {
            done[at] += made.rows.num_rows() as u64;
            sheets.push(made);
        }
    }
    let hired = spec.hired.map(|at| column(batch, at, Style::Day)).transpose()?;
    let transactions = numbers;
    let block = Block { sheets };
    Ok(Made { block, notes, rows_in: rows as u64, transactions, current, new, hired })
}

/// A column of the answer as texts.
pub(super) fn column(batch: &RecordBatch, at: usize, style: Style) -> Result<StringArray, RowError> {
    let array = batch.columns().get(at).ok_or(TablesError::Failed)?;
    Ok(texts(array, style).ok_or(TablesError::Failed)?)
}

fn sheet(
    spec: &Spec,
    plan: &SheetPlan,
    columns: &Columns,
    numbers: &[u64],
    (done, notes): (u64, &mut Vec<Note>),
) -> Result<Option<SheetBlock>, RowError> {
    let used = groups_used(spec, plan, columns);
    let present = used.first().cloned().unwrap_or_else(|| BooleanBuffer::new_set(columns.rows));
    let count = present.count_set_bits();
    if count == 0 {
        return Ok(None);
    }
    let mut arrays: Vec<Option<ArrayRef>> = vec![None; plan.columns.len()];
    for (group, used) in plan.groups.iter().zip(&used) {
        if let Some(at) = group.key_at {
            let first = group.parent.is_none();
            arrays[at] = Some(Arc::new(if first { number_texts(numbers) } else { where_set("1", used) }));
        }
        for &(field, at) in &group.fields {
            let array = match (&columns.texts[field], &spec.fields[field].constant) {
                (Some(texts), _) => texts.clone(),
                (None, text) => where_set(text.as_deref().unwrap_or_default(), used),
            };
            arrays[at] = Some(Arc::new(array));
        }
    }
    note_failures(plan, columns, &present, (done, notes));
    let mut arrays: Vec<ArrayRef> = arrays.into_iter().flatten().collect();
    let mut transactions = numbers.to_vec();
    if count < columns.rows {
        let kept = BooleanArray::new(present.clone(), None);
        for array in &mut arrays {
            *array = filter(array, &kept).map_err(|_| TablesError::Failed)?;
        }
        let mut row = 0;
        transactions.retain(|_| {
            row += 1;
            present.value(row - 1)
        });
    }
    let rows = text_batch(arrays, count)?;
    Ok(Some(SheetBlock { sheet: plan.sheet, columns: Arc::clone(&plan.columns), rows, transactions }))
}

/// In which rows each group of a sheet has a child.
fn groups_used(spec: &Spec, plan: &SheetPlan, columns: &Columns) -> Vec<BooleanBuffer> {
    let mut used: Vec<Option<BooleanBuffer>> = vec![None; plan.groups.len()];
    for at in (0..plan.groups.len()).rev() {
        let group = &plan.groups[at];
        if !group.has_reason {
            continue;
        }
        let mut any = BooleanBuffer::new_unset(columns.rows);
        for &(field, _) in &group.fields {
            let Some(texts) = columns.texts[field].as_ref().filter(|_| spec.fields[field].constant.is_none())
            else {
                continue;
            };
            any = match texts.nulls() {
                None => BooleanBuffer::new_set(columns.rows),
                Some(nulls) => &any | nulls.inner(),
            };
            // A name that was not found is a value all the same: its row is wrong, not left out.
            if !columns.failed[field].is_empty() {
                let mut failed = vec![false; columns.rows];
                columns.failed[field].iter().for_each(|&(row, _)| failed[row] = true);
                any = &any | &BooleanBuffer::from(failed);
            }
        }
        for child in plan.inside(at).filter(|&child| plan.groups[child].has_reason) {
            if let Some(child) = &used[child] {
                any = &any | child;
            }
        }
        used[at] = Some(any);
    }
    if plan.sheet == 0 {
        used[0] = Some(BooleanBuffer::new_set(columns.rows));
    }
    let mut out: Vec<BooleanBuffer> = Vec::with_capacity(used.len());
    for (at, used) in used.into_iter().enumerate() {
        let parent = plan.groups[at].parent.and_then(|parent| out.get(parent).cloned());
        out.push(used.or(parent).unwrap_or_else(|| BooleanBuffer::new_set(columns.rows)));
    }
    out
}

fn note_failures(
    plan: &SheetPlan,
    columns: &Columns,
    present: &BooleanBuffer,
    (done, notes): (u64, &mut Vec<Note>),
) {
    let fields = || plan.groups.iter().flat_map(|group| &group.fields);
    if fields().all(|&(field, _)| columns.failed[field].is_empty()) {
        return;
    }
    let mut rank = Vec::with_capacity(columns.rows);
    let mut before = 0_u64;
    for row in 0..columns.rows {
        rank.push(before);
        before += u64::from(present.value(row));
    }
    for &(field, at) in fields() {
        for &(row, code) in &columns.failed[field] {
            notes.push(Note { sheet: plan.sheet, column: plan.columns[at], row: done + rank[row], code });
        }
    }
}

fn number_texts(numbers: &[u64]) -> StringArray {
    use std::fmt::Write;
    let mut out = StringBuilder::with_capacity(numbers.len(), numbers.len() * 7);
    for number in numbers {
        // Into the builder's own bytes.
        let _ = write!(out, "{number}");
        out.append_value("");
    }
    out.finish()
}

/// A text in some rows.
fn where_set(text: &str, rows: &BooleanBuffer) -> StringArray {
    if rows.count_set_bits() == rows.len() {
        return std::iter::repeat_n(Some(text), rows.len()).collect();
    }
    let every: StringArray = rows.iter().map(|set| set.then_some(text)).collect();
    let nulls = NullBuffer::new(rows.clone());
    StringArray::new(every.offsets().clone(), every.values().clone(), Some(nulls))
}
