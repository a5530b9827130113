//! Greek tax numbers (AFM): the check digit.
//!
//! Source: Law 4174/2013, AADE: weights 256 down to 2, modulo 11, modulo 10.

use super::digits;

/// Says whether nine digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum = d[..8].iter().fold(0, |sum, digit| sum * 2 + digit) * 2;
    sum > 0 && sum % 11 % 10 == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000001008"));
        assert!(!valid("000001000"));
        assert!(!valid("00000100"));
        assert!(!valid("000000000"));
    }
}
