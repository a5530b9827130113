//! Numbers whose last digit is a Luhn digit and that have no other structure worth checking.
//!
//! Source: ISO/IEC 7812-1, annex B.

/// Says whether the digits pass Luhn and are not one digit repeated.
pub(super) fn valid(text: &str) -> bool {
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    digits.any(|digit| Some(digit) != first) && luhn::valid(text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("00-000000-000001-8"));
        assert!(!valid("00-000000-000001-7"));
        assert!(!valid("0000"));
        assert!(!valid(""));
    }
}
