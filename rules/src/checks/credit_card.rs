//! Payment card numbers: issuer range, length and Luhn. Says nothing about whether the card was issued.
//!
//! Source: ISO/IEC 7812-1; issuer ranges as published by the card schemes.

/// Says whether the digits are a card number of a known scheme.
pub(super) fn valid(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let repeated = plain.bytes().all(|b| b == plain.as_bytes()[0]);
    !repeated && known_issuer(&plain) && luhn::valid(&plain)
}

fn known_issuer(plain: &str) -> bool {
    let prefix = |len: usize| plain.get(..len).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
    match plain.len() {
        13 | 16 | 19 if prefix(1) == 4 => true,
        16 if matches!(prefix(2), 51..=55) || matches!(prefix(4), 2221..=2720) => true,
        15 if matches!(prefix(2), 34 | 37) || matches!(prefix(4), 2131 | 1800) => true,
        14..=19 if matches!(prefix(2), 30 | 36 | 38 | 39) => true,
        16..=19 if matches!(prefix(4), 3500..=3599 | 6011) || matches!(prefix(3), 644..=659) => true,
        16..=19 if matches!(prefix(2), 62 | 81) => true,
        12..=19 if matches!(prefix(2), 50 | 56..=69) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn scheme_length_and_luhn_count() {
        for good in ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["4111 1111 1111 1112", "9111111111111111", "4444444444444444", "411111111111111"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
