//! Iranian national codes: nine digits and a check digit.
//!
//! Source: Civil registration organisation of Iran: weights 10 to 2, modulo 11.

use super::{all_same, digits};

/// Says whether the tenth digit is the check digit of the other nine.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let rest = d.iter().zip([10, 9, 8, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum::<u32>() % 11;
    !all_same(&d) && d[9] == if rest < 2 { rest } else { 11 - rest }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("0000000019"));
        assert!(valid("0000000027"));
        assert!(valid("0000000035"));
        assert!(!valid("0000000018"));
        assert!(!valid("1111111111"));
        assert!(!valid("000000001"));
    }
}
