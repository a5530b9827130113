//! Reports of all shapes as typed tables: whatever opens is read to its end, whole and in part, and both agree where all
//! of the file is looked at.
#![no_main]

use custody_fuzz::{file, limits, package};
use custody_ingest::report::{Typing, open_report};
use custody_rules::{ArtifactKind, Sniffed, TableSource, TextEncoding};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

/// Parts around the sheet, which is the fuzzer's.
const PARTS: [(&str, &str); 3] = [
    (
        "xl/sharedStrings.xml",
        "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>Worker</t></si></sst>",
    ),
    (
        "xl/workbook.xml",
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
         <sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Target=\"sharedStrings.xml\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings\"/></Relationships>",
    ),
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let (kind, format) = match choice % 5 {
        0 => (ArtifactKind::Csv, "csv"),
        1 => (ArtifactKind::Xml, "xml"),
        2 => (ArtifactKind::Json, "json"),
        3 => (ArtifactKind::Json, "ndjson"),
        _ => (ArtifactKind::Workbook, "xlsx"),
    };
    let parts = PARTS.iter().map(|(name, text)| (*name, text.as_bytes()));
    let content = if kind == ArtifactKind::Workbook {
        package(parts.chain([("xl/worksheets/sheet1.xml", bytes)]))
    } else {
        bytes.to_vec()
    };
    let file = file(&content);
    let sniffed = Sniffed { kind, encoding: TextEncoding::Utf8, format };
    let how = if choice & 0x80 == 0 { Typing::Whole } else { Typing::Sample { rows: 2 } };
    let open = Arc::new(move || Ok(file.try_clone()?));
    let Ok(tables) = open_report(open, sniffed, &limits(), how) else { return };
    for table in tables {
        let columns: Vec<usize> = (0..table.schema().fields().len()).collect();
        let whole = rows(&table, &columns);
        // What is passed over in a sheet is not looked at: rows that do not end, and comments in cells, are met in one
        // reading alone. Of the other formats all readings see all bytes.
        if kind == ArtifactKind::Workbook {
            rows(&table, &[]);
            continue;
        }
        if how == Typing::Whole {
            assert_eq!(whole, table.rows, "what was judged whole is read whole");
        }
        if let (Some(whole), Some(&last)) = (whole, columns.last()) {
            assert_eq!(rows(&table, &[last]), Some(whole), "one column has as many rows");
            assert_eq!(rows(&table, &[]), Some(whole), "and no column too");
        }
    }
});

/// The rows of a scan, if nothing is wrong with it.
fn rows(table: &dyn TableSource, columns: &[usize]) -> Option<u64> {
    let mut source = table.scan(columns).ok()?;
    let mut rows = 0;
    while let Some(batch) = source.next_batch().ok()? {
        assert_eq!(batch.num_columns(), columns.len());
        rows += batch.num_rows() as u64;
    }
    Some(rows)
}
