//! The manifest of a bundle, `custody-manifest.json`: what was done, counted and hashed. No value, no
//! original name.

use crate::{ArtifactKind, Reason, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// File name of the manifest in a bundle.
pub const FILE_NAME: &str = "custody-manifest.json";
/// Version of the manifest's schema; raised when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// The manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always [`SCHEMA`] in what this version writes.
    pub schema: u32,
    /// `custody` and its version.
    pub tool: String,
    /// `complete`: every artifact is in the bundle; `partial`: the rest is listed in `refused`.
    pub status: String,
    /// Name of the redaction profile.
    pub profile: String,
    /// BLAKE3 of the recognizers and the profile, hex: which rules were in force.
    pub rules_blake3: String,
    /// BLAKE3 of the allow-lists in force, hex; never what is in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_blake3: Vec<String>,
    /// BLAKE3 of the deny-lists in force, hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny_blake3: Vec<String>,
    /// Mistakes of recognizer files that were skipped because the user asked for it: file, line and reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_rules: Vec<String>,
    /// Number of people in the roster; `None`: redacted without a roster.
    pub roster_people: Option<u32>,
    /// Whether audio streams were kept unread.
    pub audio_kept: bool,
    /// Whether pictures and recordings were decoded without a sandbox, because the user asked for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_sandbox: bool,
    /// Every file of the bundle, in path order.
    pub files: Vec<FileEntry>,
    /// Every artifact that was not processed.
    pub refused: Vec<Refused>,
    /// Sums over the bundle.
    pub totals: Totals,
}

/// One file of the bundle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Redacted path below the bundle, with `/`.
    pub path: String,
    /// What it is.
    pub kind: ArtifactKind,
    /// Size of the output.
    pub size_bytes: u64,
    /// BLAKE3 of the output, hex.
    pub blake3: String,
    /// Findings that were redacted, per entity.
    pub redacted: BTreeMap<String, u64>,
    /// Findings that were kept because the profile says so, per entity.
    pub kept: BTreeMap<String, u64>,
    /// What reading it again said.
    pub verdict: Verdict,
    /// Boxes that were filled over texts, where it is a picture or a recording: what stands beside them is
    /// read again without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boxes: Vec<FilledBox>,
    /// Boxes that were filled over areas that changed too fast to be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_boxes: Vec<FilledBox>,
    /// Members, where the file is an archive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<FileEntry>,
}

/// What reading an output again said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// `verified` or `failed`.
    pub result: String,
    /// What was checked, in words: `text rescanned`, `pages read again`, `no metadata`, …
    pub checks: Vec<String>,
    /// How often the output was widened and written again before it passed.
    pub repairs: u32,
}

/// An artifact that was not processed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Redacted path.
    pub path: String,
    /// The reason, one of a closed list.
    pub reason: Reason,
    /// One line in plain words.
    pub detail: String,
}

/// Sums over a bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Files written.
    pub files: u64,
    /// Artifacts refused.
    pub refused: u64,
    /// Findings redacted, per entity.
    pub redacted: BTreeMap<String, u64>,
    /// Findings kept, per entity.
    pub kept: BTreeMap<String, u64>,
}

/// A filled box as X11 writes geometry, with its frames where there is more than one: `96x20+120+44@12-48`
/// (width, height, left, top in pixels; first and last frame, both inclusive, counted from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilledBox(pub Region);

impl fmt::Display for FilledBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Region { first_frame, last_frame, left, top, width, height } = self.0;
        write!(f, "{width}x{height}+{left}+{top}")?;
        if (first_frame, last_frame) == (0, 0) { Ok(()) } else { write!(f, "@{first_frame}-{last_frame}") }
    }
}

impl FromStr for FilledBox {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (place, frames) = text.split_once('@').unwrap_or((text, "0-0"));
            let (first_frame, last_frame) = frames.split_once('-')?;
            let (width, rest) = place.split_once('x')?;
            let (height, rest) = rest.split_once('+')?;
            let (left, top) = rest.split_once('+')?;
            Some(Region {
                first_frame: first_frame.parse().ok()?,
                last_frame: last_frame.parse().ok()?,
                left: left.parse().ok()?,
                top: top.parse().ok()?,
                width: width.parse().ok()?,
                height: height.parse().ok()?,
            })
        };
        parse().map(Self).ok_or("not a box: WIDTHxHEIGHT+LEFT+TOP[@FIRST-LAST] expected")
    }
}

impl TryFrom<String> for FilledBox {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<FilledBox> for String {
    fn from(filled: FilledBox) -> Self {
        filled.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_written_as_they_are_read() {
        for text in ["96x20+120+44", "96x20+120+44@12-48", "1x1+0+0@0-7"] {
            let filled: FilledBox = text.parse().unwrap();
            assert_eq!(filled.to_string(), text);
        }
        for odd in ["", "96x20", "96x20+1", "-1x2+3+4", "1x2+3+4@5", "1x2+3+4+5", "1x2+3+99999999999"] {
            assert!(odd.parse::<FilledBox>().is_err(), "{odd}");
        }
    }
}
