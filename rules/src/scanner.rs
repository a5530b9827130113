//! The scanner: all patterns in one multi-pattern pass a line, then only those that hit are searched for
//! exactly, checked, and weighed by the words near them.

use crate::labels::{LabelLexicon, normalise_label};
use crate::ruleset::{Recognizer, RuleSet};
use crate::{Candidate, EntityId, Explanation, RecognizerId, fold};
use aho_corasick::{AhoCorasick, MatchKind as AcMatchKind};
use regex_automata::meta::{self, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind, PatternSet};
use std::sync::Arc;

/// Patterns of one automaton. States multiply with every pattern: all 213 in one built new states without end
/// (2 MB/s in a cache of 16 MiB), 54 settle (20 MB/s); many small ones only add passes (16: 11 MB/s).
const SET_PATTERNS: usize = 54;
/// Bytes of one automaton's states, a thread.
const SET_CACHE_BYTES: usize = 24 << 20;
/// Bytes of the states of one pattern alone, a thread.
const PATTERN_CACHE_BYTES: usize = 2 << 20;
/// How much a context word near adds to a score.
const CONTEXT_BOOST: f32 = 0.35;
/// How far back from a match a context word may stand, in bytes.
pub(crate) const CONTEXT_BEFORE: usize = 60;
/// How far behind a match a context word may stand, in bytes.
pub(crate) const CONTEXT_AFTER: usize = 40;
/// Why a match of a pattern that needs a context word is dropped.
pub(crate) const NEEDS_CONTEXT: &str = "it needs a context word near";

/// Compiled recognizers. Shared between threads; every thread brings its own [`Scratch`].
pub struct Scanner {
    rules: Arc<RuleSet>,
    sets: Vec<Regex>,
    patterns: Vec<CompiledPattern>,
    context: Vec<Option<AhoCorasick>>,
    labels: LabelLexicon,
}

struct CompiledPattern {
    regex: Regex,
    recognizer: RecognizerId,
    name: String,
    value_group: Option<usize>,
    score: f32,
    needs_context: bool,
}

/// What one thread needs to scan: caches that grow once and are reused.
pub struct Scratch {
    sets: Vec<(meta::Cache, PatternSet)>,
    caches: Vec<Option<(meta::Cache, Captures)>>,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").field("patterns", &self.patterns.len()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}

/// Compiles one pattern alone, as the scanner will.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    builder(MatchKind::LeftmostFirst).build(pattern).map_err(|error| first_line(&error))
}

fn builder(kind: MatchKind) -> meta::Builder {
    let mut builder = Regex::builder();
    builder.syntax(syntax::Config::new().unicode(false).utf8(false)).configure(
        Regex::config()
            .utf8_empty(false)
            .match_kind(kind)
            .nfa_size_limit(Some(64 << 20))
            .hybrid_cache_capacity(if kind == MatchKind::All {
                SET_CACHE_BYTES
            } else {
                PATTERN_CACHE_BYTES
            }),
    );
    builder
}

fn first_line(error: &meta::BuildError) -> String {
    error.to_string().lines().next().unwrap_or("does not compile").to_owned()
}

impl Scanner {
    /// Compiles a rule set.
    ///
    /// # Errors
    /// A message when the patterns together exceed the automaton's size limit.
    pub fn new(rules: Arc<RuleSet>) -> Result<Self, String> {
        let mut patterns = Vec::new();
        let mut sources = Vec::new();
        for (at, recognizer) in rules.recognizers().iter().enumerate() {
            for pattern in &recognizer.syntax.patterns {
                let regex = compile(&pattern.regex)?;
                let groups = regex.group_info();
                let value_group = groups.to_index(regex_automata::PatternID::ZERO, "value");
                sources.push(pattern.regex.as_str());
                patterns.push(CompiledPattern {
                    regex,
                    recognizer: RecognizerId(at as u16),
                    name: pattern.name.clone(),
                    value_group,
                    score: pattern.score,
                    needs_context: pattern.needs_context,
                });
            }
        }
        let compile_set =
            |some: &[&str]| builder(MatchKind::All).build_many(some).map_err(|e| first_line(&e));
        let sets = sources.chunks(SET_PATTERNS).map(compile_set).collect::<Result<Vec<_>, _>>()?;
        let context = rules.recognizers().iter().map(context_words).collect::<Result<_, _>>()?;
        let labels = LabelLexicon::new(&rules);
        Ok(Self { rules, sets, patterns, context, labels })
    }

    /// The rules it was made from.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// The labels of all recognizers.
    pub fn labels(&self) -> &LabelLexicon {
        &self.labels
    }

    /// Makes the caches one thread needs.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            sets: self
                .sets
                .iter()
                .map(|set| (set.create_cache(), PatternSet::new(set.pattern_len())))
                .collect(),
            caches: (0..self.patterns.len()).map(|_| None).collect(),
        }
    }

    /// Adds every candidate in `text` to `out`. `label` is the heading, key or form label it stands under.
    pub fn scan(&self, text: &str, label: Option<&str>, scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        if text.len() < 2 {
            return;
        }
        let label = label.map(normalise_label);
        for (at, set) in self.sets.iter().enumerate() {
            let (cache, hits) = &mut scratch.sets[at];
            hits.clear();
            set.which_overlapping_matches_with(cache, &Input::new(text), hits);
            if hits.is_empty() {
                continue;
            }
            let hits = std::mem::replace(hits, PatternSet::new(0));
            for pattern in hits.iter() {
                self.search(at * SET_PATTERNS + pattern.as_usize(), (text, label.as_deref()), scratch, out);
            }
            scratch.sets[at].1 = hits;
        }
        self.labels.scan(text, out);
    }

    /// Adds every candidate of these entities, however weak: patterns that need a context word count without
    /// one, with the score they have of themselves. Slow: every pattern is searched for by itself.
    pub fn scan_any_score(
        &self,
        text: &str,
        entities: &[EntityId],
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) {
        for at in 0..self.patterns.len() {
            let id = self.patterns[at].recognizer;
            let recognizer = &self.rules.recognizers()[id.0 as usize];
            if !entities.contains(&recognizer.entity) {
                continue;
            }
            self.for_matches(at, text, scratch, &mut |pattern, span| {
                let explained = self.explain_match(pattern, (text, None), span);
                let Explanation { start, end, recognizer: id, check, .. } = explained;
                let score = match explained.dropped {
                    None => explained.score,
                    Some(NEEDS_CONTEXT) if check == Some(true) => {
                        pattern.score.max(recognizer.syntax.check_score)
                    }
                    Some(NEEDS_CONTEXT) => pattern.score,
                    Some(_) => return,
                };
                let entity = recognizer.entity;
                out.push(Candidate { start, end, entity, recognizer: id, score, person: None });
            });
        }
        let from = out.len();
        self.labels.scan(text, out);
        let mut at = 0;
        out.retain(|candidate| {
            at += 1;
            at <= from || entities.contains(&candidate.entity)
        });
    }

    fn search(
        &self,
        at: usize,
        subject: (&str, Option<&str>),
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) {
        self.for_matches(at, subject.0, scratch, &mut |pattern, span| {
            out.extend(self.weigh(pattern, subject, span));
        });
    }

    fn for_matches(
        &self,
        at: usize,
        text: &str,
        scratch: &mut Scratch,
        found: &mut dyn FnMut(&CompiledPattern, (usize, usize)),
    ) {
        let pattern = &self.patterns[at];
        let (cache, captures) = scratch.caches[at]
            .get_or_insert_with(|| (pattern.regex.create_cache(), pattern.regex.create_captures()));
        let mut from = 0;
        while from <= text.len() {
            let input = Input::new(text).range(from..);
            let hit = if let Some(group) = pattern.value_group {
                pattern.regex.search_captures_with(cache, &input, captures);
                captures.get_match().map(|m| (m.end(), captures.get_group(group)))
            } else {
                pattern.regex.search_with(cache, &input).map(|m| (m.end(), Some(m.span())))
            };
            let Some((end, span)) = hit else { break };
            // A value may end before the match does: the rest can start the next match.
            from = span.map_or(end, |span| span.end).max(from + 1);
            if let Some(span) = span {
                found(pattern, char_span(text, span.start, span.end));
            }
        }
    }

    /// Check, then context: turns a match into a candidate, or drops it.
    fn weigh(
        &self,
        pattern: &CompiledPattern,
        subject: (&str, Option<&str>),
        span: (usize, usize),
    ) -> Option<Candidate> {
        let weighed = self.explain_match(pattern, subject, span);
        let entity = self.rules.recognizers()[pattern.recognizer.0 as usize].entity;
        let Explanation { start, end, recognizer, score, .. } = weighed;
        weighed.dropped.is_none().then_some(Candidate { start, end, entity, recognizer, score, person: None })
    }

    fn explain_match(
        &self,
        pattern: &CompiledPattern,
        (text, label): (&str, Option<&str>),
        span: (usize, usize),
    ) -> Explanation {
        let (start, end) = span;
        let recognizer = &self.rules.recognizers()[pattern.recognizer.0 as usize];
        let mut result = Explanation {
            start,
            end,
            recognizer: pattern.recognizer,
            entity: Some(recognizer.entity),
            pattern: String::new(),
            check: None,
            context: false,
            base_score: pattern.score,
            score: 0.0,
            dropped: None,
        };
        if start >= end || !on_borders(text, start, end) {
            return Explanation { dropped: Some("it starts or ends inside a word"), ..result };
        }
        let mut score = pattern.score;
        if let Some(check) = recognizer.check {
            result.check = Some(check(&text[start..end]));
            if result.check == Some(false) {
                return Explanation { dropped: Some("its check failed"), ..result };
            }
            score = score.max(recognizer.syntax.check_score);
        }
        result.context = (pattern.needs_context || score < 1.0)
            && (self.context_near(pattern.recognizer, text, span)
                || self.label_says(recognizer, pattern.recognizer, label));
        if pattern.needs_context && !result.context {
            return Explanation { dropped: Some(NEEDS_CONTEXT), ..result };
        }
        result.score = if result.context { (score + CONTEXT_BOOST).min(1.0) } else { score };
        result
    }

    /// Every match of every pattern with what became of it.
    pub(crate) fn explain_patterns(&self, text: &str, label: Option<&str>) -> Vec<Explanation> {
        let label = label.map(normalise_label);
        let mut scratch = self.scratch();
        let mut result = Vec::new();
        for at in 0..self.patterns.len() {
            self.for_matches(at, text, &mut scratch, &mut |pattern, span| {
                let explained = self.explain_match(pattern, (text, label.as_deref()), span);
                result.push(Explanation { pattern: pattern.name.clone(), ..explained });
            });
        }
        result
    }

    fn context_near(&self, id: RecognizerId, text: &str, (start, end): (usize, usize)) -> bool {
        let Some(words) = &self.context[id.0 as usize] else { return false };
        let before = &text[floor_char(text, start.saturating_sub(CONTEXT_BEFORE))..start];
        let after = &text[end..ceil_char(text, (end + CONTEXT_AFTER).min(text.len()))];
        has_word(words, before) || has_word(words, after)
    }

    fn label_says(&self, recognizer: &Recognizer, id: RecognizerId, label: Option<&str>) -> bool {
        label.is_some_and(|label| {
            self.context[id.0 as usize].as_ref().is_some_and(|words| has_word(words, label))
                || recognizer.syntax.labels.iter().any(|l| l == label)
        })
    }
}

fn context_words(recognizer: &Recognizer) -> Result<Option<AhoCorasick>, String> {
    let words: Vec<String> = recognizer.syntax.context.iter().map(|word| fold(word)).collect();
    if words.is_empty() {
        return Ok(None);
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(AcMatchKind::Standard)
        .build(words)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// Whether one of the words starts a word of the text (folded where it is not ASCII).
pub(crate) fn has_word(words: &AhoCorasick, text: &str) -> bool {
    let hit = |text: &str| {
        words.find_overlapping_iter(text).any(|m| {
            let before = text[..m.start()].chars().next_back();
            let joined = before.is_some_and(char::is_alphanumeric);
            // `employeeId`, `ssnNumber`: a capital starts a word as well.
            !joined
                || (before.is_some_and(char::is_lowercase) && text.as_bytes()[m.start()].is_ascii_uppercase())
        })
    };
    if text.is_ascii() { hit(text) } else { hit(&fold(text)) }
}

/// A match must not start or end inside a word of non-ASCII letters, which ASCII `\b` does not see.
fn on_borders(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let outside_ascii = |at: Option<&u8>| at.is_none_or(u8::is_ascii);
    if outside_ascii(start.checked_sub(1).and_then(|at| bytes.get(at))) && outside_ascii(bytes.get(end)) {
        return true;
    }
    let alnum = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let cut_before = alnum(text[..start].chars().next_back()) && alnum(text[start..].chars().next());
    let cut_after = alnum(text[end..].chars().next()) && alnum(text[..end].chars().next_back());
    !cut_before && !cut_after
}

fn char_span(text: &str, start: usize, end: usize) -> (usize, usize) {
    (floor_char(text, start), ceil_char(text, end))
}

pub(crate) fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

pub(crate) fn ceil_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
