//! The XML of one sheet, or of the shared strings: where its rows end, and the few places that are replaced. All bytes
//! between them stay as they are.

use super::strings::{Strings, element};
use crate::template::cell_name;
use quick_xml::Reader;
use quick_xml::events::Event;
use std::collections::BTreeMap;
use std::ops::Range;

/// A replacement of some bytes.
type Edit = (Range<usize>, Vec<u8>);

/// A sheet's XML and where things are in it.
pub(super) struct SheetXml {
    text: String,
    /// The reference within `<dimension ref="…"/>`, without quotes.
    dimension: Option<Range<usize>>,
    /// Where `</sheetData>` begins.
    end: usize,
    rows: BTreeMap<u32, RowXml>,
}

#[derive(Default)]
struct RowXml {
    start_tag: Range<usize>,
    /// Where `</row>` begins; none for `<row …/>`.
    end: Option<usize>,
    /// Cells by column from 0: all of it, and its style's digits.
    cells: BTreeMap<u32, (Range<usize>, Option<Range<usize>>)>,
}

impl SheetXml {
    /// Reads a sheet. `Err` says what is unusual in it.
    pub(super) fn parse(text: String) -> Result<Self, &'static str> {
        let mut scan = Scan::default();
        let mut reader = Reader::from_str(&text);
        loop {
            let from = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|_| "it is not XML")?;
            let range = from..reader.buffer_position() as usize;
            match event {
                Event::Start(tag) => scan.start(tag.name().as_ref(), &text, range, false)?,
                Event::Empty(tag) => scan.start(tag.name().as_ref(), &text, range, true)?,
                Event::End(tag) => scan.end(tag.name().as_ref(), &range),
                Event::DocType(_) => return Err("it has a document type"),
                Event::Eof => break,
                _ => {}
            }
        }
        let end = scan.data_end.ok_or("it has no rows, or a namespace's prefix before its elements")?;
        Ok(Self { dimension: scan.dimension, end, rows: scan.rows, text })
    }

    /// The last row that is there.
    pub(super) fn last_row(&self) -> u32 {
        self.rows.last_key_value().map_or(0, |(row, _)| *row)
    }

    /// The first row that is there from a row on; the row itself if there is none.
    pub(super) fn first_row_from(&self, row: u32) -> u32 {
        self.rows.range(row..).next().map_or(row, |(found, _)| *found)
    }

    /// What comes before and after new rows, with the dimension grown to hold row and column (from 0), and cells set.
    /// `cells` are row as people count, column from 0, and the XML within the cell's element.
    pub(super) fn around(
        &self,
        last: Option<(u32, u32)>,
        cells: &[(u32, u32, CellXml)],
    ) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut edits: Vec<Edit> = Vec::new();
        if let (Some(range), Some((row, column))) = (&self.dimension, last) {
            edits.push((range.clone(), grown(&self.text[range.clone()], row, column)?.into_bytes()));
        }
        let mut rows: BTreeMap<u32, Vec<&(u32, u32, CellXml)>> = BTreeMap::new();
        for cell in cells {
            rows.entry(cell.0).or_default().push(cell);
        }
        for (row, mut cells) in rows {
            cells.sort_by_key(|cell| cell.1);
            self.set_row(self.rows.get(&row)?, &cells, &mut edits)?;
        }
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut before, mut after) = (Vec::with_capacity(self.end + 64), Vec::new());
        let mut at = 0;
        for (range, new) in edits {
            let out = if range.start < self.end { &mut before } else { &mut after };
            out.extend_from_slice(self.text.as_bytes().get(at..range.start)?);
            out.extend_from_slice(&new);
            at = range.end;
        }
        before.extend_from_slice(self.text.as_bytes().get(at..self.end)?);
        after.extend_from_slice(&self.text.as_bytes()[self.end..]);
        Some((before, after))
    }

    fn set_row(&self, row: &RowXml, cells: &[&(u32, u32, CellXml)], edits: &mut Vec<Edit>) -> Option<()> {
        let end = row.end?;
        for (number, column, xml) in cells {
            let name = cell_name(number - 1, *column);
            if let Some((range, style)) = row.cells.get(column) {
                let style = style.clone().map_or("", |range| &self.text[range]);
                edits.push((range.clone(), xml.element(&name, style)));
            } else {
                let next = row.cells.range(column..).next();
                let at = next.map_or(end, |(_, (range, _))| range.start);
                edits.push((at..at, xml.element(&name, "")));
            }
        }
        // The hint which columns the row spans must hold the new ones.
        let tag = &self.text[row.start_tag.clone()];
        if let Some(spans) = attribute(tag, "spans") {
            let (first, last) = tag[spans.clone()].split_once(':')?;
            let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
            let of = |column: u32| column + 1;
            let low = cells.iter().map(|cell| of(cell.1)).min()?.min(first);
            let high = cells.iter().map(|cell| of(cell.1)).max()?.max(last);
            let from = row.start_tag.start;
            edits.push((from + spans.start..from + spans.end, format!("{low}:{high}").into_bytes()));
        }
        Some(())
    }
}

/// What stands in a cell that is set.
pub(super) enum CellXml {
    /// The index of a shared string.
    Shared(u32),
    /// A text in the cell, as an `<is>` element.
    Inline(Vec<u8>),
}

impl CellXml {
    /// A text, shared if there is a table of strings. `Err` says what is wrong with it.
    pub(super) fn new(text: &str, strings: Option<&mut Strings>) -> Result<Self, &'static str> {
        match strings {
            Some(strings) => strings.index(text).map(Self::Shared),
            None => {
                let mut xml = Vec::new();
                element(&mut xml, text, "is")?;
                Ok(Self::Inline(xml))
            }
        }
    }

    fn element(&self, name: &str, style: &str) -> Vec<u8> {
        let style = if style.is_empty() { String::new() } else { format!(" s=\"{style}\"") };
        match self {
            Self::Shared(index) => format!("<c r=\"{name}\"{style} t=\"s\"><v>{index}</v></c>").into_bytes(),
            Self::Inline(xml) => {
                let start = format!("<c r=\"{name}\"{style} t=\"inlineStr\">").into_bytes();
                [start.as_slice(), xml, b"</c>"].concat()
            }
        }
    }
}

/// The walk through a sheet's XML.
#[derive(Default)]
struct Scan {
    dimension: Option<Range<usize>>,
    data_end: Option<usize>,
    in_data: bool,
    rows: BTreeMap<u32, RowXml>,
    row: u32,
    column: u32,
    cell: Option<(u32, usize, Option<Range<usize>>)>,
}

impl Scan {
    fn start(
        &mut self,
        name: &str,
        text: &str,
        range: Range<usize>,
        empty: bool,
    ) -> Result<(), &'static str> {
        let tag = &text[range.clone()];
        let found = |name| attribute(tag, name).map(|at| range.start + at.start..range.start + at.end);
        match name {
            "dimension" if self.data_end.is_none() && !self.in_data => self.dimension = found("ref"),
            "sheetData" if self.in_data || self.data_end.is_some() => {
                return Err("it has rows in two places");
            }
            "sheetData" if empty => return Err("it has no header"),
            "sheetData" => self.in_data = true,
            "row" if self.in_data => {
                let number = found("r").map(|at| text[at].parse().map_err(|_| "a row has no number"));
                let number = number.transpose()?.unwrap_or(self.row + 1);
                if number <= self.row {
                    return Err("its rows are not in order");
                }
                (self.row, self.column) = (number, 0);
                self.rows.insert(number, RowXml { start_tag: range, ..RowXml::default() });
            }
            "c" if self.in_data => {
                let named = found("r").map(|at| place(&text[at]).ok_or("a cell has no place"));
                let (row, column) = named.transpose()?.unwrap_or((self.row, self.column));
                if row != self.row || column < self.column {
                    return Err("its cells are not in order");
                }
                self.column = column + 1;
                let style = found("s");
                if empty {
                    self.keep(column, range, style);
                } else {
                    self.cell = Some((column, range.start, style));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str, range: &Range<usize>) {
        match name {
            "sheetData" if self.in_data => (self.data_end, self.in_data) = (Some(range.start), false),
            "row" if self.in_data => {
                if let Some(row) = self.rows.get_mut(&self.row) {
                    row.end = Some(range.start);
                }
            }
            "c" => {
                if let Some((column, from, style)) = self.cell.take() {
                    self.keep(column, from..range.end, style);
                }
            }
            _ => {}
        }
    }

    fn keep(&mut self, column: u32, range: Range<usize>, style: Option<Range<usize>>) {
        if let Some(row) = self.rows.get_mut(&self.row) {
            row.cells.insert(column, (range, style));
        }
    }
}

/// Where the value of an attribute stands in a tag, without its quotes. The tag is well-formed: it has been read.
pub(super) fn attribute(tag: &str, name: &str) -> Option<Range<usize>> {
    let bytes = tag.as_bytes();
    let mut at = bytes.iter().position(u8::is_ascii_whitespace)?;
    loop {
        at += bytes[at..].iter().position(|byte| !byte.is_ascii_whitespace())?;
        let equals = at + bytes[at..].iter().position(|byte| *byte == b'=')?;
        let open = equals + bytes[equals..].iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        let close = open + 1 + bytes[open + 1..].iter().position(|byte| *byte == bytes[open])?;
        if tag[at..equals].trim_end() == name {
            return Some(open + 1..close);
        }
        at = close + 1;
    }
}

/// Row as people count and column from 0 of `C17`.
fn place(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let column = name[..digits].bytes().try_fold(0_u32, |column, letter| {
        let letter = letter.is_ascii_uppercase().then(|| u32::from(letter - b'A') + 1)?;
        column.checked_mul(26)?.checked_add(letter)
    })?;
    Some((name[digits..].parse().ok().filter(|row| *row > 0)?, column.checked_sub(1)?))
}

/// A dimension (`A1:U5`, or one cell) that holds row (as people count) and column (from 0) too.
fn grown(dimension: &str, row: u32, column: u32) -> Option<String> {
    let (first, last) = dimension.split_once(':').unwrap_or((dimension, dimension));
    let ((top, left), (bottom, right)) = (place(first)?, place(last)?);
    Some(format!("{}:{}", cell_name(top - 1, left), cell_name(bottom.max(row) - 1, right.max(column))))
}

/// The shared strings' XML.
pub(super) struct StringsXml {
    text: String,
    count: Option<Range<usize>>,
    unique: Option<Range<usize>>,
    /// Where new strings go: behind the last one.
    end: usize,
    /// Strings that are there.
    pub(super) strings: u32,
}

impl StringsXml {
    /// Reads the table. `Err` says what is unusual in it.
    pub(super) fn parse(text: String) -> Result<Self, &'static str> {
        let (mut count, mut unique, mut end, mut strings, mut inside) = (None, None, None, 0, 0_u32);
        let mut reader = Reader::from_str(&text);
        loop {
            let from = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|_| "its strings are not XML")?;
            let range = from..reader.buffer_position() as usize;
            match event {
                Event::Start(tag) if tag.name().as_ref() == "sst" => {
                    let found = |name| attribute(&text[range.clone()], name);
                    let moved = |at: Range<usize>| range.start + at.start..range.start + at.end;
                    (count, unique) = (found("count").map(moved), found("uniqueCount").map(moved));
                    end = Some(range.end);
                }
                Event::Start(tag) if tag.name().as_ref() == "si" => inside += 1,
                Event::End(tag) if tag.name().as_ref() == "si" => {
                    inside = inside.saturating_sub(1);
                    strings += 1;
                    end = Some(range.end);
                }
                Event::Empty(tag) if tag.name().as_ref() == "si" => {
                    strings += 1;
                    end = Some(range.end);
                }
                Event::DocType(_) => return Err("its strings have a document type"),
                Event::Eof => break,
                _ => {}
            }
        }
        let end = end.ok_or("its strings have no table, or a namespace's prefix")?;
        if inside != 0 {
            return Err("its strings are cut off");
        }
        Ok(Self { text, count, unique, end, strings })
    }

    /// What comes before new strings, when there are `uses` more cells and `total` strings, and after them.
    pub(super) fn around(&self, uses: u64, total: u32) -> (Vec<u8>, Vec<u8>) {
        let mut edits: Vec<Edit> = Vec::new();
        if let Some(range) = &self.count {
            let before: u64 = self.text[range.clone()].parse().unwrap_or(u64::from(self.strings));
            edits.push((range.clone(), (before + uses).to_string().into_bytes()));
        }
        if let Some(range) = &self.unique {
            edits.push((range.clone(), total.to_string().into_bytes()));
        }
        edits.sort_by_key(|(range, _)| range.start);
        let (mut head, mut at) = (Vec::with_capacity(self.end + 16), 0);
        for (range, new) in edits {
            head.extend_from_slice(&self.text.as_bytes()[at..range.start]);
            head.extend_from_slice(&new);
            at = range.end;
        }
        head.extend_from_slice(&self.text.as_bytes()[at..self.end]);
        (head, self.text.as_bytes()[self.end..].to_vec())
    }
}
