//! What is read from the catalog and what is written into it. Times are milliseconds since 1970-01-01T00:00:00Z.

use crate::item::{ContentId, Exposure, ItemId, ItemKind, ItemMeta};
use crate::ledger::Subject;
use std::fmt;

/// The state of an item to which nothing has happened since its ingest.
pub const STATE_INGESTED: &str = "ingested";

/// An item's row in the catalog. A rebuilt catalog has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId(pub(super) i64);

/// A combination of what policies look at. A rebuilt catalog has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FacetId(pub(super) i64);

/// A kind of event. A rebuilt catalog has others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKind(pub(super) i64);

/// How far the catalog is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meta {
    /// Entries of the ledger that are folded in.
    pub ledger_size: u64,
    /// The key file's generation that was seen last.
    pub key_generation: u64,
    /// The time that was seen last.
    pub clock_ms: u64,
}

/// Whether an item is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Life {
    /// Its blob and its key are there.
    Present = 0,
    /// It was purged.
    Purged = 1,
    /// The ledger says that it was ingested and not that it was purged; its blob could not be read.
    Missing = 2,
}

impl Life {
    pub(super) fn from_number(number: u8) -> Option<Self> {
        [Self::Present, Self::Purged, Self::Missing].into_iter().find(|life| *life as u8 == number)
    }

    /// The word for it in text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Purged => "purged",
            Self::Missing => "missing",
        }
    }
}

/// An item that has just been written.
#[derive(Clone, Copy)]
pub struct NewItem<'a> {
    /// Its ID.
    pub id: ItemId,
    /// The slot of its data key.
    pub slot: u64,
    /// What is known of it. Its name and its origin are not written.
    pub meta: &'a ItemMeta,
    /// What is personal of it, encrypted under its data key.
    pub sealed: &'a [u8],
    /// Bytes of its blob.
    pub stored_bytes: u64,
}

impl fmt::Debug for NewItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewItem").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An item as the catalog knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRow {
    /// Its row.
    pub row: RowId,
    /// Its ID.
    pub id: ItemId,
    /// Hash of its content.
    pub content: ContentId,
    /// The root of its unit: itself, unless it is a copy.
    pub root: ItemId,
    /// Whether it is there.
    pub life: Life,
    /// What it is.
    pub kind: ItemKind,
    /// Format of its content; empty when it was purged before the catalog was rebuilt, like all texts here.
    pub format: String,
    /// Class, for policies.
    pub class: String,
    /// Environment that it belongs to.
    pub environment: String,
    /// User ID of its owner.
    pub owner: String,
    /// How it came.
    pub source: String,
    /// The last event's name; [`STATE_INGESTED`] before the first.
    pub state: String,
    /// Whether it shows people's data.
    pub exposure: Exposure,
    /// The slot of its data key; none when it is not known after a rebuild.
    pub slot: Option<u64>,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// Bytes of its blob.
    pub stored_bytes: u64,
    /// When it was ingested.
    pub ingested_ms: u64,
    /// When it, or for a root one of its copies, was used last.
    pub last_used_ms: u64,
    /// Since when it is marked as due.
    pub marked_ms: Option<u64>,
    /// When a hold was released that had been on its unit.
    pub restarted_ms: Option<u64>,
    /// When it was purged.
    pub purged_ms: Option<u64>,
    /// Whether a hold is on its unit.
    pub held: bool,
    /// Whether its unit is pinned.
    pub pinned: bool,
    /// What is personal of it, encrypted under its data key; none once it is purged.
    pub sealed: Option<Vec<u8>>,
}

/// What policies look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetRow {
    /// Its number in the catalog.
    pub id: FacetId,
    /// What the items are.
    pub kind: ItemKind,
    /// Class.
    pub class: String,
    /// Environment.
    pub environment: String,
    /// User ID of the owner.
    pub owner: String,
    /// How they came.
    pub source: String,
    /// State: the last event's name.
    pub state: String,
    /// Whether they show people's data.
    pub exposure: Exposure,
}

/// The present root of a unit, with what decides whether it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootRow<'a> {
    /// Its row.
    pub row: RowId,
    /// Its ID.
    pub id: ItemId,
    /// What policies look at, among [`View::facets`](super::View::facets).
    pub facet: FacetId,
    /// The slot of its data key.
    pub slot: Option<u64>,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// When it was ingested.
    pub ingested_ms: u64,
    /// When its unit was used last.
    pub last_used_ms: u64,
    /// Since when it is marked as due.
    pub marked_ms: Option<u64>,
    /// When a hold on its unit was released last.
    pub restarted_ms: Option<u64>,
    /// Whether a hold is on its unit.
    pub held: bool,
    /// Whether its unit is pinned.
    pub pinned: bool,
    /// The last time of each kind of event.
    pub events: &'a [(EventKind, u64)],
}

impl RootRow<'_> {
    /// The last time of an event.
    pub fn event_ms(&self, kind: EventKind) -> Option<u64> {
        self.events.iter().find(|(known, _)| *known == kind).map(|(_, ms)| *ms)
    }
}

/// Which items to list; what is `None` is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they are.
    pub kind: Option<ItemKind>,
    /// Class.
    pub class: Option<String>,
    /// Environment.
    pub environment: Option<String>,
    /// User ID of the owner.
    pub owner: Option<String>,
    /// How they came.
    pub source: Option<String>,
    /// State: the last event's name.
    pub state: Option<String>,
    /// Whether they show people's data.
    pub exposure: Option<Exposure>,
    /// Whether they are there.
    pub life: Option<Life>,
    /// Whether a hold is on their unit.
    pub held: Option<bool>,
}

/// A hold on one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Why.
    pub matter: [u8; 32],
    /// On what.
    pub item: ItemId,
    /// When it was placed.
    pub placed_ms: u64,
    /// User ID of who placed it.
    pub placed_by: String,
}

/// A matter with holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatterRow {
    /// Which.
    pub matter: [u8; 32],
    /// Items that it holds.
    pub items: u64,
    /// When its first hold of those that stand was placed.
    pub first_ms: u64,
}

/// What keeps a unit up to its policy's maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinRow {
    /// The open plan, review or run.
    pub by: [u8; 32],
    /// Since when.
    pub pinned_ms: u64,
}

/// What became of a plan. The numbers stand in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PlanState {
    /// It may still be carried out.
    Open = 0,
    /// It was carried out.
    Applied = 1,
    /// It was given up.
    Dropped = 2,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Its hash.
    pub hash: [u8; 32],
    /// What it plans; empty when nothing but the ledger tells of it.
    pub what: String,
    /// When it was made.
    pub created_ms: u64,
    /// User ID of who made it.
    pub planned_by: String,
    /// What became of it.
    pub state: PlanState,
}

/// An approval of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Its ID.
    pub id: [u8; 32],
    /// The plan's hash.
    pub plan: [u8; 32],
    /// What it approves; empty when nothing but the ledger tells of it.
    pub what: String,
    /// User ID of who approved.
    pub approver: String,
    /// When.
    pub approved_ms: u64,
    /// Until when it can be spent, exclusive; 0 when nothing but the ledger tells of it.
    pub expires_ms: u64,
    /// When it was spent.
    pub spent_ms: Option<u64>,
}

/// A sweep that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepRow {
    /// Its record.
    pub id: ItemId,
    /// When it began.
    pub started_ms: u64,
    /// When it ended.
    pub ended_ms: u64,
    /// The exit code of its process.
    pub exit_code: u8,
    /// Items that it purged.
    pub items: u64,
    /// Bytes of their contents.
    pub size_bytes: u64,
}

/// How many items there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items that are there.
    pub present: u64,
    /// Items that were purged.
    pub purged: u64,
    /// Items that should be there and are not.
    pub missing: u64,
    /// Units that are there and marked as due.
    pub marked: u64,
    /// Units that are there and held.
    pub held: u64,
    /// Units that are there and pinned.
    pub pinned: u64,
    /// Holds that stand on purged items: none, ever.
    pub held_and_purged: u64,
    /// Items that are there, by the order of [`ItemKind::ALL`].
    pub by_kind: [u64; ItemKind::ALL.len()],
    /// Bytes of the contents of what is there.
    pub size_bytes: u64,
    /// Bytes of the blobs of what is there.
    pub stored_bytes: u64,
}

/// A user, an environment or a secret that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernedRow {
    /// Its kind and the keyed hash of its name.
    pub subject: Subject,
    /// The keyed hash of its record.
    pub content: [u8; 32],
    /// When it was put in force, in milliseconds since 1970-01-01T00:00:00Z.
    pub changed_ms: u64,
    /// By whom: a user ID.
    pub changed_by: String,
}
