//! Austrian social insurance numbers: serial number, check digit, birthday.
//!
//! Source: ASVG § 31; Dachverband der Sozialversicherungsträger: weights 3 7 9 – 5 8 4 2 1 6, modulo 11; a
//! month of 13 to 15 stands where the serials of a day ran out.

use super::digits;

/// Says whether ten digits hold a possible birthday and their check digit in fourth place.
pub(super) fn valid(text: &str) -> bool {
    let Some(d) = digits::<10>(text) else { return false };
    let (day, month) = (d[4] * 10 + d[5], d[6] * 10 + d[7]);
    let sum: u32 = d.iter().zip([3, 7, 9, 0, 5, 8, 4, 2, 1, 6]).map(|(d, w)| d * w).sum();
    d[0] != 0 && sum % 11 == d[3] && (1..=31).contains(&day) && (1..=15).contains(&month)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn birthday_and_digit_count() {
        assert!(valid("1000 290284"));
        assert!(!valid("1000 290280"));
        assert!(!valid("1000 29028"));
        assert!(!valid("1000 299984"));
    }
}
