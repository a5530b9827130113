//! Writes a filtered report to a file of its own: XLSX, CSV or Parquet. Takes typed batches as they come; what is in them,
//! and who may have it, is decided elsewhere.
//!
//! A text that a spreadsheet program would run as a formula (CWE-1236) gets an apostrophe in front, in XLSX and CSV, and is
//! counted; Parquet holds values and no cells, and stays as it is.

mod csv;
mod neutral;
mod parquet;
mod plan;
mod text;
mod xlsx;

pub use plan::{
    ExtractPlanned, ExtractRequest, GROUP_MIN, extract_sql, make_extract, plan_extract, small_groups,
};

pub(crate) use neutral::neutral;

use crate::eib::RowError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Seek};

/// A file format of an extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ExtractFormat {
    /// A workbook with one sheet.
    Xlsx,
    /// RFC 4180, UTF-8.
    Csv,
    /// Parquet, with the report's own types.
    Parquet,
}

impl ExtractFormat {
    /// The word for it, and the ending of its files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// The format of files with this ending.
    pub fn of_ending(ending: &str) -> Option<Self> {
        [Self::Xlsx, Self::Csv, Self::Parquet].into_iter().find(|format| format.name() == ending)
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractWritten {
    /// Rows without the heading.
    pub rows: u64,
    /// Texts that got an apostrophe in front, headings too.
    pub neutralised: u64,
    /// Size of the file.
    pub bytes: u64,
    /// BLAKE3 of the file, in hexadecimal digits.
    pub blake3: String,
}

/// Why an extract is not written. Holds no value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The rows ended early.
    #[error(transparent)]
    Source(#[from] RowError),
    /// A batch has other columns than were said.
    #[error("the rows do not have the columns that were announced")]
    Columns,
    /// A column's type has no place in this format.
    #[error("column {column} has a type that cannot be written in this format")]
    Type {
        /// From 1.
        column: usize,
    },
    /// More than the format can hold.
    #[error("{what}; choose CSV or Parquet")]
    TooLarge {
        /// Which limit.
        what: &'static str,
    },
    /// A text that the format cannot hold.
    #[error("row {row}, column {column}: {what}")]
    Text {
        /// From 1, without the heading.
        row: u64,
        /// From 1.
        column: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file cannot be written.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The format's own writer gave up.
    #[error("the file cannot be made")]
    Format,
}

/// Yields the next batch; `None` at the end.
pub type NextBatch<'a> = dyn FnMut() -> Result<Option<RecordBatch>, RowError> + 'a;

/// Writes all batches to an empty file, which must be readable too.
///
/// # Errors
/// An [`ExtractError`]; the file is to be thrown away.
pub fn write_extract(
    format: ExtractFormat,
    schema: &SchemaRef,
    batches: &mut NextBatch<'_>,
    mut out: File,
) -> Result<ExtractWritten, ExtractError> {
    let mut checked = || match batches()? {
        Some(batch) if batch.schema().fields().len() != schema.fields().len() => Err(ExtractError::Columns),
        Some(batch) => {
            let same = batch
                .columns()
                .iter()
                .zip(schema.fields())
                .all(|(own, field)| own.data_type() == field.data_type());
            if same { Ok(Some(batch)) } else { Err(ExtractError::Columns) }
        }
        None => Ok(None),
    };
    let counts = match format {
        ExtractFormat::Csv => csv::write(schema, &mut checked, &out)?,
        ExtractFormat::Xlsx => xlsx::write(schema, &mut checked, &out)?,
        ExtractFormat::Parquet => parquet::write(schema, &mut checked, &out)?,
    };
    out.rewind()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&out)?;
    let bytes = hasher.count();
    let blake3 = hasher.finalize().to_hex().to_string();
    Ok(ExtractWritten { rows: counts.rows, neutralised: counts.neutralised, bytes, blake3 })
}

/// Batches that have the announced columns.
type Checked<'a> = dyn FnMut() -> Result<Option<RecordBatch>, ExtractError> + 'a;

#[derive(Default)]
struct Counts {
    rows: u64,
    neutralised: u64,
}

#[cfg(test)]
mod tests;
