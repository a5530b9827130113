//! Canadian social insurance numbers.
//!
//! Source: Service Canada; Luhn, and no number is issued with a first digit of 0 or 8.

use super::digits;

/// Says whether nine digits are an issued kind of number and pass Luhn.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    !matches!(d[0], 0 | 8) && luhn::valid(&plain)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn luhn_and_first_digit_count() {
        assert!(valid("123 456 782"));
        assert!(!valid("123 456 783"));
        assert!(!valid("046 454 286"), "a first digit that is never issued");
    }
}
