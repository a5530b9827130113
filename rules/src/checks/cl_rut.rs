//! Chilean identification numbers (RUN, RUT).
//!
//! Source: Servicio de Registro Civil e Identificación; check character modulo 11.

/// Says whether seven or eight digits end in their check character, `0` to `9` or `K`.
pub(super) fn valid(text: &str) -> bool {
    let plain: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let Some((last, head)) = plain.split_last() else { return false };
    if !matches!(head.len(), 7 | 8) || !head.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let weights = (2..=7).cycle();
    let sum: u32 = head.iter().rev().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
    head.iter().any(|d| *d != head[0]) && b"0K987654321"[(sum % 11) as usize] == last.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_character_counts() {
        assert!(valid("1.000.001-7"));
        assert!(!valid("1.000.001-0"));
        assert!(!valid("11.111.111-1"));
    }
}
