//! Brazilian driving licence numbers (CNH): nine digits and two check digits. Where the first comes out as ten it is
//! written 0 and the second is lowered by two; books differ in what then becomes of a second one that is ten itself or
//! falls below zero, and both ways are taken.
//!
//! Source: DENATRAN, Portaria 7/2004; RENACH, cálculo dos dígitos verificadores.

/// Says whether the check digits of a number are right; marks between the digits do not count.
pub(super) fn valid(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 11 || digits.iter().all(|digit| *digit == digits[0]) {
        return false;
    }
    let sum = |weight: fn(u32) -> u32| {
        digits[..9].iter().zip(0..).map(|(digit, at)| digit * weight(at)).sum::<u32>() % 11
    };
    let (first, second) = (sum(|at| 9 - at), sum(|at| at + 1));
    let own = |rest: u32| if rest > 9 { 0 } else { rest };
    let lowered = if first > 9 { (second + 9) % 11 } else { second };
    let plain = if first > 9 && second < 10 { second.saturating_sub(2) } else { own(second) };
    digits[9] == own(first) && (digits[10] == own(lowered) || digits[10] == plain)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn check_digits_are_checked() {
        for good in ["00000000119", "00000000227", "000000003-35", "00000005005"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["00000000001", "00000000118", "11111111111", "0000000011", ""] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
