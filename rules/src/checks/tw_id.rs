//! Taiwanese identity card and residence numbers.
//!
//! Source: Ministry of the Interior; the letter of the place counts as two digits, sum modulo 10.

use super::letters_and_digits;

/// Letters in the order of their numbers, which start with 10.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";

/// Says whether a letter and nine places weigh a multiple of ten.
pub(super) fn valid(text: &str) -> bool {
    let code = letters_and_digits(text);
    let Some((first, rest)) = code.split_first() else { return false };
    let number = |byte: &u8| LETTERS.iter().position(|b| b == byte).map(|at| at as u32 + 10);
    let Some(place) = number(first).filter(|_| rest.len() == 9) else { return false };
    let mut sum = place / 10 + place % 10 * 9;
    for (byte, weight) in rest.iter().zip([8, 7, 6, 5, 4, 3, 2, 1, 1]) {
        let value = if byte.is_ascii_digit() { Some(u32::from(byte - b'0')) } else { number(byte) };
        let Some(value) = value else { return false };
        sum += value % 10 * weight;
    }
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_sum_counts() {
        assert!(valid("Z100000002"));
        assert!(!valid("Z100000000"));
        assert!(!valid("1234567890"));
    }
}
