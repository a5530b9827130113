//! Looks at one subject after the other: what kind of file it is, what stands in it, in its name, across its lines and in
//! what is packed into it. Reads through the stages' own readers and detector; decides by policy, kinds and allow-list.

mod content;
mod joins;
mod names;
mod notebook;
mod place;

use super::allow::AllowList;
use super::assets::{AssetKind, Assets};
use super::policy::Policy;
use super::subject::{Content, Origin, Subject};
use super::{Hit, Note, Tally, What};
use crate::pipeline::Run;
use chrono::NaiveDate;
use custody_redact::TableContext;
use custody_rules::{Reason, Refusal};

/// The rule of what cannot be read.
pub const UNREAD: &str = "unread";
/// The rule of code that names many people.
pub const PEOPLE: &str = "people";
/// The rule of an entry of the allow-list that is over.
pub const EXPIRED: &str = "expired";

/// What a text that names those who made something is called.
const AUTHORS: &str = "authors";

/// Everything that decides.
#[derive(Debug)]
pub struct Look<'a> {
    /// Detector, readers and workers.
    pub run: &'a Run,
    /// What counts.
    pub policy: &'a Policy,
    /// What kinds of files may be there.
    pub assets: &'a Assets,
    /// What is let through.
    pub allow: &'a AllowList,
    /// Today.
    pub today: NaiveDate,
    table: TableContext,
}

/// What was found in one subject.
#[derive(Debug, Default)]
pub struct Found {
    /// Findings.
    pub hits: Vec<Hit>,
    /// Notes.
    pub notes: Vec<Note>,
    /// How much was looked at.
    pub tally: Tally,
    /// Whether the run was cancelled: then nothing of this can be relied on.
    pub cancelled: bool,
}

/// The thing that findings belong to: where it stands, how its path is shown, what its content is called.
#[derive(Debug, Clone)]
struct Spot<'a> {
    origin: &'a Origin,
    shown: String,
    content: blake3::Hash,
    /// The last component of the path.
    name: String,
    /// How many notebooks it is packed into.
    depth: u8,
}

impl<'a> Spot<'a> {
    fn new(origin: &'a Origin, shown: &str, content: blake3::Hash) -> Self {
        Self { origin, shown: shown.to_owned(), content, name: String::new(), depth: 0 }
    }
}

impl<'a> Look<'a> {
    /// Puts together what decides.
    pub fn new(
        run: &'a Run,
        (policy, assets): (&'a Policy, &'a Assets),
        allow: &'a AllowList,
        today: NaiveDate,
    ) -> Self {
        Self { run, policy, assets, allow, today, table: content::table(run) }
    }

    /// Looks at a subject.
    pub fn subject(&self, subject: &Subject) -> Found {
        let mut found = Found::default();
        let path = &subject.origin.path;
        let parts = names::components(path);
        let shown = self.name(&subject.origin, &parts, &mut found);
        let name = parts.last().cloned().unwrap_or_default();
        let spot = |shown: &str, content| Spot::new(&subject.origin, shown, content);
        match &subject.content {
            Content::Reference => {}
            Content::File(source) => self.file(source, &parts, (shown.clone(), &subject.origin), &mut found),
            Content::Link(target) => {
                let shown = format!("{shown} (target of the link)");
                let spot = Spot { name, ..spot(&shown, blake3::hash(target)) };
                self.text(target, &spot, &mut found);
            }
            Content::Header(header) => {
                let spot = spot("(header)", blake3::hash(header));
                self.text(header, &Spot { name: AUTHORS.to_owned(), ..spot }, &mut found);
            }
            Content::Message(message) => {
                let spot = spot("(message)", blake3::hash(message));
                let (text, trailers) = names::trailers_apart(message);
                self.text(&text, &spot, &mut found);
                self.text(&trailers, &Spot { name: AUTHORS.to_owned(), ..spot }, &mut found);
            }
            Content::Submodule => found.notes.push(Note {
                path: Some(shown),
                text: "a submodule: what it holds is not looked at".to_owned(),
            }),
            Content::Unread(refusal) => {
                self.unread(&spot(&shown, unread_hash(&subject.origin)), refusal, &mut found);
            }
        }
        found
    }

    /// Bytes as lines of text.
    fn text(&self, bytes: &[u8], spot: &Spot<'_>, found: &mut Found) {
        // A line that stands elsewhere is an empty one here.
        found.tally.bytes += bytes.split(|byte| *byte == b'\n').map(|line| line.len() as u64).sum::<u64>();
        if bytes.trim_ascii().is_empty() {
            return;
        }
        match super::subject::memory(bytes) {
            Ok(source) => self.lines(&source, spot, found),
            Err(refusal) => self.unread(spot, &refusal, found),
        }
    }

    fn unread(&self, spot: &Spot<'_>, refusal: &Refusal, found: &mut Found) {
        match refusal.reason {
            Reason::Cancelled => found.cancelled = true,
            // There is nothing that could be in it; of what has bytes, somebody only says so.
            Reason::Empty if spot.content == blake3::hash(b"") => {}
            reason => {
                let detail = format!("{} ({})", refusal.detail, reason.as_str());
                self.hit(spot, hit(What::Unread, UNREAD.to_owned(), detail), found);
            }
        }
    }

    /// Says that a kind of file has no place here, if that is so. `true` when it has none.
    fn asset(&self, spot: &Spot<'_>, (kind, size_bytes): (AssetKind, u64), found: &mut Found) -> bool {
        let (verdict, what) = self.assets.of(kind);
        let verdict = self.allow.asset(kind).unwrap_or(verdict);
        if !verdict.refuses(size_bytes) {
            return false;
        }
        // What a container is, its members need not be told to be.
        let told = |hit: &Hit| hit.rule == kind.rule() && hit.content == Some(spot.content);
        if spot.shown.contains('!') && found.hits.iter().any(told) {
            return true;
        }
        let detail = format!("{what}, {size_bytes} bytes");
        self.hit(spot, hit(What::Asset, kind.rule(), detail), found)
    }

    /// Adds a finding, unless it is allowed; `true` when it was added.
    fn hit(&self, spot: &Spot<'_>, hit: Hit, found: &mut Found) -> bool {
        if self.allow.permits(&spot.content, &hit.rule, self.today) {
            found.tally.allowed += 1;
            return false;
        }
        found.hits.push(Hit {
            commit: spot.origin.commit,
            blob: spot.origin.blob,
            path: spot.shown.clone(),
            content: Some(spot.content),
            ..hit
        });
        true
    }
}

/// What stands for a content that cannot be read: its ID and its path, so that another content is another matter.
fn unread_hash(origin: &Origin) -> blake3::Hash {
    let id = origin.blob.map(|blob| blob.to_string()).unwrap_or_default();
    blake3::hash(&[id.as_bytes(), b"\0", &origin.path].concat())
}

/// A finding that has no place yet.
fn hit(what: What, rule: String, detail: String) -> Hit {
    Hit {
        what,
        rule,
        commit: None,
        blob: None,
        path: String::new(),
        content: None,
        recognizer: None,
        score: None,
        line: None,
        place: None,
        detail,
    }
}
