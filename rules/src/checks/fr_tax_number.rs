//! French tax numbers of persons (numéro fiscal de référence, SPI): the three-digit key.
//!
//! Source: OECD, Tax identification numbers, France: the first ten digits modulo 511.

use super::digits;

/// Says whether thirteen digits start with 0 to 3 and end in their key.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let number = d.iter().fold(0u64, |sum, &digit| sum * 10 + u64::from(digit));
    d[0] <= 3 && number >= 1000 && number / 1000 % 511 == number % 1000
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_key_counts() {
        assert!(valid("30 00 000 001 250"));
        assert!(!valid("30 00 000 001 251"));
        assert!(!valid("30 00 000 001 25"));
    }
}
