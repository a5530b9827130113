//! Which patterns may match where: one walk over a text's tokens decides for all patterns together. Knows no
//! scores and no checks; what it tells is tried afterwards, and it may tell too much, never too little.

use super::anchor::{Anchor, Trigger};
use super::bytes::{ALNUM, ANY, ByteSet, LEAD, LOWER, UPPER};
use super::dfa::{Dfa, DfaCache};
use super::places::{Found, Places};
use crate::fold;
use std::collections::BTreeMap;

/// What is known of a pattern when the engine is made.
pub(super) struct Entry {
    pub(super) trigger: Trigger,
    /// The recognizer it belongs to.
    pub(super) recognizer: u16,
    /// Whether its matches count only where a context word stands near.
    pub(super) gated: bool,
}

/// The triggers of all patterns, compiled.
pub(super) struct Engine {
    places: Places,
    open: Table<Action>,
    gated: Table<Action>,
    keys: Table<KeyAction>,
    always: Vec<u16>,
    /// Recognizers whose context words cannot be looked for by tokens.
    any_context: Vec<u16>,
    labels: BTreeMap<String, Vec<u16>>,
    recognizers: usize,
}

struct Table<A> {
    dfa: Dfa,
    actions: Vec<A>,
}

enum Action {
    Try { pattern: u16, recognizer: u16, lead: Box<[ByteSet]> },
    Context(Box<[u16]>),
}

enum KeyAction {
    Try(u16),
    Line(u16),
}

/// A set of recognizers whose context words were seen.
#[derive(Default, Clone)]
pub(super) struct ContextSet(Vec<u64>);

/// What one thread needs, and what the last walk told.
#[derive(Default)]
pub(super) struct Tried {
    found: Found,
    context: ContextSet,
    open: DfaCache,
    gated: DfaCache,
    keys: DfaCache,
    /// Pattern, and where its match may start in the buffer.
    pub(super) places: Vec<(u16, u32)>,
    /// Patterns to be tried on the whole text.
    pub(super) lines: Vec<u16>,
}

/// Where in a buffer a text is.
#[derive(Clone, Copy)]
pub(super) struct Stretch<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Stretch<'_> {
    fn previous(&self, at: usize) -> u8 {
        if at > self.start { self.bytes[at - 1] } else { b'\n' }
    }
}

impl Engine {
    /// `words`: the context words of each recognizer, folded; `labels`: its labels, normalised.
    pub(super) fn new(entries: &[Entry], words: &[Vec<String>], labels: BTreeMap<String, Vec<u16>>) -> Self {
        let (mut open, mut gated, mut keys) = (Rows::default(), Rows::default(), Rows::default());
        let mut always = Vec::new();
        for (pattern, entry) in entries.iter().enumerate() {
            let pattern = pattern as u16;
            match &entry.trigger {
                Trigger::Places { tokens, keys: words } => {
                    let rows = if entry.gated { &mut gated } else { &mut open };
                    tokens.iter().for_each(|anchor| rows.add_anchor(anchor, pattern, entry.recognizer));
                    words.iter().for_each(|word| keys.add(word.clone(), KeyAction::Try(pattern)));
                }
                Trigger::Line(literals) => {
                    literals.iter().for_each(|word| keys.add(word.clone(), KeyAction::Line(pattern)));
                }
                Trigger::Always => always.push(pattern),
            }
        }
        let any_context = add_context(words, &mut open);
        Self {
            places: Places::new(&keys.rows),
            open: open.compile(),
            gated: gated.compile(),
            keys: keys.compile(),
            always,
            any_context,
            labels,
            recognizers: words.len(),
        }
    }

    /// Patterns that are tried on every text.
    pub(super) fn always(&self) -> &[u16] {
        &self.always
    }

    /// TEMP
    pub(super) fn stats(&self, texts: &str) {
        let mut tried = Tried::default();
        let (mut tokens, mut hits, mut gated_lines, mut lines, mut keys, mut linep) =
            (0u64, 0u64, 0u64, 0u64, 0u64, 0u64);
        let mut by: BTreeMap<u16, u64> = BTreeMap::new();
        let mut byl: BTreeMap<u16, u64> = BTreeMap::new();
        for line in texts.lines() {
            lines += 1;
            let t = Stretch { bytes: line.as_bytes(), start: 0, end: line.len() };
            self.walk(t, None, &mut tried);
            gated_lines += u64::from(!tried.context.is_empty());
            keys += tried.found.keys.len() as u64;
            linep += tried.lines.len() as u64;
            for l in &tried.lines {
                *byl.entry(*l).or_default() += 1;
            }
            tokens += tried.found.starts.len() as u64;
            hits += tried.places.len() as u64;
            for p in &tried.places {
                *by.entry(p.0).or_default() += 1;
            }
        }
        eprintln!(
            "lines {lines} tokens {tokens} hits {hits} gated_lines {gated_lines} keys {keys} linep {linep}"
        );
        let mut v: Vec<_> = by.into_iter().collect();
        v.sort_by_key(|x| std::cmp::Reverse(x.1));
        eprintln!("{:?}", &v[..v.len().min(40)]);
        let mut v: Vec<_> = byl.into_iter().collect();
        v.sort_by_key(|x| std::cmp::Reverse(x.1));
        eprintln!("{:?}", &v[..v.len().min(20)]);
    }

    /// The recognizers that a label is a context for.
    pub(super) fn label_context(&self, label: &str, tried: &mut Tried) -> ContextSet {
        let mut context = ContextSet::default();
        context.clear(self.recognizers);
        self.text_context(label.as_bytes(), (&mut tried.found, &mut tried.open), &mut context);
        self.labels.get(label).into_iter().flatten().for_each(|&recognizer| context.insert(recognizer));
        context
    }

    /// Walks over a text and leaves in `tried` what may match.
    pub(super) fn walk(&self, text: Stretch<'_>, label: Option<&ContextSet>, tried: &mut Tried) {
        tried.places.clear();
        tried.lines.clear();
        tried.lines.extend_from_slice(&self.always);
        self.places.find(text.bytes, (text.start, text.end), &mut tried.found);
        let Tried { found, context, places, lines, open, gated, keys } = tried;
        context.clear(self.recognizers);
        for &at in &found.starts {
            let at = at as usize;
            self.open.dfa.run(
                text.previous(at),
                &text.bytes[at..],
                open,
                &mut |row| match &self.open.actions[usize::from(row)] {
                    Action::Try { pattern, lead, .. } => place(*pattern, lead, at, text, places),
                    Action::Context(recognizers) => recognizers.iter().for_each(|&r| context.insert(r)),
                },
            );
        }
        for &at in &found.keys {
            let bytes = &text.bytes[at as usize..];
            self.keys.dfa.run(bytes[0], &bytes[1..], keys, &mut |row| match self.keys.actions
                [usize::from(row)]
            {
                KeyAction::Try(pattern) => places.push((pattern, at)),
                KeyAction::Line(pattern) => lines.push(pattern),
            });
        }
        if found.foreign {
            // Context words are compared folded.
            let folded = String::from_utf8_lossy(&text.bytes[text.start..text.end]);
            self.text_context(fold(&folded).as_bytes(), (&mut Found::default(), open), context);
        }
        if let Some(label) = label {
            context.add(label);
        }
        if !context.is_empty() || !self.any_context.is_empty() {
            self.any_context.iter().for_each(|&recognizer| context.insert(recognizer));
            self.walk_gated(text, (&found.starts, context), gated, places);
        }
    }

    fn walk_gated(
        &self,
        text: Stretch<'_>,
        (starts, context): (&[u32], &ContextSet),
        cache: &mut DfaCache,
        places: &mut Vec<(u16, u32)>,
    ) {
        for &at in starts {
            let at = at as usize;
            self.gated.dfa.run(text.previous(at), &text.bytes[at..], cache, &mut |row| {
                if let Action::Try { pattern, recognizer, lead } = &self.gated.actions[usize::from(row)]
                    && context.contains(*recognizer)
                {
                    place(*pattern, lead, at, text, places);
                }
            });
        }
    }

    fn text_context(
        &self,
        bytes: &[u8],
        (found, cache): (&mut Found, &mut DfaCache),
        context: &mut ContextSet,
    ) {
        let text = Stretch { bytes, start: 0, end: bytes.len() };
        self.places.find(bytes, (0, bytes.len()), found);
        for &at in &found.starts {
            let at = at as usize;
            self.open.dfa.run(text.previous(at), &bytes[at..], cache, &mut |row| {
                if let Action::Context(recognizers) = &self.open.actions[usize::from(row)] {
                    recognizers.iter().for_each(|&recognizer| context.insert(recognizer));
                }
            });
        }
    }
}

/// Notes where a match may start, if what leads up to the token fits.
fn place(pattern: u16, lead: &[ByteSet], at: usize, text: Stretch<'_>, places: &mut Vec<(u16, u32)>) {
    if let Some(start) = at.checked_sub(lead.len()).filter(|&start| start >= text.start)
        && lead.iter().zip(&text.bytes[start..]).all(|(set, &byte)| set.contains(byte))
    {
        places.push((pattern, start as u32));
    }
}

/// Rows before they are compiled.
struct Rows<A> {
    rows: Vec<Vec<ByteSet>>,
    actions: Vec<A>,
}

impl<A> Default for Rows<A> {
    fn default() -> Self {
        Self { rows: Vec::new(), actions: Vec::new() }
    }
}

impl<A> Rows<A> {
    fn add(&mut self, row: Vec<ByteSet>, action: A) {
        self.rows.push(row);
        self.actions.push(action);
    }

    fn compile(self) -> Table<A> {
        Table { dfa: Dfa::new(&self.rows), actions: self.actions }
    }
}

impl Rows<Action> {
    /// The byte before the token is the row's first.
    fn add_anchor(&mut self, anchor: &Anchor, pattern: u16, recognizer: u16) {
        let row = [&[anchor.previous], anchor.steps.as_slice()].concat();
        self.add(row, Action::Try { pattern, recognizer, lead: anchor.lead.as_slice().into() });
    }
}

/// Adds the context words; gives the recognizers with a word that no token starts.
fn add_context(words: &[Vec<String>], open: &mut Rows<Action>) -> Vec<u16> {
    let mut by_word: BTreeMap<&str, Vec<u16>> = BTreeMap::new();
    let mut any = Vec::new();
    for (recognizer, words) in words.iter().enumerate() {
        for word in words {
            by_word.entry(word).or_default().push(recognizer as u16);
        }
    }
    for (word, recognizers) in by_word {
        let rows = word_rows(word);
        if rows.is_empty() {
            any.extend_from_slice(&recognizers);
        }
        rows.into_iter().for_each(|row| open.add(row, Action::Context(recognizers.as_slice().into())));
    }
    any
}

/// The rows of a context word, from the byte before its first token.
fn word_rows(word: &str) -> Vec<Vec<ByteSet>> {
    let both = |byte: u8| ByteSet::of(byte.to_ascii_lowercase()).or(ByteSet::of(byte.to_ascii_uppercase()));
    let sets: Vec<ByteSet> = word.bytes().map(both).collect();
    let Some(first) = sets.iter().position(|set| !set.and(ALNUM.or(LEAD)).is_empty()) else {
        return Vec::new();
    };
    let row = |previous: ByteSet, start: ByteSet| [&[previous, start], &sets[first + 1..]].concat();
    if first > 0 {
        return vec![row(sets[first - 1], sets[first])];
    }
    if !sets[0].and(LEAD).is_empty() {
        return vec![row(ANY, sets[0])];
    }
    let capital = sets[0].and(UPPER);
    let mut rows = vec![row(ALNUM.not(), sets[0])];
    if !capital.is_empty() {
        rows.push(row(LOWER, capital));
    }
    rows
}

impl ContextSet {
    fn clear(&mut self, recognizers: usize) {
        self.0.clear();
        self.0.resize(recognizers.div_ceil(64), 0);
    }

    fn insert(&mut self, recognizer: u16) {
        self.0[usize::from(recognizer >> 6)] |= 1 << (recognizer & 63);
    }

    fn contains(&self, recognizer: u16) -> bool {
        self.0[usize::from(recognizer >> 6)] >> (recognizer & 63) & 1 != 0
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }
}
