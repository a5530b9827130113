//! Singapore identity card and foreign identification numbers.
//!
//! Source: Immigration & Checkpoints Authority, series S, T, F, G and M; letter modulo 11.

use super::digits;

const WEIGHTS: [u32; 7] = [2, 7, 6, 5, 4, 3, 2];

/// Says whether seven digits are followed by the letter of their series.
pub(super) fn valid(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let (Some(first), Some(last)) = (upper.bytes().next(), upper.bytes().last()) else { return false };
    let Some(d) = digits::<7>(&upper) else { return false };
    let (offset, letters) = match first {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let sum: u32 = d.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum::<u32>() + offset;
    letters[(sum % 11) as usize] == last
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        assert!(valid("S0000001I"));
        assert!(valid("T0000001E"));
        assert!(!valid("S0000001J"));
        assert!(!valid("A0000001I"));
    }
}
