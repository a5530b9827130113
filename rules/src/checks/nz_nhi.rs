//! New Zealand health index numbers of the older form: three letters, three digits, a check digit.
//!
//! Source: HISO 10046: letters count 1 to 24 without I and O, weights 7 to 2, modulo 11.

const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Says whether the seventh character is the check digit of the other six.
pub(super) fn valid(text: &str) -> bool {
    let code = text.to_ascii_uppercase();
    let bytes = code.as_bytes();
    if bytes.len() != 7 || !bytes[3..].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let value = |byte: u8| match LETTERS.iter().position(|&letter| letter == byte) {
        Some(at) => Some(at + 1),
        None => byte.is_ascii_digit().then(|| usize::from(byte.saturating_sub(b'0'))),
    };
    let Some(values) = bytes.iter().map(|&byte| value(byte)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let rest =
        values.iter().zip([7, 6, 5, 4, 3, 2]).map(|(value, weight)| value * weight).sum::<usize>() % 11;
    rest != 0 && values[6] == (11 - rest) % 10
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("ZZZ0016"));
        assert!(valid("ZZZ0024"));
        assert!(valid("ZZZ0032"));
        assert!(!valid("ZZZ0017"));
        assert!(!valid("ZIZ0016"));
        assert!(!valid("ZZZ001"));
    }
}
