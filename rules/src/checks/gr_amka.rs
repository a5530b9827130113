//! Greek social security numbers (AMKA): birthday and Luhn.
//!
//! Source: Law 3655/2008, IDIKA: day, month and year of birth, four digits, Luhn.

use super::digits;

/// Says whether eleven digits start with a possible birthday and pass Luhn.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
    (1..=31).contains(&day) && (1..=12).contains(&month) && luhn::valid(text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("29028400009"));
        assert!(!valid("29028400000"));
        assert!(!valid("2902840000"));
    }
}
