//! Hungarian tax numbers of persons (adóazonosító jel): the check digit.
//!
//! Source: Law CL of 2017 on the order of taxation, annex 2: weights 1 to 9, modulo 11.

use super::digits;

/// Says whether ten digits start with 8 and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d[..9].iter().zip(1..).map(|(d, w)| d * w).sum();
    d[0] == 8 && sum % 11 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("8000000016"));
        assert!(!valid("8000000010"));
        assert!(!valid("800000001"));
    }
}
