//! What a table's columns are like, and nothing of what stands in them: types, gaps, numbers of distinct values, shapes
//! such as `A9999`. One pass over the table, in memory that does not grow with it.

mod distinct;
mod shape;

pub use distinct::Distinct;
pub use shape::shape_of;

use crate::tables::{Tables, TablesError, quoted};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::hash_utils::{RandomState, create_hashes};
use distinct::Counter;
use serde::Serialize;
use shape::Shapes;

/// What a table is like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Profile {
    /// Its rows.
    pub rows: u64,
    /// Its columns, in order.
    pub columns: Vec<ColumnProfile>,
}

/// What a column is like. Holds no value of it: no least, no greatest, no example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its type in few words: `text`, `date`, `time`, `yes/no`, `integer`, `decimal(2)`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Rows without a value.
    pub nulls: u64,
    /// How many different values there are.
    pub distinct: Distinct,
    /// Whether no value stands in it twice; unknown where there are too many to remember.
    pub unique: Option<bool>,
    /// The shape that most values have, as [`shape_of`] makes it; none without values.
    pub shape: Option<String>,
    /// How many shapes there are.
    pub shapes: u64,
    /// Whether that is all of them: a column of many shapes stops remembering new ones.
    pub all_shapes: bool,
}

impl ColumnProfile {
    /// Whether each row has a value, and another one: rows can be told apart by it.
    pub fn is_key(&self) -> bool {
        self.nulls == 0 && self.unique == Some(true)
    }

    /// Whether it tells rows apart in no way: no value at all, or the same in every row.
    pub fn is_constant(&self) -> bool {
        let distinct = self.distinct.count;
        distinct == 0 || (self.nulls == 0 && distinct == 1 && self.distinct.exact)
    }
}

impl Tables {
    /// Reads a whole table, by its name in SQL, and says what its columns are like. `each` sees every batch as well.
    ///
    /// # Errors
    /// [`TablesError::NotFound`] when nothing has that name; else as of [`query`](Self::query).
    pub fn profile(&self, name: &str, each: &mut dyn FnMut(&RecordBatch)) -> Result<Profile, TablesError> {
        let schema = self.columns(name)?;
        let mut profiler = Profiler::new(&schema);
        for batch in self.query_stream(&format!("SELECT * FROM {}", quoted(name)))? {
            let batch = batch?;
            profiler.push(&batch)?;
            each(&batch);
        }
        Ok(profiler.finish())
    }
}

/// Collects a profile, batch by batch.
pub struct Profiler {
    rows: u64,
    columns: Vec<Column>,
    hashes: Vec<u64>,
}

/// What is known of a column so far.
struct Column {
    name: String,
    kind: String,
    nulls: u64,
    distinct: Counter,
    shapes: Shapes,
}

impl Profiler {
    /// Begins, for a table of these columns.
    pub fn new(schema: &Schema) -> Self {
        let column = |field: &datafusion::arrow::datatypes::FieldRef| Column {
            name: field.name().clone(),
            kind: kind(field.data_type()),
            nulls: 0,
            distinct: Counter::default(),
            shapes: Shapes::default(),
        };
        Self { rows: 0, columns: schema.fields().iter().map(column).collect(), hashes: Vec::new() }
    }

    /// Takes rows in: batches of the columns it began with.
    ///
    /// # Errors
    /// [`TablesError::Failed`] for a batch of other columns, or of a type that has no text.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), TablesError> {
        if batch.num_columns() != self.columns.len() {
            return Err(TablesError::Failed);
        }
        self.rows += batch.num_rows() as u64;
        for (column, values) in self.columns.iter_mut().zip(batch.columns()) {
            column.nulls += values.null_count() as u64;
            self.hashes.clear();
            self.hashes.resize(values.len(), 0);
            let hashes = create_hashes([values], &RandomState::default(), &mut self.hashes);
            let hashes = hashes.map_err(|_| TablesError::Failed)?;
            let there = hashes.iter().enumerate().filter(|(row, _)| values.is_valid(*row));
            there.for_each(|(_, hash)| column.distinct.add(*hash));
            column.shapes(values)?;
        }
        Ok(())
    }

    /// Says what was seen.
    pub fn finish(self) -> Profile {
        let columns = self.columns.into_iter().map(|column| {
            let (shape, shapes, all_shapes) = column.shapes.finish();
            ColumnProfile {
                name: column.name,
                kind: column.kind,
                nulls: column.nulls,
                unique: column.distinct.unique(),
                distinct: column.distinct.finish(),
                shape,
                shapes,
                all_shapes,
            }
        });
        Profile { rows: self.rows, columns: columns.collect() }
    }
}

impl std::fmt::Debug for Profiler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiler").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Column {
    fn shapes(&mut self, values: &ArrayRef) -> Result<(), TablesError> {
        let there = (values.len() - values.null_count()) as u64;
        match values.data_type() {
            DataType::Date32 | DataType::Date64 => self.shapes.fixed("9999-99-99", there),
            DataType::Timestamp(..) => self.shapes.fixed("9999-99-99 99:99:99", there),
            DataType::Boolean => self.shapes.fixed("yes/no", there),
            DataType::Utf8 => {
                values.as_string::<i32>().iter().flatten().for_each(|text| self.shapes.add(text));
            }
            _ => {
                let texts = cast(values, &DataType::Utf8).map_err(|_| TablesError::Failed)?;
                texts.as_string::<i32>().iter().flatten().for_each(|text| self.shapes.add(text));
            }
        }
        Ok(())
    }
}

/// A type in few words.
fn kind(data_type: &DataType) -> String {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".to_owned(),
        DataType::Date32 | DataType::Date64 => "date".to_owned(),
        DataType::Timestamp(..) => "time".to_owned(),
        DataType::Boolean => "yes/no".to_owned(),
        DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) => format!("decimal({scale})"),
        kind if kind.is_integer() => "integer".to_owned(),
        kind if kind.is_floating() => "number".to_owned(),
        _ => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests;
