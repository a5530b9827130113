//! NHS numbers of England, Wales and the Isle of Man.
//!
//! Source: NHS Data Dictionary, NHS NUMBER; weights 10 to 2 modulo 11.

use super::{all_same, digits};

/// Says whether ten digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d[..9].iter().zip((2..=10).rev()).map(|(d, w)| d * w).sum();
    !all_same(&d) && (11 - sum % 11) % 11 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("999 000 0018"));
        assert!(!valid("999 000 0019"));
        assert!(!valid("000 000 0000"));
    }
}
