//! Builders of the `lines`, `cells` and `words` batches: one `push` a row, one `finish` a batch.

use crate::table::{CELLS, CellKind, CellRow, LINES, LineRow, WORDS, WordRow};
use arrow_array::builder::{
    Float32Builder, Int64Builder, StringBuilder, UInt8Builder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use std::sync::Arc;

/// Collects rows of [`crate::table::LINES`].
#[derive(Debug, Default)]
pub struct LinesBuilder {
    line: UInt64Builder,
    start: UInt64Builder,
    end: UInt64Builder,
    timestamp_ms: Int64Builder,
    level: StringBuilder,
    text: StringBuilder,
    rows: usize,
    bytes: usize,
}

impl LinesBuilder {
    /// Adds a line; its end is `start` plus the text's length.
    pub fn push(&mut self, row: LineRow<'_>, timestamp_ms: Option<i64>, level: Option<&str>) {
        self.line.append_value(row.line);
        self.start.append_value(row.start);
        self.end.append_value(row.start + row.text.len() as u64);
        self.timestamp_ms.append_option(timestamp_ms);
        self.level.append_option(level);
        self.text.append_value(row.text);
        self.rows += 1;
        self.bytes += row.text.len();
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Text bytes so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes the batch and starts anew.
    ///
    /// # Panics
    /// Never: the columns are of one length and of the schema's types by construction.
    pub fn finish(&mut self) -> RecordBatch {
        (self.rows, self.bytes) = (0, 0);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.line.finish()),
            Arc::new(self.start.finish()),
            Arc::new(self.end.finish()),
            Arc::new(self.timestamp_ms.finish()),
            Arc::new(self.level.finish()),
            Arc::new(self.text.finish()),
        ];
        RecordBatch::try_new(LINES.clone(), columns).expect("columns match the schema")
    }
}

/// Collects rows of [`crate::table::CELLS`].
#[derive(Debug, Default)]
pub struct CellsBuilder {
    sheet: UInt32Builder,
    row: UInt32Builder,
    column: UInt32Builder,
    kind: UInt8Builder,
    heading: StringBuilder,
    syntax: UInt8Builder,
    start: UInt64Builder,
    end: UInt64Builder,
    raw: StringBuilder,
    text: StringBuilder,
    rows: usize,
    bytes: usize,
}

impl CellsBuilder {
    /// Adds a cell. `raw` is kept only where it differs from `text`.
    pub fn push(&mut self, cell: CellRow<'_>) {
        self.sheet.append_value(cell.sheet);
        self.row.append_value(cell.row);
        self.column.append_value(cell.column);
        self.kind.append_value(cell.kind as u8);
        self.heading.append_option(cell.heading);
        self.syntax.append_value(cell.syntax as u8);
        self.start.append_value(cell.start);
        self.end.append_value(cell.end);
        self.raw.append_option(cell.raw.filter(|&raw| raw != cell.text));
        self.text.append_value(cell.text);
        self.rows += 1;
        self.bytes += cell.text.len() + cell.heading.map_or(0, str::len);
    }

    /// Adds a cell of a workbook: no raw bytes.
    pub fn push_cell(
        &mut self,
        (sheet, row, column): (u32, u32, u32),
        kind: CellKind,
        heading: Option<&str>,
        text: &str,
    ) {
        let syntax = crate::Syntax::Plain;
        self.push(CellRow { sheet, row, column, kind, heading, syntax, start: 0, end: 0, raw: None, text });
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Text bytes so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Makes the batch and starts anew.
    ///
    /// # Panics
    /// Never: the columns are of one length and of the schema's types by construction.
    pub fn finish(&mut self) -> RecordBatch {
        (self.rows, self.bytes) = (0, 0);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.sheet.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.column.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.heading.finish()),
            Arc::new(self.syntax.finish()),
            Arc::new(self.start.finish()),
            Arc::new(self.end.finish()),
            Arc::new(self.raw.finish()),
            Arc::new(self.text.finish()),
        ];
        RecordBatch::try_new(CELLS.clone(), columns).expect("columns match the schema")
    }
}

/// Collects rows of [`crate::table::WORDS`].
#[derive(Debug, Default)]
pub struct WordsBuilder {
    places: [UInt32Builder; 3],
    confidence: Float32Builder,
    boxes: [UInt32Builder; 4],
    frames: [UInt32Builder; 3],
    times: [UInt64Builder; 2],
    text: StringBuilder,
    rows: usize,
}

impl WordsBuilder {
    /// Adds a word.
    pub fn push(&mut self, word: WordRow<'_>) {
        append(&mut self.places, [word.page, word.block, word.line]);
        self.confidence.append_value(word.confidence);
        append(&mut self.boxes, [word.left, word.top, word.width, word.height]);
        append(&mut self.frames, [word.since_frame, word.first_frame, word.last_frame]);
        self.times[0].append_value(word.start_ms);
        self.times[1].append_value(word.end_ms);
        self.text.append_value(word.text);
        self.rows += 1;
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes the batch and starts anew.
    ///
    /// # Panics
    /// Never: the columns are of one length and of the schema's types by construction.
    pub fn finish(&mut self) -> RecordBatch {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = finish(&mut self.places);
        columns.push(Arc::new(self.confidence.finish()));
        columns.extend(finish(&mut self.boxes));
        columns.extend(finish(&mut self.frames));
        columns.push(Arc::new(self.times[0].finish()));
        columns.push(Arc::new(self.times[1].finish()));
        columns.push(Arc::new(self.text.finish()));
        RecordBatch::try_new(WORDS.clone(), columns).expect("columns match the schema")
    }
}

fn append<const N: usize>(builders: &mut [UInt32Builder; N], values: [u32; N]) {
    for (builder, value) in builders.iter_mut().zip(values) {
        builder.append_value(value);
    }
}

fn finish(builders: &mut [UInt32Builder]) -> Vec<ArrayRef> {
    builders.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef).collect()
}
