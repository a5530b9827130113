//! The lexer below the JSON reader: bytes from a stream, strings and scalars with their offsets. It knows
//! the grammar of tokens, not of documents.

use crate::formats::tree;
use custody_rules::{Reason, Refusal};
use std::io::Read;

const BUFFER_BYTES: usize = 64 << 10;

/// Reads tokens from a stream; the last one is kept as raw bytes.
pub(crate) struct Lexer {
    view: Box<dyn Read + Send>,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    /// Offset of the buffer's first byte in the view.
    base: u64,
    token: Vec<u8>,
    token_bytes_max: usize,
}

impl Lexer {
    pub(crate) fn new(view: Box<dyn Read + Send>, token_bytes_max: usize) -> Self {
        let buffer = vec![0; BUFFER_BYTES].into_boxed_slice();
        Self { view, buffer, at: 0, end: 0, base: 0, token: Vec::new(), token_bytes_max }
    }

    /// Offset of the next byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// The raw bytes of the last token.
    pub(crate) fn token(&self) -> &[u8] {
        &self.token
    }

    /// The raw bytes of the last token as text.
    pub(crate) fn text(&self) -> Result<&str, Refusal> {
        simdutf8::basic::from_utf8(&self.token).map_err(|_| {
            let at = self.offset();
            Refusal::new(Reason::InvalidEncoding, format!("before byte {at}: not valid UTF-8"))
        })
    }

    /// The next byte that is not white space, or `None` at the end. A byte order mark at the very start
    /// is skipped.
    pub(crate) fn peek_token(&mut self) -> Result<Option<u8>, Refusal> {
        if self.offset() == 0 && self.peek()? == Some(0xef) {
            for expected in [0xef, 0xbb, 0xbf] {
                if self.peek()? != Some(expected) {
                    return Err(self.unexpected("expected a JSON value"));
                }
                self.bump();
            }
        }
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(Some(byte));
            }
            self.bump();
        }
        Ok(None)
    }

    /// Goes past the byte that was peeked.
    pub(crate) fn bump(&mut self) {
        self.at += 1;
    }

    fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        Ok(self.available()?.first().copied())
    }

    fn available(&mut self) -> Result<&[u8], Refusal> {
        while self.at == self.end {
            self.base += self.end as u64;
            (self.at, self.end) = (0, 0);
            match self.view.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(read) => self.end = read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(tree::io_refusal(&error)),
            }
        }
        Ok(&self.buffer[self.at..self.end])
    }

    /// Reads a string whose opening quote was peeked, closing quote included; gives the offset of its
    /// first byte inside the quotes.
    pub(crate) fn string(&mut self) -> Result<u64, Refusal> {
        self.bump();
        self.token.clear();
        let start = self.offset();
        loop {
            let available = self.available()?;
            if available.is_empty() {
                return Err(self.truncated());
            }
            let stop = memchr::memchr2(b'"', b'\\', available).unwrap_or(available.len());
            if let Some(control) = available[..stop].iter().position(|&byte| byte < b' ') {
                self.at += control;
                return Err(self.malformed("a control character inside a string"));
            }
            let found = available.get(stop).copied();
            self.keep(stop)?;
            match found {
                Some(b'"') => {
                    self.bump();
                    return Ok(start);
                }
                Some(_) => self.escape()?,
                None => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        self.keep(1)?;
        match self.peek()? {
            None => return Err(self.truncated()),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => return self.keep(1),
            Some(b'u') => self.keep(1)?,
            Some(_) => return Err(self.malformed("an unknown escape inside a string")),
        }
        for _ in 0..4 {
            match self.peek()? {
                None => return Err(self.truncated()),
                Some(byte) if byte.is_ascii_hexdigit() => self.keep(1)?,
                Some(_) => return Err(self.malformed("four hexadecimal digits must follow \\u")),
            }
        }
        Ok(())
    }

    /// Reads a number, `true`, `false` or `null`; gives the offset of its first byte.
    pub(crate) fn scalar(&mut self) -> Result<u64, Refusal> {
        self.token.clear();
        let start = self.offset();
        loop {
            let available = self.available()?;
            let scalar = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
            let stop = available.iter().position(|byte| !scalar(byte));
            let length = stop.unwrap_or(available.len());
            let at_end = stop.is_some() || available.is_empty();
            self.keep(length)?;
            if at_end {
                break;
            }
        }
        if matches!(&*self.token, b"true" | b"false" | b"null") || is_number(&self.token) {
            return Ok(start);
        }
        let at_end = self.peek()?.is_none();
        let keyword = [&b"true"[..], b"false", b"null"].iter().any(|word| word.starts_with(&self.token));
        if at_end && !self.token.is_empty() && keyword {
            return Err(self.truncated());
        }
        Err(Refusal::new(Reason::Malformed, format!("byte {start}: expected a JSON value")))
    }

    fn keep(&mut self, length: usize) -> Result<(), Refusal> {
        if self.token.len() + length > self.token_bytes_max {
            let (at, most) = (self.offset(), self.token_bytes_max);
            return Err(Refusal::new(
                Reason::TooLarge,
                format!("byte {at}: one value is longer than {most} bytes"),
            ));
        }
        self.token.extend_from_slice(&self.buffer[self.at..self.at + length]);
        self.at += length;
        Ok(())
    }

    /// A refusal of the next byte.
    pub(crate) fn malformed(&self, what: &str) -> Refusal {
        Refusal::new(Reason::Malformed, format!("byte {}: {what}", self.offset()))
    }

    /// A refusal of the next byte, or of the end if there is none.
    pub(crate) fn unexpected(&mut self, what: &str) -> Refusal {
        match self.peek() {
            Ok(Some(_)) => self.malformed(what),
            Ok(None) => self.truncated(),
            Err(refusal) => refusal,
        }
    }

    /// A refusal because the text ends too early.
    pub(crate) fn truncated(&self) -> Refusal {
        Refusal::new(Reason::Truncated, format!("it ends at byte {} inside a value", self.offset()))
    }
}

/// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
fn is_number(token: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = token.strip_prefix(b"-").unwrap_or(token);
    let integer = digits(rest);
    if integer == 0 || (rest[0] == b'0' && integer > 1) {
        return false;
    }
    rest = &rest[integer..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    let [b'e' | b'E', exponent @ ..] = rest else { return rest.is_empty() };
    let exponent = match exponent {
        [b'+' | b'-', unsigned @ ..] => unsigned,
        unsigned => unsigned,
    };
    !exponent.is_empty() && digits(exponent) == exponent.len()
}
