//! Header rows that were seen earlier in a recording: the cells of a table whose header scrolled off the screen are
//! still those of its columns. Geometry of rows and columns only.

use super::layout::{Row, Segment};
use super::words::{Label, Page, has_figures};
use custody_rules::ValueIndexBuilder;

/// Header rows that are remembered; the one seen last stays longest.
const HEADERS_MAX: usize = 16;
/// Columns that a row has to fit.
const COLUMNS_MIN: usize = 3;
/// Rows that have to fit before a header is taken to be theirs.
const ROWS_MIN: usize = 2;

/// A header row as it was seen last: its columns from left to right.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    columns: Vec<Column>,
    /// Height of its text.
    height: u32,
}

/// Where a column's cells begin and end, and what they are.
#[derive(Debug, Clone, Copy)]
struct Column {
    heading: (u32, u32),
    cells: (u32, u32),
    label: Option<Label>,
}

impl Seen {
    fn slack(&self) -> u32 {
        (self.height * 3 / 4).max(5)
    }

    fn is_same(&self, other: &Self) -> bool {
        let near = |a: &Column, b: &Column| a.heading.0.abs_diff(b.heading.0) <= self.slack();
        self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|(a, b)| near(a, b))
    }

    /// The column in whose place a segment stands: its cells begin there, or end there.
    fn column(&self, segment: &Segment) -> Option<usize> {
        let off = |column: &Column| {
            segment.left.abs_diff(column.cells.0).min(segment.right.abs_diff(column.cells.1))
        };
        let nearest = (0..self.columns.len()).min_by_key(|&at| off(&self.columns[at]))?;
        (off(&self.columns[nearest]) <= self.slack()).then_some(nearest)
    }

    /// The columns of a row's segments, if the row is one of the table's.
    fn fit<'r>(&self, row: &'r Row) -> Option<Vec<(usize, &'r Segment)>> {
        let left = self.columns.iter().map(|c| c.cells.0.min(c.heading.0)).min()?;
        let right = self.columns.iter().map(|c| c.cells.1.max(c.heading.1)).max()?;
        let inside = row.segments.iter().filter(|s| s.left + self.slack() >= left && s.left <= right);
        let inside: Vec<&Segment> = inside.collect();
        let mut fitting: Vec<(usize, &Segment)> =
            inside.iter().filter_map(|&segment| Some((self.column(segment)?, segment))).collect();
        fitting.dedup_by_key(|(column, _)| *column);
        let rising = fitting.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let enough = fitting.len() >= COLUMNS_MIN && fitting.len() * 10 >= inside.len() * 7;
        (rising && enough).then_some(fitting)
    }
}

impl Page<'_> {
    /// Remembers the header rows of a page and where their columns' cells stand.
    pub(super) fn remember_headers(&mut self, rows: &[Row], headers: &[bool]) {
        for at in (0..rows.len()).filter(|&at| headers[at]) {
            let seen = self.seen(rows, headers, at);
            if seen.columns.iter().any(|column| column.label.is_some()) {
                self.headers.retain(|old| !old.is_same(&seen));
                self.headers.push(seen);
            }
        }
        let extra = self.headers.len().saturating_sub(HEADERS_MAX);
        self.headers.drain(..extra);
    }

    fn seen(&self, rows: &[Row], headers: &[bool], at: usize) -> Seen {
        let header = &rows[at].segments;
        let end = (at + 1..rows.len()).find(|&row| headers[row]).unwrap_or(rows.len());
        let column = |number: usize| {
            let own = &header[number];
            let from = number.checked_sub(1).map_or(0, |left| header[left].right);
            let to = header.get(number + 1).map_or(u32::MAX, |right| right.left);
            let below = rows[at + 1..end].iter().flat_map(|row| &row.segments);
            let cells: Vec<&Segment> =
                below.filter(|s| Self::is_under(s, (header, number), (from, to))).collect();
            let edge = |of: fn(&Segment) -> u32, own: u32| {
                let mut edges: Vec<u32> = cells.iter().map(|segment| of(segment)).collect();
                edges.sort_unstable();
                edges.get(edges.len() / 2).copied().unwrap_or(own)
            };
            Column {
                heading: (own.left, own.right),
                cells: (edge(|s| s.left, own.left), edge(|s| s.right, own.right)),
                label: self.label(&own.text),
            }
        };
        Seen { columns: (0..header.len()).map(column).collect(), height: rows[at].height() }
    }

    /// Marks the cells of a table whose header is not on the page, by the columns of one that was seen before.
    pub(super) fn below_remembered(
        &mut self,
        rows: &[Row],
        headers: &[bool],
        values: &mut Option<&mut ValueIndexBuilder>,
    ) {
        // Below a header of the page, that one says what the cells are.
        let end = headers.iter().position(|&is_header| is_header).unwrap_or(rows.len());
        for number in (0..self.headers.len()).rev() {
            let seen = self.headers[number].clone();
            let fitting: Vec<Vec<(usize, &Segment)>> =
                rows[..end].iter().filter_map(|row| seen.fit(row)).collect();
            if fitting.len() < ROWS_MIN {
                continue;
            }
            for (at, column) in seen.columns.iter().enumerate() {
                let Some(label) = column.label else { continue };
                let cells = fitting.iter().flatten().filter(|(own, _)| *own == at).map(|(_, cell)| *cell);
                let cells: Vec<&Segment> = cells.collect();
                let figures = cells.iter().filter(|s| has_figures(&s.text)).count() * 2 > cells.len();
                for cell in cells.into_iter().filter(|cell| has_figures(&cell.text) || !figures) {
                    if !self.is_label(&cell.text) || self.may_be_name(&cell.text, label) {
                        self.mark_whole(cell, 0, label, values);
                    }
                }
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(text: &str, left: u32, top: u32) -> Segment {
        let (right, bottom) = (left + 8 * text.len() as u32, top + 12);
        Segment { words: vec![0], text: text.to_owned(), starts: vec![0], left, right, top, bottom }
    }

    fn row(texts: &[(&str, u32)], top: u32) -> Row {
        let segments = texts.iter().map(|&(text, left)| segment(text, left, top)).collect();
        Row { segments, top, bottom: top + 12 }
    }

    #[test]
    fn only_rows_in_the_same_columns_fit() {
        let column =
            |left: u32, right: u32| Column { heading: (left, left + 60), cells: (left, right), label: None };
        let seen = Seen { columns: vec![column(220, 260), column(330, 450), column(740, 800)], height: 12 };
        let cells = row(&[("Benefits", 20), ("021072", 220), ("Ada Byron", 331), ("51,000.00", 728)], 300);
        let columns: Vec<usize> = seen.fit(&cells).expect("it fits").iter().map(|(at, _)| *at).collect();
        assert_eq!(columns, [0, 1, 2]);
        assert!(seen.fit(&row(&[("021072", 220), ("Ada Byron", 331)], 300)).is_none());
        assert!(seen.fit(&row(&[("Legal Name", 250), ("Ada Byron", 470), ("x", 640)], 300)).is_none());
    }
}
