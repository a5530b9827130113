//! Records: how entries lie in the file, each framed, numbered and checksummed, and how they are read again in
//! bounded memory. What entries mean is none of its business. See docs/ledger-format.md.

use super::entry::ENTRY_BYTES_MAX;
use super::file::{LogFile, read_full_at};
use std::io;
use std::ops::Range;

/// The file's first bytes: what it is, and its version.
pub const MAGIC: [u8; 16] = *b"custody-ledger 1";
/// The first bytes of every record.
const MARKER: [u8; 4] = [0xC5, b'L', b'R', 0x01];
/// Bytes of a record before its entry.
const HEAD_BYTES: usize = 24;
/// Bytes of a record behind its entry.
const CHECK_BYTES: usize = 4;
/// Bytes of the longest record.
const RECORD_BYTES_MAX: usize = HEAD_BYTES + ENTRY_BYTES_MAX + CHECK_BYTES;
/// Bytes read at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// Appends a record: the entry's bytes under its index, and the index at which its batch began.
pub(super) fn frame(out: &mut Vec<u8>, entry: &[u8], index: u64, batch_first: u64) {
    let start = out.len();
    out.extend(MARKER);
    out.extend((entry.len() as u32).to_le_bytes());
    out.extend(index.to_le_bytes());
    out.extend(batch_first.to_le_bytes());
    out.extend_from_slice(entry);
    let check = crc32c::crc32c(&out[start..]);
    out.extend(check.to_le_bytes());
}

/// A record as it was read.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) index: u64,
    pub(super) batch_first: u64,
    pub(super) entry: &'a [u8],
}

impl Record<'_> {
    pub(super) fn size_bytes(&self) -> usize {
        HEAD_BYTES + self.entry.len() + CHECK_BYTES
    }

    /// Where the entry stands, if the record begins at `start`.
    pub(super) fn entry_at(&self, start: usize) -> Range<usize> {
        start + HEAD_BYTES..start + HEAD_BYTES + self.entry.len()
    }
}

/// Reads the record that `bytes` begin with, if they do.
pub(super) fn parse(bytes: &[u8]) -> Option<Record<'_>> {
    let head = bytes.get(..HEAD_BYTES)?;
    let number = |at: usize| head[at..at + 8].try_into().map(u64::from_le_bytes).ok();
    let length = u32::from_le_bytes(head[4..8].try_into().ok()?) as usize;
    if head[..4] != MARKER || length > ENTRY_BYTES_MAX {
        return None;
    }
    let check = bytes.get(HEAD_BYTES + length..HEAD_BYTES + length + CHECK_BYTES)?;
    let sum = crc32c::crc32c(&bytes[..HEAD_BYTES + length]);
    let entry = &bytes[HEAD_BYTES..HEAD_BYTES + length];
    let record = Record { index: number(8)?, batch_first: number(16)?, entry };
    (check == sum.to_le_bytes()).then_some(record)
}

/// A window of the file that moves on.
struct Window<'a, F> {
    file: &'a F,
    bytes: Vec<u8>,
    filled: usize,
    /// Where in the window the next record begins.
    at: usize,
    /// Where in the file the window begins.
    offset: u64,
}

impl<'a, F: LogFile> Window<'a, F> {
    fn new(file: &'a F, offset: u64) -> Self {
        Self { file, bytes: vec![0; WINDOW_BYTES], filled: 0, at: 0, offset }
    }

    /// Makes room for one record at least, unless the file ends before.
    fn fill(&mut self) -> io::Result<()> {
        if self.filled - self.at >= RECORD_BYTES_MAX {
            return Ok(());
        }
        self.bytes.copy_within(self.at..self.filled, 0);
        self.offset += self.at as u64;
        self.filled -= self.at;
        self.at = 0;
        let end = self.offset + self.filled as u64;
        self.filled += read_full_at(self.file, &mut self.bytes[self.filled..], end)?;
        Ok(())
    }
}

/// What comes next in the file.
pub(super) enum Next<'a> {
    /// A good record, in its place.
    Record(Record<'a>),
    /// Something that is none.
    Bad,
    /// Nothing.
    End,
}

/// The records of a file in order.
pub(super) struct Records<'a, F> {
    window: Window<'a, F>,
    index: u64,
    batch_first: u64,
}

/// Where reading stands: everything before is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Offset in the file.
    pub(super) offset: u64,
    /// Index of the record that comes next.
    pub(super) index: u64,
    /// First index of the last record's batch.
    pub(super) batch_first: u64,
}

impl Position {
    /// Behind the file's first bytes.
    pub(super) const START: Self = Self { offset: MAGIC.len() as u64, index: 0, batch_first: 0 };
}

impl<'a, F: LogFile> Records<'a, F> {
    pub(super) fn new(file: &'a F, from: Position) -> Self {
        Self { window: Window::new(file, from.offset), index: from.index, batch_first: from.batch_first }
    }

    pub(super) fn position(&self) -> Position {
        let offset = self.window.offset + self.window.at as u64;
        Position { offset, index: self.index, batch_first: self.batch_first }
    }

    pub(super) fn next(&mut self) -> io::Result<Next<'_>> {
        self.window.fill()?;
        let bytes = &self.window.bytes[self.window.at..self.window.filled];
        if bytes.is_empty() {
            return Ok(Next::End);
        }
        let in_place = |record: &Record<'_>| {
            let continues = record.batch_first == self.batch_first && self.index > 0;
            record.index == self.index && (continues || record.batch_first == self.index)
        };
        let Some(record) = parse(bytes).filter(in_place) else { return Ok(Next::Bad) };
        self.window.at += record.size_bytes();
        self.index += 1;
        self.batch_first = record.batch_first;
        Ok(Next::Record(record))
    }
}

/// Tells whether something bad at a position can be no torn tail: a record of a later batch follows. A batch is
/// begun only once all before it are durable, so whatever was lost before it had been kept.
pub(super) fn later_batch_follows(file: &impl LogFile, bad: Position) -> io::Result<bool> {
    let mut window = Window::new(file, bad.offset);
    loop {
        window.fill()?;
        let bytes = &window.bytes[window.at..window.filled];
        // Only the marker's first byte is looked for: the rest is parsed.
        let Some(start) = bytes.iter().position(|byte| *byte == MARKER[0]) else {
            if bytes.is_empty() {
                return Ok(false);
            }
            window.at = window.filled;
            continue;
        };
        window.at += start;
        window.fill()?;
        let found = parse(&window.bytes[window.at..window.filled]);
        if found.is_some_and(|record| record.index >= record.batch_first && record.batch_first > bad.index) {
            return Ok(true);
        }
        window.at += 1;
    }
}
