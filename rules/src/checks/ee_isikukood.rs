//! Estonian and Lithuanian personal codes: century and sex, birthday, check digit.
//!
//! Source: EVS 585:2007; Lithuanian Gyventojų registro įstatymas: weights 1 … 9 1, and 3 … 9 1 2 3 where
//! the first give 10.

use super::digits;

/// Says whether eleven digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let sum = |weights: [u32; 10]| d.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11;
    let first = sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
    let check = if first == 10 { sum([3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 10 } else { first };
    let (month, day) = (d[3] * 10 + d[4], d[5] * 10 + d[6]);
    (1..=8).contains(&d[0]) && (1..=12).contains(&month) && (1..=31).contains(&day) && check == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("38402290006"));
        assert!(valid("48402290138"));
        assert!(!valid("38402290000"));
        assert!(!valid("3840229000"));
    }
}
