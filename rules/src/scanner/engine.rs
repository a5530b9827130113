//! Which patterns may match where: one walk over a text's tokens decides for all patterns together. Knows no
//! scores and no checks; what it tells is tried afterwards, and it may tell too much, never too little.

use super::anchor::{Anchor, Trigger};
use super::bytes::{ALNUM, ANY, ByteSet, LEAD, LOWER, UPPER, members};
use super::dfa::{Dfa, DfaCache, STATES_MAX, STATES_MAX_OF_MANY};
use super::filter::{Filter, GROUPS, Groups};
use super::outline::{Outline, Outliner};
use super::places::{Found, Places};
use crate::names::Cue;
use crate::{AddressFinder, NameFinder, fold};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Rows of patterns an automaton takes, and rows in all before context words are no longer looked for by tokens;
/// what comes after is tried on every text. Rows are numbered with 16 bits.
const ROWS_MAX: usize = 40_000;
const WORD_ROWS_MAX: usize = 60_000;
/// Letters of the shortest word that is looked at for the ending of a street's name, and of the longest.
const STREET_BYTES_MIN: usize = 5;
const STREET_BYTES_MAX: usize = 16;

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
    likely: Filter,
    pub(super) tokens: Table<Action>,
    pub(super) gated: Gated,
    pub(super) keys: Table<KeyAction>,
    always: Vec<u16>,
    /// Recognizers whose context words cannot be looked for by tokens.
    pub(super) any_context: Vec<u16>,
    labels: BTreeMap<String, Vec<u16>>,
    names: NameFinder,
    pub(super) recognizers: usize,
    pub(super) outliner: OnceLock<Outliner>,
}

pub(super) struct Table<A> {
    pub(super) dfa: Dfa,
    pub(super) actions: Vec<A>,
}

/// The patterns that need a context word: looked for only where one was seen.
pub(super) struct Gated {
    /// Its groups are those of `tables`.
    likely: Filter,
    pub(super) tables: Vec<Table<Action>>,
    /// For each recognizer, the number of its table.
    pub(super) numbers: Vec<Option<u16>>,
}

pub(super) enum Action {
    Try {
        pattern: u16,
        lead: Box<[ByteSet]>,
    },
    Context(Box<[u16]>),
    /// A word that speaks of an address, and the bytes it has.
    Street(usize),
    /// A word behind which a name may stand.
    Name,
}

pub(super) enum KeyAction {
    Try(u16),
    Line(u16),
    /// A structure that names its values may start here.
    Structure,
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
    keys: DfaCache,
    gated: Vec<DfaCache>,
    /// Starts that a filter let through, and the groups it did for.
    likely: Vec<(u32, Groups)>,
    /// Whether a structure may name values.
    pub(super) structure: bool,
    /// Whether a word speaks of an address.
    pub(super) street: bool,
    /// Whether words speak for a name.
    pub(super) name: Cue,
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

impl Tried {
    /// Takes over what is known of a text's shape.
    pub(super) fn take(&mut self, outline: &Outline, text: Stretch<'_>) {
        self.places.clear();
        for spot in &outline.places {
            let bytes = &text.bytes[text.start + spot.at as usize..];
            if spot.sets.iter().zip(bytes).all(|(set, &byte)| set.contains(byte)) {
                self.places.push((spot.pattern, spot.at + text.start as u32));
            }
        }
        self.lines.clear();
        self.lines.extend_from_slice(&outline.lines);
        (self.structure, self.street, self.name) = (outline.structure, outline.street, outline.name);
    }

    fn clear(&mut self, recognizers: usize) {
        self.context.clear(recognizers);
        self.places.clear();
        self.lines.clear();
        (self.street, self.name, self.structure) = (false, Cue::None, false);
    }
}

impl Stretch<'_> {
    pub(super) fn previous(&self, at: usize) -> u8 {
        if at > self.start { self.bytes[at - 1] } else { b'\n' }
    }
}

impl Gated {
    fn new(rows: Vec<Rows<Action>>) -> Self {
        let numbered = rows.iter().scan(0, |next, rows| {
            let number = (!rows.rows.is_empty()).then_some(*next);
            *next += u16::from(number.is_some());
            Some(number)
        });
        let numbers = numbered.collect();
        let some = || rows.iter().filter(|rows| !rows.rows.is_empty());
        let all = some().enumerate();
        let grouped =
            all.flat_map(|(number, rows)| rows.rows.iter().map(move |row| (&**row, number % GROUPS)));
        Self {
            likely: Filter::new(grouped),
            numbers,
            tables: rows.into_iter().filter(|rows| !rows.rows.is_empty()).map(Rows::compile).collect(),
        }
    }

    /// The groups of the recognizers whose context words were seen.
    fn wanted(&self, context: &ContextSet) -> Groups {
        let mut groups = Groups::default();
        for number in context.iter().filter_map(|recognizer| self.numbers[recognizer]) {
            let group = usize::from(number) % GROUPS;
            groups[group / 64] |= 1 << (group % 64);
        }
        groups
    }
}

impl Engine {
    /// `words`: the context words of each recognizer, folded; `labels`: its labels, normalised.
    pub(super) fn new(
        entries: &[Entry],
        words: &[Vec<String>],
        labels: BTreeMap<String, Vec<u16>>,
        names: NameFinder,
    ) -> Self {
        let (mut open, mut keys) = (Rows::default(), Rows::default());
        let mut gated: Vec<Rows<Action>> = words.iter().map(|_| Rows::default()).collect();
        let mut always = Vec::new();
        for (pattern, entry) in entries.iter().enumerate() {
            let pattern = pattern as u16;
            match &entry.trigger {
                Trigger::Places { tokens, keys: words } => {
                    let rows =
                        if entry.gated { &mut gated[usize::from(entry.recognizer)] } else { &mut open };
                    tokens.iter().for_each(|anchor| rows.add_anchor(anchor, pattern));
                    words.iter().for_each(|word| keys.add(word.clone(), KeyAction::Try(pattern)));
                }
                Trigger::Line(literals) if keys.rows.len() + literals.len() > ROWS_MAX => {
                    always.push(pattern);
                }
                Trigger::Line(literals) => {
                    literals.iter().for_each(|word| keys.add(word.clone(), KeyAction::Line(pattern)));
                }
                Trigger::Always => always.push(pattern),
            }
        }
        let any_context = add_context(words, &mut open);
        for trigger in crate::structure::triggers() {
            keys.add(trigger.bytes().map(ByteSet::of).collect(), KeyAction::Structure);
        }
        for word in AddressFinder::cues() {
            word_rows(word).into_iter().for_each(|row| open.add(row, Action::Street(word.len())));
        }
        for word in NameFinder::cues() {
            word_rows(word).into_iter().for_each(|row| open.add(row, Action::Name));
        }
        Self {
            places: Places::new(&keys.rows),
            likely: Filter::grouped(&open.rows),
            tokens: open.compile(),
            gated: Gated::new(gated),
            names,
            keys: keys.compile(),
            always,
            any_context,
            labels,
            recognizers: words.len(),
            outliner: OnceLock::new(),
        }
    }

    /// What goes over the bytes first.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// Patterns that are tried on every text.
    pub(super) fn always(&self) -> &[u16] {
        &self.always
    }

    /// The recognizers that a label is a context for.
    pub(super) fn label_context(&self, label: &str, tried: &mut Tried) -> ContextSet {
        let mut context = ContextSet::default();
        context.clear(self.recognizers);
        self.folded_words(label, tried);
        context.add(&tried.context);
        self.labels.get(label).into_iter().flatten().for_each(|&recognizer| context.insert(recognizer));
        context
    }

    /// Walks over a text and leaves in `tried` what may match.
    pub(super) fn walk(&self, text: Stretch<'_>, label: Option<&ContextSet>, tried: &mut Tried) {
        self.places.find(text.bytes, (text.start, text.end), &mut tried.found);
        tried.clear(self.recognizers);
        if tried.found.foreign {
            // Words are compared folded.
            let raw = String::from_utf8_lossy(&text.bytes[text.start..text.end]);
            let mut other = Tried { open: std::mem::take(&mut tried.open), ..Tried::default() };
            self.folded_words(&fold(&raw), &mut other);
            tried.context.add(&other.context);
            (tried.street, tried.name) = (other.street, other.name);
            tried.open = other.open;
        }
        tried.lines.extend_from_slice(&self.always);
        self.walk_tokens(text, tried);
        self.walk_keys(text, tried);
        if let Some(label) = label {
            tried.context.add(label);
        }
        self.any_context.iter().for_each(|&recognizer| tried.context.insert(recognizer));
        self.walk_gated(text, tried);
    }

    /// Goes through the tokens again for the recognizers whose context words were seen.
    fn walk_gated(&self, text: Stretch<'_>, tried: &mut Tried) {
        let Tried { context, gated, found, places, likely, .. } = tried;
        let wanted = self.gated.wanted(context);
        if wanted == Groups::default() {
            return;
        }
        gated.resize_with(self.gated.tables.len(), DfaCache::default);
        likely.clear();
        self.places.likely((&self.gated.likely, &wanted), text, &found.starts, likely);
        for &(at, groups) in likely.iter() {
            for number in members(&groups).flat_map(|group| (group..self.gated.tables.len()).step_by(GROUPS))
            {
                let (table, cache) = (&self.gated.tables[number], &mut gated[number]);
                let at = at as usize;
                let Some(set) = table.dfa.run(text.previous(at), &text.bytes[at..], cache) else { continue };
                for &row in cache.rows(set) {
                    if let Action::Try { pattern, lead } = &table.actions[usize::from(row)] {
                        place(*pattern, lead, at, text, places);
                    }
                }
                if cache.is_full(STATES_MAX_OF_MANY) {
                    cache.empty();
                }
            }
        }
    }

    fn walk_tokens(&self, text: Stretch<'_>, tried: &mut Tried) {
        let Tried { found, context, places, open, street, name, likely, .. } = tried;
        likely.clear();
        self.places.likely((&self.likely, &[u64::MAX; GROUPS / 64]), text, &found.starts, likely);
        for &(at, _) in likely.iter() {
            if open.is_full(STATES_MAX) {
                open.empty();
            }
            let start = at as usize;
            let Some(set) = self.tokens.dfa.run(text.previous(start), &text.bytes[start..], open) else {
                continue;
            };
            for &row in open.rows(set) {
                match &self.tokens.actions[usize::from(row)] {
                    Action::Try { pattern, lead, .. } => place(*pattern, lead, start, text, places),
                    Action::Context(recognizers) => recognizers.iter().for_each(|&r| context.insert(r)),
                    Action::Street(length) => {
                        let end = start + length;
                        *street |= end >= text.end || !text.bytes[end].is_ascii_alphanumeric();
                    }
                    Action::Name => *name = Cue::Strong,
                }
            }
        }
        self.cues(text, found, (street, name));
    }

    /// Looks at the words themselves for names and streets; one that a digit follows is neither. In a text with
    /// capitals those words alone are looked at.
    pub(super) fn cues(&self, text: Stretch<'_>, found: &Found, (street, name): (&mut bool, &mut Cue)) {
        let mut weak = 0;
        for &at in if found.capitals { &found.capital_starts } else { &found.starts } {
            let at = at as usize;
            let rest = &text.bytes[at..text.end];
            let length = rest.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(rest.len());
            let word = &rest[..length];
            let digit = rest.get(length).is_some_and(u8::is_ascii_digit);
            if length < 2 || digit || text.previous(at).is_ascii_alphanumeric() {
                continue;
            }
            if *name != Cue::Strong {
                match self.names.cue(word) {
                    Cue::Strong => *name = Cue::Strong,
                    Cue::Weak => weak += 1,
                    Cue::None => {}
                }
            }
            *street = *street
                || length >= STREET_BYTES_MIN && is_street(word)
                || AddressFinder::is_behind_code(&text.bytes[text.start..at]);
        }
        if *name != Cue::Strong && weak >= 2 {
            *name = Cue::Weak;
        }
    }

    fn walk_keys(&self, text: Stretch<'_>, tried: &mut Tried) {
        let Tried { found, places, lines, keys, structure, .. } = tried;
        for &at in found.keys.iter().filter(|&&at| self.places.may_be_key(text.bytes, at as usize)) {
            if keys.is_full(STATES_MAX) {
                keys.empty();
            }
            let bytes = &text.bytes[at as usize..];
            let Some(set) = self.keys.dfa.run(bytes[0], &bytes[1..], keys) else { continue };
            for &row in keys.rows(set) {
                match self.keys.actions[usize::from(row)] {
                    KeyAction::Try(pattern) => places.push((pattern, at)),
                    KeyAction::Line(pattern) => lines.push(pattern),
                    KeyAction::Structure => *structure = true,
                }
            }
        }
    }

    /// The context words and cues of a folded text.
    fn folded_words(&self, folded: &str, tried: &mut Tried) {
        let text = Stretch { bytes: folded.as_bytes(), start: 0, end: folded.len() };
        self.places.find(text.bytes, (0, text.end), &mut tried.found);
        tried.clear(self.recognizers);
        self.walk_tokens(text, tried);
    }
}

/// Whether a word of ASCII letters ends like the name of a street.
fn is_street(word: &[u8]) -> bool {
    let mut lower = [0; STREET_BYTES_MAX];
    let tail = &word[word.len().saturating_sub(STREET_BYTES_MAX)..];
    lower[..tail.len()].copy_from_slice(tail);
    lower.make_ascii_lowercase();
    std::str::from_utf8(&lower[..tail.len()]).is_ok_and(AddressFinder::is_street)
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
    fn add_anchor(&mut self, anchor: &Anchor, pattern: u16) {
        let row = [&[anchor.previous], anchor.steps.as_slice()].concat();
        self.add(row, Action::Try { pattern, lead: anchor.lead.as_slice().into() });
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
        if rows.is_empty() || open.rows.len() + rows.len() > WORD_ROWS_MAX {
            any.extend_from_slice(&recognizers);
            continue;
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
    pub(super) fn clear(&mut self, recognizers: usize) {
        self.0.clear();
        self.0.resize(recognizers.div_ceil(64), 0);
    }

    pub(super) fn insert(&mut self, recognizer: u16) {
        self.0[usize::from(recognizer >> 6)] |= 1 << (recognizer & 63);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        members(&self.0)
    }

    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }
}
