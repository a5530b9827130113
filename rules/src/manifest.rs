//! The manifest of a bundle, `custody-manifest.json`: what was done, counted and hashed. No value, no
//! original name.

use crate::{ArtifactKind, Reason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Number of people in the roster; `None`: redacted without a roster.
    pub roster_people: Option<u32>,
    /// Whether audio streams were kept unread.
    pub audio_kept: bool,
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
