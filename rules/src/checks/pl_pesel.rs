//! Polish population numbers (PESEL): birthday with century and check digit.
//!
//! Source: Ustawa o ewidencji ludności, article 15; weights 1, 3, 7, 9.

use super::digits;

/// Says whether eleven digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let month = (d[2] * 10 + d[3]) % 20;
    let day = d[4] * 10 + d[5];
    let sum: u32 = d[..10].iter().zip([1, 3, 7, 9].iter().cycle()).map(|(d, w)| d * w).sum();
    (1..=12).contains(&month) && (1..=31).contains(&day) && (10 - sum % 10) % 10 == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("44051401458"));
        assert!(!valid("44051401459"));
        assert!(!valid("11110021111"));
    }
}
