//! International bank account numbers: structure and the two check digits, not the national part.
//!
//! Source: ISO 13616 and ISO 7064 MOD 97-10, as kept by the `iban_validate` crate.

use iban::BaseIban;

/// Says whether the text, without spaces and dashes, is an IBAN whose check digits fit.
pub(super) fn valid(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '\u{a0}')).collect();
    plain.to_ascii_uppercase().parse::<BaseIban>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_check_digits_count() {
        assert!(valid("GB82 WEST 1234 5698 7654 32"));
        assert!(!valid("GB82 WEST 1234 5698 7654 33"));
        assert!(!valid("GB82"));
    }
}
