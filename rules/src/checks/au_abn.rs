//! Australian business numbers.
//!
//! Source: Australian Business Register, "Format of the ABN"; weighted sum modulo 89.

use super::digits;

/// Says whether eleven digits, the first less one, weigh a multiple of 89.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let sum: u32 = d.iter().zip([10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).map(|(d, w)| d * w).sum();
    d[0] != 0 && (sum - 10).is_multiple_of(89)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_sum_counts() {
        assert!(valid("10 000 000 000"));
        assert!(!valid("00000000000"));
        assert!(!valid("00000000000"));
    }
}
