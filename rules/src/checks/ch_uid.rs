//! Swiss enterprise numbers (UID): `CHE` and nine digits.
//!
//! Source: eCH-0097, data standard UID: weights 5 4 3 2 7 6 5 4, modulo 11.

use super::digits;

/// Says whether the ninth digit is the check digit of the other eight.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d.iter().zip([5, 4, 3, 2, 7, 6, 5, 4, 1]).map(|(d, w)| d * w).sum();
    d != [0; 9] && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("CHE-100.155.212"));
        assert!(valid("CHE-000.000.017"));
        assert!(!valid("CHE-100.155.213"));
        assert!(!valid("CHE-000.000.000"));
    }
}
