//! The reader of everything that is not media: sniffs, opens by kind, shows the UTF-8 view.

use crate::archive::measure;
use crate::encoding::utf8_view;
use crate::formats::{csv, json, lines, workbook, xml};
use crate::sniff::sniff;
use custody_rules::{ArtifactKind, BatchSource, Limits, Reader, Reason, Refusal, Sniffed, TextEncoding};
use std::fs::File;
use std::io::{Read, Seek};

/// Reads text, tables, trees and workbooks. Pictures and recordings are a worker's, archives the walk's.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileReader;

impl Reader for FileReader {
    fn sniff(&self, file: &File, limits: &Limits) -> Result<Sniffed, Refusal> {
        sniff(file, limits)
    }

    fn open(&self, file: File, sniffed: Sniffed, limits: &Limits) -> Result<Box<dyn BatchSource>, Refusal> {
        let text = |file| utf8_view(file, sniffed.encoding);
        match sniffed.kind {
            ArtifactKind::Text => lines::open(text(file)?, limits),
            ArtifactKind::Csv => csv::open(text(file)?, limits),
            ArtifactKind::Json => json::open(text(file)?, limits),
            ArtifactKind::Xml => xml::open(text(file)?, limits),
            ArtifactKind::Workbook => open_workbook(file, sniffed.format, limits),
            _ => Err(Refusal::new(Reason::Unsupported, "media and archives are read elsewhere")),
        }
    }

    fn utf8_view(&self, file: File, encoding: TextEncoding) -> Result<Box<dyn Read + Send>, Refusal> {
        utf8_view(file, encoding)
    }
}

/// Opens a workbook; one that is a ZIP is counted first, since its reader holds whole parts in memory.
fn open_workbook(
    mut file: File,
    format: &'static str,
    limits: &Limits,
) -> Result<Box<dyn BatchSource>, Refusal> {
    if format != "xls" {
        measure(&file, limits)?;
    }
    file.rewind()?;
    workbook::open(file, format, limits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::table::{cell_rows, line_rows};
    use std::io::Write;

    fn batches(bytes: &[u8]) -> Vec<arrow_array::RecordBatch> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("room for it");
        let limits = Limits::default();
        let sniffed = FileReader.sniff(&file, &limits).expect("text");
        let mut source = FileReader.open(file, sniffed, &limits).expect("it opens");
        let mut batches = Vec::new();
        while let Some(batch) = source.next_batch().expect("sound") {
            batches.push(batch);
        }
        batches
    }

    fn check_table(bytes: &[u8]) {
        let batches = batches(bytes);
        let cells: Vec<_> = batches.iter().flat_map(cell_rows).collect();
        let last = cells.last().map(|cell| (cell.heading, cell.text));
        assert_eq!((cells.len(), last), (6, Some((Some("Name"), "Zoë"))));
    }

    #[test]
    fn one_table_in_four_encodings() {
        let text = "ID;Name\r\n1;René\r\n2;Zoë\r\n";
        let units = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
        };
        check_table(text.as_bytes());
        check_table(format!("\u{feff}{text}").as_bytes());
        check_table(&units(u16::to_le_bytes));
        check_table(&units(u16::to_be_bytes));
        check_table(&encoding_rs::WINDOWS_1252.encode(text).0);
    }

    #[test]
    fn a_log_has_lines() {
        let batches = batches(b"2026-11-23 20:41:58 INFO a\n2026-11-23 20:41:59 WARN b");
        let lines: Vec<_> = batches.iter().flat_map(line_rows).map(|row| (row.line, row.start)).collect();
        assert_eq!(lines, [(1, 0), (2, 27)]);
    }

    #[test]
    fn media_is_not_read_here() {
        let file = tempfile::tempfile().expect("a temporary file");
        let png = Sniffed { kind: ArtifactKind::Image, encoding: TextEncoding::Utf8, format: "png" };
        let refusal = FileReader.open(file, png, &Limits::default()).err().map(|refusal| refusal.reason);
        assert_eq!(refusal, Some(Reason::Unsupported));
    }
}
