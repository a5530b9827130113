//! Arrow schemas of what readers yield, and typed views on their batches.
//!
//! Three shapes cover every artifact: `lines` (text), `cells` (CSV, JSON, XML, workbooks) and `words`
//! (pictures, recordings).

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::{Arc, LazyLock};

/// Column number that stands for a sheet's own name.
pub const SHEET_NAME_COLUMN: u32 = u32::MAX;

/// Lines of a text: `line` from 1, `start..end` bytes in the UTF-8 view without the line's end,
/// `timestamp_ms` since the Unix epoch (UTC where no zone is written) and `level` where they can be read.
pub static LINES: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("line", DataType::UInt64, false),
        Field::new("start", DataType::UInt64, false),
        Field::new("end", DataType::UInt64, false),
        Field::new("timestamp_ms", DataType::Int64, true),
        Field::new("level", DataType::Utf8, true),
        Field::new("text", DataType::Utf8, false),
    ]))
});

/// Cells of a table or a tree. `sheet`, `row`, `column` count from 0; `kind` is a [`CellKind`]; `heading`
/// is the column's heading, JSON key or XML element; `syntax` is a [`Syntax`](crate::Syntax) and `start..end` the raw
/// bytes of the value in the UTF-8 view, without quotes (0..0 in a workbook); `raw` is there only where
/// unescaping changed the text.
pub static CELLS: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("sheet", DataType::UInt32, false),
        Field::new("row", DataType::UInt32, false),
        Field::new("column", DataType::UInt32, false),
        Field::new("kind", DataType::UInt8, false),
        Field::new("heading", DataType::Utf8, true),
        Field::new("syntax", DataType::UInt8, false),
        Field::new("start", DataType::UInt64, false),
        Field::new("end", DataType::UInt64, false),
        Field::new("raw", DataType::Utf8, true),
        Field::new("text", DataType::Utf8, false),
    ]))
});

/// Words read from pixels. Boxes in pixels of the (upright) picture; `confidence` 0 to 100 as tesseract
/// gives it, −1 (and no text) for an area that changed too fast to be read; `block` and `line` group words
/// of one line of text. The word is visible on frames `first_frame..=last_frame`; `since_frame` is the first
/// frame of the activity (typing, fading) that led to it, at or before `first_frame`. `start_ms..end_ms` is
/// the same interval in time. In a picture of several pages a page is a frame: `page` is the first of those that
/// look alike, from `first_frame` to `last_frame`. All 0 for a picture of one page.
pub static WORDS: LazyLock<SchemaRef> = LazyLock::new(|| {
    let u32s = |name: &str| Field::new(name, DataType::UInt32, false);
    Arc::new(Schema::new(vec![
        u32s("page"),
        u32s("block"),
        u32s("line"),
        Field::new("confidence", DataType::Float32, false),
        u32s("left"),
        u32s("top"),
        u32s("width"),
        u32s("height"),
        u32s("since_frame"),
        u32s("first_frame"),
        u32s("last_frame"),
        Field::new("start_ms", DataType::UInt64, false),
        Field::new("end_ms", DataType::UInt64, false),
        Field::new("text", DataType::Utf8, false),
    ]))
});

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum CellKind {
    /// A value.
    Value = 0,
    /// A heading of a column (the header row).
    Heading = 1,
    /// A comment or note on a cell.
    Comment = 2,
    /// A document property.
    Property = 3,
    /// The name of a sheet.
    SheetName = 4,
    /// A cell above the header row: title, prompt.
    Preamble = 5,
    /// A value of a sheet or column that was hidden.
    Hidden = 6,
    /// A JSON key or XML attribute name that is scanned as text of its own.
    Key = 7,
}

impl CellKind {
    /// The kind behind the number in a `cells` table; unknown numbers are values.
    pub fn from_u8(number: u8) -> Self {
        match number {
            1 => Self::Heading,
            2 => Self::Comment,
            3 => Self::Property,
            4 => Self::SheetName,
            5 => Self::Preamble,
            6 => Self::Hidden,
            7 => Self::Key,
            _ => Self::Value,
        }
    }
}

/// One line of a `lines` batch.
#[derive(Debug, Clone, Copy)]
pub struct LineRow<'a> {
    /// Line number from 1.
    pub line: u64,
    /// First byte in the UTF-8 view.
    pub start: u64,
    /// The text, without the line's end.
    pub text: &'a str,
}

/// One row of a `cells` batch.
#[derive(Debug, Clone, Copy)]
pub struct CellRow<'a> {
    /// Sheet from 0.
    pub sheet: u32,
    /// Row from 0.
    pub row: u32,
    /// Column from 0.
    pub column: u32,
    /// What it is.
    pub kind: CellKind,
    /// Heading, key or element name.
    pub heading: Option<&'a str>,
    /// How the text is escaped in the raw bytes.
    pub syntax: crate::Syntax,
    /// First raw byte in the UTF-8 view.
    pub start: u64,
    /// One past the last raw byte.
    pub end: u64,
    /// The raw text where it differs from `text`.
    pub raw: Option<&'a str>,
    /// The decoded text.
    pub text: &'a str,
}

/// One word of a `words` batch.
#[derive(Debug, Clone, Copy, Default)]
pub struct WordRow<'a> {
    /// Page from 0 (track group in recordings).
    pub page: u32,
    /// Block of text it stands in.
    pub block: u32,
    /// Line of text it stands in, unique within the page.
    pub line: u32,
    /// 0 to 100.
    pub confidence: f32,
    /// Left edge, pixels.
    pub left: u32,
    /// Top edge, pixels.
    pub top: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// First frame of the activity that led to it.
    pub since_frame: u32,
    /// First frame on which it was read.
    pub first_frame: u32,
    /// Last frame on which it is visible, inclusive.
    pub last_frame: u32,
    /// The same in milliseconds.
    pub start_ms: u64,
    /// The same in milliseconds.
    pub end_ms: u64,
    /// The word.
    pub text: &'a str,
}

/// Iterates over a batch of [`LINES`].
///
/// # Panics
/// When the batch has another schema: readers are our own code.
pub fn line_rows(batch: &RecordBatch) -> impl Iterator<Item = LineRow<'_>> {
    let line = batch.column(0).as_primitive::<UInt64Type>();
    let start = batch.column(1).as_primitive::<UInt64Type>();
    let text = batch.column(5).as_string::<i32>();
    (0..batch.num_rows()).map(move |i| LineRow {
        line: line.value(i),
        start: start.value(i),
        text: text.value(i),
    })
}

/// Iterates over a batch of [`CELLS`].
///
/// # Panics
/// When the batch has another schema: readers are our own code.
pub fn cell_rows(batch: &RecordBatch) -> impl Iterator<Item = CellRow<'_>> {
    let u32s = |i: usize| batch.column(i).as_primitive::<UInt32Type>();
    let (sheet, row, column) = (u32s(0), u32s(1), u32s(2));
    let kind = batch.column(3).as_primitive::<UInt8Type>();
    let heading = batch.column(4).as_string::<i32>();
    let syntax = batch.column(5).as_primitive::<UInt8Type>();
    let start = batch.column(6).as_primitive::<UInt64Type>();
    let end = batch.column(7).as_primitive::<UInt64Type>();
    let raw = batch.column(8).as_string::<i32>();
    let text = batch.column(9).as_string::<i32>();
    (0..batch.num_rows()).map(move |i| CellRow {
        sheet: sheet.value(i),
        row: row.value(i),
        column: column.value(i),
        kind: CellKind::from_u8(kind.value(i)),
        heading: heading.is_valid(i).then(|| heading.value(i)),
        syntax: crate::Syntax::from_u8(syntax.value(i)),
        start: start.value(i),
        end: end.value(i),
        raw: raw.is_valid(i).then(|| raw.value(i)),
        text: text.value(i),
    })
}

/// Iterates over a batch of [`WORDS`].
///
/// # Panics
/// When the batch has another schema: readers are our own code, and what a worker sends is checked first.
pub fn word_rows(batch: &RecordBatch) -> impl Iterator<Item = WordRow<'_>> {
    let u32s = |i: usize| batch.column(i).as_primitive::<UInt32Type>();
    let (page, block, line) = (u32s(0), u32s(1), u32s(2));
    let confidence = batch.column(3).as_primitive::<Float32Type>();
    let (left, top, width, height) = (u32s(4), u32s(5), u32s(6), u32s(7));
    let (since, first, last) = (u32s(8), u32s(9), u32s(10));
    let u64s = |i: usize| batch.column(i).as_primitive::<UInt64Type>();
    let (start_ms, end_ms) = (u64s(11), u64s(12));
    let text = batch.column(13).as_string::<i32>();
    (0..batch.num_rows()).map(move |i| WordRow {
        page: page.value(i),
        block: block.value(i),
        line: line.value(i),
        confidence: confidence.value(i),
        left: left.value(i),
        top: top.value(i),
        width: width.value(i),
        height: height.value(i),
        since_frame: since.value(i),
        first_frame: first.value(i),
        last_frame: last.value(i),
        start_ms: start_ms.value(i),
        end_ms: end_ms.value(i),
        text: text.value(i),
    })
}
