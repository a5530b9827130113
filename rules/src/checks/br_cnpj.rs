//! Brazilian company numbers (CNPJ), in digits and with letters.
//!
//! Source: Receita Federal, Instrução Normativa 2.229/2024; both digits modulo 11.

const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];

/// Says whether twelve characters end in their two check digits.
pub(super) fn valid(text: &str) -> bool {
    let plain = text.bytes().filter(u8::is_ascii_alphanumeric);
    let values: Vec<u32> = plain.map(|b| u32::from(b.to_ascii_uppercase() - b'0')).collect();
    values.len() == 14
        && values.iter().any(|&value| value != values[0])
        && check_digit(&values[..12]) == values[12]
        && check_digit(&values[..13]) == values[13]
}

fn check_digit(head: &[u32]) -> u32 {
    let weights = &WEIGHTS[WEIGHTS.len() - head.len()..];
    let sum: u32 = head.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    if sum % 11 < 2 { 0 } else { 11 - sum % 11 }
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("00.000.001/0001-36"));
        assert!(valid("ZZ.000.002/0001-48"));
        assert!(!valid("00.000.001/0001-00"));
        assert!(!valid("11111111111111"));
    }
}
