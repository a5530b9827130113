//! Fills the rows of one table out of the entries of a report whose shape is known.

use super::learn::{MAIN, Shape};
use super::{Events, Named, Steps};
use crate::report::rows::{RowSink, RowWalk, is_blank};
use custody_rules::{Reason, Refusal};
use std::collections::HashMap;
use std::sync::Arc;

/// What stands between several values in one cell.
const BETWEEN: &str = "; ";

/// A walk over the rows of one table.
pub(super) struct Walk {
    steps: Box<dyn Steps>,
    fill: Fill,
}

/// The row that is being filled.
struct Fill {
    shape: Arc<Shape>,
    table: usize,
    /// Slots by node.
    slots: HashMap<usize, Vec<usize>>,
    /// Slots of the entry's number.
    row_slots: Vec<usize>,
    entry: u64,
    row: u64,
    open: Vec<usize>,
    values: Vec<(String, bool)>,
}

impl Walk {
    /// Starts at the first entry. Slot `n` gets the values of node `columns[n]`, or the entry's number.
    pub(super) fn new(
        steps: Box<dyn Steps>,
        shape: Arc<Shape>,
        table: usize,
        columns: &[Option<usize>],
    ) -> Self {
        let mut slots: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut row_slots = Vec::new();
        for (slot, column) in columns.iter().enumerate() {
            match column {
                Some(node) => slots.entry(*node).or_default().push(slot),
                None => row_slots.push(slot),
            }
        }
        let values = vec![(String::new(), false); columns.len()];
        let fill = Fill { shape, table, slots, row_slots, entry: 0, row: 0, open: Vec::new(), values };
        Self { steps, fill }
    }
}

impl RowWalk for Walk {
    fn feed(&mut self, sink: &mut dyn RowSink) -> Result<bool, Refusal> {
        while !sink.is_full() {
            if !self.steps.step(&mut Filling { fill: &mut self.fill, sink })? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

struct Filling<'a> {
    fill: &'a mut Fill,
    sink: &'a mut dyn RowSink,
}

impl Filling<'_> {
    /// The row of the table ends.
    fn end_row(&mut self) -> Result<(), Refusal> {
        let fill = &mut *self.fill;
        let entry = (fill.entry - 1).to_string();
        for &slot in &fill.row_slots {
            fill.values[slot].0.push_str(&entry);
        }
        fill.row += 1;
        for (slot, (text, as_number)) in fill.values.iter_mut().enumerate() {
            if !text.is_empty() {
                let fits = self.sink.value(slot, text, *as_number);
                fits.map_err(|misfit| misfit.refusal(fill.row, slot + 1))?;
                text.clear();
            }
        }
        self.sink.end_row();
        Ok(())
    }
}

impl Events for Filling<'_> {
    fn entry(&mut self) -> Result<(), Refusal> {
        self.fill.entry += 1;
        self.fill.open.push(MAIN);
        Ok(())
    }

    fn entry_end(&mut self) -> Result<(), Refusal> {
        self.fill.open.clear();
        if self.fill.table == MAIN { self.end_row() } else { Ok(()) }
    }

    fn open(&mut self, name: &str, _: Named) -> Result<(), Refusal> {
        let changed = || Refusal::new(Reason::Changed, "the report is not the one that was opened first");
        let parent = *self.fill.open.last().ok_or_else(changed)?;
        let node = self.fill.shape.child(parent, name).ok_or_else(changed)?;
        self.fill.open.push(node);
        Ok(())
    }

    fn value(&mut self, text: &str, as_number: bool) -> Result<(), Refusal> {
        if is_blank(text) {
            return Ok(());
        }
        let Some(slots) = self.fill.open.last().and_then(|node| self.fill.slots.get(node)) else {
            return Ok(());
        };
        for &slot in slots {
            let value = &mut self.fill.values[slot];
            if !value.0.is_empty() {
                value.0.push_str(BETWEEN);
            }
            value.0.push_str(text);
            value.1 = as_number;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        let ended = self.fill.open.pop();
        if ended == Some(self.fill.table) { self.end_row() } else { Ok(()) }
    }
}
