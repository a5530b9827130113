//! Structures that name their values: SQL, steps of browser tests, markup, messages of exceptions. Each finder
//! starts from rare literals, its triggers; what no trigger announces is not looked at.

mod lists;
mod literal;
mod markup;
mod nested;
mod phrases;
mod sql;
mod steps;

use crate::Candidate;
use crate::labels::LabelLexicon;
use aho_corasick::{AhoCorasick, MatchKind, packed};
pub(crate) use literal::{quoted_strings, selector_label};

/// One finder: the literals that start it, and what it does at each.
pub(crate) struct Finder {
    /// Literals, case as it stands, one of which is in every text the finder finds something in.
    pub(crate) triggers: &'static [&'static str],
    /// Adds what the trigger at these bytes announces.
    pub(crate) find: fn(&Place<'_>, &mut Vec<Candidate>),
}

/// Where a trigger stands.
pub(crate) struct Place<'a> {
    pub(crate) lexicon: &'a LabelLexicon,
    pub(crate) text: &'a str,
    /// First byte of the trigger.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
}

/// All finders.
pub(crate) const FINDERS: [Finder; 13] = [
    Finder { triggers: sql::VALUES, find: sql::values },
    Finder { triggers: sql::LISTS, find: sql::list },
    Finder { triggers: sql::KEYS, find: sql::key },
    Finder { triggers: steps::CALLS, find: steps::call },
    Finder { triggers: steps::SENTENCES, find: steps::sentence },
    Finder { triggers: steps::EXPECTATIONS, find: steps::expectation },
    Finder { triggers: steps::RECORDED, find: steps::recorded },
    Finder { triggers: steps::ROBOT, find: steps::robot },
    Finder { triggers: markup::VALUES, find: markup::value },
    Finder { triggers: markup::CLOSING, find: markup::closing },
    Finder { triggers: lists::PEOPLE, find: lists::numbers },
    Finder { triggers: nested::PARTS, find: nested::part },
    Finder { triggers: phrases::TRIGGERS, find: phrases::message },
];

/// The triggers of all finders.
pub(crate) fn triggers() -> impl Iterator<Item = &'static str> {
    FINDERS.iter().flat_map(|finder| finder.triggers.iter().copied())
}

/// All triggers in one search.
#[derive(Default)]
pub(crate) struct Structure {
    packed: Option<packed::Searcher>,
    automaton: Option<AhoCorasick>,
    /// Finder of each trigger.
    finders: Vec<usize>,
}

impl Structure {
    pub(crate) fn new() -> Self {
        let mut finders = Vec::new();
        let mut triggers: Vec<&str> = Vec::new();
        for (at, finder) in FINDERS.iter().enumerate() {
            triggers.extend(finder.triggers);
            finders.resize(triggers.len(), at);
        }
        let packed = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostLongest)
            .builder()
            .extend(&triggers)
            .build();
        let automaton = packed
            .is_none()
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&triggers).ok());
        Self { packed, automaton: automaton.flatten(), finders }
    }

    /// Adds what the structures in `text` name.
    pub(crate) fn scan(&self, lexicon: &LabelLexicon, text: &str, out: &mut Vec<Candidate>) {
        let mut run = |hit: aho_corasick::Match| {
            let finder = &FINDERS[self.finders[hit.pattern().as_usize()]];
            (finder.find)(&Place { lexicon, text, start: hit.start(), end: hit.end() }, out);
        };
        match (&self.packed, &self.automaton) {
            (Some(packed), _) => packed.find_iter(text).for_each(&mut run),
            (None, Some(automaton)) => automaton.find_iter(text).for_each(&mut run),
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests;
