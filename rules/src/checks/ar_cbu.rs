//! Argentine bank account keys (CBU, CVU): two blocks, each with its check digit.
//!
//! Source: Banco Central de la República Argentina, Comunicación A 2622: weights 3 1 7 9 from the right.

use super::{all_same, digits};

/// Says whether both blocks end in their check digits.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<22>(text) else { return false };
    !all_same(&d) && block(&d[..8]) && block(&d[8..])
}

fn block(digits: &[u32]) -> bool {
    let weights = [1, 3].into_iter().chain([1, 7, 9, 3].into_iter().cycle());
    digits.iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn both_digits_count() {
        assert!(valid("2850590940090418135201"));
        assert!(valid("9990000100000000000017"));
        assert!(!valid("2850590840090418135201"));
        assert!(!valid("2850590940090418135202"));
        assert!(!valid("0000000000000000000000"));
    }
}
