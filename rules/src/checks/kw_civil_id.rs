//! Kuwaiti civil numbers: century, birthday, serial, check digit.
//!
//! Source: Public Authority for Civil Information: weights 2 1 6 3 7 9 10 5 8 4 2, modulo 11.

use super::digits;

/// Says whether twelve digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let (month, day) = (d[3] * 10 + d[4], d[5] * 10 + d[6]);
    let sum: u32 = d.iter().zip([2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1]).map(|(d, w)| d * w).sum();
    (1..=3).contains(&d[0]) && (1..=12).contains(&month) && (1..=31).contains(&day) && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("299023000029"));
        assert!(valid("299023000037"));
        assert!(valid("299023000045"));
        assert!(!valid("299023000028"));
        assert!(!valid("299133000029"));
        assert!(!valid("29902300002"));
    }
}
