//! US registration numbers of the Drug Enforcement Administration.
//!
//! Source: 21 CFR 1301.13; the last of seven digits checks the six before it.

use super::digits;

/// Says whether seven digits behind the registrant's letters end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    // The second place of the letters may be a 9.
    let Some(d) = text.get(2..).and_then(digits::<7>) else { return false };
    (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("XX0000012"));
        assert!(valid("X90000012"));
        assert!(!valid("XX0000013"));
    }
}
