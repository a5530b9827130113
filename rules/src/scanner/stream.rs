//! Scanning bytes as they come, in chunks of any size, and buffers of bytes that may not be UTF-8. Finds what
//! [`Scanner::scan_lines`] finds in the whole; where the chunks end makes no difference. Knows no file format: a
//! private key of many lines is kept together by the readers, not here.

use super::{Scanner, Scratch};
use crate::Candidate;
use memchr::{memchr, memrchr};

/// Bytes of the longest line that a stream scans as one text.
const WINDOW_BYTES: usize = 1 << 20;
/// The same for a buffer that is in memory anyway; the scanner numbers the places of a text with 32 bits.
const BUFFER_WINDOW_BYTES: usize = 1 << 30;
/// Smallest window: its overlap has to be longer than a character.
const WINDOW_BYTES_MIN: usize = 64;
/// Which part of a window the next one repeats, in a line that is longer than a window.
const OVERLAP_PART: usize = 4;
/// Lines are checked for UTF-8 and scanned in blocks of about this size, while the processor's cache holds them.
const BLOCK_BYTES: usize = 256 << 10;
/// Stands for a byte that is not UTF-8: SUBSTITUTE of ASCII, which is part of no word and not white space.
const SUBSTITUTE: char = '\u{1a}';

/// Scans an input that comes in chunks. Candidates are bytes of the whole input.
///
/// Only the unfinished line at the end of a chunk is kept. A line longer than a window (1 MiB) is scanned in
/// windows that repeat a quarter of the one before; where they lie depends on the line alone. In such a line a value
/// of up to an eighth of a window is found as in the whole line, if what speaks for it is as near.
///
/// Bytes that are not UTF-8 are read as a control character each, so that they hide nothing beside them.
///
/// # Examples
/// ```
/// # use custody_rules::{RuleSet, ScanStream, Scanner};
/// let scanner = Scanner::new(RuleSet::load(&[]).map_err(|errors| errors[0].to_string())?.into())?;
/// let (mut scratch, mut found) = (scanner.scratch(), Vec::new());
/// let mut stream = ScanStream::new(&scanner, &mut scratch);
/// for chunk in [&b"Employee Name: Ja"[..], b"ne Doe\n", b"\xff\n"] {
///     stream.push(chunk, &mut found);
/// }
/// stream.finish(&mut found);
/// assert_eq!((found[0].start, found[0].end), (15, 23));
/// # Ok::<(), String>(())
/// ```
#[must_use = "the last line is scanned by `finish`"]
#[derive(Debug)]
pub struct ScanStream<'a> {
    scanner: &'a Scanner,
    scratch: &'a mut Scratch,
    window: usize,
    /// Bytes scanned so far: where in the input the next byte stands.
    offset: usize,
    /// Which window of a long line comes next; 0 at the start of a line.
    piece: usize,
    /// Bytes that the next window starts early, so as to start with a whole character.
    early: usize,
    /// The unfinished line, or what of it was not scanned.
    tail: Vec<u8>,
    /// A line with bytes that are not UTF-8, mended.
    mended: String,
}

impl<'a> ScanStream<'a> {
    /// Starts a stream; `scratch` comes from the same scanner.
    pub fn new(scanner: &'a Scanner, scratch: &'a mut Scratch) -> Self {
        Self::with_window(scanner, scratch, WINDOW_BYTES)
    }

    /// Starts a stream that scans lines of up to `window` bytes (64 at least) as one text.
    pub fn with_window(scanner: &'a Scanner, scratch: &'a mut Scratch, window: usize) -> Self {
        let window = window.max(WINDOW_BYTES_MIN);
        let (tail, mended) = (Vec::new(), String::new());
        Self { scanner, scratch, window, offset: 0, piece: 0, early: 0, tail, mended }
    }

    /// Adds the candidates of all lines that end in this chunk, and of what can be told of a long one, to `out`.
    pub fn push(&mut self, mut chunk: &[u8], out: &mut Vec<Candidate>) {
        while !chunk.is_empty() && !self.tail.is_empty() {
            // The tail holds no line's end and is shorter than a window, or it would have been scanned.
            let missing = self.early + self.window + 1 - self.tail.len();
            let reach = &chunk[..chunk.len().min(missing)];
            let end = memchr(b'\n', reach).map(|at| at + 1);
            let taken = end.unwrap_or(reach.len());
            self.tail.extend_from_slice(&chunk[..taken]);
            chunk = &chunk[taken..];
            if end.is_some() || taken == missing {
                let mut tail = std::mem::take(&mut self.tail);
                let scanned = self.take(&tail, false, out);
                tail.drain(..scanned);
                self.tail = tail;
            }
        }
        let scanned = self.take(chunk, false, out);
        self.tail.extend_from_slice(&chunk[scanned..]);
    }

    /// Ends the input: adds the candidates of its last line to `out`.
    pub fn finish(mut self, out: &mut Vec<Candidate>) {
        let tail = std::mem::take(&mut self.tail);
        self.take(&tail, true, out);
    }

    /// Scans from the front of `bytes` what can be told without more of them; gives how much that is.
    fn take(&mut self, bytes: &[u8], ended: bool, out: &mut Vec<Candidate>) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let used = self.step(&bytes[at..], ended, out);
            if used == 0 {
                break;
            }
            at += used;
        }
        at
    }

    /// Scans the next lines, or the next window of a long one; 0 when that takes more bytes.
    fn step(&mut self, rest: &[u8], ended: bool, out: &mut Vec<Candidate>) -> usize {
        if self.piece > 0 {
            return self.long_line(rest, ended, out);
        }
        let lines = match lines_within(rest, self.window) {
            Some(end) => end,
            None if rest.len() > self.window => return self.long_line(rest, ended, out),
            None if ended => rest.len(),
            None => return 0,
        };
        self.scan(&rest[..lines], out);
        self.offset += lines;
        lines
    }

    /// Scans one window of a line that is longer than a window. Of two windows, the earlier one tells what starts
    /// in the first half of their overlap, the later one the rest.
    fn long_line(&mut self, rest: &[u8], ended: bool, out: &mut Vec<Candidate>) -> usize {
        let overlap = self.window / OVERLAP_PART;
        let (limit, next) = (self.early + self.window, self.early + self.window - overlap);
        let reach = &rest[..rest.len().min(limit + 1)];
        let line_end = memchr(b'\n', reach).or((ended && rest.len() <= limit).then_some(rest.len()));
        let own_start = if self.piece == 0 { 0 } else { self.early + overlap / 2 };
        let (end, own_end, used) = match line_end {
            Some(end) => (end, usize::MAX, (end + 1).min(rest.len())),
            None if rest.len() > limit => {
                (char_start(rest, limit), next + overlap / 2, char_start(rest, next))
            }
            None => return 0,
        };
        let mut at = 0;
        let first = out.len();
        self.scan(&rest[..end], out);
        let base = self.offset;
        out.retain(|candidate| {
            at += 1;
            at <= first || (own_start..own_end).contains(&(candidate.start - base))
        });
        self.offset += used;
        (self.piece, self.early) = if line_end.is_some() { (0, 0) } else { (self.piece + 1, next - used) };
        used
    }

    /// Scans lines at the stream's offset.
    fn scan(&mut self, lines: &[u8], out: &mut Vec<Candidate>) {
        let first = out.len();
        match simdutf8::basic::from_utf8(lines) {
            Ok(text) => self.scanner.scan_lines(text, self.scratch, out),
            Err(_) => self.scan_mended(lines, out),
        }
        for candidate in &mut out[first..] {
            candidate.start += self.offset;
            candidate.end += self.offset;
        }
    }

    /// Scans lines of which some are not UTF-8: those in a mended copy, the others where they are.
    fn scan_mended(&mut self, lines: &[u8], out: &mut Vec<Candidate>) {
        let mut at = 0;
        while at < lines.len() {
            let rest = &lines[at..];
            let good = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            let (start, end) = if good.len() == rest.len() {
                (rest.len(), rest.len())
            } else {
                let end = memchr(b'\n', &rest[good.len()..]).map(|end| good.len() + end + 1);
                (memrchr(b'\n', good.as_bytes()).map_or(0, |end| end + 1), end.unwrap_or(rest.len()))
            };
            let first = out.len();
            self.scanner.scan_lines(&good[..start], self.scratch, out);
            let second = out.len();
            mend(&rest[start..end], &mut self.mended);
            self.scanner.scan_lines(&self.mended, self.scratch, out);
            let (left, right) = out.split_at_mut(second);
            for (candidates, by) in [(&mut left[first..], at), (right, at + start)] {
                for candidate in candidates {
                    candidate.start += by;
                    candidate.end += by;
                }
            }
            at += end;
        }
    }
}

impl Scanner {
    /// Adds every candidate in each line of `bytes` to `out`, as bytes of it. What is UTF-8 is scanned where it is
    /// and gives what [`Self::scan_lines`] does; lines that are not are read as a [`ScanStream`] reads them. A line
    /// of more than 1 GiB is scanned in windows.
    pub fn scan_bytes(&self, bytes: &[u8], scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        ScanStream::with_window(self, scratch, BUFFER_WINDOW_BYTES).take(bytes, true, out);
    }
}

/// Where lines end that are no longer than a window: many short ones, or one.
fn lines_within(bytes: &[u8], window: usize) -> Option<usize> {
    let reach = bytes.len().min(window + 1);
    let end = memrchr(b'\n', &bytes[..reach.min(BLOCK_BYTES)]).or_else(|| memchr(b'\n', &bytes[..reach]));
    end.map(|at| at + 1)
}

/// The start of the character that the byte is part of; the byte itself when it is part of none.
fn char_start(bytes: &[u8], at: usize) -> usize {
    let is_inside = |at: usize| bytes[at] & 0xc0 == 0x80;
    (0..=3).map(|back| at - back).find(|&at| !is_inside(at)).unwrap_or(at)
}

/// Copies text, with a character in the place of every byte that is not UTF-8.
fn mend(bytes: &[u8], copy: &mut String) {
    copy.clear();
    for chunk in bytes.utf8_chunks() {
        copy.push_str(chunk.valid());
        copy.extend(chunk.invalid().iter().map(|_| SUBSTITUTE));
    }
}

#[cfg(test)]
mod tests;
