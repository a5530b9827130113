//! The scanner: one walk over a text tells which patterns may match where, those alone are searched for
//! exactly, checked, and weighed by the words near them.

mod anchor;
mod bytes;
mod dfa;
mod elements;
mod engine;
mod filter;
mod letters;
mod outline;
mod parallel;
mod paths;
mod people;
mod places;
mod reach;
mod required;
mod rivals;
#[cfg(test)]
mod samples;
mod shape;
mod stream;
mod value;
mod weigh;

use self::anchor::trigger;
pub use self::elements::ElementsError;
use self::engine::{ContextSet, Engine, Entry, Stretch, Tried};
use self::outline::{Outline, OutlineCaches};
pub use self::people::RosterPass;
use self::reach::{ReachCache, may_match};
use self::rivals::Rivals;
use self::shape::{Look, Shapes};
pub use self::stream::ScanStream;
use self::value::Parts;
pub(crate) use self::weigh::{CONTEXT_AFTER, CONTEXT_BEFORE, NEEDS_CONTEXT, ceil_char, floor_char, has_word};
use self::weigh::{char_span, context_words};
use crate::labels::{LabelLexicon, normalise_label};
use crate::names::Cue;
use crate::ruleset::RuleSet;
use crate::{AddressFinder, Candidate, EntityId, Explanation, NameFinder, RecognizerId, fold};
use aho_corasick::AhoCorasick;
use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, PatternID, Span};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Bytes of the states of one pattern, a thread.
const PATTERN_CACHE_BYTES: usize = 1 << 20;
/// Shortest text that is looked at.
const TEXT_BYTES_MIN: usize = 2;

/// Compiled recognizers. Shared between threads; every thread brings its own [`Scratch`].
pub struct Scanner {
    rules: Arc<RuleSet>,
    engine: Engine,
    patterns: Vec<CompiledPattern>,
    context: Vec<Option<AhoCorasick>>,
    labels: LabelLexicon,
    names: NameFinder,
    addresses: AddressFinder,
    rivals: Rivals,
    floor: f32,
}

struct CompiledPattern {
    source: String,
    compiled: OnceLock<(Regex, Option<usize>)>,
    nfa: OnceLock<Option<NFA>>,
    /// The parts around its value, where they tell where that is.
    parts: Option<Parts>,
    recognizer: RecognizerId,
    name: String,
    score: f32,
    needs_context: bool,
}

/// A text, and the normalised label it stands under.
#[derive(Clone, Copy)]
struct Subject<'a> {
    text: &'a str,
    label: Option<&'a str>,
}

/// What one thread needs to scan: caches that grow once and are reused.
pub struct Scratch {
    tried: Tried,
    shapes: Shapes,
    outlines: OutlineCaches,
    /// For each pattern, what was worked out of it for shapes.
    reaches: Vec<[ReachCache; 2]>,
    caches: Vec<Option<(meta::Cache, Captures)>>,
    label: Option<(String, ContextSet)>,
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
    Regex::builder()
        .syntax(pattern_syntax())
        .configure(
            Regex::config()
                .utf8_empty(false)
                .nfa_size_limit(Some(64 << 20))
                .hybrid_cache_capacity(PATTERN_CACHE_BYTES),
        )
        .build(pattern)
        .map_err(|error| error.to_string().lines().next().unwrap_or("does not compile").to_owned())
}

/// The automaton of one pattern, to be walked with sets of bytes.
fn compile_nfa(pattern: &str) -> Option<NFA> {
    NFA::compiler()
        .syntax(pattern_syntax())
        .configure(NFA::config().utf8(false).nfa_size_limit(Some(64 << 20)))
        .build(pattern)
        .ok()
}

fn pattern_syntax() -> syntax::Config {
    syntax::Config::new().unicode(false).utf8(false)
}

impl CompiledPattern {
    /// The expression and its `value` group; compiled when it is first tried.
    fn regex(&self) -> &(Regex, Option<usize>) {
        self.compiled.get_or_init(|| {
            let regex = compile(&self.source).expect("the rule set has compiled it before");
            let group = regex.group_info().to_index(PatternID::ZERO, "value");
            (regex, group)
        })
    }
}

impl CompiledPattern {
    /// Whether it can match at a place of a shape, or anywhere in it.
    fn may_match(&self, shape: &[u8], at: Option<usize>, caches: &mut [ReachCache; 2]) -> bool {
        let nfa = self.nfa.get_or_init(|| compile_nfa(&self.source));
        let cache = &mut caches[usize::from(at.is_some())];
        nfa.as_ref().is_none_or(|nfa| may_match(nfa, shape, at, cache))
    }
}

impl Scanner {
    /// Compiles a rule set; every candidate is told, whatever its score.
    ///
    /// # Errors
    /// A message when a pattern does not compile.
    pub fn new(rules: Arc<RuleSet>) -> Result<Self, String> {
        Self::with_floor(rules, 0.0)
    }

    /// Compiles a rule set for callers that take candidates from `floor` up only: those below may or may not
    /// be told, and the scanner is the faster for it.
    ///
    /// # Errors
    /// A message when a pattern does not compile.
    pub fn with_floor(rules: Arc<RuleSet>, floor: f32) -> Result<Self, String> {
        let (mut patterns, mut entries) = (Vec::new(), Vec::new());
        for (at, recognizer) in rules.recognizers().iter().enumerate() {
            let checked = if recognizer.check.is_some() { recognizer.syntax.check_score } else { 0.0 };
            for pattern in &recognizer.syntax.patterns {
                let hir = syntax::parse_with(&pattern.regex, &pattern_syntax())
                    .map_err(|error| format!("pattern {}: {error}", pattern.name))?;
                let gated = pattern.needs_context || pattern.score.max(checked) < floor;
                entries.push(Entry { trigger: trigger(&hir), recognizer: at as u16, gated });
                patterns.push(CompiledPattern {
                    source: pattern.regex.clone(),
                    compiled: OnceLock::new(),
                    nfa: OnceLock::new(),
                    parts: Parts::of(&hir),
                    recognizer: RecognizerId(at as u16),
                    name: pattern.name.clone(),
                    score: pattern.score,
                    needs_context: pattern.needs_context,
                });
            }
        }
        let context = rules.recognizers().iter().map(context_words).collect::<Result<_, _>>()?;
        let words: Vec<Vec<String>> =
            rules.recognizers().iter().map(|r| r.syntax.context.iter().map(|w| fold(w)).collect()).collect();
        let mut labels: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        for (at, recognizer) in rules.recognizers().iter().enumerate() {
            for label in &recognizer.syntax.labels {
                labels.entry(label.clone()).or_default().push(at as u16);
            }
        }
        let names = NameFinder::new(&rules);
        let addresses = AddressFinder::new(&rules, names.clone());
        let engine = Engine::new(&entries, &words, labels, names.clone());
        let labels = LabelLexicon::new(&rules);
        let rivals = Rivals::new(&rules);
        Ok(Self { rules, engine, patterns, context, labels, names, addresses, rivals, floor })
    }

    /// The rules it was made from.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// The labels of all recognizers.
    pub fn labels(&self) -> &LabelLexicon {
        &self.labels
    }

    /// The finder of names.
    pub fn names(&self) -> &NameFinder {
        &self.names
    }

    /// The score below which candidates may be left out.
    pub fn floor(&self) -> f32 {
        self.floor
    }

    /// Makes the caches one thread needs.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            tried: Tried::default(),
            shapes: Shapes::default(),
            outlines: OutlineCaches::default(),
            reaches: Vec::new(),
            caches: (0..self.patterns.len()).map(|_| None).collect(),
            label: None,
        }
    }

    /// Patterns that nothing tells where to try, so that every text is searched for them: recognizer and
    /// pattern.
    pub fn slow_patterns(&self) -> Vec<(&str, &str)> {
        let patterns = self.engine.always().iter().map(|&at| &self.patterns[usize::from(at)]);
        patterns.map(|p| (self.rules.recognizer_name(p.recognizer), p.name.as_str())).collect()
    }

    /// Adds every candidate in `text` to `out`. `label` is the heading, key or form label it stands under.
    pub fn scan(&self, text: &str, label: Option<&str>, scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        self.scan_text(text, label, scratch, out);
    }

    fn scan_text(
        &self,
        text: &str,
        label: Option<&str>,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) -> Option<Arc<Outline>> {
        let Some(label) = label else {
            return self.stretch((text, 0, text.len()), None, scratch, out);
        };
        let (label, context) = match scratch.label.take().filter(|(known, _)| known == label) {
            Some((known, context)) => (known, context),
            None => {
                let normal = normalise_label(label);
                let context = self.engine.label_context(&normal, &mut scratch.tried);
                (label.to_owned(), context)
            }
        };
        let normal = normalise_label(&label);
        self.stretch((text, 0, text.len()), Some((&normal, &context)), scratch, out);
        scratch.label = Some((label, context));
        None
    }

    /// Adds every candidate in each line of `text` to `out`, as bytes of `text`. Lines end with a line feed.
    pub fn scan_lines(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            self.stretch((text, start, end), None, scratch, out);
            start = end + 1;
        }
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
        let subject = Subject { text, label: None };
        for at in 0..self.patterns.len() as u16 {
            let id = self.patterns[usize::from(at)].recognizer;
            let recognizer = &self.rules.recognizers()[id.0 as usize];
            if !entities.contains(&recognizer.entity) {
                continue;
            }
            self.for_matches(at, text, &mut scratch.caches, &mut |pattern, span| {
                let explained = self.explain_match(pattern, subject, span);
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
        self.find_words(text, None, out);
        let mut at = 0;
        out.retain(|candidate| {
            at += 1;
            at <= from || entities.contains(&candidate.entity)
        });
    }

    /// Scans one text of a buffer; gives what its shape tells, if that is known.
    fn stretch(
        &self,
        (buffer, start, end): (&str, usize, usize),
        label: Option<(&str, &ContextSet)>,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
    ) -> Option<Arc<Outline>> {
        if end < start + TEXT_BYTES_MIN {
            return None;
        }
        let first = out.len();
        let stretch = Stretch { bytes: buffer.as_bytes(), start, end };
        let outline = match label {
            None => self.look(stretch, scratch),
            Some((_, context)) => {
                self.engine.walk(stretch, Some(context), &mut scratch.tried);
                None
            }
        };
        let text = &buffer[start..end];
        if !scratch.tried.places.is_empty() || !scratch.tried.lines.is_empty() {
            self.try_all(Subject { text, label: label.map(|(label, _)| label) }, start, scratch, out);
        }
        match &outline {
            Some(outline) => self.labels.scan_known(text, &outline.labels, out),
            None => self.labels.scan_separators(text, out),
        }
        if scratch.tried.structure {
            self.labels.scan_structure(text, out);
        }
        let from = out.len();
        if scratch.tried.street {
            self.addresses.find(text, out);
        }
        if scratch.tried.name != Cue::None || label.is_some() {
            self.names.find(text, label.map(|(label, _)| label), from, out);
        }
        self.rivals.settle(first, out);
        for candidate in &mut out[first..] {
            candidate.start += start;
            candidate.end += start;
        }
        outline
    }

    /// Leaves in `scratch` what a text without a label may hold: from its shape if that is known, else from a
    /// walk over it.
    fn look(&self, stretch: Stretch<'_>, scratch: &mut Scratch) -> Option<Arc<Outline>> {
        let Scratch { tried, shapes, outlines, reaches, .. } = scratch;
        let outline = match shapes.look(self.engine.places(), &stretch.bytes[stretch.start..stretch.end]) {
            Look::Known(outline) => outline,
            Look::Again => {
                let outline = Arc::new(self.outline(shapes.shape(), outlines, reaches));
                shapes.keep(Arc::clone(&outline));
                outline
            }
            Look::None | Look::New => {
                self.engine.walk(stretch, None, tried);
                return None;
            }
        };
        tried.take(&outline, stretch);
        Some(outline)
    }

    /// What lines of a shape may hold.
    fn outline(
        &self,
        shape: &[u8],
        caches: &mut OutlineCaches,
        reaches: &mut Vec<[ReachCache; 2]>,
    ) -> Outline {
        let mut outline = self.engine.outline(shape, caches);
        reaches.resize_with(self.patterns.len(), Default::default);
        reach::tidy(reaches);
        outline.refine(|pattern, at| {
            let pattern = usize::from(pattern);
            self.patterns[pattern].may_match(shape, at, &mut reaches[pattern])
        });
        outline.labels = self.labels.separators(shape, shape::is_vague);
        // All digits are one to addresses.
        if let Some(text) = std::str::from_utf8(shape).ok().filter(|_| outline.street) {
            outline.street = self.addresses.may_find(text);
        }
        outline
    }

    /// Addresses, then names that are in none of them.
    fn find_words(&self, text: &str, label: Option<&str>, out: &mut Vec<Candidate>) {
        let from = out.len();
        self.addresses.find(text, out);
        self.names.find(text, label, from, out);
    }

    /// The addresses and names of a text alone.
    pub(crate) fn find_names(&self, text: &str, label: Option<&str>, out: &mut Vec<Candidate>) {
        self.find_words(text, label.map(normalise_label).as_deref(), out);
    }

    /// Tries what the walk told.
    fn try_all(&self, subject: Subject<'_>, base: usize, scratch: &mut Scratch, out: &mut Vec<Candidate>) {
        let Scratch { tried: Tried { places, lines, .. }, caches, .. } = scratch;
        lines.sort_unstable();
        lines.dedup();
        for &at in lines.iter() {
            self.for_matches(at, subject.text, caches, &mut |pattern, span| {
                out.extend(self.weigh(pattern, subject, span));
            });
        }
        places.sort_unstable();
        places.dedup();
        for same in places.chunk_by(|left, right| left.0 == right.0) {
            if lines.binary_search(&same[0].0).is_err() {
                let starts = same.iter().map(|&(_, at)| at as usize - base);
                self.for_places((same[0].0, starts), subject.text, caches, &mut |pattern, span| {
                    out.extend(self.weigh(pattern, subject, span));
                });
            }
        }
    }

    /// Matches that start at one of the places; gives what [`Self::for_matches`] would.
    fn for_places(
        &self,
        (at, starts): (u16, impl Iterator<Item = usize>),
        text: &str,
        caches: &mut [Option<(meta::Cache, Captures)>],
        found: &mut dyn FnMut(&CompiledPattern, (usize, usize)),
    ) {
        let mut from = 0;
        for start in starts {
            if start >= from
                && let Some(next) = self.search((at, Anchored::Yes), (text, start), caches, found)
            {
                from = next;
            }
        }
    }

    fn for_matches(
        &self,
        at: u16,
        text: &str,
        caches: &mut [Option<(meta::Cache, Captures)>],
        found: &mut dyn FnMut(&CompiledPattern, (usize, usize)),
    ) {
        let mut from = 0;
        while from <= text.len() {
            match self.search((at, Anchored::No), (text, from), caches, found) {
                Some(next) => from = next,
                None => break,
            }
        }
    }

    /// One search from a place; gives the place where the next one starts.
    fn search(
        &self,
        (at, anchored): (u16, Anchored),
        (text, from): (&str, usize),
        caches: &mut [Option<(meta::Cache, Captures)>],
        found: &mut dyn FnMut(&CompiledPattern, (usize, usize)),
    ) -> Option<usize> {
        let pattern = &self.patterns[usize::from(at)];
        let (regex, group) = pattern.regex();
        let (cache, captures) =
            caches[usize::from(at)].get_or_insert_with(|| (regex.create_cache(), regex.create_captures()));
        let input = Input::new(text).range(from..).anchored(anchored);
        let mut told = None;
        if group.is_none() || pattern.parts.is_some() {
            let whole = regex.search_with(cache, &input)?;
            let span = pattern.parts.as_ref().map_or(Some((whole.start(), whole.end())), |parts| {
                parts.value((whole.start(), whole.end()), text.as_bytes())
            });
            told = span.map(|(start, end)| (whole.end(), Some(Span { start, end })));
        }
        let (end, span) = if let (None, Some(group)) = (told, group) {
            regex.search_captures_with(cache, &input, captures);
            captures.get_match().map(|m| (m.end(), captures.get_group(*group)))
        } else {
            told
        }?;
        if let Some(span) = span {
            found(pattern, char_span(text, span.start, span.end));
        }
        // A value may end before the match does: the rest can start the next match.
        Some(span.map_or(end, |span| span.end).max(from + 1))
    }

    /// Every match of every pattern with what became of it. Slow: each pattern is searched for alone.
    pub(crate) fn explain_patterns(&self, text: &str, label: Option<&str>) -> Vec<Explanation> {
        let label = label.map(normalise_label);
        let subject = Subject { text, label: label.as_deref() };
        let mut caches: Vec<_> = (0..self.patterns.len()).map(|_| None).collect();
        let mut result = Vec::new();
        for at in 0..self.patterns.len() as u16 {
            self.for_matches(at, text, &mut caches, &mut |pattern, span| {
                let explained = self.explain_match(pattern, subject, span);
                result.push(Explanation { pattern: pattern.name.clone(), ..explained });
            });
        }
        result
    }
}

#[cfg(test)]
mod tests;
