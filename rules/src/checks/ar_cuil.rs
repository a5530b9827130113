//! Argentine labour and tax identification numbers (CUIL, CUIT).
//!
//! Source: ANSES and ARCA, Resolución General 10/1997; digit modulo 11.

use super::digits;

/// Says whether eleven digits start with a kind that exists and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let kind = matches!(d[0] * 10 + d[1], 20 | 23..=27 | 30 | 33 | 34);
    let sum: u32 = d.iter().zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
    let check = match sum % 11 {
        0 => 0,
        1 => 9,
        rest => 11 - rest,
    };
    kind && check == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn kind_and_digit_count() {
        assert!(valid("20-00000001-9"));
        assert!(!valid("20-00000001-0"));
        assert!(!valid("11-00000000-1"));
    }
}
