//! German lifelong physician numbers (LANR): the check digit in seventh place.
//!
//! Source: KBV, Richtlinie nach § 75 Absatz 7 SGB V: weights 4 9 4 9 4 9, modulo 10; the speciality
//! follows.

use super::digits;

/// Says whether nine digits have their check digit in seventh place.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d.iter().zip([4, 9, 4, 9, 4, 9]).map(|(d, w)| d * w).sum();
    sum > 0 && (10 - sum % 10) % 10 == d[6]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("999888199"));
        assert!(!valid("099888199"));
        assert!(!valid("99988819"));
        assert!(!valid("000000099"));
    }
}
