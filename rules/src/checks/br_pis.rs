//! Brazilian worker registration numbers (PIS, PASEP, NIS, NIT).
//!
//! Source: Caixa Econômica Federal, Cadastro NIS; digit modulo 11.

use super::{all_same, digits};

/// Says whether eleven digits end in their check digit.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    let sum: u32 = d.iter().zip([3, 2, 9, 8, 7, 6, 5, 4, 3, 2]).map(|(d, w)| d * w).sum();
    let check = if sum % 11 < 2 { 0 } else { 11 - sum % 11 };
    !all_same(&d) && check == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digit_counts() {
        assert!(valid("000.00000.01-9"));
        assert!(!valid("000.00000.01-0"));
    }
}
