//! The annotated copy and the generated header, as others read them.

use super::support::{Rows, cells, names, template, unpack};
use crate::template::{Template, bundled, bundled_names, cell_name};
use crate::workbook::{Remark, annotate, header};
use std::io::{Read, Seek, Write};

#[test]
fn an_annotated_copy_shows_findings_and_is_no_template() {
    let remark = |cell: Option<&'static str>| Remark {
        severity: "error",
        code: "missing-required",
        sheet: "Put Something",
        cell,
        field: "First Name",
        message: "the field is required",
        fix: "Fill it in the report.",
    };
    let remarks = [remark(Some("D7")), remark(Some("D7")), remark(Some("E6")), remark(None)];
    let file = tempfile::tempfile().expect("a temporary file");
    let mut again = file.try_clone().expect("a second handle");
    let blocks = vec![names(1, &["Ann"]), names(2, &["=Bob"])];
    let done = annotate(&template(), &mut Rows(blocks.into_iter()), &remarks, file).expect("a copy");
    assert_eq!((done.rows, done.notes), (2, 2));
    let mut bytes = Vec::new();
    again.rewind().expect("it can be read");
    again.read_to_end(&mut bytes).expect("it can be read");
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&bytes).expect("it is written");
    file.rewind().expect("it can be read");
    assert!(Template::read(file).is_err());
    let findings = cells(&bytes, "Findings");
    assert!(findings["A1"].starts_with("NOT FOR UPLOAD"));
    assert_eq!((findings["D4"].as_str(), findings["D6"].as_str()), ("D7", "E6"));
    assert_eq!(
        (findings["F4"].as_str(), findings["G4"].as_str()),
        ("the field is required", "Fill it in the report.")
    );
    let rows = cells(&bytes, "Put Something");
    assert_eq!(
        (rows["D6"].as_str(), rows["D7"].as_str(), rows["D5"].as_str()),
        ("Ann", "=Bob", "First Name")
    );
    assert!(rows["A1"].starts_with("NOT FOR UPLOAD"));
    // A template's sheets have Area, Restrictions, Format and Fields in A2 to A5.
    assert_ne!(rows["A3"], "Restrictions");
    let parts = unpack(&bytes);
    let first = &parts.iter().find(|(name, ..)| name == "xl/workbook.xml").expect("a workbook").2;
    assert!(first.find("Findings") < first.find("Put Something"));
    let list = &parts.iter().find(|(name, ..)| name == "xl/worksheets/sheet1.xml").expect("the findings").2;
    assert_eq!(list.matches("location=\"'Put Something'!").count(), 3, "cells can be jumped to");
    let notes = parts.iter().find(|(name, ..)| name.starts_with("xl/comments")).expect("notes");
    assert!(notes.2.contains("missing-required") && notes.2.contains("ref=\"D7\""));
    let sheet = &parts.iter().find(|(name, ..)| name == "xl/worksheets/sheet2.xml").expect("a sheet").2;
    assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter ref=\"A5:G7\"/>"));
}

#[test]
fn a_generated_header_says_what_the_model_says() {
    let template = template();
    let bytes = header(&template).expect("a header");
    assert_eq!(bytes, header(&template).expect("a header"), "the same model makes the same bytes");
    for sheet in &template.sheets {
        let cells = cells(&bytes, &sheet.name);
        assert_eq!(cells["A1"], sheet.title);
        let side = ["A2", "A3", "A4", "A5"].map(|at| cells[at].as_str());
        assert_eq!(side, ["Area", "Restrictions", "Format", "Fields"]);
        let (mut area, labels) =
            (String::new(), ["Spreadsheet Key*", "Worker", "First Name", "Since+", "Replace+", "Amount+"]);
        for (column, label) in sheet.columns.iter().zip(labels) {
            let at = |row| cells.get(&cell_name(row, column.index));
            area = at(1).cloned().unwrap_or(area);
            assert_eq!(area, column.area);
            assert_eq!(at(2).expect("a restriction"), column.restriction.text());
            assert_eq!(at(3).expect("a format"), &column.format.to_string());
            assert_eq!(at(4).expect("a label"), label);
        }
    }
    let parts = unpack(&bytes);
    let sheet = &parts.iter().find(|(name, ..)| name == "xl/worksheets/sheet2.xml").expect("a sheet").2;
    for expected in [
        "<mergeCell ref=\"A1:G1\"/>",
        "<mergeCell ref=\"B2:C2\"/>",
        // Whole pixels, as Excel rounds the height itself.
        "ht=\"17.25\"",
        "sqref=\"F6:F32000\"",
        "<formula1>\"Y,N\"</formula1>",
        "sqref=\"C4\"",
        "<formula1>\"Employee_ID,WID,Contingent_Worker_ID\"</formula1>",
    ] {
        assert!(sheet.contains(expected), "{expected}");
    }
    let styles = &parts.iter().find(|(name, ..)| name == "xl/styles.xml").expect("styles").2;
    for expected in ["FF333399", "FF000066", "FF75923C", "FFFFFFCC", "lightHorizontal", "FF808080"] {
        assert!(styles.contains(expected), "{expected}");
    }
}

/// A header that is made from a model is read as the same model.
fn check_round_trip(model: &Template) {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&header(model).expect("a header")).expect("it is written");
    file.rewind().expect("it can be read");
    let mut read = Template::read(file).expect("a template");
    read.provenance = model.provenance;
    // A title without a version does not say it.
    if !model.sheets[0].title.contains(" - v") {
        read.version.clone_from(&model.version);
    }
    assert_eq!(read.operation, model.operation);
    assert_eq!(read.overview, model.overview, "{}", model.operation);
    for (own, expected) in read.sheets.iter_mut().zip(&model.sheets) {
        for (column, wanted) in own.columns.iter_mut().zip(&expected.columns) {
            // A drop-down holds 255 characters: of a longer list it has as many choices as fit, and the default.
            if wanted.id_types.join(",").len() > 255 {
                let mut left = wanted.id_types.iter();
                assert!(column.id_types.iter().all(|own| left.any(|choice| choice == own)));
                let default = wanted.format.to_string();
                assert_eq!(column.id_types.contains(&default), wanted.id_types.contains(&default));
                assert!(column.id_types.len() > 2);
                column.id_types.clone_from(&wanted.id_types);
            }
            assert_eq!(*column, *wanted, "{} {}", model.operation, expected.name);
        }
        assert_eq!(*own, *expected, "{} {}", model.operation, expected.name);
    }
    assert!(read == *model, "{}", model.operation);
    assert_eq!(read.fingerprint(), model.fingerprint());
}

#[test]
fn generated_headers_are_read_as_their_models() {
    let mut models = 0;
    for operation in bundled_names() {
        let model = bundled(operation).expect("it is bundled").expect("it can be read");
        check_round_trip(&model);
        models += 1;
    }
    assert!(models > 0, "no layout is bundled");
}
