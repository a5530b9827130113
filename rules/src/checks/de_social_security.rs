//! German pension insurance numbers (Rentenversicherungsnummer).
//!
//! Source: VKVV § 2 and § 4: weights 2 1 2 5 7 1 2 1 2 1 2 1 over cross sums, the letter as two digits.

/// Says whether twelve characters hold a possible birthday and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let code: Vec<u8> =
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
    if code.len() != 12 || !code[8].is_ascii_uppercase() {
        return false;
    }
    let letter = u32::from(code[8] - b'A') + 1;
    let mut d: Vec<u32> =
        code[..8].iter().chain(&code[9..]).map(|b| u32::from(b.wrapping_sub(b'0'))).collect();
    if d.iter().any(|&digit| digit > 9) {
        return false;
    }
    let (day, month) = (d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let born = matches!(day, 1..=31 | 51..=81) && (1..=12).contains(&month);
    d.splice(8..8, [letter / 10, letter % 10]);
    let sum: u32 =
        d.iter().zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(d, w)| d * w / 10 + d * w % 10).sum();
    born && sum % 10 == d[12]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("15 070649 C 103"));
        assert!(!valid("15070649C104"));
        assert!(!valid("15990649C103"));
        assert!(!valid("150706491103"));
    }
}
