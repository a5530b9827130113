//! What the fuzz targets share: limits small enough to be reached, reading to the end, and what must hold of
//! every batch. No target lives here.

// Shared by path, so that the rest of that crate, DataFusion above all, is not instrumented.
#[path = "../../export/src/expand.rs"]
mod expand;
#[path = "../../export/src/format.rs"]
mod format;
#[path = "../../export/src/template/mod.rs"]
pub mod template;

/// Reads what Workday rejected.
#[path = "../../export/src/eib/reconcile/mod.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "part of a crate that is not here as a whole")]
pub mod reconcile;

pub use format::{CellFormat, Restriction};

use custody_rules::table::{CELLS, LINES, cell_rows, line_rows};
use custody_rules::{BatchSource, Limits, Refusal};
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use zip::write::SimpleFileOptions;

/// Cells of one record: a record is never split, so one that is wider than a batch makes a batch of its own.
const RECORD_CELLS_MAX: usize = 65_536;

/// Limits that a fuzzer's inputs can reach.
pub fn limits() -> Limits {
    Limits {
        expanded_bytes_max: 4 << 20,
        token_bytes_max: 4 << 10,
        nesting_max: 64,
        batch_rows_max: 64,
        batch_bytes_max: 4 << 10,
        ..Limits::default()
    }
}

/// Bytes as the stream that a reader takes.
pub fn view(data: &[u8]) -> Box<dyn Read + Send> {
    Box::new(Cursor::new(data.to_vec()))
}

/// Bytes as a file, read from its beginning.
pub fn file(data: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file can be made");
    file.write_all(data).expect("a temporary file takes bytes");
    file.rewind().expect("a temporary file can be rewound");
    file
}

/// A package of these parts, as they are and not compressed.
pub fn package<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        zip.start_file(name, stored).expect("names are sound");
        zip.write_all(bytes).expect("memory takes bytes");
    }
    zip.finish().expect("a package in memory").into_inner()
}

/// The same of parts that are texts, one of them replaced.
pub fn package_with(parts: &[(&str, &str)], replaced: usize, bytes: &[u8]) -> Vec<u8> {
    package(parts.iter().enumerate().map(|(index, (name, text))| {
        (*name, if index == replaced { bytes } else { text.as_bytes() })
    }))
}

/// Reads to the end and checks every batch: rows stay within the limit and one record, offsets run forward and stay within
/// the input.
pub fn drain(source: Result<Box<dyn BatchSource>, Refusal>, limits: &Limits, input_bytes: u64) {
    let Ok(mut source) = source else { return };
    let mut last_end = 0;
    while let Ok(Some(batch)) = source.next_batch() {
        assert!(batch.num_rows() <= limits.batch_rows_max + RECORD_CELLS_MAX, "{} rows", batch.num_rows());
        if batch.schema() == *LINES {
            for line in line_rows(&batch) {
                assert!(line.start >= last_end, "lines run forward");
                last_end = line.start + line.text.len() as u64;
                assert!(last_end <= input_bytes, "a line ends within the input");
            }
        } else if batch.schema() == *CELLS {
            for cell in cell_rows(&batch) {
                assert!(cell.start <= cell.end && cell.end <= input_bytes, "a cell lies within the input");
                let raw_bytes = cell.raw.map_or(cell.end - cell.start, |raw| raw.len() as u64);
                assert!(
                    cell.end == 0 || raw_bytes == cell.end - cell.start,
                    "raw text is as long as its span"
                );
            }
        }
    }
}
