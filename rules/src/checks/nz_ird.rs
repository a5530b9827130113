//! New Zealand tax file numbers (IRD).
//!
//! Source: Inland Revenue, "IRD number validation"; digit modulo 11 with a second set of weights.

const FIRST: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];
const SECOND: [u32; 8] = [7, 4, 3, 2, 5, 2, 7, 6];

/// Says whether eight or nine digits are in the issued range and end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let Ok(number) = plain.parse::<u64>() else { return false };
    if !matches!(plain.len(), 8 | 9) || !(10_000_000..=150_000_000).contains(&number) {
        return false;
    }
    let padded = format!("{number:09}");
    let rest = |weights: [u32; 8]| {
        padded.chars().filter_map(|c| c.to_digit(10)).zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11
    };
    let check = match rest(FIRST) {
        0 => 0,
        1 => (11 - rest(SECOND)) % 11,
        first => 11 - first,
    };
    u64::from(check) == number % 10
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn range_and_digit_count() {
        assert!(valid("10-000-009"));
        assert!(!valid("10-000-000"));
        assert!(!valid("999-999-999"));
    }
}
