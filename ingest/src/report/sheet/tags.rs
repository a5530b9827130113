//! Finds the tags of a workbook's own XML in a stream, by local name, without a look at anything between those that are
//! asked for. Not a parser of XML at large: end tags are not matched. A document type is refused; comments, instructions
//! and CDATA sections are passed over as what they are.

use crate::formats::tree::io_refusal;
use crate::formats::xml::lexer::local_name;
use custody_rules::{Reason, Refusal, Syntax};
use memchr::{memchr, memchr3, memmem};
use std::io::{ErrorKind, Read};

/// Bytes held at once, unless one tag or text is longer.
const BLOCK_BYTES: usize = 128 << 10;
/// Longest name that is looked at.
const NAME_BYTES: usize = 24;

/// A tag that was met. Its own bytes follow in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    name: [u8; NAME_BYTES],
    length: usize,
    /// `</row>`
    pub(super) closes: bool,
}

impl Tag {
    /// Its local name; empty if it is longer than any that is known here.
    pub(super) fn name(&self) -> &[u8] {
        &self.name[..self.length]
    }
}

/// A stream of tags.
pub(super) struct Tags {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    /// Whether anything was read.
    begun: bool,
    /// Whether the last tag had a prefix.
    prefixed: bool,
    most: usize,
}

impl Tags {
    /// Starts before the first tag. No tag or text is longer than `most` bytes.
    pub(super) fn new(input: Box<dyn Read + Send>, most: usize) -> Self {
        Self {
            input,
            bytes: vec![0; BLOCK_BYTES],
            at: 0,
            end: 0,
            ended: false,
            begun: false,
            prefixed: false,
            most,
        }
    }

    /// Goes to the next tag, right behind its name; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Tag>, Refusal> {
        loop {
            let Some(found) = memchr(b'<', &self.bytes[self.at..self.end]) else {
                self.at = self.end;
                if self.ended {
                    return Ok(None);
                }
                self.read_on()?;
                continue;
            };
            self.at += found;
            self.hold(NAME_BYTES * 3)?;
            let rest = &self.bytes[self.at + 1..self.end];
            match rest.first() {
                Some(b'?') => self.skip_past(b"?>")?,
                Some(b'!') if rest.starts_with(b"!--") => self.skip_past(b"-->")?,
                Some(b'!') if rest.starts_with(b"![CDATA[") => self.skip_past(b"]]>")?,
                Some(b'!') => {
                    let detail = "it declares a document type, which can define entities";
                    return Err(Refusal::new(Reason::DocumentType, detail));
                }
                Some(_) => return Ok(Some(self.named())),
                None => return Err(cut_off()),
            }
        }
    }

    /// The tag that begins here.
    fn named(&mut self) -> Tag {
        let rest = &self.bytes[self.at + 1..self.end];
        let closes = rest[0] == b'/';
        let rest = &rest[usize::from(closes)..];
        let long = rest.iter().position(|byte| matches!(byte, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'));
        let long = long.unwrap_or(rest.len());
        let local = memchr::memrchr(b':', &rest[..long]).map_or(0, |colon| colon + 1);
        self.prefixed = local > 0;
        let mut tag = Tag { name: [0; NAME_BYTES], length: 0, closes };
        let name = &rest[local..long];
        if name.len() <= NAME_BYTES {
            tag.name[..name.len()].copy_from_slice(name);
            tag.length = name.len();
        }
        self.at += 1 + usize::from(closes) + long;
        tag
    }

    /// The attributes of the tag just met, one by one, and whether it is empty (`<c/>`); goes past its end.
    pub(super) fn attributes(&mut self, each: &mut dyn FnMut(&str, &[u8])) -> Result<bool, Refusal> {
        let end = self.tag_end()?;
        let inside = &self.bytes[self.at..self.at + end];
        let (inside, empty) = match inside {
            [rest @ .., b'/'] => (rest, true),
            inside => (inside, false),
        };
        let mut rest = inside.trim_ascii_start();
        while !rest.is_empty() {
            let equals = memchr(b'=', rest).ok_or_else(malformed)?;
            let name = std::str::from_utf8(rest[..equals].trim_ascii()).map_err(|_| malformed())?;
            let value = rest[equals + 1..].trim_ascii_start();
            let quote = *value.first().filter(|byte| matches!(byte, b'"' | b'\'')).ok_or_else(malformed)?;
            let close = memchr(quote, &value[1..]).ok_or_else(malformed)? + 1;
            each(local_name(name), &value[1..close]);
            rest = value[close + 1..].trim_ascii_start();
        }
        self.at += end + 1;
        Ok(empty)
    }

    /// The text inside the tag just met, up to the next tag, is appended; goes past it.
    pub(super) fn text(&mut self, out: &mut String) -> Result<(), Refusal> {
        let end = self.tag_end()?;
        let empty = end > 0 && self.bytes[self.at + end - 1] == b'/';
        self.at += end + 1;
        if empty {
            return Ok(());
        }
        loop {
            let length = self.until(b"<")?;
            append(&self.bytes[self.at..self.at + length], true, out)?;
            self.at += length;
            self.hold(NAME_BYTES)?;
            let rest = &self.bytes[self.at..self.end];
            if rest.starts_with(b"<![CDATA[") {
                self.at += 9;
                let length = self.until(b"]]>")?;
                append(&self.bytes[self.at..self.at + length], false, out)?;
                self.at += length + 3;
            } else if rest.starts_with(b"<!--") {
                self.skip_past(b"-->")?;
            } else {
                return Ok(());
            }
            if out.len() > self.most {
                return Err(too_large(self.most));
            }
        }
    }

    /// Goes to where `wanted` stands next, before it, or to a `<!` before that. Stays where names have prefixes.
    pub(super) fn skip_to(&mut self, wanted: &memmem::Finder<'_>) -> Result<(), Refusal> {
        if self.prefixed {
            return Ok(());
        }
        let overlap = wanted.needle().len();
        loop {
            let held = &self.bytes[self.at..self.end];
            let found = wanted.find(held);
            let passed = &held[..found.unwrap_or(held.len())];
            if let Some(odd) = memmem::find(passed, b"<!") {
                self.at += odd;
                return Ok(());
            }
            if let Some(found) = found {
                self.at += found;
                return Ok(());
            }
            if self.ended {
                return Err(cut_off());
            }
            self.at = self.end.saturating_sub(overlap).max(self.at);
            self.read_on()?;
        }
    }

    /// Bytes to the `>` of the tag in which the stream is, quoted ones aside.
    fn tag_end(&mut self) -> Result<usize, Refusal> {
        let mut from = 0;
        loop {
            let held = &self.bytes[self.at..self.end];
            match memchr3(b'>', b'"', b'\'', &held[from..]).map(|at| from + at) {
                Some(at) if held[at] == b'>' => return Ok(at),
                Some(at) => match memchr(held[at], &held[at + 1..]) {
                    Some(close) => {
                        from = at + close + 2;
                        continue;
                    }
                    None => from = at,
                },
                None => from = held.len(),
            }
            self.read_more()?;
        }
    }

    /// Bytes to where `wanted` stands next.
    fn until(&mut self, wanted: &[u8]) -> Result<usize, Refusal> {
        let mut from = 0;
        loop {
            let held = &self.bytes[self.at..self.end];
            let found = match wanted {
                [byte] => memchr(*byte, &held[from..]),
                wanted => memmem::find(&held[from..], wanted),
            };
            if let Some(found) = found {
                return Ok(from + found);
            }
            from = held.len().saturating_sub(wanted.len());
            self.read_more()?;
        }
    }

    fn skip_past(&mut self, wanted: &[u8]) -> Result<(), Refusal> {
        self.at += self.until(wanted)? + wanted.len();
        Ok(())
    }

    /// Sees to it that so many bytes are there, if the stream has them.
    fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        while self.end - self.at < bytes && !self.ended {
            self.read_on()?;
        }
        Ok(())
    }

    /// Reads on inside of something that has to come to an end.
    fn read_more(&mut self) -> Result<(), Refusal> {
        if self.ended {
            return Err(cut_off());
        }
        if self.end - self.at > self.most {
            return Err(too_large(self.most));
        }
        self.read_on()
    }

    fn read_on(&mut self) -> Result<(), Refusal> {
        self.bytes.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if self.end * 2 > self.bytes.len() {
            self.bytes.resize(self.bytes.len() * 2, 0);
        }
        loop {
            match self.input.read(&mut self.bytes[self.end..]) {
                Ok(read) => {
                    self.ended = read == 0;
                    self.end += read;
                    break;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(io_refusal(&error)),
            }
        }
        if !std::mem::replace(&mut self.begun, true) {
            let bytes = &self.bytes[..self.end];
            if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
                return Err(Refusal::new(Reason::Unsupported, "a part of the workbook is not UTF-8"));
            }
        }
        Ok(())
    }
}

/// Appends raw text, decoded. Line ends are those of Unix, as XML has it.
fn append(raw: &[u8], escaped: bool, out: &mut String) -> Result<(), Refusal> {
    let raw = simdutf8::basic::from_utf8(raw)
        .map_err(|_| Refusal::new(Reason::InvalidEncoding, "a part of the workbook is not valid UTF-8"))?;
    let from = out.len();
    if escaped && memchr(b'&', raw.as_bytes()).is_some() {
        out.push_str(&Syntax::XmlText.decode(raw).ok_or_else(malformed)?);
    } else {
        out.push_str(raw);
    }
    if memchr(b'\r', raw.as_bytes()).is_some() {
        let unix = out[from..].replace("\r\n", "\n").replace('\r', "\n");
        out.truncate(from);
        out.push_str(&unix);
    }
    Ok(())
}

/// It breaks the rules of its format.
pub(super) fn malformed() -> Refusal {
    Refusal::new(Reason::Malformed, "a part of the workbook breaks the rules of its format")
}

/// It ends too early.
pub(super) fn cut_off() -> Refusal {
    Refusal::new(Reason::Truncated, "a part of the workbook ends too early")
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(Reason::TooLarge, format!("a cell of the workbook is longer than {most} bytes"))
}
