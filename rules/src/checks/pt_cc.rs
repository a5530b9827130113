//! Portuguese citizen card numbers: number, check digit, version, check digit of all.
//!
//! Source: Portaria 202/2007; AMA: Luhn with letters counted 10 to 35, every second from the left doubled.

/// Says whether twelve characters end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let shape = code.len() == 12 && code[..9].iter().all(u8::is_ascii_digit) && code[11].is_ascii_digit();
    let sum: u32 = code
        .iter()
        .enumerate()
        .map(|(at, &b)| (at, (b as char).to_digit(36).unwrap_or(0)))
        .map(|(at, value)| if at % 2 == 1 { value } else { value * 2 - if value > 4 { 9 } else { 0 } })
        .sum();
    shape && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("00000001 0 XX9"));
        assert!(!valid("00000001 0 XX0"));
        assert!(!valid("00000001 0 XX"));
    }
}
