//! Swedish organisation numbers: a third digit of 2 or more, and Luhn.
//!
//! Source: Lag (1974:174) om identitetsbeteckning för juridiska personer; Skatteverket.

/// Says whether ten digits, or twelve that start with 16, are an organisation number.
pub(super) fn valid(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let short = match plain.len() {
        10 => plain.as_str(),
        12 if plain.starts_with("16") => &plain[2..],
        _ => return false,
    };
    !short.starts_with(['0', '4']) && short.as_bytes()[2] >= b'2' && luhn::valid(short)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn third_and_last_digit_count() {
        assert!(valid("202100-0001"));
        assert!(valid("16202100-0001"));
        assert!(!valid("202100-0000"));
        assert!(!valid("202100-000"));
    }
}
