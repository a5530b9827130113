//! South African identity numbers: a date that exists, a citizenship digit and Luhn.
//!
//! Source: Identification Act 68 of 1997; Department of Home Affairs.

use super::digits;

/// Says whether thirteen digits start with a date of birth and pass Luhn.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let (year, month, day) = (d[0] * 10 + d[1], d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day) && d[10] <= 2 && luhn::valid(text)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn date_and_luhn_count() {
        assert!(valid("0001010000089"));
        assert!(!valid("0001010000080"));
        assert!(!valid("9902300000087"));
    }
}
