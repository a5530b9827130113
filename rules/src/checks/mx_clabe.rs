//! Mexican bank account numbers (CLABE): bank, place, account, check digit.
//!
//! Source: Banco de México, Circular 3/2012: weights 3 7 1, each product modulo 10, the sum modulo 10.

use super::{all_same, digits};

/// Says whether the eighteenth digit is the check digit of the other seventeen.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<18>(text) else { return false };
    let sum: u32 = d[..17].iter().zip([3, 7, 1].iter().cycle()).map(|(d, w)| d * w % 10).sum();
    !all_same(&d) && (sum + d[17]).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("032180000118359719"));
        assert!(valid("999000000000000014"));
        assert!(!valid("032180000118359718"));
        assert!(!valid("000000000000000000"));
    }
}
