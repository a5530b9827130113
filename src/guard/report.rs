//! What the guard has to say: findings with their places, and notes. Paths in it are redacted, and no value is in it.

use super::git::Oid;
use serde::Serialize;

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A secret or personal data.
    Value,
    /// A file that has no place in a repository.
    Asset,
    /// Something that cannot be read: nobody knows what is in it.
    Unread,
    /// An entry of the allow-list that does not hold any more.
    Expired,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What kind it is.
    pub what: What,
    /// Its rule, as an allow-list names it: an entity, `asset-…`, `unread`, `expired`.
    pub rule: String,
    /// The commit that brought it in.
    pub commit: Option<Oid>,
    /// The blob it is in.
    pub blob: Option<Oid>,
    /// The redacted path; members of archives behind `!`.
    pub path: String,
    /// Hash of the content it is in, as an allow-list names it.
    pub content: Option<blake3::Hash>,
    /// Who says so.
    pub recognizer: Option<String>,
    /// How sure, 0 to 1.
    pub score: Option<f32>,
    /// Line and column from 1, in text.
    pub line: Option<(u64, u64)>,
    /// Where in it, where that is no line.
    pub place: Option<String>,
    /// What it is, for people.
    pub detail: String,
}

/// Something to know that is no finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The redacted path, where there is one.
    pub path: Option<String>,
    /// What there is to know.
    pub text: String,
}

/// How much was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Files, members of archives not counted.
    pub files: u64,
    /// Bytes of files, links and messages.
    pub bytes: u64,
    /// Commits.
    pub commits: u64,
    /// Findings that the allow-list allows.
    pub allowed: u64,
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.commits += other.commits;
        self.allowed += other.allowed;
    }
}
