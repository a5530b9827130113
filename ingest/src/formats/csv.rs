//! Delimited records: CSV, TSV, semicolons and pipes, with the byte span of every field, so that a writer can
//! change a value in place and leave the dialect alone.

mod dialect;
mod heading;
mod record;

use super::text::{Window, bounded};
use arrow_array::RecordBatch;
use custody_rules::table::{CellKind, CellRow};
use custody_rules::{BatchSource, CellsBuilder, Limits, Reason, Refusal, Syntax};
use std::io::Read;

pub(crate) use self::dialect::{Dialect, SAMPLE_BYTES, detect};
pub(crate) use self::record::{Cut, FIELDS_MAX, Field, cut};

const MARK: &str = "\u{feff}";

/// Opens the UTF-8 view of a delimited text as batches of [`custody_rules::table::CELLS`]. The delimiter and
/// the header row are found in the first 256 KiB. Rows count from 0, blank lines included. Rows above the
/// headings are preamble; values carry their column's heading; a span excludes a field's quotes.
///
/// # Errors
/// A [`Refusal`] when the beginning is not UTF-8. Batches are refused where the text is not UTF-8, a quote is
/// never closed, or a record exceeds [`Limits::token_bytes_max`] or 65,536 fields.
pub fn open(input: Box<dyn Read + Send>, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
    let mut window = Window::new(input);
    // One byte more tells whether the sample is all.
    window.read_until(SAMPLE_BYTES + 1)?;
    let text = window.rest();
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let complete = window.ended() && sample.len() == text.len();
    let dialect = dialect::detect_or_assume(sample, complete);
    let mark = if text.starts_with(MARK) { MARK.len() } else { 0 };
    window.consume(mark);
    let rows = Rows {
        limits: bounded(limits),
        dialect,
        row: 0,
        headings: Vec::new(),
        builder: CellsBuilder::default(),
    };
    Ok(Box::new(Records { window, fields: Vec::new(), rows }))
}

struct Records {
    window: Window,
    fields: Vec<Field>,
    rows: Rows,
}

impl BatchSource for Records {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        loop {
            if self.take_records()? {
                return Ok(Some(self.rows.builder.finish()));
            }
            if self.window.ended() {
                return Ok((self.rows.builder.rows() > 0).then(|| self.rows.builder.finish()));
            }
            let held = self.window.rest().len();
            self.rows.check_length(held)?;
            // Twice as much each time: a long record is cut again from its beginning.
            self.window.read_on()?;
            self.window.read_until(held * 2)?;
        }
    }
}

impl Records {
    /// Moves whole records from the window to the builder; says whether the batch is full.
    fn take_records(&mut self) -> Result<bool, Refusal> {
        let (text, offset, ended) = (self.window.rest(), self.window.offset(), self.window.ended());
        let (mut at, mut full) = (0, false);
        while at < text.len() {
            let rest = &text[at..];
            let next = match cut(rest.as_bytes(), self.rows.dialect.delimiter, ended, &mut self.fields) {
                Cut::Record(next) => next,
                Cut::More => break,
                Cut::OpenQuote(open) => return Err(self.rows.open_quote(offset + (at + open) as u64)),
                Cut::TooMany => return Err(self.rows.too_many()),
            };
            self.rows.check_length(next)?;
            if !self.rows.add(rest, offset + at as u64, &self.fields)? {
                full = true;
                break;
            }
            at += next;
        }
        self.window.consume(at);
        Ok(full)
    }
}

/// The cells on their way into a batch.
struct Rows {
    limits: Limits,
    dialect: Dialect,
    /// Number of the next record.
    row: u32,
    headings: Vec<String>,
    builder: CellsBuilder,
}

impl Rows {
    /// Adds a record; says `false`, and adds nothing, when the batch has to be handed out first.
    fn add(&mut self, text: &str, offset: u64, fields: &[Field]) -> Result<bool, Refusal> {
        let length = fields.last().map_or(0, |field| field.end);
        let (rows, bytes) = (self.builder.rows(), self.builder.bytes());
        let full =
            rows + fields.len() > self.limits.batch_rows_max || bytes + length > self.limits.batch_bytes_max;
        if rows > 0 && full {
            return Ok(false);
        }
        let kind = match self.dialect.header {
            Some(header) if (self.row as usize) < header => CellKind::Preamble,
            Some(header) if self.row as usize == header => CellKind::Heading,
            _ => CellKind::Value,
        };
        for (column, field) in fields.iter().enumerate() {
            self.add_cell(kind, column, text, (offset, *field));
        }
        self.row = self.row.checked_add(1).ok_or_else(|| {
            Refusal::new(Reason::TooLarge, "more than 4,294,967,295 records: split the file")
        })?;
        Ok(true)
    }

    fn add_cell(&mut self, kind: CellKind, column: usize, text: &str, (offset, field): (u64, Field)) {
        let raw = &text[field.start..field.end];
        let syntax = if field.quoted { Syntax::CsvQuoted } else { Syntax::Plain };
        let text = syntax.decode(raw).unwrap_or(raw.into());
        if kind == CellKind::Heading {
            self.headings.push(text.trim().to_owned());
        }
        let heading =
            self.headings.get(column).filter(|heading| kind == CellKind::Value && !heading.is_empty());
        self.builder.push(CellRow {
            sheet: 0,
            row: self.row,
            column: column as u32,
            kind,
            heading: heading.map(String::as_str),
            syntax,
            start: offset + field.start as u64,
            end: offset + field.end as u64,
            raw: Some(raw),
            text: &text,
        });
    }

    fn check_length(&self, bytes: usize) -> Result<(), Refusal> {
        let limit = self.limits.token_bytes_max;
        if bytes <= limit {
            return Ok(());
        }
        let record = u64::from(self.row) + 1;
        let detail =
            format!("record {record} is longer than the limit of {limit} bytes: is a quote never closed?");
        Err(Refusal::new(Reason::TooLarge, detail))
    }

    fn too_many(&self) -> Refusal {
        let record = u64::from(self.row) + 1;
        Refusal::new(Reason::TooLarge, format!("record {record} has more than {FIELDS_MAX} fields"))
    }

    fn open_quote(&self, offset: u64) -> Refusal {
        let record = u64::from(self.row) + 1;
        let detail = format!("record {record} opens a quote at offset {offset} that is never closed");
        Refusal::new(Reason::Truncated, detail)
    }
}

#[cfg(test)]
mod tests;
