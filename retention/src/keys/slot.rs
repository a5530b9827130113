//! One slot of the key file: its bytes, and wrapping a data key into them. No files here.

use super::secret::random;
use super::{KeyError, StoreId, StoreKey};
use crate::blob::DataKey;
use crate::item::ItemId;
use chacha20poly1305::{AeadInOut, Key, KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

pub(super) const SLOT_BYTES: usize = 128;

const WRAP: &str = "custody 2026 wrapped data key";
const LIVE: u8 = 1;
const DESTROYED: u8 = 2;
const CRC_AT: usize = SLOT_BYTES - 4;

/// Where an item's key lies. The number never changes while the key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u64);

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    /// The key of an item.
    Live(ItemId),
    /// No key any more: that of this item was destroyed.
    Destroyed(ItemId),
    /// Not what was written.
    Damaged,
}

pub(super) type SlotBytes = [u8; SLOT_BYTES];

/// A slot as it lies in the file; a live one is not verified yet.
pub(super) enum Raw<'a> {
    Free,
    Live(ItemId, Wrapped<'a>),
    Destroyed(ItemId),
    Damaged,
}

pub(super) struct Wrapped<'a> {
    epoch: u32,
    nonce: &'a [u8; 24],
    key: &'a [u8; 48],
}

/// Reads a slot.
pub(super) fn read(bytes: &SlotBytes) -> Raw<'_> {
    let (fields, crc) = bytes.split_at(CRC_AT);
    if bytes.iter().all(|byte| *byte == 0) {
        return Raw::Free;
    }
    if crc32c::crc32c(fields).to_le_bytes() != crc {
        return Raw::Damaged;
    }
    read_fields(fields).unwrap_or(Raw::Damaged)
}

fn read_fields(fields: &[u8]) -> Option<Raw<'_>> {
    let (state, rest) = fields.split_first_chunk::<4>()?;
    let (epoch, rest) = rest.split_first_chunk::<4>()?;
    let (item, rest) = rest.split_first_chunk::<32>()?;
    let (nonce, rest) = rest.split_first_chunk::<24>()?;
    let (key, zeros) = rest.split_first_chunk::<48>()?;
    let none = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let epoch = u32::from_le_bytes(*epoch);
    match *state {
        [LIVE, 0, 0, 0] if none(zeros) => Some(Raw::Live(ItemId(*item), Wrapped { epoch, nonce, key })),
        [DESTROYED, 0, 0, 0] if none(rest) && none(nonce) => Some(Raw::Destroyed(ItemId(*item))),
        _ => None,
    }
}

/// The item that a slot says it belongs to, damaged or not.
pub(super) fn claimed(bytes: &SlotBytes) -> ItemId {
    let mut id = [0; 32];
    id.copy_from_slice(&bytes[8..40]);
    ItemId(id)
}

/// The bytes of a slot whose key was destroyed.
pub(super) fn destroyed(item: &ItemId, epoch: u32) -> SlotBytes {
    slot_bytes(DESTROYED, epoch, item, &[])
}

fn slot_bytes(state: u8, epoch: u32, item: &ItemId, wrapped: &[u8]) -> SlotBytes {
    let mut bytes = [0; SLOT_BYTES];
    bytes[0] = state;
    bytes[4..8].copy_from_slice(&epoch.to_le_bytes());
    bytes[8..40].copy_from_slice(&item.0);
    bytes[40..40 + wrapped.len()].copy_from_slice(wrapped);
    let crc = crc32c::crc32c(&bytes[..CRC_AT]);
    bytes[CRC_AT..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Wraps data keys under one store key.
pub(super) struct Wrapper {
    aead: XChaCha20Poly1305,
    store: StoreId,
    epoch: u32,
}

impl Wrapper {
    pub(super) fn new(key: &StoreKey, store: StoreId, epoch: u32) -> Self {
        let key = key.derived(WRAP);
        Self { aead: XChaCha20Poly1305::new(<&Key>::from(&*key)), store, epoch }
    }

    /// The bytes of a slot that holds a key.
    pub(super) fn wrap(&self, slot: Slot, item: &ItemId, key: &DataKey) -> Result<SlotBytes, KeyError> {
        let nonce = random::<24>()?;
        let mut wrapped = Zeroizing::new(Vec::with_capacity(24 + 48));
        let mut sealed = Zeroizing::new(Vec::with_capacity(48));
        sealed.extend_from_slice(key.bytes());
        let associated = self.associated(slot, item);
        let done = self.aead.encrypt_in_place(&XNonce::from(*nonce), &associated, &mut *sealed);
        done.map_err(|_| KeyError::Damaged { what: "a key cannot be wrapped" })?;
        wrapped.extend_from_slice(nonce.as_slice());
        wrapped.extend_from_slice(&sealed);
        Ok(slot_bytes(LIVE, self.epoch, item, &wrapped))
    }

    /// The key in a slot; `None` when it was not wrapped for this slot and item under this key.
    pub(super) fn unwrap(&self, slot: Slot, item: &ItemId, wrapped: &Wrapped<'_>) -> Option<DataKey> {
        if wrapped.epoch != self.epoch {
            return None;
        }
        let mut opened = Zeroizing::new(wrapped.key.to_vec());
        let associated = self.associated(slot, item);
        self.aead.decrypt_in_place(&XNonce::from(*wrapped.nonce), &associated, &mut *opened).ok()?;
        opened.as_slice().try_into().ok().map(DataKey::new)
    }

    fn associated(&self, slot: Slot, item: &ItemId) -> [u8; 60] {
        let mut bytes = [0; 60];
        bytes[..16].copy_from_slice(&self.store.0);
        bytes[16..20].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[20..28].copy_from_slice(&slot.0.to_le_bytes());
        bytes[28..].copy_from_slice(&item.0);
        bytes
    }
}
