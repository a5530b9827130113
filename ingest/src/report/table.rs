//! A report's table as others see it: its name, its typed columns, a scan of some of them. Each format brings its rows.

use super::Opener;
use super::guess::{Guess, Kind};
use super::rows::{Batches, RowWalk};
use arrow_schema::{Field, Schema, SchemaRef};
use custody_rules::{BatchSource, Limits, Reason, Refusal, Sniffed, TableSource};
use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;

/// Key of a column's metadata: its heading as it stands in the report.
pub const HEADING_KEY: &str = "custody.heading";
/// Key of a column's metadata: what its type does not say, as `date order unclear`.
pub const NOTE_KEY: &str = "custody.note";
/// The column that ties the tables of a report together: the number of the entry, from 0, in the main table's order.
pub const ROW_COLUMN: &str = "_row";

/// A report's file, which can be opened again.
#[derive(Clone)]
pub(super) struct Source {
    open: Opener,
    /// What it is.
    pub(super) sniffed: Sniffed,
    /// What is too large.
    pub(super) limits: Limits,
    length: u64,
}

impl Source {
    /// Looks at the file for the first time.
    pub(super) fn new(open: Opener, sniffed: Sniffed, limits: &Limits) -> Result<Self, Refusal> {
        let length = open()?.metadata()?.len();
        Ok(Self { open, sniffed, limits: *limits, length })
    }

    /// The file, if it is still as long as it was.
    pub(super) fn file(&self) -> Result<File, Refusal> {
        let file = (self.open)()?;
        if file.metadata()?.len() != self.length {
            return Err(Refusal::new(Reason::Changed, "the report is not the one that was opened first"));
        }
        Ok(file)
    }
}

/// What a format knows of one of its tables.
pub(super) trait Rows: Send + Sync {
    /// Walks over the rows from the beginning. Slot `n` of the sink is column `wanted[n]` of the table.
    fn walk(&self, wanted: &[usize]) -> Result<Box<dyn RowWalk>, Refusal>;
}

/// One table that a report holds.
pub struct ReportTable {
    /// Empty for the only or the main one; otherwise the sheet's name, or that of the group that repeats.
    pub name: String,
    /// How many rows it has, if all were counted: not where only a sample was read.
    pub rows: Option<u64>,
    schema: SchemaRef,
    kinds: Vec<Kind>,
    reader: Arc<dyn Rows>,
    limits: Limits,
}

impl ReportTable {
    /// A table whose columns have these names, headings and values.
    pub(super) fn new(
        name: String,
        rows: Option<u64>,
        columns: &[(String, String, Guess)],
        (reader, limits): (Arc<dyn Rows>, &Limits),
    ) -> Self {
        let (mut kinds, mut fields) = (Vec::new(), Vec::new());
        for (name, heading, guess) in columns {
            let (kind, note) = guess.decide(heading);
            let mut metadata = HashMap::from([(HEADING_KEY.to_owned(), heading.clone())]);
            metadata.extend(note.map(|note| (NOTE_KEY.to_owned(), note.to_owned())));
            fields.push(Field::new(name, kind.data_type(), true).with_metadata(metadata));
            kinds.push(kind);
        }
        Self { name, rows, schema: Arc::new(Schema::new(fields)), kinds, reader, limits: *limits }
    }
}

impl TableSource for ReportTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal> {
        let missing = || Refusal::new(Reason::Unsupported, "a column that the report does not have");
        let schema = self.schema.project(columns).map_err(|_| missing())?;
        let kinds = columns.iter().map(|&column| self.kinds[column]).collect();
        let walk = self.reader.walk(columns)?;
        Ok(Box::new(Batches::new(walk, Arc::new(schema), kinds, &self.limits)))
    }
}

impl std::fmt::Debug for ReportTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportTable")
            .field("rows", &self.rows)
            .field("columns", &self.kinds.len())
            .finish_non_exhaustive()
    }
}
