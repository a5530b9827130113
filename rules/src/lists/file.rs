//! The files of allow-lists and deny-lists: TOML, checked, every mistake with its line.

use super::paths::Paths;
use crate::rulefile::bounded;
use crate::tomlines::{self, Step};
use crate::{EntityId, Folded, RuleError, RuleSet, RuleSource, normalise};
use aho_corasick::AhoCorasick;
use regex_automata::meta::Regex;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowFile {
    allow: Vec<AllowSyntax>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllowSyntax {
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    entities: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DenyFile {
    deny: Vec<DenySyntax>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DenySyntax {
    entity: String,
    #[serde(default)]
    terms: Vec<String>,
    #[serde(default)]
    patterns: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
}

/// A checked entry of an allow-list.
pub(super) struct AllowEntry {
    pub(super) terms: Vec<String>,
    /// Anchored at both ends.
    pub(super) patterns: Vec<Regex>,
    pub(super) entities: Vec<EntityId>,
    pub(super) paths: Option<Paths>,
}

/// A checked entry of a deny-list.
pub(super) struct DenyEntry {
    pub(super) entity: EntityId,
    /// Over text as [`normalise`] makes it.
    pub(super) terms: Option<AhoCorasick>,
    pub(super) patterns: Vec<Regex>,
    pub(super) paths: Option<Paths>,
}

/// Reads an allow-list.
pub(super) fn allow(source: &RuleSource<'_>, rules: &RuleSet) -> Result<Vec<AllowEntry>, Vec<RuleError>> {
    let file: AllowFile = tomlines::parse(source.name, source.text).map_err(|error| vec![error])?;
    let mut check = Check { source, list: "allow", entry: 0, errors: Vec::new() };
    let mut entries = Vec::new();
    for (at, entry) in file.allow.into_iter().enumerate() {
        check.entry = at;
        let AllowSyntax { terms, patterns, entities, paths } = entry;
        check.texts(&terms, &patterns);
        let patterns = check.patterns(&patterns, |pattern| format!("^(?:{pattern})$"));
        let entities = entities.iter().filter_map(|name| check.entity(rules, name, "entities")).collect();
        let paths = check.paths(&paths);
        entries.push(AllowEntry { terms, patterns, entities, paths });
    }
    check.done(entries)
}

/// Reads a deny-list.
pub(super) fn deny(source: &RuleSource<'_>, rules: &RuleSet) -> Result<Vec<DenyEntry>, Vec<RuleError>> {
    let file: DenyFile = tomlines::parse(source.name, source.text).map_err(|error| vec![error])?;
    let mut check = Check { source, list: "deny", entry: 0, errors: Vec::new() };
    let mut entries = Vec::new();
    for (at, entry) in file.deny.into_iter().enumerate() {
        check.entry = at;
        check.texts(&entry.terms, &entry.patterns);
        let patterns = check.patterns(&entry.patterns, str::to_owned);
        let entity = check.entity(rules, &entry.entity, "entity");
        let (terms, paths) = (check.automaton(&entry.terms), check.paths(&entry.paths));
        if let Some(entity) = entity {
            entries.push(DenyEntry { entity, terms, patterns, paths });
        }
    }
    check.done(entries)
}

struct Check<'a> {
    source: &'a RuleSource<'a>,
    list: &'static str,
    entry: usize,
    errors: Vec<RuleError>,
}

impl Check<'_> {
    fn error(&mut self, rest: &[Step<'_>], message: String) {
        let mut path = vec![Step::Key(self.list), Step::Item(self.entry)];
        path.extend(rest);
        let line = tomlines::line(self.source.text, &path);
        self.errors.push(RuleError { file: self.source.name.to_owned(), line, message });
    }

    fn done<T>(self, entries: Vec<T>) -> Result<Vec<T>, Vec<RuleError>> {
        if self.errors.is_empty() { Ok(entries) } else { Err(self.errors) }
    }

    fn texts(&mut self, terms: &[String], patterns: &[String]) {
        if terms.is_empty() && patterns.is_empty() {
            self.error(&[], "an entry needs terms or patterns".to_owned());
        }
        for (at, term) in terms.iter().enumerate() {
            if !term.chars().any(char::is_alphanumeric) {
                let message = format!("term {} has no letter or digit", at + 1);
                self.error(&[Step::Key("terms"), Step::Item(at)], message);
            }
        }
    }

    fn patterns(&mut self, patterns: &[String], form: impl Fn(&str) -> String) -> Vec<Regex> {
        let mut compiled = Vec::new();
        for (at, pattern) in patterns.iter().enumerate() {
            // Alone first: what is put around it must not repair it.
            match bounded(pattern).and_then(|_| bounded(&form(pattern))) {
                Ok(regex) => compiled.push(regex),
                Err(reason) => {
                    let message = format!("pattern {}: {reason}", at + 1);
                    self.error(&[Step::Key("patterns"), Step::Item(at)], message);
                }
            }
        }
        compiled
    }

    fn entity(&mut self, rules: &RuleSet, name: &str, key: &str) -> Option<EntityId> {
        let id = rules.entity_id(name);
        if id.is_none() {
            self.error(&[Step::Key(key)], format!("unknown entity {name}: see custody rules ls"));
        }
        id
    }

    fn paths(&mut self, globs: &[String]) -> Option<Paths> {
        if globs.is_empty() {
            return None;
        }
        let paths = Paths::new(globs);
        if let Err(reason) = &paths {
            self.error(&[Step::Key("paths")], reason.clone());
        }
        paths.ok()
    }

    fn automaton(&mut self, terms: &[String]) -> Option<AhoCorasick> {
        let mut copy = Folded::default();
        let terms: Vec<String> = terms
            .iter()
            .map(|term| {
                normalise(term, &mut copy);
                copy.text.clone()
            })
            .filter(|term| term.len() > 2)
            .collect();
        if terms.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::new(terms);
        if automaton.is_err() {
            self.error(&[Step::Key("terms")], "too many terms".to_owned());
        }
        automaton.ok()
    }
}
