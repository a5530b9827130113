//! Spanish identity numbers (DNI/NIF) of persons: the check letter.
//!
//! Source: Real Decreto 1553/2005, article 11: the number modulo 23 selects the letter.

const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Says whether seven or eight digits are followed by their check letter.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    code.split_last()
        .is_some_and(|(last, number)| matches!(number.len(), 7 | 8) && letter_fits(number, *last))
}

/// Says whether `last` is the check letter of the digits.
pub(super) fn letter_fits(number: &[u8], last: u8) -> bool {
    number.iter().all(u8::is_ascii_digit)
        && LETTERS[number.iter().fold(0, |sum, b| (sum * 10 + usize::from(b - b'0')) % 23)] == last
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        assert!(valid("12345678Z"));
        assert!(valid("12.345.678-z"));
        assert!(!valid("12345678A"));
        assert!(!valid("123456Z"));
    }
}
