//! Spanish social security numbers: province, serial number, two check digits.
//!
//! Source: Orden de 1 de septiembre de 1973 and Tesorería General de la Seguridad Social: modulo 97; a
//! serial number under ten million counts with seven digits.

use super::digits;

/// Says whether twelve digits start with a province and end in their two check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let number = |digits: &[u32]| digits.iter().fold(0u64, |sum, &digit| sum * 10 + u64::from(digit));
    let (province, serial) = (number(&d[..2]), number(&d[2..10]));
    let whole = province * if serial < 10_000_000 { 10_000_000 } else { 100_000_000 } + serial;
    (1..=66).contains(&province) && whole % 97 == number(&d[10..])
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digits_count() {
        assert!(valid("01/00000001/77"));
        assert!(valid("28 98765432 69"));
        assert!(!valid("01/00000001/70"));
        assert!(!valid("01/00000001/7"));
    }
}
