//! Templates are read from look-alike packages; what is odd is refused by its cell.

use super::*;
use crate::template::lookalike;
use crate::template::model::{Address, Marks};
use crate::template::testing::import;
use crate::{CellFormat, Restriction};
use rust_xlsxwriter::{DataValidation, Format, Workbook, Worksheet};

/// Reads a look-alike after a last change to its first data sheet.
fn changed(spec: &lookalike::BookSpec, change: impl Fn(&mut Worksheet)) -> Result<Imported, TemplateError> {
    let first = |position, sheet: &mut Worksheet| {
        if position == 0 {
            change(sheet);
        }
    };
    import(&lookalike::workbook_with(spec, first))
}

fn refused(spec: &lookalike::BookSpec, change: impl Fn(&mut Worksheet)) -> String {
    changed(spec, change).expect_err("it is odd").to_string()
}

/// One line a column: area, label and marks, group.
fn shown(sheet: &Sheet) -> Vec<String> {
    let line = |column: &crate::template::Column| {
        format!("{} | {}{} | {}", column.area, column.label, column.marks.text(), column.group)
    };
    sheet.columns.iter().map(line).collect()
}

#[test]
fn a_business_process_with_short_areas_is_read() {
    let spec = lookalike::enlist();
    let Imported { template, has_data, notes } = import(&lookalike::workbook(&spec)).expect("a template");
    assert_eq!((template.operation.as_str(), &template.version, has_data), ("Enlist Sailor", &None, false));
    assert_eq!(notes, []);
    for (sheet, spec) in template.sheets.iter().zip(&spec.sheets) {
        assert_eq!((sheet.name.as_str(), sheet.title.as_str()), (spec.name, spec.title));
        assert_eq!(sheet.columns.len(), spec.columns.len());
        for (column, texts) in sheet.columns.iter().zip(&spec.columns) {
            assert_eq!(column.area, texts.0);
            assert_eq!(column.restriction.text(), texts.1);
            assert_eq!(column.format.to_string(), texts.2);
            assert_eq!(format!("{}{}", column.label, column.marks.text()), texts.3);
            assert_eq!(column.id_types.join(","), texts.4);
            let reference = matches!(column.format, CellFormat::Reference(_) | CellFormat::Iid);
            let text = column.format == CellFormat::Text && !column.label.ends_with("Key");
            assert_eq!(column.as_text, reference || text, "{}", column.label);
        }
    }
    let main = &template.sheets[0];
    let groups: Vec<_> = main.groups.iter().map(|g| (g.key, g.parent, g.required)).collect();
    assert_eq!(groups, [(Some(0), None, true), (Some(7), Some(0), false), (Some(9), Some(1), true)]);
    let in_group: Vec<_> = main.columns.iter().map(|c| c.group).collect();
    assert_eq!(in_group, [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 1, 0, 0]);
    let siblings: Vec<_> = template.sheets[1].groups.iter().map(|g| g.parent).collect();
    assert_eq!(siblings, [None, Some(0), Some(0)]);
}

#[test]
fn the_overview_says_what_may_be_chosen() {
    let template = import(&lookalike::workbook(&lookalike::enlist())).expect("a template").template;
    let overview = template.overview.expect("an overview");
    let rows: Vec<_> = overview.processes.iter().map(|p| (p.row, p.sheet, p.instructions.len())).collect();
    assert_eq!(rows, [(7, Some(0), 4), (8, Some(1), 3), (9, Some(2), 3)]);
    assert_eq!(overview.processes[1].name, "Assign Berth and Hammock for the Voyage");
    assert_eq!((overview.title.as_str(), overview.discards), ("Enlist Sailor", false));
    let later = import(&lookalike::workbook(&lookalike::appoint())).expect("a template").template;
    assert_eq!((later.operation.as_str(), later.version.as_deref()), ("Appoint Officer", Some("v44.0")));
    let overview = later.overview.expect("an overview");
    assert!(overview.discards);
    assert_eq!(overview.processes[0].instruction.as_deref(), Some("Run Now"));
}

#[test]
fn groups_follow_the_paths_of_areas() {
    let template = import(&lookalike::workbook(&lookalike::appoint())).expect("a template").template;
    let groups: Vec<_> = template.sheets[0].groups.iter().map(|g| (g.key, g.parent, g.required)).collect();
    assert_eq!(groups, [(Some(0), None, true), (Some(3), Some(0), false), (Some(8), Some(1), true)]);
    let lines = shown(&template.sheets[0]);
    assert_eq!(lines[5], "Keeper* (All > Post Data > Grant Data+) | ID Value | 1");
    assert_eq!(lines[10], "Grant Data+ (All > Post Data) | Port+ | 1");
    assert_eq!(lines[11], "Post Data (All) | Replace All | 0");
}

#[test]
fn a_template_without_a_business_process_begins_with_its_data() {
    let template = import(&lookalike::workbook(&lookalike::harbour())).expect("a template").template;
    assert!(template.overview.is_none());
    let column = &template.sheets[0].columns[5];
    assert_eq!((column.index, column.label.as_str()), (6, "Port"));
    assert_eq!(column.marks, Marks { repeating: true, ..Marks::default() });
    assert_eq!(column.restriction, Restriction::OptionalMultiple);
    let address = Address {
        sheet: String::new(),
        area: "harbour data".to_owned(),
        label: "port".to_owned(),
        occurrence: 0,
    };
    assert_eq!(template.find(&address), Ok((0, 5)));
}

#[test]
fn rows_below_the_header_are_said_and_hidden_columns_are_marked() {
    let spec = lookalike::harbour();
    let imported = changed(&spec, |sheet| {
        sheet.write(5, 2, "Lower Dock").expect("a cell");
        sheet.set_column_hidden(3).expect("a column");
    });
    let imported = imported.expect("a template");
    assert!(imported.has_data);
    let hidden: Vec<_> = imported.template.sheets[0].columns.iter().map(|c| c.hidden).collect();
    assert_eq!(hidden, [false, false, true, false, false, false]);
    // A cell that is only formatted holds nothing.
    let blank = changed(&spec, |sheet| {
        sheet.write_blank(5, 2, &Format::new().set_bold()).expect("a cell");
    });
    assert!(!blank.expect("a template").has_data);
}

#[test]
fn lists_that_stand_in_cells_are_noted() {
    let spec = lookalike::harbour();
    let imported = changed(&spec, |sheet| {
        let list = DataValidation::new().allow_list_formula("=$Z$1:$Z$9".into());
        sheet.add_data_validation(3, 2, 3, 2, &list).expect("a list");
        sheet.write(3, 3, "Other_ID").expect("a cell");
    });
    let notes = imported.expect("a template").notes;
    let notes: Vec<_> = notes.iter().map(|n| (n.sheet.as_str(), n.cell.as_str(), n.what)).collect();
    assert_eq!(
        notes,
        [
            ("Put Harbour", "C4", "the list of ID types stands in other cells; it is not read"),
            ("Put Harbour", "D4", "the ID type that is chosen is none of its list"),
        ]
    );
}

#[test]
fn header_cells_that_are_not_understood_are_named() {
    let spec = lookalike::harbour();
    let write = |row, column, text: &'static str| {
        refused(&spec, move |sheet| {
            sheet.write(row, column, text).expect("a cell");
        })
    };
    assert_eq!(write(3, 4, "two words"), "sheet 1, E4: no known format");
    assert_eq!(write(2, 2, "Mandatory"), "sheet 1, C3: no known restriction");
    assert_eq!(write(4, 2, "*"), "sheet 1, C5: no label");
    assert_eq!(write(2, 9, "Optional"), "sheet 1, H2: no area, and no merged cell that goes on to here");
    assert_eq!(write(0, 0, " "), "sheet 1, A1: no title");
    assert_eq!(write(1, 3, "Inside"), "sheet 1, D2: merged cells that do not fit the areas");
}

#[test]
fn overviews_that_are_not_understood_are_refused() {
    let mut spec = lookalike::enlist();
    spec.instruction = Some("Some Day");
    let error = import(&lookalike::workbook(&spec)).expect_err("it is odd");
    assert_eq!(error.to_string(), "sheet 1, C7: an instruction that is none of its list");
    let mut book = Workbook::new();
    book.add_worksheet().write(5, 1, "Business Process").expect("a cell");
    let error = import(&book.save_to_buffer().expect("a workbook")).expect_err("it is odd");
    assert_eq!(error.to_string(), "sheet 1, B2: no title");
}

#[test]
fn other_workbooks_and_other_files_are_refused() {
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "notes").expect("a cell");
    let other = book.save_to_buffer().expect("a workbook");
    assert!(matches!(import(&other), Err(TemplateError::Sheet { number: 1 })));
    let mut spec = lookalike::enlist();
    spec.sheets.clear();
    assert!(matches!(import(&lookalike::workbook(&spec)), Err(TemplateError::Header { .. })));
    assert!(matches!(import(b"PK\x03\x04 not really"), Err(TemplateError::Workbook)));
    let whole = lookalike::workbook(&lookalike::harbour());
    assert!(matches!(import(&whole[..whole.len() / 2]), Err(TemplateError::Workbook)));
}

#[test]
fn versions_are_taken_off_titles() {
    assert_eq!(split_version("Assign Roles - v44.0"), ("Assign Roles", Some("v44.0")));
    assert_eq!(split_version("Hire - v"), ("Hire - v", None));
    assert_eq!(split_version("Hire - Fire"), ("Hire - Fire", None));
}
