//! Numbers of nine or eleven digits whose last is the check digit of ISO 7064, MOD 11,10.
//!
//! Source: ISO/IEC 7064; German VAT numbers (§ 27a UStG) and Croatian OIB (Zakon o osobnom
//! identifikacijskom broju).

/// Says whether nine or eleven digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u32> = text.bytes().filter(u8::is_ascii_digit).map(|b| u32::from(b - b'0')).collect();
    let Some((last, number)) = d.split_last().filter(|_| matches!(d.len(), 9 | 11)) else { return false };
    let product = number.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *last
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("100000008"));
        assert!(valid("00000000010"));
        assert!(!valid("100000000"));
        assert!(!valid("10000000"));
    }
}
