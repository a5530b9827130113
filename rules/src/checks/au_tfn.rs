//! Australian tax file numbers of nine digits.
//!
//! Source: Australian Taxation Office; weights 1, 4, 3, 7, 5, 8, 6, 9, 10 modulo 11.

use super::{all_same, digits};

/// Says whether nine digits carry the tax file number's checksum.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d.iter().zip([1, 4, 3, 7, 5, 8, 6, 9, 10]).map(|(d, w)| d * w).sum();
    !all_same(&d) && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_checksum_counts() {
        assert!(valid("876 543 210"));
        assert!(!valid("876 543 211"));
        assert!(!valid("000 000 000"));
    }
}
