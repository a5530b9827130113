//! Tables keyed by hashes: no second hashing, and a filter that says no before the table is touched.

use std::hash::{BuildHasherDefault, Hasher};

/// Prime of the FNV-1a hash over 64 bits.
pub(crate) const PRIME: u64 = 0x0100_0000_01b3;
/// Bits of a filter for every hash in it.
const BITS_PER_HASH: usize = 16;

/// Hands hashes through: they are hashes already.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct PassThrough(u64);

impl Hasher for PassThrough {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
    fn write_u128(&mut self, value: u128) {
        self.0 = value as u64;
    }
}

/// For maps whose keys are hashes.
pub(crate) type HashBuilder = BuildHasherDefault<PassThrough>;

/// A set of hashes that may hold too much, never too little.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    bits: Vec<u64>,
    room: usize,
}

impl Filter {
    /// A filter of all these hashes, with room for as many more.
    pub(crate) fn new(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let words = (hashes.len() * 2 * BITS_PER_HASH / 64).next_power_of_two().max(16);
        let room = (words * 64 / BITS_PER_HASH).saturating_sub(hashes.len());
        let mut filter = Self { bits: vec![0; words], room };
        hashes.for_each(|hash| filter.set(hash));
        filter
    }

    /// Adds a hash; `false` when there was no room: a new filter has to be made of all hashes.
    #[must_use]
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        if self.room == 0 {
            return false;
        }
        self.room -= 1;
        self.set(hash);
        true
    }

    /// Whether the hash may be in it; false is certain.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits.get(word).is_some_and(|bits| bits & bit != 0)
    }

    fn set(&mut self, hash: u64) {
        let (word, bit) = self.place(hash);
        self.bits[word] |= bit;
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let mixed = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed >> 32) as usize & self.bits.len().wrapping_sub(1), 1 << (mixed >> 58))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_holds_what_was_put_in_and_little_else() {
        let hashes: Vec<u64> = (0..10_000u64).map(|n| n.wrapping_mul(0xd134_2543_de82_ef95)).collect();
        let filter = Filter::new(hashes.iter().copied());
        assert!(hashes.iter().all(|&hash| filter.may_hold(hash)));
        let wrong = hashes.iter().filter(|&&hash| filter.may_hold(hash ^ 0x5555)).count();
        assert!(wrong < 1_500, "{wrong} of 10,000");
        assert!(!Filter::default().may_hold(7));
    }

    #[test]
    fn a_filter_grows_only_when_it_is_full() {
        let (mut filter, mut held, mut rebuilt) = (Filter::default(), Vec::new(), 0);
        for hash in (0..5_000u64).map(|n| n.wrapping_mul(0xd134_2543_de82_ef95)) {
            held.push(hash);
            if !filter.insert(hash) {
                filter = Filter::new(held.iter().copied());
                rebuilt += 1;
            }
        }
        assert!(held.iter().all(|&hash| filter.may_hold(hash)));
        assert!(rebuilt < 12, "{rebuilt}");
    }
}
