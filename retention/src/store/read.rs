//! Reading what the store holds: items are found by the beginning of an ID and decrypted piece by piece, in memory only.

use super::ingest::{SEAL_PURPOSE, Sealed};
use super::{Store, StoreError, blob_path};
use crate::blob::DataKey;
use crate::blob::{self, BlobReader};
use crate::catalog::{ItemRow, Life};
use crate::keys::Slot;
use crate::{ItemId, ItemMeta};

/// Digits of an ID that have to be given at least.
const PREFIX_MIN: usize = 4;

/// An item that was opened.
#[derive(Debug)]
pub struct OpenItem {
    /// What is known of it.
    pub meta: ItemMeta,
    /// Its content.
    pub content: BlobReader,
}

impl Store {
    /// The item whose ID, or whose content's ID, begins with these digits.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when there is none, or more than one.
    pub fn find(&self, digits: &str) -> Result<ItemRow, StoreError> {
        let valid = digits.len() >= PREFIX_MIN
            && digits.len() <= 64
            && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !valid {
            return Err(StoreError::NotFound(format!(
                "an ID is {PREFIX_MIN} to 64 hexadecimal digits, as `custody ls` shows them"
            )));
        }
        let mut found = self.catalog.find(digits, 2)?;
        match (found.pop(), found.is_empty()) {
            (Some(item), true) => Ok(item),
            (Some(_), false) => Err(StoreError::NotFound(format!(
                "more than one item begins with {digits}: give more digits of the item's ID"
            ))),
            (None, _) => Err(StoreError::NotFound(format!("no item begins with {digits}"))),
        }
    }

    /// The data key of an item that is there.
    pub(crate) fn data_key(&self, item: &ItemRow) -> Result<DataKey, StoreError> {
        if item.is_purged() {
            return Err(StoreError::Purged(item.id));
        }
        let slot = item.key_slot().ok_or(StoreError::Contradiction("an item without a key"))?;
        Ok(self.parts.keys.get(slot, &item.id)?)
    }

    /// Opens an item. What it says of itself has to be what the catalog says.
    ///
    /// # Errors
    /// [`StoreError::NoItem`], [`StoreError::Purged`], and damage of blob or key.
    pub fn open_item(&self, id: &ItemId) -> Result<OpenItem, StoreError> {
        let row = self.catalog.item(id)?.ok_or(StoreError::NoItem(*id))?;
        let content = BlobReader::open(&*self.parts.disk, &blob_path(id), &self.data_key(&row)?)?;
        let meta = parse_meta(content.metadata())?;
        if meta.content != row.content || meta.size_bytes != content.size_bytes() || meta.kind != row.kind {
            return Err(StoreError::Contradiction("a blob and its catalog row differ"));
        }
        Ok(OpenItem { meta, content })
    }

    /// An item's name and where it came from, unsealed.
    ///
    /// # Errors
    /// [`StoreError::Purged`], and damage.
    pub fn name_of(&self, row: &ItemRow) -> Result<(String, Option<String>), StoreError> {
        let key = self.data_key(row)?;
        let sealed = row.sealed.as_deref().ok_or(StoreError::Contradiction("an item without a name"))?;
        let text = blob::open(&key, SEAL_PURPOSE, sealed)?;
        let Sealed { name, origin } =
            serde_json::from_slice(&text).map_err(|_| StoreError::Contradiction("a name cannot be read"))?;
        Ok((name, origin))
    }
}

/// What a blob's footer says.
pub(crate) fn parse_meta(bytes: &[u8]) -> Result<ItemMeta, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Contradiction("a blob does not say what it is"))
}

impl ItemRow {
    /// Whether it was purged.
    pub fn is_purged(&self) -> bool {
        self.life == Life::Purged
    }

    /// Where its data key lies.
    pub fn key_slot(&self) -> Option<Slot> {
        self.slot.map(Slot)
    }
}
