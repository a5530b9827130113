//! A template, a package that looks like one of Workday's, and rows to put in.

#![expect(clippy::format_push_string, reason = "small texts of tests, easier to read so")]

use crate::eib::{Block, RowError, RowSource, SheetBlock};
use crate::template::{Column, Group, Marks, Overview, Process, Provenance, Sheet, Template};
use crate::workbook::{Check, Limits, Settings, Source, Target, WriteError, Written, write};
use crate::{CellFormat, Restriction};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::sync::Arc;

/// A workbook, read by calamine: texts of a sheet by `C17`.
pub(super) type Cells = std::collections::BTreeMap<String, String>;

fn column(index: u32, area: &str, format: CellFormat, label: &str, group: usize) -> Column {
    let id_types = match &format {
        CellFormat::Reference(own) => vec![own.clone(), "WID".to_owned(), "Contingent_Worker_ID".to_owned()],
        _ => Vec::new(),
    };
    Column {
        index,
        area: area.to_owned(),
        restriction: if index == 1 { Restriction::Required } else { Restriction::OptionalMultiple },
        hidden: false,
        as_text: matches!(format, CellFormat::Text | CellFormat::Reference(_)),
        format,
        label: label.to_owned(),
        marks: Marks { required: index == 1, repeating: index > 3, group_required: false },
        id_types,
        group,
    }
}

fn sheet(name: &str) -> Sheet {
    let reference = CellFormat::Reference("Employee_ID".to_owned());
    Sheet {
        name: name.to_owned(),
        title: format!("{name} - v44.0"),
        columns: vec![
            column(1, "All", CellFormat::Text, "Spreadsheet Key", 0),
            column(2, "All", reference, "Worker", 0),
            column(3, "Name Data", CellFormat::Text, "First Name", 0),
            column(4, "Name Data", CellFormat::Date, "Since", 0),
            column(5, "Pay Data+ (All > Pay Data)", CellFormat::YesNo, "Replace", 0),
            column(6, "Pay Data+ (All > Pay Data)", CellFormat::Number(Some((18, 6))), "Amount", 0),
        ],
        groups: vec![Group { key: Some(0), parent: None, required: false }],
    }
}

/// Two data sheets and an overview.
pub(super) fn template() -> Template {
    let instructions = ["Manual Processing", "Automatic Processing"].map(str::to_owned).to_vec();
    let process = |row, name: &str, sheet| Process {
        row,
        name: name.to_owned(),
        sheet: Some(sheet),
        instructions: instructions.clone(),
        instruction: None,
    };
    Template {
        operation: "Put Something".to_owned(),
        version: Some("v44.0".to_owned()),
        provenance: Provenance::Imported,
        overview: Some(Overview {
            name: "Overview".to_owned(),
            title: "Put Something".to_owned(),
            discards: false,
            processes: vec![process(7, "Put Something", 0), process(8, "Put Pay", 1)],
        }),
        sheets: vec![sheet("Put Something"), sheet("Put Pay")],
    }
}

const SHEET_HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
    xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:x14ac=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac\">";

/// The parts of a package by name: single quotes, comments, and blanks where they are allowed.
pub(super) fn parts(template: &Template) -> Vec<(String, String)> {
    let mut strings: Vec<String> = Vec::new();
    let mut text = |text: &str| {
        strings.push(text.replace('&', "&amp;").replace('>', "&gt;"));
        strings.len() - 1
    };
    let mut overview = format!(
        "{SHEET_HEAD}<dimension ref=\"A2:J8\"/><!-- </sheetData> --><cols><col min=\"1\" max=\"1\" width=\"8\"/></cols>\
         <sheetData><row r=\"2\"><c r=\"B2\" t=\"s\"><v>{}</v></c></row>\
         <row r=\"6\" spans=\"1:4\"><c r=\"B6\" t=\"s\"><v>{}</v></c></row>",
        text("Put Something"),
        text("Business Process")
    );
    for process in &template.overview.as_ref().expect("an overview").processes {
        let (row, name) = (process.row, text(&process.name));
        overview += &format!("<row r=\"{row}\" spans='1:2' ><c r=\"A{row}\" t=\"s\"><v>{name}</v></c>");
        overview += &format!("<c r=\"B{row}\" s=\"1\" t=\"s\"><v>{name}</v></c></row>");
    }
    overview += "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"B4:D4\"/></mergeCells></worksheet>";
    let mut parts = vec![("xl/worksheets/sheet1.xml".to_owned(), overview)];
    for (number, sheet) in (2..).zip(&template.sheets) {
        let mut xml = format!("{SHEET_HEAD}<dimension ref='A1:G5'/><sheetData>");
        xml +=
            &format!("<row r=\"1\" ht=\"17.4\"><c r=\"A1\" t=\"s\"><v>{}</v></c></row>", text(&sheet.title));
        for (row, side) in (2..).zip(["Area", "Restrictions", "Format", "Fields"]) {
            xml += &format!(
                "<row r=\"{row}\" spans=\"1:7\"><c r=\"A{row}\" s=\"2\" t=\"s\"><v>{}</v></c>",
                text(side)
            );
            for column in &sheet.columns {
                let shown = match row {
                    2 => column.area.clone(),
                    3 => column.restriction.text().to_owned(),
                    4 => column.format.to_string(),
                    _ => column.label.clone(),
                };
                let cell = crate::template::cell_name(row - 1, column.index);
                xml += &format!("<c r=\"{cell}\" s=\"3\" t=\"s\"><v>{}</v></c>", text(&shown));
            }
            xml += "</row>";
        }
        xml += "</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A1:G1\"/></mergeCells><legacyDrawing r:id=\"rId1\"/>";
        parts.push((format!("xl/worksheets/sheet{number}.xml"), xml + "</worksheet>"));
    }
    let count = strings.len();
    let table: String = strings.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let mut all = frame(template);
    all.push((
        "xl/sharedStrings.xml".to_owned(),
        format!("<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" count=\"{count}\" uniqueCount=\"{count}\">{table}</sst>"),
    ));
    all.extend(parts);
    all.push(("xl/comments1.xml".to_owned(), "<comments><!-- kept as it is --></comments>".to_owned()));
    all
}

/// Types, relations and the workbook.
fn frame(template: &Template) -> Vec<(String, String)> {
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let names: Vec<&str> =
        ["Overview"].into_iter().chain(template.sheets.iter().map(|s| s.name.as_str())).collect();
    let mut types = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
         ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"{TYPES}.sharedStrings+xml\"/>"
    );
    let (mut sheets, mut relations) = (String::new(), String::new());
    for (number, name) in (1..).zip(names) {
        let part = format!("worksheets/sheet{number}.xml");
        types += &format!("<Override PartName=\"/xl/{part}\" ContentType=\"{TYPES}.worksheet+xml\"/>");
        sheets += &format!("<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        relations +=
            &format!("<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/worksheet\" Target=\"{part}\"/>");
    }
    relations += &format!(
        "<Relationship Id=\"rId99\" Type=\"{OFFICE}/sharedStrings\" Target=\"/xl/sharedStrings.xml\"/>"
    );
    let rels = |inner: &str| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>"
        )
    };
    let root =
        format!("<Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    let book = format!(
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"{OFFICE}\"><sheets>{sheets}</sheets></workbook>"
    );
    [
        ("[Content_Types].xml", types + "</Types>"),
        ("_rels/.rels", rels(&root)),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", rels(&relations)),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .to_vec()
}

/// Packs parts: some stored, some deflated.
pub(super) fn pack(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (at, (name, text)) in parts.iter().enumerate() {
        let method =
            if at % 3 == 0 { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(name.as_str(), options).expect("a part");
        zip.write_all(text.as_bytes()).expect("it is written");
    }
    zip.finish().expect("a package").into_inner()
}

/// A package that looks like one of Workday's.
pub(super) fn package() -> Vec<u8> {
    pack(&parts(&template()))
}

/// Rows of a sheet: all columns, texts by row; `None` is a null.
pub(super) fn rows(sheet: usize, first: u64, texts: &[Vec<Option<&str>>]) -> SheetBlock {
    let columns: Arc<[usize]> = (0..6).collect();
    let arrays: Vec<ArrayRef> = (0..6)
        .map(|column| Arc::new(texts.iter().map(|row| row[column]).collect::<StringArray>()) as ArrayRef)
        .collect();
    let fields: Vec<Field> = (0..6).map(|n| Field::new(format!("c{n}"), DataType::Utf8, true)).collect();
    SheetBlock {
        sheet,
        columns,
        rows: RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch"),
        transactions: (first..).take(texts.len()).collect(),
    }
}

/// One row a transaction on the main sheet, `texts` in its third column.
pub(super) fn names(first: u64, texts: &[&str]) -> Block {
    let keys: Vec<String> = (first..).take(texts.len()).map(|n| n.to_string()).collect();
    let all: Vec<Vec<Option<&str>>> = keys
        .iter()
        .zip(texts)
        .map(|(key, text)| {
            vec![Some(key.as_str()), Some("000123"), Some(text), None, Some("Y"), Some("12.50")]
        })
        .collect();
    Block { sheets: vec![rows(0, first, &all)] }
}

/// Hands blocks out.
pub(super) struct Rows(pub(super) std::vec::IntoIter<Block>);

impl RowSource for Rows {
    fn next_block(&mut self) -> Result<Option<Block>, RowError> {
        Ok(self.0.next())
    }
}

/// Writes blocks and gives the files' bytes.
pub(super) fn write_all(
    source: Source<'_>,
    settings: &Settings,
    limits: Limits,
    blocks: Vec<Block>,
) -> Result<(Written, Vec<Vec<u8>>), WriteError> {
    let template = template();
    let target = Target { template: &template, source, settings, limits, check: Check::ReadBack };
    let mut files: Vec<File> = Vec::new();
    let written = write(&target, &mut Rows(blocks.into_iter()), &mut |number| {
        assert_eq!(number as usize, files.len() + 1);
        let file = tempfile::tempfile()?;
        files.push(file.try_clone()?);
        Ok(file)
    })?;
    let read = |mut file: File| {
        let mut bytes = Vec::new();
        file.rewind().expect("it can be read");
        file.read_to_end(&mut bytes).expect("it can be read");
        bytes
    };
    Ok((written, files.into_iter().map(read).collect()))
}

/// The texts of a sheet, as calamine reads them.
pub(super) fn cells(bytes: &[u8], sheet: &str) -> Cells {
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the sheet");
    let (top, left) = range.start().unwrap_or_default();
    range
        .used_cells()
        .filter(|(.., value)| !value.to_string().is_empty())
        .map(|(row, column, value)| {
            (crate::template::cell_name(row as u32 + top, column as u32 + left), value.to_string())
        })
        .collect()
}

/// Parts of a package: name, bytes as they are stored, text.
pub(super) fn unpack(bytes: &[u8]) -> Vec<(String, Vec<u8>, String)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    (0..archive.len())
        .map(|at| {
            let mut raw = Vec::new();
            archive.by_index_raw(at).expect("a part").read_to_end(&mut raw).expect("it is read");
            let mut part = archive.by_index(at).expect("a part");
            let mut text = String::new();
            part.read_to_string(&mut text).expect("it is text");
            (part.name().expect("a name").into_owned(), raw, text)
        })
        .collect()
}
