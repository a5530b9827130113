//! One policy file, checked on its own. What policies have to be among each other is in `set.rs`.

use super::Keep;
use super::keep::DAYS_MAX;
use super::matching::{Match, Words};
use super::read::{Mistakes, Section};
use super::words::{Dimension, is_name};
use super::{Facet, PolicyError};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const KEYS: [&str; 8] = ["id", "describe", "basis", "unattended", "approvals", "grace_days", "match", "keep"];
const APPROVALS_MAX: u32 = 9;

/// A checked policy: which items it is for, how long it keeps them, and who has to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(super) id: String,
    pub(super) describe: String,
    pub(super) basis: String,
    pub(super) unattended: bool,
    pub(super) approvals: u32,
    pub(super) grace_days: u32,
    pub(super) matching: Match,
    pub(super) keep: Keep,
}

impl Policy {
    /// Its name, which is its file's name without `.toml`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same with so many per cent of its period, rounded up to whole days.
    pub(super) fn shortened(&self, percent: u32) -> Self {
        Self { keep: self.keep.shortened(percent), ..self.clone() }
    }

    /// What it is, for people.
    pub fn describe(&self) -> &str {
        &self.describe
    }

    /// The law, contract or decision that it comes from.
    pub fn basis(&self) -> &str {
        &self.basis
    }

    /// Whether a sweep with nobody watching may apply it.
    pub fn unattended(&self) -> bool {
        self.unattended
    }

    /// How many people besides the one who applies a plan have to approve it.
    pub fn approvals(&self) -> u32 {
        self.approvals
    }

    /// Days from the mark to the purge; 0: there is no mark.
    pub fn grace_days(&self) -> u32 {
        self.grace_days
    }

    /// How long it keeps.
    pub fn keep(&self) -> &Keep {
        &self.keep
    }

    /// Whether it is for items like this. What is missing in an item matches neither a list nor an exception.
    pub fn matches(&self, facet: &Facet<'_>) -> bool {
        self.matching.has(facet)
    }

    /// One encoding of all that it says, to be hashed: the same for the same meaning, whatever the file's layout.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical_json(&self.canonical())
    }

    /// Whether it does the same to what it is for.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        let said = |policy: &Self| (policy.keep, policy.grace_days, policy.approvals, policy.unattended);
        said(self) == said(other)
    }

    pub(super) fn canonical(&self) -> CanonicalPolicy<'_> {
        let keep = &self.keep;
        CanonicalPolicy {
            id: &self.id,
            describe: &self.describe,
            basis: &self.basis,
            unattended: self.unattended,
            approvals: self.approvals,
            grace_days: self.grace_days,
            matching: self.matching.canonical(),
            from: keep.from.name(),
            event: keep.from.event(),
            days: keep.days,
            at_least_days: keep.at_least_days,
            at_most_days: keep.at_most_days,
        }
    }
}

/// What is hashed of a policy: fields in this order. Not from a map of a JSON library, whose order is its own.
#[derive(Serialize)]
pub(super) struct CanonicalPolicy<'a> {
    id: &'a str,
    describe: &'a str,
    basis: &'a str,
    unattended: bool,
    approvals: u32,
    grace_days: u32,
    #[serde(rename = "match")]
    matching: BTreeMap<&'static str, &'a Words>,
    from: &'static str,
    event: Option<&'static str>,
    days: u32,
    at_least_days: Option<u32>,
    at_most_days: Option<u32>,
}

/// The text that is hashed.
pub(super) fn canonical_json(value: &impl Serialize) -> Vec<u8> {
    // Numbers, texts and lists under fixed keys: there is nothing in it that could fail.
    serde_json::to_vec(value).unwrap_or_default()
}

/// A policy with the lines that mistakes among policies are reported at.
pub(super) struct PolicyFile {
    pub(super) policy: Policy,
    pub(super) file: String,
    pub(super) match_line: usize,
    pub(super) keep_line: usize,
}

/// Reads and checks one file.
pub(super) fn read(file: &str, stem: &str, text: &str) -> Result<PolicyFile, Vec<PolicyError>> {
    let mut mistakes = Mistakes::new(file, text);
    let Some(table) = mistakes.document() else { return Err(mistakes.list) };
    let whole = Section::whole(&table);
    whole.only(&KEYS, &mut mistakes);
    let id = read_id(whole, stem, &mut mistakes);
    let describe = whole.needed_text("describe", "say in a sentence what it is for", &mut mistakes);
    let basis = whole.needed_text(
        "basis",
        "write the law, contract or decision that the period comes from",
        &mut mistakes,
    );
    let unattended = whole.flag("unattended", &mut mistakes).unwrap_or(false);
    let approvals = whole.number("approvals", 0..=APPROVALS_MAX, &mut mistakes).unwrap_or(0);
    let grace_days = whole.number("grace_days", 0..=DAYS_MAX, &mut mistakes).unwrap_or(0);
    if unattended && approvals > 0 {
        let message = "an unattended policy cannot wait for approvals: set one of the two";
        mistakes.add(whole.at("unattended"), message);
    }
    let matching = read_match(whole, &mut mistakes);
    let keep = match whole.section("keep", &mut mistakes) {
        Some(section) => Keep::read(section, &mut mistakes),
        None if whole.has("keep") => None,
        None => {
            mistakes.add(0, "[keep] is missing; say from when and how many days items are kept");
            None
        }
    };
    let lines = (mistakes.line(whole.at("match")), mistakes.line(whole.at("keep")));
    match (id, describe, basis, matching, keep) {
        (Some(id), Some(describe), Some(basis), Some(matching), Some(keep)) if mistakes.list.is_empty() => {
            let policy = Policy { id, describe, basis, unattended, approvals, grace_days, matching, keep };
            Ok(PolicyFile { policy, file: file.to_owned(), match_line: lines.0, keep_line: lines.1 })
        }
        _ => Err(mistakes.list),
    }
}

fn read_id(whole: Section<'_>, stem: &str, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let id = whole.needed_text("id", "write the file's name without .toml", mistakes)?;
    if !is_name(&id) {
        mistakes.add(whole.at("id"), "`id` must be 1 to 40 of a-z, 0-9 and -");
    } else if id != stem {
        mistakes.add(whole.at("id"), format!("`id` is `{id}`, but the file is called {stem}.toml"));
    }
    Some(id)
}

fn read_match(whole: Section<'_>, mistakes: &mut Mistakes<'_>) -> Option<Match> {
    const NO_MATCH: &str =
        "a policy never matches everything: name a class, an environment or whatever it is for";
    if !whole.has("match") {
        mistakes.add(0, format!("[match] is missing; {NO_MATCH}"));
        return None;
    }
    let section = whole.section("match", mistakes)?;
    let names = Dimension::ALL.map(Dimension::name);
    let mut known = names.to_vec();
    known.push("not");
    section.only(&known, mistakes);
    let except = section.section("not", mistakes);
    if let Some(except) = except {
        except.only(&names, mistakes);
    }
    if section.is_empty() || except.is_some_and(|except| except.is_empty()) {
        let at = except.filter(Section::is_empty).map_or(section.at, |except| except.at);
        mistakes.add(at, format!("an empty match; {NO_MATCH}"));
        return None;
    }
    Some(Match(Dimension::ALL.map(|dimension| read_words(section, except, dimension, mistakes))))
}

fn read_words(
    section: Section<'_>,
    except: Option<Section<'_>>,
    dimension: Dimension,
    mistakes: &mut Mistakes<'_>,
) -> Words {
    let name = dimension.name();
    if let Some(except) = except.filter(|except| except.has(name)) {
        if section.has(name) {
            let message = format!("`{name}` is matched and excepted; a list needs no exceptions");
            mistakes.add(except.at(name), message);
        }
        let words = checked(except, dimension, mistakes);
        let Some(universe) = dimension.universe() else { return Words::NotIn(words) };
        let rest: BTreeSet<_> =
            universe.iter().filter(|word| !words.contains(**word)).map(|word| (*word).to_owned()).collect();
        if rest.is_empty() {
            mistakes.add(except.at(name), format!("every {name} is excepted: nothing is left to match"));
        }
        return Words::In(rest);
    }
    if section.has(name) { Words::In(checked(section, dimension, mistakes)) } else { Words::Any }
}

fn checked(section: Section<'_>, dimension: Dimension, mistakes: &mut Mistakes<'_>) -> BTreeSet<String> {
    let words = section.words(dimension.name(), mistakes).unwrap_or_default();
    for (word, at) in &words {
        if let Err(message) = dimension.check(word) {
            mistakes.add(*at, message);
        }
    }
    words.into_iter().map(|(word, _)| word).collect()
}
