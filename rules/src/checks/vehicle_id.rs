//! Vehicle identification numbers with a check digit in the ninth place.
//!
//! Source: ISO 3779; 49 CFR 565.15, table of letters, weights and check digit.

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
/// Letters from A with their values; I, O and Q do not occur.
const LETTERS: &[u8; 26] = b"12345678.12345.7.923456789";

/// Says whether seventeen characters, some of them letters, fit their check digit.
pub(super) fn valid(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let values = upper.bytes().map(|byte| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => char::from(LETTERS[usize::from(byte - b'A')]).to_digit(10),
        _ => None,
    });
    let Some(values) = values.collect::<Option<Vec<u32>>>() else { return false };
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    let letters = upper.bytes().filter(u8::is_ascii_alphabetic).count();
    // European makers write Z where they have nothing to say, and no check digit.
    let european = upper.get(3..6) == Some("ZZZ");
    values.len() == 17
        && letters >= 2
        && (european || upper.as_bytes()[8] == b"0123456789X"[(sum % 11) as usize])
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_ninth_place_counts() {
        assert!(valid("1ZZZZ1233A9990001"));
        assert!(!valid("ZZZ000000ZZ000001"));
        assert!(valid("ZZ9ZZZ99ZZZ000001") && !valid("ZZ9ZZY99ZZZ000001"));
        assert!(!valid("11111111111111111"));
    }
}
