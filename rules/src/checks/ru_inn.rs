//! Russian taxpayer numbers (INN): ten digits of companies, twelve of persons.
//!
//! Source: Federal Tax Service, order ED-7-14/559 of 2020; digits modulo 11.

use super::all_same;

const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

/// Says whether ten or twelve digits end in their check digits.
pub(super) fn valid(text: &str) -> bool {
    let d: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let fits = |at: usize| check_digit(&d[..at]) == d[at];
    match d.len() {
        10 => !all_same(&d) && fits(9),
        12 => !all_same(&d) && fits(10) && fits(11),
        _ => false,
    }
}

fn check_digit(head: &[u32]) -> u32 {
    let weights = &WEIGHTS[WEIGHTS.len() - head.len()..];
    head.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % 11 % 10
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn the_digits_count() {
        assert!(valid("000000000184"));
        assert!(valid("0000000025"));
        assert!(!valid("000000000100"));
    }
}
