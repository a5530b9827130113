//! Polish business register numbers (REGON) of nine and fourteen digits.
//!
//! Source: Rozporządzenie Rady Ministrów w sprawie rejestru REGON: weights 8 9 2 3 4 5 6 7 and 2 4 8 5 0 9
//! 7 3 6 1 2 4 8, modulo 11, modulo 10.

/// Says whether nine or fourteen digits end in their check digit; of fourteen, the first nine do as well.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u32> = text.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect();
    if !matches!(d.len(), 9 | 14) || d[..8].iter().all(|&digit| digit == 0) {
        return false;
    }
    let sum = |weights: &[u32]| d.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11 % 10;
    sum(&[8, 9, 2, 3, 4, 5, 6, 7]) == d[8]
        && d.get(13).is_none_or(|&last| sum(&[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) == last)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000000017"));
        assert!(valid("00000001700001"));
        assert!(!valid("000000010"));
        assert!(!valid("00000001"));
    }
}
