//! The text that goes into a cell of an EIB workbook or a field of a CSV file, so that neither Workday nor
//! a spreadsheet program takes it for something else.

use crate::CellFormat;
use crate::extract::neutral;

/// Workday's word for "clear this value".
const CLEAR: &str = "{empty}";
/// Characters of one cell, as Excel has them.
const CELL_CHARS_MAX: usize = 32_767;

/// A value on its way into a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellValue<'a> {
    /// A text, an ID, a number in its own spelling.
    Text(&'a str),
    /// A calendar day: year, month, day.
    Date(u16, u8, u8),
    /// Yes or no.
    YesNo(bool),
    /// Clears what Workday holds now.
    Clear,
}

/// Says why a value cannot go into a cell of this format. Never holds the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CellError {
    /// Only text can be cleared.
    #[error("only Text columns can be cleared with {CLEAR}")]
    Clear,
    /// The text would be taken for the word that clears.
    #[error("the text is {CLEAR} itself, which clears the value")]
    Reserved,
    /// Not what the column's format asks for.
    #[error("does not fit the column's format: {0}")]
    Format(&'static str),
    /// More than a cell takes.
    #[error("longer than {CELL_CHARS_MAX} characters")]
    TooLong,
    /// A character that a workbook cannot hold.
    #[error("holds a control character")]
    Control,
}

/// The text of a workbook cell. It is written as a string always, so that leading zeros and days survive.
///
/// # Errors
/// A [`CellError`] when the value does not fit the format.
///
/// # Examples
/// ```
/// use custody_export::{CellFormat, CellValue, cell_text};
/// assert_eq!(cell_text(CellValue::Date(2025, 6, 3), &CellFormat::Date).as_deref(), Ok("2025-06-03"));
/// assert_eq!(cell_text(CellValue::Text("000123"), &CellFormat::Text).as_deref(), Ok("000123"));
/// ```
pub fn cell_text(value: CellValue<'_>, format: &CellFormat) -> Result<String, CellError> {
    match (value, format) {
        (CellValue::Clear, CellFormat::Text) => Ok(CLEAR.to_owned()),
        (CellValue::Clear, _) => Err(CellError::Clear),
        (CellValue::Date(year, month, day), CellFormat::Date | CellFormat::Text) => {
            date_text(year, month, day)
        }
        (CellValue::YesNo(yes), CellFormat::YesNo) => Ok(if yes { "Y" } else { "N" }.to_owned()),
        (CellValue::Text(text), _) => checked(text, format),
        (CellValue::Date(..) | CellValue::YesNo(_), _) => {
            Err(CellError::Format("a day or a yes/no was given"))
        }
    }
}

fn checked(text: &str, format: &CellFormat) -> Result<String, CellError> {
    if text.trim().eq_ignore_ascii_case(CLEAR) {
        return Err(CellError::Reserved);
    }
    if text.chars().count() > CELL_CHARS_MAX {
        return Err(CellError::TooLong);
    }
    // XML 1.0 has no place for them, and U+FFFE and U+FFFF neither.
    if text.chars().any(|c| (c < ' ' && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(CellError::Control);
    }
    match format {
        CellFormat::YesNo if !matches!(text, "Y" | "N") => Err(CellError::Format("Y or N")),
        CellFormat::Date if !is_date(text) => Err(CellError::Format("YYYY-MM-DD")),
        CellFormat::Number(digits) if !is_number(text, *digits) => Err(CellError::Format("a number")),
        _ => Ok(text.to_owned()),
    }
}

fn date_text(year: u16, month: u8, day: u8) -> Result<String, CellError> {
    let text = format!("{year:04}-{month:02}-{day:02}");
    if is_date(&text) { Ok(text) } else { Err(CellError::Format("no such day")) }
}

/// Whether a text is a day of the Gregorian calendar as YYYY-MM-DD.
pub(crate) fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    if !shape {
        return false;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    year >= 1 && (1..=days).contains(&day)
}

/// Whether a text is a plain decimal number that fits into so many digits in total and after the point.
pub(crate) fn is_number(text: &str, digits: Option<(u8, u8)>) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return false;
    }
    digits.is_none_or(|(total, after)| {
        fraction.trim_end_matches('0').len() <= usize::from(after)
            && whole.trim_start_matches('0').len() <= usize::from(total - after)
    })
}

/// A field of a comma-separated file: quoted where needed, and guarded against being run as a formula
/// (CWE-1236): a text that starts like one gets an apostrophe in front. Plain numbers stay as they are.
pub fn csv_field(text: &str) -> String {
    let (guarded, _) = neutral(text);
    let special = |c| matches!(c, ',' | ';' | '"' | '\n' | '\r' | '\t');
    if guarded.contains(special) || guarded.starts_with(' ') || guarded.ends_with(' ') {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: CellValue<'_>, format: &CellFormat, expected: Result<&str, CellError>) {
        assert_eq!(cell_text(value, format).as_deref().map_err(|e| *e), expected, "{value:?}");
    }

    #[test]
    fn only_text_is_cleared_and_never_by_accident() {
        let reference = CellFormat::Reference("Employee_ID".to_owned());
        check(CellValue::Clear, &CellFormat::Text, Ok("{empty}"));
        check(CellValue::Clear, &reference, Err(CellError::Clear));
        check(CellValue::Text(" {EMPTY} "), &CellFormat::Text, Err(CellError::Reserved));
    }

    #[test]
    fn days_are_texts_and_exist() {
        check(CellValue::Date(2024, 2, 29), &CellFormat::Date, Ok("2024-02-29"));
        check(CellValue::Date(2023, 2, 29), &CellFormat::Date, Err(CellError::Format("no such day")));
        check(CellValue::Text("1900-02-29"), &CellFormat::Date, Err(CellError::Format("YYYY-MM-DD")));
        check(CellValue::Text("45000"), &CellFormat::Date, Err(CellError::Format("YYYY-MM-DD")));
        check(CellValue::Text("2024-1-1é"), &CellFormat::Date, Err(CellError::Format("YYYY-MM-DD")));
    }

    #[test]
    fn leading_zeros_and_formula_like_texts_stay_in_workbooks() {
        check(CellValue::Text("000123"), &CellFormat::Text, Ok("000123"));
        check(CellValue::Text("=1+1"), &CellFormat::Text, Ok("=1+1"));
        check(CellValue::Text("a\u{7}b"), &CellFormat::Text, Err(CellError::Control));
        check(CellValue::Text(&"é".repeat(CELL_CHARS_MAX + 1)), &CellFormat::Text, Err(CellError::TooLong));
    }

    #[test]
    fn numbers_fit_their_digits() {
        let number = CellFormat::Number(Some((5, 2)));
        check(CellValue::Text("-123.40"), &number, Ok("-123.40"));
        for odd in ["1234", "1.234", "1e3", "1,5", "", ".", "1.", "--1", "NaN"] {
            check(CellValue::Text(odd), &number, Err(CellError::Format("a number")));
        }
    }

    #[test]
    fn csv_fields_do_not_become_formulas() {
        let cases = [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1 415-555-0100", "'+1 415-555-0100"),
            ("-12.5", "-12.5"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\t=1", "\"'\t=1\""),
            ("plain", "plain"),
            ("\u{3000}=1+1", "'\u{3000}=1+1"),
            ("\u{feff}=2+2", "'\u{feff}=2+2"),
            ("a;b", "\"a;b\""),
        ];
        for (text, expected) in cases {
            assert_eq!(csv_field(text), expected);
        }
    }
}
