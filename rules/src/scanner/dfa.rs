//! Many rows of byte sets in one automaton: which of them fit at a place. Its states are made when a text
//! first needs them, a thread for itself: most of the thousands that are possible never occur.

use super::bytes::ByteSet;
use std::collections::HashMap;
use std::sync::Arc;

/// States a cache may hold before it starts anew; and a cache that is one of many.
pub(super) const STATES_MAX: usize = 12_000;
pub(super) const STATES_MAX_OF_MANY: usize = 1_500;
/// A step that was never taken.
const UNKNOWN: u32 = u32::MAX;
/// Marks a state in which nothing is left to compare; the other bits are its number among these.
const FINAL: u32 = 1 << 31;
/// The final state in which no row fits.
const DEAD: u32 = FINAL;

/// Rows of byte sets. Shared between threads.
pub(super) struct Dfa {
    classes: [u8; 256],
    stride_bits: u32,
    rows: Arc<[Box<[ByteSet]>]>,
    symbols: Symbols,
}

/// What a byte of a text stands for: itself, or several.
pub(super) type Symbols = fn(u8) -> ByteSet;

/// The states one thread has met.
#[derive(Default)]
pub(super) struct DfaCache {
    /// `table[state << stride_bits | class]`.
    table: Vec<u32>,
    /// Bytes read, and the rows that fit so far.
    states: Vec<(u16, Box<[u16]>)>,
    finals: Vec<Box<[u16]>>,
    known: HashMap<(u16, Box<[u16]>), u32>,
    known_finals: HashMap<Box<[u16]>, u32>,
}

impl Dfa {
    /// Takes rows; the number of a row is its place in the list.
    pub(super) fn new(rows: &[Vec<ByteSet>]) -> Self {
        Self::of(rows.iter().map(|row| row.as_slice().into()).collect(), ByteSet::of)
    }

    /// The same rows for texts whose bytes stand for sets: a row fits where it may fit.
    pub(super) fn with_symbols(&self, symbols: Symbols) -> Self {
        Self::of(Arc::clone(&self.rows), symbols)
    }

    fn of(rows: Arc<[Box<[ByteSet]>]>, symbols: Symbols) -> Self {
        let (classes, count) = classes(&rows, symbols);
        Self { classes, stride_bits: count.next_power_of_two().trailing_zeros(), rows, symbols }
    }

    /// The sets of a row.
    pub(super) fn row(&self, number: u16) -> &[ByteSet] {
        &self.rows[usize::from(number)]
    }

    /// Reads `first`, then `bytes`; gives the number of the set of rows whose sets all fit, nothing where no row
    /// does. A row longer than the bytes does not fit. Numbers hold until the cache is [emptied](DfaCache::empty).
    #[inline]
    pub(super) fn run(&self, first: u8, bytes: &[u8], cache: &mut DfaCache) -> Option<u32> {
        if cache.states.is_empty() {
            self.start(cache);
        }
        let mut state = self.step(0, first, cache);
        for &byte in bytes {
            if state >= FINAL {
                break;
            }
            state = self.step(state, byte, cache);
        }
        if state < FINAL {
            state = self.cut(state, cache);
        }
        (state > DEAD).then(|| state - FINAL)
    }

    /// The text has ended: what is whole fits, what is not does not.
    #[cold]
    fn cut(&self, state: u32, cache: &mut DfaCache) -> u32 {
        let (read, rows) = &cache.states[state as usize];
        let whole = |&&row: &&u16| self.rows[usize::from(row)].len() <= usize::from(*read);
        let left = rows.iter().filter(whole).copied().collect();
        cache.finish(left)
    }

    #[inline]
    fn step(&self, state: u32, byte: u8, cache: &mut DfaCache) -> u32 {
        let class = u32::from(self.classes[usize::from(byte)]);
        let next = cache.table[((state << self.stride_bits) | class) as usize];
        if next == UNKNOWN { self.make(state, byte, cache) } else { next }
    }

    fn start(&self, cache: &mut DfaCache) {
        *cache = DfaCache::default();
        cache.finals.push(Box::default());
        cache.known_finals.insert(Box::default(), DEAD);
        cache.states.push((0, (0..self.rows.len() as u16).collect()));
        cache.table.resize(1 << self.stride_bits, UNKNOWN);
    }

    /// Makes the state behind a step that was never taken.
    #[cold]
    #[inline(never)]
    fn make(&self, state: u32, byte: u8, cache: &mut DfaCache) -> u32 {
        let (read, rows) = &cache.states[state as usize];
        let (read, depth) = (*read + 1, usize::from(*read));
        let row = |&row: &u16| &self.rows[usize::from(row)];
        let symbol = (self.symbols)(byte);
        let fitting = |r: &&u16| row(r).get(depth).is_none_or(|set| !set.and(symbol).is_empty());
        let left: Box<[u16]> = rows.iter().filter(fitting).copied().collect();
        let next = if left.iter().all(|r| row(r).len() <= depth + 1) {
            cache.finish(left)
        } else {
            let number = cache.states.len() as u32;
            let stride = 1 << self.stride_bits;
            *cache.known.entry((read, left)).or_insert_with_key(|key| {
                cache.states.push(key.clone());
                cache.table.resize(cache.table.len() + stride, UNKNOWN);
                number
            })
        };
        let class = u32::from(self.classes[usize::from(byte)]);
        cache.table[((state << self.stride_bits) | class) as usize] = next;
        next
    }
}

impl DfaCache {
    /// Whether it has grown so large that it should be emptied.
    pub(super) fn is_full(&self, states_max: usize) -> bool {
        self.states.len() >= states_max
    }

    /// Forgets all states; numbers given before mean nothing any more.
    pub(super) fn empty(&mut self) {
        *self = Self::default();
    }

    /// The rows of a set.
    pub(super) fn rows(&self, set: u32) -> &[u16] {
        &self.finals[set as usize]
    }

    fn finish(&mut self, left: Box<[u16]>) -> u32 {
        let number = FINAL | self.finals.len() as u32;
        *self.known_finals.entry(left).or_insert_with_key(|left| {
            self.finals.push(left.clone());
            number
        })
    }
}

/// Bytes that no row tells apart have one class; gives the number of classes.
fn classes(rows: &[Box<[ByteSet]>], symbols: Symbols) -> ([u8; 256], usize) {
    let mut sets: Vec<ByteSet> = rows.iter().flat_map(|row| row.iter().copied()).collect();
    sets.sort_unstable();
    sets.dedup();
    let mut seen: HashMap<Vec<bool>, u8> = HashMap::new();
    let mut classes = [0; 256];
    for byte in 0..=255u8 {
        let next = seen.len() as u8;
        let key = sets.iter().map(|set| !set.and(symbols(byte)).is_empty()).collect();
        classes[usize::from(byte)] = *seen.entry(key).or_insert(next);
    }
    (classes, seen.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(parts: &[&str]) -> Vec<ByteSet> {
        parts.iter().map(|part| part.bytes().fold(ByteSet::default(), |s, b| s.or(ByteSet::of(b)))).collect()
    }

    fn fitting(rows: &[Vec<ByteSet>], text: &str) -> Vec<u16> {
        let (dfa, mut cache) = (Dfa::new(rows), DfaCache::default());
        let bytes = text.as_bytes();
        let mut runs = (0..2).map(|_| {
            let set = dfa.run(bytes[0], &bytes[1..], &mut cache);
            set.map(|set| cache.rows(set).to_vec()).unwrap_or_default()
        });
        let first = runs.next().expect("two runs");
        assert_eq!(Some(&first), runs.next().as_ref(), "states that are known tell the same");
        first
    }

    #[test]
    fn every_row_that_fits_is_told_and_no_other() {
        let digits = "0123456789";
        let rows = [
            row(&[" ", "a", "b"]),
            row(&[" ", "aA"]),
            row(&[" ", digits, digits, digits, "-", digits, digits, "-", digits, digits, digits]),
            row(&["("]),
        ];
        assert_eq!(fitting(&rows, " abc"), [0, 1]);
        assert_eq!(fitting(&rows, " Ab"), [1]);
        assert_eq!(fitting(&rows, " ab"), [0, 1]);
        assert_eq!(fitting(&rows, " a"), [1]);
        assert_eq!(fitting(&rows, " 123-45-678"), [2]);
        assert!(fitting(&rows, " 123-45-67").is_empty());
        assert_eq!(fitting(&rows, "(x"), [3]);
        assert!(fitting(&rows, "x").is_empty());
        assert!(fitting(&[], "x").is_empty());
    }
}
