//! Czech and Slovak birth numbers (rodné číslo).
//!
//! Source: Zákon č. 133/2000 Sb., § 13; Zákon č. 301/1995 Z. z.: ten digits are a multiple of 11, nine
//! digits (until 1953) have no check digit; months + 50 for women, + 20 more where serials ran out.

/// Says whether nine or ten digits hold a possible birthday and, if ten, are a multiple of 11.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u64> = text.bytes().filter(u8::is_ascii_digit).map(|b| u64::from(b - b'0')).collect();
    if !matches!(d.len(), 9 | 10) {
        return false;
    }
    let (year, month, day) = (d[0] * 10 + d[1], d[2] * 10 + d[3], d[4] * 10 + d[5]);
    let number = d.iter().fold(0, |sum, digit| sum * 10 + digit);
    let fits = if d.len() == 9 {
        year <= 53 && matches!(month, 1..=12 | 51..=62) && !number.is_multiple_of(1000)
    } else {
        // Until 1985 a remainder of 10 was written as 0.
        let old = number / 10 % 11 == 10 && d[9] == 0;
        matches!(month, 1..=12 | 21..=32 | 51..=62 | 71..=82) && (number.is_multiple_of(11) || old)
    };
    fits && (1..=31).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("845229/9999"));
        assert!(valid("520229/001"));
        assert!(!valid("845229/9990"));
        assert!(!valid("845229/999"));
        assert!(!valid("540229/001"));
        assert!(!valid("840229/999"));
    }
}
