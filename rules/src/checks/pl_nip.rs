//! Polish tax numbers (NIP): the check digit.
//!
//! Source: Ustawa o zasadach ewidencji i identyfikacji podatników: weights 6 5 7 2 3 4 5 6 7, modulo 11.

use super::digits;

/// Says whether ten digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d.iter().zip([6, 5, 7, 2, 3, 4, 5, 6, 7]).map(|(d, w)| d * w).sum();
    sum > 0 && sum % 11 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000-000-01-29"));
        assert!(!valid("000-000-01-20"));
        assert!(!valid("000-000-01-2"));
        assert!(!valid("0000000000"));
    }
}
