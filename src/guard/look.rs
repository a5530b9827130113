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
        let spot =
            |content| Spot { origin: &subject.origin, shown: shown.clone(), content, name: name.clone() };
        match &subject.content {
            Content::Reference => {}
            Content::File(source) => self.file(source, &parts, (shown.clone(), &subject.origin), &mut found),
            Content::Link(target) => {
                let spot =
                    Spot { shown: format!("{shown} (target of the link)"), ..spot(blake3::hash(target)) };
                self.text(target, &spot, &mut found);
            }
            Content::Message(message) => {
                let shown = "(message)".to_owned();
                let spot = Spot { shown, ..spot(blake3::hash(message)) };
                self.text(&names::without_trailers(message), &spot, &mut found);
            }
            Content::Submodule => found.notes.push(Note {
                path: Some(shown),
                text: "a submodule: what it holds is not looked at".to_owned(),
            }),
            Content::Unread(refusal) => self.unread(&spot(blake3::hash(path)), refusal, &mut found),
        }
        found
    }

    /// Bytes as lines of text.
    fn text(&self, bytes: &[u8], spot: &Spot<'_>, found: &mut Found) {
        found.tally.bytes += bytes.len() as u64;
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
            // There is nothing that could be in it.
            Reason::Empty => {}
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
