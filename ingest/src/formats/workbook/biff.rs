//! The records of an XLS workbook ([MS-XLS]), walked over in the order in which the parser will: refuses what
//! would make it hold more than memory, and picks up the notes on cells.

use super::sheet::Comment;
use custody_rules::{Reason, Refusal};
use std::collections::HashMap;

/// Cells of all sheets' used areas together: what is held for them is below 1 GiB.
const CELLS_MAX: u64 = 6_000_000;
/// Text bytes of all cells together; the parser copies a shared string into each of its cells.
const TEXT_BYTES_MAX: u64 = 512 << 20;
/// Rows and columns of a sheet.
const ROWS_MAX: u32 = 65_536;
const COLUMNS_MAX: u32 = 256;

/// Checks all records and returns the notes, sheet by sheet.
pub(super) fn check(stream: &[u8]) -> Result<Vec<Vec<Comment>>, Refusal> {
    let (positions, lengths) = globals(stream)?;
    let mut checked = Checked { lengths, ..Checked::default() };
    let mut walked = 0;
    for position in positions {
        let sheet = stream.get(position..).ok_or_else(|| malformed("a sheet beyond the end"))?;
        let mut records = Records { rest: sheet };
        checked.sheet(&mut records)?;
        walked += sheet.len() - records.rest.len();
        if walked > stream.len() {
            return Err(malformed("its sheets lie over one another"));
        }
    }
    Ok(checked.notes)
}

/// It is locked with a password.
pub(super) fn locked() -> Refusal {
    Refusal::new(Reason::Encrypted, "it is locked with a password: save it without one first")
}

/// It breaks the rules of its format.
pub(super) fn malformed(what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, format!("the workbook is damaged: {what}"))
}

/// Where the sheets begin, and the length of every shared string in bytes.
fn globals(stream: &[u8]) -> Result<(Vec<usize>, Vec<u32>), Refusal> {
    let (mut positions, mut lengths) = (Vec::new(), Vec::new());
    let mut records = Records { rest: stream };
    while let Some(record) = records.next()? {
        match record.kind {
            // FilePass: the rest is encrypted.
            0x002f if record.u16(0).unwrap_or(0) != 0 => return Err(locked()),
            0x0085 => {
                let position = record.u32(0).ok_or_else(|| malformed("a sheet without a beginning"))?;
                positions.push(position as usize);
            }
            0x00fc => lengths = string_lengths(&record).unwrap_or_default(),
            0x000a => break,
            _ => {}
        }
    }
    Ok((positions, lengths))
}

/// One record with the Continue records after it.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
    more: Vec<&'a [u8]>,
}

impl Record<'_> {
    fn u16(&self, at: usize) -> Option<u32> {
        u16_at(self.data, at)
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(self.u16(at)? | self.u16(at + 2)? << 16)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]])))
}

struct Records<'a> {
    rest: &'a [u8],
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Result<Option<Record<'a>>, Refusal> {
        let Some((kind, data)) = self.one()? else { return Ok(None) };
        let mut more = Vec::new();
        while u16_at(self.rest, 0) == Some(0x003c) {
            more.extend(self.one()?.map(|(_, data)| data));
        }
        Ok(Some(Record { kind, data, more }))
    }

    fn one(&mut self) -> Result<Option<(u16, &'a [u8])>, Refusal> {
        let cut_off = || Refusal::new(Reason::Truncated, "the workbook ends inside a record");
        if self.rest.is_empty() {
            return Ok(None);
        }
        let kind = u16_at(self.rest, 0).ok_or_else(cut_off)?;
        let length = u16_at(self.rest, 2).ok_or_else(cut_off)? as usize;
        let data = self.rest.get(4..4 + length).ok_or_else(cut_off)?;
        self.rest = &self.rest[4 + length..];
        Ok(Some((kind as u16, data)))
    }
}

#[derive(Default)]
struct Checked {
    lengths: Vec<u32>,
    cells: u64,
    text_bytes: u64,
    area: Option<(u32, u32, u32, u32)>,
    notes: Vec<Vec<Comment>>,
    /// Texts of the sheet's objects by the object's number.
    texts: HashMap<u32, String>,
    object: u32,
}

impl Checked {
    fn sheet(&mut self, records: &mut Records<'_>) -> Result<(), Refusal> {
        self.notes.push(Vec::new());
        self.texts.clear();
        let mut depth = 0_usize;
        while let Some(record) = records.next()? {
            match record.kind {
                // Beginning and end of a substream; charts lie inside their sheet and are passed over.
                0x0809 => depth += 1,
                0x000a if depth <= 1 => break,
                0x000a => depth -= 1,
                _ if depth <= 1 => self.record(&record)?,
                _ => {}
            }
        }
        if let Some((top, bottom, left, right)) = self.area.take() {
            self.add_cells(bottom - top + 1, right - left + 1)?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        match record.kind {
            0x0200 => self.dimensions(record)?,
            // Cells: number, label, truth or error, rich text, RK, shared string, formula.
            0x0203 | 0x0204 | 0x0205 | 0x00d6 | 0x027e | 0x00fd | 0x0006 => {
                if let (Some(row), Some(column)) = (record.u16(0), record.u16(2)) {
                    self.touch(row, (column, column))?;
                }
                if record.kind == 0x00fd {
                    let index = record.u32(6).unwrap_or(u32::MAX) as usize;
                    self.text_bytes += u64::from(self.lengths.get(index).copied().unwrap_or(3 * 0xffff));
                }
                self.check_held()?;
            }
            // A run of RKs: its last column stands at the end.
            0x00bd => {
                let last = record.data.len().checked_sub(2).and_then(|at| record.u16(at));
                if let (Some(row), Some(first), Some(last)) = (record.u16(0), record.u16(2), last) {
                    self.touch(row, (first, last.max(first)))?;
                }
            }
            0x005d => self.object = record.u16(6).unwrap_or(0),
            // A text object: its characters stand in the first Continue record.
            0x01b6 => {
                if let Some((flags, text)) = record.more.first().and_then(|data| data.split_first()) {
                    let length = record.u16(10).unwrap_or(0) as usize;
                    self.texts.insert(self.object, characters(text, length, flags & 1 == 1));
                }
            }
            0x001c => self.note(record),
            _ => {}
        }
        Ok(())
    }

    /// The used area as the sheet announces it: memory is reserved for it.
    fn dimensions(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        let bad = || malformed("a sheet's used area cannot be");
        let wide = record.data.len() > 10;
        let (rows, columns) = if wide {
            ((record.u32(0), record.u32(4)), (record.u16(8), record.u16(10)))
        } else {
            ((record.u16(0), record.u16(2)), (record.u16(4), record.u16(6)))
        };
        let ((Some(top), Some(bottom)), (Some(left), Some(right))) = (rows, columns) else {
            return Err(bad());
        };
        if bottom > ROWS_MAX || right > COLUMNS_MAX {
            return Err(bad());
        }
        if bottom == 0 || right == 0 {
            return Ok(());
        }
        // The parser takes a first column that cannot be for 0, but not a first row.
        let left = if left > 0xff || right < left { 0 } else { left };
        if top >= bottom || left >= right {
            return Err(bad());
        }
        self.add_cells(bottom - top, right - left)
    }

    fn touch(&mut self, row: u32, (first, last): (u32, u32)) -> Result<(), Refusal> {
        if last >= COLUMNS_MAX {
            return Err(malformed("a cell outside of its sheet"));
        }
        let area = self.area.get_or_insert((row, row, first, last));
        *area = (area.0.min(row), area.1.max(row), area.2.min(first), area.3.max(last));
        Ok(())
    }

    fn add_cells(&mut self, rows: u32, columns: u32) -> Result<(), Refusal> {
        self.cells += u64::from(rows) * u64::from(columns);
        self.check_held()
    }

    /// Every area counts twice: as announced and as used.
    fn check_held(&self) -> Result<(), Refusal> {
        if self.cells > 2 * CELLS_MAX || self.text_bytes > TEXT_BYTES_MAX {
            let detail = format!(
                "its used areas have more than {CELLS_MAX} cells or {TEXT_BYTES_MAX} bytes of text: save it as XLSX"
            );
            return Err(Refusal::new(Reason::TooLarge, detail));
        }
        Ok(())
    }

    fn note(&mut self, record: &Record<'_>) {
        let (Some(row), Some(column), Some(object)) = (record.u16(0), record.u16(2), record.u16(6)) else {
            return;
        };
        let author = record.u16(8).map(|length| {
            let wide = record.data.get(10).is_some_and(|flags| flags & 1 == 1);
            characters(record.data.get(11..).unwrap_or_default(), length as usize, wide)
        });
        let text = self.texts.remove(&object);
        let Some(notes) = self.notes.last_mut() else { return };
        for (heading, text) in [(Some("Author"), author), (None, text)] {
            let text = text.unwrap_or_default();
            if !text.trim().is_empty() {
                notes.push(Comment { row, column, heading, text });
            }
        }
    }
}

/// Characters of one or two bytes.
fn characters(bytes: &[u8], length: usize, wide: bool) -> String {
    if wide {
        let units = bytes.chunks_exact(2).take(length).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        return char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    }
    bytes.iter().take(length).map(|&byte| char::from(byte)).collect()
}

/// The lengths of the shared strings ([MS-XLS] 2.5.293); `None` when they do not add up.
fn string_lengths(record: &Record<'_>) -> Option<Vec<u32>> {
    let mut pieces = Pieces { now: record.data.get(8..)?, more: record.more.iter() };
    let mut lengths = Vec::new();
    while pieces.has_more() {
        let count = u16_at(pieces.take(2)?, 0)?;
        let flags = pieces.take(1)?[0];
        let runs = if flags & 8 == 8 { u16_at(pieces.take(2)?, 0)? } else { 0 };
        let extension = if flags & 4 == 4 {
            let bytes = pieces.take(4)?;
            u16_at(bytes, 0)? | u16_at(bytes, 2)? << 16
        } else {
            0
        };
        pieces.characters(count as usize, flags & 1 == 1)?;
        pieces.skip(runs as usize * 4 + extension as usize)?;
        // At most three bytes of UTF-8 for one unit.
        lengths.push(count * 3);
    }
    Some(lengths)
}

/// Data that goes on in Continue records.
struct Pieces<'a> {
    now: &'a [u8],
    more: std::slice::Iter<'a, &'a [u8]>,
}

impl<'a> Pieces<'a> {
    fn has_more(&mut self) -> bool {
        while self.now.is_empty() {
            let Some(next) = self.more.next() else { return false };
            self.now = next;
        }
        true
    }

    /// Bytes that stand in one piece.
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        self.has_more();
        let (taken, rest) = self.now.split_at_checked(bytes)?;
        self.now = rest;
        Some(taken)
    }

    /// Characters; a new piece begins with flags of its own.
    fn characters(&mut self, count: usize, wide: bool) -> Option<()> {
        let (mut left, mut width) = (count, if wide { 2 } else { 1 });
        while left > 0 {
            let here = left.min(self.now.len() / width);
            self.now = self.now.get(here * width..)?;
            left -= here;
            if left > 0 {
                self.now = self.more.next()?;
                width = if self.take(1)?[0] & 1 == 1 { 2 } else { 1 };
            }
        }
        Some(())
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        let mut left = bytes;
        while left > 0 {
            if !self.has_more() {
                return None;
            }
            let here = left.min(self.now.len());
            self.now = &self.now[here..];
            left -= here;
        }
        Some(())
    }
}
