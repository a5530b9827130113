//! ODS: one strict walk over `content.xml` gives cells and comments row by row, in flat memory however often
//! cells are repeated; other parts give their texts.

use super::package::{Package, attribute};
use super::parts::Texts;
use super::sheet::{Cell, Comment, SheetRows};
use super::sink::Sink;
use super::value::{iso_text, number_text};
use crate::formats::xml::lexer::{Attribute, Run, RunKind, Visitor, local_name};
use custody_rules::table::CellKind;
use custody_rules::{Reason, Refusal};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

/// Columns and rows of a sheet, as LibreOffice has them.
const COLUMNS_MAX: u32 = 16_384;
const ROWS_MAX: u32 = 1_048_576;

/// Cells that stand in the file once and in the sheet many times.
const REPEATED_CELLS_MAX: u64 = 5_000_000;

/// Reads the whole workbook.
///
/// # Errors
/// A [`Refusal`] of what breaks the format or a limit.
pub(super) fn read(file: &Arc<File>, sink: &mut Sink) -> Result<(), Refusal> {
    let mut package = Package::open(file, &sink.limits)?;
    let mut manifest = Manifest::default();
    package.visit("meta-inf/manifest.xml", &mut manifest)?;
    if manifest.locked {
        return Err(Refusal::new(
            Reason::Encrypted,
            "it is locked with a password: save it without one first",
        ));
    }
    let mut content = Content::new(sink);
    if !package.visit("content.xml", &mut content)? {
        return Err(Refusal::new(Reason::Malformed, "the package has no content part"));
    }
    if content.sheets == 0 {
        return Err(Refusal::new(Reason::Malformed, "there is no sheet in it"));
    }
    let extras = content.extras;
    let mut number = 0_u32;
    let mut take = |heading: Option<&str>, text: &str| {
        number = number.saturating_add(1);
        sink.push((u32::MAX, 0, number), CellKind::Property, heading, text)
    };
    extras.iter().try_for_each(|text| take(None, text))?;
    for part in ["meta.xml", "styles.xml"] {
        package.visit(part, &mut Texts::new(&mut take))?;
    }
    Ok(())
}

#[derive(Default)]
struct Manifest {
    locked: bool,
}

impl Visitor for Manifest {
    fn start(&mut self, name: &str, _: &[Attribute<'_>]) -> Result<(), Refusal> {
        self.locked |= local_name(name) == "encryption-data";
        Ok(())
    }

    fn run(&mut self, _: Run<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// What an open element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Table,
    Row,
    Cell,
    Paragraph,
    Annotation,
    Creator,
    Style,
    Other,
}

/// A cell of the row that is being read.
#[derive(Debug, Default)]
struct Draft {
    /// `float`, `string`, …
    kind: String,
    /// The value's own attribute, where it has one.
    value: Option<String>,
    /// What is shown.
    shown: String,
    paragraphs: u32,
    repeated: u32,
}

struct Content<'s> {
    sink: &'s mut Sink,
    rows: Option<SheetRows<'static>>,
    sheets: u32,
    stack: Vec<Open>,
    style: String,
    hidden_styles: HashSet<String>,
    row: u32,
    row_repeated: u32,
    column: u32,
    hidden_column: u32,
    cell: Option<Draft>,
    /// Cells of the row with their first column and repetition.
    line: Vec<(u32, u32, Cow<'static, str>, bool)>,
    note: Option<(String, String)>,
    notes: Vec<Comment>,
    text: String,
    extras: Vec<String>,
    repeated: u64,
}

impl<'s> Content<'s> {
    fn new(sink: &'s mut Sink) -> Self {
        Self {
            sink,
            rows: None,
            sheets: 0,
            stack: Vec::new(),
            style: String::new(),
            hidden_styles: HashSet::new(),
            row: 0,
            row_repeated: 1,
            column: 0,
            hidden_column: 0,
            cell: None,
            line: Vec::new(),
            note: None,
            notes: Vec::new(),
            text: String::new(),
            extras: Vec::new(),
            repeated: 0,
        }
    }

    fn open_of(&self, local: &str) -> Open {
        match local {
            // A table inside a cell or a drawing is no sheet.
            "table" if self.rows.is_none() => Open::Table,
            "table-row" if self.stack.contains(&Open::Table) && !self.stack.contains(&Open::Row) => Open::Row,
            "table-cell" | "covered-table-cell" if self.cell.is_none() && self.stack.contains(&Open::Row) => {
                Open::Cell
            }
            "p" | "h" => Open::Paragraph,
            "annotation" => Open::Annotation,
            "creator" => Open::Creator,
            "style" => Open::Style,
            _ => Open::Other,
        }
    }

    fn start_sheet(&mut self, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let name = attribute(attributes, "name")?.unwrap_or_default();
        let style = attribute(attributes, "style-name")?.unwrap_or_default();
        let hidden = self.hidden_styles.contains(&style);
        self.rows = Some(SheetRows::start(self.sink, self.sheets, &name, hidden)?);
        self.sheets += 1;
        (self.row, self.hidden_column) = (0, 0);
        Ok(())
    }

    fn start_cell(&mut self, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let mut draft = Draft { repeated: count(attributes, "number-columns-repeated")?, ..Draft::default() };
        // LibreOffice repeats the type in an extension of its own: the first one counts.
        draft.kind = attribute(attributes, "value-type")?.unwrap_or_default();
        let own = match draft.kind.as_str() {
            "date" => "date-value",
            "time" => "time-value",
            "boolean" => "boolean-value",
            "string" => "string-value",
            _ => "value",
        };
        draft.value = attribute(attributes, own)?;
        self.cell = Some(draft);
        Ok(())
    }

    fn hidden_columns(&mut self, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let columns = count(attributes, "number-columns-repeated")?;
        let first = self.hidden_column;
        self.hidden_column = first.saturating_add(columns);
        let visibility = attribute(attributes, "visibility")?;
        if let (Some("collapse" | "filter"), Some(rows)) = (visibility.as_deref(), &mut self.rows) {
            rows.hide_columns(first, self.hidden_column.saturating_sub(1));
        }
        Ok(())
    }

    fn end_cell(&mut self) {
        let Some(draft) = self.cell.take() else { return };
        let (column, repeated) = (self.column, draft.repeated);
        self.column = column.saturating_add(repeated);
        let (text, is_text) = draft.finish();
        if !text.is_empty() {
            self.line.push((column, repeated, Cow::Owned(text), is_text));
        }
    }

    fn end_row(&mut self) -> Result<(), Refusal> {
        let line = std::mem::take(&mut self.line);
        let Some(rows) = &mut self.rows else { return Ok(()) };
        rows.add_comments(self.notes.drain(..));
        let cells: u64 = line.iter().map(|cell| u64::from(cell.1)).sum();
        self.repeated += (cells * u64::from(self.row_repeated)).saturating_sub(line.len() as u64);
        let last = self.row.saturating_add(self.row_repeated);
        let wide = line.iter().any(|cell| cell.0.saturating_add(cell.1) > COLUMNS_MAX);
        if wide || (!line.is_empty() && last > ROWS_MAX) || self.repeated > REPEATED_CELLS_MAX {
            return Err(Refusal::new(
                Reason::TooLarge,
                "its cells are repeated beyond the limits of a sheet",
            ));
        }
        if !line.is_empty() {
            for row in self.row..last {
                for (first, repeated, text, is_text) in &line {
                    for column in *first..first + repeated {
                        let cell = Cell { row, column, text: text.clone(), is_text: *is_text };
                        rows.cell(self.sink, cell)?;
                    }
                }
            }
        }
        self.row = last;
        Ok(())
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if let Some((note, _)) = &mut self.note {
            if !note.is_empty() {
                note.push('\n');
            }
            note.push_str(&text);
        } else if let Some(draft) = self.cell.as_mut().filter(|_| self.stack.last() == Some(&Open::Cell)) {
            if draft.paragraphs > 0 {
                draft.shown.push('\n');
            }
            draft.paragraphs += 1;
            draft.shown.push_str(&text);
        } else if !text.trim().is_empty() {
            self.extras.push(text);
        }
    }

    fn end_note(&mut self) {
        let Some((text, author)) = self.note.take() else { return };
        let (row, column) = (self.row, self.column);
        for (heading, text) in [(Some("Author"), author), (None, text)] {
            if !text.trim().is_empty() {
                self.notes.push(Comment { row, column, heading, text });
            }
        }
    }
}

impl Draft {
    /// The cell's text and whether it is text by type.
    fn finish(self) -> (String, bool) {
        let shown = self.shown;
        match (self.kind.as_str(), self.value) {
            ("float" | "percentage" | "currency", Some(value)) => {
                let text = value.trim().parse().map_or(value, number_text);
                (if is_masked(&shown, &text) { shown } else { text }, false)
            }
            ("date", Some(value)) => (iso_text(value), false),
            ("time", Some(value)) => (if shown.is_empty() { value } else { shown }, false),
            ("boolean", Some(value)) => (value.to_uppercase(), false),
            ("string", Some(value)) if shown.is_empty() => (value, true),
            _ => (shown, true),
        }
    }
}

/// Whether a number is shown as an identifier: the same digits with zeros before or separators between.
fn is_masked(shown: &str, number: &str) -> bool {
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let plain = shown.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ' | '(' | ')' | '/'));
    let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    plain && whole && shown != number && digits.trim_start_matches('0') == number.trim_start_matches('0')
}

fn count(attributes: &[Attribute<'_>], name: &str) -> Result<u32, Refusal> {
    let bad = || Refusal::new(Reason::Malformed, "a cell is repeated a number of times that cannot be");
    match attribute(attributes, name)? {
        None => Ok(1),
        Some(digits) => digits.parse().ok().filter(|&n| n > 0).ok_or_else(bad),
    }
}

impl Visitor for Content<'_> {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let local = local_name(name);
        let open = self.open_of(local);
        // Elements that only format text inside a paragraph do not change whose text it is.
        let formats = self.stack.last() == Some(&Open::Paragraph) && open == Open::Other;
        match (open, local) {
            (Open::Table, _) => self.start_sheet(attributes)?,
            (Open::Row, _) => {
                self.row_repeated = count(attributes, "number-rows-repeated")?;
                self.column = 0;
            }
            (Open::Cell, _) => self.start_cell(attributes)?,
            (Open::Annotation, _) => self.note = Some((String::new(), String::new())),
            (Open::Style, _) => self.style = attribute(attributes, "name")?.unwrap_or_default(),
            (_, "table-properties") if attribute(attributes, "display")?.as_deref() == Some("false") => {
                self.hidden_styles.insert(self.style.clone());
            }
            (_, "table-column") => self.hidden_columns(attributes)?,
            (_, "s") if formats => {
                let spaces = count(attributes, "c")?.min(COLUMNS_MAX);
                self.text.extend(std::iter::repeat_n(' ', spaces as usize));
            }
            (_, "tab") if formats => self.text.push('\t'),
            (_, "line-break") if formats => self.text.push('\n'),
            (_, "a") => self.extras.extend(attribute(attributes, "href")?),
            (_, "named-range" | "named-expression") => self.extras.extend(attribute(attributes, "name")?),
            _ => {}
        }
        self.stack.push(if formats { Open::Paragraph } else { open });
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        if !matches!(run.kind, RunKind::Text | RunKind::Cdata) {
            return Ok(());
        }
        let text = run.text()?;
        match (self.stack.last(), &mut self.note) {
            (Some(Open::Paragraph), _) => self.text.push_str(&text),
            (Some(Open::Creator), Some((_, author))) => author.push_str(text.trim()),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let ended = self.stack.pop();
        match ended {
            Some(Open::Table) => {
                if let Some(mut rows) = self.rows.take() {
                    rows.finish(self.sink)?;
                }
            }
            Some(Open::Row) => self.end_row()?,
            Some(Open::Cell) => self.end_cell(),
            Some(Open::Paragraph) if self.stack.last() != Some(&Open::Paragraph) => self.end_paragraph(),
            Some(Open::Annotation) => self.end_note(),
            _ => {}
        }
        Ok(())
    }
}
