//! A cell's value as the text a spreadsheet would show: plain integers, ISO dates, identifiers with the zeros
//! and hyphens of their number format.

use calamine::{Data, DataRef, ExcelDateTime};
use std::borrow::Cow;

/// Significant digits that spreadsheets keep.
const DIGITS: usize = 15;

/// The text of a value and whether it is text by type; `None` for an empty cell.
pub(crate) fn text_of<'a>(value: DataRef<'a>, mask: Option<&Mask>) -> Option<(Cow<'a, str>, bool)> {
    let typed = |text: String| Some((Cow::Owned(text), false));
    match value {
        DataRef::Empty => None,
        DataRef::String(text) => Some((Cow::Owned(text), true)),
        DataRef::SharedString(text) => Some((Cow::Borrowed(text), true)),
        DataRef::Int(number) => {
            typed(mask.and_then(|mask| mask.fill(number as f64)).unwrap_or(number.to_string()))
        }
        DataRef::Float(number) => {
            typed(mask.and_then(|mask| mask.fill(number)).unwrap_or_else(|| number_text(number)))
        }
        DataRef::Bool(truth) => typed(if truth { "TRUE" } else { "FALSE" }.to_owned()),
        DataRef::DateTime(moment) => typed(date_text(moment)),
        DataRef::DateTimeIso(text) => typed(iso_text(text)),
        DataRef::DurationIso(text) => typed(text),
        DataRef::Error(error) => typed(error.to_string()),
    }
}

/// The same value without its own text.
pub(super) fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(truth) => DataRef::Bool(*truth),
        Data::DateTime(moment) => DataRef::DateTime(*moment),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// Integers exactly and without a point, others to 15 digits.
pub(super) fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    if number.fract() == 0.0 && number.abs() < 1e21 {
        return format!("{number:.0}");
    }
    let rounded: f64 = format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number);
    if (1e-7..1e21).contains(&rounded.abs()) { rounded.to_string() } else { format!("{rounded:e}") }
}

fn date_text(moment: ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&serial) {
        let seconds = (serial.abs() * 86_400.0).round() as u64;
        let sign = if serial < 0.0 { "-" } else { "" };
        return format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// Without a time of midnight and fractions of seconds.
pub(crate) fn iso_text(text: String) -> String {
    let Some((date, time)) = text.split_once('T') else { return text };
    let time = time.trim_end_matches('Z');
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    if time == "00:00:00" || time == "00:00" { date.to_owned() } else { format!("{date}T{time}") }
}

/// A number format of zeros and separators alone, as identifiers have: `000000`, `000-00-0000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mask(Vec<char>);

impl Mask {
    /// The mask of a format code, if it is one.
    pub(crate) fn of(code: &str) -> Option<Self> {
        let mut pattern = Vec::new();
        let mut chars = code.split(';').next()?.chars();
        while let Some(c) = chars.next() {
            match c {
                '0' | '-' | ' ' | '(' | ')' | '/' => pattern.push(c),
                '\\' => pattern.push(chars.next().filter(|&c| c != '0')?),
                '"' => pattern.extend(chars.by_ref().take_while(|&c| c != '"')),
                _ => return None,
            }
        }
        let zeros = pattern.iter().filter(|&&c| c == '0').count();
        (2..=DIGITS).contains(&zeros).then_some(Self(pattern))
    }

    /// The number in this format, if it is a whole one.
    fn fill(&self, number: f64) -> Option<String> {
        if number.fract() != 0.0 || !(0.0..1e15).contains(&number) {
            return None;
        }
        let mut digits: Vec<char> = format!("{number:.0}").chars().collect();
        let mut filled = Vec::new();
        let mut zeros_left = self.0.iter().filter(|&&c| c == '0').count();
        for &c in self.0.iter().rev() {
            if c != '0' {
                filled.push(c);
                continue;
            }
            zeros_left -= 1;
            filled.push(digits.pop().unwrap_or('0'));
            if zeros_left == 0 {
                filled.extend(digits.drain(..).rev());
            }
        }
        Some(filled.iter().rev().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{CellErrorType, ExcelDateTimeType};

    fn check(value: DataRef<'_>, expected: &str) {
        assert_eq!(text_of(value, None).map(|(text, _)| text.into_owned()).as_deref(), Some(expected));
    }

    #[test]
    fn numbers_look_as_a_spreadsheet_shows_them() {
        for (number, expected) in [
            (123.0, "123"),
            (-0.0, "0"),
            (1250.5, "1250.5"),
            (0.1 + 0.2, "0.3"),
            (123_456_789_012_345.0, "123456789012345"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1e20, "100000000000000000000"),
            (1e300, "1e300"),
            (-1.5e-9, "-1.5e-9"),
        ] {
            check(DataRef::Float(number), expected);
        }
        check(DataRef::Int(i64::MAX), "9223372036854775807");
        check(DataRef::Bool(true), "TRUE");
        check(DataRef::Error(CellErrorType::NA), "#N/A");
        assert_eq!(text_of(DataRef::Empty, None), None);
    }

    #[test]
    fn dates_are_iso() {
        let moment =
            |serial| DataRef::DateTime(ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false));
        check(moment(45_000.0), "2023-03-15");
        check(moment(45_000.75), "2023-03-15T18:00:00");
        check(moment(0.5), "12:00:00");
        check(DataRef::DateTime(ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false)), "36:00:00");
        check(
            DataRef::DateTime(ExcelDateTime::new(43_538.0, ExcelDateTimeType::DateTime, true)),
            "2023-03-15",
        );
        check(DataRef::DateTimeIso("2023-03-15T00:00:00.000Z".to_owned()), "2023-03-15");
        check(DataRef::DateTimeIso("2023-03-15T08:30:00.5".to_owned()), "2023-03-15T08:30:00");
    }

    #[test]
    fn identifiers_keep_the_zeros_of_their_format() {
        let fill = |code: &str, number: f64| {
            let mask = Mask::of(code);
            text_of(DataRef::Float(number), mask.as_ref())
                .map(|(text, _)| text.into_owned())
                .unwrap_or_default()
        };
        assert_eq!(fill("000000", 123.0), "000123");
        assert_eq!(fill("000000", 12_345_678.0), "12345678");
        assert_eq!(fill("000\\-00\\-0000", 123_456_789.0), "123-45-6789");
        assert_eq!(fill("000-00-0000", 9_876.0), "000-00-9876");
        assert_eq!(fill("(000) 000-0000", 15_550_100_199.0), "(1555) 010-0199");
        assert_eq!(fill("000000", 1.5), "1.5");
        for code in ["0", "0.00", "General", "#,##0", "0%", "00.0", "[h]:mm", "yyyy"] {
            assert_eq!(Mask::of(code), None, "{code}");
        }
    }
}
