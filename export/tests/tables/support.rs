//! Tables of made-up people in memory, behind a store that counts what is read of it.

use async_trait::async_trait;
use custody_export::tables::{QueryLimits, TableId, Tables, TablesError};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::object_store::memory::InMemory;
use datafusion::object_store::path::Path;
use datafusion::object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::metadata::KeyValue;
use datafusion::parquet::file::properties::WriterProperties;
use futures::executor::block_on;
use futures::stream::BoxStream;
use std::fmt;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A value that stands in every table and may stand in no error.
pub(crate) const PLANTED: &str = "Zebulon Quartzwhistle";

/// A store in memory; counts bytes, fails when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) inner: InMemory,
    pub(crate) bytes_read: AtomicU64,
    pub(crate) fails: AtomicBool,
}

impl Counting {
    /// Bytes read since the last call.
    pub(crate) fn taken(&self) -> u64 {
        self.bytes_read.swap(0, Ordering::Relaxed)
    }

    fn check(&self) -> Result<()> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(datafusion::object_store::Error::Generic { store: "test", source: PLANTED.into() });
        }
        Ok(())
    }
}

impl fmt::Display for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counting")
    }
}

#[async_trait]
impl ObjectStore for Counting {
    async fn put_opts(&self, place: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(place, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        place: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(place, options).await
    }

    async fn get_opts(&self, place: &Path, options: GetOptions) -> Result<GetResult> {
        let head = options.head;
        if !head {
            self.check()?;
        }
        let result = self.inner.get_opts(place, options).await?;
        let length = if head { 0 } else { result.range.end - result.range.start };
        self.bytes_read.fetch_add(length, Ordering::Relaxed);
        Ok(result)
    }

    async fn get_ranges(&self, place: &Path, ranges: &[Range<u64>]) -> Result<Vec<bytes::Bytes>> {
        self.check()?;
        let found = self.inner.get_ranges(place, ranges).await?;
        self.bytes_read.fetch_add(found.iter().map(|bytes| bytes.len() as u64).sum(), Ordering::Relaxed);
        Ok(found)
    }

    fn delete_stream(&self, places: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(places)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// The ID of a table, by a number.
pub(crate) fn id(number: u8) -> TableId {
    TableId::parse(&format!("{number:02x}").repeat(32)).expect("64 digits")
}

pub(crate) fn place(number: u8) -> Path {
    Path::from(format!("tables/{}.parquet", id(number)))
}

/// Rows of people: `row`, `name`, `hired` (as text), eight columns of noise that does not pack.
pub(crate) fn people(rows: u32) -> RecordBatch {
    let text =
        |f: &dyn Fn(u32) -> String| -> ArrayRef { Arc::new(StringArray::from_iter_values((0..rows).map(f))) };
    let mut fields = vec![
        Field::new("row", DataType::UInt32, false),
        Field::new("name", DataType::Utf8, false),
        Field::new("hired", DataType::Utf8, false),
    ];
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(UInt32Array::from_iter_values(0..rows)),
        text(&|row| if row % 1_000 == 7 { PLANTED.to_owned() } else { format!("Person {}", row % 50) }),
        text(&|row| format!("2019-{:02}-{:02}", row % 12 + 1, row % 28 + 1)),
    ];
    for number in 0..8_u32 {
        fields.push(Field::new(format!("noise_{number}"), DataType::Utf8, false));
        columns.push(text(&|row| {
            let mut value = u64::from(row) ^ u64::from(number) << 40;
            let mut next = || {
                value = value.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
                value ^ value >> 29
            };
            format!("{:016x}{:016x}", next(), next())
        }));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("the test's own data")
}

/// A store with `people` as table 1, in row groups of 10,000.
pub(crate) fn store(rows: u32) -> Arc<Counting> {
    let store = Arc::new(Counting::default());
    put(&store, 1, &people(rows));
    store
}

pub(crate) fn put(store: &Counting, number: u8, batch: &RecordBatch) {
    let shape = KeyValue::new("custody.schema".to_owned(), "cells".to_owned());
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(10_000))
        .set_key_value_metadata(Some(vec![shape]))
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("the test's own data");
    writer.write(batch).expect("the test's own data");
    writer.close().expect("the test's own data");
    block_on(store.inner.put(&place(number), bytes.into())).expect("the test's own data");
}

pub(crate) fn tables(store: &Arc<Counting>, limits: QueryLimits) -> Tables {
    let tables = Tables::new(Arc::clone(store) as Arc<dyn ObjectStore>, limits).expect("the test's own data");
    tables.name("people", &id(1));
    tables
}

/// The whole answer.
pub(crate) fn ask(tables: &Tables, sql: &str) -> std::result::Result<Vec<RecordBatch>, TablesError> {
    let mut batches = Vec::new();
    tables.query(sql, &mut |batch| {
        batches.push(batch.clone());
        ControlFlow::Continue(())
    })?;
    Ok(batches)
}

/// The whole answer as a drawn table.
pub(crate) fn drawn(tables: &Tables, sql: &str) -> Vec<String> {
    let batches = ask(tables, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    pretty_format_batches(&batches)
        .expect("the test's own data")
        .to_string()
        .lines()
        .map(str::to_owned)
        .collect()
}
