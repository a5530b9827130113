//! German tax identification numbers (Steuer-IdNr.).
//!
//! Source: § 139b AO; check digit after ISO 7064, MOD 11,10; no digit stands more than three times among
//! the first ten.

use super::digits;

/// Says whether eleven digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let crowded = (0..10).any(|digit| d[..10].iter().filter(|&&x| x == digit).count() > 3);
    let mut product = 10;
    for &digit in &d[..10] {
        let sum = (digit + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    d[0] != 0 && !crowded && (11 - product) % 10 == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("86 095 742 719"));
        assert!(!valid("86 095 742 718"));
        assert!(!valid("11111111111"));
        assert!(!valid("06095742719"));
    }
}
