//! What a plan counts, advises, shows and hashes.

use super::support::{Case, KEY, basics, field, table};
use crate::eib::{AdviceKind, Change, Digester, RowSource, Why, rows, show};
use std::ops::ControlFlow;

const REPORT: &str = "Employee ID|Grade Now|Title|Notes
    1|G1|a|Planted
    2|G2|b|-
    3|G2|-|-";

fn grades() -> Case {
    let mapping = basics()
        + &field("Title", "column = \"Title\"")
        + &field("Grade", "sheet = \"Propose Pay\"\nvalue = \"G2\"\ncurrent = \"Grade Now\"");
    Case::new(REPORT, &mapping)
}

#[test]
fn columns_are_counted_and_say_why_they_are_filled() {
    let planned = grades().plan();
    assert_eq!((planned.rows_in, planned.transactions, planned.people), (3, 3, 3));
    assert_eq!(planned.rows_out["Change Thing"], 3);
    assert_eq!(planned.rows_out["Propose Pay"], 3);
    assert_eq!(planned.columns_of_template, 21);
    assert_eq!(planned.read, ["Employee ID", "Grade Now", "Title"]);
    assert_eq!(planned.unread, ["Notes"]);
    let columns: Vec<_> = planned
        .columns
        .iter()
        .map(|column| (column.sheet.as_str(), column.cell.as_str(), column.why, column.filled, column.blank))
        .collect();
    let expected = [
        ("Change Thing", "B5", Why::Key, 3, 0),
        ("Change Thing", "C5", Why::Required, 3, 0),
        ("Change Thing", "D5", Why::Required, 3, 0),
        ("Change Thing", "E5", Why::Required, 3, 0),
        ("Change Thing", "F5", Why::Mapped, 2, 1),
        ("Propose Pay", "B5", Why::Key, 3, 0),
        ("Propose Pay", "C5", Why::Mapped, 3, 0),
    ];
    assert_eq!(columns, expected);
}

#[test]
fn advice_names_what_need_not_leave() {
    let mut case = grades();
    let kinds = |case: &Case| {
        let advice = case.plan().advice;
        advice.iter().map(|advice| (advice.kind, advice.count)).collect::<Vec<_>>()
    };
    let expected =
        [(AdviceKind::NoFilter, 3), (AdviceKind::UnchangedRows, 1), (AdviceKind::OptionalFilled, 2)];
    assert_eq!(kinds(&case), expected);
    case.filter = Some("\"Grade Now\" = 'G2'".to_owned());
    let expected =
        [(AdviceKind::UnchangedRows, 1), (AdviceKind::OptionalFilled, 1), (AdviceKind::SameAsCurrent, 2)];
    assert_eq!(kinds(&case), expected);
    case.filter = Some("\"Grade Now\" <> 'G2' and \"Title\" is null".to_owned());
    assert_eq!(kinds(&case), []);
    case.filter = Some("\"Title\" is null".to_owned());
    assert!(kinds(&case).contains(&(AdviceKind::NothingFilled, 1)));
}

#[test]
fn the_preview_shows_current_and_new() {
    for key in ["", "key = [\"Employee ID\"]\n"] {
        let mut case = grades();
        case.mapping.key = if key.is_empty() { Vec::new() } else { vec!["Employee ID".to_owned()] };
        let preview = case.plan().preview;
        let cells: Vec<_> = preview
            .rows
            .iter()
            .map(|row| {
                let cell = &row.cells[4];
                (row.transaction, row.row, cell.current.as_deref(), cell.new.as_deref(), cell.change)
            })
            .collect();
        let expected = [
            (1, 6, Some("G1"), Some("G2"), Change::Changed),
            (2, 7, Some("G2"), Some("G2"), Change::Same),
            (3, 8, Some("G2"), Some("G2"), Change::Same),
        ];
        assert_eq!(cells, expected);
        assert_eq!(preview.rows[2].cells[3].change, Change::Left);
        let from: Vec<&str> = preview.columns[3].from.iter().map(|base| base.column.as_str()).collect();
        assert_eq!(from, ["Title"]);
        assert_eq!(preview.left_off, 0);
        let mut few = Vec::new();
        let planned = crate::eib::plan(&case.request(), &mut |finding| few.push(finding), 1).expect("a plan");
        assert_eq!((planned.preview.rows.len(), planned.preview.left_off), (1, 2));
    }
}

#[test]
fn several_values_of_a_transaction_are_shown_together() {
    let mapping = basics() + &field("Tag", "column = \"Tags\"\nsplit = \";\"\ncurrent = \"Now\"");
    let case = Case::new("Employee ID|Tags|Now\n1|a;b|a\\nb\n2|c|x", &mapping);
    let preview = case.plan().preview;
    let shown: Vec<_> =
        preview.rows.iter().map(|row| (row.row, row.cells[3].new.as_deref(), row.cells[3].change)).collect();
    assert_eq!(shown, [(6, Some("a\nb"), Change::Same), (8, Some("c"), Change::Changed)]);
}

#[test]
fn the_build_hashes_what_the_plan_hashed() {
    let case = grades();
    let planned = case.plan();
    let mut digester = Digester::new(&KEY, &case.template);
    let mut source = rows(&case.request()).expect("rows");
    while let Some(block) = source.next_block().expect("a block") {
        digester.update(&block);
    }
    let digests = digester.finish();
    assert_eq!(digests.cells, planned.cells_digest);
    assert_eq!(digests.sheets, planned.digests);
    assert_eq!(planned.digests[1].cells, 6);
}

#[test]
fn any_other_cell_is_another_hash() {
    let digest = |report: &str, key: u8| {
        let case = Case::new(report, &(basics() + &field("Title", "column = \"Title\"")));
        let key = [key; 32];
        let mut request = case.request();
        request.key = &key;
        crate::eib::plan(&request, &mut |_| {}, 0).expect("a plan").cells_digest
    };
    let base = digest("Employee ID|Title\n1|ab\n2|c", 1);
    assert_eq!(digest("Employee ID|Title\n1|ab\n2|c", 1), base);
    assert_eq!(base.len(), 64);
    let others = [
        digest("Employee ID|Title\n1|ab\n2|d", 1),
        digest("Employee ID|Title\n1|a\n2|bc", 1),
        digest("Employee ID|Title\n2|ab\n1|c", 1),
        digest("Employee ID|Title\n1|ab\n2|-", 1),
        digest("Employee ID|Title\n1|ab\n2|c", 2),
    ];
    for other in &others {
        assert_ne!(*other, base);
    }
}

#[test]
fn tables_with_versions_in_their_names_are_read() {
    let named = [("workers@2", table("Employee ID\n2")), ("workers@3", table("Employee ID\n3"))];
    let case = Case::with(&named, &basics());
    let mut request = case.request();
    request.from = "workers@2";
    request.filter = Some("\"Employee ID\" = '2'");
    let planned = crate::eib::plan(&request, &mut |_| {}, 10).expect("a plan");
    assert_eq!(planned.transactions, 1);
    request.from = "workers@9";
    assert!(crate::eib::plan(&request, &mut |_| {}, 10).is_err());
}

#[test]
fn an_approver_sees_every_transaction_and_which_plan_it_was() {
    let case = grades();
    let mut seen = Vec::new();
    let digests = show(&case.request(), &mut |columns, row| {
        assert_eq!(columns.len(), row.cells.len());
        seen.push((row.transaction, row.cells[4].change));
        ControlFlow::Continue(())
    });
    assert_eq!(seen, [(1, Change::Changed), (2, Change::Same), (3, Change::Same)]);
    let digests = digests.expect("it can be shown").expect("to the end");
    assert_eq!(digests.cells, case.plan().cells_digest);
    let broken = show(&case.request(), &mut |_, _| ControlFlow::Break(())).expect("it can be shown");
    assert!(broken.is_none());
}
