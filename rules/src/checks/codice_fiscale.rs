//! Italian tax codes (codice fiscale) of persons: the check letter.
//!
//! Source: Ministero delle Finanze, D.M. 23 December 1976 and 12 March 1974, tables of odd and even values.

use super::letters_and_digits;

/// Values of `0`–`9` and `A`–`J` on odd places, and of the other letters behind them.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Says whether sixteen characters end in their check letter.
pub(super) fn valid(text: &str) -> bool {
    let code = letters_and_digits(text);
    let Some((last, head)) = code.split_last() else { return false };
    if head.len() != 15 || !head.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let sum: u32 = head.iter().enumerate().map(|(at, &byte)| value(at, byte)).sum();
    u32::from(*last) == u32::from(b'A') + sum % 26
}

fn value(at: usize, byte: u8) -> u32 {
    let index = u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' });
    if at.is_multiple_of(2) { ODD[index as usize] } else { index }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_letter_counts() {
        assert!(valid("RSSMRA85T10A562S"));
        assert!(valid("rssmra85t10a562s"));
        assert!(!valid("RSSMRA85T10A562T"));
        assert!(!valid("RSSMRA85T10A562"));
    }
}
