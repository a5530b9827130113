//! Writes a report's table as Parquet: one column a heading, typed. Other shapes of tables are [`crate::table`]'s.

use super::ReportTable;
use crate::table::{TableError, TableSummary, properties};
use custody_rules::{Reason, Refusal, TableSource};
use parquet::arrow::ArrowWriter;
use std::io::Write;

/// The word for this shape in a table's metadata; its columns are the report's own.
pub const REPORT_SHAPE: &str = "report";

/// Writes a whole table. What its columns' metadata say is kept.
///
/// # Errors
/// [`TableError::Refused`] when the report cannot be read on, or has another number of rows than when it was opened;
/// [`TableError::Unwritable`]. What was written until then is no table and must be thrown away.
pub fn write_report(table: &ReportTable, out: impl Write + Send) -> Result<TableSummary, TableError> {
    let schema = table.schema();
    let columns: Vec<usize> = (0..schema.fields().len()).collect();
    let mut source = table.scan(&columns)?;
    let properties = properties(REPORT_SHAPE, &schema);
    let mut writer =
        ArrowWriter::try_new(out, schema, Some(properties)).map_err(|error| TableError::of(&error))?;
    let mut rows = 0;
    while let Some(batch) = source.next_batch()? {
        writer.write(&batch).map_err(|error| TableError::of(&error))?;
        rows += batch.num_rows() as u64;
    }
    if table.rows.is_some_and(|counted| counted != rows) {
        return Err(Refusal::new(Reason::Changed, "the report is not the one that was opened first").into());
    }
    let metadata = writer.finish().map_err(|error| TableError::of(&error))?;
    Ok(TableSummary { rows, row_groups: metadata.num_row_groups() as u64 })
}
