//! The XML and JSON of report web services: entries become rows, what repeats within an entry becomes a table of its own,
//! tied to the main one by the entry's number. The shape is found by a first reading of everything; how each format says
//! it is told by [`xml`] and [`json`].

mod fill;
mod json;
mod learn;
mod xml;

use self::fill::Walk;
use self::learn::{Learn, MAIN, Shape};
use super::heading::names;
use super::rows::RowWalk;
use super::table::{ROW_COLUMN, ReportTable, Rows, Source};
use crate::encoding::utf8_view;
use custody_rules::{ArtifactKind, Reason, Refusal};
use std::sync::Arc;

/// What stands in an entry, in the order of the text.
trait Events {
    /// An entry begins.
    fn entry(&mut self) -> Result<(), Refusal>;
    /// The entry ends.
    fn entry_end(&mut self) -> Result<(), Refusal>;
    /// Something named begins inside of what is open.
    fn open(&mut self, name: &str, how: Named) -> Result<(), Refusal>;
    /// A value of what is open; `as_number`: the file says that it is one.
    fn value(&mut self, text: &str, as_number: bool) -> Result<(), Refusal>;
    /// What was opened last ends.
    fn close(&mut self) -> Result<(), Refusal>;
}

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// A field, or a group of fields.
    Field,
    /// One of a list, even if it is the only one.
    Item,
    /// A type of identifier of an instance; several of one type stand in one cell.
    Identifier,
}

/// A text that is read event by event.
trait Steps: Send {
    /// Goes on by one piece; `false` at the end.
    fn step(&mut self, events: &mut dyn Events) -> Result<bool, Refusal>;
}

fn steps(source: &Source) -> Result<Box<dyn Steps>, Refusal> {
    let view = utf8_view(source.file()?, source.sniffed.encoding)?;
    Ok(match source.sniffed.kind {
        ArtifactKind::Xml => Box::new(xml::Reading::new(view, &source.limits)),
        _ => Box::new(json::Reading::new(view, source.sniffed.format == "ndjson", &source.limits)),
    })
}

/// The main table and those of what repeats.
///
/// # Errors
/// A [`Refusal`] of what is no report, has no entry, or breaks the format or a limit.
pub(super) fn tables(source: &Source) -> Result<Vec<ReportTable>, Refusal> {
    let (mut learn, mut reading) = (Learn::default(), steps(source)?);
    while reading.step(&mut learn)? {}
    let shape = Arc::new(learn.finish());
    if shape.rows(MAIN) == 0 {
        return Err(Refusal::new(Reason::Empty, "the report has no entry"));
    }
    let found = shape.tables();
    let tied = found.len() > 1;
    let table_names = names(found[1..].iter().map(|&table| shape.name(table)));
    let tables = found.iter().enumerate().map(|(at, &table)| {
        let name = at.checked_sub(1).map_or_else(String::new, |at| table_names[at].clone());
        let mut columns: Vec<Option<usize>> = shape.columns(table).into_iter().map(Some).collect();
        if tied {
            columns.insert(0, None);
        }
        let heading = |column: &Option<usize>| {
            column.map_or_else(|| ROW_COLUMN.to_owned(), |node| shape.heading(table, node))
        };
        let headings: Vec<String> = columns.iter().map(heading).collect();
        let typed: Vec<_> = names(headings.iter().map(String::as_str))
            .into_iter()
            .zip(headings.iter().cloned())
            .zip(&columns)
            .map(|((name, heading), column)| (name, heading, shape.guess(*column)))
            .collect();
        let rows = shape.rows(table);
        let reader = Report { source: source.clone(), shape: Arc::clone(&shape), table, columns };
        ReportTable::new(name, Some(rows), &typed, (Arc::new(reader), &source.limits))
    });
    Ok(tables.collect())
}

/// One table of a report.
struct Report {
    source: Source,
    shape: Arc<Shape>,
    table: usize,
    /// Where each column's values stand; none for the entry's number.
    columns: Vec<Option<usize>>,
}

impl Rows for Report {
    fn walk(&self, wanted: &[usize]) -> Result<Box<dyn RowWalk>, Refusal> {
        let columns: Vec<Option<usize>> = wanted.iter().map(|&column| self.columns[column]).collect();
        Ok(Box::new(Walk::new(steps(&self.source)?, Arc::clone(&self.shape), self.table, &columns)))
    }
}
