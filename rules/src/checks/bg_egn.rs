//! Bulgarian citizen numbers (EGN): birthday with century and check digit.
//!
//! Source: Law on civil registration, GRAO: weights 2 4 8 5 10 9 7 3 6, modulo 11; months + 20 for 18xx, +
//! 40 for 20xx.

use super::digits;

/// Says whether ten digits hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let (month, day) = (d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let born = month < 60 && (1..=12).contains(&(month % 20)) && (1..=31).contains(&day);
    let sum: u32 = d.iter().zip([2, 4, 8, 5, 10, 9, 7, 3, 6]).map(|(d, w)| d * w).sum();
    born && sum % 11 % 10 == d[9]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("8402290000"));
        assert!(valid("0442290005"));
        assert!(!valid("8402290001"));
        assert!(!valid("840229000"));
    }
}
