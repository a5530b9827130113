//! Many rows of byte sets in one automaton: which of them fit at a place, decided in a few steps.

use super::bytes::ByteSet;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// States an automaton may have; when it would grow beyond, it looks at fewer bytes, and the rest of each row
/// is compared one by one.
const STATES_MAX: usize = 40_000;
/// Bytes an automaton looks at.
const DEPTH_MAX: usize = 8;

/// Rows of byte sets, compiled.
pub(super) struct Dfa {
    classes: [u8; 256],
    stride_bits: u32,
    /// `table[state << stride_bits | class]`; states below `first_final` go on.
    table: Vec<u16>,
    first_final: u16,
    /// For each final state from `first_final`: its part of `rows`.
    ends: Vec<(u32, u32)>,
    /// Numbers of the rows that fit so far.
    rows: Vec<u16>,
    /// What is left to compare of each row: sets, and the number of bytes before them.
    rest: Vec<(u8, Box<[ByteSet]>)>,
}

impl Dfa {
    /// Compiles rows; the number of a row is its place in the list.
    pub(super) fn new(rows: &[Vec<ByteSet>]) -> Self {
        let (classes, samples) = classes(rows);
        let stride_bits = samples.len().next_power_of_two().trailing_zeros();
        let (levels, states) = subsets(rows, &classes, samples.len());
        let mut depths = vec![0u8; rows.len()];
        for (at, row) in rows.iter().enumerate() {
            depths[at] = row.len().min(levels) as u8;
        }
        let rest = rows.iter().zip(&depths).map(|(row, &depth)| (depth, row[depth as usize..].into()));
        let mut dfa = Self {
            classes,
            stride_bits,
            table: Vec::new(),
            first_final: states.going_on as u16,
            ends: Vec::new(),
            rows: Vec::new(),
            rest: rest.collect(),
        };
        dfa.table = vec![states.going_on as u16; states.going_on << stride_bits];
        for (from, next) in states.next.iter().enumerate() {
            for (class, &to) in next.iter().enumerate() {
                dfa.table[(from << stride_bits) | class] = to as u16;
            }
        }
        for set in &states.finals {
            let start = dfa.rows.len() as u32;
            dfa.rows.extend_from_slice(set);
            dfa.ends.push((start, dfa.rows.len() as u32));
        }
        dfa
    }

    /// TEMP
    pub(super) fn rows_at(&self, prev: u8, bytes: &[u8]) -> (usize, usize) {
        let mut state = self.start(prev);
        let mut n = 0;
        for &b in bytes { if state >= self.first_final { break; } n += 1; state = self.table[(usize::from(state) << self.stride_bits) | usize::from(self.classes[usize::from(b)])]; }
        if state <= self.first_final { return (0, n); }
        let (a, b) = self.ends[usize::from(state - self.first_final)];
        ((b - a) as usize, n)
    }
    pub(super) fn rows_list(&self, prev: u8, bytes: &[u8]) -> &[u16] {
        let mut state = self.start(prev);
        for &b in bytes { if state >= self.first_final { break; } state = self.table[(usize::from(state) << self.stride_bits) | usize::from(self.classes[usize::from(b)])]; }
        if state <= self.first_final { return &[]; }
        let (a, b) = self.ends[usize::from(state - self.first_final)];
        &self.rows[a as usize..b as usize]
    }
    pub(super) fn depth(&self) -> usize { self.rest.iter().map(|r| r.0 as usize).max().unwrap_or(0) }

    /// Number of states that go on.
    pub(super) fn states(&self) -> usize {
        usize::from(self.first_final)
    }

    /// The state behind the first byte of a row.
    #[inline]
    pub(super) fn start(&self, byte: u8) -> u16 {
        self.table.get(usize::from(self.classes[usize::from(byte)])).copied().unwrap_or(self.first_final)
    }

    /// Goes on from `state` through `bytes`; calls `fits` for each row whose sets all fit. A row longer than
    /// the bytes does not fit.
    #[inline]
    pub(super) fn run(&self, mut state: u16, bytes: &[u8], fits: &mut impl FnMut(u16)) {
        let mut bytes_left = bytes.iter();
        while state < self.first_final {
            let Some(&byte) = bytes_left.next() else {
                // The end of the text: a line feed ends what is open, no row has one inside.
                return self.cut(state, bytes, fits);
            };
            let class = self.classes[usize::from(byte)];
            state = self.table[(usize::from(state) << self.stride_bits) | usize::from(class)];
        }
        if state > self.first_final {
            self.end(state, bytes, fits);
        }
    }

    #[cold]
    fn cut(&self, mut state: u16, bytes: &[u8], fits: &mut impl FnMut(u16)) {
        while state < self.first_final {
            let class = self.classes[usize::from(b'\n')];
            state = self.table[(usize::from(state) << self.stride_bits) | usize::from(class)];
        }
        self.end(state, bytes, fits);
    }

    fn end(&self, state: u16, bytes: &[u8], fits: &mut impl FnMut(u16)) {
        let (start, end) = self.ends[usize::from(state - self.first_final)];
        for &row in &self.rows[start as usize..end as usize] {
            let (depth, rest) = &self.rest[usize::from(row)];
            // The first byte of a row is not among `bytes`.
            let from = usize::from(*depth) - 1;
            let enough = bytes.len() >= from + rest.len();
            if enough && rest.iter().zip(&bytes[from..]).all(|(set, &byte)| set.contains(byte)) {
                fits(row);
            }
        }
    }
}

/// Bytes that no row tells apart have one class; gives a sample byte of each class.
fn classes(rows: &[Vec<ByteSet>]) -> ([u8; 256], Vec<u8>) {
    let mut sets: Vec<ByteSet> = rows.iter().flat_map(|row| row.iter().take(DEPTH_MAX).copied()).collect();
    sets.sort_unstable();
    sets.dedup();
    let mut seen: HashMap<Vec<bool>, u8> = HashMap::new();
    let (mut classes, mut samples) = ([0; 256], Vec::new());
    for byte in 0..=255u8 {
        let key = sets.iter().map(|set| set.contains(byte)).collect();
        classes[usize::from(byte)] = *seen.entry(key).or_insert_with(|| {
            samples.push(byte);
            (samples.len() - 1) as u8
        });
    }
    (classes, samples)
}

struct States {
    going_on: usize,
    next: Vec<Vec<usize>>,
    finals: Vec<Vec<u16>>,
}

#[derive(Clone, Copy)]
enum Slot {
    On(usize),
    Final(usize),
}

/// Numbers sets of rows in the order they come.
#[derive(Default)]
struct Numbered {
    sets: Vec<Vec<u16>>,
    known: HashMap<Vec<u16>, usize>,
}

impl Numbered {
    fn number(&mut self, set: Vec<u16>) -> usize {
        let next = self.sets.len();
        match self.known.entry(set) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(slot) => {
                self.sets.push(slot.key().clone());
                *slot.insert(next)
            }
        }
    }
}

/// Builds the states level by level, as long as there is room; final state 0 is the one in which nothing fits.
fn subsets(rows: &[Vec<ByteSet>], classes: &[u8; 256], count: usize) -> (usize, States) {
    let mut level = vec![(0..rows.len() as u16).collect::<Vec<u16>>()];
    let mut finals = Numbered::default();
    finals.number(Vec::new());
    let mut next: Vec<Vec<Slot>> = Vec::new();
    let mut depth = 0;
    loop {
        let members = members(rows, classes, depth);
        let following = next.len() + level.len();
        let targets: Vec<Vec<Vec<u16>>> = level.iter().map(|set| step(set, &members, count)).collect();
        let mut below = Numbered::default();
        let goes_on = |target: &[u16]| target.iter().any(|&row| rows[usize::from(row)].len() > depth + 1);
        let open: HashSet<&Vec<u16>> = targets.iter().flatten().filter(|target| goes_on(target)).collect();
        // Every state below has final states of its own: there must be room for both.
        let last = depth + 1 == DEPTH_MAX || following + finals.sets.len() + 3 * open.len() > STATES_MAX;
        for targets in targets {
            let slots = targets.into_iter().map(|target| {
                if last || !goes_on(&target) {
                    Slot::Final(finals.number(target))
                } else {
                    Slot::On(following + below.number(target))
                }
            });
            next.push(slots.collect());
        }
        depth += 1;
        if last || below.sets.is_empty() {
            break;
        }
        level = below.sets;
    }
    let going_on = next.len();
    let number = |slot: &Slot| match slot {
        Slot::On(state) => *state,
        Slot::Final(at) => going_on + at,
    };
    let next = next.iter().map(|slots| slots.iter().map(number).collect()).collect();
    (depth, States { going_on, next, finals: finals.sets })
}

/// For each row, the classes of the bytes it allows at a depth; nothing for a row that has ended.
fn members(rows: &[Vec<ByteSet>], classes: &[u8; 256], depth: usize) -> Vec<Option<Vec<u8>>> {
    let of = |set: &ByteSet| {
        let mut all: Vec<u8> = set.iter().map(|byte| classes[usize::from(byte)]).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    rows.iter().map(|row| row.get(depth).map(of)).collect()
}

/// What is left of a set of rows behind each class of bytes.
fn step(set: &[u16], members: &[Option<Vec<u8>>], count: usize) -> Vec<Vec<u16>> {
    let mut targets = vec![Vec::new(); count];
    for &row in set {
        match &members[usize::from(row)] {
            None => targets.iter_mut().for_each(|target| target.push(row)),
            Some(classes) => classes.iter().for_each(|&class| targets[usize::from(class)].push(row)),
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(parts: &[&str]) -> Vec<ByteSet> {
        parts.iter().map(|part| part.bytes().fold(ByteSet::default(), |s, b| s.or(ByteSet::of(b)))).collect()
    }

    fn fitting(rows: &[Vec<ByteSet>], text: &str) -> Vec<u16> {
        let dfa = Dfa::new(rows);
        let mut found = Vec::new();
        let bytes = text.as_bytes();
        dfa.run(dfa.start(bytes[0]), &bytes[1..], &mut |row| found.push(row));
        found
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
    }
}
