//! An extract as a workbook: one sheet, a heading row, values with their types. Texts and IDs are strings, days are days,
//! numbers are numbers where a workbook keeps all their digits and strings where it does not.

use super::neutral::neutral;
use super::text::{columns, is_text, options};
use super::{Checked, Counts, ExtractError};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, SchemaRef, TimeUnit, TimestampMillisecondType,
};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};
use std::fs::File;
use std::io::BufWriter;

/// Rows of a sheet with its heading, and its columns, as Excel has them.
const ROWS_MAX: u64 = 1_048_576;
const COLUMNS_MAX: usize = 16_384;
/// Units of UTF-16 of a cell.
const UNITS_MAX: usize = 32_767;
/// Digits that a workbook's numbers keep.
const DIGITS_MAX: usize = 15;
/// Days from 1900-01-01 as Excel counts (its day 61, 1900-03-01, is the first that is right) to 1970-01-01.
const EPOCH: i64 = 25_569;
const FIRST_DAY: i64 = 61;
const LAST_DAY: i64 = 2_958_465;
const DAY_MS: i64 = 86_400_000;

struct Styles {
    heading: Format,
    date: Format,
    time: Format,
    text: Format,
}

pub(super) fn write(
    schema: &SchemaRef,
    batches: &mut Checked<'_>,
    out: &File,
) -> Result<Counts, ExtractError> {
    if schema.fields().len() > COLUMNS_MAX {
        return Err(ExtractError::TooLarge { what: "more columns than a sheet can hold" });
    }
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(1980, 1, 1).map_err(|_| ExtractError::Format)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let sheet = book.add_worksheet_with_constant_memory().map_err(|_| ExtractError::Format)?;
    sheet.set_name("Extract").map_err(|_| ExtractError::Format)?;
    let styles = Styles {
        heading: Format::new().set_bold(),
        date: Format::new().set_num_format("yyyy-mm-dd"),
        time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        text: Format::new().set_num_format("@"),
    };
    let mut counts = Counts::default();
    for (column, field) in schema.fields().iter().enumerate() {
        heading(sheet, column, field, &styles, &mut counts)?;
    }
    sheet.set_freeze_panes(1, 0).map_err(|_| ExtractError::Format)?;
    while let Some(batch) = batches()? {
        if counts.rows + batch.num_rows() as u64 + 1 > ROWS_MAX {
            return Err(ExtractError::TooLarge { what: "more rows than a sheet can hold" });
        }
        rows(sheet, &batch, &styles, &mut counts)?;
    }
    book.save_to_writer(BufWriter::new(out)).map_err(|_| ExtractError::Format)?;
    Ok(counts)
}

fn heading(
    sheet: &mut Worksheet,
    column: usize,
    field: &Field,
    styles: &Styles,
    counts: &mut Counts,
) -> Result<(), ExtractError> {
    let (text, changed) = neutral(field.name());
    counts.neutralised += u64::from(changed);
    checked(&text, 0, column)?;
    let written = sheet.write_string_with_format(0, column as u16, text.as_ref(), &styles.heading);
    written.map_err(|_| ExtractError::Format)?;
    sheet.set_column_width(column as u16, 18).map_err(|_| ExtractError::Format)?;
    // What is typed in later is to stay text too.
    if is_text(field.data_type()) {
        sheet.set_column_format(column as u16, &styles.text).map_err(|_| ExtractError::Format)?;
    }
    Ok(())
}

fn rows(
    sheet: &mut Worksheet,
    batch: &RecordBatch,
    styles: &Styles,
    counts: &mut Counts,
) -> Result<(), ExtractError> {
    let options = options();
    let columns = columns(batch, &options)?;
    for row in 0..batch.num_rows() {
        counts.rows += 1;
        let sheet_row = counts.rows as u32;
        for (at, (array, text, formatter)) in columns.iter().enumerate() {
            if array.is_null(row) {
                continue;
            }
            let (column, value) = (at as u16, typed(array, row));
            let written = match value {
                Typed::Yes(yes) => sheet.write_boolean(sheet_row, column, yes),
                Typed::Day(day) => sheet.write_number_with_format(sheet_row, column, day, &styles.date),
                Typed::Time(time) => sheet.write_number_with_format(sheet_row, column, time, &styles.time),
                Typed::Other => {
                    let shown = formatter.value(row).try_to_string().map_err(|_| ExtractError::Format)?;
                    match exact(&shown).filter(|_| !text) {
                        Some(number) => sheet.write_number(sheet_row, column, number),
                        None if *text => {
                            let (shown, changed) = neutral(&shown);
                            counts.neutralised += u64::from(changed);
                            checked(&shown, counts.rows, at)?;
                            sheet.write_string(sheet_row, column, shown.as_ref())
                        }
                        None => sheet.write_string(sheet_row, column, shown),
                    }
                }
            };
            written.map_err(|_| ExtractError::Format)?;
        }
    }
    Ok(())
}

/// A value as a workbook knows it.
enum Typed {
    Yes(bool),
    Day(f64),
    Time(f64),
    Other,
}

fn typed(array: &ArrayRef, row: usize) -> Typed {
    match array.data_type() {
        DataType::Boolean => Typed::Yes(array.as_boolean().value(row)),
        DataType::Date32 => {
            let day = i64::from(array.as_primitive::<Date32Type>().value(row)) + EPOCH;
            // Earlier days are counted wrongly by Excel: they stay text.
            if (FIRST_DAY..=LAST_DAY).contains(&day) { Typed::Day(day as f64) } else { Typed::Other }
        }
        DataType::Timestamp(TimeUnit::Millisecond, None) => {
            let ms = array.as_primitive::<TimestampMillisecondType>().value(row);
            let day = ms.div_euclid(DAY_MS) + EPOCH;
            // Whole seconds: a workbook shows and keeps them, thousandths are lost in its fractions of a day.
            if (FIRST_DAY..=LAST_DAY).contains(&day) && ms % 1_000 == 0 {
                Typed::Time(day as f64 + ms.rem_euclid(DAY_MS) as f64 / DAY_MS as f64)
            } else {
                Typed::Other
            }
        }
        _ => Typed::Other,
    }
}

/// A number of which a workbook keeps every digit.
fn exact(shown: &str) -> Option<f64> {
    let fewest = if shown.contains('.') { shown.trim_end_matches('0') } else { shown };
    let digits = fewest.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
    let plain = shown.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    (plain && digits.count() <= DIGITS_MAX).then(|| shown.parse().ok()).flatten()
}

fn checked(text: &str, row: u64, column: usize) -> Result<(), ExtractError> {
    if text.encode_utf16().count() > UNITS_MAX {
        return Err(ExtractError::Text {
            row,
            column: column + 1,
            what: "longer than a cell of a workbook may be",
        });
    }
    Ok(())
}
