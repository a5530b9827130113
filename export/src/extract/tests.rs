//! Extracts in every format, as others read them.

use super::*;
use calamine::{Data, DataType as _, Reader, Xlsx};
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, ListArray, StringArray,
    TimestampMillisecondArray,
};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::io::{Cursor, Read};
use std::sync::Arc;

fn batch() -> RecordBatch {
    let field = |name: &str, kind| Field::new(name, kind, true);
    let schema = Schema::new(vec![
        field("Employee ID", DataType::Utf8),
        field("=Notes", DataType::Utf8),
        field("Hired", DataType::Date32),
        field("Active", DataType::Boolean),
        field("Pay", DataType::Decimal128(38, 2)),
        field("Seen", DataType::Timestamp(TimeUnit::Millisecond, None)),
        field("Count", DataType::Int64),
    ]);
    let pay = Decimal128Array::from(vec![Some(-1_250), Some(123_456_789_012_345_678), None]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["000123", "7", "8"])),
        Arc::new(StringArray::from(vec![Some("=1+1"), Some("a, \"b\"\nc"), None])),
        Arc::new(Date32Array::from(vec![Some(19_883), Some(-30_000), None])),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        Arc::new(pay.with_precision_and_scale(38, 2).expect("it fits")),
        Arc::new(TimestampMillisecondArray::from(vec![
            Some(1_717_935_825_000),
            Some(1_717_935_825_123),
            None,
        ])),
        Arc::new(Int64Array::from(vec![Some(-3), Some(9_007_199_254_740_993), None])),
    ];
    RecordBatch::try_new(Arc::new(schema), columns).expect("a batch")
}

fn extract(format: ExtractFormat) -> (ExtractWritten, Vec<u8>) {
    let (batch, mut left) = (batch(), 2);
    let file = tempfile::tempfile().expect("a temporary file");
    let mut again = file.try_clone().expect("a second handle");
    let mut next = || {
        left -= 1;
        Ok((left >= 0).then(|| batch.clone()))
    };
    let written = write_extract(format, &batch.schema(), &mut next, file).expect("an extract");
    let mut bytes = Vec::new();
    again.rewind().expect("it can be read");
    again.read_to_end(&mut bytes).expect("it can be read");
    assert_eq!(written.rows, 6);
    assert_eq!(
        (written.bytes, &written.blake3),
        (bytes.len() as u64, &blake3::hash(&bytes).to_hex().to_string())
    );
    (written, bytes)
}

#[test]
fn csv_is_quoted_typed_and_harmless() {
    let (written, bytes) = extract(ExtractFormat::Csv);
    let rows = "000123,'=1+1,2024-06-09,true,-12.50,2024-06-09T12:23:45,-3\r\n\
                7,\"a, \"\"b\"\"\nc\",1887-11-12,false,1234567890123456.78,2024-06-09T12:23:45.123,9007199254740993\r\n\
                8,,,,,,\r\n";
    let expected = format!("Employee ID,'=Notes,Hired,Active,Pay,Seen,Count\r\n{rows}{rows}");
    assert_eq!(String::from_utf8(bytes).expect("UTF-8"), expected);
    assert_eq!(written.neutralised, 3);
}

#[test]
fn workbooks_keep_types_and_every_digit() {
    let (written, bytes) = extract(ExtractFormat::Xlsx);
    assert_eq!(written.neutralised, 3);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range("Extract").expect("the sheet");
    let row = |row: u32| {
        (0..7).map(|column| range.get_value((row, column)).cloned().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(row(0)[1], Data::String("'=Notes".to_owned()));
    let first = row(1);
    assert_eq!(first[..2], [Data::String("000123".to_owned()), Data::String("'=1+1".to_owned())]);
    let day = first[2].as_datetime().map(|day| day.date().to_string());
    assert_eq!(day.as_deref(), Some("2024-06-09"));
    assert_eq!(
        (&first[3], &first[4], &first[6]),
        (&Data::Bool(true), &Data::Float(-12.5), &Data::Float(-3.0))
    );
    let seen = first[5].as_datetime().map(|time| time.to_string());
    assert_eq!(seen.as_deref(), Some("2024-06-09 12:23:45"));
    // What a workbook would round or count wrongly is a text.
    let second = row(2);
    let texts = [2, 4, 5, 6].map(|column| second[column].to_string());
    let expected = ["1887-11-12", "1234567890123456.78", "2024-06-09T12:23:45.123", "9007199254740993"];
    assert_eq!(texts, expected);
    assert!([2, 4, 5, 6].iter().all(|&column| matches!(second[column], Data::String(_))));
    assert_eq!(row(3)[1..], vec![Data::Empty; 6]);
    assert_eq!(row(6)[0], Data::String("8".to_owned()));
}

#[test]
fn parquet_keeps_everything_as_it_is() {
    let (written, bytes) = extract(ExtractFormat::Parquet);
    assert_eq!(written.neutralised, 0);
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).expect("Parquet");
    let read: Vec<RecordBatch> =
        reader.build().expect("a reader").map(|batch| batch.expect("a batch")).collect();
    assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 6);
    assert_eq!(read[0].slice(0, 3), batch());
}

#[test]
fn odd_rows_are_refused() {
    let out = || tempfile::tempfile().expect("a temporary file");
    let other = batch().project(&[0, 1]).expect("two columns");
    let error = write_extract(ExtractFormat::Csv, &batch().schema(), &mut || Ok(Some(other.clone())), out());
    assert!(matches!(error, Err(ExtractError::Columns)));
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)])]);
    let schema = Arc::new(Schema::new(vec![Field::new("l", lists_type(&lists), true)]));
    let lists = RecordBatch::try_new(schema.clone(), vec![Arc::new(lists)]).expect("a batch");
    for format in [ExtractFormat::Csv, ExtractFormat::Xlsx] {
        let mut next = Some(lists.clone());
        let error = write_extract(format, &schema, &mut || Ok(next.take()), out());
        assert!(matches!(error, Err(ExtractError::Type { column: 1 })), "{format:?}");
    }
    let stopped = || Err(RowError::Stopped("no more".to_owned()));
    let error = write_extract(ExtractFormat::Parquet, &batch().schema(), &mut { stopped }, out());
    assert!(matches!(error, Err(ExtractError::Source(_))));
    let long = RecordBatch::try_from_iter([(
        "t",
        Arc::new(StringArray::from(vec!["x".repeat(32_768)])) as ArrayRef,
    )]);
    let long = long.expect("a batch");
    let mut next = Some(long.clone());
    let error = write_extract(ExtractFormat::Xlsx, &long.schema(), &mut || Ok(next.take()), out());
    assert!(matches!(error, Err(ExtractError::Text { row: 1, column: 1, .. })));
}

fn lists_type(lists: &ListArray) -> DataType {
    use datafusion::arrow::array::Array;
    lists.data_type().clone()
}
