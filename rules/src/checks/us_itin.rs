//! US individual taxpayer identification numbers: group ranges.
//!
//! Source: IRS Publication 1915 and IRM 3.21.263: 9xx, fourth and fifth digit 50–65, 70–88, 90–92, 94–99.

use super::digits;

/// Says whether nine digits are in the ranges of taxpayer numbers.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    d[0] == 9 && matches!(d[3] * 10 + d[4], 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_group_counts() {
        assert!(valid("912-70-1234"));
        assert!(!valid("912-89-1234"));
        assert!(!valid("812-70-1234"));
    }
}
