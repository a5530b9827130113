//! Slovenian personal numbers (EMŠO): birthday, region, check digit.
//!
//! Source: Zakon o centralnem registru prebivalstva: weights 7 6 5 4 3 2 7 6 5 4 3 2, modulo 11.

use super::digits;

/// Says whether thirteen digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
    let born = (1..=31).contains(&day) && (1..=12).contains(&month) && matches!(d[4], 0 | 8 | 9);
    let sum: u32 = d.iter().zip([7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).map(|(d, w)| d * w).sum();
    born && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("2902984500018"));
        assert!(!valid("2902984500010"));
        assert!(!valid("290298450001"));
    }
}
