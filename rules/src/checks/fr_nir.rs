//! French social security numbers (NIR): the two-digit key.
//!
//! Source: INSEE, NIR; key = 97 − (number modulo 97); 2A counts as 19 and 2B as 18.

/// Says whether thirteen characters are followed by their key, or, where it was left off, name a month and a
/// department.
pub(super) fn valid(text: &str) -> bool {
    let code: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    if code.len() == 13 {
        return without_key(&code);
    }
    if code.len() != 15 {
        return false;
    }
    let number = code[..13].replace("2A", "19").replace("2B", "18");
    let (Ok(number), Ok(key)) = (number.parse::<u64>(), code[13..].parse::<u64>()) else { return false };
    key == 97 - number % 97
}

/// Months from 20 stand for a date of birth that is not known.
fn without_key(code: &str) -> bool {
    let (month, department) = (code[3..5].parse().unwrap_or(0), &code[5..7]);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    matches!(month, 1..=12 | 20..=42)
        && (matches!(department, "2A" | "2B") || digits(department) && department != "00")
        && digits(&code[..5])
        && digits(&code[7..])
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_key_counts() {
        assert!(valid("2 55 08 14 168 025 38"));
        assert!(!valid("2 55 08 14 168 025 39"));
        assert!(!valid("2 55 08 14 168 02"));
        assert!(valid("2 55 08 14 168 025"));
        assert!(valid("2-55-08-2A-168-025"));
        assert!(!valid("2 55 13 14 168 025"));
        assert!(!valid("1705312200123"));
    }
}
