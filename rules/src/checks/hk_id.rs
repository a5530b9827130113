//! Hong Kong identity card numbers.
//!
//! Source: Immigration Department; check character modulo 11, a single letter counts as two with a space.

/// Says whether one or two letters and six digits end in their check character, `0` to `9` or `A`.
pub(super) fn valid(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let values = plain.iter().filter_map(|c| c.to_digit(36)).collect::<Vec<u32>>();
    let start = match values.len() {
        8 => 36 * 9,
        9 => 0,
        _ => return false,
    };
    let weights = (1..=values.len() as u32).rev();
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    plain[0].is_ascii_alphabetic() && (start + sum).is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_character_counts() {
        assert!(valid("Z000001(A)"));
        assert!(valid("ZZ000002(6)"));
        assert!(!valid("Z000001(0)"));
    }
}
