//! Spanish tax numbers of companies (CIF): a letter, seven digits, a check digit or letter.
//!
//! Source: Orden EHA/451/2008; the sum of Luhn over seven digits, as a digit or as a letter from A to J.

/// Says whether the last character fits the seven digits.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let [_, body @ .., last] = code.as_slice() else { return false };
    if body.len() != 7 || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: usize = body
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let digit = usize::from(byte - b'0');
            if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    *last == b"0123456789"[check] || *last == b"JABCDEFGHI"[check]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_last_character_counts() {
        assert!(valid("A58818501"));
        assert!(valid("Q-0000003D"));
        assert!(valid("A00000018"));
        assert!(!valid("A58818502"));
        assert!(!valid("A5881850"));
        assert!(!valid("A5881850Z"));
    }
}
