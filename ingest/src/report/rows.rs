//! Where the readers of reports put their values, row by row: into guesses at types, or into typed batches. Knows no file
//! format.

use super::guess::{Guess, Kind};
use super::value::{date, moment, number};
use crate::formats::workbook::sheet::COLUMNS_MAX;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use custody_rules::{BatchSource, Limits, Reason, Refusal};
use std::sync::Arc;

/// A value that does not fit its column: what those before it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Misfit(&'static str);

impl Misfit {
    /// Says where it stands; both count from 1.
    pub(super) fn refusal(self, row: u64, column: usize) -> Refusal {
        let Self(name) = self;
        let detail = format!(
            "row {row}, column {column}: a value that is not {name}, as those are that the column was judged by; ingest \
             the file, so that all of it is judged"
        );
        Refusal::new(Reason::Malformed, detail)
    }
}

/// Takes the values of rows. Slots count from 0; a slot that gets none in a row is null there.
pub(super) trait RowSink {
    /// A value that is not blank; at most one a slot and row. `as_number`: the file says that it is one.
    ///
    /// # Errors
    /// A [`Misfit`].
    fn value(&mut self, slot: usize, text: &str, as_number: bool) -> Result<(), Misfit>;

    /// The row ends.
    fn end_row(&mut self);

    /// Whether it wants no more rows now.
    fn is_full(&self) -> bool;
}

/// Feeds the rows of one table, from its beginning.
pub(super) trait RowWalk: Send {
    /// Feeds rows until the sink is full; `false` at the end.
    ///
    /// # Errors
    /// A [`Refusal`]; nothing after it may be used.
    fn feed(&mut self, sink: &mut dyn RowSink) -> Result<bool, Refusal>;
}

/// Looks at values of as many columns as come.
#[derive(Debug, Default)]
pub(super) struct Judge {
    /// By slot.
    pub(super) guesses: Vec<Guess>,
    /// How many there were.
    pub(super) rows: u64,
    /// After so many it is full.
    pub(super) rows_max: Option<u64>,
}

impl Judge {
    /// One that is full after so many rows, if a number is given.
    pub(super) fn new(slots: usize, rows_max: Option<u64>) -> Self {
        Self { guesses: vec![Guess::default(); slots], rows: 0, rows_max }
    }

    /// Notes that a column has a value that is not judged: a text, if nothing else is known of it.
    pub(super) fn there(&mut self, slot: usize) {
        if slot >= self.guesses.len() {
            self.guesses.resize_with(slot + 1, Guess::default);
        }
        if !self.guesses[slot].seen() {
            self.guesses[slot].see("text", false);
        }
    }

    /// By column of a sheet: whether it has no value so far.
    pub(super) fn unseen(&self) -> Vec<bool> {
        let seen = |column: u32| self.guesses.get(column as usize).is_some_and(|guess| guess.seen());
        (0..COLUMNS_MAX).map(|column| !seen(column)).collect()
    }
}

impl RowSink for Judge {
    fn value(&mut self, slot: usize, text: &str, as_number: bool) -> Result<(), Misfit> {
        if slot >= self.guesses.len() {
            self.guesses.resize_with(slot + 1, Guess::default);
        }
        self.guesses[slot].see(text, as_number);
        Ok(())
    }

    fn end_row(&mut self) {
        self.rows += 1;
    }

    fn is_full(&self) -> bool {
        self.rows_max.is_some_and(|most| self.rows >= most)
    }
}

/// Builds typed batches.
struct Build {
    schema: SchemaRef,
    kinds: Vec<Kind>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    limits: Limits,
}

impl Build {
    /// For columns of these kinds, which are the schema's.
    fn new(schema: SchemaRef, kinds: Vec<Kind>, limits: &Limits) -> Self {
        let columns = kinds.iter().map(|&kind| Column::new(kind)).collect();
        Self { schema, kinds, columns, rows: 0, bytes: 0, limits: *limits }
    }

    fn take(&mut self) -> Result<RecordBatch, Refusal> {
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        (self.rows, self.bytes) = (0, 0);
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|_| Refusal::new(Reason::Malformed, "its columns are not of one length"))
    }
}

impl RowSink for Build {
    #[inline]
    fn value(&mut self, slot: usize, text: &str, _: bool) -> Result<(), Misfit> {
        self.bytes += text.len();
        self.columns[slot].push(text).ok_or_else(|| Misfit(self.kinds[slot].name()))
    }

    #[inline]
    fn end_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            column.fill_to(self.rows);
        }
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.rows >= self.limits.batch_rows_max || self.bytes >= self.limits.batch_bytes_max
    }
}

/// A builder of one column.
enum Column {
    Text(StringBuilder),
    Date(super::value::Order, Date32Builder),
    Moment(bool, TimestampMillisecondBuilder),
    Truth(BooleanBuilder),
    Whole(super::value::Marks, Int64Builder),
    Decimal(super::value::Marks, u8, Decimal128Builder),
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Date(order) => Self::Date(order, Date32Builder::new()),
            Kind::Moment { zoned } => Self::Moment(zoned, TimestampMillisecondBuilder::new()),
            Kind::Truth => Self::Truth(BooleanBuilder::new()),
            Kind::Whole(marks) => Self::Whole(marks, Int64Builder::new()),
            Kind::Decimal(marks, scale) => {
                let builder = Decimal128Builder::new().with_data_type(kind.data_type());
                Self::Decimal(marks, scale, builder)
            }
        }
    }

    /// Adds a value; `None` if it is of another kind.
    #[inline]
    fn push(&mut self, text: &str) -> Option<()> {
        if let Self::Text(builder) = self {
            builder.append_value(text);
            return Some(());
        }
        let text = text.trim_ascii().as_bytes();
        match self {
            Self::Text(_) => {}
            Self::Date(order, builder) => builder.append_value(date(text, *order)?),
            Self::Moment(zoned, builder) => {
                let (ms, has_zone) = moment(text)?;
                builder.append_value((has_zone == *zoned).then_some(ms)?);
            }
            Self::Truth(builder) => builder.append_value(truth(text)?),
            Self::Whole(marks, builder) => {
                let whole = number(text, *marks).filter(|number| number.scale == 0)?;
                builder.append_value(i64::try_from(whole.digits).ok()?);
            }
            Self::Decimal(marks, scale, builder) => {
                builder.append_value(number(text, *marks)?.at_scale(*scale)?);
            }
        }
        Some(())
    }

    /// Adds a null where the row had no value.
    #[inline]
    fn fill_to(&mut self, rows: usize) {
        macro_rules! fill {
            ($builder:expr) => {
                if arrow_array::builder::ArrayBuilder::len($builder) < rows {
                    $builder.append_null();
                }
            };
        }
        match self {
            Self::Text(builder) => fill!(builder),
            Self::Date(_, builder) => fill!(builder),
            Self::Moment(_, builder) => fill!(builder),
            Self::Truth(builder) => fill!(builder),
            Self::Whole(_, builder) => fill!(builder),
            Self::Decimal(_, _, builder) => fill!(builder),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Date(_, builder) => Arc::new(builder.finish()),
            Self::Moment(_, builder) => Arc::new(builder.finish()),
            Self::Truth(builder) => Arc::new(builder.finish()),
            Self::Whole(_, builder) => Arc::new(builder.finish()),
            Self::Decimal(_, _, builder) => Arc::new(builder.finish()),
        }
    }
}

fn truth(text: &[u8]) -> Option<bool> {
    match text {
        b"1" => Some(true),
        b"0" => Some(false),
        text if text.eq_ignore_ascii_case(b"true") => Some(true),
        text if text.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// A walk as batches.
pub(super) struct Batches {
    walk: Box<dyn RowWalk>,
    build: Build,
    done: bool,
}

impl Batches {
    /// The batches of a walk whose slots are the schema's columns, of these kinds.
    pub(super) fn new(walk: Box<dyn RowWalk>, schema: SchemaRef, kinds: Vec<Kind>, limits: &Limits) -> Self {
        Self { walk, build: Build::new(schema, kinds, limits), done: false }
    }
}

impl BatchSource for Batches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        while !self.done && !self.build.is_full() {
            self.done = !self.walk.feed(&mut self.build)?;
        }
        if self.build.rows == 0 { Ok(None) } else { self.build.take().map(Some) }
    }
}

/// Whether a cell holds nothing but white space: it is empty then.
#[inline]
pub(super) fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(first) if first.is_ascii_graphic() => false,
        Some(_) => text.trim_start().is_empty(),
    }
}
