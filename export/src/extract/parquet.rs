//! An extract as Parquet: the report's own types, nothing rewritten.

use super::{Checked, Counts, ExtractError};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use std::fs::File;
use std::io::BufWriter;

/// Rows of a row group: bounds what is in memory.
const GROUP_ROWS: usize = 64 << 10;

pub(super) fn write(
    schema: &SchemaRef,
    batches: &mut Checked<'_>,
    out: &File,
) -> Result<Counts, ExtractError> {
    let level = ZstdLevel::try_new(3).map_err(|_| ExtractError::Format)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by("custody".to_owned())
        .build();
    let out = BufWriter::with_capacity(1 << 16, out);
    let mut writer =
        ArrowWriter::try_new(out, schema.clone(), Some(properties)).map_err(|_| ExtractError::Format)?;
    let mut counts = Counts::default();
    while let Some(batch) = batches()? {
        counts.rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(|_| ExtractError::Format)?;
    }
    let out = writer.into_inner().map_err(|_| ExtractError::Format)?;
    out.into_inner().map_err(|error| ExtractError::Io(error.into_error()))?;
    Ok(counts)
}
