//! Reports of every shape, read back as typed tables.

mod csv;
mod sheets;
mod trees;
mod written;

use super::*;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use custody_rules::{TableSource, TextEncoding};
use std::io::Write;

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    file
}

fn open_as(file: &File, sniffed: Sniffed, how: Typing, limits: &Limits) -> Result<Vec<ReportTable>, Refusal> {
    let file = file.try_clone().expect("a second descriptor");
    open_report(Arc::new(move || Ok(file.try_clone()?)), sniffed, limits, how)
}

fn open_file(file: &File, how: Typing, limits: &Limits) -> Result<Vec<ReportTable>, Refusal> {
    open_as(file, crate::sniff(file, limits)?, how, limits)
}

fn open(bytes: &[u8], how: Typing, limits: &Limits) -> Result<Vec<ReportTable>, Refusal> {
    open_file(&file(bytes), how, limits)
}

fn tables(bytes: &[u8]) -> Vec<ReportTable> {
    open(bytes, Typing::Whole, &Limits::default()).expect("a report")
}

fn only(bytes: &[u8]) -> ReportTable {
    let mut tables = tables(bytes);
    assert_eq!((tables.len(), tables[0].name.as_str()), (1, ""));
    tables.remove(0)
}

fn refused(bytes: &[u8]) -> Refusal {
    open(bytes, Typing::Whole, &Limits::default()).expect_err("no report")
}

/// A value as a person would write it.
fn cell(array: &ArrayRef, row: usize) -> String {
    if array.is_null(row) {
        return "∅".to_owned();
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(row).to_owned(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Boolean => array.as_boolean().value(row).to_string(),
        DataType::Date32 => array.as_primitive::<Date32Type>().value_as_date(row).expect("a day").to_string(),
        DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Timestamp(..) => array
            .as_primitive::<TimestampMillisecondType>()
            .value_as_datetime(row)
            .expect("a moment")
            .to_string(),
        other => panic!("no column is of type {other}"),
    }
}

fn batches(table: &ReportTable, columns: &[usize]) -> Result<Vec<RecordBatch>, Refusal> {
    let mut source = table.scan(columns)?;
    let mut batches = Vec::new();
    while let Some(batch) = source.next_batch()? {
        assert!(batch.num_rows() <= Limits::default().batch_rows_max);
        batches.push(batch);
    }
    Ok(batches)
}

fn read(table: &ReportTable, columns: &[usize]) -> Result<Vec<Vec<String>>, Refusal> {
    let rows = batches(table, columns)?.into_iter().flat_map(|batch| {
        let row = |row| batch.columns().iter().map(|column| cell(column, row)).collect();
        (0..batch.num_rows()).map(row).collect::<Vec<_>>()
    });
    Ok(rows.collect())
}

/// The columns with their types, and every row.
fn shown(table: &ReportTable) -> Vec<String> {
    let schema = table.schema();
    let columns: Vec<usize> = (0..schema.fields().len()).collect();
    let names = schema.fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type()));
    let mut lines = vec![names.collect::<Vec<_>>().join(" | ")];
    let rows = read(table, &columns).expect("sound");
    assert!(table.rows.is_none_or(|counted| counted == rows.len() as u64));
    lines.extend(rows.iter().map(|row| row.join(" | ")));
    lines
}

fn metadata(table: &ReportTable, column: usize) -> Vec<(&'static str, &'static str)> {
    let schema = table.schema();
    let mut pairs: Vec<_> = schema.field(column).metadata().iter().collect();
    pairs.sort();
    // Leaked so that tests read well; there are a handful of them.
    let leak = |text: &String| &*Box::leak(text.clone().into_boxed_str());
    pairs.into_iter().map(|(key, value)| (leak(key), leak(value))).collect()
}
