//! The store as DataFusion sees it: every table is an object `tables/<item ID>.parquet`, decrypted as it is read. Only
//! reads: artifacts come in by ingest and go out by purge, and an object that was purged is not there. Knows neither
//! blobs nor the catalog; it asks [`Objects`].

mod list;
mod read;

use crate::ItemId;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use std::fmt::{self, Debug};
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Folder of the tables.
const TABLES: &str = "tables";
/// Ending of a table's name.
const ENDING: &str = ".parquet";
/// What errors call the store.
const NAME: &str = "custody";

/// An object's decrypted bytes, read anywhere.
pub trait RandomRead: Send + Sync + Debug {
    /// Bytes of it.
    fn size_bytes(&self) -> u64;

    /// Reads some bytes at an offset; 0 at the end only.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when the bytes are not those that were written; else the device's own.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl RandomRead for crate::blob::BlobReader {
    fn size_bytes(&self) -> u64 {
        self.size_bytes()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_at(bytes, offset)
    }
}

/// What is listed of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectInfo {
    /// The item.
    pub id: ItemId,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z. It never changes afterwards.
    pub made_ms: u64,
}

/// An object that is being read.
#[derive(Debug, Clone)]
pub struct OpenObject {
    /// Its bytes.
    pub bytes: Arc<dyn RandomRead>,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub made_ms: u64,
}

/// Why an object cannot be read. Holds no value and no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectsError {
    /// There is no such table, or it was purged.
    #[error("no such table in the store")]
    NotFound,
    /// Its bytes are not those that were written.
    #[error("the table is damaged: its bytes do not pass their check")]
    Damaged,
    /// The device or the catalog says no.
    #[error("the table cannot be read: {0}")]
    Unreadable(io::ErrorKind),
}

impl From<io::Error> for ObjectsError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Damaged,
            kind => Self::Unreadable(kind),
        }
    }
}

/// The tables of a store. Every call may block.
pub trait Objects: Send + Sync + Debug + 'static {
    /// Opens a table for reading. An item of another kind is [`ObjectsError::NotFound`].
    ///
    /// # Errors
    /// As [`ObjectsError`] says.
    fn open(&self, id: &ItemId) -> std::result::Result<OpenObject, ObjectsError>;

    /// At most `max` tables in the order of their IDs, from the first one after `after`. An empty list is the end.
    ///
    /// # Errors
    /// As [`ObjectsError`] says.
    fn page(&self, after: Option<&ItemId>, max: usize) -> std::result::Result<Vec<ObjectInfo>, ObjectsError>;
}

/// The place of a table among the objects: `tables/<64 digits>.parquet`.
pub fn table_path(id: &ItemId) -> Path {
    Path::from_iter([TABLES, &format!("{id}{ENDING}")])
}

/// The table at this place.
fn parse(path: &Path) -> Option<ItemId> {
    ItemId::parse(path.as_ref().strip_prefix(TABLES)?.strip_prefix('/')?.strip_suffix(ENDING)?)
}

/// The tables of a store as an [`ObjectStore`] that is read and never written.
#[derive(Debug, Clone)]
pub struct StoreObjects {
    objects: Arc<dyn Objects>,
}

impl StoreObjects {
    /// Wraps the tables of a store.
    pub fn new(objects: Arc<dyn Objects>) -> Self {
        Self { objects }
    }
}

impl fmt::Display for StoreObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

#[async_trait]
impl ObjectStore for StoreObjects {
    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(refused("artifacts enter the store by ingest"))
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(refused("artifacts enter the store by ingest"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        read::get(&self.objects, location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        read::ranges(&self.objects, location, ranges.to_vec()).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        locations.map(|path| path.and_then(|_| Err(refused("purges have one door")))).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        list::stream(&self.objects, prefix, None)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        list::stream(&self.objects, prefix, Some(offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        list::folder(&self.objects, prefix).await
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(refused("every item is written once"))
    }

    async fn rename_opts(&self, _: &Path, _: &Path, _: RenameOptions) -> Result<()> {
        Err(refused("every item is written once"))
    }
}

fn refused(reason: &'static str) -> Error {
    Error::NotSupported { source: reason.into() }
}

/// An error at a place; places hold IDs only.
fn failed(location: &Path, error: ObjectsError) -> Error {
    match error {
        ObjectsError::NotFound => Error::NotFound { path: location.to_string(), source: Box::new(error) },
        _ => Error::Generic { store: NAME, source: Box::new(error) },
    }
}

fn meta(info: &ObjectInfo) -> ObjectMeta {
    let made_ms = i64::try_from(info.made_ms).unwrap_or(i64::MAX);
    ObjectMeta {
        location: table_path(&info.id),
        last_modified: DateTime::<Utc>::from_timestamp_millis(made_ms).unwrap_or(DateTime::<Utc>::MAX_UTC),
        size: info.size_bytes,
        // An item is written once: its ID stands for its bytes.
        e_tag: Some(info.id.to_string()),
        version: None,
    }
}

/// Runs what may block beside the tasks that wait for it; at once where no runtime is.
async fn blocking<T, F>(work: F) -> std::result::Result<T, ObjectsError>
where
    T: Send + 'static,
    F: FnOnce() -> std::result::Result<T, ObjectsError> + Send + 'static,
{
    match tokio::runtime::Handle::try_current() {
        // What a panic said may hold a value; only that it happened is passed on.
        Ok(runtime) => runtime
            .spawn_blocking(work)
            .await
            .unwrap_or(Err(ObjectsError::Unreadable(io::ErrorKind::Interrupted))),
        Err(_) => work(),
    }
}
