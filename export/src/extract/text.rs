//! The text of a typed value, as a CSV field holds it: days as `YYYY-MM-DD`, decimals with their own digits.

use super::ExtractError;
use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

/// Whether a type's values are texts, which may look like formulas.
pub(super) fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Whether a type's values can be written as one text.
pub(super) fn is_simple(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_simple(values),
        DataType::Null
        | DataType::Boolean
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..) => true,
        DataType::Time32(_) | DataType::Time64(_) => true,
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => true,
        other => other.is_numeric() || is_text(other),
    }
}

/// How values become texts. Nulls are told apart by the array, not by their text.
pub(super) fn options() -> FormatOptions<'static> {
    // A value that has no text is an error, and not the text of one.
    FormatOptions::new()
        .with_display_error(false)
        .with_date_format(Some("%Y-%m-%d"))
        .with_timestamp_format(Some("%Y-%m-%dT%H:%M:%S%.f"))
        .with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.f%:z"))
}

/// A column of a batch: its values, whether they are texts, and what writes them.
pub(super) type Written<'a> = (&'a ArrayRef, bool, ArrayFormatter<'a>);

/// The columns of a batch.
///
/// # Errors
/// [`ExtractError::Type`] for a type that has no text.
pub(super) fn columns<'a>(
    batch: &'a RecordBatch,
    options: &'a FormatOptions<'a>,
) -> Result<Vec<Written<'a>>, ExtractError> {
    let formatter = |array: &'a ArrayRef| {
        is_simple(array.data_type()).then(|| ArrayFormatter::try_new(array.as_ref(), options).ok())?
    };
    let columns = batch.columns().iter().enumerate().map(|(at, array)| {
        let formatter = formatter(array).ok_or(ExtractError::Type { column: at + 1 })?;
        Ok((array, is_text(array.data_type()), formatter))
    });
    columns.collect()
}
