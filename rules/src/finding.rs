//! Findings: what was found where, and what is to become of it. A finding never holds the value itself.

use crate::{EntityId, Syntax};

/// Stands for a recognizer inside one [`crate::RuleSet`]: its index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecognizerId(pub u16);

/// What a scan of one piece of text yields, before overlaps are resolved. Bytes, half-open, on
/// character borders of the text that was scanned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub entity: EntityId,
    /// Who says so.
    pub recognizer: RecognizerId,
    /// How sure, 0 to 1.
    pub score: f32,
    /// The roster's person it belongs to, if the roster said so.
    pub person: Option<u32>,
}

/// A box of pixels on the frames of an image (frame 0) or a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Region {
    /// First frame it is painted on, counted in decoding order from 0.
    pub first_frame: u32,
    /// Last frame it is painted on, inclusive.
    pub last_frame: u32,
    /// Left edge in pixels, inclusive.
    pub left: u32,
    /// Top edge in pixels, inclusive.
    pub top: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Where a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Bytes of a text-like artifact in its UTF-8 view (for UTF-8 files: of the file), half-open.
    Span {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
        /// How a replacement has to be escaped there.
        syntax: Syntax,
    },
    /// Bytes inside one cell's text, half-open.
    Cell {
        /// Sheet, from 0.
        sheet: u32,
        /// Row, from 0.
        row: u32,
        /// Column, from 0; [`crate::table::SHEET_NAME_COLUMN`] for the sheet's own name.
        column: u32,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Pixels.
    Region(Region),
    /// Bytes of one component of the artifact's relative path, half-open.
    Path {
        /// Component, from 0.
        component: u32,
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The profile's operator is applied.
    Redact,
    /// It stays, because the profile says so.
    Keep,
}

impl Decision {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redact => "redact",
            Self::Keep => "keep",
        }
    }
}

/// One row of the findings table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub entity: EntityId,
    /// Who says so.
    pub recognizer: RecognizerId,
    /// How sure, 0 to 1.
    pub score: f32,
    /// Keyed hash of whom or what it denotes: equal for the same person or the same value.
    pub identity: u128,
    /// What becomes of it.
    pub decision: Decision,
}
