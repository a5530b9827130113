//! Hungarian social insurance numbers (TAJ): nine digits.
//!
//! Source: 1996. évi XX. törvény, annex: weights 3 and 7 in turn over eight digits, modulo 10.

use super::digits;

/// Says whether the ninth digit is the check digit of the other eight.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d.iter().zip([3, 7, 3, 7, 3, 7, 3, 7]).map(|(d, w)| d * w).sum();
    d != [0; 9] && sum % 10 == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("111 111 110"));
        assert!(valid("000000017"));
        assert!(!valid("111 111 111"));
        assert!(!valid("000 000 000"));
        assert!(!valid("11111111"));
    }
}
