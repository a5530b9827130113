//! German health insurance numbers (unveränderbarer Teil der KVNR): a letter, eight digits, a check digit.
//!
//! Source: § 290 SGB V and its directive: the letter as two digits, weights 1 2 1 2 …, cross sums, modulo
//! 10.

/// Says whether a letter and eight digits are followed by their check digit.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    if code.len() != 10 || !code[0].is_ascii_uppercase() || !code[1..].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let letter = u32::from(code[0] - b'A') + 1;
    let digits = code[1..9].iter().map(|b| u32::from(b - b'0'));
    let sum: u32 = [letter / 10, letter % 10]
        .into_iter()
        .chain(digits)
        .zip([1, 2].into_iter().cycle())
        .map(|(d, w)| d * w / 10 + d * w % 10)
        .sum();
    sum % 10 == u32::from(code[9] - b'0')
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("X000000000"));
        assert!(valid("x000000012"));
        assert!(!valid("X000000001"));
        assert!(!valid("X00000000"));
    }
}
