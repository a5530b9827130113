//! JSON documents, NDJSON and concatenated values as `cells`, in one streaming pass without recursion.
//!
//! Strict grammar: what is malformed is refused with the byte where it breaks. Spans are exact, so that a
//! writer can edit the bytes in place. Text inside a string is text, JSON or not.

pub(crate) mod lexer;

use self::lexer::Lexer;
use super::tree::{self, PathNumbers};
use arrow_array::RecordBatch;
use custody_rules::table::{CellKind, CellRow};
use custody_rules::{BatchSource, CellsBuilder, Limits, Reason, Refusal, Syntax, heading_below};
use std::borrow::Cow;
use std::io::Read;

/// Opens the UTF-8 view of a JSON text: one row per string, number, `true` or `false`, and one per key that
/// could hold a value itself. A U+FEFF at the start is skipped, but counted in the spans.
///
/// # Errors
/// None now; [`BatchSource::next_batch`] refuses what is malformed, cut off, too deep or too large.
pub fn open(view: Box<dyn Read + Send>, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
    Ok(Box::new(JsonSource {
        lexer: Lexer::new(view, limits.token_bytes_max),
        limits: *limits,
        cells: CellsBuilder::default(),
        paths: PathNumbers::default(),
        frames: Vec::new(),
        objects: Vec::new(),
        records: Records::default(),
        expect: Expect::Value,
        done: false,
    }))
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// A value: at the top, after a colon or after a comma in an array.
    Value,
    /// A value or the end of a new array.
    ValueOrEnd,
    /// A key: after a comma in an object.
    Key,
    /// A key or the end of a new object.
    KeyOrEnd,
    /// A comma or the end of the array or object.
    CommaOrEnd,
}

/// An array or object that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Array,
    Object,
}

/// The key that is current in an open object.
#[derive(Debug, Default)]
struct OpenObject {
    key: String,
    /// The heading of its value, where that is not the key alone.
    heading: Option<String>,
    parent_path: u32,
    path: u32,
}

/// Counts the top-level records: values at the top, or elements of the one array that holds them.
#[derive(Debug, Default)]
struct Records {
    current: u32,
    top_values: u64,
    elements: u64,
    /// Number of open frames inside the array of records.
    depth: Option<usize>,
    array_seen: bool,
}

struct JsonSource {
    lexer: Lexer,
    limits: Limits,
    cells: CellsBuilder,
    paths: PathNumbers,
    frames: Vec<Frame>,
    objects: Vec<OpenObject>,
    records: Records,
    expect: Expect,
    done: bool,
}

impl BatchSource for JsonSource {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        while !self.done && !tree::is_full(&self.cells, &self.limits) {
            self.step()?;
        }
        Ok(tree::take(&mut self.cells))
    }
}

impl JsonSource {
    fn step(&mut self) -> Result<(), Refusal> {
        let Some(byte) = self.lexer.peek_token()? else { return self.end_of_input() };
        match (self.expect, byte) {
            (Expect::ValueOrEnd, b']') | (Expect::KeyOrEnd, b'}') => {
                self.close();
                Ok(())
            }
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(byte),
            (Expect::Key | Expect::KeyOrEnd, b'"') => self.key(),
            (Expect::CommaOrEnd, _) => self.comma_or_end(byte),
            _ => Err(self.lexer.malformed("expected a key in quotes")),
        }
    }

    fn end_of_input(&mut self) -> Result<(), Refusal> {
        if !self.frames.is_empty() {
            return Err(self.lexer.truncated());
        }
        if self.records.top_values == 0 {
            return Err(Refusal::new(Reason::Empty, "there is no JSON value in it"));
        }
        self.done = true;
        Ok(())
    }

    fn value(&mut self, byte: u8) -> Result<(), Refusal> {
        self.records.value_starts(&self.frames, byte);
        match byte {
            b'{' => self.open(Frame::Object),
            b'[' => self.open(Frame::Array),
            b'"' => {
                let start = self.lexer.string()?;
                self.emit(Syntax::JsonString, start)?;
                self.value_ended();
                Ok(())
            }
            _ => {
                let start = self.lexer.scalar()?;
                if self.lexer.token() != b"null" {
                    self.emit(Syntax::JsonScalar, start)?;
                }
                self.value_ended();
                Ok(())
            }
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), Refusal> {
        if self.frames.len() >= self.limits.nesting_max {
            let at = self.lexer.offset();
            let most = self.limits.nesting_max;
            return Err(Refusal::new(
                Reason::TooDeep,
                format!("byte {at}: nested deeper than {most} levels"),
            ));
        }
        self.lexer.bump();
        self.frames.push(frame);
        if frame == Frame::Object {
            let parent_path = self.objects.last().map_or(PathNumbers::ROOT, |object| object.path);
            self.objects.push(OpenObject { parent_path, path: parent_path, ..OpenObject::default() });
            self.expect = Expect::KeyOrEnd;
        } else {
            self.expect = Expect::ValueOrEnd;
        }
        self.records.opened(&self.frames);
        Ok(())
    }

    fn close(&mut self) {
        self.lexer.bump();
        self.records.closing(self.frames.len());
        if self.frames.pop() == Some(Frame::Object) {
            self.objects.pop();
        }
        self.value_ended();
    }

    fn value_ended(&mut self) {
        self.expect = if self.frames.is_empty() { Expect::Value } else { Expect::CommaOrEnd };
    }

    fn comma_or_end(&mut self, byte: u8) -> Result<(), Refusal> {
        match (self.frames.last(), byte) {
            (Some(Frame::Array), b',') => self.expect = Expect::Value,
            (Some(Frame::Object), b',') => self.expect = Expect::Key,
            (Some(Frame::Array), b']') | (Some(Frame::Object), b'}') => {
                self.close();
                return Ok(());
            }
            _ => return Err(self.lexer.malformed("expected a comma or the end of the array or object")),
        }
        self.lexer.bump();
        Ok(())
    }

    fn key(&mut self) -> Result<(), Refusal> {
        let start = self.lexer.string()?;
        let raw = self.lexer.text()?;
        let key = decode(raw, start)?;
        let object = self.objects.last_mut().ok_or_else(|| out_of_place(start))?;
        object.path = self.paths.child(object.parent_path, &key);
        object.key.clear();
        object.key.push_str(&key);
        // `{"name":{"first":…}}`: the key around it says whose part it is.
        let around = self.objects.iter().rev().nth(1).and_then(|around| heading_below(&around.key, &key));
        let object = self.objects.last_mut().ok_or_else(|| out_of_place(start))?;
        object.heading = around;
        self.cells.push(CellRow {
            sheet: 0,
            row: self.records.current,
            column: object.path,
            kind: CellKind::Key,
            heading: None,
            syntax: Syntax::JsonString,
            start,
            end: start + raw.len() as u64,
            raw: Some(raw),
            text: &key,
        });
        if self.lexer.peek_token()? != Some(b':') {
            return Err(self.lexer.unexpected("expected a colon after the key"));
        }
        self.lexer.bump();
        self.expect = Expect::Value;
        Ok(())
    }

    fn emit(&mut self, syntax: Syntax, start: u64) -> Result<(), Refusal> {
        let raw = self.lexer.text()?;
        let text = if syntax == Syntax::JsonString { decode(raw, start)? } else { Cow::Borrowed(raw) };
        let object = self.objects.last();
        self.cells.push(CellRow {
            sheet: 0,
            row: self.records.current,
            column: object.map_or(PathNumbers::ROOT, |object| object.path),
            kind: CellKind::Value,
            heading: object.map(|object| object.heading.as_deref().unwrap_or(&object.key)),
            syntax,
            start,
            end: start + raw.len() as u64,
            raw: Some(raw),
            text: &text,
        });
        Ok(())
    }
}

impl Records {
    /// A value starts below the open frames.
    fn value_starts(&mut self, frames: &[Frame], byte: u8) {
        if frames.is_empty() {
            if self.top_values > 0 {
                self.current = self.current.saturating_add(1);
            }
            self.top_values += 1;
            return;
        }
        let in_second_array = frames == [Frame::Object, Frame::Array];
        if in_second_array && byte == b'{' && self.top_values == 1 && !self.array_seen {
            (self.depth, self.array_seen) = (Some(2), true);
        }
        if self.depth == Some(frames.len()) {
            if self.elements > 0 {
                self.current = self.current.saturating_add(1);
            }
            self.elements += 1;
        }
    }

    /// An array or object was opened, the last of `frames`.
    fn opened(&mut self, frames: &[Frame]) {
        if frames == [Frame::Array] && self.top_values == 1 && !self.array_seen {
            (self.depth, self.array_seen) = (Some(1), true);
        }
    }

    /// The array or object that is the last of `depth` frames closes.
    fn closing(&mut self, depth: usize) {
        if self.depth == Some(depth) {
            self.depth = None;
        }
    }
}

fn decode(raw: &str, start: u64) -> Result<Cow<'_, str>, Refusal> {
    let malformed = || Refusal::new(Reason::Malformed, format!("byte {start}: a string holds a bad escape"));
    Syntax::JsonString.decode(raw).ok_or_else(malformed)
}

fn out_of_place(start: u64) -> Refusal {
    Refusal::new(Reason::Malformed, format!("byte {start}: a key outside an object"))
}

#[cfg(test)]
mod tests;
