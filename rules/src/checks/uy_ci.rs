//! Uruguayan identity card numbers: seven digits and a check digit.
//!
//! Source: Dirección Nacional de Identificación Civil: weights 2 9 8 7 6 3 4, modulo 10.

use super::{all_same, digits};

/// Says whether the eighth digit is the check digit of the other seven.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<8>(text) else { return false };
    let sum: u32 = d.iter().zip([2, 9, 8, 7, 6, 3, 4, 1]).map(|(d, w)| d * w).sum();
    !all_same(&d) && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("1.234.567-2"));
        assert!(valid("0000001-6"));
        assert!(!valid("1.234.567-3"));
        assert!(!valid("0000000-0"));
        assert!(!valid("123456-2"));
    }
}
