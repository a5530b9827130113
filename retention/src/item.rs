//! What a store holds: items, each one encrypted blob under its own key, and what is written of them in their blobs.

use crate::ledger::{Subject, SubjectKind};
use serde::{Deserialize, Serialize};
use std::fmt;

/// An item's ID: keyed BLAKE3 over its content's hash and a nonce of its ingest. Shown as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub [u8; 32]);

/// A content's ID: keyed BLAKE3 of its bytes. Items with the same bytes share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId(pub [u8; 32]);

macro_rules! hex_id {
    ($name:ident) => {
        impl $name {
            /// Reads 64 hexadecimal digits in lower case.
            pub fn parse(digits: &str) -> Option<Self> {
                crate::hex::parse(digits).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let digits = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&digits).ok_or_else(|| serde::de::Error::custom("not an ID of 64 digits"))
            }
        }
    };
}

hex_id!(ItemId);
hex_id!(ContentId);

/// What an item is. The numbers stand in the catalog: add, never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum ItemKind {
    /// An input file as it arrived, or its redacted version.
    Artifact = 1,
    /// The reading of an artifact, as Parquet.
    Table = 2,
    /// What will be exported, as it was previewed.
    Plan = 3,
    /// A workbook for upload.
    Workbook = 4,
    /// A filtered report.
    Extract = 5,
    /// Where a file lies that was written outside of the store.
    Location = 6,
    /// What a sweep did.
    SweepRecord = 7,
}

impl ItemKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::Artifact,
        Self::Table,
        Self::Plan,
        Self::Workbook,
        Self::Extract,
        Self::Location,
        Self::SweepRecord,
    ];

    /// The word for it in text and in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Artifact => "artifact",
            Self::Table => "table",
            Self::Plan => "plan",
            Self::Workbook => "workbook",
            Self::Extract => "extract",
            Self::Location => "location",
            Self::SweepRecord => "sweep-record",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == number)
    }

    /// Whether it is purged together with the item it was derived from, and never alone.
    pub fn is_copy(self) -> bool {
        matches!(self, Self::Table | Self::Location)
    }

    /// What the ledger calls it.
    pub fn subject_kind(self) -> SubjectKind {
        match self {
            Self::Artifact => SubjectKind::Artifact,
            Self::Table => SubjectKind::Table,
            Self::Plan => SubjectKind::Plan,
            Self::Workbook => SubjectKind::Workbook,
            Self::Extract => SubjectKind::Export,
            Self::Location => SubjectKind::Location,
            Self::SweepRecord => SubjectKind::Sweep,
        }
    }

    /// The item that a subject of an act is, if it is one.
    pub(crate) fn of_subject(subject: &Subject) -> Option<(Self, ItemId)> {
        let kind = Self::ALL.into_iter().find(|kind| kind.subject_kind() == subject.kind)?;
        Some((kind, ItemId(subject.id)))
    }

    /// The item as the subject of an act.
    pub fn subject(self, id: ItemId) -> Subject {
        Subject { kind: self.subject_kind(), id: id.0 }
    }
}

/// Whether an item shows people's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// As it arrived.
    Raw,
    /// Redacted and verified.
    Redacted,
}

impl Exposure {
    /// The word for it in text and in policies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Redacted => "redacted",
        }
    }
}

/// What is known of an item since its ingest. It stands sealed in the item's own blob; the catalog is an index of it.
/// Names and paths in it never leave it unsealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemMeta {
    /// What it is.
    pub kind: ItemKind,
    /// Format of its content: `csv`, `png`, `parquet`, …
    pub format: String,
    /// Class, for policies.
    pub class: String,
    /// Environment that it belongs to.
    pub environment: String,
    /// User ID of its owner (`u-` and 32 digits).
    pub owner: String,
    /// How it came: `file`, `fetch`, `derived`.
    pub source: String,
    /// Whether it shows people's data.
    pub exposure: Exposure,
    /// Hash of its content.
    pub content: ContentId,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// When it was ingested, in milliseconds since 1970-01-01T00:00:00Z.
    pub ingested_ms: u64,
    /// What it was derived from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ItemId>,
    /// Its name as it arrived, with folders.
    pub name: String,
    /// The file outside of the store that it was read from, or that it tells the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

impl fmt::Debug for ItemMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemMeta")
            .field("kind", &self.kind)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}
