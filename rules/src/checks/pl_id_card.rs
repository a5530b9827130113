//! Polish identity card numbers: the check digit behind the three letters.
//!
//! Source: Rozporządzenie w sprawie wzoru dowodu osobistego; letters count 10 to 35, weights 7 3 1 9 7 3 1
//! 7 3, modulo 10.

/// Says whether three letters and six digits fit their check digit.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let shape = code.len() == 9
        && code[..3].iter().all(u8::is_ascii_uppercase)
        && code[3..].iter().all(u8::is_ascii_digit);
    let value = |b: u8| (b as char).to_digit(36).unwrap_or(0);
    let sum: u32 = code.iter().zip([7, 3, 1, 9, 7, 3, 1, 7, 3]).map(|(&b, w)| value(b) * w).sum();
    shape && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("XYZ800000"));
        assert!(!valid("XYZ800001"));
        assert!(!valid("XYZ80000"));
    }
}
