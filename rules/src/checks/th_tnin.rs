//! Thai citizen identification numbers.
//!
//! Source: Department of Provincial Administration, 13-digit population number; check digit modulo 11.

use super::{all_same, digits};

/// Says whether thirteen digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let sum: u32 = d.iter().zip((2..=13).rev()).map(|(d, w)| d * w).sum();
    d[0] != 0 && !all_same(&d) && (11 - sum % 11) % 10 == d[12]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("1100000000016"));
        assert!(!valid("1100000000010"));
        assert!(!valid("1111111111111"));
    }
}
