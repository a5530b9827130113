//! Mexican population register keys (CURP).
//!
//! Source: Diario Oficial de la Federación, 18 October 2021, instructions for the CURP; digit modulo 10.

/// Says whether seventeen characters end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let plain = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/'));
    let values = plain.map(|c| match c.to_ascii_uppercase() {
        // The letter Ñ has a place between N and O.
        c @ 'O'..='Z' => c.to_digit(36).map(|value| value + 1),
        c => c.to_digit(36),
    });
    let Some(values) = values.collect::<Option<Vec<u32>>>() else { return false };
    let sum: u32 = values.iter().zip((2..=18).rev()).map(|(value, weight)| value * weight).sum();
    values.len() == 18 && (10 - sum % 10) % 10 == values[17]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("XEXX990230HNEXXX02"));
        assert!(!valid("XEXX990230HNEXXX00"));
    }
}
