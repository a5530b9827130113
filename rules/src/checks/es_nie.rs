//! Spanish foreigner numbers (NIE): the letter in front stands for a digit, the last is the check letter.
//!
//! Source: Orden INT/2058/2008 and Real Decreto 1553/2005, article 11.

use super::es_nif::letter_fits;

/// Says whether an NIE ends in its check letter.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let [head @ (b'X' | b'Y' | b'Z'), body @ .., last] = code.as_slice() else { return false };
    let mut number = vec![head - b'X' + b'0'];
    number.extend_from_slice(body);
    number.len() == 8 && letter_fits(&number, *last)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        assert!(valid("X1234567L"));
        assert!(valid("x-1234567-l"));
        assert!(!valid("X1234567M"));
        assert!(!valid("W1234567L"));
    }
}
