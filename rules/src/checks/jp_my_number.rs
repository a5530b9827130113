//! Japanese individual numbers (My Number).
//!
//! Source: Ministry of Internal Affairs and Communications, Ordinance 85 of 2014, article 5.

use super::{all_same, digits};

/// Says whether twelve digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<12>(text) else { return false };
    let sum: u32 = d.iter().zip([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
    let check = if sum % 11 <= 1 { 0 } else { 11 - sum % 11 };
    !all_same(&d) && check == d[11]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("0000 0000 0019"));
        assert!(!valid("0000 0000 0010"));
    }
}
