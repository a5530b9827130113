//! Brazilian taxpayer numbers (CPF): two check digits.
//!
//! Source: Receita Federal do Brasil, Instrução Normativa 1548/2015; both digits modulo 11.

use super::{all_same, digits};

/// Says whether eleven digits end in the CPF's two check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    !all_same(&d) && check_digit(&d[..9]) == d[9] && check_digit(&d[..10]) == d[10]
}

fn check_digit(head: &[u32]) -> u32 {
    let sum: u32 = head.iter().rev().zip(2..).map(|(d, w)| d * w).sum();
    (sum * 10 % 11) % 10
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("123.456.789-09"));
        assert!(!valid("123.456.789-08"));
        assert!(!valid("111.111.111-11"));
    }
}
