//! Retention plans: what is to be marked and purged, by which policy and rule, and what is kept and why. A file of one
//! JSON object a line, with IDs and no personal data, that ends in a hash over itself: what is approved is that hash.
//! A plan changes nothing and allows nothing; whoever carries it out asks again for each item.

mod evaluate;
mod read;
mod tally;
mod verdict;
mod write;

pub use evaluate::{Head, evaluate};
pub use read::PlanReader;
pub use tally::{CapsVerdict, Kept, KeptBy, Summary, Taken, Ungoverned};
pub use verdict::{Judged, verdict};
pub use write::{PlanWriter, Planned};

use crate::catalog::CatalogError;
use crate::{ItemId, ItemKind, Rule};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io;

/// Schema of a plan file; the number is raised when a field changes its meaning or goes.
pub const SCHEMA: &str = "custody-retention-plan/1";

/// Items that no policy is for are named when they are older than that.
pub const UNGOVERNED_DAYS: u64 = 7;

/// How many of them are named at most.
pub const UNGOVERNED_LISTED_MAX: usize = 1_000;

/// Longest line of a plan file.
const LINE_BYTES_MAX: u64 = 4 << 20;

/// Whose items a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Those of all policies.
    All,
    /// Those of policies that may be applied with nobody watching.
    Unattended,
}

/// First line of a plan file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The time that it was made for, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: u64,
    /// ID of the store.
    pub store: String,
    /// Hash of the policies that it follows, 64 hexadecimal digits.
    pub policies: String,
    /// Entries of the ledger that it knows of.
    pub ledger_size: u64,
    /// Whose items it takes.
    pub scope: Scope,
}

/// What is to be done to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// It is marked: its grace begins.
    Mark,
    /// It is purged.
    Purge,
}

/// One item of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanItem<'a> {
    /// What is to be done to it.
    pub act: Act,
    /// The item; its copies go with it.
    #[serde(serialize_with = "digits")]
    pub id: ItemId,
    /// What it is.
    pub kind: ItemKind,
    /// Its class.
    #[serde(borrow)]
    pub class: Cow<'a, str>,
    /// Its environment.
    #[serde(borrow)]
    pub environment: Cow<'a, str>,
    /// The policy that governs it.
    #[serde(borrow)]
    pub policy: Cow<'a, str>,
    /// What of the policy ended its time.
    pub rule: Rule,
    /// When its time ended, in milliseconds since 1970-01-01T00:00:00Z.
    pub since_ms: u64,
    /// Bytes of its content, without its copies.
    pub size_bytes: u64,
    /// Copies that go with it.
    pub copies: u64,
}

/// Writes an ID as it is written everywhere, by a faster hand: a plan can have a million.
fn digits<S: serde::Serializer>(id: &ItemId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(blake3::Hash::from_bytes(id.0).to_hex().as_str())
}

impl PlanItem<'_> {
    /// The same with texts of its own.
    pub fn into_owned(self) -> PlanItem<'static> {
        PlanItem {
            class: Cow::Owned(self.class.into_owned()),
            environment: Cow::Owned(self.environment.into_owned()),
            policy: Cow::Owned(self.policy.into_owned()),
            ..self
        }
    }
}

/// Says why a plan could not be made, or is none. Names no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The catalog could not be read.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The plan file could not be written or read.
    #[error("{doing} the plan: {kind}")]
    Io {
        /// `writing` or `reading`.
        doing: &'static str,
        /// How it failed.
        kind: io::ErrorKind,
    },
    /// A line is not what stands there in a plan.
    #[error("line {line} of the plan: {what}; make a new plan")]
    Form {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// It was changed after it had been made, or made for another store.
    #[error(
        "the plan's hash is not that of its lines: it was changed, or is another store's; make a new plan"
    )]
    Hash,
}
