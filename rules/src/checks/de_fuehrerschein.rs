//! German driving licence numbers: the check digit in tenth place.
//!
//! Source: FeV Anlage 8: letters count 10 to 35, weights 9 to 1 over the first nine, modulo 11, X for 10.

/// Says whether eleven characters have their check digit in tenth place.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    if code.len() != 11 {
        return false;
    }
    let value = |b: u8| (b as char).to_digit(36).unwrap_or(0);
    let sum: u32 = code.iter().zip((1..=9).rev()).map(|(&b, w)| value(b) * w).sum();
    b"0123456789X"[sum as usize % 11] == code[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("A000EXM0061"));
        assert!(!valid("0000EXM0061"));
        assert!(!valid("A000EXM006"));
    }
}
