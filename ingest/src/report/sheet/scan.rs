//! Walks over the cells of one worksheet's XML. Only cells of wanted columns are decoded, and those that are needed to know
//! whether a row has any value; behind the last wanted one the rest of a row is passed over in one search for its end.

use super::strings::{Strings, unescaped};
use super::styles::Style;
use super::tags::{Tag, Tags, cut_off, malformed};
use crate::formats::workbook::sheet::COLUMNS_MAX;
use crate::formats::workbook::value::{iso_text, text_of};
use crate::report::rows::is_blank;
use crate::report::value::SCALE_MAX;
use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType};
use custody_rules::{Reason, Refusal};
use memchr::memmem::Finder;
use std::sync::Arc;

/// Rows a sheet can have.
const ROWS_MAX: u32 = 1 << 20;
/// Merged areas of several rows that are remembered.
const MERGES_MAX: usize = 1 << 20;

/// A merged area of several rows: first row, last row, first column.
pub(super) type Area = (u32, u32, u32);

/// What all sheets of a workbook share.
pub(super) struct Shared {
    pub(super) strings: Strings,
    pub(super) styles: Vec<Style>,
    /// Days count from 1904.
    pub(super) from_1904: bool,
}

/// What was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// A cell with a value, which [`Scan::value`] holds; rows and columns count from 0.
    Cell { row: u32, column: u32 },
    /// The row ends; `filled`: it had a value in some column, wanted or not.
    RowEnd { row: u32, filled: bool },
    /// The sheet ends.
    End,
}

/// Which columns are decoded.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// All.
    All,
    /// Those whose bit is set.
    Some(Vec<bool>),
    /// No cell at all; rows are not told either.
    Nothing,
}

/// What a cell's value is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Number,
    Shared,
    Inline,
    Formula,
    Truth,
    Error,
    Iso,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    column: u32,
    written: Written,
    style: usize,
}

/// A cell's value.
#[derive(Default)]
pub(super) struct Value {
    pub(super) text: String,
    /// The file says that it is a number.
    pub(super) as_number: bool,
    /// It is text, not a number, date, truth value or error.
    pub(super) is_text: bool,
}

/// A walk over one worksheet.
pub(super) struct Scan {
    tags: Tags,
    shared: Arc<Shared>,
    wanted: Wanted,
    row_end: Finder<'static>,
    row: Option<u32>,
    in_row: bool,
    column: Option<u32>,
    open: Option<Open>,
    phonetic: bool,
    filled: bool,
    state: State,
    raw: String,
    /// The value of the cell just met.
    pub(super) value: Value,
    /// Merged areas of several rows, once the sheet has ended.
    pub(super) merges: Vec<Area>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Rows,
    After,
    Ended,
}

impl Scan {
    /// Starts before the first row.
    pub(super) fn new(tags: Tags, shared: Arc<Shared>, wanted: Wanted) -> Self {
        Self {
            tags,
            shared,
            wanted,
            row_end: Finder::new(b"</row"),
            row: None,
            in_row: false,
            column: None,
            open: None,
            phonetic: false,
            filled: false,
            state: State::Before,
            raw: String::new(),
            value: Value::default(),
            merges: Vec::new(),
        }
    }

    /// Wants nothing from here on but the merged areas behind the cells.
    pub(super) fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    /// Goes on to the next cell with a value or the end of a row.
    pub(super) fn step(&mut self) -> Result<Met, Refusal> {
        while let Some(tag) = self.tags.next()? {
            if let Some(met) = self.tag(tag)? {
                return Ok(met);
            }
        }
        if self.state == State::Ended { Ok(Met::End) } else { Err(cut_off()) }
    }

    fn tag(&mut self, tag: Tag) -> Result<Option<Met>, Refusal> {
        match (self.state, tag.name(), tag.closes) {
            (State::Rows, b"c", false) => self.cell_start()?,
            (State::Rows, b"v", false) if self.open.is_some_and(|open| open.written != Written::Inline) => {
                self.tags.text(&mut self.raw)?;
            }
            (State::Rows, b"t", false)
                if !self.phonetic && self.open.is_some_and(|open| open.written == Written::Inline) =>
            {
                self.tags.text(&mut self.raw)?;
            }
            (State::Rows, b"c", true) => return self.cell_end(),
            (State::Rows, b"row", false) => return self.row_start(),
            (State::Rows, b"row", true) if !self.in_row => return Err(malformed()),
            (State::Rows, b"row", true) => return Ok(self.row_ends()),
            (State::Rows, b"rPh", closes) => self.phonetic = !closes,
            (State::Rows, b"sheetData", true) if self.in_row => return Err(malformed()),
            (State::Rows, b"sheetData", true) => self.state = State::After,
            (State::Before, b"sheetData", false) => {
                let empty = self.tags.attributes(&mut |_, _| {})?;
                self.state = if empty { State::After } else { State::Rows };
            }
            (State::After, b"mergeCell", false) => self.merge()?,
            (State::After, b"worksheet", true) => self.state = State::Ended,
            _ => {}
        }
        Ok(None)
    }

    /// A row that has not ended would be passed over in part by whoever wants no rows, and read by others.
    fn row_start(&mut self) -> Result<Option<Met>, Refusal> {
        if self.in_row {
            return Err(malformed());
        }
        let mut number = None;
        let mut sound = true;
        let empty = self.tags.attributes(&mut |name, value| {
            if name == "r" {
                number = digits(value);
                sound = number.is_some();
            }
        })?;
        let next = self.row.map_or(0, |row| row + 1);
        let row = match number {
            None if sound => next,
            Some(number) => {
                number.checked_sub(1).filter(|&row| row >= next).ok_or_else(|| out_of_order(next))?
            }
            None => return Err(malformed()),
        };
        if row >= ROWS_MAX {
            return Err(Refusal::new(Reason::Malformed, "a row beyond the last one that a sheet can have"));
        }
        self.row = Some(row);
        self.in_row = true;
        (self.column, self.open, self.filled) = (None, None, false);
        if empty {
            return Ok(self.row_ends());
        }
        if matches!(self.wanted, Wanted::Nothing) {
            self.tags.skip_to(&self.row_end)?;
        }
        Ok(None)
    }

    fn row_ends(&mut self) -> Option<Met> {
        let row = self.row?;
        (self.open, self.in_row) = (None, false);
        (!matches!(self.wanted, Wanted::Nothing)).then_some(Met::RowEnd { row, filled: self.filled })
    }

    fn cell_start(&mut self) -> Result<(), Refusal> {
        let row = self.row.filter(|_| self.in_row).ok_or_else(malformed)?;
        let (mut place, mut written, mut style, mut sound) = (None, Written::Number, 0, true);
        let empty = self.tags.attributes(&mut |name, value| match name {
            "r" => {
                place = place_of(value);
                sound &= place.is_some();
            }
            "s" => style = digits(value).unwrap_or(u32::MAX) as usize,
            "t" => match written_as(value) {
                Some(kind) => written = kind,
                None => sound = false,
            },
            _ => {}
        })?;
        if !sound {
            return Err(malformed());
        }
        let next = self.column.map_or(0, |column| column + 1);
        let column = match place {
            Some((at, column)) if at == row && column >= next => column,
            Some(_) => return Err(out_of_order(row)),
            None => next,
        };
        if column >= COLUMNS_MAX {
            return Err(Refusal::new(
                Reason::Malformed,
                "a column beyond the last one that a sheet can have",
            ));
        }
        self.column = Some(column);
        self.raw.clear();
        self.phonetic = false;
        let decode = !empty && (!self.filled || self.wants(column));
        self.open = decode.then_some(Open { column, written, style });
        if self.open.is_none() && self.filled && self.is_past(column) {
            self.tags.skip_to(&self.row_end)?;
        }
        Ok(())
    }

    fn wants(&self, column: u32) -> bool {
        match &self.wanted {
            Wanted::All => true,
            Wanted::Some(columns) => columns.get(column as usize).copied().unwrap_or(false),
            Wanted::Nothing => false,
        }
    }

    /// Whether no column is wanted behind this one.
    fn is_past(&self, column: u32) -> bool {
        match &self.wanted {
            Wanted::All => false,
            Wanted::Some(columns) => column as usize >= columns.len(),
            Wanted::Nothing => true,
        }
    }

    fn cell_end(&mut self) -> Result<Option<Met>, Refusal> {
        let (Some(open), Some(row)) = (self.open.take(), self.row) else { return Ok(None) };
        self.value.text.clear();
        self.value.as_number = false;
        self.value.is_text = matches!(open.written, Written::Inline | Written::Formula | Written::Shared);
        self.decode(open)?;
        if is_blank(&self.value.text) {
            return Ok(None);
        }
        self.filled = true;
        Ok(self.wants(open.column).then_some(Met::Cell { row, column: open.column }))
    }

    fn decode(&mut self, open: Open) -> Result<(), Refusal> {
        let raw = self.raw.as_str();
        match open.written {
            Written::Inline | Written::Formula => self.value.text.push_str(&unescaped(raw)),
            Written::Shared => {
                if !raw.trim().is_empty() {
                    let number = digits(raw.trim().as_bytes()).ok_or_else(malformed)?;
                    self.value.text.push_str(self.shared.strings.get(number as usize)?);
                }
            }
            Written::Truth => self.value.text.push_str(match raw.trim() {
                "1" | "true" => "TRUE",
                "0" | "false" => "FALSE",
                "" => "",
                _ => return Err(malformed()),
            }),
            Written::Error => self.value.text.push_str(raw.trim()),
            Written::Iso => self.value.text.push_str(&iso_text(raw.trim().to_owned())),
            Written::Number => return self.number(open.style),
        }
        Ok(())
    }

    fn number(&mut self, style: usize) -> Result<(), Refusal> {
        let raw = self.raw.trim();
        let style = self.shared.styles.get(style).unwrap_or(&Style::Plain);
        if raw.is_empty() {
            return Ok(());
        }
        let whole = raw.len() <= 15 && raw.bytes().all(|byte| byte.is_ascii_digit()) && !raw.starts_with('0');
        self.value.as_number = *style == Style::Plain;
        if whole && self.value.as_number {
            self.value.text.push_str(raw);
            return Ok(());
        }
        let number: f64 = raw.parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(malformed)?;
        let moment = |kind| DataRef::DateTime(ExcelDateTime::new(number, kind, self.shared.from_1904));
        let (value, mask) = match style {
            Style::Plain => (DataRef::Float(number), None),
            Style::Mask(mask) => (DataRef::Float(number), Some(mask)),
            Style::Date => (moment(ExcelDateTimeType::DateTime), None),
            Style::Duration => (moment(ExcelDateTimeType::TimeDelta), None),
        };
        if let Some((text, _)) = text_of(value, mask) {
            self.value.text.push_str(&text);
        }
        if self.value.as_number {
            self.round(number);
        }
        Ok(())
    }

    /// What binary fractions leave behind the last digit that a column keeps.
    fn round(&mut self, number: f64) {
        let scale = usize::from(SCALE_MAX);
        let finer = self.value.text.find('.').is_some_and(|point| self.value.text.len() - point - 1 > scale);
        if finer && !self.value.text.contains('e') {
            let rounded = format!("{number:.scale$}");
            let rounded = rounded.trim_end_matches('0').trim_end_matches('.');
            if rounded.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
                rounded.clone_into(&mut self.value.text);
            }
        }
    }

    fn merge(&mut self) -> Result<(), Refusal> {
        let mut area = None;
        self.tags.attributes(&mut |name, value| {
            if name == "ref" {
                area = memchr::memchr(b':', value)
                    .and_then(|colon| Some((place_of(&value[..colon])?, place_of(&value[colon + 1..])?)));
            }
        })?;
        if let Some(((first, column), (last, _))) = area.filter(|(first, last)| first.0 < last.0) {
            if self.merges.len() == MERGES_MAX {
                let detail = format!("more than {MERGES_MAX} merged areas");
                return Err(Refusal::new(Reason::TooLarge, detail));
            }
            self.merges.push((first, last, column));
        }
        Ok(())
    }
}

fn written_as(kind: &[u8]) -> Option<Written> {
    Some(match kind {
        b"n" => Written::Number,
        b"s" => Written::Shared,
        b"inlineStr" => Written::Inline,
        b"str" => Written::Formula,
        b"b" => Written::Truth,
        b"e" => Written::Error,
        b"d" => Written::Iso,
        _ => return None,
    })
}

/// Row and column of `AB12`, from 0.
fn place_of(reference: &[u8]) -> Option<(u32, u32)> {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    if !(1..=3).contains(&letters) {
        return None;
    }
    let column =
        reference[..letters].iter().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    Some((digits(&reference[letters..])?.checked_sub(1)?, column - 1))
}

fn digits(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 9 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(text.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
}

fn out_of_order(row: u32) -> Refusal {
    let row = u64::from(row) + 1;
    Refusal::new(Reason::Malformed, format!("at row {row}: rows or cells that are out of order"))
}
