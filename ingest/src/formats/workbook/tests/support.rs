//! What the tests of all formats share: reading into plain rows, packages made in code.

use crate::formats::workbook;
use custody_rules::table::{CellKind, cell_rows};
use custody_rules::{Limits, Reason, Refusal};
use std::fs::File;
use std::io::{Cursor, Seek, Write};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) place: (u32, u32, u32),
    pub(super) kind: CellKind,
    pub(super) heading: Option<String>,
    pub(super) text: String,
}

pub(super) fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
    file
}

/// Reads as the root does: measured first, if it is a package.
pub(super) fn read_with(bytes: &[u8], format: &'static str, limits: &Limits) -> Result<Vec<Row>, Refusal> {
    let file = file(bytes);
    if format != "xls" {
        crate::measure(&file, limits)?;
    }
    let mut source = workbook::open(file, format, limits)?;
    let mut rows = Vec::new();
    while let Some(batch) = source.next_batch()? {
        assert!(batch.num_rows() <= limits.batch_rows_max);
        rows.extend(cell_rows(&batch).map(|cell| Row {
            place: (cell.sheet, cell.row, cell.column),
            kind: cell.kind,
            heading: cell.heading.map(str::to_owned),
            text: cell.text.to_owned(),
        }));
    }
    assert!(matches!(source.next_batch(), Ok(None)));
    Ok(rows)
}

pub(super) fn read(bytes: &[u8], format: &'static str) -> Vec<Row> {
    read_with(bytes, format, &Limits::default()).expect("a workbook")
}

pub(super) fn reason(bytes: &[u8], format: &'static str) -> Reason {
    read_with(bytes, format, &Limits::default()).expect_err("refused").reason
}

/// `row,column heading=text` of the cells of these kinds on a sheet.
pub(super) fn lines(rows: &[Row], sheet: u32, kinds: &[CellKind]) -> Vec<String> {
    let wanted = rows.iter().filter(|row| row.place.0 == sheet && kinds.contains(&row.kind));
    wanted
        .map(|row| {
            let heading = row.heading.as_deref().map(|heading| format!("{heading}=")).unwrap_or_default();
            format!("{},{} {heading}{}", row.place.1, row.place.2, row.text)
        })
        .collect()
}

pub(super) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("started");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.finish().expect("finished").into_inner()
}
