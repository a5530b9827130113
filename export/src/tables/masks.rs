//! Answers as they may be shown: columns that hold what is somebody's stand behind a mark, everything as text.

use super::TablesError;
use datafusion::arrow::array::{
    Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray, StringBuilder,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options, is_not_null};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use std::sync::Arc;

/// What stands for the values of an answer's columns: a mark such as `‹PERSON›`, or nothing for those that are shown as
/// they are. Cells without a value stay empty behind a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masks(Vec<Option<String>>);

impl Masks {
    /// Takes a mark, or none, for each column.
    pub fn new(marks: Vec<Option<String>>) -> Self {
        Self(marks)
    }

    /// Whether nothing is masked.
    pub fn are_none(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Names of the columns that are masked.
    pub fn masked<'a>(&self, schema: &'a Schema) -> Vec<&'a str> {
        let names = schema.fields().iter().zip(&self.0);
        names.filter(|(_, mark)| mark.is_some()).map(|(field, _)| field.name().as_str()).collect()
    }

    /// The columns behind the marks: those with one are texts.
    ///
    /// # Errors
    /// [`TablesError::Failed`] when it is not known of every column whether it is masked.
    pub fn schema(&self, schema: &Schema) -> Result<SchemaRef, TablesError> {
        if schema.fields().len() != self.0.len() {
            return Err(TablesError::Failed);
        }
        let fields = schema.fields().iter().zip(&self.0).map(|(field, mark)| match mark {
            Some(_) => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
            None => Arc::clone(field),
        });
        Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
    }

    /// The rows behind the marks.
    ///
    /// # Errors
    /// As of [`schema`](Self::schema).
    pub fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, TablesError> {
        let schema = self.schema(&batch.schema())?;
        let columns = batch.columns().iter().zip(&self.0).map(|(values, mark)| match mark {
            Some(mark) => masked(values, mark),
            None => Ok(Arc::clone(values)),
        });
        let columns = columns.collect::<Result<_, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(schema, columns, &options).map_err(|_| TablesError::Failed)
    }
}

fn masked(values: &ArrayRef, mark: &str) -> Result<ArrayRef, TablesError> {
    let there = is_not_null(values).map_err(|_| TablesError::Failed)?;
    let marks: StringArray = there.iter().map(|there| (there == Some(true)).then_some(mark)).collect();
    Ok(Arc::new(marks))
}

/// A value that has no text is an error, and not the text of one.
fn texts_options() -> FormatOptions<'static> {
    FormatOptions::new().with_display_error(false)
}

/// A column as texts: days as `2026-01-31`, numbers as they are written, nothing where there is no value.
///
/// # Errors
/// [`TablesError::Value`] for a type that has no text.
pub fn texts(values: &ArrayRef) -> Result<StringArray, TablesError> {
    let options = texts_options();
    let strict = CastOptions { safe: false, format_options: options.clone() };
    let text = if values.data_type().is_nested() {
        None
    } else {
        cast_with_options(values, &DataType::Utf8, &strict).ok()
    };
    if let Some(text) = text.as_ref().and_then(|text| text.as_any().downcast_ref::<StringArray>()) {
        return Ok(text.clone());
    }
    let formatter = ArrayFormatter::try_new(values, &options).map_err(|_| TablesError::Value)?;
    let mut texts = StringBuilder::new();
    for row in 0..values.len() {
        if values.is_null(row) {
            texts.append_null();
        } else {
            texts.append_value(formatter.value(row).try_to_string().map_err(|_| TablesError::Value)?);
        }
    }
    Ok(texts.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::arrow::array::{AsArray, Date32Array, Decimal128Array, Int64Array};

    #[test]
    fn a_masked_column_holds_its_mark_and_its_gaps() {
        let batch = RecordBatch::try_from_iter([
            ("id", Arc::new(Int64Array::from(vec![Some(104_711), None])) as ArrayRef),
            ("country", Arc::new(StringArray::from(vec!["DE", "FR"])) as ArrayRef),
        ])
        .expect("the test's own data");
        let masks = Masks::new(vec![Some("‹EMPLOYEE_ID›".to_owned()), None]);
        let shown = masks.apply(&batch).expect("it fits");
        let ids: Vec<_> = shown.column(0).as_string::<i32>().iter().collect();
        assert_eq!(ids, [Some("‹EMPLOYEE_ID›"), None]);
        assert_eq!(shown.column(1), batch.column(1));
        assert_eq!((masks.masked(&batch.schema()), masks.are_none()), (vec!["id"], false));
        assert_eq!(shown.schema(), masks.schema(&batch.schema()).expect("it fits"));
        let short = Masks::new(vec![None]);
        assert_eq!(short.apply(&batch), Err(TablesError::Failed), "what is not known is not shown");
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        let money = Decimal128Array::from(vec![Some(-123_450), None]).with_precision_and_scale(38, 2);
        let all: [(ArrayRef, [Option<&str>; 2]); 3] = [
            (Arc::new(Date32Array::from(vec![Some(20_484), None])), [Some("2026-01-31"), None]),
            (Arc::new(money.expect("it fits")), [Some("-1234.50"), None]),
            (Arc::new(Int64Array::from(vec![7, -8])), [Some("7"), Some("-8")]),
        ];
        for (values, expected) in all {
            assert_eq!(texts(&values).expect("a text").iter().collect::<Vec<_>>(), expected);
        }
    }
}
