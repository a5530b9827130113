//! Dates somebody alive can have been born on: day, month and year in any order. Not a calendar: a month's
//! name is trusted, and 31 is a day of every month.

/// Earliest year of birth taken for one.
const FIRST_YEAR: u32 = 1900;
/// Latest year of birth taken for one.
const LAST_YEAR: u32 = 2049;

/// Says whether the numbers of the text can be a date of birth.
pub(super) fn valid(text: &str) -> bool {
    let numbers: Vec<(u32, usize)> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(|part| (part.parse().unwrap_or(u32::MAX), part.len()))
        .collect();
    let named_month = text.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    match (numbers.as_slice(), named_month) {
        ([(year, 4), (month, _), (day, _)], false) => is_year(*year, 4) && is_day(*month, *day),
        ([(a, _), (b, _), (year, width)], false) => {
            is_year(*year, *width) && (is_day(*a, *b) || is_day(*b, *a))
        }
        ([(day, _), (year, width)], true) => is_year(*year, *width) && is_day(1, *day),
        ([(number, 8)], false) => {
            is_year(number / 10_000, 4) && is_day(number / 100 % 100, number % 100)
                || is_year(number % 10_000, 4) && is_day(number / 1_000_000, number / 10_000 % 100)
        }
        _ => false,
    }
}

fn is_year(year: u32, width: usize) -> bool {
    width == 2 || (width == 4 && (FIRST_YEAR..=LAST_YEAR).contains(&year))
}

fn is_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::valid;

    #[test]
    fn every_order_is_read() {
        for good in ["1984-02-29", "29.02.1984", "2/29/84", "29 février 1984", "Feb 29, 1984", "19840229"] {
            assert!(valid(good), "{good}");
        }
        for bad in ["1784-02-29", "31.13.1984", "0.0.1984", "1984", "12345678", "2/29"] {
            assert!(!valid(bad), "{bad}");
        }
    }
}
