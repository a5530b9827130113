//! Romanian personal codes (CNP): sex and century, birthday, county, check digit.
//!
//! Source: Legea 105/1996; H.G. 64/2011: weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, 1 for 10.

use super::digits;

/// Says whether thirteen digits hold a possible birthday, a county and their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let (month, day, county) = (d[3] * 10 + d[4], d[5] * 10 + d[6], d[7] * 10 + d[8]);
    let born = d[0] > 0 && (1..=12).contains(&month) && (1..=31).contains(&day);
    let sum: u32 = d.iter().zip([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]).map(|(d, w)| d * w).sum();
    let check = if sum % 11 == 10 { 1 } else { sum % 11 };
    born && matches!(county, 1..=52 | 70 | 80..=83) && check == d[12]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_county_and_digit_count() {
        assert!(valid("1840229520006"));
        assert!(!valid("1840229520000"));
        assert!(!valid("184022952000"));
    }
}
