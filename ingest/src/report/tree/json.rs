//! Report JSON: an array of objects under `Report_Entry`, an array of objects alone, or one object a line. Arrays inside an
//! entry repeat, whatever their length.

use super::{Events, Named, Steps};
use crate::formats::json::lexer::Lexer;
use crate::report::no_report;
use crate::report::rows::is_blank;
use custody_rules::{Limits, Reason, Refusal, Syntax};
use std::io::Read;

/// A reading of one text.
pub(super) struct Reading {
    lexer: Lexer,
    levels: Vec<Level>,
    /// Whether each line is an entry.
    lines: bool,
    expect: Expect,
    entries_seen: bool,
    nesting_max: usize,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value or key, or the end of what was just opened.
    First,
    /// A value or key.
    Next,
    /// A comma or the end.
    CommaOrEnd,
}

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Level {
    /// The object around the entries.
    Top,
    /// The array of the entries.
    Entries,
    Entry,
    /// An object inside an entry.
    Object,
    /// An array inside an entry, by its key.
    Array(String),
}

impl Reading {
    /// Starts at the beginning.
    pub(super) fn new(view: Box<dyn Read + Send>, lines: bool, limits: &Limits) -> Self {
        Self {
            lexer: Lexer::new(view, limits.token_bytes_max),
            levels: Vec::new(),
            lines,
            expect: Expect::First,
            entries_seen: false,
            nesting_max: limits.nesting_max,
        }
    }

    /// A value under this key, or in the array that is open.
    fn value(&mut self, key: Option<&str>, byte: u8, events: &mut dyn Events) -> Result<(), Refusal> {
        match byte {
            b'{' => self.object(key, events),
            b'[' => self.array(key),
            _ => self.scalar(key, byte, events),
        }
    }

    fn push(&mut self, level: Level) -> Result<(), Refusal> {
        if self.levels.len() >= self.nesting_max {
            let (at, most) = (self.lexer.offset(), self.nesting_max);
            let detail = format!("byte {at}: nested deeper than {most} levels");
            return Err(Refusal::new(Reason::TooDeep, detail));
        }
        self.lexer.bump();
        self.levels.push(level);
        self.expect = Expect::First;
        Ok(())
    }

    fn object(&mut self, key: Option<&str>, events: &mut dyn Events) -> Result<(), Refusal> {
        match (self.levels.last(), key) {
            (None, _) if !self.lines => self.push(Level::Top),
            (None | Some(Level::Entries), _) | (Some(Level::Top), Some("Report_Entry")) => {
                self.entries_seen = true;
                events.entry()?;
                self.push(Level::Entry)
            }
            (Some(Level::Array(key)), _) => {
                events.open(key, Named::Item)?;
                self.push(Level::Object)
            }
            (Some(Level::Entry | Level::Object), Some(key)) => {
                events.open(key, Named::Field)?;
                self.push(Level::Object)
            }
            _ => Err(not_entries()),
        }
    }

    fn array(&mut self, key: Option<&str>) -> Result<(), Refusal> {
        match (self.levels.last(), key) {
            (None, _) if !self.lines && !self.entries_seen => {
                self.entries_seen = true;
                self.push(Level::Entries)
            }
            (Some(Level::Top), Some("Report_Entry")) => {
                self.entries_seen = true;
                self.push(Level::Entries)
            }
            (Some(Level::Entry | Level::Object), Some(key)) => self.push(Level::Array(key.to_owned())),
            (Some(Level::Array(_)), _) => Err(no_report("a list inside of a list")),
            _ => Err(not_entries()),
        }
    }

    fn scalar(&mut self, key: Option<&str>, byte: u8, events: &mut dyn Events) -> Result<(), Refusal> {
        let is_text = byte == b'"';
        let start = if is_text { self.lexer.string()? } else { self.lexer.scalar()? };
        let raw = self.lexer.text()?;
        let decoded = if is_text { decode(raw, start)? } else { raw.into() };
        self.expect = Expect::CommaOrEnd;
        let (name, how) = match (self.levels.last(), key) {
            (Some(Level::Array(key)), _) => (key.as_str(), Named::Item),
            (Some(Level::Entry | Level::Object), Some(key)) => (key, Named::Field),
            // Numbers of pages and the like around the entries.
            (Some(Level::Top), Some(key)) if key != "Report_Entry" => return Ok(()),
            _ => return Err(not_entries()),
        };
        if is_blank(&decoded) || (!is_text && decoded == "null") {
            return Ok(());
        }
        let as_number = !is_text && !matches!(&*decoded, "true" | "false");
        if name == "Descriptor" && self.levels.last() == Some(&Level::Object) {
            return events.value(&decoded, as_number);
        }
        events.open(name, how)?;
        events.value(&decoded, as_number)?;
        events.close()
    }

    fn close(&mut self, byte: u8, events: &mut dyn Events) -> Result<(), Refusal> {
        let fits = match self.levels.last() {
            Some(Level::Top | Level::Entry | Level::Object) => byte == b'}',
            Some(Level::Entries | Level::Array(_)) => byte == b']',
            None => false,
        };
        if !fits {
            return Err(self.lexer.malformed("expected a comma or the end of the array or object"));
        }
        self.lexer.bump();
        self.expect = Expect::CommaOrEnd;
        match self.levels.pop() {
            Some(Level::Entry) => events.entry_end(),
            Some(Level::Object) => events.close(),
            _ => Ok(()),
        }
    }

    fn key(&mut self) -> Result<String, Refusal> {
        let start = self.lexer.string()?;
        let key = decode(self.lexer.text()?, start)?.into_owned();
        if self.lexer.peek_token()? != Some(b':') {
            return Err(self.lexer.unexpected("expected a colon after the key"));
        }
        self.lexer.bump();
        Ok(key)
    }
}

impl Steps for Reading {
    fn step(&mut self, events: &mut dyn Events) -> Result<bool, Refusal> {
        let Some(byte) = self.lexer.peek_token()? else {
            if !self.levels.is_empty() {
                return Err(self.lexer.truncated());
            }
            return if self.entries_seen { Ok(false) } else { Err(not_entries()) };
        };
        if matches!(byte, b'}' | b']') && self.expect != Expect::Next && !self.levels.is_empty() {
            self.close(byte, events)?;
            return Ok(true);
        }
        if self.levels.is_empty() {
            if self.expect == Expect::CommaOrEnd && !self.lines {
                return Err(self.lexer.malformed("something behind the end of the document"));
            }
            self.expect = Expect::First;
        } else if self.expect == Expect::CommaOrEnd {
            if byte != b',' {
                return Err(self.lexer.malformed("expected a comma or the end of the array or object"));
            }
            self.lexer.bump();
            self.expect = Expect::Next;
            return Ok(true);
        }
        let in_object = matches!(self.levels.last(), Some(Level::Top | Level::Entry | Level::Object));
        if !in_object {
            self.value(None, byte, events)?;
            return Ok(true);
        }
        if byte != b'"' {
            return Err(self.lexer.malformed("expected a key in quotes"));
        }
        let key = self.key()?;
        let Some(byte) = self.lexer.peek_token()? else { return Err(self.lexer.truncated()) };
        self.value(Some(&key), byte, events)?;
        Ok(true)
    }
}

fn decode(raw: &str, start: u64) -> Result<std::borrow::Cow<'_, str>, Refusal> {
    let malformed = || Refusal::new(Reason::Malformed, format!("byte {start}: a string holds a bad escape"));
    Syntax::JsonString.decode(raw).ok_or_else(malformed)
}

fn not_entries() -> Refusal {
    no_report("it is JSON without a list of entries")
}
