//! What was hidden where: the truth that a redaction is scored against. Knows nothing of our own scanner.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which of the four artifact kinds a value was hidden in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A log or note.
    Text,
    /// CSV, JSON, XML or workbook.
    Table,
    /// A screenshot.
    Picture,
    /// A screen recording.
    Recording,
    /// The name of a file.
    Path,
}

/// Where in its file a value was hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A line of text, from 0.
    Line(u64),
    /// A cell of a table, all from 0.
    Cell {
        /// Sheet; 0 in CSV.
        sheet: u32,
        /// Row; in JSON and XML the record.
        row: u32,
        /// Column; in JSON and XML the field.
        column: u32,
    },
    /// Anywhere: a comment, a property, a hidden sheet, a file name.
    Anywhere,
    /// Words of [`Truth::pictures`] or [`Truth::recordings`]: index of the value there.
    Drawn(u32),
}

/// One hidden value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planted {
    /// Path inside the ticket.
    pub file: String,
    /// Kind of the file.
    pub kind: Kind,
    /// What it is: `PERSON`, `EMAIL_ADDRESS`, …
    pub entity: String,
    /// The value as it stands there.
    pub value: String,
    /// Whether it belongs to somebody on the roster.
    pub on_roster: bool,
    /// Where it stands.
    pub place: Place,
}

/// A box of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelBox {
    /// Pixels from the left.
    pub left: u32,
    /// Pixels from the top.
    pub top: u32,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A word as it was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnWord {
    /// The word.
    pub text: String,
    /// Where its ink is.
    pub ink: PixelBox,
    /// The hidden value it is a part of.
    pub value: Option<u32>,
    /// First frame it is on (0 in a picture).
    pub first_frame: u32,
    /// Last frame it is on, inclusive.
    pub last_frame: u32,
}

/// Everything that was hidden in a ticket, and where the drawn words are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Truth {
    /// Seed it was made from.
    pub seed: u64,
    /// Paths of all files, in order.
    pub files: Vec<String>,
    /// Hidden values.
    pub planted: Vec<Planted>,
    /// Words of each picture.
    pub pictures: BTreeMap<String, Vec<DrawnWord>>,
    /// Words of each recording, with the frames they are on.
    pub recordings: BTreeMap<String, Vec<DrawnWord>>,
}

/// Collects what is hidden in one file.
pub struct Planter<'a> {
    /// Where it goes.
    pub truth: &'a mut Truth,
    /// The file's path inside the ticket.
    pub file: String,
    /// The file's kind.
    pub kind: Kind,
}

impl Planter<'_> {
    /// Notes a hidden value.
    pub fn plant(&mut self, entity: &str, value: &str, on_roster: bool, place: Place) {
        self.truth.planted.push(Planted {
            file: self.file.clone(),
            kind: self.kind,
            entity: entity.to_owned(),
            value: value.to_owned(),
            on_roster,
            place,
        });
    }
}

impl Truth {
    /// Starts a file.
    pub fn planter(&mut self, file: &str, kind: Kind) -> Planter<'_> {
        self.files.push(file.to_owned());
        Planter { truth: self, file: file.to_owned(), kind }
    }

    /// What is hidden in one file.
    pub fn in_file<'a>(&'a self, file: &'a str) -> impl Iterator<Item = &'a Planted> {
        self.planted.iter().filter(move |p| p.file == file)
    }
}
