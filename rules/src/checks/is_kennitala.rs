//! Icelandic identification numbers (kennitala): day, check digit, century.
//!
//! Source: Þjóðskrá Íslands: weights 3 2 7 6 5 4 3 2 modulo 11 over eight digits; the tenth digit is the
//! century. The day of a company is 40 more.

use super::digits;

/// Says whether ten digits hold a possible day and their ninth is the check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
    let sum: u32 = d.iter().zip([3, 2, 7, 6, 5, 4, 3, 2, 1]).map(|(d, w)| d * w).sum();
    matches!(day, 1..=31 | 41..=71)
        && (1..=12).contains(&month)
        && matches!(d[9], 0 | 8 | 9)
        && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn day_and_digit_count() {
        assert!(valid("120174-3399"));
        assert!(valid("3002991139"));
        assert!(!valid("120174-3389"));
        assert!(!valid("990174-3399"));
        assert!(!valid("120174-3391"));
    }
}
