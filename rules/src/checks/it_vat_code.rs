//! Italian VAT numbers (partita IVA): number, province office, Luhn.
//!
//! Source: D.P.R. 633/1972, article 35; Agenzia delle Entrate: offices 001 to 100, 120, 121, 888 and 999.

use super::digits;

/// Says whether eleven digits have the number of an office and pass Luhn.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let office = d[7] * 100 + d[8] * 10 + d[9];
    let given = d[..7].iter().any(|&digit| digit > 0);
    given && matches!(office, 1..=100 | 120 | 121 | 888 | 999) && luhn::valid(text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn office_and_digit_count() {
        assert!(valid("00000010017"));
        assert!(valid("99999998885"));
        assert!(!valid("00000010010"));
        assert!(!valid("0000001001"));
        assert!(!valid("00000000000"));
    }
}
