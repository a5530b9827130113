//! Cuts records into fields and hands over those that are wanted. A record without quotes takes the fast path: the fields
//! before a wanted one are skipped and those behind the last are counted by their delimiters' bits; no other field is
//! looked at. A record with a quote is cut by the reader of `cells`, from its beginning.

use super::Layout;
use super::bits::{Bits, CHUNK};
use crate::formats::csv::{Cut, FIELDS_MAX, Field, cut};
use crate::formats::text::bounded;
use crate::formats::tree::io_refusal;
use crate::report::rows::{RowSink, RowWalk, is_blank};
use custody_rules::{Limits, Reason, Refusal, Syntax};
use memchr::memrchr;
use std::io::{ErrorKind, Read};

/// Bytes held at once, unless one record is longer.
const BLOCK_BYTES: usize = 1 << 20;
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A walk over the records of one text.
pub(super) struct Walk {
    input: Box<dyn Read + Send>,
    block: Block,
    cutter: Cutter,
}

/// What is read and not consumed.
struct Block {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    /// Offset of `bytes` in the view.
    base: u64,
}

impl Walk {
    /// Starts at the beginning. Slot `n` gets the file's column `columns[n]`.
    pub(super) fn new(
        input: Box<dyn Read + Send>,
        layout: Layout,
        columns: &[usize],
        limits: &Limits,
    ) -> Self {
        let mut wanted: Vec<(usize, usize)> =
            columns.iter().enumerate().map(|(slot, &column)| (column, slot)).collect();
        wanted.sort_unstable();
        let block = Block { bytes: vec![0; BLOCK_BYTES], start: 0, end: 0, ended: false, base: 0 };
        let cutter = Cutter {
            layout,
            wanted,
            record: 0,
            handed: 0,
            has_value: false,
            fields: Vec::new(),
            only_slow: false,
            limits: bounded(limits),
        };
        Self { input, block, cutter }
    }

    /// Whether no record takes the fast path.
    #[cfg(test)]
    pub(super) fn only_slow(&mut self, slow: bool) {
        self.cutter.only_slow = slow;
    }
}

impl RowWalk for Walk {
    fn feed(&mut self, sink: &mut dyn RowSink) -> Result<bool, Refusal> {
        loop {
            let text = self.block.text()?;
            let used = self.cutter.records(text, self.block.ended, sink)?;
            self.block.start += used;
            if sink.is_full() {
                return Ok(true);
            }
            if self.block.ended {
                return Ok(false);
            }
            let held = self.block.end - self.block.start;
            self.cutter.check_length(held)?;
            self.block.read_on(&mut self.input)?;
        }
    }
}

impl Block {
    /// Whole lines, or all of the rest at the end.
    fn text(&self) -> Result<&str, Refusal> {
        let held = &self.bytes[self.start..self.end];
        let whole = if self.ended { held.len() } else { memrchr(b'\n', held).map_or(0, |at| at + 1) };
        simdutf8::basic::from_utf8(&held[..whole]).map_err(|_| {
            let valid =
                simdutf8::compat::from_utf8(&held[..whole]).err().map_or(0, |error| error.valid_up_to());
            let at = self.base + (self.start + valid) as u64;
            Refusal::new(Reason::InvalidEncoding, format!("bytes that are not UTF-8 at offset {at}"))
        })
    }

    /// Fills the block; makes it twice as long when one record fills it already.
    fn read_on(&mut self, input: &mut dyn Read) -> Result<(), Refusal> {
        let first = self.base == 0 && self.end == 0;
        self.bytes.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        if self.end * 2 > self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        while self.end < self.bytes.len() {
            match input.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(io_refusal(&error)),
            }
        }
        if first && self.bytes[..self.end].starts_with(MARK) {
            self.start = MARK.len();
        }
        Ok(())
    }
}

/// What came of a record.
enum Step {
    /// The next one begins at this byte.
    Next(usize),
    /// There is a quote in it.
    Quote,
}

struct Cutter {
    layout: Layout,
    /// File columns and their slots, in the columns' order.
    wanted: Vec<(usize, usize)>,
    /// Number of the current record, from 0.
    record: u64,
    /// How many of the wanted fields of the current record are handed over.
    handed: usize,
    /// Whether one of them had a value.
    has_value: bool,
    fields: Vec<Field>,
    /// For tests: each record is cut by the slow path.
    only_slow: bool,
    limits: Limits,
}

impl Cutter {
    /// Takes whole records until the sink is full; says how many bytes.
    fn records(&mut self, text: &str, ended: bool, sink: &mut dyn RowSink) -> Result<usize, Refusal> {
        let mut at = 0;
        while at < text.len() && !sink.is_full() {
            let slow = self.only_slow || self.record < self.layout.first || self.handed > 0;
            let step = if slow { Step::Quote } else { self.fast(text, at, sink)? };
            match step {
                Step::Next(next) => at = next,
                Step::Quote => match self.slow(&text[at..], ended, sink)? {
                    Some(next) => at += next,
                    None => break,
                },
            }
        }
        Ok(at)
    }

    /// One record, from `start` on, that has no quote.
    fn fast(&mut self, text: &str, start: usize, sink: &mut dyn RowSink) -> Result<Step, Refusal> {
        let bytes = text.as_bytes();
        let (mut field, mut field_start, mut base) = (0, start, start);
        loop {
            let bits = chunk_bits(bytes, base, self.layout.dialect.delimiter);
            let line_end = bits.line_ends & bits.line_ends.wrapping_neg();
            // With no line end here, all of the bits are the record's.
            let own = line_end.wrapping_sub(1);
            if bits.quotes & own != 0 {
                return Ok(Step::Quote);
            }
            let mut delimiters = bits.delimiters & own;
            while let Some(&(column, slot)) = self.wanted.get(self.handed) {
                if field < column {
                    while delimiters != 0 && field + 1 < column {
                        delimiters &= delimiters - 1;
                        field += 1;
                    }
                    if delimiters == 0 {
                        break;
                    }
                    field_start = base + delimiters.trailing_zeros() as usize + 1;
                    delimiters &= delimiters - 1;
                    field += 1;
                }
                if delimiters == 0 {
                    break;
                }
                let end = base + delimiters.trailing_zeros() as usize;
                self.hand_over((column, slot), &text[field_start..end], sink)?;
                if self.wanted.get(self.handed).is_none_or(|next| next.0 != column) {
                    delimiters &= delimiters - 1;
                    field += 1;
                    field_start = end + 1;
                }
            }
            field += delimiters.count_ones() as usize;
            if line_end != 0 || base + CHUNK >= bytes.len() {
                let end = if line_end == 0 { bytes.len() } else { base + line_end.trailing_zeros() as usize };
                let next = (end + 1).min(bytes.len());
                let line = &text[start..end];
                let line = if line_end == 0 { line } else { line.strip_suffix('\r').unwrap_or(line) };
                self.last_field(text, (field, field_start, start + line.len()), sink)?;
                self.check_length(next - start)?;
                self.end_line(line, field + 1, sink)?;
                return Ok(Step::Next(next));
            }
            base += CHUNK;
        }
    }

    /// The field that the line's end ends.
    fn last_field(
        &mut self,
        text: &str,
        (field, start, end): (usize, usize, usize),
        sink: &mut dyn RowSink,
    ) -> Result<(), Refusal> {
        while let Some(&place) = self.wanted.get(self.handed).filter(|place| place.0 == field) {
            self.hand_over(place, &text[start..end.max(start)], sink)?;
        }
        Ok(())
    }

    #[inline]
    fn hand_over(
        &mut self,
        (column, slot): (usize, usize),
        text: &str,
        sink: &mut dyn RowSink,
    ) -> Result<(), Refusal> {
        self.handed += 1;
        if is_blank(text) {
            return Ok(());
        }
        self.has_value = true;
        sink.value(slot, text, false).map_err(|misfit| misfit.refusal(self.record + 1, column + 1))
    }

    /// A line without quotes and with so many fields ends.
    fn end_line(&mut self, line: &str, fields: usize, sink: &mut dyn RowSink) -> Result<(), Refusal> {
        let delimiter = self.layout.dialect.delimiter;
        if fields > self.layout.width {
            let more = line.split(delimiter as char).skip(self.layout.width);
            if fields > FIELDS_MAX || more.into_iter().any(|field| !is_blank(field)) {
                return Err(self.too_wide());
            }
        }
        let filled = self.has_value || line.split(delimiter as char).any(|field| !is_blank(field));
        self.end_record(filled, sink);
        Ok(())
    }

    /// The record is a row, unless it is a spacer.
    fn end_record(&mut self, filled: bool, sink: &mut dyn RowSink) {
        if filled {
            sink.end_row();
        }
        self.record += 1;
        (self.handed, self.has_value) = (0, false);
    }

    /// One record at the beginning of `text`, quotes and all; `None` when more text is needed.
    fn slow(&mut self, text: &str, ended: bool, sink: &mut dyn RowSink) -> Result<Option<usize>, Refusal> {
        let mut fields = std::mem::take(&mut self.fields);
        let result = match cut(text.as_bytes(), self.layout.dialect.delimiter, ended, &mut fields) {
            Cut::Record(next) => {
                self.check_length(next)?;
                self.cut_record(text, &fields, sink)?;
                Some(next)
            }
            Cut::More => None,
            Cut::OpenQuote(_) => return Err(self.open_quote()),
            Cut::TooMany => return Err(self.too_wide()),
        };
        self.fields = fields;
        Ok(result)
    }

    fn cut_record(&mut self, text: &str, fields: &[Field], sink: &mut dyn RowSink) -> Result<(), Refusal> {
        if self.record < self.layout.first {
            self.record += 1;
            return Ok(());
        }
        let raw = |field: &Field| &text[field.start..field.end];
        if fields.iter().skip(self.layout.width).any(|field| !is_blank(raw(field))) {
            return Err(self.too_wide());
        }
        while let Some(&place) = self.wanted.get(self.handed) {
            let Some(field) = fields.get(place.0) else { break };
            let raw = raw(field);
            if field.quoted && memchr::memchr(b'"', raw.as_bytes()).is_some() {
                let decoded = Syntax::CsvQuoted.decode(raw).unwrap_or(raw.into());
                self.hand_over(place, &decoded, sink)?;
            } else {
                self.hand_over(place, raw, sink)?;
            }
        }
        let filled = self.has_value || fields.iter().any(|field| !is_blank(raw(field)));
        self.end_record(filled, sink);
        Ok(())
    }

    fn check_length(&self, bytes: usize) -> Result<(), Refusal> {
        let limit = self.limits.token_bytes_max;
        if bytes <= limit {
            return Ok(());
        }
        let row = self.record + 1;
        let detail = format!("row {row} is longer than the limit of {limit} bytes: is a quote never closed?");
        Err(Refusal::new(Reason::TooLarge, detail))
    }

    fn too_wide(&self) -> Refusal {
        let (row, width) = (self.record + 1, self.layout.width);
        let detail = format!(
            "row {row} has values beyond the {width} columns of the headings: is a value that holds the delimiter not in \
             quotes?"
        );
        Refusal::new(Reason::Malformed, detail)
    }

    fn open_quote(&self) -> Refusal {
        let detail = format!("row {} opens a quote that is never closed", self.record + 1);
        Refusal::new(Reason::Truncated, detail)
    }
}

/// The bits of the chunk at `base`; beyond the end there are none.
#[inline]
fn chunk_bits(bytes: &[u8], base: usize, delimiter: u8) -> Bits {
    match bytes[base..].first_chunk::<CHUNK>() {
        Some(chunk) => Bits::of(chunk, delimiter),
        None => {
            let mut chunk = [0; CHUNK];
            chunk[..bytes.len() - base].copy_from_slice(&bytes[base..]);
            Bits::of(&chunk, delimiter)
        }
    }
}
