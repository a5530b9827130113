//! Values found somewhere, looked for everywhere: an index of token hashes that holds no plain text.
//!
//! Used twice: what one file of a bundle gives away is found in the others, and the verifier looks for
//! every value that was found in every output.

use crate::hashed::{Filter, HashBuilder, PRIME};
use crate::{EntityId, fold, tokens};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

/// Bytes of punctuation and space that may stand between two tokens of one value.
const GAP_MAX: usize = 4;
/// Tokens a value may have at most; longer ones are indexed by their first so many.
const TOKENS_MAX: usize = 24;

/// One indexed value: how many tokens it has, and what it stands for.
#[derive(Debug, Clone, Copy)]
struct Entry {
    tokens: u8,
    entity: EntityId,
    identity: u128,
}

/// Collects values.
#[derive(Debug, Default, Clone)]
pub struct ValueIndexBuilder {
    seed: u64,
    entries: HashMap<(u64, u64), (Entry, u64), HashBuilder>,
}

/// Finds values in text, on word borders, whatever their case, accents and punctuation.
#[derive(Debug, Default)]
pub struct ValueIndex {
    seed: u64,
    /// For the hash of a first token, which numbers of tokens its values have: one bit each.
    heads: HashMap<u64, u32, HashBuilder>,
    /// By the hash of all tokens and their number.
    entries: HashMap<u64, Entry, HashBuilder>,
    filter: Filter,
}

/// A value that was found: half-open bytes of the text that was searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueHit {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What the value is.
    pub entity: EntityId,
    /// Whom or what it denotes.
    pub identity: u128,
}

impl ValueIndexBuilder {
    /// Starts an empty index; the seed keeps its hashes from being compared with another run's.
    pub fn new(seed: u64) -> Self {
        Self { seed, entries: HashMap::default() }
    }

    /// Adds a value. Of two with the same tokens the one with the higher `rank` names the entity; ties go
    /// to the smaller identity, so that the order of adding does not count.
    pub fn add(&mut self, value: &str, entity: EntityId, identity: u128, rank: u64) {
        let mut hashes = tokens(value).take(TOKENS_MAX).map(|(s, e)| token_hash(self.seed, &value[s..e]));
        let Some(head) = hashes.next() else { return };
        let (mut hash, mut count) = (head, 1u8);
        for next in hashes {
            hash = combine(hash, next);
            count += 1;
        }
        let entry = Entry { tokens: count, entity, identity };
        let slot = self.entries.entry((head, hash)).or_insert((entry, rank));
        let better = (rank, Reverse(identity)) > (slot.1, Reverse(slot.0.identity));
        if better {
            *slot = (entry, rank);
        }
    }

    /// Takes over the values of another builder with the same seed.
    pub fn merge(&mut self, other: Self) {
        for (key, (entry, rank)) in other.entries {
            let slot = self.entries.entry(key).or_insert((entry, rank));
            if (rank, Reverse(entry.identity)) > (slot.1, Reverse(slot.0.identity)) {
                *slot = (entry, rank);
            }
        }
    }

    /// Number of distinct values.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Makes the index.
    pub fn build(self) -> ValueIndex {
        let mut index = ValueIndex { seed: self.seed, ..ValueIndex::default() };
        index.absorb(self);
        index
    }
}

impl ValueIndex {
    /// Takes over the values of a builder with the same seed; values it has already keep their meaning.
    pub fn absorb(&mut self, builder: ValueIndexBuilder) {
        if self.entries.is_empty() {
            self.seed = builder.seed;
        }
        for ((head, hash), (entry, _)) in builder.entries {
            let slot = self.entries.entry(entry_key(hash, entry.tokens as usize));
            if let Slot::Vacant(slot) = slot {
                slot.insert(entry);
                *self.heads.entry(head).or_default() |= 1 << entry.tokens;
                if !self.filter.insert(head) {
                    self.filter = Filter::new(self.heads.keys().copied());
                }
            }
        }
    }

    /// Number of distinct values.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Calls `hit` for every value in the text, longest first at each word, without overlaps.
    pub fn find(&self, text: &str, hit: &mut dyn FnMut(ValueHit)) {
        if self.entries.is_empty() {
            return;
        }
        let mut free_from = 0;
        for (start, end) in tokens(text) {
            let hash = token_hash(self.seed, &text[start..end]);
            if start < free_from || !self.filter.may_hold(hash) {
                continue;
            }
            let Some(&counts) = self.heads.get(&hash) else { continue };
            if let Some((entry, end)) = self.longest(counts, text, (hash, end)) {
                hit(ValueHit { start, end, entity: entry.entity, identity: entry.identity });
                free_from = end;
            }
        }
    }

    /// The value with the most tokens that starts with the token that ends at `end`.
    fn longest(&self, counts: u32, text: &str, (head, end): (u64, usize)) -> Option<(&Entry, usize)> {
        let most = counts.ilog2() as usize;
        let mut reached = [(head, end); TOKENS_MAX];
        let mut count = 1;
        for (start, stop) in tokens(&text[end..]).take(most - 1).map(|(s, e)| (s + end, e + end)) {
            let (hash, last) = reached[count - 1];
            if start - last > GAP_MAX || text[last..start].contains('\n') {
                break;
            }
            reached[count] = (combine(hash, token_hash(self.seed, &text[start..stop])), stop);
            count += 1;
        }
        (1..=count).rev().filter(|count| counts & (1 << count) != 0).find_map(|count| {
            let (hash, end) = reached[count - 1];
            Some((self.entries.get(&entry_key(hash, count))?, end))
        })
    }
}

fn entry_key(hash: u64, tokens: usize) -> u64 {
    combine(hash, tokens as u64)
}

fn combine(left: u64, right: u64) -> u64 {
    (left.rotate_left(23) ^ right).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn token_hash(seed: u64, token: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    let mut step = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    if token.is_ascii() {
        token.bytes().for_each(|b| step(b.to_ascii_lowercase()));
    } else {
        fold(token).bytes().for_each(step);
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(values: &[&str], text: &str) -> Vec<String> {
        let mut builder = ValueIndexBuilder::new(7);
        for (at, value) in values.iter().enumerate() {
            builder.add(value, EntityId(0), at as u128, 1);
        }
        let mut found = Vec::new();
        builder.build().find(text, &mut |hit| found.push(text[hit.start..hit.end].to_owned()));
        found
    }

    #[test]
    fn values_are_found_on_word_borders_in_any_dress() {
        assert_eq!(
            hits(&["Jane Doe"], "by JANE  DOE; Jane_Doé, Mary-Jane Doering"),
            ["JANE  DOE", "Jane_Doé"]
        );
        assert_eq!(hits(&["a.b@example.org"], "<a.b@example.org>"), ["a.b@example.org"]);
        assert_eq!(hits(&["85,000"], "85.000 and 85,0001"), ["85.000"]);
    }

    #[test]
    fn values_that_begin_alike_are_told_apart() {
        let values: Vec<String> = (0..3_000).map(|n| format!("+1 555 {:03} {n:04}", n % 900)).collect();
        let mut index = ValueIndex::default();
        for chunk in values.chunks(70) {
            let mut builder = ValueIndexBuilder::new(7);
            chunk.iter().for_each(|value| builder.add(value, EntityId(0), value.len() as u128, 1));
            index.absorb(builder);
        }
        assert_eq!(index.len(), 3_000);
        for value in &values {
            let mut found = 0;
            index.find(&format!("call {value} now"), &mut |_| found += 1);
            assert_eq!(found, 1, "{value}");
        }
    }

    #[test]
    fn the_longest_value_wins() {
        assert_eq!(
            hits(&["Jane", "Jane Ann Doe", "Jane Ann"], "Jane Ann Doe and Jane Ann"),
            ["Jane Ann Doe", "Jane Ann"]
        );
    }
}
