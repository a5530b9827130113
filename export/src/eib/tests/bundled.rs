//! The layouts that come with the program, filled whole and filled in part.

use super::support::Case;
use crate::CellFormat;
use crate::eib::{Code, FieldMapping, FieldSource};
use crate::template::{Column, Template, bundled, bundled_names};
use std::collections::BTreeSet;

/// A text that fits.
fn fitting(column: &Column) -> String {
    match &column.format {
        CellFormat::Date => "2026-01-01".to_owned(),
        CellFormat::DateTime => "2026-01-01T09:00:00".to_owned(),
        CellFormat::Number(_) => "1".to_owned(),
        CellFormat::YesNo => "N".to_owned(),
        CellFormat::Reference(id_type) if id_type == "WID" => "0123456789abcdef".repeat(2),
        CellFormat::Lookup => column.id_types.first().cloned().unwrap_or_else(|| "Word".to_owned()),
        _ => "X_1".to_owned(),
    }
}

/// A load that fills these columns with constants.
fn load(template: &Template, wanted: impl Fn(usize, usize) -> bool) -> Case {
    let mut case = Case::new("Employee ID\n1\n2", "");
    case.template = template.clone();
    case.mapping.operation.clone_from(&template.operation);
    for (at, sheet) in template.sheets.iter().enumerate() {
        for (column, known) in sheet.columns.iter().enumerate() {
            let key = sheet.groups.iter().any(|group| group.key == Some(column));
            if key || known.hidden || !wanted(at, column) {
                continue;
            }
            case.mapping.fields.push(FieldMapping {
                address: template.address(at, column).expect("it is there"),
                source: FieldSource::Value(fitting(known)),
                id_type: None,
                part: None,
                lookup: None,
                split: None,
                current: None,
                clears: false,
                line: case.mapping.fields.len() + 1,
            });
        }
    }
    case
}

fn templates() -> Vec<Template> {
    let all = bundled_names().map(|name| bundled(name).expect("it is there").expect("it can be read"));
    let all: Vec<Template> = all.collect();
    assert!(all.len() >= 6);
    all
}

#[test]
fn layouts_that_are_filled_whole_miss_nothing() {
    for template in templates() {
        let case = load(&template, |_, _| true);
        let (planned, findings) =
            case.planned().unwrap_or_else(|error| panic!("{}: {error}", template.operation));
        let expected = BTreeSet::from([Code::Sensitive, Code::DuplicateWorker, Code::TwoAlternatives]);
        for finding in &findings {
            assert!(expected.contains(&finding.code), "{}: {finding}", template.operation);
        }
        assert_eq!(planned.transactions, 2);
        // A sheet of keys alone has nothing to fill.
        for sheet in template.sheets.iter().filter(|sheet| sheet.columns.len() > sheet.groups.len()) {
            assert_eq!(planned.rows_out.get(&sheet.name), Some(&2), "{}: {}", template.operation, sheet.name);
        }
    }
}

#[test]
fn layouts_of_which_one_column_is_filled_want_others_in_the_same_sheet_or_the_main_one() {
    for template in templates() {
        for (at, sheet) in template.sheets.iter().enumerate() {
            for column in (0..sheet.columns.len()).step_by(7) {
                let case = load(&template, |s, c| (s, c) == (at, column));
                if case.mapping.fields.is_empty() {
                    continue;
                }
                let (_, findings) = case.planned().expect("a plan");
                let main = &template.sheets[0].name;
                for finding in findings {
                    assert!(finding.sheet == sheet.name || finding.sheet == *main, "{finding}");
                    let own = crate::template::cell_name(4, sheet.columns[column].index);
                    let missing = finding.code == Code::MissingRequired && finding.sheet == sheet.name;
                    assert!(!missing || finding.cell.as_deref() != Some(own.as_str()), "{finding}");
                }
            }
        }
    }
}

/// Only the columns that are wanted, as the findings name them: then nothing is missing any more.
#[test]
fn what_findings_ask_for_is_enough() {
    for template in templates() {
        let mut chosen: BTreeSet<(usize, usize)> = BTreeSet::from([(0, 1)]);
        for _ in 0..20 {
            let case = load(&template, |sheet, column| chosen.contains(&(sheet, column)));
            let (_, findings) = case.planned().expect("a plan");
            let before = chosen.len();
            for finding in findings {
                let sheet =
                    template.sheets.iter().position(|sheet| sheet.name == finding.sheet).expect("a sheet");
                let index = |column: &Column| {
                    let cell = crate::template::cell_name(4, column.index);
                    finding.cell.as_deref() == Some(cell.as_str())
                };
                match finding.code {
                    Code::MissingRequired => {
                        chosen.extend(
                            template.sheets[sheet].columns.iter().position(index).map(|at| (sheet, at)),
                        );
                    }
                    // Any column of the group.
                    Code::GroupRequired => {
                        let columns = &template.sheets[sheet].columns;
                        let key = columns.iter().position(index).expect("a key");
                        let own = (0..columns.len())
                            .find(|&at| at != key && columns[at].group == columns[key].group);
                        chosen.extend(own.map(|at| (sheet, at)));
                    }
                    _ => {}
                }
            }
            if chosen.len() == before {
                break;
            }
        }
        let case = load(&template, |sheet, column| chosen.contains(&(sheet, column)));
        let planned = case.plan();
        assert_eq!(planned.by_code.get(&Code::MissingRequired), None, "{}", template.operation);
        assert_eq!(planned.by_code.get(&Code::GroupRequired), None, "{}", template.operation);
    }
}

#[test]
fn a_table_without_rows_gives_none() {
    let template = &templates()[0];
    let mut case = load(template, |_, column| column == 1);
    case.filter = Some("\"Employee ID\" = 'nobody'".to_owned());
    assert_eq!(case.plan().transactions, 0);
}
