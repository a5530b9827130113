//! XML as `cells`: one row per text, CDATA section, attribute value, comment and processing instruction.
//!
//! Made for Workday's reports, whose namespaces carry the report's name: only local names count. Spans are
//! the exact raw bytes in the UTF-8 view, so that a writer can edit them in place. Each name of an element or
//! an attribute is a row of its own once, of the kind `Key`.

pub(crate) mod lexer;

use self::lexer::{Attribute, Run, RunKind, Visitor, Walk, local_name};
use super::tree::{self, PathNumbers};
use arrow_array::RecordBatch;
use custody_rules::table::{CellKind, CellRow};
use custody_rules::{BatchSource, CellsBuilder, Limits, Refusal, Syntax, heading_below};
use std::collections::HashSet;
use std::io::Read;

/// Distinct names that are remembered; all later ones are rows each time.
const NAMES_MAX: usize = 16_384;

/// Opens the UTF-8 view of an XML text. A row's `row` is its record: a child of the root, or of the
/// innermost envelope (`Envelope`, `Body`, `…_Response`, `Response_Data`) below it. Its heading is the
/// element's or attribute's local name, the ID's type for an `ID`, and the owner's name for a `Descriptor`.
///
/// # Errors
/// None now; [`BatchSource::next_batch`] refuses what is malformed, cut off, too deep or too large, and any
/// document type.
pub fn open(view: Box<dyn Read + Send>, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
    Ok(Box::new(XmlSource {
        walk: Walk::new(view, limits.nesting_max, limits.token_bytes_max),
        rows: Rows::default(),
        limits: *limits,
        done: false,
    }))
}

struct XmlSource {
    walk: Walk<Box<dyn Read + Send>>,
    rows: Rows,
    limits: Limits,
    done: bool,
}

impl BatchSource for XmlSource {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        while !self.done && !tree::is_full(&self.rows.cells, &self.limits) {
            self.done = !self.walk.step(&mut self.rows)?;
        }
        Ok(tree::take(&mut self.rows.cells))
    }
}

/// An element that is open.
#[derive(Debug)]
struct Level {
    local: String,
    path: u32,
    /// Heading of its text where it is not the element's own name.
    heading: Option<String>,
    /// Whether its children are records, or envelopes around them.
    holds_records: bool,
}

#[derive(Debug, Default)]
struct Rows {
    cells: CellsBuilder,
    paths: PathNumbers,
    levels: Vec<Level>,
    record: u32,
    records: u64,
    /// Names of elements and attributes that were handed over.
    names: HashSet<Box<str>>,
}

impl Rows {
    fn push(&mut self, kind: CellKind, syntax: Syntax, value: &Value<'_>) {
        self.cells.push(CellRow {
            sheet: 0,
            row: self.record,
            column: value.path,
            kind,
            heading: value.heading,
            syntax,
            start: value.start,
            end: value.start + value.raw.len() as u64,
            raw: Some(value.raw),
            text: value.text,
        });
    }

    fn path(&self) -> u32 {
        self.levels.last().map_or(PathNumbers::ROOT, |level| level.path)
    }

    /// Opens a level; counts it if it is a record.
    fn descend(&mut self, local: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let path = self.paths.child(self.path(), local);
        let envelope = is_envelope(local);
        let below_records = self.levels.last().is_some_and(|parent| parent.holds_records);
        if below_records && !envelope {
            if self.records > 0 {
                self.record = self.record.saturating_add(1);
            }
            self.records += 1;
        }
        let heading = match local {
            "ID" => id_type(attributes)?,
            "Descriptor" => self.levels.last().map(|owner| owner_name(&owner.local).to_owned()),
            // `<Name><First>`: the element around it says whose part it is.
            _ => self.levels.last().and_then(|owner| heading_below(&owner.local, local)),
        };
        let holds_records = self.levels.is_empty() || (below_records && envelope);
        self.levels.push(Level { local: local.to_owned(), path, heading, holds_records });
        Ok(())
    }
}

/// A raw value and where it belongs.
struct Value<'a> {
    path: u32,
    heading: Option<&'a str>,
    raw: &'a str,
    start: u64,
    text: &'a str,
}

impl Visitor for Rows {
    /// Each name once. It cannot be replaced without its other occurrences: a finding in it fails the file.
    fn name(&mut self, name: &str, start: u64) -> Result<(), Refusal> {
        if self.names.len() < NAMES_MAX && self.names.contains(name) {
            return Ok(());
        }
        if self.names.len() < NAMES_MAX {
            self.names.insert(name.into());
        }
        let path = self.path();
        self.push(CellKind::Key, Syntax::Plain, &Value { path, heading: None, raw: name, start, text: name });
        Ok(())
    }

    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let local = local_name(name);
        self.descend(local, attributes)?;
        for attribute in attributes {
            let text = attribute.value()?;
            let own = attribute.local();
            let heading = if own == "Descriptor" { owner_name(local) } else { own };
            let parent = self.path();
            let path = self.paths.child(parent, own);
            let (raw, start) = (attribute.raw, attribute.start);
            let value = Value { path, heading: Some(heading), raw, start, text: &text };
            self.push(CellKind::Value, Syntax::XmlAttribute, &value);
        }
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        let run = run.trimmed();
        let text = run.text()?;
        let path = self.path();
        if matches!(run.kind, RunKind::Comment | RunKind::Instruction) {
            let value = Value { path, heading: None, raw: run.raw, start: run.start, text: &text };
            self.push(CellKind::Comment, Syntax::Plain, &value);
            return Ok(());
        }
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let heading = Some(level.heading.as_deref().unwrap_or(&level.local));
        let value = Value { path, heading, raw: run.raw, start: run.start, text: &text };
        self.push(CellKind::Value, run.syntax(), &value);
        self.levels.push(level);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.levels.pop();
        Ok(())
    }
}

/// Wrappers around the records of a web service's answer.
fn is_envelope(local: &str) -> bool {
    matches!(local, "Envelope" | "Body" | "Response_Data") || local.ends_with("_Response")
}

/// What a `Descriptor` describes: `Worker` for `Worker_group` and `Worker_Reference`.
fn owner_name(local: &str) -> &str {
    let ending = |ending: &str| {
        let cut = local.len().checked_sub(ending.len()).filter(|&cut| cut > 0)?;
        let tail = local.get(cut..)?;
        tail.eq_ignore_ascii_case(ending).then(|| &local[..cut])
    };
    ending("_group").or_else(|| ending("_reference")).unwrap_or(local)
}

/// `Employee_ID` of `<wd:ID wd:type="Employee_ID">`.
fn id_type(attributes: &[Attribute<'_>]) -> Result<Option<String>, Refusal> {
    let kind = attributes.iter().find(|attribute| attribute.local() == "type");
    kind.map(|kind| kind.value().map(std::borrow::Cow::into_owned)).transpose()
}

#[cfg(test)]
mod tests;
