//! Australian company numbers.
//!
//! Source: Australian Securities and Investments Commission, "Australian Company Number digit check".

use super::{all_same, digits};

/// Says whether nine digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d.iter().zip((1..=8).rev()).map(|(d, w)| d * w).sum();
    !all_same(&d) && (10 - sum % 10) % 10 == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000 000 019"));
        assert!(!valid("000 000 010"));
    }
}
