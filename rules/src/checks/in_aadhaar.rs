//! Indian Aadhaar numbers: twelve digits with a Verhoeff check digit.
//!
//! Source: UIDAI, "A UID Numbering Scheme" (2010); J. Verhoeff, Error Detecting Decimal Codes (1969).

use super::digits;

/// Multiplication in the dihedral group D5.
const MULTIPLY: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// Permutation a place.
const PERMUTE: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/// Says whether twelve digits start with 2–9 and end in their Verhoeff digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let sum = d.iter().rev().enumerate().fold(0u8, |sum, (at, &digit)| {
        MULTIPLY[usize::from(sum)][usize::from(PERMUTE[at % 8][digit as usize])]
    });
    d[0] >= 2 && sum == 0
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("4001 2345 6787"));
        assert!(!valid("4001 2345 6788"));
        assert!(!valid("0001 2345 6787"));
    }
}
