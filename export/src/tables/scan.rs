//! Reading a table without SQL: its footer, or some of its columns as a stream of batches.

use super::{TableId, TablesError};
use bytes::Bytes;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::object_store::path::Path;
use datafusion::object_store::{Error, ObjectStore, ObjectStoreExt};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ArrowReaderOptions;
use datafusion::parquet::arrow::async_reader::{
    AsyncFileReader, ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder,
};
use datafusion::parquet::errors::{ParquetError, Result};
use datafusion::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use futures::future::{BoxFuture, FutureExt};
use std::ops::Range;
use std::sync::Arc;

/// Bytes from a table's end that are read for its footer at first.
pub(super) const FOOTER_BYTES: usize = 64 << 10;
/// Keys of the table's shape and its version, as ingest writes them.
const SHAPE_KEYS: [&str; 2] = ["custody.schema", "custody.schema_version"];

/// What a table is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableInfo {
    /// Its shape: `lines`, `cells`, `words`; none for a table that ingest did not write.
    pub shape: Option<String>,
    /// The shape's version.
    pub shape_version: Option<String>,
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub rows: u64,
    /// Its row groups.
    pub row_groups: usize,
    /// Its size as Parquet.
    pub size_bytes: u64,
}

/// A table's object, as Parquet's reader asks for it.
pub(super) struct Object {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size_bytes: u64,
}

impl AsyncFileReader for Object {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move { self.store.get_range(&self.path, range).await.map_err(stored) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move { self.store.get_ranges(&self.path, &ranges).await.map_err(stored) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        let size_bytes = self.size_bytes;
        let footer = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER_BYTES));
        async move { footer.load_and_finish(self, size_bytes).await.map(Arc::new) }.boxed()
    }
}

fn stored(error: Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// Reads the footer.
async fn open(store: &Arc<dyn ObjectStore>, id: &TableId) -> Result<(Opened, u64)> {
    let (store, path) = (Arc::clone(store), id.path());
    let size_bytes = store.head(&path).await.map_err(stored)?.size;
    let object = Object { store, path, size_bytes };
    Ok((ParquetRecordBatchStreamBuilder::new(object).await?, size_bytes))
}

type Opened = ParquetRecordBatchStreamBuilder<Object>;

pub(super) async fn schema(store: &Arc<dyn ObjectStore>, id: &TableId) -> Result<SchemaRef> {
    Ok(Arc::clone(open(store, id).await?.0.schema()))
}

pub(super) async fn info(
    store: &Arc<dyn ObjectStore>,
    id: &TableId,
) -> std::result::Result<TableInfo, TablesError> {
    let (table, size_bytes) = open(store, id).await.map_err(|error| TablesError::of_parquet(&error))?;
    let file = table.metadata().file_metadata();
    let [shape, shape_version] = SHAPE_KEYS.map(|key| {
        let pair = file.key_value_metadata()?.iter().find(|pair| pair.key == key)?;
        pair.value.clone()
    });
    Ok(TableInfo {
        shape,
        shape_version,
        schema: Arc::clone(table.schema()),
        rows: u64::try_from(file.num_rows()).map_err(|_| TablesError::Malformed)?,
        row_groups: table.metadata().num_row_groups(),
        size_bytes,
    })
}

pub(super) async fn batches(
    store: &Arc<dyn ObjectStore>,
    id: &TableId,
    columns: &[String],
    batch_rows: usize,
) -> std::result::Result<ParquetRecordBatchStream<Object>, TablesError> {
    let failed = |error: ParquetError| TablesError::of_parquet(&error);
    let (table, _) = open(store, id).await.map_err(failed)?;
    let place = |column: &String| table.schema().index_of(column).map_err(|_| TablesError::NoColumn);
    let places: Vec<usize> = columns.iter().map(place).collect::<std::result::Result<_, _>>()?;
    let mask = ProjectionMask::roots(table.parquet_schema(), places);
    table.with_projection(mask).with_batch_size(batch_rows).build().map_err(failed)
}
