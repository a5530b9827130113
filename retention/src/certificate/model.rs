//! What a certificate says, as plain data. IDs are keyed hashes and name nobody; the only free text is where files
//! lie outside of the store, and what policies say.

use super::CertificateError;
use crate::ledger::{Checkpoint, UserId, VerifierKey};
use crate::{ContentId, Exposure, ItemId, ItemKind};
use serde::{Deserialize, Serialize, Serializer};

/// Why items were purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// They were due, and a sweep cleared them.
    Sweep,
    /// Somebody had one item purged.
    Purge,
    /// A person asked for erasure.
    Erasure,
}

/// An entry of the ledger with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Its index.
    pub entry: u64,
    /// The text of a `.tlog-proof` file, under the certificate's checkpoint.
    pub proof: String,
}

/// Who approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approver {
    /// The user's ID.
    #[serde(serialize_with = "shown")]
    pub user: UserId,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub approved_ms: u64,
    /// The outcome of the approval in the ledger.
    pub outcome: Recorded,
}

/// A policy that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyUsed {
    /// Its name.
    pub name: String,
    /// The hash of its file, as the ledger names it.
    pub hash: ContentId,
}

/// A rotation of the store key: copies of the key file from before it open nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// When it was done, in milliseconds since 1970-01-01T00:00:00Z.
    pub rotated_ms: u64,
    /// Its outcome in the ledger.
    pub outcome: Recorded,
}

/// What holds for all items of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Why items were purged.
    pub occasion: Occasion,
    /// The sweep's record, or whatever else the ledger calls the occasion.
    pub sweep: ItemId,
    /// The plan that was carried out.
    pub plan: Option<ItemId>,
    /// The store.
    pub store: String,
    /// The ledger's key by its name, which is the ledger's origin.
    #[serde(serialize_with = "shown")]
    pub verifier_key: VerifierKey,
    /// What all proofs are under.
    #[serde(serialize_with = "note")]
    pub checkpoint: Checkpoint,
    /// When the certificate was issued; times are in milliseconds since 1970-01-01T00:00:00Z.
    pub issued_ms: u64,
    /// When the first item's purge began.
    pub began_ms: u64,
    /// When the last one's ended.
    pub ended_ms: u64,
    /// Who had it done.
    #[serde(serialize_with = "shown")]
    pub user: UserId,
    /// The intent of the sweep.
    pub intent: Recorded,
    /// Its outcome.
    pub outcome: Recorded,
    /// Who approved it.
    pub approvers: Vec<Approver>,
    /// Policies that decided.
    pub policies: Vec<PolicyUsed>,
    /// The last rotation of the store key, whenever it was.
    pub rotation: Option<Rotation>,
}

/// Something derived from an item, purged with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DerivedCopy {
    /// Which one.
    pub id: ItemId,
    /// What it was.
    pub kind: ItemKind,
    /// Its size.
    pub size_bytes: u64,
    /// The hash of its content.
    pub content: ContentId,
    /// Whether its blob is unlinked.
    pub unlinked: bool,
    /// Whether its wrapped data key is destroyed in the key file.
    pub key_destroyed: bool,
}

/// The last look for holds, within the purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HoldCheck {
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub checked_ms: u64,
    /// Holds that were found on the item or what was derived from it.
    pub holds: u32,
}

/// An item that was purged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgedItem {
    /// Which one.
    pub id: ItemId,
    /// What it was.
    pub kind: ItemKind,
    /// Its class.
    pub class: String,
    /// Its environment.
    pub environment: String,
    /// Whether it showed people's data.
    pub exposure: Exposure,
    /// Its size.
    pub size_bytes: u64,
    /// The hash of its content.
    pub content: ContentId,
    /// When it came; times are in milliseconds since 1970-01-01T00:00:00Z.
    pub ingested_ms: u64,
    /// When it was last used, if ever.
    pub last_used_ms: Option<u64>,
    /// When it was due, if a policy made it so.
    pub due_ms: Option<u64>,
    /// When it was purged.
    pub purged_ms: u64,
    /// The policy that governed it.
    pub policy: String,
    /// The policy's rule that decided, in its own words; or the reason that a person gave.
    pub rule: String,
    /// What was derived from it.
    pub copies: Vec<DerivedCopy>,
    /// The last look for holds.
    pub hold_check: HoldCheck,
    /// Whether its blob is unlinked.
    pub unlinked: bool,
    /// Whether its wrapped data key is destroyed in the key file.
    pub key_destroyed: bool,
    /// The intent of its purge.
    pub intent: Recorded,
    /// The outcome.
    pub outcome: Recorded,
}

/// How far disposal has come, by what can be said honestly. Each rung includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// The store does not name its blob any more.
    Unlinked,
    /// Nor what was derived from it.
    AbsentFromDerivedCopies,
    /// Its key is destroyed, and the store key that wrapped it was rotated away afterwards: copies of the blob and of
    /// the key file from before open only for whoever also kept that store key or its passphrase.
    CryptoErased,
}

impl Rung {
    /// All of them, lowest first.
    pub const ALL: [Self; 3] = [Self::Unlinked, Self::AbsentFromDerivedCopies, Self::CryptoErased];

    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unlinked => "unlinked",
            Self::AbsentFromDerivedCopies => "absent from derived copies",
            Self::CryptoErased => "crypto-erased",
        }
    }
}

impl Certificate {
    /// The highest rung that an item has reached; none while its blob is there.
    pub fn rung(&self, item: &PurgedItem) -> Option<Rung> {
        if !item.unlinked {
            return None;
        }
        if !item.copies.iter().all(|copy| copy.unlinked) {
            return Some(Rung::Unlinked);
        }
        let keys = item.key_destroyed && item.copies.iter().all(|copy| copy.key_destroyed);
        let rotated = self.rotation.as_ref().is_some_and(|it| it.outcome.entry > item.outcome.entry);
        Some(if keys && rotated { Rung::CryptoErased } else { Rung::AbsentFromDerivedCopies })
    }
}

/// An item that was due, or asked for, and is still there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// Which one.
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// Why it was kept: `held`, `refused`, `failed`, …
    pub reason: String,
    /// More about it: IDs and numbers.
    pub detail: String,
    /// Where the ledger says so, if it does.
    pub outcome: Option<Recorded>,
}

/// Whether a file outside of the store is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is, as it was written or read.
    Unchanged,
    /// Something else is in its place.
    Changed,
    /// It is not.
    Gone,
    /// Nobody could look.
    Unknown,
}

impl Presence {
    /// The words for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchanged => "still there",
            Self::Changed => "there, changed",
            Self::Gone => "gone",
            Self::Unknown => "could not be looked at",
        }
    }
}

/// A file outside of the store that an item was read from or written to.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Remaining {
    /// The item.
    pub item: ItemId,
    /// Where it lies, in the caller's words.
    pub location: String,
    /// The hash of its content as it was read or written.
    pub content: ContentId,
    /// Whether it is there.
    pub presence: Presence,
    /// When that was looked at, in milliseconds since 1970-01-01T00:00:00Z.
    pub looked_ms: u64,
}

/// Locations can name people.
impl std::fmt::Debug for Remaining {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remaining")
            .field("item", &self.item)
            .field("presence", &self.presence)
            .finish_non_exhaustive()
    }
}

/// A part of the certificate that comes one by one.
pub type Parts<'a, T> = &'a mut dyn Iterator<Item = Result<T, CertificateError>>;

/// What a certificate lists.
#[allow(missing_debug_implementations, reason = "iterators show nothing")]
pub struct Body<'a> {
    /// Items that were purged.
    pub items: Parts<'a, PurgedItem>,
    /// Items that were kept.
    pub exceptions: Parts<'a, Exception>,
    /// Files outside of the store.
    pub remaining: Parts<'a, Remaining>,
}

/// An item as it stands in the JSON file.
#[derive(Serialize)]
pub(super) struct WithRung<'a> {
    #[serde(flatten)]
    pub(super) item: &'a PurgedItem,
    pub(super) rung: Option<Rung>,
}

fn shown<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn note<S: Serializer>(checkpoint: &Checkpoint, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(checkpoint.note())
}
