//! The tables of an open store, as queries read them: decrypted piece by piece, in memory only.

use super::{Store, StoreError};
use crate::blob::BlobError;
use crate::catalog::{Filter, Life};
use crate::object_store::{ObjectInfo, Objects, ObjectsError, OpenObject};
use crate::{ItemId, ItemKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A store that queries share. It is locked while a table is opened or listed, not while it is read.
#[derive(Debug, Clone)]
pub struct SharedStore(Arc<Mutex<Store>>);

impl SharedStore {
    /// Shares a store.
    pub fn new(store: Store) -> Self {
        Self(Arc::new(Mutex::new(store)))
    }

    /// The store again, once nobody else shares it.
    pub fn into_inner(self) -> Option<Store> {
        let store = Arc::into_inner(self.0)?;
        Some(store.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The store, for this thread alone.
    pub fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Objects for SharedStore {
    fn open(&self, id: &ItemId) -> Result<OpenObject, ObjectsError> {
        let opened = self.lock().open_item(id).map_err(|error| told(&error))?;
        if opened.meta.kind != ItemKind::Table {
            return Err(ObjectsError::NotFound);
        }
        Ok(OpenObject { bytes: Arc::new(opened.content), made_ms: opened.meta.ingested_ms })
    }

    fn page(&self, after: Option<&ItemId>, max: usize) -> Result<Vec<ObjectInfo>, ObjectsError> {
        let filter = Filter { kind: Some(ItemKind::Table), life: Some(Life::Present), ..Filter::default() };
        let mut page: Vec<ObjectInfo> = Vec::new();
        let listed = self.lock().catalog().list(&filter, |item| {
            if after.is_none_or(|after| item.id > *after) {
                // The smallest IDs stay; the list is as long as a page.
                let at = page.partition_point(|info| info.id < item.id);
                page.insert(
                    at,
                    ObjectInfo { id: item.id, size_bytes: item.size_bytes, made_ms: item.ingested_ms },
                );
                page.truncate(max);
            }
            Ok::<(), StoreError>(())
        });
        listed.map_err(|error| told(&error))?;
        Ok(page)
    }
}

fn told(error: &StoreError) -> ObjectsError {
    match error {
        StoreError::NoItem(_) | StoreError::Purged(_) => ObjectsError::NotFound,
        StoreError::Blob(BlobError::Io { kind, .. }) | StoreError::Io { kind, .. } => {
            ObjectsError::Unreadable(*kind)
        }
        _ => ObjectsError::Damaged,
    }
}
