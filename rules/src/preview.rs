//! What a preview shows, as plain data: numbered boxes, what each is, and the sheets they are drawn on. It
//! holds no value, and nothing here draws.

use crate::Region;
use serde::{Deserialize, Serialize};

/// Most sheets that one job draws: each has a descriptor of its own.
pub const SHEETS_MAX: usize = 8;

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// Everything that is numbered, in order of its number.
    pub marks: Vec<Mark>,
    /// One picture each, at most [`SHEETS_MAX`].
    pub sheets: Vec<Sheet>,
}

/// One numbered thing: a finding on a page, or the findings of one entity at one place of a recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// From 1, in order of place.
    pub number: u32,
    /// What becomes of it.
    pub style: MarkStyle,
    /// Name of the entity.
    pub entity: String,
    /// Name of the recognizer.
    pub recognizer: String,
    /// Lowest and highest score of its findings, in hundredths.
    pub score_percent: (u8, u8),
    /// Where it is: boxes as they are filled; around what is kept, the box of its text.
    pub boxes: Vec<Region>,
}

/// What becomes of a mark, and so how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkStyle {
    /// Its boxes are filled.
    Redacted,
    /// It stays.
    Kept,
    /// Its boxes are filled, because nobody could read what is there.
    Unread,
}

/// One picture of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sheet {
    /// A page with its boxes and their legend.
    Page {
        /// The page, from 0, and how many there are.
        page: (u32, u32),
    },
    /// Tracks of a recording over its time, with frames where some of them are seen.
    Tracks {
        /// The first mark, as an index, and one past the last.
        marks: (u32, u32),
        /// The sheet, from 0, and how many there are.
        sheet: (u32, u32),
    },
}

impl Mark {
    /// The boxes on one page or frame.
    pub fn boxes_at(&self, frame: u32) -> impl Iterator<Item = &Region> {
        self.boxes.iter().filter(move |region| region.first_frame <= frame && frame <= region.last_frame)
    }
}
