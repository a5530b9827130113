//! Dutch citizen service numbers (BSN): the eleven test.
//!
//! Source: Rijksdienst voor Identiteitsgegevens, Logisch Ontwerp BSN; weights 9 to 2 and −1 modulo 11.

use super::{all_same, digits};

/// Says whether nine digits pass the eleven test.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let sum: u32 = d[..8].iter().zip((2..=9).rev()).map(|(d, w)| d * w).sum();
    !all_same(&d) && sum >= d[8] && (sum - d[8]).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_eleven_test_counts() {
        assert!(valid("111222333"));
        assert!(!valid("111222334"));
        assert!(!valid("000000000"));
    }
}
