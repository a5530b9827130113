//! Colombian tax identification numbers (NIT).
//!
//! Source: DIAN, Orden Administrativa 4 of 1989; digit modulo 11.

use super::digits;

/// Says whether nine digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let sum: u32 = d.iter().zip([41, 37, 29, 23, 19, 17, 13, 7, 3]).map(|(d, w)| d * w).sum();
    let check = if sum % 11 < 2 { sum % 11 } else { 11 - sum % 11 };
    d[0] != 0 && check == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("900.000.001-2"));
        assert!(!valid("900.000.001-0"));
    }
}
