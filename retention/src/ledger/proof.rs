//! Inclusion and consistency proofs of RFC 6962: which subtrees they consist of, and their verification as RFC 9162
//! (2.1.3.2 and 2.1.4.2) spells it out.

use super::tree::{Frontier, Hash, node_hash};
use std::ops::Range;

/// Leaves of the left half: the largest power of two below `size`, which is at least 2.
pub(super) fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The subtrees of an inclusion proof, from the leaf's sibling to the root's child. `index < size`.
pub(super) fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut first, mut end, mut ranges) = (0, size, Vec::new());
    while end - first > 1 {
        let middle = first + split(end - first);
        if index < middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(first..middle);
            first = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The subtrees of a consistency proof between the first `old` leaves and all `size`. `old <= size`.
pub(super) fn consistency_ranges(old: u64, size: u64) -> Vec<Range<u64>> {
    let (mut first, mut end, mut ranges) = (0, size, Vec::new());
    while old > 0 && end != old {
        let middle = first + split(end - first);
        if old <= middle {
            ranges.push(middle..end);
            end = middle;
        } else {
            ranges.push(first..middle);
            first = middle;
        }
    }
    // The old tree's root is known to whoever verifies, unless it had to be taken apart.
    if first > 0 && old != size {
        ranges.push(first..end);
    }
    ranges.reverse();
    ranges
}

/// Checks that the leaf at `index` belongs to the tree of `size` leaves with this `root`.
pub fn verify_inclusion(leaf: &Hash, index: u64, proof: &[Hash], (size, root): (u64, &Hash)) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            climb(&mut at, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Checks that the tree of `new` begins with the leaves of the tree of `old`; both are size and root.
pub fn verify_consistency(old: (u64, &Hash), new: (u64, &Hash), proof: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 || old_size == new_size {
        let same = old_size != new_size || old_root == new_root;
        let empty = old_size != 0 || *old_root == Frontier::default().root();
        return proof.is_empty() && same && empty && old_size <= new_size;
    }
    if old_size > new_size {
        return false;
    }
    // The old root itself opens the path where it is one complete subtree.
    let mut path = old_size.is_power_of_two().then_some(old_root).into_iter().chain(proof);
    let Some(first) = path.next() else { return false };
    let shift = (old_size - 1).trailing_ones();
    let (mut at, mut last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            climb(&mut at, &mut last);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// Skips the levels on which the right edge has no sibling.
fn climb(at: &mut u64, last: &mut u64) {
    while *at & 1 == 0 && *at != 0 {
        (*at, *last) = (*at >> 1, *last >> 1);
    }
}
