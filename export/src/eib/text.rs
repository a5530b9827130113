//! Typed columns of a report as the texts that go into cells: days as `YYYY-MM-DD`, yes and no as `Y` and `N`, numbers in
//! plain digits, texts as they are. What does not fit the cell is not bent: the text says what was there, and the checks
//! that follow refuse it.

use crate::CellFormat;
use datafusion::arrow::array::cast::AsArray;
use datafusion::arrow::array::types::{
    Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMillisecondType,
};
use datafusion::arrow::array::{Array, ArrayRef, BooleanBufferBuilder, StringArray, StringBuilder};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use std::fmt::Write;

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A day: midnight is left out.
    Day,
    /// A day with its time.
    Time,
    /// As the type says.
    Plain,
}

impl Style {
    pub(super) fn of(format: &CellFormat) -> Self {
        match format {
            CellFormat::Date => Self::Day,
            CellFormat::DateTime => Self::Time,
            _ => Self::Plain,
        }
    }
}

/// Whether a column of this type can be written into cells.
pub(super) fn has_texts(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Null
            | DataType::Boolean
            | DataType::Date32
            | DataType::Date64
            | DataType::Timestamp(_, None)
            | DataType::Decimal32(..)
            | DataType::Decimal64(..)
            | DataType::Decimal128(..)
    ) || kind.is_integer()
        || kind.is_floating()
}

/// Whether a column of this type holds numbers, so that zeros in front are gone.
pub(super) fn is_number(kind: &DataType) -> bool {
    kind.is_numeric()
}

/// The texts; blank ones are null. `None` for a type that has none.
pub(super) fn texts(array: &ArrayRef, style: Style) -> Option<StringArray> {
    let to = |kind: &DataType| cast(array, kind).ok();
    match array.data_type() {
        DataType::Utf8 => Some(without_blanks(array.as_string::<i32>())),
        DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            Some(without_blanks(to(&DataType::Utf8)?.as_string::<i32>()))
        }
        DataType::Boolean => {
            let flags = array.as_boolean();
            Some(flags.iter().map(|flag| flag.map(|yes| if yes { "Y" } else { "N" })).collect())
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>();
            Some(written(array, 10, |row, out| {
                push_day(i64::from(days.value(row)), out);
                if style == Style::Time {
                    out.push_str("T00:00:00");
                }
            }))
        }
        DataType::Date64 | DataType::Timestamp(_, None) => {
            let times = to(&DataType::Timestamp(TimeUnit::Millisecond, None))?;
            let times = times.as_primitive::<TimestampMillisecondType>();
            Some(written(array, 19, |row, out| push_time(times.value(row), style, out)))
        }
        DataType::Decimal128(_, scale) => {
            let values = array.as_primitive::<Decimal128Type>();
            let scale = *scale;
            Some(written(array, 12, |row, out| push_decimal(values.value(row), scale, out)))
        }
        DataType::Decimal32(_, scale) | DataType::Decimal64(_, scale) => {
            let scale = *scale;
            let values = to(&DataType::Decimal128(38, scale))?;
            let values = values.as_primitive::<Decimal128Type>();
            Some(written(array, 12, |row, out| push_decimal(values.value(row), scale, out)))
        }
        DataType::UInt64 => {
            let values = to(&DataType::Decimal128(20, 0))?;
            let values = values.as_primitive::<Decimal128Type>();
            Some(written(array, 12, |row, out| push_decimal(values.value(row), 0, out)))
        }
        kind if kind.is_integer() => {
            let values = to(&DataType::Int64)?;
            let values = values.as_primitive::<Int64Type>();
            Some(written(array, 8, |row, out| {
                let _ = write!(out, "{}", values.value(row));
            }))
        }
        kind if kind.is_floating() => {
            let values = to(&DataType::Float64)?;
            let values = values.as_primitive::<Float64Type>();
            // Written without an exponent, with as many digits as tell the number apart.
            Some(written(array, 12, |row, out| {
                let _ = write!(out, "{}", values.value(row));
            }))
        }
        _ => None,
    }
}

fn written(array: &ArrayRef, bytes_each: usize, mut each: impl FnMut(usize, &mut String)) -> StringArray {
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * bytes_each);
    let mut text = String::new();
    let nulls = array.logical_nulls();
    for row in 0..array.len() {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        text.clear();
        each(row, &mut text);
        builder.append_value(&text);
    }
    builder.finish()
}

/// The same texts, and those without a visible character as nulls. Nothing is copied where there are none.
fn without_blanks(texts: &StringArray) -> StringArray {
    let blank = |text: &str| {
        text.as_bytes().first().is_none_or(|&first| first <= b' ' || first >= 0x80) && text.trim().is_empty()
    };
    if texts.iter().flatten().all(|text| !blank(text)) {
        return texts.clone();
    }
    let mut valid = BooleanBufferBuilder::new(texts.len());
    texts.iter().for_each(|text| valid.append(text.is_some_and(|text| !blank(text))));
    let nulls = NullBuffer::new(valid.finish());
    StringArray::new(texts.offsets().clone(), texts.values().clone(), Some(nulls))
}

/// A day, counted from 1970-01-01, in the Gregorian calendar.
fn push_day(days: i64, out: &mut String) {
    // Eras of 400 years that begin on 1 March, so that leap days come last
    // (Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if (0..=9_999).contains(&year) {
        for (number, digits) in [(year, 4), (month, 2), (day, 2)] {
            if digits < 4 {
                out.push('-');
            }
            push_padded(number, digits, out);
        }
    } else {
        let _ = write!(out, "{year}-{month:02}-{day:02}");
    }
}

fn push_padded(number: i64, digits: u32, out: &mut String) {
    for place in (0..digits).rev() {
        out.push(char::from(b'0' + (number / 10_i64.pow(place) % 10) as u8));
    }
}

fn push_time(ms: i64, style: Style, out: &mut String) {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    push_day(days, out);
    if style == Style::Day && rest == 0 {
        return;
    }
    let seconds = rest / 1_000;
    let _ = write!(out, "T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest % 1_000 != 0 {
        let _ = write!(out, ".{:03}", rest % 1_000);
    }
}

/// A decimal in plain digits, without the zeros that the type's scale adds.
fn push_decimal(value: i128, scale: i8, out: &mut String) {
    if scale <= 0 {
        let _ = write!(out, "{value}");
        if value != 0 {
            (scale..0).for_each(|_| out.push('0'));
        }
        return;
    }
    let (unit, sign) = (10_u128.pow(u32::from(scale.unsigned_abs()).min(38)), value < 0);
    let (whole, mut fraction) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    if sign {
        out.push('-');
    }
    let _ = write!(out, "{whole}");
    if fraction == 0 {
        return;
    }
    let mut digits = usize::from(scale.unsigned_abs());
    while fraction % 10 == 0 {
        fraction /= 10;
        digits -= 1;
    }
    let _ = write!(out, ".{fraction:0digits$}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{
        BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, TimestampMillisecondArray,
        UInt64Array,
    };
    use std::sync::Arc;

    fn of(array: impl Array + 'static, style: Style) -> Vec<Option<String>> {
        let array: ArrayRef = Arc::new(array);
        assert!(has_texts(array.data_type()));
        let texts = texts(&array, style).expect("it has texts");
        texts.iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn some(texts: &[&str]) -> Vec<Option<String>> {
        texts.iter().map(|text| Some((*text).to_owned())).collect()
    }

    #[test]
    fn days_and_times_are_written_as_workday_writes_them() {
        let days = Date32Array::from(vec![0, -1, 19_782, 11_016, -719_528, 2_932_896]);
        let expected = ["1970-01-01", "1969-12-31", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"];
        assert_eq!(of(days.clone(), Style::Day), some(&expected));
        assert_eq!(of(days, Style::Time)[2].as_deref(), Some("2024-02-29T00:00:00"));
        let times = TimestampMillisecondArray::from(vec![0, 86_400_000 + 3_723_000, -1]);
        assert_eq!(
            of(times, Style::Day),
            some(&["1970-01-01", "1970-01-02T01:02:03", "1969-12-31T23:59:59.999"])
        );
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        let mut expected = (1_600_u32, 1_u32, 1_u32);
        for days in -135_140..157_056_i64 {
            let mut text = String::new();
            push_day(days, &mut text);
            let (year, month, day) = expected;
            assert_eq!(text, format!("{year:04}-{month:02}-{day:02}"));
            let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
            let last =
                [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month as usize - 1];
            expected = match (month, day == last) {
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }

    #[test]
    fn numbers_are_plain_digits() {
        let decimals = Decimal128Array::from(vec![Some(123_450), Some(-50), Some(0), None, Some(100_000)])
            .with_precision_and_scale(38, 3)
            .expect("a decimal");
        let texts = of(decimals, Style::Plain);
        assert_eq!(
            texts,
            [Some("123.45".into()), Some("-0.05".into()), Some("0".into()), None, Some("100".into())]
        );
        assert_eq!(of(Int64Array::from(vec![i64::MIN]), Style::Plain), some(&["-9223372036854775808"]));
        assert_eq!(of(UInt64Array::from(vec![u64::MAX]), Style::Plain), some(&["18446744073709551615"]));
        assert_eq!(
            of(Float64Array::from(vec![1e21, 0.1, -2.0]), Style::Plain),
            some(&["1000000000000000000000", "0.1", "-2"])
        );
        assert_eq!(of(BooleanArray::from(vec![true, false]), Style::Plain), some(&["Y", "N"]));
    }

    #[test]
    fn blanks_are_nulls_and_other_texts_stay_as_they_are() {
        let texts = StringArray::from(vec![Some(" x "), Some(""), Some(" \u{a0}\t"), None, Some("é")]);
        assert_eq!(of(texts, Style::Plain), [Some(" x ".into()), None, None, None, Some("é".into())]);
        let array: ArrayRef = Arc::new(StringArray::from(vec!["a"]).slice(0, 1));
        assert_eq!(super::texts(&array, Style::Day).expect("texts").value(0), "a");
    }
}
