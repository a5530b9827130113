//! Which groups of rows can fit at a place, told from the byte before it and the four from it: a few loads,
//! where the automaton takes a step a byte. Tells more than fit, never fewer.

use super::anchor::share;
use super::bytes::{ANY, ByteSet};
use std::collections::BTreeMap;

/// Bytes looked at.
pub(super) const WINDOW: usize = 5;
/// Groups rows are put into.
pub(super) const GROUPS: usize = 256;
const WORDS: usize = GROUPS / 64;

/// A set of groups.
pub(super) type Groups = [u64; WORDS];

type Head = [ByteSet; WINDOW];

/// For each byte at each place, the groups it allows.
pub(super) struct Filter {
    masks: Box<[[Groups; 256]; WINDOW]>,
}

impl Filter {
    /// Takes rows, and the group each belongs to, below [`GROUPS`].
    pub(super) fn new<'a>(rows: impl Iterator<Item = (&'a [ByteSet], usize)>) -> Self {
        let mut masks = Box::new([[[0; WORDS]; 256]; WINDOW]);
        for (row, group) in rows {
            for (place, set) in masks.iter_mut().zip(head(row)) {
                for byte in set.iter() {
                    place[usize::from(byte)][group / 64] |= 1 << (group % 64);
                }
            }
        }
        Self { masks }
    }

    /// Puts rows into groups that let through as little as they can.
    pub(super) fn grouped(rows: &[Vec<ByteSet>]) -> Self {
        let mut heads: Vec<Head> = rows.iter().map(|row| head(row)).collect();
        heads.sort_unstable();
        heads.dedup();
        let groups = groups(heads);
        Self::new(groups.iter().enumerate().map(|(number, head)| (head.as_slice(), number)))
    }

    /// The groups that a window allows: the byte before the place, then those from it.
    #[allow(clippy::inline_always, reason = "it has to be compiled with the vectors of its caller")]
    #[inline(always)]
    pub(super) fn groups(&self, window: [u8; WINDOW]) -> Groups {
        let allowed: [&Groups; WINDOW] = std::array::from_fn(|at| &self.masks[at][usize::from(window[at])]);
        std::array::from_fn(|word| allowed.iter().fold(u64::MAX, |all, groups| all & groups[word]))
    }
}

/// The first sets of a row; what it does not say can be anything.
fn head(row: &[ByteSet]) -> Head {
    std::array::from_fn(|at| row.get(at).copied().unwrap_or(ANY))
}

/// Joins neighbours, those first whose union lets through the least more, until there are few enough.
fn groups(heads: Vec<Head>) -> Vec<Head> {
    let mut left: BTreeMap<usize, Head> = heads.into_iter().enumerate().collect();
    let cost = |one: &Head, two: &Head| {
        let more = rate(&union(one, two)) - rate(one).max(rate(two));
        // Costs are never negative, and then their bits are in order.
        more.max(0.0).to_bits()
    };
    let mut costs = std::collections::BTreeSet::new();
    for ((at, one), (_, two)) in left.iter().zip(left.iter().skip(1)) {
        costs.insert((cost(one, two), *at));
    }
    while left.len() > GROUPS {
        let Some((_, at)) = costs.pop_first() else { break };
        let Some((next, second)) = left.range(at + 1..).next().map(|(next, head)| (*next, *head)) else {
            continue;
        };
        let first = left[&at];
        let joined = union(&first, &second);
        if let Some((behind, head)) = left.range(next + 1..).next() {
            costs.remove(&(cost(&second, head), next));
            costs.insert((cost(&joined, head), at));
            debug_assert!(*behind > next);
        }
        if let Some((before, head)) = left.range(..at).next_back() {
            costs.remove(&(cost(head, &first), *before));
            costs.insert((cost(head, &joined), *before));
        }
        left.remove(&next);
        left.insert(at, joined);
    }
    left.into_values().collect()
}

fn union(one: &Head, two: &Head) -> Head {
    std::array::from_fn(|at| one[at].or(two[at]))
}

fn rate(head: &Head) -> f64 {
    head.iter().map(|set| share(*set)).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<ByteSet> {
        text.bytes().map(ByteSet::of).collect()
    }

    #[test]
    fn what_a_row_allows_is_let_through_and_little_else() {
        let words: Vec<String> = (0..2_000u32)
            .map(|n| format!(" {}{}", char::from(b'a' + (n % 26) as u8), n * 7919 % 9973 + 1000))
            .collect();
        let filter = Filter::grouped(&words.iter().map(|word| row(word)).collect::<Vec<_>>());
        let fits = |text: &[u8]| filter.groups(std::array::from_fn(|at| text[at])) != [0; WORDS];
        assert!(words.iter().all(|word| fits(word.as_bytes())));
        assert!(!fits(b"-a1000"));
        assert!(!fits(b" ab000"));
    }

    #[test]
    fn a_row_that_is_shorter_than_the_window_says_nothing_of_the_rest() {
        let filter = Filter::grouped(&[row(" id")]);
        assert_ne!(filter.groups(*b" id: "), [0; WORDS]);
        assert_ne!(filter.groups(*b" idea"), [0; WORDS]);
        assert_eq!(filter.groups(*b" i: 1"), [0; WORDS]);
    }
}
