//! Serial numbers of German identity cards and passports, with or without the check digit behind them.
//!
//! Source: PAuswV and PassV; ICAO Doc 9303 part 3: weights 7 3 1, letters count 10 to 35, modulo 10.

/// Says whether nine characters have two digits at least, or ten end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    let digits = code.iter().filter(|b| b.is_ascii_digit()).count();
    match code.len() {
        9 => digits >= 2,
        10 => {
            let value = |b: u8| (b as char).to_digit(36).unwrap_or(0);
            let sum: u32 = code.iter().zip([7, 3, 1, 7, 3, 1, 7, 3, 1]).map(|(&b, w)| value(b) * w).sum();
            digits >= 3 && (code[9] as char).to_digit(10) == Some(sum % 10)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("L0000RT007"));
        assert!(valid("L0000RT00"));
        assert!(!valid("L0000RT000"));
        assert!(!valid("LMNPRTVWX"));
    }
}
