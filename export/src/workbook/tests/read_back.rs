//! Files that were changed after they were written are found out.

use super::support::{names, pack, package, template, unpack, write_all};
use crate::workbook::readback::Expected;
use crate::workbook::{Limits, Settings, Source, WriteError};
use std::io::{Seek, Write};

/// Writes one row, replaces a text in a part, and compares.
fn compare(part: &str, from: &str, to: &str) -> Result<(), WriteError> {
    let (template, package, settings) = (template(), package(), Settings::default());
    let blocks = || vec![names(1, &["Ann", "Bob"])];
    let (_, files) =
        write_all(Source::Fill(&package), &settings, Limits::default(), blocks()).expect("a file");
    let mut parts: Vec<(String, String)> =
        unpack(&files[0]).into_iter().map(|(name, _, text)| (name, text)).collect();
    let one = parts.iter_mut().find(|(name, _)| name.ends_with(part)).expect("the part");
    assert!(one.1.contains(from), "{part} has {from}");
    one.1 = one.1.replacen(from, to, 1);
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&pack(&parts)).expect("it is written");
    file.rewind().expect("it can be read");
    let expected = Expected::read(&package, &template, &settings).expect("a template");
    expected.compare(&file, 3, &template, &blocks())
}

fn check(part: &str, from: &str, to: &str, cell: &str) {
    let error = compare(part, from, to).expect_err("it differs").to_string();
    let expected = format!("file 3 does not hold what was written: {cell} differs; it is not used");
    assert_eq!(error, expected, "{from} → {to}");
}

#[test]
fn a_file_that_was_not_changed_is_as_planned() {
    compare("sheet2.xml", "<row", "<row").expect("nothing differs");
}

#[test]
fn changed_cells_are_named() {
    let sheet = "of sheet \"Put Something\"";
    check("sharedStrings.xml", "<t>Bob</t>", "<t>Bobby</t>", &format!("D7 {sheet}"));
    check("sheet2.xml", "<c r=\"D7\"", "<c r=\"E7\"", &format!("D7 {sheet}"));
    check(
        "sheet2.xml",
        "</sheetData>",
        "<row r=\"8\"><c r=\"B8\" t=\"str\"><v>x</v></c></row></sheetData>",
        &format!("B8 {sheet}"),
    );
    check("sheet2.xml", "<c r=\"B6\" t=\"s\">", "<c r=\"B6\" t=\"n\">", &format!("B6 {sheet}"));
    check(
        "sheet3.xml",
        "</sheetData>",
        "<row r=\"6\"><c r=\"B6\" t=\"str\"><v>x</v></c></row></sheetData>",
        "B6 of sheet \"Put Pay\"",
    );
    check("sharedStrings.xml", "<t>Spreadsheet Key</t>", "<t>Key</t>", &format!("B5 {sheet}"));
}

#[test]
fn files_that_are_no_workbooks_any_more_are_found_out() {
    let error = compare("sheet2.xml", "</sheetData>", "").expect_err("no XML");
    assert!(matches!(error, WriteError::Unreadable { file: 3 }), "{error}");
    let error = compare("workbook.xml", "name=\"Put Pay\"", "name=\"Put Play\"").expect_err("another sheet");
    assert!(matches!(error, WriteError::Unreadable { file: 3 }), "{error}");
}
