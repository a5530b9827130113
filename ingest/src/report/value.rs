//! Reads dates, moments and numbers out of texts, exactly or not at all. Decides nothing about a column: that is
//! [`super::guess`]'s.

/// Digits before the decimal sign; longer ones are identifiers.
const WHOLE_DIGITS_MAX: usize = 15;
/// Digits behind the decimal sign that a column keeps.
pub(super) const SCALE_MAX: u8 = 12;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// In which order a date's parts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `2024-03-01`, `2024/03/01`, also with a zone behind it.
    Ymd,
    /// `03/01/2024` for the first of March.
    Mdy,
    /// `01/03/2024` or `01.03.2024` for it.
    Dmy,
}

/// Which signs stand in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// `1234.50`
    Plain,
    /// `1,234.50`
    Comma,
    /// `1.234,50`
    Point,
}

impl Marks {
    /// All of them, the plain one first.
    pub(super) const ALL: [Self; 3] = [Self::Plain, Self::Comma, Self::Point];

    fn signs(self) -> (Option<u8>, u8) {
        match self {
            Self::Plain => (None, b'.'),
            Self::Comma => (Some(b','), b'.'),
            Self::Point => (Some(b'.'), b','),
        }
    }
}

/// A number as written: `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// All of its digits, signed.
    pub(super) digits: i128,
    /// How many of them stand behind the decimal sign.
    pub(super) scale: u8,
}

impl Number {
    /// Its digits with so many behind the decimal sign; `None` if it has more.
    pub(super) fn at_scale(self, scale: u8) -> Option<i128> {
        let missing = scale.checked_sub(self.scale)?;
        Some(self.digits * 10_i128.pow(u32::from(missing)))
    }
}

/// A number whose text says no more than its value: no leading zeros, no plus, no exponent, no negative zero; 15 digits
/// before the decimal sign at most and 12 behind it. Groups of thousands are whole.
pub(super) fn number(text: &[u8], marks: Marks) -> Option<Number> {
    let (group, point) = marks.signs();
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (mut digits, mut whole, mut in_group, mut grouped) = (0_i128, 0_usize, 0_usize, false);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        if byte.is_ascii_digit() {
            digits = digits * 10 + i128::from(byte - b'0');
            (whole, in_group) = (whole + 1, in_group + 1);
            if whole > WHOLE_DIGITS_MAX {
                return None;
            }
        } else if Some(byte) == group {
            let fits = if grouped { in_group == 3 } else { (1..=3).contains(&in_group) };
            if !fits {
                return None;
            }
            (grouped, in_group) = (true, 0);
        } else {
            break;
        }
        at += 1;
    }
    if whole == 0 || (whole > 1 && text[0] == b'0') || (grouped && in_group != 3) {
        return None;
    }
    let mut scale = 0;
    if at < text.len() {
        let fraction = text[at..].strip_prefix(&[point])?;
        if fraction.is_empty() || fraction.len() > usize::from(SCALE_MAX) {
            return None;
        }
        for &byte in fraction {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits = digits * 10 + i128::from(byte - b'0');
        }
        scale = fraction.len() as u8;
    }
    if negative && digits == 0 {
        return None;
    }
    Some(Number { digits: if negative { -digits } else { digits }, scale })
}

/// Days since 1970-01-01. A zone behind a date in the order [`Order::Ymd`] is dropped, as it says nothing about the day.
pub(super) fn date(text: &[u8], order: Order) -> Option<i32> {
    match order {
        Order::Ymd => {
            let (days, rest) = leading_date(text)?;
            (rest.is_empty() || zone(rest).is_some()).then_some(days)
        }
        Order::Mdy => {
            let (month, day, year) = three(text)?;
            days(year, month, day)
        }
        Order::Dmy => {
            let (day, month, year) = three(text)?;
            days(year, month, day)
        }
    }
}

/// Milliseconds since 1970-01-01 and whether a zone was given (then in UTC, otherwise as the clock showed). A date alone is
/// its midnight. What is finer than milliseconds is not read.
pub(super) fn moment(text: &[u8]) -> Option<(i64, bool)> {
    let (days, rest) = leading_date(text)?;
    let midnight = i64::from(days) * DAY_MS;
    let time = match rest {
        [] => return Some((midnight, false)),
        [b'T' | b't' | b' ', time @ ..] => time,
        _ => return None,
    };
    let (hour, rest) = two(time)?;
    let (minute, rest) = two(rest.strip_prefix(b":")?)?;
    let (second, rest) = match rest {
        [b':', seconds @ ..] => two(seconds)?,
        rest => (0, rest),
    };
    let (fraction_ms, rest) = match rest {
        [b'.', fraction @ ..] => milliseconds(fraction)?,
        rest => (0, rest),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let clock = midnight + i64::from((hour * 60 + minute) * 60 + second) * 1_000 + fraction_ms;
    if rest.is_empty() { Some((clock, false)) } else { Some((clock - zone(rest)?, true)) }
}

/// `3/1/2024`: three numbers, the last one a year of four digits, with the same sign between them.
fn three(text: &[u8]) -> Option<(u32, u32, i32)> {
    let (first, rest) = one_or_two(text)?;
    let (&sign, rest) = rest.split_first()?;
    if !matches!(sign, b'/' | b'.' | b'-') {
        return None;
    }
    let (second, rest) = one_or_two(rest)?;
    let rest = rest.strip_prefix(&[sign])?;
    let (year, rest) = four(rest)?;
    rest.is_empty().then_some((first, second, year))
}

/// A date in the order year, month, day at the beginning of a text, and what follows.
fn leading_date(text: &[u8]) -> Option<(i32, &[u8])> {
    let (year, rest) = four(text)?;
    let (&sign, rest) = rest.split_first()?;
    if !matches!(sign, b'-' | b'/') {
        return None;
    }
    let (month, rest) = two(rest)?;
    let (day, rest) = two(rest.strip_prefix(&[sign])?)?;
    Some((days(year, month, day)?, rest))
}

/// `Z`, `+01:00`, `-0800`: milliseconds ahead of UTC.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        b"Z" | b"z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = two(rest)?;
    let (minutes, rest) = two(rest.strip_prefix(b":").unwrap_or(rest))?;
    let sound = rest.is_empty() && hours <= 14 && minutes <= 59;
    sound.then_some(sign * i64::from(hours * 60 + minutes) * 60_000)
}

/// Up to three digits, and zeros behind them.
fn milliseconds(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let finer = digits.iter().skip(3).any(|&digit| digit != b'0');
    if length == 0 || finer {
        return None;
    }
    let ms = (0..3).fold(0, |ms, at| ms * 10 + digits.get(at).map_or(0, |digit| i64::from(digit - b'0')));
    Some((ms, rest))
}

fn two(text: &[u8]) -> Option<(u32, &[u8])> {
    match text {
        [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some((u32::from(a - b'0') * 10 + u32::from(b - b'0'), rest))
        }
        _ => None,
    }
}

fn one_or_two(text: &[u8]) -> Option<(u32, &[u8])> {
    two(text).or_else(|| match text {
        [a, rest @ ..] if a.is_ascii_digit() => Some((u32::from(a - b'0'), rest)),
        _ => None,
    })
}

fn four(text: &[u8]) -> Option<(i32, &[u8])> {
    let (high, rest) = two(text)?;
    let (low, rest) = two(rest)?;
    Some(((high * 100 + low).cast_signed(), rest))
}

/// Days since 1970-01-01 of a day that the calendar has, from the year 1 on. The usual count of days in 400-year eras.
fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if year < 1 || day < 1 || day > last {
        return None;
    }
    let (month, day) = (month.cast_signed(), day.cast_signed());
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, order, expected) in [
            ("1970-01-01", Order::Ymd, Some(0)),
            ("1969-12-31", Order::Ymd, Some(-1)),
            ("2024-02-29", Order::Ymd, Some(19_782)),
            ("2024/02/29", Order::Ymd, Some(19_782)),
            ("1988-01-03-08:00", Order::Ymd, Some(6_576)),
            ("1988-01-03Z", Order::Ymd, Some(6_576)),
            ("1988-01-03+0530", Order::Ymd, Some(6_576)),
            ("2023-02-29", Order::Ymd, None),
            ("1900-02-29", Order::Ymd, None),
            ("2000-02-29", Order::Ymd, Some(11_016)),
            ("0000-01-01", Order::Ymd, None),
            ("2024-2-29", Order::Ymd, None),
            ("2024-02-29 ", Order::Ymd, None),
            ("2024-02-29-99:00", Order::Ymd, None),
            ("02/29/2024", Order::Mdy, Some(19_782)),
            ("2/29/2024", Order::Mdy, Some(19_782)),
            ("29/2/2024", Order::Mdy, None),
            ("29.02.2024", Order::Dmy, Some(19_782)),
            ("29-02-2024", Order::Dmy, Some(19_782)),
            ("29/02.2024", Order::Dmy, None),
            ("29/02/24", Order::Dmy, None),
            ("", Order::Dmy, None),
        ] {
            assert_eq!(date(text.as_bytes(), order), expected, "{text}");
        }
    }

    #[test]
    fn moments() {
        let day = 19_782 * DAY_MS;
        for (text, expected) in [
            ("2024-02-29T00:00:01.5Z", Some((day + 1_500, true))),
            ("2024-02-29 01:00", Some((day + 3_600_000, false))),
            ("2024-02-29", Some((day, false))),
            ("2024-02-29T01:00:00.000-08:00", Some((day + 9 * 3_600_000, true))),
            ("2024-02-29T01:00:00+01:00", Some((day, true))),
            ("2024-02-29T00:00:00.123000", Some((day + 123, false))),
            ("2024-02-29T00:00:00.123400", None),
            ("2024-02-29T24:00:00", None),
            ("2024-02-29T", None),
            ("2024-02-29T00:00:00.", None),
        ] {
            assert_eq!(moment(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn numbers() {
        use Marks::{Comma, Plain, Point};
        for (text, marks, expected) in [
            ("0", Plain, Some((0, 0))),
            ("-12", Plain, Some((-12, 0))),
            ("1250.50", Plain, Some((125_050, 2))),
            ("0.5", Plain, Some((5, 1))),
            ("007", Plain, None),
            ("-0", Plain, None),
            ("-0.0", Plain, None),
            ("+1", Plain, None),
            ("1e5", Plain, None),
            ("1.", Plain, None),
            (".5", Plain, None),
            ("", Plain, None),
            ("-", Plain, None),
            ("1,234", Plain, None),
            ("1,234", Comma, Some((1_234, 0))),
            ("1,234,567.8", Comma, Some((12_345_678, 1))),
            ("1,23", Comma, None),
            ("1234,567", Comma, None),
            ("1234.5", Comma, Some((12_345, 1))),
            (",123", Comma, None),
            ("1.234,50", Point, Some((123_450, 2))),
            ("12,5", Point, Some((125, 1))),
            ("1.5", Point, None),
            ("123456789012345", Plain, Some((123_456_789_012_345, 0))),
            ("1234567890123456", Plain, None),
            ("0.123456789012", Plain, Some((123_456_789_012, 12))),
            ("0.1234567890123", Plain, None),
        ] {
            let found = number(text.as_bytes(), marks).map(|number| (number.digits, number.scale));
            assert_eq!(found, expected, "{text} {marks:?}");
        }
    }
}
