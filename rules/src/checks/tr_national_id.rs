//! Turkish identification numbers (T.C. kimlik no).
//!
//! Source: Law 5490 on population services; two check digits modulo 10.

use super::digits;

/// Says whether eleven digits end in their two check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let odd: u32 = d[..9].iter().step_by(2).sum();
    let even: u32 = d[1..8].iter().step_by(2).sum();
    let tenth = (odd * 7 + 100 - even) % 10;
    d[0] != 0 && d[9] == tenth && (odd + even + tenth) % 10 == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("99900000142"));
        assert!(!valid("99900000100"));
        assert!(!valid("00000000000"));
    }
}
