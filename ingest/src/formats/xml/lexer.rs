//! A strict walk over an XML text on top of quick-xml: elements, attributes and runs of text with their exact
//! raw bytes. Shared by the XML reader and by the parts of workbooks. It knows no vocabulary.
//!
//! What quick-xml leaves to its caller is checked here: no document type, one root, known references only,
//! well-formed attributes, limits on depth and on the size of one token.

use crate::formats::tree;
use custody_rules::{Reason, Refusal, Syntax};
use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufRead, BufReader, Read};

/// Attributes of one element.
const ATTRIBUTES_MAX: usize = 4_096;

/// The byte order mark.
const MARK: char = '\u{feff}';

/// White space as XML defines it.
pub(crate) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// An attribute as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    /// Name with its prefix.
    pub(crate) name: &'a str,
    /// Offset of the name.
    pub(crate) name_start: u64,
    /// Raw value without its quotes.
    pub(crate) raw: &'a str,
    /// Offset of the raw value.
    pub(crate) start: u64,
}

impl Attribute<'_> {
    /// Name without its prefix.
    pub(crate) fn local(&self) -> &str {
        local_name(self.name)
    }

    /// The decoded value.
    pub(crate) fn value(&self) -> Result<std::borrow::Cow<'_, str>, Refusal> {
        decode(Syntax::XmlAttribute, self.raw, self.start)
    }
}

/// What a run of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunKind {
    /// Character data with its references.
    Text,
    /// A CDATA section.
    Cdata,
    /// A comment.
    Comment,
    /// A processing instruction's data.
    Instruction,
}

/// A run of text, white space at both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    /// What it is.
    pub(crate) kind: RunKind,
    /// The raw text.
    pub(crate) raw: &'a str,
    /// Offset of the raw text.
    pub(crate) start: u64,
}

impl<'a> Run<'a> {
    /// Without the white space at both ends.
    pub(crate) fn trimmed(self) -> Self {
        let rest = self.raw.trim_start_matches(SPACE);
        let start = self.start + (self.raw.len() - rest.len()) as u64;
        Self { kind: self.kind, raw: rest.trim_end_matches(SPACE), start }
    }

    /// How it is escaped.
    pub(crate) fn syntax(&self) -> Syntax {
        if self.kind == RunKind::Text { Syntax::XmlText } else { Syntax::Plain }
    }

    /// The decoded text.
    pub(crate) fn text(&self) -> Result<std::borrow::Cow<'a, str>, Refusal> {
        decode(self.syntax(), self.raw, self.start)
    }
}

/// Takes what a walk meets.
pub(crate) trait Visitor {
    /// The name of an element or an attribute, before the element starts.
    fn name(&mut self, _name: &str, _start: u64) -> Result<(), Refusal> {
        Ok(())
    }
    /// An element starts.
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal>;
    /// A run of text that is not blank.
    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal>;
    /// The innermost open element ends.
    fn end(&mut self) -> Result<(), Refusal>;
}

/// Walks over one XML text, step by step.
pub(crate) struct Walk<R: Read> {
    reader: Reader<Counted<R>>,
    buffer: Vec<u8>,
    run: String,
    run_start: u64,
    depth: usize,
    root_seen: bool,
    nesting_max: usize,
    token_bytes_max: usize,
}

impl<R: Read> Walk<R> {
    /// Starts before the first byte of the UTF-8 view; a byte order mark there is skipped.
    pub(crate) fn new(view: R, nesting_max: usize, token_bytes_max: usize) -> Self {
        let counted =
            Counted { inner: BufReader::with_capacity(64 << 10, view), consumed: 0, allowed: u64::MAX };
        let mut reader = Reader::from_reader(counted);
        reader.config_mut().check_end_names = true;
        Self {
            reader,
            buffer: Vec::new(),
            run: String::new(),
            run_start: 0,
            depth: 0,
            root_seen: false,
            nesting_max,
            token_bytes_max,
        }
    }

    /// Goes on by one piece of markup or text; `false` at the end.
    pub(crate) fn step(&mut self, visitor: &mut dyn Visitor) -> Result<bool, Refusal> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let start = self.reader.get_ref().consumed;
        self.reader.get_mut().allowed = start.saturating_add(self.token_bytes_max as u64);
        let result = match self.reader.read_event_into(&mut buffer) {
            Ok(event) => self.event(&event, start, visitor),
            Err(error) => Err(self.refusal(&error, start)),
        };
        self.buffer = buffer;
        result
    }

    fn event(&mut self, event: &Event<'_>, start: u64, visitor: &mut dyn Visitor) -> Result<bool, Refusal> {
        let end = self.reader.get_ref().consumed;
        match event {
            Event::Text(text) => self.extend(&[text], end - text.len() as u64)?,
            Event::GeneralRef(name) => self.extend(&["&", name, ";"], start)?,
            _ => {
                self.flush(visitor)?;
                return self.markup(event, (start, end), visitor);
            }
        }
        Ok(true)
    }

    fn markup(
        &mut self,
        event: &Event<'_>,
        (start, end): (u64, u64),
        visitor: &mut dyn Visitor,
    ) -> Result<bool, Refusal> {
        // A byte order mark is consumed together with the first piece of markup: count from its end.
        match event {
            Event::Start(tag) => self.open(tag, end - 1 - tag.len() as u64, visitor)?,
            Event::Empty(tag) => {
                self.open(tag, end - 2 - tag.len() as u64, visitor)?;
                self.close(visitor)?;
            }
            Event::End(_) => self.close(visitor)?,
            Event::CData(text) if self.depth > 0 => {
                emit(RunKind::Cdata, text, end - 3 - text.len() as u64, visitor)?;
            }
            Event::CData(_) => return Err(malformed(start, "text outside the root element")),
            Event::Comment(text) => emit(RunKind::Comment, text, end - 3 - text.len() as u64, visitor)?,
            Event::PI(whole) => {
                let data = whole.content();
                emit(RunKind::Instruction, data, end - 2 - data.len() as u64, visitor)?;
            }
            Event::Decl(_) if start <= MARK.len_utf8() as u64 => {}
            Event::Decl(_) => return Err(malformed(start, "an XML declaration that is not at the start")),
            Event::DocType(_) => return Err(document_type(start)),
            Event::Eof => return self.ended(end),
            Event::Text(_) | Event::GeneralRef(_) => {}
        }
        Ok(true)
    }

    fn extend(&mut self, pieces: &[&str], start: u64) -> Result<(), Refusal> {
        if self.run.is_empty() {
            self.run_start = start;
        }
        for piece in pieces {
            self.run.push_str(piece);
        }
        if self.run.len() > self.token_bytes_max {
            return Err(too_large(self.run_start, self.token_bytes_max));
        }
        Ok(())
    }

    fn flush(&mut self, visitor: &mut dyn Visitor) -> Result<(), Refusal> {
        let mut run = Run { kind: RunKind::Text, raw: &self.run, start: self.run_start };
        // quick-xml takes the mark away only if it arrives in one piece.
        if let Some(rest) = run.raw.strip_prefix(MARK).filter(|_| run.start == 0) {
            run = Run { raw: rest, start: MARK.len_utf8() as u64, ..run };
        }
        if !is_blank(run.raw) {
            if self.depth == 0 {
                return Err(malformed(run.trimmed().start, "text outside the root element"));
            }
            visitor.run(run)?;
        }
        self.run.clear();
        Ok(())
    }

    /// `start` is the offset of the tag's name.
    fn open(&mut self, tag: &BytesStart<'_>, start: u64, visitor: &mut dyn Visitor) -> Result<(), Refusal> {
        if self.depth == 0 && self.root_seen {
            return Err(malformed(start, "a second root element"));
        }
        if self.depth >= self.nesting_max {
            let detail = format!("byte {start}: nested deeper than {} levels", self.nesting_max);
            return Err(Refusal::new(Reason::TooDeep, detail));
        }
        self.root_seen = true;
        self.depth += 1;
        let name = tag.name().into_inner();
        if !is_name(name) {
            return Err(malformed(start, "a tag without a valid name"));
        }
        let attributes = attributes(&tag[name.len()..], start + name.len() as u64)?;
        visitor.name(name, start)?;
        attributes.iter().try_for_each(|attribute| visitor.name(attribute.name, attribute.name_start))?;
        visitor.start(name, &attributes)
    }

    fn close(&mut self, visitor: &mut dyn Visitor) -> Result<(), Refusal> {
        self.depth = self.depth.saturating_sub(1);
        visitor.end()
    }

    /// quick-xml's own messages quote the text, so only their kind is kept.
    fn refusal(&mut self, error: &quick_xml::Error, start: u64) -> Refusal {
        let at_end = self.reader.get_mut().fill_buf().is_ok_and(<[u8]>::is_empty);
        match error {
            quick_xml::Error::Io(error) => tree::io_refusal(error),
            quick_xml::Error::Syntax(SyntaxError::UnclosedDoctype) => document_type(start),
            quick_xml::Error::Syntax(_) if at_end => Refusal::new(
                Reason::Truncated,
                format!("it ends inside the markup that starts at byte {start}"),
            ),
            quick_xml::Error::Encoding(_) => {
                Refusal::new(Reason::InvalidEncoding, format!("after byte {start}: not valid UTF-8"))
            }
            _ => malformed(start, "markup that is not well formed"),
        }
    }

    fn ended(&self, end: u64) -> Result<bool, Refusal> {
        if self.depth > 0 {
            let detail = format!("it ends at byte {end} inside {} open elements", self.depth);
            return Err(Refusal::new(Reason::Truncated, detail));
        }
        if !self.root_seen {
            return Err(malformed(end, "there is no root element"));
        }
        Ok(false)
    }
}

fn emit(kind: RunKind, raw: &str, start: u64, visitor: &mut dyn Visitor) -> Result<(), Refusal> {
    if is_blank(raw) { Ok(()) } else { visitor.run(Run { kind, raw, start }) }
}

/// The attributes in what follows a tag's name.
fn attributes(text: &str, start: u64) -> Result<Vec<Attribute<'_>>, Refusal> {
    let mut list: Vec<Attribute<'_>> = Vec::new();
    let mut rest = text;
    loop {
        let at = start + (text.len() - rest.len()) as u64;
        let broken = || malformed(at, "an attribute that is not well formed");
        let next = rest.trim_start_matches(SPACE);
        if next.is_empty() {
            return Ok(list);
        }
        if next.len() == rest.len() || list.len() == ATTRIBUTES_MAX {
            return Err(broken());
        }
        let (name, value) = next.split_once('=').ok_or_else(broken)?;
        let name = name.trim_end_matches(SPACE);
        let value = value.trim_start_matches(SPACE);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).ok_or_else(broken)?;
        let (raw, after) = value[1..].split_once(quote).ok_or_else(broken)?;
        let twice = list.iter().any(|other| other.name == name);
        if !is_name(name) || raw.contains('<') || twice {
            return Err(broken());
        }
        let before = text.len() - after.len() - 1 - raw.len();
        let name_start = start + (text.len() - next.len()) as u64;
        list.push(Attribute { name, name_start, raw, start: start + before as u64 });
        rest = after;
    }
}

fn is_name(name: &str) -> bool {
    let first = |c: char| c.is_alphabetic() || c == '_' || c == ':';
    let bad = |c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-' | '.'));
    name.starts_with(first) && !name.contains(bad)
}

/// The name without its prefix.
pub(crate) fn local_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches(SPACE).is_empty()
}

fn decode(syntax: Syntax, raw: &str, start: u64) -> Result<std::borrow::Cow<'_, str>, Refusal> {
    syntax.decode(raw).ok_or_else(|| malformed(start, "a reference to an unknown entity"))
}

fn malformed(at: u64, what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, format!("byte {at}: {what}"))
}

fn too_large(at: u64, most: usize) -> Refusal {
    Refusal::new(Reason::TooLarge, format!("byte {at}: one text or tag is longer than {most} bytes"))
}

fn document_type(at: u64) -> Refusal {
    let detail = format!("byte {at}: it declares a document type, which can define entities");
    Refusal::new(Reason::DocumentType, detail)
}

/// Counts what is consumed and stops a token that is too large.
struct Counted<R> {
    inner: BufReader<R>,
    consumed: u64,
    allowed: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.consumed > self.allowed {
            let detail = format!("byte {}: one text or tag is longer than the limit", self.consumed);
            return Err(std::io::Error::other(Refusal::new(Reason::TooLarge, detail)));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.consumed += amount as u64;
    }
}
