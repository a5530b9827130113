//! Plans an extract: reads the rows once, counts and hashes them, and shows the first ones. The same query over the same
//! table gives the same hash when the file is written. What may leave, and who says so, is the caller's.

use super::text::options as text_options;
use super::{ExtractError, ExtractFormat, ExtractWritten, write_extract};
use crate::eib::RowError;
use crate::tables::{BaseColumn, Tables, TablesError, quoted};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::ArrayFormatter;
use std::fmt;
use std::fs::File;
use std::ops::ControlFlow;

/// People of which a group has to have at least so many, so that none of them is told by it.
pub const GROUP_MIN: u64 = 5;

/// What is asked for.
#[derive(Clone, Copy)]
pub struct ExtractRequest<'a> {
    /// Where the table is.
    pub tables: &'a Tables,
    /// The query.
    pub sql: &'a str,
    /// Key of the hash.
    pub key: &'a [u8; 32],
}

/// A query holds values.
impl fmt::Debug for ExtractRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractRequest").finish_non_exhaustive()
    }
}

/// An extract, planned.
pub struct ExtractPlanned {
    /// Rows.
    pub rows: u64,
    /// Keyed hash of all cells: 64 hexadecimal digits.
    pub digest: String,
    /// The answer's columns, and what each is computed from.
    pub columns: Vec<(String, Vec<BaseColumn>)>,
    /// All columns that are read.
    pub read: Vec<BaseColumn>,
    /// The first rows, unmasked: for memory and screens only.
    pub preview: Vec<Vec<Option<String>>>,
}

impl fmt::Debug for ExtractPlanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractPlanned").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// The query of some columns of a table; names are taken as they are. A filter is to be a [`condition`], or it can be any
/// query.
///
/// [`condition`]: crate::eib::condition
pub fn extract_sql(table: &str, columns: &[String], filter: Option<&str>, limit: Option<u64>) -> String {
    let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
    let filter = filter.map_or_else(String::new, |filter| format!(" WHERE {filter}"));
    let limit = limit.map_or_else(String::new, |limit| format!(" LIMIT {limit}"));
    format!("SELECT {} FROM {}{filter}{limit}", columns.join(", "), quoted(table))
}

/// Reads the rows, and keeps the first ones.
///
/// # Errors
/// What the query says; [`TablesError::Plan`] for one that is another thing each time.
pub fn plan_extract(
    request: &ExtractRequest<'_>,
    preview_rows: usize,
) -> Result<ExtractPlanned, TablesError> {
    let lineage = request.tables.lineage(request.sql)?;
    if !lineage.repeatable {
        return Err(TablesError::NotRepeatable);
    }
    let (mut digester, mut preview) = (ExtractDigester::new(request.key), Vec::new());
    // In the order in which the file is written: with a limit, other rows could come first otherwise.
    for batch in request.tables.query_stream(request.sql)? {
        let batch = batch?;
        let seen = digester.update(&batch).and_then(|()| first(&batch, preview_rows, &mut preview));
        seen.map_err(|_| TablesError::Failed)?;
    }
    let columns = lineage.columns.into_iter().map(|column| (column.name, column.from)).collect();
    Ok(ExtractPlanned {
        rows: digester.rows,
        digest: digester.finish(),
        columns,
        read: lineage.read,
        preview,
    })
}

/// How many groups of rows that look the same have fewer than [`GROUP_MIN`] rows.
///
/// # Errors
/// What the query says.
pub fn small_groups(tables: &Tables, sql: &str, columns: &[String]) -> Result<u64, TablesError> {
    let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
    let groups = format!(
        "SELECT count(*) AS groups FROM (SELECT count(*) AS size FROM ({sql}) AS rows GROUP BY {}) AS sizes \
         WHERE size < {GROUP_MIN}",
        names.join(", ")
    );
    let mut found = None;
    tables.query(&groups, &mut |batch| {
        let counted = batch.column(0).as_primitive_opt::<Int64Type>();
        if let (1, Some(counted)) = (batch.num_rows(), counted) {
            found = u64::try_from(counted.value(0)).ok();
        }
        ControlFlow::Continue(())
    })?;
    // Without an answer, nobody is known to be safe.
    found.ok_or(TablesError::Failed)
}

/// Writes the rows, and says what was written and the hash of what passed.
///
/// # Errors
/// An [`ExtractError`]; the file is to be thrown away.
pub fn make_extract(
    request: &ExtractRequest<'_>,
    format: ExtractFormat,
    out: File,
) -> Result<(ExtractWritten, String), ExtractError> {
    let mut rows = request.tables.query_stream(request.sql).map_err(RowError::from)?;
    let schema = rows.schema();
    let mut digester = ExtractDigester::new(request.key);
    let mut next = || -> Result<Option<RecordBatch>, RowError> {
        let batch = rows.next().transpose()?;
        if let Some(batch) = &batch {
            digester.update(batch).map_err(|_| TablesError::Failed)?;
        }
        Ok(batch)
    };
    let written = write_extract(format, &schema, &mut next, out)?;
    Ok((written, digester.finish()))
}

/// Hashes rows: every value's length and text, nulls told apart, in order. Where batches end does not count.
struct ExtractDigester {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
    rows: u64,
    named: bool,
}

impl ExtractDigester {
    fn new(key: &[u8; 32]) -> Self {
        Self { hasher: blake3::Hasher::new_keyed(key), bytes: Vec::new(), rows: 0, named: false }
    }

    fn update(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        use std::fmt::Write as _;
        let options = text_options();
        if !std::mem::replace(&mut self.named, true) {
            self.columns(&batch.schema());
        }
        let columns: Vec<ArrayFormatter<'_>> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column, &options))
            .collect::<Result<_, _>>()?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            for (column, formatter) in batch.columns().iter().zip(&columns) {
                if column.is_null(row) {
                    self.bytes.push(0);
                    continue;
                }
                text.clear();
                write!(text, "{}", formatter.value(row))
                    .map_err(|_| ArrowError::ComputeError(String::new()))?;
                self.bytes.push(1);
                self.bytes.extend((text.len() as u64).to_le_bytes());
                self.bytes.extend(text.as_bytes());
            }
            if self.bytes.len() > 1 << 16 {
                self.hasher.update(&self.bytes);
                self.bytes.clear();
            }
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn columns(&mut self, schema: &Schema) {
        for field in schema.fields() {
            self.bytes.extend((field.name().len() as u64).to_le_bytes());
            self.bytes.extend(field.name().as_bytes());
        }
    }

    fn finish(mut self) -> String {
        self.hasher.update(&self.bytes).update(&self.rows.to_le_bytes());
        self.hasher.finalize().to_hex().to_string()
    }
}

fn first(
    batch: &RecordBatch,
    rows_max: usize,
    preview: &mut Vec<Vec<Option<String>>>,
) -> Result<(), ArrowError> {
    let options = text_options();
    for row in 0..batch.num_rows().min(rows_max.saturating_sub(preview.len())) {
        let mut cells = Vec::with_capacity(batch.num_columns());
        for column in batch.columns() {
            let text = || ArrayFormatter::try_new(column, &options)?.value(row).try_to_string();
            cells.push(if column.is_null(row) { None } else { Some(text()?) });
        }
        preview.push(cells);
    }
    Ok(())
}
