//! Tables as Parquet, read back by Parquet's own reader.

use super::*;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

#[test]
fn types_values_and_metadata_are_kept() {
    let table = only(
        b"Employee ID,Pay,Hire Date,At,Active,Level\n007,1250.50,2024-03-01,2024-03-01T10:00:00,true,3\n008,,,,false,\n",
    );
    let out = tempfile::tempfile().expect("a temporary file");
    let summary = write_report(&table, &out).expect("it is written");
    assert_eq!((summary.rows, summary.row_groups), (2, 1));
    let builder = ParquetRecordBatchReaderBuilder::try_new(out).expect("a table");
    let pairs = builder.metadata().file_metadata().key_value_metadata().expect("metadata").clone();
    let value = |key: &str| pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone());
    assert_eq!(value("custody.schema").as_deref(), Some("report"));
    assert_eq!(value("custody.schema_version").as_deref(), Some("1"));
    assert_eq!(builder.schema().fields(), table.schema().fields());
    let batches: Vec<RecordBatch> =
        builder.build().expect("a reader").map(|batch| batch.expect("sound")).collect();
    let all: Vec<usize> = (0..6).collect();
    let expected = super::batches(&table, &all).expect("sound");
    assert_eq!(batches[0].columns(), expected[0].columns());
}

#[test]
fn a_value_that_does_not_fit_leaves_no_table() {
    let text = format!("Worker,Level\n{}Bob,x\n", "Ann,1\n".repeat(50));
    let tables = open(text.as_bytes(), Typing::Sample { rows: 5 }, &Limits::default()).expect("a report");
    let error = write_report(&tables[0], std::io::sink()).expect_err("a text among numbers");
    assert!(error.to_string().contains("row 52, column 2"), "{error}");
}
