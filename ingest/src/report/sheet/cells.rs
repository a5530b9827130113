//! XLS and ODS: sheets out of the `cells` that their reader yields, which has found the header rows already.

use crate::formats::workbook;
use crate::report::Typing;
use crate::report::rows::{Judge, RowSink, RowWalk, is_blank};
use crate::report::table::{ReportTable, Rows, Source};
use arrow_array::RecordBatch;
use custody_rules::table::{CellKind, cell_rows};
use custody_rules::{BatchSource, Refusal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of a sheet after one reading.
#[derive(Default)]
struct Sheet {
    name: String,
    headings: BTreeMap<u32, String>,
    judge: Judge,
    last_row: Option<u32>,
}

impl Sheet {
    fn value(&mut self, row: u32, column: u32, text: &str, rows_max: Option<u64>) {
        if self.last_row != Some(row) {
            self.last_row = Some(row);
            self.judge.rows += 1;
        }
        if rows_max.is_some_and(|most| self.judge.rows > most) {
            // Not judged, but there: it makes its column one.
            self.judge.there(column as usize);
            return;
        }
        // A misfit is a builder's; a judge has none.
        let _ = self.judge.value(column as usize, text, false);
    }
}

/// The tables of a workbook, by one reading of all of it.
pub(super) fn tables(source: &Source, how: Typing) -> Result<Vec<ReportTable>, Refusal> {
    let mut sheets: BTreeMap<u32, Sheet> = BTreeMap::new();
    let mut batches = workbook::open(source.file()?, source.sniffed.format, &source.limits)?;
    while let Some(batch) = batches.next_batch()? {
        for cell in cell_rows(&batch).filter(|cell| cell.sheet != u32::MAX) {
            let sheet = sheets.entry(cell.sheet).or_default();
            match cell.kind {
                CellKind::SheetName => cell.text.clone_into(&mut sheet.name),
                // In a template several rows are headings; the last one has the labels.
                CellKind::Heading => drop(sheet.headings.insert(cell.column, cell.text.to_owned())),
                CellKind::Value | CellKind::Hidden if !is_blank(cell.text) => {
                    sheet.value(cell.row, cell.column, cell.text, how.rows_max());
                }
                _ => {}
            }
        }
    }
    let counted = how == Typing::Whole;
    let tables = sheets.into_iter().filter_map(|(number, sheet)| {
        let reader = |columns| Arc::new(Report { source: source.clone(), number, columns }) as Arc<dyn Rows>;
        super::table((sheet.name, &sheet.headings), &sheet.judge, counted, reader, source)
    });
    Ok(tables.collect())
}

/// A sheet as a table, with the sheet's columns that the table has.
struct Report {
    source: Source,
    number: u32,
    columns: Vec<u32>,
}

impl Rows for Report {
    fn walk(&self, wanted: &[usize]) -> Result<Box<dyn RowWalk>, Refusal> {
        let mut slots: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (slot, &column) in wanted.iter().enumerate() {
            slots.entry(self.columns[column]).or_default().push(slot);
        }
        let batches = workbook::open(self.source.file()?, self.source.sniffed.format, &self.source.limits)?;
        Ok(Box::new(Walk { batches, batch: None, at: 0, number: self.number, slots, row: None }))
    }
}

struct Walk {
    batches: Box<dyn BatchSource>,
    batch: Option<RecordBatch>,
    at: usize,
    number: u32,
    slots: BTreeMap<u32, Vec<usize>>,
    row: Option<u32>,
}

impl Walk {
    /// Takes the cells of a batch up to the end of the row with which the sink is full; says whether it is.
    fn take(&mut self, batch: &RecordBatch, sink: &mut dyn RowSink) -> Result<bool, Refusal> {
        for cell in cell_rows(batch).skip(self.at) {
            let is_value = matches!(cell.kind, CellKind::Value | CellKind::Hidden) && !is_blank(cell.text);
            if cell.sheet == self.number && is_value {
                if self.row.is_some_and(|row| row != cell.row) {
                    self.row = None;
                    sink.end_row();
                    if sink.is_full() {
                        return Ok(true);
                    }
                }
                self.row = Some(cell.row);
                for &slot in self.slots.get(&cell.column).into_iter().flatten() {
                    let place = (u64::from(cell.row) + 1, cell.column as usize + 1);
                    sink.value(slot, cell.text, false).map_err(|misfit| misfit.refusal(place.0, place.1))?;
                }
            }
            self.at += 1;
        }
        Ok(false)
    }
}

impl RowWalk for Walk {
    fn feed(&mut self, sink: &mut dyn RowSink) -> Result<bool, Refusal> {
        loop {
            if let Some(batch) = self.batch.take()
                && self.take(&batch, sink)?
            {
                self.batch = Some(batch);
                return Ok(true);
            }
            self.at = 0;
            self.batch = self.batches.next_batch()?;
            if self.batch.is_none() {
                if self.row.take().is_some() {
                    sink.end_row();
                }
                return Ok(false);
            }
        }
    }
}
