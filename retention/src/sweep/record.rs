//! What a sweep did, in the store itself: one item a batch, written before the batch is purged. It says of each unit
//! what it was and which files lie outside of the store, since nobody can tell afterwards.

use super::{Cause, Look, Warrant};
use crate::catalog::{Filter, ItemRow, Life};
use crate::certificate::Presence;
use crate::ledger::Subject;
use crate::store::{ItemSpec, Store, StoreError, Who};
use crate::{ContentId, Exposure, ItemId, ItemKind};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};

/// The form of a record's first line.
const SCHEMA: &str = "custody-sweep-record/1";
/// The class that records have, for policies.
const CLASS: &str = "sweep-record";
/// Bytes of the content of a location that are read.
const LOCATION_BYTES_MAX: u64 = 64 << 10;

/// A record's first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordHead {
    /// Its form.
    pub schema: String,
    /// The sweep, as the ledger names it.
    pub sweep: String,
    /// What was planned or asked for.
    pub plan: String,
    /// The policies in force.
    pub policies: String,
    /// Approvals that were spent.
    pub approvals: Vec<String>,
    /// User IDs of who approved.
    pub approvers: Vec<String>,
    /// User ID of who swept.
    pub user: String,
    /// When holds and verdicts were asked for again, in milliseconds since 1970-01-01T00:00:00Z.
    pub checked_ms: u64,
}

/// One unit of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordLine {
    /// Its root.
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// Format of its content.
    pub format: String,
    /// Its class.
    pub class: String,
    /// Its environment.
    pub environment: String,
    /// User ID of its owner.
    pub owner: String,
    /// Whether it showed people's data.
    pub exposure: Exposure,
    /// Hash of its content.
    pub content: ContentId,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// When it was ingested.
    pub ingested_ms: u64,
    /// When it was used last.
    pub last_used_ms: u64,
    /// Why it goes.
    pub cause: Cause,
    /// Copies that go with it.
    pub copies: Vec<RecordMember>,
    /// Files outside of the store, as they were looked at then.
    pub places: Vec<RecordSeen>,
}

/// A copy that goes with its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordMember {
    /// The copy.
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// Hash of its content.
    pub content: ContentId,
    /// Bytes of its content.
    pub size_bytes: u64,
}

/// A file outside of the store as a sweep found it: no name of a person stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSeen {
    /// Where it lies, as far as that may be said.
    pub location: String,
    /// Keyed hash of its bytes when custody read or wrote it.
    pub content: ContentId,
    /// Whether it was there.
    pub presence: Presence,
    /// When that was looked at, in milliseconds since 1970-01-01T00:00:00Z.
    pub looked_ms: u64,
}

/// A file outside of the store that held the same data. Its path can hold a name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPlace {
    /// Where it lies.
    pub path: String,
    /// What was there: `original`, `preview`, `extract`, …
    pub what: String,
    /// Keyed hash of its bytes when custody read or wrote it.
    pub content: ContentId,
}

impl std::fmt::Debug for RecordPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordPlace").field("what", &self.what).finish_non_exhaustive()
    }
}

/// Writes a batch's record into the store.
pub(super) fn write(
    store: &mut Store,
    who: Who,
    (sweep, warrant): (Subject, &Warrant),
    (going, look): (&[(ItemRow, &Cause)], &mut Look<'_>),
) -> Result<ItemId, StoreError> {
    let head = RecordHead {
        schema: SCHEMA.to_owned(),
        sweep: sweep.to_string(),
        plan: warrant.plan.to_string(),
        policies: warrant.policies.to_string(),
        approvals: warrant.approvals.iter().map(ToString::to_string).collect(),
        approvers: warrant.approvers.clone(),
        user: who.user.to_string(),
        checked_ms: who.time_ms,
    };
    let mut text = line(&head)?;
    for (item, cause) in going {
        text.extend(line(&unit(store, (item, cause), &mut |place| seen(store, place, who.time_ms, look))?)?);
    }
    let spec = ItemSpec {
        kind: ItemKind::SweepRecord,
        format: "ndjson".to_owned(),
        class: CLASS.to_owned(),
        environment: strictest(going.iter().map(|(item, _)| &*item.environment)),
        source: "derived".to_owned(),
        exposure: Exposure::Raw,
        owner: None,
        parents: Vec::new(),
        name: sweep.to_string(),
        origin: None,
    };
    let mut batch = store.begin_ingest(who)?;
    let id = batch.stage(spec, &mut &text[..])?;
    batch.commit()?;
    Ok(id)
}

fn line(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut text =
        serde_json::to_vec(value).map_err(|_| StoreError::Contradiction("a record cannot be written"))?;
    text.push(b'\n');
    Ok(text)
}

fn seen(store: &Store, place: &RecordPlace, looked_ms: u64, look: &mut Look<'_>) -> RecordSeen {
    let (location, presence) = look(store, place);
    RecordSeen { location, content: place.content, presence, looked_ms }
}

fn unit(
    store: &Store,
    (item, cause): (&ItemRow, &Cause),
    seen: &mut dyn FnMut(&RecordPlace) -> RecordSeen,
) -> Result<RecordLine, StoreError> {
    let members = store.catalog().unit(&item.id)?;
    let mut places = Vec::new();
    if let (_, Some(path)) = store.name_of(item)? {
        places.push(seen(&RecordPlace { path, what: "original".to_owned(), content: item.content }));
    }
    let mut copies = Vec::new();
    for member in members.iter().filter(|member| member.id != item.id && !member.is_purged()) {
        copies.push(RecordMember {
            id: member.id,
            kind: member.kind,
            content: member.content,
            size_bytes: member.size_bytes,
        });
        if member.kind == ItemKind::Location {
            places.push(seen(&place(store, &member.id)?));
        }
    }
    Ok(RecordLine {
        id: item.id,
        kind: item.kind,
        format: item.format.clone(),
        class: item.class.clone(),
        environment: item.environment.clone(),
        owner: item.owner.clone(),
        exposure: item.exposure,
        content: item.content,
        size_bytes: item.size_bytes,
        ingested_ms: item.ingested_ms,
        last_used_ms: item.last_used_ms,
        cause: cause.clone(),
        copies,
        places,
    })
}

/// What a location item says.
pub(crate) fn place(store: &Store, id: &ItemId) -> Result<RecordPlace, StoreError> {
    let opened = store.open_item(id)?;
    let mut text = Vec::new();
    let read = opened.content.reader().take(LOCATION_BYTES_MAX).read_to_end(&mut text);
    read.map_err(StoreError::io("reading a location"))?;
    serde_json::from_slice(&text).map_err(|_| StoreError::Contradiction("a location cannot be read"))
}

/// Of several environments the one with the strictest rules: production, then tenants, then preview, then sandbox.
pub(crate) fn strictest<'a>(environments: impl Iterator<Item = &'a str>) -> String {
    let rank = |name: &str| match name {
        "production" => 3,
        "preview" => 1,
        "sandbox" => 0,
        _ => 2,
    };
    environments.max_by_key(|name| rank(name)).unwrap_or("production").to_owned()
}

/// Records of a sweep, in order.
///
/// # Errors
/// What catalog and blobs say.
pub fn record_ids(store: &Store, sweep: Subject) -> Result<Vec<ItemId>, StoreError> {
    let filter = Filter { kind: Some(ItemKind::SweepRecord), life: Some(Life::Present), ..Filter::default() };
    let (wanted, mut found) = (sweep.to_string(), Vec::new());
    store.catalog().list(&filter, |item| {
        if store.name_of(&item)?.0 == wanted {
            found.push(item.id);
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

/// Reads a record line by line.
///
/// # Errors
/// What the blob says, and [`StoreError::Contradiction`] for what is no record.
pub fn read_records(
    store: &Store,
    id: &ItemId,
    mut each: impl FnMut(&RecordHead, RecordLine) -> Result<(), StoreError>,
) -> Result<RecordHead, StoreError> {
    let bad = || StoreError::Contradiction("a sweep's record cannot be read");
    let opened = store.open_item(id)?;
    let mut lines = BufReader::new(opened.content.reader()).lines();
    let first = lines.next().ok_or_else(bad)?.map_err(StoreError::io("reading a record"))?;
    let head: RecordHead = serde_json::from_str(&first).map_err(|_| bad())?;
    if head.schema != SCHEMA {
        return Err(bad());
    }
    for text in lines {
        let text = text.map_err(StoreError::io("reading a record"))?;
        each(&head, serde_json::from_str(&text).map_err(|_| bad())?)?;
    }
    Ok(head)
}

/// Writes what a location item says.
pub(crate) fn write_place(place: &RecordPlace, out: &mut (dyn Write + Send)) -> Result<(), StoreError> {
    out.write_all(&line(place)?).map_err(StoreError::io("writing a location"))
}
