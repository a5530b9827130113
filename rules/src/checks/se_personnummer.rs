//! Swedish personal identity and coordination numbers.
//!
//! Source: Folkbokföringslagen (1991:481) § 18; Luhn over the last ten digits, day + 60 for coordination.

/// Says whether ten or twelve digits hold a possible birthday and pass Luhn.
pub(super) fn valid(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let short = match plain.len() {
        10 => plain.as_str(),
        12 if matches!(&plain[..2], "18" | "19" | "20") => &plain[2..],
        _ => return false,
    };
    let (month, day) = (short[2..4].parse().unwrap_or(0), short[4..6].parse().unwrap_or(0));
    (1..=12).contains(&month) && matches!(day, 1..=31 | 61..=91) && luhn::valid(short)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("811228-9874"));
        assert!(valid("19811228-9874"));
        assert!(!valid("811228-9875"));
        assert!(!valid("811328-9874"));
    }
}
