//! Wallet addresses: Bitcoin in Base58 and Bech32, Ethereum in hexadecimal. Base58 is judged by alphabet
//! and length only.
//!
//! Source: Bitcoin BIP 13, BIP 173 and BIP 350; Ethereum EIP-55.

const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
/// The prefix `bc` as it enters the checksum.
const PREFIX: [u32; 5] = [3, 3, 0, 2, 3];
/// What the checksum of Bech32 and of Bech32m comes to.
const BECH32_SUMS: [u32; 2] = [1, 0x2bc8_30a3];

/// Says whether the text has the make-up of an address.
pub(super) fn valid(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    match (lower.strip_prefix("bc1"), lower.strip_prefix("0x")) {
        (Some(data), _) => (lower == text || text.to_ascii_uppercase() == text) && bech32(data),
        (_, Some(hex)) => hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => base58(text),
    }
}

fn bech32(data: &str) -> bool {
    let values = data.bytes().map(|byte| BECH32.iter().position(|&b| b == byte).map(|at| at as u32));
    let Some(values) = values.collect::<Option<Vec<u32>>>() else { return false };
    let sum = PREFIX.iter().chain(&values).fold(1, |sum: u32, value| {
        let shifted = ((sum & 0x01ff_ffff) << 5) ^ value;
        (0..5).filter(|bit| (sum >> 25 >> bit) & 1 == 1).fold(shifted, |all, bit| all ^ GENERATOR[bit])
    });
    values.len() >= 14 && BECH32_SUMS.contains(&sum)
}

/// Hashes in hexadecimal have letters of one case; addresses mix both with digits.
fn base58(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.bytes().skip(1).any(|b| test(&b));
    (26..=35).contains(&text.len())
        && text.starts_with(['1', '3'])
        && text.bytes().all(|b| b.is_ascii_alphanumeric() && !b"0OIl".contains(&b))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn alphabet_and_checksum_count() {
        assert!(valid("bc1qqqqsyqcyq5rqwzqfpg9scrgwpugpzysn4v0345"));
        assert!(!valid("bc1qqqqsyqcyq5rqwzqfpg9scrgwpugpzysn4v034q"));
        assert!(valid("112D2adLM3UKy4Z4giRbReR6gjWuvHUqB"));
        assert!(!valid("1f3870be274f6c49b3e31a1c6728957f"));
    }
}
