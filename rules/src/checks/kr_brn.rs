//! South Korean business registration numbers.
//!
//! Source: National Tax Service, numbering of business registrations; check digit modulo 10.

use super::{all_same, digits};

/// Says whether ten digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d.iter().zip([1, 3, 7, 1, 3, 7, 1, 3, 5]).map(|(d, w)| d * w).sum();
    !all_same(&d) && (10 - (sum + d[8] * 5 / 10) % 10) % 10 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000-00-00015"));
        assert!(!valid("000-00-00010"));
    }
}
