//! What the engine tells of a shape: everything that any line of the shape may need.

use super::bytes::ByteSet;
use super::dfa::{Dfa, DfaCache, STATES_MAX, STATES_MAX_OF_MANY};
use super::engine::{Action, ContextSet, Engine, KeyAction, Stretch};
use super::places::Found;
use super::shape::{HEX_LOWER, HEX_UPPER, is_alnum, symbol};
use crate::labels::Separator;
use crate::names::Cue;
use crate::roster::Places;
use std::sync::OnceLock;

/// What lines of a shape are tried for.
#[derive(Default)]
pub(super) struct Outline {
    /// Where in the line matches may start; in order.
    pub(super) places: Vec<Spot>,
    /// Patterns tried on the whole line; in order.
    pub(super) lines: Vec<u16>,
    pub(super) structure: bool,
    pub(super) street: bool,
    pub(super) name: Cue,
    /// Separators that may stand behind a label.
    pub(super) labels: Vec<Separator>,
    /// Where people of a roster may stand, and which roster.
    pub(super) people: OnceLock<(u64, Places)>,
}

/// A place where a pattern may match in lines of a shape.
pub(super) struct Spot {
    pub(super) pattern: u16,
    pub(super) at: u32,
    /// What the bytes from there have to be for it.
    pub(super) sets: Vec<ByteSet>,
}

/// The engine's automata for shapes.
pub(super) struct Outliner {
    tokens: Dfa,
    gated: Vec<Dfa>,
    keys: Dfa,
}

/// What one thread needs of them.
#[derive(Default)]
pub(super) struct OutlineCaches {
    tokens: DfaCache,
    gated: Vec<DfaCache>,
    keys: DfaCache,
}

impl Outliner {
    fn new(engine: &Engine) -> Self {
        Self {
            tokens: engine.tokens.dfa.with_symbols(symbol),
            gated: engine.gated.tables.iter().map(|table| table.dfa.with_symbols(symbol)).collect(),
            keys: engine.keys.dfa.with_symbols(symbol),
        }
    }
}

impl OutlineCaches {
    /// Empties what has grown large.
    fn tidy(&mut self, gated: usize) {
        self.gated.resize_with(gated, DfaCache::default);
        let large = [&mut self.tokens, &mut self.keys].into_iter().map(|cache| (cache, STATES_MAX));
        let all = large.chain(self.gated.iter_mut().map(|cache| (cache, STATES_MAX_OF_MANY)));
        all.filter(|(cache, most)| cache.is_full(*most)).for_each(|(cache, _)| cache.empty());
    }
}

impl Engine {
    /// What any line of a shape may need. Labels are not looked at.
    pub(super) fn outline(&self, shape: &[u8], caches: &mut OutlineCaches) -> Outline {
        let outliner = self.outliner.get_or_init(|| Outliner::new(self));
        caches.tidy(outliner.gated.len());
        let text = Stretch { bytes: shape, start: 0, end: shape.len() };
        let found = found(shape);
        let mut outline = Outline { lines: self.always().to_vec(), ..Outline::default() };
        let mut context = ContextSet::default();
        context.clear(self.recognizers);
        self.any_context.iter().for_each(|&recognizer| context.insert(recognizer));
        for &start in &found.starts {
            let at = start as usize;
            let cache = &mut caches.tokens;
            let set = outliner.tokens.run(text.previous(at), &shape[at..], cache);
            for &row in set.map_or(&[][..], |set| caches.tokens.rows(set)) {
                match &self.tokens.actions[usize::from(row)] {
                    Action::Try { pattern, lead } => {
                        outline.place(*pattern, lead, outliner.tokens.row(row), at);
                    }
                    Action::Context(recognizers) => recognizers.iter().for_each(|&r| context.insert(r)),
                    Action::Street(length) => {
                        outline.street |= shape.get(at + length).is_none_or(|&byte| !is_alnum(byte));
                    }
                    Action::Name => outline.name = Cue::Strong,
                }
            }
        }
        self.cues(text, &found, (&mut outline.street, &mut outline.name));
        if !found.capitals && shape.contains(&HEX_LOWER) {
            // In a text without capitals the letters of a UUID could be a name's.
            (outline.street, outline.name) = (true, Cue::Strong);
        }
        self.outline_keys(outliner, shape, &mut caches.keys, &mut outline);
        for number in context.iter().filter_map(|recognizer| self.gated.numbers[recognizer]) {
            let number = usize::from(number);
            for &at in &found.starts {
                let (at, cache) = (at as usize, &mut caches.gated[number]);
                let set = outliner.gated[number].run(text.previous(at), &shape[at..], cache);
                for &row in set.map_or(&[][..], |set| caches.gated[number].rows(set)) {
                    if let Action::Try { pattern, lead } =
                        &self.gated.tables[number].actions[usize::from(row)]
                    {
                        outline.place(*pattern, lead, outliner.gated[number].row(row), at);
                    }
                }
            }
        }
        outline
    }

    fn outline_keys(&self, outliner: &Outliner, shape: &[u8], cache: &mut DfaCache, outline: &mut Outline) {
        for at in 0..shape.len() {
            let set = outliner.keys.run(shape[at], &shape[at + 1..], cache);
            for &row in set.map_or(&[][..], |set| cache.rows(set)) {
                match self.keys.actions[usize::from(row)] {
                    KeyAction::Try(pattern) => outline.spot(pattern, at, outliner.keys.row(row).to_vec()),
                    KeyAction::Line(pattern) => outline.lines.push(pattern),
                    KeyAction::Structure => outline.structure = true,
                }
            }
        }
    }
}

impl Outline {
    /// Adds the place of a token's row: what leads up to it, and the row, whose first set is the byte before.
    fn place(&mut self, pattern: u16, lead: &[ByteSet], row: &[ByteSet], at: usize) {
        if let Some(start) = at.checked_sub(lead.len()) {
            self.spot(pattern, start, [lead, &row[1..]].concat());
        }
    }

    fn spot(&mut self, pattern: u16, at: usize, sets: Vec<ByteSet>) {
        self.places.push(Spot { pattern, at: at as u32, sets });
    }

    /// Leaves what a line of the shape can match, in order.
    pub(super) fn refine(&mut self, mut may: impl FnMut(u16, Option<usize>) -> bool) {
        self.lines.sort_unstable();
        self.lines.dedup();
        self.lines.retain(|&pattern| may(pattern, None));
        self.places.sort_by_key(|spot| (spot.pattern, spot.at));
        self.places.dedup_by(|next, spot| {
            let same = (next.pattern, next.at) == (spot.pattern, spot.at);
            if same {
                spot.sets.truncate(next.sets.len());
                spot.sets.iter_mut().zip(&next.sets).for_each(|(set, other)| *set = set.or(*other));
            }
            same
        });
        let Self { lines, places, .. } = self;
        places.retain(|spot| {
            lines.binary_search(&spot.pattern).is_err() && may(spot.pattern, Some(spot.at as usize))
        });
    }
}

/// The places of a shape's tokens: those of any line that has it.
fn found(shape: &[u8]) -> Found {
    let mut found = Found::default();
    let mut before = b'\n';
    for (at, &byte) in shape.iter().enumerate() {
        let token = is_alnum(byte) && !is_alnum(before);
        let hump = byte.is_ascii_uppercase() && before.is_ascii_lowercase();
        if token || hump {
            found.starts.push(at as u32);
        }
        if token && byte.is_ascii_uppercase() {
            found.capital_starts.push(at as u32);
        }
        found.capitals |= byte.is_ascii_uppercase() || byte == HEX_UPPER;
        before = byte;
    }
    found
}
