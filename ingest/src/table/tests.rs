//! Tables read back by Parquet's own reader, outputs that fail, readings that are refused midway.

use super::*;
use arrow_array::{Array, Float32Array, Int64Array, StringArray, UInt32Array, UInt64Array};
use custody_rules::{CellsBuilder, Limits, Reason};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::RowGroupMetaData;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Cursor;
use std::sync::Arc;

/// A reading that is there already; after the batches comes what `end` says.
struct Given {
    batches: VecDeque<RecordBatch>,
    end: Option<Refusal>,
}

impl BatchSource for Given {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        match (self.batches.pop_front(), self.end.take()) {
            (None, Some(refusal)) => Err(refusal),
            (batch, end) => {
                self.end = end;
                Ok(batch)
            }
        }
    }
}

fn given(batches: &[RecordBatch], end: Option<Refusal>) -> Given {
    Given { batches: batches.iter().cloned().collect(), end }
}

/// Writes a table into a file and gives it back.
fn written(batches: &[RecordBatch], shape: TableShape) -> (File, TableSummary) {
    let file = tempfile::tempfile().unwrap();
    let summary = write_table(&mut given(batches, None), shape, &file).unwrap();
    (file, summary)
}

fn reader(file: File) -> ParquetRecordBatchReader {
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap()
}

fn joined(batches: &[RecordBatch], shape: TableShape) -> Vec<Arc<dyn Array>> {
    let column = |at: usize| {
        let parts: Vec<&dyn Array> = batches.iter().map(|batch| batch.column(at).as_ref()).collect();
        match parts.as_slice() {
            [] => arrow_array::new_empty_array(shape.schema().field(at).data_type()),
            parts => arrow_select::concat::concat(parts).unwrap(),
        }
    };
    (0..shape.schema().fields().len()).map(column).collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{0,3}", "\\PC{0,40}", Just("\u{feff}\0\n\"".to_owned())]
}

prop_compose! {
    fn lines()(rows in prop::collection::vec(
        (any::<u64>(), any::<u64>(), any::<u64>(), any::<Option<i64>>(), prop::option::of(text()), text()), 0..40,
    )) -> RecordBatch {
        let u64s = |f: fn(&(u64, u64, u64, Option<i64>, Option<String>, String)) -> u64| {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(f))) as Arc<dyn Array>
        };
        RecordBatch::try_new(TableShape::Lines.schema().clone(), vec![
            u64s(|row| row.0),
            u64s(|row| row.1),
            u64s(|row| row.2),
            Arc::new(rows.iter().map(|row| row.3).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|row| row.4.clone()).collect::<StringArray>()),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.5))),
        ]).unwrap()
    }
}

prop_compose! {
    fn words()(rows in prop::collection::vec((any::<[u32; 10]>(), any::<f32>(), any::<[u64; 2]>(), text()), 0..40))
    -> RecordBatch {
        let u32s = |at: usize| {
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.0[at]))) as Arc<dyn Array>
        };
        let u64s = |at: usize| {
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.2[at]))) as Arc<dyn Array>
        };
        let confidence = Arc::new(Float32Array::from_iter_values(rows.iter().map(|row| row.1)));
        let text = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row.3)));
        let mut columns: Vec<Arc<dyn Array>> = vec![u32s(0), u32s(1), u32s(2), confidence];
        columns.extend((3..10).map(u32s));
        columns.extend([u64s(0), u64s(1), text]);
        RecordBatch::try_new(TableShape::Words.schema().clone(), columns).unwrap()
    }
}

fn same_again(batches: &[RecordBatch], shape: TableShape) {
    let (file, summary) = written(batches, shape);
    assert_eq!(summary.rows, batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>());
    let again: Vec<_> = reader(file).map(Result::unwrap).collect();
    assert!(again.iter().all(|batch| batch.schema().fields() == shape.schema().fields()));
    assert_eq!(joined(&again, shape), joined(batches, shape));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn lines_come_back_as_they_were(batches in prop::collection::vec(lines(), 0..4)) {
        same_again(&batches, TableShape::Lines);
    }

    #[test]
    fn words_come_back_as_they_were(batches in prop::collection::vec(words(), 0..4)) {
        same_again(&batches, TableShape::Words);
    }
}

/// The cells of a report of so many rows, as the CSV reader reads it.
fn report(rows: usize) -> Vec<RecordBatch> {
    let mut text = String::from("Employee_ID,Name,Salary\n");
    for row in 0..rows {
        writeln!(text, "{row:06},\"Doe, Jane {}\",{}.5", row % 97, row * 37 % 90_000).unwrap();
    }
    let mut source =
        crate::formats::csv::open(Box::new(Cursor::new(text.into_bytes())), &Limits::default()).unwrap();
    std::iter::from_fn(|| source.next_batch().unwrap()).collect()
}

#[test]
fn a_report_comes_back_as_it_was() {
    same_again(&report(3_000), TableShape::Cells);
}

#[test]
fn a_table_says_its_shape_and_names_no_program_but_ours() {
    for (shape, batches) in [(TableShape::Cells, report(5)), (TableShape::Lines, vec![])] {
        let (file, _) = written(&batches, shape);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let metadata = builder.metadata().file_metadata();
        let value = |key: &str| {
            let pair = metadata.key_value_metadata().unwrap().iter().find(|pair| pair.key == key);
            pair.and_then(|pair| pair.value.as_deref()).map(str::to_owned)
        };
        assert_eq!(value(SHAPE_KEY).as_deref(), Some(shape.name()));
        assert_eq!(value(SHAPE_VERSION_KEY).as_deref(), Some("1"));
        assert_eq!(metadata.created_by(), Some("custody"));
    }
}

#[test]
fn every_kind_of_artifact_but_an_archive_has_a_shape() {
    assert_eq!(TableShape::of(ArtifactKind::Text), Some(TableShape::Lines));
    assert_eq!(TableShape::of(ArtifactKind::Xml), Some(TableShape::Cells));
    assert_eq!(TableShape::of(ArtifactKind::Video), Some(TableShape::Words));
    assert_eq!(TableShape::of(ArtifactKind::Archive), None);
}

#[test]
fn a_refusal_midway_leaves_no_table() {
    let refusal = Refusal::new(Reason::Malformed, "a quote is never closed");
    let file = tempfile::tempfile().unwrap();
    let mut source = given(&report(3_000), Some(refusal.clone()));
    let error = write_table(&mut source, TableShape::Cells, &file).unwrap_err();
    assert_eq!(error, TableError::Refused(refusal));
    assert!(ParquetRecordBatchReaderBuilder::try_new(file).is_err(), "it has no footer");
}

#[test]
fn other_columns_are_no_part_of_a_table() {
    let error = write_table(&mut given(&report(3), None), TableShape::Lines, Vec::new()).unwrap_err();
    assert_eq!(error, TableError::OtherColumns(TableShape::Lines));
}

/// Takes so many bytes and then says that the disk is full, in words that must not be passed on.
struct Full {
    left: usize,
    kind: io::ErrorKind,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::new(self.kind, "/planted/path"));
        }
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_it_comes() {
    let batches = report(400);
    let mut whole = Vec::new();
    write_table(&mut given(&batches, None), TableShape::Cells, &mut whole).unwrap();
    let kind = io::ErrorKind::StorageFull;
    for left in (0..whole.len()).step_by(97).chain([whole.len() - 1]) {
        let error = write_table(&mut given(&batches, None), TableShape::Cells, Full { left, kind });
        assert_eq!(error, Err(TableError::Unwritable(kind)), "after {left} of {} bytes", whole.len());
    }
    assert!(
        write_table(&mut given(&batches, None), TableShape::Cells, Full { left: whole.len(), kind }).is_ok()
    );
}

#[test]
fn a_long_table_is_written_in_row_groups_while_it_is_read() {
    // Digits of hashes: they pack by half and repeat never, so that 48 MiB make more than one row group.
    let mut builder = CellsBuilder::default();
    let mut out = tempfile::tempfile().unwrap();
    let mut writer = TableWriter::new(TableShape::Cells, &mut out).unwrap();
    let mut rows = 0;
    for number in 0..48_u64 {
        let mut noise = vec![0; 512 << 10];
        blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut noise);
        for bytes in noise.chunks(2 << 10) {
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            builder.push(table::CellRow {
                sheet: 0,
                row: rows,
                column: 0,
                kind: table::CellKind::Value,
                heading: Some("noise"),
                syntax: custody_rules::Syntax::Plain,
                start: 0,
                end: 0,
                raw: None,
                text: &text,
            });
            rows += 1;
        }
        writer.write(&builder.finish()).unwrap();
    }
    let summary = writer.finish().unwrap();
    assert!(summary.row_groups > 1, "{summary:?}");
    let builder = ParquetRecordBatchReaderBuilder::try_new(out).unwrap();
    let largest =
        builder.metadata().row_groups().iter().map(RowGroupMetaData::compressed_size).max().unwrap();
    assert!(largest < 20 << 20, "{largest} bytes in one row group");
}
