//! Whether a pattern can match at a place of a shape: its automaton is walked with bytes that stand for sets of
//! bytes. Says yes too often, never no where a line of that shape has a match. What was once worked out is
//! kept, as in any lazy automaton.

use super::bytes::ByteSet;
use super::shape::{is_alnum, symbol};
use regex_automata::nfa::thompson::{NFA, State, Transition};
use regex_automata::util::look::Look;
use regex_automata::util::primitives::StateID;
use std::collections::HashMap;

/// States a cache may hold before it starts anew, of a kilobyte each.
const STATES_MAX: usize = 1_500;
/// States all caches of a thread may hold together.
const STATES_MAX_TOGETHER: usize = 24_000;
/// Bytes, and the end of the shape.
const STEPS: usize = 257;
const END: usize = 256;
const UNKNOWN: u32 = u32::MAX;
const MATCH: u32 = u32::MAX - 1;
const DEAD: u32 = u32::MAX - 2;

/// What was worked out for one pattern, searched for in one way.
#[derive(Default)]
pub(super) struct ReachCache {
    /// `table[state * STEPS + byte]`.
    table: Vec<u32>,
    states: Vec<Reached>,
    known: HashMap<Reached, u32>,
    held: Vec<bool>,
}

/// States before assertions are looked at, and what stands before them.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Reached {
    ids: Box<[StateID]>,
    before: Side,
}

/// What stands beside a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    /// The start or end of the text.
    Edge,
    /// A byte of a word.
    Word,
    /// Another byte.
    Other,
}

impl Side {
    /// All bytes a symbol stands for are of words or none is.
    fn of(byte: usize) -> Self {
        match byte as u8 {
            _ if byte == END => Self::Edge,
            b'_' => Self::Word,
            byte if is_alnum(byte) => Self::Word,
            _ => Self::Other,
        }
    }
}

/// Whether a match may start at `at` of a shape, or anywhere in it.
pub(super) fn may_match(nfa: &NFA, shape: &[u8], at: Option<usize>, cache: &mut ReachCache) -> bool {
    if cache.states.len() > STATES_MAX {
        *cache = ReachCache::default();
    }
    let from = at.unwrap_or(0);
    let before = from.checked_sub(1).map_or(Side::Edge, |at| Side::of(usize::from(shape[at])));
    let mut state = cache.state(Reached { ids: [nfa.start_anchored()].into(), before });
    for byte in shape[from..].iter().map(|&byte| usize::from(byte)).chain([END]) {
        let next = cache.table[state as usize * STEPS + byte];
        state = if next == UNKNOWN { cache.step(nfa, state, byte, at.is_none()) } else { next };
        match state {
            MATCH => return true,
            DEAD => return false,
            _ => {}
        }
    }
    false
}

/// Empties all caches of a thread when they have grown large together.
pub(super) fn tidy(caches: &mut [[ReachCache; 2]]) {
    let held: usize = caches.iter().flatten().map(|cache| cache.states.len()).sum();
    if held > STATES_MAX_TOGETHER {
        caches.iter_mut().flatten().for_each(|cache| *cache = ReachCache::default());
    }
}

impl ReachCache {
    fn state(&mut self, reached: Reached) -> u32 {
        let number = self.states.len() as u32;
        *self.known.entry(reached).or_insert_with_key(|reached| {
            self.states.push(reached.clone());
            self.table.resize(self.table.len() + STEPS, UNKNOWN);
            number
        })
    }

    /// Takes a step that was never taken.
    fn step(&mut self, nfa: &NFA, from: u32, byte: usize, anywhere: bool) -> u32 {
        self.held.resize(nfa.states().len(), false);
        let Reached { ids, before } = self.states[from as usize].clone();
        let set = if byte == END { ByteSet::default() } else { symbol(byte as u8) };
        let (mut stack, mut seen, mut next) = (ids.to_vec(), Vec::new(), Vec::new());
        let mut matched = false;
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut self.held[id.as_usize()], true) {
                continue;
            }
            seen.push(id);
            match nfa.state(id) {
                State::Match { .. } => matched = true,
                State::Union { alternates } => stack.extend(alternates.iter().copied()),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
                State::Capture { next, .. } => stack.push(*next),
                State::Look { look, next } if may_look(*look, before, Side::of(byte)) => stack.push(*next),
                state => behind(state, set, |target| next.push(target)),
            }
        }
        seen.into_iter().for_each(|id| self.held[id.as_usize()] = false);
        if anywhere {
            next.push(nfa.start_anchored());
        }
        next.sort_unstable();
        next.dedup();
        let to = if matched {
            MATCH
        } else if next.is_empty() {
            DEAD
        } else {
            self.state(Reached { ids: next.into(), before: Side::of(byte) })
        };
        self.table[from as usize * STEPS + byte] = to;
        to
    }
}

/// Calls `found` with the states behind a byte of `set`.
fn behind(state: &State, set: ByteSet, mut found: impl FnMut(StateID)) {
    let fits = |step: &Transition| {
        let mut range = ByteSet::default();
        range.insert_range(step.start, step.end);
        !range.and(set).is_empty()
    };
    match state {
        State::ByteRange { trans } if fits(trans) => found(trans.next),
        State::Sparse(sparse) => {
            sparse.transitions.iter().filter(|step| fits(step)).for_each(|step| found(step.next));
        }
        State::Dense(dense) => {
            let targets = set.iter().map(|byte| dense.transitions[usize::from(byte)]);
            targets.filter(|id| *id != StateID::ZERO).for_each(found);
        }
        _ => {}
    }
}

/// Whether an assertion can hold between two sides.
fn may_look(look: Look, before: Side, behind: Side) -> bool {
    let (word_before, word_behind) = (before == Side::Word, behind == Side::Word);
    match look {
        Look::Start => before == Side::Edge,
        Look::End => behind == Side::Edge,
        Look::WordAscii => word_before != word_behind,
        Look::WordAsciiNegate => word_before == word_behind,
        Look::WordStartAscii => !word_before && word_behind,
        Look::WordEndAscii => word_before && !word_behind,
        Look::WordStartHalfAscii => !word_before,
        Look::WordEndHalfAscii => !word_behind,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::compile_nfa;
    use crate::scanner::shape::{HEX_LOWER, HEX_UPPER};

    fn check(pattern: &str, shape: &[u8], at: Option<usize>, expected: bool) {
        let nfa = compile_nfa(pattern).expect("compiles");
        let mut cache = ReachCache::default();
        for _ in 0..2 {
            assert_eq!(may_match(&nfa, shape, at, &mut cache), expected, "{pattern}");
        }
    }

    #[test]
    fn a_digit_of_a_shape_is_any_digit() {
        check(r"\b[1-3]\d{3}\b", b"year 0000.", Some(5), true);
        check(r"\b[1-3]\d{3}\b", b"year 0000.", Some(6), false);
        check(r"\b[1-3]\d{3}\b", b"year 0000.", None, true);
        check(r"\b[1-3]\d{3}\b", b"year 000.", None, false);
        check(r"(?i)\bworker[- ]?\d{4,10}\b", b"[worker-0]", None, false);
        check(r"(?i)\bworker[- ]?\d{4,10}\b", b"[WORKER-0000]", None, true);
    }

    #[test]
    fn hexadecimal_numbers_are_any_of_their_letters_and_digits() {
        check("cafe", &[HEX_LOWER; 4], None, true);
        check("cafe1", &[HEX_LOWER; 4], None, false);
        check("cafg", &[HEX_LOWER; 4], None, false);
        check("CAFE", &[HEX_LOWER; 4], None, false);
        check("^CA0[3-4]$", &[HEX_UPPER; 4], None, true);
        check(r"\bcafe\b", &[b'-', HEX_LOWER, HEX_LOWER, HEX_LOWER, HEX_LOWER], Some(1), true);
    }

    #[test]
    fn ends_and_borders_are_those_of_the_line() {
        check("^ab$", b"ab", None, true);
        check("^ab$", b"ab ", None, false);
        check("^ab", b"ab", Some(0), true);
        check("^b", b"ab", Some(1), false);
        check(r"a\Bb", b"ab", None, true);
        check(r"a\bb", b"ab", None, false);
        check(r"\bb", b"ab", Some(1), false);
        check(r"ab\b", b"xxab", None, true);
    }
}
