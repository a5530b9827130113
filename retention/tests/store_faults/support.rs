//! A store's folder for tests, and bytes to put into it.

use crate::sim::SimDisk;
use custody_retention::ItemId;
use custody_retention::blob::{BlobReader, BlobWriter, DataKey, open, seal};
use custody_retention::disk::{Disk, RealDisk, write_all_at};
use custody_retention::keys::*;
use std::io::Write;
use std::sync::Mutex;
use tempfile::TempDir;

pub(crate) fn store() -> (TempDir, RealDisk) {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = RealDisk::create(&folder.path().join("store")).expect("made");
    (folder, disk)
}

/// Bytes that are alike nowhere.
pub(crate) fn content(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new_derive_key("custody test content").finalize_xof().fill(&mut bytes);
    bytes
}

pub(crate) fn item(number: u64) -> ItemId {
    ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

pub(crate) fn data_key(number: u64) -> DataKey {
    DataKey::new(*blake3::hash(&[b"key", number.to_le_bytes().as_slice()].concat()).as_bytes())
}

/// Whether two keys are the same: neither shows itself.
pub(crate) fn same(one: &DataKey, other: &DataKey) -> bool {
    open(other, "same", &seal(one, "same", b"").expect("sealed")).is_ok()
}

pub(crate) fn write_blob(disk: &dyn Disk, path: &str, key: &DataKey, bytes: &[u8]) -> u64 {
    let mut blob = BlobWriter::create(disk, path, key).expect("made");
    blob.write_all(bytes).expect("written");
    blob.finish(b"{\"kind\":\"artifact\"}").expect("durable")
}

pub(crate) fn read_blob(disk: &dyn Disk, path: &str, key: &DataKey) -> std::io::Result<Vec<u8>> {
    let blob = BlobReader::open(disk, path, key).map_err(std::io::Error::other)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut blob.reader(), &mut bytes)?;
    Ok(bytes)
}

/// Holds store keys in memory, as a keyring does.
#[derive(Debug, Default)]
pub(crate) struct MemoryHolder {
    pub(crate) current: Mutex<Option<StoreKey>>,
    pub(crate) next: Mutex<Option<StoreKey>>,
}

impl MemoryHolder {
    fn place(&self, which: Which) -> &Mutex<Option<StoreKey>> {
        if which == Which::Current { &self.current } else { &self.next }
    }
}

impl KeyHolder for MemoryHolder {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        Ok(self.place(which).lock().expect("free").clone())
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        let key = StoreKey::random()?;
        *self.place(which).lock().expect("free") = Some(key.clone());
        Ok(Made { key, kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        if let Some(next) = self.next.lock().expect("free").take() {
            *self.current.lock().expect("free") = Some(next);
        }
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        self.next.lock().expect("free").take();
        Ok(())
    }
}

/// A key file with a holder of its key.
pub(crate) fn key_file(disk: &dyn Disk) -> (KeyFile, MemoryHolder) {
    let holder = MemoryHolder::default();
    let made = holder.make(Which::Current).expect("made");
    let secrets = Secrets::random().expect("random");
    let keys = KeyFile::create(disk, StoreId([7; 16]), &made, &secrets).expect("made");
    (keys, holder)
}

/// Holds store keys on a disk in memory, so that they meet its power cuts and faults.
#[derive(Debug)]
pub(crate) struct DiskHolder(pub(crate) SimDisk);

// A folder of its own: making its entries durable does nothing for the store's.
const FOLDER: &str = "held";
const CURRENT: &str = "held/store-key";
const NEXT: &str = "held/store-key.next";
const FAILED: KeyError = KeyError::Holder { why: "its disk failed" };

impl DiskHolder {
    fn has(&self, path: &str) -> Result<bool, KeyError> {
        self.0.stat(path).map(|stat| stat.is_some()).map_err(|_| FAILED)
    }

    fn try_make(&self, path: &str, key: &StoreKey) -> std::io::Result<()> {
        if self.0.stat(FOLDER)?.is_none() {
            self.0.make_folder(FOLDER)?;
            self.0.sync_folder("")?;
        }
        if self.0.stat(NEXT)?.is_some() {
            self.0.unlink(NEXT)?;
        }
        let file = self.0.create_new(NEXT)?;
        write_all_at(file.as_ref(), key.expose(), 0)?;
        file.sync()?;
        if path == CURRENT {
            self.0.rename_new(NEXT, CURRENT)?;
        }
        self.0.sync_folder(FOLDER)
    }
}

impl KeyHolder for DiskHolder {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        let path = if which == Which::Current { CURRENT } else { NEXT };
        if !self.has(path)? {
            return Ok(None);
        }
        // A next one that a power cut left unfinished is none yet.
        Ok(<[u8; 32]>::try_from(self.0.bytes(path)).ok().map(StoreKey::new))
    }

    fn make(&self, which: Which) -> Result<Made, KeyError> {
        let key = StoreKey::random()?;
        let path = if which == Which::Current { CURRENT } else { NEXT };
        self.try_make(path, &key).map_err(|_| FAILED)?;
        Ok(Made { key, kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        if self.has(NEXT)? {
            self.0.rename(NEXT, CURRENT).and_then(|()| self.0.sync_folder(FOLDER)).map_err(|_| FAILED)?;
        }
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        if self.has(NEXT)? {
            self.0.unlink(NEXT).and_then(|()| self.0.sync_folder(FOLDER)).map_err(|_| FAILED)?;
        }
        Ok(())
    }
}
