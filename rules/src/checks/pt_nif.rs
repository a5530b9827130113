//! Portuguese tax numbers (NIF, NIPC): the check digit.
//!
//! Source: Decreto-Lei 14/2013: weights 9 to 2, modulo 11; 0 stands for 10 and 11.

use super::digits;

/// Says whether nine digits start as a tax number does and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d[..8].iter().zip((2..=9).rev()).map(|(d, w)| d * w).sum();
    let check = 11 - sum % 11;
    let first = matches!((d[0], d[1]), (1..=3 | 5..=9, _) | (4, 5));
    first && (if check > 9 { 0 } else { check }) == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("450000001"));
        assert!(valid("200000004"));
        assert!(!valid("450000000"));
        assert!(!valid("45000000"));
    }
}
