//! `preview.json`: the numbers of a preview for programs. Boxes, entities and recognizers; no value, no original
//! name.

use custody_rules::manifest::{FilledBox, Refused};
use custody_rules::{ArtifactKind, Mark, MarkStyle};
use serde::Serialize;

/// Name of the file in the preview's folder.
pub const FILE_NAME: &str = "preview.json";
/// Version of its schema; raised when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// The preview.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Always [`SCHEMA`] in what this version writes.
    pub schema: u32,
    /// `custody` and its version.
    pub tool: String,
    /// Name of the redaction profile.
    pub profile: String,
    /// Every picture and recording that was drawn, in path order.
    pub files: Vec<FileReport>,
    /// Every artifact that was not read, or not drawn.
    pub refused: Vec<Refused>,
}

/// One picture or recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// Path of its redacted output, with `/`.
    pub path: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Pages of a picture, frames of a recording.
    pub frames: u32,
    /// 0 for a picture.
    pub duration_ms: u64,
    /// Paths of its sheets, with `/`.
    pub sheets: Vec<String>,
    /// What is numbered on them.
    pub marks: Vec<MarkReport>,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MarkReport {
    /// As on the sheets.
    pub number: u32,
    /// The entity.
    pub entity: String,
    /// The recognizer.
    pub recognizer: String,
    /// Lowest score of its findings, in two digits.
    pub score_min: f64,
    /// Highest score of its findings, in two digits.
    pub score_max: f64,
    /// `redact` or `keep`.
    pub decision: String,
    /// Boxes on their pages or frames.
    pub boxes: Vec<FilledBox>,
}

impl From<&Mark> for MarkReport {
    fn from(mark: &Mark) -> Self {
        let score = |percent: u8| f64::from(percent) / 100.0;
        Self {
            number: mark.number,
            entity: mark.entity.clone(),
            recognizer: mark.recognizer.clone(),
            score_min: score(mark.score_percent.0),
            score_max: score(mark.score_percent.1),
            decision: if mark.style == MarkStyle::Kept { "keep" } else { "redact" }.to_owned(),
            boxes: mark.boxes.iter().copied().map(FilledBox).collect(),
        }
    }
}
