//! Belgian national numbers (Rijksregisternummer) and numbers of the same make for foreigners (BIS).
//!
//! Source: Koninklijk besluit van 3 april 1984: 97 − (nine digits modulo 97), with a 2 before them for
//! people born from 2000; months + 20 or + 40 for BIS numbers.

use super::digits;

/// Says whether eleven digits hold a possible birthday and end in their two check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let number = d[..9].iter().fold(0u64, |sum, &digit| sum * 10 + u64::from(digit));
    let key = u64::from(d[9] * 10 + d[10]);
    let (year, month, day) = (d[0] * 10 + d[1], d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let fits = 97 - number % 97 == key || (year < 50 && 97 - (2_000_000_000 + number) % 97 == key);
    fits && month < 60 && month % 20 <= 12 && day <= 31
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digits_count() {
        assert!(valid("84.02.29-998.07"));
        assert!(valid("04422999002"));
        assert!(!valid("84.02.29-998.00"));
        assert!(!valid("84.02.29-998.0"));
    }
}
