//! How the catalog learns of entries: each is folded in, with what its blob, its plan or its approval says besides. The
//! same when an act has just been done, when a crash came between, and when the catalog is made anew.

use super::act::event_names;
use super::ingest::sealed_name;
use super::read::parse_meta;
use super::{PLANS, Parts, StoreError, blob_path, config};
use crate::ItemId;
use crate::blob::{BlobError, BlobReader};
use crate::catalog::{ApprovalFacts, BlobFacts, Sources, SweepFacts, Writes, exit_code, fold};
use crate::disk::Disk;
use crate::keys::{KeyError, KeyFile, Slot, SlotState};
use crate::ledger::{ActKind, Ending, Entry, IdKey};
use crate::request::Request;
use std::collections::BTreeMap;
use std::io;

/// Folds all entries in that were written since the last time, and notes how far keys and ledger are.
pub(crate) fn fold_pending(
    tx: &Writes<'_>,
    parts: &mut Parts,
    blobs: BTreeMap<ItemId, BlobFacts>,
    sweep: Option<SweepFacts>,
) -> Result<(), StoreError> {
    let pending = std::mem::take(&mut parts.pending);
    let mut facts = Facts::new(&*parts.disk, &parts.keys, (&parts.ids, &parts.config.id));
    facts.blobs = blobs;
    facts.sweep = sweep;
    for (index, entry) in &pending {
        fold(tx, *index, entry, &mut facts)?;
    }
    facts.whole()?;
    let mut meta = tx.meta()?;
    meta.key_generation = parts.keys.generation();
    Ok(tx.set_meta(meta)?)
}

/// What can be said of entries besides what they say.
pub(super) struct Facts<'a> {
    disk: &'a dyn Disk,
    keys: &'a KeyFile,
    store: &'a [u8; 16],
    events: BTreeMap<[u8; 32], &'static str>,
    /// What is known already, of items that were just ingested.
    blobs: BTreeMap<ItemId, BlobFacts>,
    /// Live slots, once they were needed.
    slots: Option<BTreeMap<ItemId, Slot>>,
    sweep: Option<SweepFacts>,
    /// A sweep of which the intent went by, and what was purged since.
    passing: Option<SweepFacts>,
    /// Something is there and could not be read: what was folded in does not count.
    failed: Option<StoreError>,
}

/// Whether reading failed, which says nothing of what is there. What is no file of the store's own is not there.
fn is_failure(error: &StoreError) -> bool {
    let (StoreError::Io { kind, .. }
    | StoreError::Key(KeyError::Io { kind, .. })
    | StoreError::Blob(BlobError::Io { kind, .. })) = error
    else {
        return false;
    };
    !matches!(
        kind,
        io::ErrorKind::NotFound
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::CrossesDevices
    )
}

impl<'a> Facts<'a> {
    pub(super) fn new(disk: &'a dyn Disk, keys: &'a KeyFile, (ids, store): (&IdKey, &'a [u8; 16])) -> Self {
        Self {
            disk,
            keys,
            store,
            events: event_names(ids),
            blobs: BTreeMap::new(),
            slots: None,
            sweep: None,
            passing: None,
            failed: None,
        }
    }

    /// # Errors
    /// That of the disk, when something could not be read. Then nothing may be folded in: what cannot be read now is no
    /// less there.
    pub(super) fn whole(&mut self) -> Result<(), StoreError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// What can be used of a reading. What is missing or damaged is left out; a disk that failed is noted.
    fn noted<T>(&mut self, read: Result<T, StoreError>) -> Option<T> {
        read.map_err(|error| {
            if is_failure(&error) {
                self.failed.get_or_insert(error);
            }
        })
        .ok()
    }

    fn read_blob(&self, slot: Slot, id: &ItemId) -> Result<BlobFacts, StoreError> {
        let key = self.keys.get(slot, id)?;
        let blob = BlobReader::open(self.disk, &blob_path(id), &key)?;
        let meta = parse_meta(blob.metadata())?;
        let sealed = sealed_name(&key, &meta)?;
        Ok(BlobFacts { slot: slot.0, meta, stored_bytes: blob.stored_bytes(), sealed })
    }

    /// Takes note of an entry before it is folded in.
    pub(super) fn passes(&mut self, entry: &Entry) {
        match entry {
            Entry::Intent(act) if act.kind == ActKind::Sweep => {
                let started_ms = act.time_ms;
                self.passing = Some(SweepFacts { started_ms, exit_code: 0, items: 0, size_bytes: 0 });
            }
            Entry::Outcome { act, ending: Ending::Done | Ending::AlreadyDone, .. }
                if act.kind == ActKind::Purge =>
            {
                if let Some(sweep) = &mut self.passing {
                    sweep.items += 1;
                }
            }
            Entry::Outcome { act, ending, .. } if act.kind == ActKind::Sweep => {
                if let Some(sweep) = &mut self.passing {
                    sweep.exit_code = exit_code(*ending);
                }
            }
            _ => {}
        }
    }

    /// The live slot of an item. The key file is read once, and only if it is asked for anything.
    fn slot(&mut self, id: &ItemId) -> Option<Slot> {
        if self.slots.is_none() {
            let mut slots = BTreeMap::new();
            let read = self.keys.for_each(|slot, state| {
                if let SlotState::Live(id) = state {
                    slots.insert(id, slot);
                }
                Ok::<(), KeyError>(())
            });
            self.noted(read.map_err(StoreError::from))?;
            self.slots = Some(slots);
        }
        self.slots.as_ref()?.get(id).copied()
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let text = config::read_text(self.disk, path);
        self.noted(text).flatten()
    }
}

impl Sources for Facts<'_> {
    fn blob(&mut self, id: &ItemId) -> Option<BlobFacts> {
        if let Some(known) = self.blobs.remove(id) {
            return Some(known);
        }
        let slot = self.slot(id)?;
        let read = self.read_blob(slot, id);
        self.noted(read)
    }

    fn event_name(&mut self, event: &[u8; 32]) -> Option<String> {
        self.events.get(event).map(|name| (*name).to_owned())
    }

    fn plan_purpose(&mut self, plan: &[u8; 32]) -> Option<String> {
        let digits = ItemId(*plan);
        if let Some(text) = self.text(&format!("{PLANS}/{digits}.request")) {
            return Request::parse(&text, self.store).ok().map(|request| request.kind.name().to_owned());
        }
        let export = self.disk.stat(&format!("{PLANS}/{digits}.export")).map_err(StoreError::io("reading"));
        if self.noted(export).flatten().is_some() {
            return Some("export".to_owned());
        }
        let found = self.disk.stat(&format!("{PLANS}/{digits}.plan")).map_err(StoreError::io("reading"));
        self.noted(found).flatten().map(|_| "retention".to_owned())
    }

    fn approval(&mut self, approval: &[u8; 32]) -> Option<ApprovalFacts> {
        let text = self.text(&format!("{PLANS}/{}.approval", ItemId(*approval)))?;
        let approval: custody_rules::approval::Approval = serde_json::from_str(&text).ok()?;
        Some(ApprovalFacts { what: approval.what().name().to_owned(), expires_ms: approval.expires_ms() })
    }

    fn sweep(&mut self, _record: &ItemId) -> Option<SweepFacts> {
        self.sweep.take().or(self.passing.take())
    }
}
