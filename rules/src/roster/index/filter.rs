//! A filter that says no before the table is touched: one word of memory a question, four bits in it. It may say
//! yes too often, never too seldom.

/// Makes a filter of hashes with so many bits for each; at least one word.
pub(crate) fn make(hashes: &[u64], bits_each: usize) -> Vec<u64> {
    let mut words = vec![0; (hashes.len() * bits_each / 64).max(1)];
    for &hash in hashes {
        let (at, bits) = place(hash, words.len());
        words[at] |= bits;
    }
    words
}

/// Whether the hash may be in the filter.
#[inline]
pub(crate) fn may_hold(words: &[u64], hash: u64) -> bool {
    let (at, bits) = place(hash, words.len());
    words.get(at).is_some_and(|word| word & bits == bits)
}

#[inline]
fn place(hash: u64, words: usize) -> (usize, u64) {
    let at = ((hash >> 32) * words as u64) >> 32;
    let bits = 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63) | 1 << (hash >> 18 & 63);
    (at as usize, bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_holds_what_was_put_in_and_little_else() {
        let hash = |n: u64| {
            n.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        };
        let hashes: Vec<u64> = (0..20_000).map(hash).collect();
        let filter = make(&hashes, 16);
        assert!(hashes.iter().all(|&h| may_hold(&filter, h)));
        let wrong = (20_000..40_000).filter(|&n| may_hold(&filter, hash(n))).count();
        assert!(wrong < 400, "{wrong} of 20,000");
        assert!(!may_hold(&make(&[], 16), 7));
        assert!(!may_hold(&[], 7));
    }
}
