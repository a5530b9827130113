//! Latvian personal codes: birthday and check digit, or from 2017 no more than 32 to 39 in front.
//!
//! Source: Fizisko personu reģistra likums; Cabinet regulation on personal codes: weights 1 6 3 7 9 10 5 8
//! 4 2.

use super::digits;

/// Says whether eleven digits hold a possible birthday and their check digit, or are of the new kind.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<11>(text) else { return false };
    if d[0] == 3 && d[1] >= 2 {
        return true;
    }
    let (day, month) = (d[0] * 10 + d[1], d[2] * 10 + d[3]);
    let born = (1..=31).contains(&day) && (1..=12).contains(&month) && d[6] <= 2;
    let sum: u32 = d.iter().zip([1, 6, 3, 7, 9, 10, 5, 8, 4, 2]).map(|(d, w)| d * w).sum();
    born && (1101 - sum) % 11 % 10 == d[10]
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("290284-10001"));
        assert!(valid("329999-00000"));
        assert!(!valid("290284-10000"));
        assert!(!valid("290284-1000"));
    }
}
