//! Ukrainian taxpayer numbers (RNOKPP).
//!
//! Source: State Tax Service, order 822 of 2017; digit modulo 11.

use super::{all_same, digits};

/// Says whether ten digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    // The first weight is -1, which modulo 11 is 10.
    let sum: u32 = d.iter().zip([10, 5, 7, 9, 4, 6, 10, 5, 7]).map(|(d, w)| d * w).sum();
    !all_same(&d) && sum % 11 % 10 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("0000000017"));
        assert!(!valid("0000000010"));
    }
}
