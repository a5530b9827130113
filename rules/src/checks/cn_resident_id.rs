//! Chinese resident identity numbers.
//!
//! Source: GB 11643-1999; check character after ISO 7064, MOD 11-2.

use super::letters_and_digits;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Says whether seventeen digits end in their check character, `0` to `9` or `X`.
pub(super) fn valid(text: &str) -> bool {
    let code = letters_and_digits(text);
    let Some((&last, head)) = code.split_last() else { return false };
    if head.len() != WEIGHTS.len() || !head.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = head.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    b"10X98765432"[(sum % 11) as usize] == last
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_character_counts() {
        assert!(valid("990000199902300011"));
        assert!(!valid("990000199902300010"));
    }
}
