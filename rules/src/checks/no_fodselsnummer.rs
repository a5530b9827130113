//! Norwegian birth numbers and D numbers: birthday and two check digits.
//!
//! Source: Folkeregisterforskriften § 2-2-1; Skatteetaten: two sums divisible by 11; day + 40 for D
//! numbers, months + 40, + 65 or + 80 for auxiliary and test numbers.

use super::digits;

/// Says whether eleven digits hold a possible birthday and end in both check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
    let born = matches!(day, 1..=31 | 41..=71) && matches!(month, 1..=12 | 41..=52 | 66..=77 | 81..=92);
    let fits = |weights: &[u32]| d.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>().is_multiple_of(11);
    born && fits(&[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) && fits(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digits_count() {
        assert!(valid("29028499017"));
        assert!(valid("698284 99076"));
        assert!(!valid("29028499010"));
        assert!(!valid("2902849901"));
    }
}
