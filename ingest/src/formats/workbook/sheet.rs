//! One sheet's rows on their way out: searches the header row, gives values their headings, merges comments
//! in. Cells must come in order.

use super::layout::{self, SEARCHED_ROWS};
use super::sink::Sink;
use custody_rules::table::{CellKind, SHEET_NAME_COLUMN};
use custody_rules::{Reason, Refusal};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

/// A cell with its text as a spreadsheet would show it. Borrowed where many cells share one text.
#[derive(Debug, Clone)]
pub(crate) struct Cell<'a> {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) text: Cow<'a, str>,
    /// Whether it is text, not a number, date, truth value or error.
    pub(crate) is_text: bool,
}

/// A comment, note or its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Comment {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) heading: Option<&'static str>,
    pub(super) text: String,
}

/// The rows of one sheet.
pub(super) struct SheetRows<'a> {
    number: u32,
    hidden: bool,
    hidden_columns: HiddenColumns,
    comments: VecDeque<Comment>,
    /// Cells among which the header row is searched; `None` once it is settled.
    first: Option<Vec<Cell<'a>>>,
    header: Option<u32>,
    template: bool,
    headings: HashMap<u32, String>,
    last: Option<(u32, u32)>,
    extras: u32,
}

impl<'a> SheetRows<'a> {
    /// Starts a sheet: its name is the first row.
    pub(super) fn start(sink: &mut Sink, number: u32, name: &str, hidden: bool) -> Result<Self, Refusal> {
        sink.push((number, 0, SHEET_NAME_COLUMN), CellKind::SheetName, None, name)?;
        Ok(Self {
            number,
            hidden,
            hidden_columns: HiddenColumns::default(),
            comments: VecDeque::new(),
            first: Some(Vec::new()),
            header: None,
            template: false,
            headings: HashMap::new(),
            last: None,
            extras: 0,
        })
    }

    /// These columns are hidden.
    pub(super) fn set_hidden(&mut self, columns: HiddenColumns) {
        self.hidden_columns = columns;
    }

    /// Columns `first..=last` are hidden.
    pub(super) fn hide_columns(&mut self, first: u32, last: u32) {
        self.hidden_columns.hide(first, last);
    }

    /// Adds comments, to be merged in; together they are in order of rows and columns.
    pub(super) fn add_comments(&mut self, comments: impl IntoIterator<Item = Comment>) {
        self.comments.extend(comments);
    }

    /// Adds the next cell.
    pub(super) fn cell(&mut self, sink: &mut Sink, cell: Cell<'a>) -> Result<(), Refusal> {
        if cell.text.is_empty() {
            return Ok(());
        }
        let place = (cell.row, cell.column);
        if self.last.is_some_and(|last| last >= place) {
            let (row, column) = (u64::from(cell.row) + 1, u64::from(cell.column) + 1);
            let detail =
                format!("sheet {}, row {row}, column {column}: a cell that is out of order", self.number + 1);
            return Err(Refusal::new(Reason::Malformed, detail));
        }
        self.last = Some(place);
        if let Some(first) = &mut self.first {
            let start = first.first().map_or(cell.row, |first| first.row);
            if cell.row - start < SEARCHED_ROWS {
                first.push(cell);
                return Ok(());
            }
            self.settle(sink)?;
        }
        self.emit(sink, &cell)
    }

    /// Adds a row that belongs to the sheet as a whole; comes after all cells.
    pub(super) fn property(
        &mut self,
        sink: &mut Sink,
        heading: Option<&str>,
        text: &str,
    ) -> Result<(), Refusal> {
        self.finish(sink)?;
        let place = (self.number, u32::MAX, self.extras);
        self.extras = self.extras.saturating_add(1);
        sink.push(place, CellKind::Property, heading, text)
    }

    /// Hands over what is still held back.
    pub(super) fn finish(&mut self, sink: &mut Sink) -> Result<(), Refusal> {
        self.settle(sink)?;
        self.comments_before(sink, (u32::MAX, u32::MAX))
    }

    fn settle(&mut self, sink: &mut Sink) -> Result<(), Refusal> {
        let Some(first) = self.first.take() else { return Ok(()) };
        self.header = layout::header_row(&first);
        self.template = layout::is_template(&first);
        first.iter().try_for_each(|cell| self.emit(sink, cell))
    }

    fn emit(&mut self, sink: &mut Sink, cell: &Cell<'_>) -> Result<(), Refusal> {
        self.comments_before(sink, (cell.row, cell.column))?;
        let place = (self.number, cell.row, cell.column);
        match self.header {
            Some(header) if cell.row < header => {
                let kind = if self.template { CellKind::Heading } else { CellKind::Preamble };
                sink.push(place, kind, None, &cell.text)
            }
            Some(header) if cell.row == header => {
                self.headings.insert(cell.column, cell.text.trim().to_owned());
                sink.push(place, CellKind::Heading, None, &cell.text)
            }
            _ => {
                let hidden = self.hidden || self.hidden_columns.holds(cell.column);
                let kind = if hidden { CellKind::Hidden } else { CellKind::Value };
                sink.push(place, kind, self.headings.get(&cell.column).map(String::as_str), &cell.text)
            }
        }
    }

    /// Hands over the comments of cells before this place.
    fn comments_before(&mut self, sink: &mut Sink, place: (u32, u32)) -> Result<(), Refusal> {
        while let Some(comment) = self.comments.pop_front_if(|next| (next.row, next.column) < place) {
            let at = (self.number, comment.row, comment.column);
            sink.push(at, CellKind::Comment, comment.heading, &comment.text)?;
        }
        Ok(())
    }
}
/// Columns a sheet can have.
pub(crate) const COLUMNS_MAX: u32 = 16_384;

/// The hidden columns of a sheet, one bit each: a hostile file names millions of ranges.
#[derive(Debug, Clone, Default)]
pub(super) struct HiddenColumns(Vec<u64>);

impl HiddenColumns {
    /// Columns `first..=last` are hidden; what lies beyond the last possible one is not kept.
    pub(super) fn hide(&mut self, first: u32, last: u32) {
        let last = last.min(COLUMNS_MAX - 1);
        if first > last {
            return;
        }
        self.0.resize((COLUMNS_MAX / 64) as usize, 0);
        for word in first / 64..=last / 64 {
            let from = u64::MAX << if word == first / 64 { first % 64 } else { 0 };
            let to = u64::MAX >> if word == last / 64 { 63 - last % 64 } else { 0 };
            self.0[word as usize] |= from & to;
        }
    }

    fn holds(&self, column: u32) -> bool {
        self.0.get(column as usize / 64).is_some_and(|bits| bits >> (column % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_ranges_hide_what_they_name() {
        let mut hidden = HiddenColumns::default();
        for (first, last) in [(3, 3), (60, 70), (128, 191), (16_000, u32::MAX), (9, 8), (u32::MAX, u32::MAX)]
        {
            hidden.hide(first, last);
        }
        let of = |column| hidden.holds(column);
        assert!([3, 60, 63, 64, 70, 128, 191, 16_000, 16_383].into_iter().all(of));
        assert!([0, 2, 4, 8, 9, 59, 71, 127, 192, 15_999, 16_384, u32::MAX].into_iter().all(|c| !of(c)));
    }
}
