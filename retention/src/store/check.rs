//! Whether everything in a store's folder is what it should be: what `custody doctor` asks, and what a sweep reports.
//! Changes nothing.

use super::govern::is_record;
use super::{BLOBS, CATALOG, GOVERNANCE, LEDGER, PLANS, POLICIES, STAGING, Store, StoreError, blob_path};
use crate::blob::BlobReader;
use crate::catalog::{Filter, Life};
use crate::disk::EntryKind;
use crate::identity::check_statements;
use crate::keys::SlotState;
use crate::ledger::Subject;
use crate::{ItemId, ItemKind, purge};

/// One thing that is not as it should be. Names files by their place and items by their ID.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Oddity {
    /// A file or folder that the store did not make. It is never deleted.
    Unknown {
        /// The folder it lies in.
        folder: String,
        /// The hash of its name: the name could say anything.
        name_blake3: String,
    },
    /// A blob without a row in the catalog.
    Orphan(ItemId),
    /// An item in custody without its blob.
    MissingBlob(ItemId),
    /// A blob that is not the regular file that was written.
    NotTheFile(ItemId),
    /// A blob or key that does not decrypt.
    Damaged(ItemId),
    /// A live key of an item that was purged: the key file is an old copy.
    KeyOfPurged(ItemId),
    /// A key that is there a second time, in a slot that is not the item's.
    DoubledKey(ItemId),
    /// An item in custody whose key is gone.
    MissingKey(ItemId),
    /// A slot of the key file that cannot be read.
    DamagedSlot(u64),
    /// The record of a user, an environment or a secret is missing or was changed.
    ChangedRecord(Subject),
    /// An act that is not signed as it has to be, by the index of its intent.
    BadStatement(u64, &'static str),
    /// The catalog says something else than blobs, ledger and key file do; what of it, is named.
    CatalogDiffers(&'static str),
}

impl std::fmt::Display for Oddity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { folder, name_blake3 } => {
                let folder = if folder.is_empty() { "the store" } else { folder };
                write!(
                    f,
                    "{folder} holds something that custody did not put there (BLAKE3 of its name {name_blake3})"
                )
            }
            Self::Orphan(id) => write!(f, "blob {id} is in no catalog"),
            Self::MissingBlob(id) => write!(f, "the blob of item {id} is not there"),
            Self::NotTheFile(id) => write!(f, "the blob of item {id} is not the file that was written"),
            Self::Damaged(id) => write!(f, "item {id} does not decrypt"),
            Self::KeyOfPurged(id) => {
                write!(f, "item {id} was purged and its key is there: the key file is an old copy")
            }
            Self::DoubledKey(id) => write!(f, "the key file holds the key of item {id} twice"),
            Self::MissingKey(id) => write!(f, "the key of item {id} is gone"),
            Self::ChangedRecord(subject) => {
                write!(f, "the record of {subject} is missing or was changed outside of custody")
            }
            Self::BadStatement(index, why) => write!(f, "entry {index} of the ledger: {why}"),
            Self::CatalogDiffers(what) => {
                write!(f, "the catalog's {what} are not what ledger and blobs say: make it anew")
            }
            Self::DamagedSlot(slot) => write!(f, "slot {slot} of the key file is damaged"),
        }
    }
}

/// Names that the store's own folder has.
const OWN: &[&str] = &[
    STAGING,
    BLOBS,
    LEDGER,
    POLICIES,
    PLANS,
    GOVERNANCE,
    "store.toml",
    "lock",
    "lock.wait",
    "keys.custody",
    CATALOG,
];

impl Store {
    /// Looks at every name in the store's folders, every row, every slot. With `contents`, every blob is decrypted as well, and
    /// the catalog is compared with one that is made anew.
    ///
    /// # Errors
    /// What the disk and the catalog say.
    pub fn check(&self, contents: bool, report: &mut dyn FnMut(Oddity)) -> Result<(), StoreError> {
        self.check_names(report)?;
        self.check_slots(report)?;
        self.check_records(report)?;
        let stated = check_statements(&self.parts.disk, &self.parts.config.id)?;
        stated.bad.into_iter().for_each(|bad| report(Oddity::BadStatement(bad.index, bad.why)));
        self.check_items(contents, report)?;
        if contents {
            self.catalog_differences()?.into_iter().for_each(|what| report(Oddity::CatalogDiffers(what)));
        }
        Ok(())
    }

    /// Looks for what the store did not make.
    ///
    /// # Errors
    /// What the disk says.
    pub fn check_names(&self, report: &mut dyn FnMut(Oddity)) -> Result<(), StoreError> {
        let failed = StoreError::io("listing the store");
        let unknown = |folder: &str, name: &str| Oddity::Unknown {
            folder: folder.to_owned(),
            name_blake3: blake3::hash(name.as_bytes()).to_hex()[..16].to_owned(),
        };
        for name in self.parts.disk.list("").map_err(&failed)? {
            let catalog = name.strip_prefix(CATALOG).is_some_and(|rest| {
                let aside = || rest.rsplit_once('.').is_some_and(|(_, end)| end == "old");
                rest == "-wal" || rest == "-shm" || (rest.starts_with(['.', '-']) && aside())
            });
            if !OWN.contains(&&*name) && !catalog {
                report(unknown("", &name));
            }
        }
        if self.parts.disk.stat(GOVERNANCE).map_err(&failed)?.is_some() {
            let names = self.parts.disk.list(GOVERNANCE).map_err(&failed)?;
            names.iter().filter(|name| !is_record(name)).for_each(|name| report(unknown(GOVERNANCE, name)));
        }
        for fan in self.parts.disk.list(BLOBS).map_err(&failed)? {
            let folder = format!("{BLOBS}/{fan}");
            let is_folder = self
                .parts
                .disk
                .stat(&folder)
                .map_err(&failed)?
                .is_some_and(|stat| stat.kind == EntryKind::Folder);
            if !is_folder || fan.len() != 2 || !fan.bytes().all(|b| b.is_ascii_hexdigit()) {
                report(unknown(BLOBS, &fan));
                continue;
            }
            for name in self.parts.disk.list(&folder).map_err(&failed)? {
                let id = name.strip_suffix(".blob").and_then(ItemId::parse);
                match id.filter(|id| id.to_string().starts_with(&fan)) {
                    None => report(unknown(&folder, &name)),
                    Some(id) => {
                        let known = self.catalog.item(&id)?.is_some_and(|item| !item.is_purged());
                        if !known {
                            report(Oddity::Orphan(id));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn check_slots(&self, report: &mut dyn FnMut(Oddity)) -> Result<(), StoreError> {
        self.parts.keys.for_each(|slot, state| {
            match state {
                SlotState::Live(id) => match self.catalog.item(&id)? {
                    Some(item) if item.is_purged() => report(Oddity::KeyOfPurged(id)),
                    Some(item) if item.key_slot() != Some(slot) => report(Oddity::DoubledKey(id)),
                    Some(_) => {}
                    None => report(Oddity::Orphan(id)),
                },
                SlotState::Damaged => report(Oddity::DamagedSlot(slot.0)),
                SlotState::Destroyed(_) => {}
            }
            Ok(())
        })
    }

    fn check_items(&self, contents: bool, report: &mut dyn FnMut(Oddity)) -> Result<(), StoreError> {
        let missing = Filter { life: Some(Life::Missing), ..Filter::default() };
        self.catalog.list(&missing, |item| {
            report(Oddity::MissingBlob(item.id));
            Ok::<(), StoreError>(())
        })?;
        let failed = StoreError::io("looking at a blob");
        let home = self.parts.disk.stat(BLOBS).map_err(&failed)?.map(|stat| stat.device);
        let present = Filter { life: Some(Life::Present), ..Filter::default() };
        self.catalog.list(&present, |item| {
            let stat = match self.parts.disk.stat(&blob_path(&item.id)) {
                Err(error) if purge::is_refused(&error) => {
                    report(Oddity::NotTheFile(item.id));
                    return Ok(());
                }
                stat => stat.map_err(&failed)?,
            };
            match stat {
                None => report(Oddity::MissingBlob(item.id)),
                Some(stat) => {
                    let own = stat.kind == EntryKind::File
                        && stat.links == 1
                        && Some(stat.device) == home
                        && stat.size_bytes == item.stored_bytes;
                    if !own {
                        report(Oddity::NotTheFile(item.id));
                    }
                }
            }
            if contents && stat.is_some() {
                match self.data_key(&item) {
                    Err(_) => report(Oddity::MissingKey(item.id)),
                    Ok(key) => {
                        if !reads_whole(self, item.id, &key, item.kind) || self.name_of(&item).is_err() {
                            report(Oddity::Damaged(item.id));
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

/// Whether a blob decrypts from its first byte to its last and says what the catalog says.
fn reads_whole(store: &Store, id: ItemId, key: &crate::blob::DataKey, kind: ItemKind) -> bool {
    let Ok(blob) = BlobReader::open(&*store.parts.disk, &blob_path(&id), key) else { return false };
    let Ok(meta) = super::read::parse_meta(blob.metadata()) else { return false };
    let mut hasher = store.parts.ids.hasher(crate::ledger::SubjectKind::Content);
    let copied = std::io::copy(&mut blob.reader(), &mut hasher);
    copied.is_ok() && meta.kind == kind && *hasher.finalize().as_bytes() == meta.content.0
}
