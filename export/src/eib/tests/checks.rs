//! Every code that a whole load shows, with a load that has it and one that has not. Single cells are tested beside
//! their formats.

use super::support::{Case, basics, field, sheet, typed};
use crate::eib::{Code, Severity};
use datafusion::arrow::array::{ArrayRef, Date32Array, StringArray};
use std::sync::Arc;

fn check(report: &str, mapping: &str, expected: &[&str]) {
    for key in ["", "key = [\"Employee ID\"]\n"] {
        let case = Case::new(report, &format!("{key}{mapping}"));
        assert_eq!(case.codes(), expected, "{key}{mapping}");
    }
}

#[test]
fn required_cells_that_are_blank() {
    let mapping = field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "column = \"Day\"")
        + &field("Reason", "value = \"R_1\"");
    check("Employee ID|Day\n1|2026-01-01\n2|-", &mapping, &["missing-required D7"]);
    check("Employee ID|Day\n1|2026-01-01\n2|2026-01-01", &mapping, &[]);
}

#[test]
fn required_columns_that_nothing_fills_are_said_once() {
    // The reason is wanted where its area is used.
    let mapping = field("Worker", "column = \"Employee ID\"");
    check("Employee ID\n1\n2", &mapping, &["missing-required D5"]);
    let mapping = mapping + &field("Title", "column = \"Title\"");
    let report = "Employee ID|Title\n1|t\n2|-";
    check(report, &mapping, &["missing-required D5", "missing-required E5"]);
    let (_, findings) = Case::new(report, &mapping).planned().expect("a plan");
    let words: Vec<_> = findings.iter().map(|finding| finding.message.as_str()).collect();
    let expected = ["required, not mapped: missing in 2 rows", "required, not mapped: missing in 1 rows"];
    assert_eq!(words, expected);
    // An area inside it uses it too.
    let inside = field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "value = \"2026-01-01\"")
        + &field("Plan", "column = \"Title\"");
    check(report, &inside, &["missing-required E5"]);
}

#[test]
fn groups_that_have_to_occur() {
    let needs = |report: &str, mapping: &str, expected: &[&str]| {
        for key in ["", "key = [\"Employee ID\"]\n"] {
            let mut case = Case::new(report, &format!("{key}{mapping}"));
            case.template.sheets[0].groups[2].required = true;
            assert_eq!(case.codes(), expected, "{key}{mapping}");
        }
    };
    let plan = basics() + &field("Plan", "column = \"Plan\"");
    needs("Employee ID|Plan\n1|P1\n2|-", &plan, &["group-required L5"]);
    needs("Employee ID|Plan\n1|-", &plan, &[]);
    let share = plan + &field("Share", "column = \"Share\"");
    needs("Employee ID|Plan|Share\n1|P1|5\n2|P2|-\n3|-|-", &share, &["group-required L7"]);
    needs("Employee ID|Plan|Share\n1|-|5\n3|-|-", &share, &["missing-required K6"]);
    let mut case =
        Case::new("Employee ID|Title\n1|t\n2|-", &(basics() + &field("Title", "column = \"Title\"")));
    case.template.sheets[0].groups[1].required = true;
    assert_eq!(case.codes(), ["group-required I5"]);
    let words = case.planned().expect("a plan").1.remove(0).message;
    // The reason stands in the area above the group in every row.
    assert_eq!(words, "this group has to occur, and does not 2 times");
}

#[test]
fn conditional_groups_are_filled_whole_or_not_at_all() {
    let report = "Employee ID|T|V\n1|Org_ID|O1\n2|Org_ID|-\n3|-|O3\n4|-|-";
    let parents =
        basics() + &field("Parent ID Type", "column = \"T\"") + &field("Parent ID Value", "column = \"V\"");
    check(report, &parents, &["conditional-half Q8", "conditional-half R7"]);
    let half = basics() + &field("Parent ID Type", "column = \"T\"");
    check(report, &half, &["conditional-half R5"]);
}

#[test]
fn alternatives_are_one_or_a_warning() {
    let mut case = Case::new(
        "Employee ID|A|B\n1|a1|b1\n2|-|b2\n3|-|-",
        &(field("Applicant", "column = \"A\"") + &field("Student", "column = \"B\"")),
    );
    let lines = |first: &str, second: &str| {
        format!(
            "All | Required | Text | Spreadsheet Key*
             All | Required | Person_A_ID | {first}*
             All | Required | Person_B_ID | {second}*"
        )
    };
    case.template.sheets = vec![sheet("Change Thing", &lines("Applicant", "Student"))];
    case.template.overview = None;
    // The first row has both.
    assert_eq!(case.codes(), ["missing-required C8", "two-alternatives D6"]);
    case.mapping = crate::eib::Mapping::parse(
        "operation = \"Change Thing\"\n[[field]]\nlabel = \"Proposal\"\ncolumn = \"A\"\n\
         [[field]]\nlabel = \"Design\"\ncolumn = \"B\"\n",
    )
    .expect("a mapping");
    case.template.sheets = vec![sheet("Change Thing", &lines("Proposal", "Design"))];
    assert_eq!(case.codes(), ["missing-required C8", "required-alternative C5"]);
    // A currency is no alternative to what stands beside it.
    case.mapping.fields[1].address.label = "Currency".to_owned();
    case.template.sheets = vec![sheet("Change Thing", &lines("Proposal", "Currency"))];
    assert_eq!(case.codes(), ["missing-required C7", "missing-required C8", "missing-required D8"]);
    // None of them mapped: one finding for all.
    case.mapping.fields.truncate(1);
    case.mapping.fields[0].address.label = "Title".to_owned();
    let more = lines("Applicant", "Student") + "\nAll | Optional | Text | Title";
    case.template.sheets = vec![sheet("Change Thing", &more)];
    assert_eq!(case.codes(), ["missing-required C5"]);
}

#[test]
fn a_column_without_a_mark_belongs_to_its_left() {
    let mut case = Case::new(
        "Employee ID|A|B\n1|a1|b1\n2|a2|-\n3|-|-",
        &(field("Region", "column = \"A\"") + &field("Country Code", "column = \"B\"")),
    );
    case.template.overview = None;
    case.template.sheets = vec![sheet(
        "Change Thing",
        "All | Required | Text | Spreadsheet Key*
         Place | Optional | Region_ID | Region
         Place | Required | Country_ID | Country Code",
    )];
    assert_eq!(case.codes(), ["missing-required D7"]);
    case.mapping.fields.truncate(1);
    assert_eq!(case.codes(), ["missing-required D5"]);
}

#[test]
fn areas_without_a_path_go_on_until_their_labels_come_again() {
    let mut case = Case::new("Employee ID|A|B\n1|-|-\n2|a|-\n3|-|b", "");
    let lines = "All | Required | Text | Spreadsheet Key*
         Name Data | Optional | Text | Full Name
         Name Data | Required | Country_ID | Country*
         Title Data | Optional | Text | Title
         Name Data | Optional | Text | First Name
         Name Data | Optional | Text | Full Name
         Name Data | Required | Country_ID | Country*
         Name Data | Optional | Text | First Name
         Name Data | Optional | Name_ID | First Name
         All | Optional | Text | Note";
    case.template.sheets = vec![sheet("Change Thing", lines)];
    case.template.overview = None;
    for (fields, expected) in [
        (field("First Name", "occurrence = 1\ncolumn = \"A\""), &["missing-required D5"][..]),
        (field("Title", "column = \"A\""), &["missing-required D5"]),
        (field("First Name", "occurrence = 2\ncolumn = \"B\""), &["missing-required H5"]),
        (field("First Name", "occurrence = 3\ncolumn = \"B\""), &["missing-required H5"]),
        (field("Note", "column = \"B\""), &[]),
    ] {
        let text = format!("operation = \"Change Thing\"\n{fields}");
        case.mapping = crate::eib::Mapping::parse(&text).expect("a mapping");
        assert_eq!(case.codes(), expected, "{fields}");
    }
}

#[test]
fn areas_that_are_marked_are_wanted_where_the_one_above_is_used() {
    let mut case = Case::new("A|B|C\n1|-|-\n-|x|-\n-|-|y", "");
    let lines = "All | Required | Text | Spreadsheet Key*
         Grant+ (All) | Required | Text | Row ID*
         Owner* (All > Grant) | Required | Lookup | ID Type
         Owner* (All > Grant) | Required | Text | ID Value
         Grant+ (All) | Optional | Text | Grant Note
         All | Optional | Text | Note | 0";
    case.template.sheets = vec![sheet("Change Thing", lines)];
    case.template.overview = None;
    let note = |label: &str, column: &str| field(label, &format!("column = \"{column}\""));
    for (fields, expected) in [
        (note("Note", "A"), &[][..]),
        (note("Grant Note", "A"), &["missing-required D5"]),
        (note("Grant Note", "A") + &note("ID Value", "B"), &["missing-required D5"]),
        (
            note("Grant Note", "A") + &note("ID Value", "B") + &field("ID Type", "value = \"WID\""),
            &["missing-required E6"],
        ),
    ] {
        let text = format!("operation = \"Change Thing\"\n{fields}");
        case.mapping = crate::eib::Mapping::parse(&text).expect("a mapping");
        assert_eq!(case.codes(), expected, "{fields}");
    }
}

#[test]
fn workers_that_come_twice_and_days_before_the_hire() {
    let mapping = field("Worker", "column = \"Worker\"")
        + &field("Effective Date", "column = \"Day\"")
        + &field("Reason", "value = \"R_1\"");
    let report = "Employee ID|Worker|Day|Hire Date
        1|100|2026-01-01|2020-05-05
        2|200|2019-12-31|2020-01-01
        3|100|2020-05-05|2020-05-05
        4|300|2019-01-01|-";
    check(report, &mapping, &["before-hire D7", "duplicate-worker C8"]);
    let case = Case::new(report, &mapping);
    let planned = case.plan();
    assert_eq!((planned.people, planned.transactions), (3, 4));
    assert!(planned.read.contains(&"Hire Date".to_owned()));
    let none = Case::new(report, &field("Title", "column = \"Worker\""));
    assert_eq!(none.plan().unread, ["Employee ID", "Day", "Hire Date"]);
}

#[test]
fn hire_dates_may_be_typed() {
    let columns: Vec<(String, ArrayRef)> = vec![
        ("Employee ID".to_owned(), Arc::new(StringArray::from(vec!["1", "2"]))),
        ("Hire Date".to_owned(), Arc::new(Date32Array::from(vec![20_454, 20_455]))),
    ];
    let case = Case::with(&[("report", typed(columns))], &basics());
    assert_eq!(case.codes(), ["before-hire D7"]);
}

#[test]
fn dates_in_two_orders_are_said_of_the_column() {
    let mapping = field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "column = \"Day\"")
        + &field("Reason", "value = \"R_1\"");
    let report = "Employee ID|Day\n1|31/12/2025\n2|12/31/2025\n3|45992";
    check(report, &mapping, &["excel-serial D8", "mixed-date-orders D5", "wrong-date D6", "wrong-date D7"]);
}

#[test]
fn the_word_that_clears_is_not_taken_from_data() {
    let mapping = basics() + &field("Title", "column = \"Title\"");
    check(
        "Employee ID|Title\n1|{empty}\n2|{Empty}\n3|{full}",
        &mapping,
        &["clear-in-data F6", "clear-in-data F7"],
    );
    let constant = basics() + &field("Title", "value = \"{empty}\"");
    check("Employee ID\n1", &constant, &["clears F5"]);
}

#[test]
fn replacing_needs_to_be_allowed() {
    let mapping = basics() + &field("Plan", "column = \"Plan\"") + &field("Replace", "column = \"R\"");
    let report = "Employee ID|Plan|R\n1|P1|Y\n2|P2|N\n3|P3|-";
    check(report, &mapping, &["replaces J5"]);
    let mut case = Case::new(report, &mapping);
    assert_eq!(case.plan().replaced, 1);
    case.allow.replace = true;
    assert_eq!(case.codes(), Vec::<String>::new());
    check("Employee ID|Plan|R\n2|P2|N", &mapping, &[]);
}

#[test]
fn special_categories_need_a_reason() {
    let mapping = basics() + &field("Blood Type", "column = \"Group\"");
    let report = "Employee ID|Group\n1|A";
    check(report, &mapping, &["sensitive S5"]);
    let mut case = Case::new(report, &mapping);
    let address = case.mapping.fields[3].address.clone();
    case.allow.sensitive = vec![(address.clone(), "blood drive".to_owned())];
    assert_eq!(case.codes(), Vec::<String>::new());
    assert_eq!(case.plan().columns.iter().filter(|column| column.sensitive == Some("health")).count(), 1);
    case.allow.sensitive = vec![(address.clone(), " ".to_owned())];
    assert!(case.refused().contains("has no reason"));
    case.allow.sensitive = vec![(crate::template::Address { label: "Absent".into(), ..address }, "x".into())];
    assert!(case.refused().starts_with("--allow-sensitive: "));
    // A column of the report keeps its category wherever it goes.
    let elsewhere = basics() + &field("Title", "sql = \"upper(\\\"Ethnicity\\\")\"");
    check("Employee ID|Ethnicity\n1|A", &elsewhere, &["sensitive F5"]);
}

#[test]
fn a_skipped_step_has_no_rows() {
    let skipped =
        "[process.\"Propose Pay\"]\ninstruction = \"Skip Processing when Step is marked Optional\"\n";
    let grade = field("Grade", "sheet = \"Propose Pay\"\ncolumn = \"Grade\"");
    let report = "Employee ID|Grade\n1|G1";
    check(report, &(basics() + &grade + skipped), &["skipped-sheet-filled Propose Pay!-"]);
    check(report, &(basics() + &grade), &[]);
    check("Employee ID|Grade\n1|-", &(basics() + &grade + skipped), &[]);
    let mut case = Case::new(report, &(basics() + &grade));
    let overview = case.template.overview.as_mut().expect("an overview");
    overview.processes[1].instruction = Some("Skip Processing when Step is marked Optional".to_owned());
    assert_eq!(case.codes(), ["skipped-sheet-filled Propose Pay!-"]);
}

#[test]
fn types_of_ids_beside_them() {
    let mapping = basics() + &field("ID Type", "column = \"T\"") + &field("ID Value", "column = \"V\"");
    let report = "Employee ID|T|V\n1|Employee_ID|100\n2|Nobodys_ID|200\n3|Employee_ID|Jane Doe";
    check(report, &mapping, &["name-like-id P8", "unknown-id-type O7"]);
}

#[test]
fn a_chosen_type_decides_what_an_id_looks_like() {
    let mapping = field("Worker", "column = \"Employee ID\"\nid_type = \"WID\"")
        + &field("Effective Date", "value = \"2026-01-01\"")
        + &field("Reason", "value = \"R_1\"");
    check("Employee ID\n0123456789abcdef0123456789abcdef\n21072", &mapping, &["wid-malformed C7"]);
}

#[test]
fn loads_without_rows_and_loads_of_many_files() {
    let mut case = Case::new("Employee ID\n1", &basics());
    case.filter = Some("false".to_owned());
    assert_eq!(case.codes(), ["no-rows -"]);
    let ids: StringArray = (0..32_000).map(|id| Some(format!("E{id}"))).collect();
    let case = Case::with(&[("report", typed(vec![("Employee ID".to_owned(), Arc::new(ids))]))], &basics());
    assert_eq!(case.codes(), ["splits -"]);
}

#[test]
fn rows_without_keys_are_found_where_a_template_has_none() {
    let mut case = Case::new("Employee ID|Plan\n1|P1", &(basics() + &field("Plan", "column = \"Plan\"")));
    case.template.sheets[0].groups[1].key = None;
    assert!(case.refused().contains("its group has no Row ID"));
    let mut case = Case::new(
        "Employee ID|Grade\n1|G",
        &(basics() + &field("Grade", "sheet = \"Propose Pay\"\ncolumn = \"Grade\"")),
    );
    case.template.sheets[1].groups[0].key = None;
    assert!(case.refused().contains("its sheet has no spreadsheet key"));
}

#[test]
fn words_say_nothing_of_values() {
    let planted = "Planted Person (On Leave)";
    let report =
        format!("Employee ID|Day|Title\n{planted}|{planted}|{{empty}}\n{planted}|{planted}|{planted}\u{a0}");
    let mapping = field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "column = \"Day\"")
        + &field("Title", "column = \"Title\"\ncurrent = \"Day\"");
    let case = Case::new(&report, &mapping);
    let (planned, findings) = case.planned().expect("a plan");
    assert!(findings.len() > 6, "{findings:?}");
    for text in [
        format!("{findings:?} {planned:?} {:?}", case.request()),
        serde_json::to_string(&findings).expect("JSON"),
        serde_json::to_string(&planned).expect("JSON"),
        findings.iter().map(ToString::to_string).collect::<String>(),
    ] {
        assert!(!text.contains("Planted"), "{text}");
    }
    let counted: u64 = planned.by_severity.values().sum();
    assert_eq!(counted, findings.len() as u64);
    assert_eq!(planned.by_code[&Code::NameInId], 2);
    assert!(planned.by_severity[&Severity::Error] > 0 && planned.has_errors());
}
