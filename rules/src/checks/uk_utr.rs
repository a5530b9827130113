//! UK unique taxpayer references: the check digit in first place.
//!
//! Source: HMRC, specification of UTR validation: weights 6 7 8 9 10 5 4 3 2, modulo 11.

use super::digits;

/// Says whether ten digits start with their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d[1..].iter().zip([6, 7, 8, 9, 10, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
    [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1][sum as usize % 11] == d[0]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("9000000001"));
        assert!(!valid("9000000000"));
        assert!(!valid("900000000"));
    }
}
