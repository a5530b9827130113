//! Finnish personal identity codes (henkilötunnus): birthday, century sign, number, check character.
//!
//! Source: Väestötietojärjestelmäasetus 128/2010 and 1054/2022; DVV: nine digits modulo 31.

const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// Says whether eleven characters hold a possible birthday and end in their check character.
pub(super) fn valid(text: &str) -> bool {
    let code = text.as_bytes();
    if code.len() != 11 || code[6].is_ascii_digit() {
        return false;
    }
    let digits = || code[..6].iter().chain(&code[7..10]);
    if !digits().all(u8::is_ascii_digit) {
        return false;
    }
    let number = digits().fold(0usize, |sum, b| sum * 10 + usize::from(b - b'0'));
    let (day, month) = (number / 10_000_000, number / 100_000 % 100);
    (1..=31).contains(&day)
        && (1..=12).contains(&month)
        && number % 1000 >= 2
        && CHARACTERS[number % 31] == code[10].to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_character_count() {
        assert!(valid("290284-9997"));
        assert!(valid("290204a998j"));
        assert!(!valid("290284-9990"));
        assert!(!valid("290284-999"));
    }
}
