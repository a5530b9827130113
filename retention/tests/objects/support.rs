//! Tables in memory that are read as blobs are: in chunks of 64 KiB, never more than one at a time.

use custody_retention::ItemId;
use custody_retention::object_store::{
    ObjectInfo, Objects, ObjectsError, OpenObject, RandomRead, StoreObjects,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Bytes of a chunk.
pub(crate) const CHUNK: u64 = 64 << 10;

/// What is done to the tables, and what was read of them.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    tables: Mutex<BTreeMap<ItemId, Arc<Vec<u8>>>>,
    /// The first offset that is damaged.
    pub(crate) damaged_from: Mutex<Option<u64>>,
    /// The kind of error that every page of the list ends in.
    pub(crate) list_fails: Mutex<Option<io::ErrorKind>>,
    pub(crate) bytes_read: Arc<AtomicU64>,
    pub(crate) opened: AtomicUsize,
    pub(crate) longest_page: AtomicUsize,
}

#[derive(Debug)]
struct Table {
    bytes: Arc<Vec<u8>>,
    damaged_from: Option<u64>,
    bytes_read: Arc<AtomicU64>,
}

impl RandomRead for Table {
    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let chunk_end = ((offset / CHUNK + 1) * CHUNK).min(self.size_bytes());
        let length = chunk_end.saturating_sub(offset).min(bytes.len() as u64) as usize;
        if length > 0 && self.damaged_from.is_some_and(|from| from < chunk_end) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "/planted/path: PLANTED"));
        }
        bytes[..length].copy_from_slice(&self.bytes[offset as usize..][..length]);
        self.bytes_read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Objects for Shelf {
    fn open(&self, id: &ItemId) -> Result<OpenObject, ObjectsError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let bytes = self.tables.lock().unwrap().get(id).cloned().ok_or(ObjectsError::NotFound)?;
        let damaged_from = *self.damaged_from.lock().unwrap();
        let table = Table { bytes, damaged_from, bytes_read: Arc::clone(&self.bytes_read) };
        Ok(OpenObject { bytes: Arc::new(table), made_ms: 1_700_000_000_000 })
    }

    fn page(&self, after: Option<&ItemId>, max: usize) -> Result<Vec<ObjectInfo>, ObjectsError> {
        if let Some(kind) = *self.list_fails.lock().unwrap() {
            return Err(io::Error::new(kind, "/planted/path: PLANTED").into());
        }
        let tables = self.tables.lock().unwrap();
        let rest = tables.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let page: Vec<_> = rest
            .take(max)
            .map(|(id, bytes)| ObjectInfo {
                id: *id,
                size_bytes: bytes.len() as u64,
                made_ms: 1_700_000_000_000,
            })
            .collect();
        self.longest_page.fetch_max(page.len(), Ordering::Relaxed);
        Ok(page)
    }
}

impl Shelf {
    pub(crate) fn put(&self, id: ItemId, bytes: Vec<u8>) {
        self.tables.lock().unwrap().insert(id, Arc::new(bytes));
    }

    pub(crate) fn purge(&self, id: &ItemId) {
        self.tables.lock().unwrap().remove(id);
    }
}

/// An empty shelf and the store over it.
pub(crate) fn store() -> (Arc<Shelf>, StoreObjects) {
    let shelf = Arc::new(Shelf::default());
    (Arc::clone(&shelf), StoreObjects::new(shelf))
}

/// An ID that is the hash of a number.
pub(crate) fn id(number: u64) -> ItemId {
    ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

/// Bytes that differ everywhere.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&length.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// Runs a future where no runtime is.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    futures::executor::block_on(future)
}

/// Runs a future on a runtime of its own.
pub(crate) fn on_runtime<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
