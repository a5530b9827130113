//! Rows that reports become.

use super::support::{Case, basics, field};

fn check(case: &Case, sheet: usize, expected: &[&str]) {
    assert_eq!(case.rows(sheet), expected);
}

const PLAN: &str = "column = \"Plan\"";

#[test]
fn rows_are_transactions_in_the_reports_order() {
    let case = Case::new("Employee ID|x\n20|a\n10|b\n030|c", &basics());
    let expected = [
        "B=1 C=20 D=2026-01-01 E=Thing_Change_1",
        "B=2 C=10 D=2026-01-01 E=Thing_Change_1",
        "B=3 C=030 D=2026-01-01 E=Thing_Change_1",
    ];
    check(&case, 0, &expected);
    check(&case, 1, &[]);
}

#[test]
fn the_filter_and_the_limit_choose_and_keep_the_order() {
    let mut case = Case::new("Employee ID|x\n20|a\n10|b\n030|a\n40|a", &basics());
    case.filter = Some("x = 'a'".to_owned());
    case.limit = Some(2);
    let expected = ["B=1 C=20 D=2026-01-01 E=Thing_Change_1", "B=2 C=030 D=2026-01-01 E=Thing_Change_1"];
    check(&case, 0, &expected);
}

#[test]
fn a_sub_process_has_rows_where_it_has_values_that_are_no_constants() {
    let sub = |label: &str, rest: &str| field(label, &format!("sheet = \"Propose Pay\"\n{rest}"));
    let mapping = basics() + &sub("Grade", "column = \"Grade\"") + &sub("Currency", "value = \"EUR\"");
    let report = "Employee ID|Grade\n1|G1\n2|-\n3|G3";
    let case = Case::new(report, &mapping);
    check(&case, 1, &["B=1 C=G1 D=EUR", "B=3 C=G3 D=EUR"]);
    let keyed = Case::new(report, &format!("key = [\"Employee ID\"]\n{mapping}"));
    check(&keyed, 1, &["B=1 C=G1 D=EUR", "B=3 C=G3 D=EUR"]);
    let constant = Case::new(report, &(basics() + &sub("Currency", "value = \"EUR\"")));
    check(&constant, 1, &["B=1 D=EUR", "B=2 D=EUR", "B=3 D=EUR"]);
}

#[test]
fn a_group_without_values_has_no_child_and_no_constants() {
    let mapping = basics() + &field("Plan", PLAN) + &field("Replace", "value = \"N\"");
    let case = Case::new("Employee ID|Plan\n1|P1\n2|-", &mapping);
    let expected =
        ["B=1 C=1 D=2026-01-01 E=Thing_Change_1 I=1 J=N K=P1", "B=2 C=2 D=2026-01-01 E=Thing_Change_1"];
    check(&case, 0, &expected);
}

#[test]
fn rows_of_a_key_are_children_and_their_children() {
    let report = "Employee ID|Plan|Share
        7|P1|10
        3|P9|1
        7|P1|20
        7|P2|30
        7|P1|10
        7|-|-";
    let mapping = "key = [\"Employee ID\"]\n".to_owned()
        + &basics()
        + &field("Plan", PLAN)
        + &field("Share", "column = \"Share\"");
    let case = Case::new(report, &mapping);
    let expected = [
        "B=1 C=3 D=2026-01-01 E=Thing_Change_1 I=1 K=P9 L=1 M=1",
        "B=2 C=7 D=2026-01-01 E=Thing_Change_1 I=1 K=P1 L=1 M=10",
        "B=2 I=1 L=2 M=20",
        "B=2 I=2 K=P2 L=1 M=30",
    ];
    check(&case, 0, &expected);
    assert_eq!(case.codes(), Vec::<String>::new());
    assert_eq!(case.plan().rows_in, 6);
}

#[test]
fn many_values_expand_into_rows_that_carry_the_keys_alone() {
    let mapping = basics()
        + &field("Tag", "column = \"Tags\"\nsplit = \"; \"")
        + &field("Plan", PLAN)
        + &field("Share", "column = \"Share\"");
    let case = Case::new("Employee ID|Tags|Plan|Share\n1|a; b; a; c|P1|5\n2|-|-|-\n3|z|-|-", &mapping);
    let expected = [
        "B=1 C=1 D=2026-01-01 E=Thing_Change_1 H=a I=1 K=P1 L=1 M=5",
        "B=1 H=b",
        "B=1 H=c",
        "B=2 C=2 D=2026-01-01 E=Thing_Change_1",
        "B=3 C=3 D=2026-01-01 E=Thing_Change_1 H=z",
    ];
    check(&case, 0, &expected);
    assert_eq!(case.codes(), Vec::<String>::new());
}

#[test]
fn line_feeds_split_too_and_rows_of_a_key_give_repeating_values() {
    let lines = Case::new(
        "Employee ID|Tags\n1|a\\nb",
        &(basics() + &field("Tag", "column = \"Tags\"\nsplit = \"\\n\"")),
    );
    check(&lines, 0, &["B=1 C=1 D=2026-01-01 E=Thing_Change_1 H=a", "B=1 H=b"]);
    let keyed = "key = [\"Employee ID\"]\n".to_owned() + &basics() + &field("Tag", "column = \"Tags\"");
    let keyed = Case::new("Employee ID|Tags\n1|b\n1|a\n1|b", &keyed);
    check(&keyed, 0, &["B=1 C=1 D=2026-01-01 E=Thing_Change_1 H=b", "B=1 H=a"]);
}

#[test]
fn rows_of_a_key_that_disagree_are_found() {
    let mapping = "key = [\"Employee ID\"]\n".to_owned() + &basics() + &field("Title", "column = \"Title\"");
    let case = Case::new("Employee ID|Title\n1|a\n2|x\n1|b\n2|-\n2|x", &mapping);
    let expected = ["B=1 C=1 D=2026-01-01 E=Thing_Change_1 F=a", "B=2 C=2 D=2026-01-01 E=Thing_Change_1 F=x"];
    check(&case, 0, &expected);
    assert_eq!(case.codes(), ["conflicting-values F6"]);
}

#[test]
fn rows_with_a_blank_key_are_not_thrown_together() {
    let mapping = "key = [\"Group\"]\n".to_owned() + &basics();
    let case = Case::new("Employee ID|Group\n1|-\n2|-\n3|g", &mapping);
    assert_eq!(case.codes(), ["blank-key B7", "blank-key B8"]);
    assert_eq!(case.rows(0).len(), 3);
}

#[test]
fn chosen_transactions_keep_their_numbers() {
    for key in ["", "key = [\"Employee ID\"]\n"] {
        let mut case = Case::new("Employee ID|x\n1|a\n2|b\n3|c", &(key.to_owned() + &basics()));
        case.only = Some([2, 3].into());
        let expected = ["B=2 C=2 D=2026-01-01 E=Thing_Change_1", "B=3 C=3 D=2026-01-01 E=Thing_Change_1"];
        check(&case, 0, &expected);
        case.limit = Some(2);
        check(&case, 0, &expected[..1]);
    }
}

#[test]
fn blanks_are_left_or_cleared() {
    let mut case = Case::new(
        "Employee ID|Title\n1|-\n2|t",
        &(basics() + &field("Title", "column = \"Title\"\nblank = \"clear\"")),
    );
    let expected =
        ["B=1 C=1 D=2026-01-01 E=Thing_Change_1 F={empty}", "B=2 C=2 D=2026-01-01 E=Thing_Change_1 F=t"];
    check(&case, 0, &expected);
    assert_eq!(case.codes(), ["clears F5"]);
    case.allow.clear = true;
    assert_eq!(case.codes(), Vec::<String>::new());
    assert_eq!(case.plan().cleared, 1);
}

#[test]
fn constants_alone_have_a_row_for_every_row() {
    let mapping = field("Title", "value = \"t\"");
    check(&Case::new("x\n1\n2", &mapping), 0, &["B=1 F=t", "B=2 F=t"]);
    check(&Case::new("x\n1\n2\n1", &format!("key = [\"x\"]\n{mapping}")), 0, &["B=1 F=t", "B=2 F=t"]);
}

#[test]
fn many_values_of_a_key_are_each_written_once() {
    let rows: Vec<String> = (0..500).map(|row| format!("1|t{}", row % 100)).collect();
    let report = format!("Employee ID|Tags\n{}", rows.join("\n"));
    let mapping = "key = [\"Employee ID\"]\n".to_owned() + &basics() + &field("Tag", "column = \"Tags\"");
    let rows = Case::new(&report, &mapping).rows(0);
    assert_eq!(rows.len(), 100);
    for (at, row) in rows.iter().enumerate() {
        assert!(row.ends_with(&format!("H=t{at}")), "{row}");
    }
}
