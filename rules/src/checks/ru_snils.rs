//! Russian pension insurance numbers (SNILS).
//!
//! Source: Federal Law 27-FZ of 1996; two check digits modulo 101.

use super::{all_same, digits};

/// Says whether nine digits end in their two check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let sum: u32 = d.iter().zip((1..=9).rev()).map(|(d, w)| d * w).sum();
    !all_same(&d[..9]) && sum % 101 % 100 == d[9] * 10 + d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("999-000-001 15"));
        assert!(!valid("999-000-001 00"));
    }
}
