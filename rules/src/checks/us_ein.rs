//! US employer identification numbers: the campus prefix.
//!
//! Source: Internal Revenue Service, "How EINs are assigned and valid EIN prefixes".

use super::digits;

/// Says whether nine digits start with a prefix that is in use.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<9>(text) else { return false };
    let unused = matches!(
        d[0] * 10 + d[1],
        0 | 7 | 8 | 9 | 17 | 18 | 19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97
    );
    !unused
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_prefix_counts() {
        assert!(valid("12-3456789"));
        assert!(!valid("07-3456789"));
        assert!(!valid("12-345678"));
    }
}
