//! Taking items into the store: encrypted into the staging folder while they are read, then a whole batch is made
//! durable with a handful of syncs. A crash leaves an item whole or leaves nothing of it.

use super::fold::fold_pending;
use super::{BLOBS, Parts, STAGING, Store, StoreError, Who, act, blob_folder, blob_path};
use crate::blob::DataKey;
use crate::blob::{BlobWriter, seal};
use crate::catalog::{BlobFacts, ItemRow};
use crate::hex;
use crate::keys::Slot;
use crate::ledger::{ActKind, Ending, Entry, SubjectKind, UserId};
use crate::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

/// Bytes read at a time.
const COPY_BYTES: usize = 1 << 20;
/// Items of one batch.
pub(super) const BATCH_MAX: usize = 1_000;
/// Items that one act names as parents.
const PARENTS_MAX: usize = 1_000;

/// What is said of an item when it is taken in.
#[derive(Clone)]
pub struct ItemSpec {
    /// What it is.
    pub kind: ItemKind,
    /// Format of its content.
    pub format: String,
    /// Class, for policies.
    pub class: String,
    /// Environment that it belongs to.
    pub environment: String,
    /// How it came: `file`, `fetch`, `derived`.
    pub source: String,
    /// Whether it shows people's data.
    pub exposure: Exposure,
    /// Whose it is; without one, that of who ingests it.
    pub owner: Option<UserId>,
    /// What it was derived from; of a copy, the first is what it is a copy of.
    pub parents: Vec<ItemId>,
    /// Its name, with folders.
    pub name: String,
    /// The file outside of the store that it was read from, or that it tells the place of.
    pub origin: Option<String>,
}

/// An item that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// Its ID.
    pub id: ItemId,
    /// Its content's ID.
    pub content: ContentId,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// Other present items of the same content.
    pub duplicates: Vec<ItemId>,
}

struct Staged {
    id: ItemId,
    key: DataKey,
    meta: ItemMeta,
    stored_bytes: u64,
    slot: Option<Slot>,
}

/// A content that is being staged.
struct Begun {
    nonce: [u8; 16],
    key: DataKey,
}

/// Items that are staged and will be taken in together.
pub struct IngestBatch<'a> {
    store: &'a mut Store,
    who: Who,
    staged: Vec<Staged>,
}

impl std::fmt::Debug for IngestBatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestBatch").field("staged", &self.staged.len()).finish_non_exhaustive()
    }
}

/// Bytes of what a name is sealed as: the name and the origin.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Sealed {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
}

/// What the catalog keeps of an item's name: sealed under the item's own key.
pub(crate) fn sealed_name(key: &DataKey, meta: &ItemMeta) -> Result<Vec<u8>, StoreError> {
    let sealed = Sealed { name: meta.name.clone(), origin: meta.origin.clone() };
    let text =
        serde_json::to_vec(&sealed).map_err(|_| StoreError::Contradiction("a name cannot be written"))?;
    Ok(seal(key, SEAL_PURPOSE, &text)?)
}

/// What names are sealed for.
pub(crate) const SEAL_PURPOSE: &str = "catalog name";

impl Store {
    /// Begins a batch of items.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`].
    pub fn begin_ingest(&mut self, who: Who) -> Result<IngestBatch<'_>, StoreError> {
        self.usable()?;
        Ok(IngestBatch { store: self, who, staged: Vec::new() })
    }
}

impl IngestBatch<'_> {
    /// Items that are staged.
    pub fn len(&self) -> usize {
        self.staged.len()
    }

    /// Whether nothing is staged.
    pub fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    /// Whether the batch should be committed before anything else is staged.
    pub fn is_full(&self) -> bool {
        self.staged.len() >= BATCH_MAX
    }

    /// Reads a content to its end and encrypts it into the staging folder. Nothing of it counts before
    /// [`IngestBatch::commit`]. Returns the ID that it will have, for items that are derived from it.
    ///
    /// # Errors
    /// The source's errors as [`StoreError::Io`], and what the disk says; the batch goes on without the item.
    pub fn stage(&mut self, spec: ItemSpec, source: &mut dyn Read) -> Result<ItemId, StoreError> {
        self.stage_with(spec, |out| copy(source, out))
    }

    /// As [`IngestBatch::stage`], of a content that `write` produces.
    ///
    /// # Errors
    /// Those of `write`, and what the disk says.
    pub fn stage_with<E: From<StoreError>>(
        &mut self,
        spec: ItemSpec,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), E>,
    ) -> Result<ItemId, E> {
        let (mut out, begun) = self.begin(&spec)?;
        write(&mut out)?;
        Ok(self.finish(spec, out, begun)?)
    }

    fn begin(&self, spec: &ItemSpec) -> Result<(Hashing, Begun), StoreError> {
        check(spec)?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::Contradiction("there is no randomness"))?;
        let key = DataKey::random()?;
        let blob = BlobWriter::create(&*self.store.parts.disk, &staging_path(&nonce), &key)?;
        let out = Hashing { hasher: self.store.parts.ids.hasher(SubjectKind::Content), blob, size_bytes: 0 };
        Ok((out, Begun { nonce, key }))
    }

    fn finish(&mut self, spec: ItemSpec, out: Hashing, begun: Begun) -> Result<ItemId, StoreError> {
        let Hashing { hasher, blob, size_bytes } = out;
        let Begun { nonce, key } = begun;
        let content = ContentId(*hasher.finalize().as_bytes());
        let id = self.item_id(&content, &nonce);
        let meta = ItemMeta {
            kind: spec.kind,
            format: spec.format,
            class: spec.class,
            environment: spec.environment,
            owner: spec.owner.unwrap_or(self.who.user).to_string(),
            source: spec.source,
            exposure: spec.exposure,
            content,
            size_bytes,
            ingested_ms: self.who.time_ms,
            parents: spec.parents,
            name: spec.name,
            origin: spec.origin,
        };
        let footer = serde_json::to_vec(&meta)
            .map_err(|_| StoreError::Contradiction("an item cannot be described"))?;
        let stored_bytes = blob.finish(&footer)?;
        let named = self.store.parts.disk.rename_new(&staging_path(&nonce), &staged_path(&id));
        named.map_err(StoreError::io("staging a blob"))?;
        self.staged.push(Staged { id, key, meta, stored_bytes, slot: None });
        Ok(id)
    }

    fn item_id(&self, content: &ContentId, nonce: &[u8; 16]) -> ItemId {
        let mut bytes = content.0.to_vec();
        bytes.extend(nonce);
        ItemId(self.store.parts.ids.subject(SubjectKind::Artifact, &bytes).id)
    }

    /// Takes back an item that was staged last: its content could not be read whole.
    pub fn unstage(&mut self, id: &ItemId) {
        // What stays in the staging folder is removed when the store is opened the next time.
        self.staged.retain(|item| item.id != *id);
    }

    /// Makes all staged items part of the store.
    ///
    /// # Errors
    /// [`StoreError::NoItem`] and [`StoreError::Purged`] for a parent that is not there: nothing was done then. Any other
    /// error leaves the store to be opened anew, which ends what was begun.
    pub fn commit(self) -> Result<Vec<Ingested>, StoreError> {
        let Self { store, who, mut staged } = self;
        if staged.is_empty() {
            return Ok(Vec::new());
        }
        store.check_parents(&staged)?;
        store.run(|store| {
            let Store { catalog, parts, .. } = store;
            let intents: Vec<Entry> = staged.iter().map(|item| Entry::Intent(item_act(item, &who))).collect();
            let indices = parts.append(&intents)?;
            move_in(parts, &mut staged)?;
            let outcomes: Vec<Entry> = staged
                .iter()
                .zip(&indices)
                .map(|(item, intent)| Entry::Outcome {
                    intent: *intent,
                    ending: Ending::Done,
                    act: item_act(item, &who),
                })
                .collect();
            parts.append(&outcomes)?;
            let facts = facts(&staged)?;
            catalog.write(|tx| fold_pending(tx, parts, facts, None))
        })?;
        staged.iter().map(|item| store.ingested(item)).collect()
    }
}

/// Keys first, then blobs: a blob that is in place has its key.
fn move_in(parts: &mut Parts, staged: &mut [Staged]) -> Result<(), StoreError> {
    for item in staged.iter_mut() {
        item.slot = Some(parts.keys.add(&item.id, &item.key)?);
    }
    parts.keys.sync()?;
    let folders: BTreeSet<String> = staged.iter().map(|item| blob_folder(&item.id)).collect();
    let failed = StoreError::io("moving blobs into place");
    let mut made = false;
    for folder in &folders {
        if parts.disk.stat(folder).map_err(&failed)?.is_none() {
            parts.disk.make_folder(folder).map_err(&failed)?;
            made = true;
        }
    }
    for item in &*staged {
        parts.disk.rename_new(&staged_path(&item.id), &blob_path(&item.id)).map_err(&failed)?;
    }
    parts.disk.sync_folders(&mut folders.iter().map(|folder| &**folder)).map_err(&failed)?;
    if made {
        parts.disk.sync_folder(BLOBS).map_err(&failed)?;
    }
    Ok(())
}

/// What the catalog is told of the items, besides their entries.
fn facts(staged: &[Staged]) -> Result<BTreeMap<ItemId, BlobFacts>, StoreError> {
    staged
        .iter()
        .map(|item| {
            let slot = item.slot.ok_or(StoreError::Contradiction("an item without a key"))?;
            let sealed = sealed_name(&item.key, &item.meta)?;
            let facts =
                BlobFacts { slot: slot.0, meta: item.meta.clone(), stored_bytes: item.stored_bytes, sealed };
            Ok((item.id, facts))
        })
        .collect()
}

impl Store {
    /// What the catalog would not take must not get into the ledger: no later opening could fold it in.
    fn check_parents(&self, staged: &[Staged]) -> Result<(), StoreError> {
        let mut before = BTreeSet::new();
        for item in staged {
            for (place, parent) in item.meta.parents.iter().enumerate() {
                if before.contains(parent) {
                    continue;
                }
                let row = self.catalog.item(parent)?.ok_or(StoreError::NoItem(*parent))?;
                if place == 0 && item.meta.kind.is_copy() && self.is_unit_gone(&row)? {
                    return Err(StoreError::Purged(*parent));
                }
            }
            before.insert(item.id);
        }
        Ok(())
    }

    fn is_unit_gone(&self, row: &ItemRow) -> Result<bool, StoreError> {
        let root = self.catalog.item(&row.root)?;
        Ok(row.is_purged() || root.is_none_or(|root| root.is_purged()))
    }

    fn ingested(&self, item: &Staged) -> Result<Ingested, StoreError> {
        let same = self.catalog.duplicates(&item.meta.content)?;
        let duplicates = same.into_iter().map(|row| row.id).filter(|id| *id != item.id).collect();
        Ok(Ingested { id: item.id, content: item.meta.content, size_bytes: item.meta.size_bytes, duplicates })
    }
}

fn item_act(item: &Staged, who: &Who) -> crate::ledger::Act {
    let mut subjects = vec![
        item.meta.kind.subject(item.id),
        crate::ledger::Subject { kind: SubjectKind::Content, id: item.meta.content.0 },
    ];
    // What they are stands in the blob; here it is enough that they are named.
    subjects.extend(
        item.meta
            .parents
            .iter()
            .map(|parent| crate::ledger::Subject { kind: SubjectKind::Artifact, id: parent.0 }),
    );
    act(ActKind::Ingest, who.user, who.time_ms, subjects)
}

fn check(spec: &ItemSpec) -> Result<(), StoreError> {
    let refused = |what: &str| Err(StoreError::Refused(what.to_owned()));
    if !super::is_word(&spec.class) {
        return refused("a class is named with 1 to 40 of a-z, 0-9 and -");
    }
    if !super::is_word(&spec.environment) {
        return refused("an environment is named with 1 to 40 of a-z, 0-9 and -");
    }
    if !is_token(&spec.format) || !is_token(&spec.source) {
        return refused("formats and sources are named with 1 to 64 of a-z, A-Z, 0-9, ., _ and -");
    }
    if spec.parents.len() > PARENTS_MAX {
        return refused("an item has at most 1,000 parents");
    }
    if spec.kind.is_copy() && spec.parents.is_empty() {
        return Err(StoreError::Contradiction("a copy of nothing"));
    }
    Ok(())
}

/// Whether the catalog takes a word: nothing that could be a name or a path.
fn is_token(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn staging_path(nonce: &[u8; 16]) -> String {
    format!("{STAGING}/{}.part", hex::digits(nonce))
}

fn staged_path(id: &ItemId) -> String {
    format!("{STAGING}/{id}.blob")
}

fn copy(source: &mut dyn Read, out: &mut (dyn Write + Send)) -> Result<(), StoreError> {
    let mut bytes = vec![0; COPY_BYTES];
    loop {
        match source.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(read) => out.write_all(&bytes[..read]).map_err(StoreError::io("writing a blob"))?,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("reading what is to be ingested")(error)),
        }
    }
}

/// Hashes what goes into a blob.
struct Hashing {
    hasher: blake3::Hasher,
    blob: BlobWriter,
    size_bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.blob.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.blob.flush()
    }
}
