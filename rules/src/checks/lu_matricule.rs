//! Luxembourg identification numbers (matricule): birthday, serial number, Luhn and Verhoeff digits.
//!
//! Source: Règlement grand-ducal du 21 novembre 2013; both check digits are of the first eleven digits.

use super::digits;

/// Permutation of the Verhoeff digit's first step; later steps repeat it.
const PERMUTE: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Says whether thirteen digits hold a possible birthday and end in both check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let year = d[..4].iter().fold(0, |sum, digit| sum * 10 + digit);
    let (month, day) = (d[4] * 10 + d[5], d[6] * 10 + d[7]);
    let born = (1850..=2049).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let verhoeff = d[..11].iter().rev().enumerate().fold(d[12], |sum, (at, &digit)| {
        let permuted = (0..=at % 8).fold(digit, |digit, _| PERMUTE[digit as usize]);
        multiply(sum, permuted)
    });
    born && luhn::valid(&plain[..12]) && verhoeff == 0
}

/// Multiplies in the dihedral group D5.
fn multiply(left: u32, right: u32) -> u32 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digits_count() {
        assert!(valid("1984022900037"));
        assert!(!valid("1984022900030"));
        assert!(!valid("198402290003"));
    }
}
