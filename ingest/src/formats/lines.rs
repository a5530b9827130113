//! Logs and any other text, line by line. A private key in PEM form is one row: cut into lines, no line of
//! it would look like a key.

mod stamp;

use super::text::{Window, bounded};
use arrow_array::RecordBatch;
use custody_rules::table::LineRow;
use custody_rules::{BatchSource, Limits, LinesBuilder, Reason, Refusal};
use memchr::{memchr, memmem, memrchr};
use std::io::Read;

pub(crate) use stamp::read as read_stamp;

const PEM_BEGIN: &[u8] = b"-----BEGIN ";
const PEM_NAME: &[u8] = b"PRIVATE KEY";
const PEM_END: &[u8] = b"-----END ";
/// Longest private key that is one row; one of RSA with 4,096 bits takes 3.3 KiB in 54 lines.
const PEM_LINES_MAX: u64 = 200;
const PEM_BYTES_MAX: usize = 64 << 10;
const MARK: char = '\u{feff}';

/// Opens the UTF-8 view of a text as batches of [`custody_rules::table::LINES`]. Lines end at `\n` or `\r\n`;
/// the text of a row is without its end and without a byte order mark.
///
/// # Errors
/// None at the beginning. Batches are refused where the text is not UTF-8 and where a line exceeds
/// [`Limits::token_bytes_max`].
pub fn open(input: Box<dyn Read + Send>, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
    let rows = Rows { limits: bounded(limits), line: 1, builder: LinesBuilder::default() };
    Ok(Box::new(Lines { window: Window::new(input), searched: 0, rows }))
}

struct Lines {
    window: Window,
    /// Bytes at the front of the window known to hold no line's end.
    searched: usize,
    rows: Rows,
}

impl BatchSource for Lines {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        loop {
            if self.take_rows()? {
                return Ok(Some(self.rows.builder.finish()));
            }
            if self.window.ended() {
                return Ok((self.rows.builder.rows() > 0).then(|| self.rows.builder.finish()));
            }
            self.rows.check_length(self.window.rest().len())?;
            self.window.read_on()?;
        }
    }
}

impl Lines {
    /// Moves whole rows from the window to the builder; says whether the batch is full.
    fn take_rows(&mut self) -> Result<bool, Refusal> {
        let (text, offset, ended) = (self.window.rest(), self.window.offset(), self.window.ended());
        let last_end = memrchr(b'\n', &text.as_bytes()[self.searched..]).map(|i| self.searched + i + 1);
        let whole = &text[..if ended { text.len() } else { last_end.unwrap_or(0) }];
        let mut at = if offset == 0 && whole.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        let mut key = next_key(whole, at);
        let mut state = Taken::All;
        while at < whole.len() {
            let mut end = memchr(b'\n', &whole.as_bytes()[at..]).map_or(whole.len(), |i| at + i + 1);
            let mut lines = 1;
            if key.is_some_and(|key| key < end) {
                let Some(block) = key_block(&whole.as_bytes()[at..], end - at, ended) else {
                    state = Taken::KeyIsOpen;
                    break;
                };
                (end, lines) = (at + block.0, block.1);
                key = next_key(whole, end);
            }
            if !self.rows.add(&whole[at..end], offset + at as u64, lines)? {
                state = Taken::BatchIsFull;
                break;
            }
            at = end;
        }
        self.searched = if state == Taken::All { text.len() - at } else { 0 };
        self.window.consume(at);
        Ok(state == Taken::BatchIsFull)
    }
}

/// Why no more rows were taken.
#[derive(PartialEq, Eq)]
enum Taken {
    All,
    KeyIsOpen,
    BatchIsFull,
}

/// The rows on their way into a batch.
struct Rows {
    limits: Limits,
    /// Number of the next line.
    line: u64,
    builder: LinesBuilder,
}

impl Rows {
    /// Adds a row of so many lines; says `false`, and adds nothing, when the batch has to be handed out first.
    fn add(&mut self, raw: &str, start: u64, lines: u64) -> Result<bool, Refusal> {
        let text = raw.strip_suffix('\n').map_or(raw, |text| text.strip_suffix('\r').unwrap_or(text));
        self.check_length(text.len())?;
        let (rows, bytes) = (self.builder.rows(), self.builder.bytes() + text.len());
        if rows > 0 && (rows >= self.limits.batch_rows_max || bytes > self.limits.batch_bytes_max) {
            return Ok(false);
        }
        let stamp = read_stamp(text);
        self.builder.push(LineRow { line: self.line, start, text }, stamp.timestamp_ms, stamp.level);
        self.line += lines;
        Ok(true)
    }

    fn check_length(&self, bytes: usize) -> Result<(), Refusal> {
        let (line, limit) = (self.line, self.limits.token_bytes_max);
        if bytes <= limit {
            return Ok(());
        }
        let detail = format!("line {line} is longer than the limit of {limit} bytes");
        Err(Refusal::new(Reason::TooLarge, detail))
    }
}

/// Where the next key may begin, from `at` on.
fn next_key(text: &str, at: usize) -> Option<usize> {
    memmem::find(&text.as_bytes()[at..], PEM_BEGIN).map(|i| at + i)
}

/// Bytes and lines of the key block at the beginning of `text`; the first line alone when it is none or
/// does not end in time; `None` when more input is needed to say.
fn key_block(text: &[u8], first_line: usize, ended: bool) -> Option<(usize, u64)> {
    let alone = Some((first_line, 1));
    if memmem::find(&text[..first_line], PEM_NAME).is_none() {
        return alone;
    }
    let (mut at, mut lines) = (0, 0);
    while lines < PEM_LINES_MAX && at < PEM_BYTES_MAX {
        if at == text.len() {
            return if ended { alone } else { None };
        }
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |i| at + i + 1);
        lines += 1;
        if end <= PEM_BYTES_MAX && memmem::find(&text[at..end], PEM_END).is_some() {
            return Some((end, lines));
        }
        at = end;
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::super::text::Pieces;
    use super::*;
    use custody_rules::table::line_rows;
    use proptest::prelude::*;

    type Row = (u64, u64, String);

    fn read(bytes: &[u8], size: usize, limits: &Limits) -> Result<Vec<Vec<Row>>, Refusal> {
        let mut source = open(Box::new(Pieces { bytes: bytes.to_vec(), at: 0, size }), limits)?;
        let mut batches = Vec::new();
        while let Some(batch) = source.next_batch()? {
            batches.push(line_rows(&batch).map(|r| (r.line, r.start, r.text.to_owned())).collect());
        }
        Ok(batches)
    }

    fn check(text: &str, expected: &[(u64, u64, &str)]) {
        for size in [1, 3, 1 << 20] {
            let rows = read(text.as_bytes(), size, &Limits::default()).expect("good text").concat();
            let rows: Vec<_> =
                rows.iter().map(|(line, start, text)| (*line, *start, text.as_str())).collect();
            assert_eq!(rows, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn every_kind_of_line_end() {
        check("a\nb\r\n\nc\rd\n", &[(1, 0, "a"), (2, 2, "b"), (3, 5, ""), (4, 6, "c\rd")]);
        check("a\nno end", &[(1, 0, "a"), (2, 2, "no end")]);
        check("\u{feff}é\n\u{c}x", &[(1, 3, "é"), (2, 6, "\u{c}x")]);
        check("", &[]);
        check("\u{feff}", &[]);
        check("a\r", &[(1, 0, "a\r")]);
    }

    const KEY: &str = "-----BEGIN RSA PRIVATE KEY-----\r\nAAAA\r\nBBBB\r\n-----END RSA PRIVATE KEY-----";

    #[test]
    fn a_private_key_is_one_row() {
        check(&format!("k: {KEY}\r\nz\n"), &[(1, 0, &format!("k: {KEY}")), (5, KEY.len() as u64 + 5, "z")]);
        let public = "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----";
        check(
            public,
            &[(1, 0, "-----BEGIN PUBLIC KEY-----"), (2, 27, "AA"), (3, 30, "-----END PUBLIC KEY-----")],
        );
    }

    #[test]
    fn a_key_without_an_end_stays_lines() {
        let text = format!("-----BEGIN PRIVATE KEY-----\n{}", "AAAA\n".repeat(500));
        for size in [7, 1 << 20] {
            let rows = read(text.as_bytes(), size, &Limits::default()).expect("good text").concat();
            assert_eq!(rows.len(), 501);
            assert_eq!(rows[0].2, "-----BEGIN PRIVATE KEY-----");
            assert_eq!(rows[500], (501, text.len() as u64 - 5, "AAAA".to_owned()));
        }
        check("-----BEGIN PRIVATE KEY-----\nAA", &[(1, 0, "-----BEGIN PRIVATE KEY-----"), (2, 28, "AA")]);
    }

    #[test]
    fn a_line_of_ten_megabytes_is_a_batch_of_its_own() {
        let long = "x".repeat(10 << 20);
        let text = format!("a\n{long}\nb");
        let batches = read(text.as_bytes(), 1 << 16, &Limits::default()).expect("good text");
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(batches[1][0].2.len(), 10 << 20);
        assert_eq!(batches[2][0], (3, 3 + (10 << 20), "b".to_owned()));
    }

    #[test]
    fn batches_are_bounded() {
        let limits = Limits { batch_rows_max: 3, batch_bytes_max: 10, ..Limits::default() };
        let batches = read(b"1\n2\n3\n4\n123456\n1234567\n", 100, &limits).expect("good text");
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 1]);
    }

    #[test]
    fn too_long_lines_and_foreign_bytes_are_refused() {
        let limits = Limits { token_bytes_max: 8, ..Limits::default() };
        for text in ["12345678\n123456789", "12345678\n123456789\n"] {
            let refusal = read(text.as_bytes(), 2, &limits).expect_err("too long");
            assert_eq!(refusal.reason, Reason::TooLarge);
            assert!(refusal.detail.contains("line 2"), "{refusal}");
        }
        for (bytes, offset) in [(&b"ok\nb\xffd\n"[..], "4"), (b"ok\nend\xc3", "6")] {
            for size in [1, 100] {
                let refusal = read(bytes, size, &Limits::default()).expect_err("not UTF-8");
                assert_eq!(refusal.reason, Reason::InvalidEncoding);
                assert!(refusal.detail.ends_with(offset), "{refusal}");
            }
        }
    }

    proptest! {
        #[test]
        fn rows_and_line_ends_make_up_the_text(text in "([a-é\r\n😀]|-----BEGIN PRIVATE KEY|-----END ){0,40}", size in 1_usize..9) {
            let limits = Limits { batch_rows_max: 2, ..Limits::default() };
            let rows = read(text.as_bytes(), size, &limits).expect("good text").concat();
            prop_assert_eq!(&rows, &read(text.as_bytes(), 1 << 20, &Limits::default()).expect("good text").concat());
            let mut at = 0;
            for (_, start, row) in &rows {
                let start = usize::try_from(*start).expect("small");
                prop_assert!(["", "\n", "\r\n"].contains(&&text[at..start]));
                prop_assert_eq!(&text[start..start + row.len()], row);
                at = start + row.len();
            }
            prop_assert!(["", "\n", "\r\n"].contains(&&text[at..]));
        }
    }
}
