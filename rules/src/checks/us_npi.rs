//! US national provider identifiers.
//!
//! Source: 45 CFR 162.406; Luhn over the number behind the issuer prefix 80840.

use super::digits;

/// Says whether ten digits start with 1 or 2 and pass Luhn behind the prefix.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    matches!(d[0], 1 | 2) && luhn::valid(&format!("80840{text}"))
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn prefix_and_luhn_count() {
        assert!(valid("2000000002"));
        assert!(!valid("2000000000"));
        assert!(!valid("3000000004"));
    }
}
