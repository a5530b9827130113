//! Allow-lists and deny-lists: what an organisation knows to be harmless, and what it wants found always.
//! Matching only; whoever detects asks here. A list's contents never leave it: manifests name its hash.

mod file;
mod paths;

use crate::{EntityId, Folded, RuleError, RuleSet, RuleSource, fold, normalise};
use aho_corasick::AhoCorasick;
use file::{AllowEntry, DenyEntry};
use paths::Paths;
use regex_automata::meta::Regex;
use std::collections::HashSet;

/// Entries limited to paths that one run may have.
const PATH_LIMITS_MAX: usize = 128;

/// Which entries hold for one artifact: those without paths, and those one of whose paths fits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListScope(u128);

impl ListScope {
    fn holds(self, limit: Option<usize>) -> bool {
        limit.is_none_or(|at| self.0 & (1 << at) != 0)
    }
}

/// All lists of a run, compiled.
#[derive(Default)]
pub struct Lists {
    allow: Vec<Allow>,
    deny: Vec<Deny>,
    exact: Vec<Exact>,
    paths: Vec<Paths>,
}

struct Allow {
    terms: HashSet<String>,
    patterns: Vec<Regex>,
    entities: Vec<EntityId>,
    limit: Option<usize>,
}

struct Deny {
    entity: EntityId,
    terms: Option<AhoCorasick>,
    patterns: Vec<Regex>,
    limit: Option<usize>,
}

/// What is found wherever it stands, also inside of words.
struct Exact {
    entity: EntityId,
    values: AhoCorasick,
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = (self.allow.len(), self.deny.len());
        f.debug_struct("Lists").field("entries", &counts).finish_non_exhaustive()
    }
}

impl Lists {
    /// Reads and compiles the files of allow-lists and of deny-lists.
    ///
    /// # Errors
    /// Every mistake of every file, with file and line; never a term.
    pub fn load(
        allow: &[RuleSource<'_>],
        deny: &[RuleSource<'_>],
        rules: &RuleSet,
    ) -> Result<Self, Vec<RuleError>> {
        let mut lists = Self::default();
        let mut errors = Vec::new();
        for source in allow {
            match file::allow(source, rules) {
                Ok(entries) => entries.into_iter().for_each(|entry| lists.add_allow(entry)),
                Err(mistakes) => errors.extend(mistakes),
            }
        }
        for source in deny {
            match file::deny(source, rules) {
                Ok(entries) => entries.into_iter().for_each(|entry| lists.add_deny(entry)),
                Err(mistakes) => errors.extend(mistakes),
            }
        }
        if lists.paths.len() > PATH_LIMITS_MAX {
            let file = allow.iter().chain(deny).last().map_or_else(String::new, |s| s.name.to_owned());
            let message = format!("more than {PATH_LIMITS_MAX} entries with paths: join some");
            errors.push(RuleError { file, line: 1, message });
        }
        if errors.is_empty() { Ok(lists) } else { Err(errors) }
    }

    fn add_allow(&mut self, entry: AllowEntry) {
        let AllowEntry { terms, patterns, entities, paths } = entry;
        let terms = terms.iter().map(|term| folded(term)).collect();
        let limit = self.limit(paths);
        self.allow.push(Allow { terms, patterns, entities, limit });
    }

    fn add_deny(&mut self, entry: DenyEntry) {
        let DenyEntry { entity, terms, patterns, paths } = entry;
        let limit = self.limit(paths);
        self.deny.push(Deny { entity, terms, patterns, limit });
    }

    /// Adds values that are found always, letter by letter as they are, whatever stands beside them. They are in no file.
    ///
    /// # Errors
    /// When they are too many; no value is named.
    pub fn add_exact(&mut self, entity: EntityId, values: &[impl AsRef<[u8]>]) -> Result<(), String> {
        let values = values.iter().map(AsRef::as_ref).filter(|value| !value.is_empty());
        let values = AhoCorasick::new(values).map_err(|_| "too many values".to_owned())?;
        if values.patterns_len() > 0 {
            self.exact.push(Exact { entity, values });
        }
        Ok(())
    }

    fn limit(&mut self, paths: Option<Paths>) -> Option<usize> {
        self.paths.push(paths?);
        Some(self.paths.len() - 1)
    }

    /// Whether there is nothing in them.
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty() && self.exact.is_empty()
    }

    /// Which entries hold for an artifact at this relative path, parts joined by `/`.
    pub fn scope(&self, path: &str) -> ListScope {
        let fits = self.paths.iter().take(PATH_LIMITS_MAX).enumerate().filter(|(_, paths)| paths.fit(path));
        ListScope(fits.fold(0, |all, (at, _)| all | (1 << at)))
    }

    /// Whether a value is allowed: the whole of it is a term, or matches a pattern from end to end.
    pub fn allows(&self, scope: ListScope, entity: EntityId, value: &str) -> bool {
        let mut own = None;
        self.allow.iter().any(|entry| {
            scope.holds(entry.limit)
                && (entry.entities.is_empty() || entry.entities.contains(&entity))
                && (entry.terms.contains(own.get_or_insert_with(|| folded(value)).as_str())
                    || entry.patterns.iter().any(|pattern| pattern.is_match(value)))
        })
    }

    /// Calls `found` with the bytes and the entity of everything in `text` that is denied.
    pub fn denied(&self, scope: ListScope, text: &str, found: &mut dyn FnMut(usize, usize, EntityId)) {
        for Exact { entity, values } in &self.exact {
            values.find_overlapping_iter(text).for_each(|hit| found(hit.start(), hit.end(), *entity));
        }
        let mut copy = None;
        for entry in self.deny.iter().filter(|entry| scope.holds(entry.limit)) {
            for pattern in &entry.patterns {
                for hit in pattern.find_iter(text) {
                    let (start, end) = (hit.start(), hit.end());
                    if start < end && text.is_char_boundary(start) && text.is_char_boundary(end) {
                        found(start, end, entry.entity);
                    }
                }
            }
            let Some(terms) = &entry.terms else { continue };
            let copy = copy.get_or_insert_with(|| {
                let mut copy = Folded::default();
                normalise(text, &mut copy);
                copy
            });
            for hit in terms.find_overlapping_iter(&copy.text) {
                // A term stands between spaces there: between the borders of words here.
                if let Some((start, end)) = copy.original(hit.start() + 1, hit.end() - 1) {
                    found(start, end, entry.entity);
                }
            }
        }
    }
}

/// Folded, with single spaces.
fn folded(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RuleSet {
        RuleSet::load(&[]).expect("an empty set")
    }

    fn lists(allow: &str, deny: &str) -> Result<Lists, String> {
        let source = |name, text| RuleSource { name, text };
        Lists::load(&[source("a.toml", allow)], &[source("d.toml", deny)], &rules())
            .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    const ALLOW: &str = "[[allow]]\nterms = ['Ex Ample', 'Zoë']\npatterns = ['INT\\d+']\nentities = ['PERSON']\n\
        [[allow]]\nterms = ['root']\npaths = ['logs/**', '*.trace']\n";
    const DENY: &str =
        "[[deny]]\nentity = 'EMPLOYEE_ID'\nterms = ['Project Nightjar']\npatterns = ['\\bnj-\\d+']\n";

    #[test]
    fn the_whole_value_and_nothing_less_is_allowed() {
        let lists = lists(ALLOW, DENY).expect("good");
        let (person, id) = (rules().built_in_entity("PERSON"), rules().built_in_entity("EMPLOYEE_ID"));
        let allows = |value| lists.allows(ListScope::default(), person, value);
        assert!(allows("ex  AMPLE") && allows("zoe") && allows("INT042"));
        assert!(!allows("Ex Ample Junior") && !allows("xINT042") && !allows("INT042x") && !allows("root"));
        assert!(!lists.allows(ListScope::default(), id, "zoe"), "another entity");
        let root = |path| lists.allows(lists.scope(path), id, "root");
        assert!(root("logs/a/b.txt") && root("x/y.trace") && !root("data/logs.txt"));
    }

    #[test]
    fn what_is_denied_is_found_at_words() {
        let lists = lists(ALLOW, DENY).expect("good");
        let mut all = Vec::new();
        let text = "PROJECT-nightjar, projects nightjar, nj-12";
        lists.denied(ListScope::default(), text, &mut |start, end, _| all.push(&text[start..end]));
        assert_eq!(all, ["nj-12", "PROJECT-nightjar"]);
    }

    #[test]
    fn exact_values_are_found_inside_of_words_and_as_they_are() {
        let mut lists = Lists::default();
        let id = rules().built_in_entity("EMPLOYEE_ID");
        lists.add_exact(id, &["Lantern+7", ""]).expect("few");
        assert!(!lists.is_empty() && !format!("{lists:?}").contains("Lantern"));
        let mut all = Vec::new();
        lists.denied(ListScope::default(), "äLantern+7ö lantern+7 Lantern 7", &mut |start, end, _| {
            all.push((start, end));
        });
        assert_eq!(all, [(2, 11)]);
    }

    #[test]
    fn mistakes_name_file_and_line() {
        let check = |allow: &str, deny: &str, expected: &str| {
            let said = lists(allow, deny).expect_err("bad");
            assert!(said.contains(expected), "{said}");
        };
        check(&ALLOW.replace("\\d+", "("), DENY, "a.toml:3: pattern 1: unclosed group");
        check(&ALLOW.replace("PERSON", "PERSN"), DENY, "a.toml:4: unknown entity PERSN");
        check(ALLOW, &DENY.replace("EMPLOYEE_ID", "X"), "d.toml:2: unknown entity X");
        check(ALLOW, "[[deny]]\nentity = 'PERSON'\n", "d.toml:1: an entry needs terms or patterns");
        check(ALLOW, "[[allow]]\nterms = ['x']\n", "d.toml:1: unknown field `allow`");
        check(ALLOW, &DENY.replace("Project Nightjar", " - "), "d.toml:3: term 1 has no letter or digit");
        check("", DENY, "a.toml:1: missing field `allow`");
    }
}
