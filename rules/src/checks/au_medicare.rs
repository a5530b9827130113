//! Australian Medicare card numbers.
//!
//! Source: Services Australia, numbering of Medicare cards: eight digits, a check digit, the issue, and on
//! some forms the place on the card.

/// Says whether the ninth digit checks the eight before it.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if !matches!(d.len(), 10 | 11) || !(2..=6).contains(&d[0]) {
        return false;
    }
    let sum: u32 = d.iter().zip([1, 3, 7, 9, 1, 3, 7, 9]).map(|(d, w)| d * w).sum();
    sum % 10 == d[8]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_ninth_digit_counts() {
        assert!(valid("2000 00002 1"));
        assert!(!valid("2000 00000 1"));
        assert!(!valid("1000 00001 1"));
    }
}
