//! Philippine taxpayer identification numbers, with or without a branch code.
//!
//! Source: Bureau of Internal Revenue, numbering of taxpayers; ninth digit modulo 11.

use super::all_same;

/// Says whether the ninth digit checks the eight before it.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !matches!(d.len(), 9 | 12 | 14) || all_same(&d[..9]) {
        return false;
    }
    let sum: u32 = d.iter().zip((2..=9).rev()).map(|(d, w)| d * w).sum();
    sum % 11 == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_ninth_digit_counts() {
        assert!(valid("000-000-012-000"));
        assert!(!valid("000-000-010-000"));
        assert!(!valid("000-000-000-000"));
    }
}
