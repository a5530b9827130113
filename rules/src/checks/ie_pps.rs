//! Irish personal public service numbers: the check letter.
//!
//! Source: Social Welfare Consolidation Act 2005, Department of Social Protection: weights 8 to 2 and 9 for
//! the second letter, modulo 23.

/// Says whether seven digits are followed by their check letter, and perhaps by a second letter.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    if !matches!(code.len(), 8 | 9) || !code[..7].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let second = match code.get(8) {
        None | Some(b'W') => 0,
        Some(letter @ b'A'..=b'I') => usize::from(letter - b'A') + 1,
        Some(_) => return false,
    };
    let sum: usize = code[..7].iter().zip((2..=8).rev()).map(|(b, w)| usize::from(b - b'0') * w).sum();
    b"WABCDEFGHIJKLMNOPQRSTUV"[(sum + second * 9) % 23] == code[7]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        assert!(valid("0000001B"));
        assert!(valid("0000002MA"));
        assert!(!valid("0000001A"));
        assert!(!valid("0000001"));
        assert!(!valid("0000001TX"));
    }
}
