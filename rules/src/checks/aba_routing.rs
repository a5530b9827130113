//! ABA routing transit numbers of US banks: prefix range and checksum, not whether the bank exists.
//!
//! Source: American Bankers Association, Routing Number Policy; weights 3, 7, 1.

use super::digits;

/// Says whether nine digits have a Federal Reserve prefix and a checksum that fits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let prefix = d[0] * 10 + d[1];
    let known = matches!(prefix, 1..=12 | 21..=32 | 61..=72 | 80);
    let sum = 3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + d[2] + d[5] + d[8];
    known && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn weights_and_prefix_count() {
        assert!(valid("0110-0001-5"));
        assert!(valid("021000021"));
        assert!(!valid("021000022"));
        assert!(!valid("500000005"));
        assert!(!valid("02100002"));
    }
}
