//! Kazakh individual identification numbers: birthday, century and sex, check digit.
//!
//! Source: Law 233-III of 2007: weights 1 to 11 modulo 11, and 3 to 11, 1, 2 where the first give 10.

use super::digits;

/// Says whether twelve digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let sum = |weights: [u32; 11]| d.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11;
    let first = sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let check = if first == 10 { sum([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) } else { first };
    let (month, day) = (d[2] * 10 + d[3], d[4] * 10 + d[5]);
    (1..=12).contains(&month) && (1..=31).contains(&day) && d[6] <= 6 && check == d[11]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("990230300015"));
        assert!(valid("990230300025"));
        assert!(valid("990230300035"));
        assert!(!valid("990230300016"));
        assert!(!valid("991330300015"));
        assert!(!valid("99023030001"));
    }
}
