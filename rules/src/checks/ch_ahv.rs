//! Swiss social security numbers (AHV/AVS): country code 756 and the EAN-13 check digit.
//!
//! Source: Central Compensation Office (ZAS/CdC), NAVS13.

use super::digits;

/// Says whether thirteen digits start with 756 and end in the EAN-13 check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<13>(text) else { return false };
    let sum: u32 = d.iter().zip([1, 3].iter().cycle()).map(|(d, w)| d * w).sum();
    d[..3] == [7, 5, 6] && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn prefix_and_digit_count() {
        assert!(valid("756.1234.5678.97"));
        assert!(!valid("756.1234.5678.96"));
        assert!(!valid("757.1234.5678.97"));
    }
}
