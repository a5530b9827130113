//! Mappings against a template and a report, lookups, parts of descriptors, and suggestions.

use super::support::{Case, basics, field, table, template, typed};
use crate::eib::{Mapping, suggest, suggest_toml};
use datafusion::arrow::array::{ArrayRef, Date32Array, Int64Array};
use std::sync::Arc;

const REPORT: &str =
    "Employee ID|Worker|Name\n1|Jane Doe (100)|Sales\n2|John Roe (On Leave) (200)|sales\n3|Ann Poe|R&D";
const IDS: &str = "Reference Name|Reference ID|Type
    Sales|CC1|Cost_Center
    R&D|CC2|Cost_Center
    R&D|CC3|Cost_Center
    Sales|ORG1|Organization";

#[test]
fn what_does_not_fit_is_named_with_its_line() {
    let on_main = |rest: &str| basics() + rest;
    for (mapping, expected) in [
        (on_main(&field("Nothing", "value = \"x\"")), "has no field \"Nothing\""),
        (on_main(&field("Title", "column = \"Absent\"")), "there is no column \"Absent\""),
        (on_main(&field("Title", "current = \"Absent\"\nvalue = \"x\"")), "there is no column \"Absent\""),
        (on_main(&field("Worker", "value = \"x\"")), "line 11: \"Worker\" is filled in line 2 already"),
        (on_main(&field("Spreadsheet Key", "value = \"x\"")), "keys and Row IDs are generated"),
        (on_main(&field("Title", "value = \"x\"\nid_type = \"WID\"")), "no reference"),
        (field("Worker", "value = \"x\"\nid_type = \"Nobodys_ID\""), "row 4 does not offer this ID type"),
        (on_main(&field("Title", "column = \"Name\"\nsplit = \",\"")), "the column takes one value"),
        (on_main(&field("Amount", "value = \"{Empty}\"")), "only Text columns can be cleared"),
        (
            on_main(&field("Amount", "column = \"Name\"\nblank = \"clear\"")),
            "only Text columns can be cleared",
        ),
        (format!("key = [\"Absent\"]\n{}", basics()), "key: there is no column \"Absent\""),
        (format!("fingerprint = \"old\"\n{}", basics()), "`template diff`"),
        (format!("operation = \"Hire Thing\"\n{}", basics()), "the mapping is for \"Hire Thing\""),
        (on_main("[process.\"Other\"]\ninstruction = \"x\"\n"), "the overview has no process \"Other\""),
        ("key = []\n".to_owned(), "fills no field"),
        (on_main(&field("Title", "sql = \"\\\"Name\\\" ||\"")), "mapping, line 11: not one SQL expression"),
        (on_main(&field("Title", "sql = \"absent\"")), "line 11: the report has no column \"absent\""),
    ] {
        let said = Case::new(REPORT, &mapping).refused();
        assert!(said.contains(expected), "{said} / {expected}");
    }
}

#[test]
fn columns_are_found_by_heading_and_without_case() {
    let case = Case::new(REPORT, &(basics() + &field("Title", "column = \"NAME\"")));
    assert!(case.rows(0)[0].ends_with("F=Sales"));
    let twice = Case::new("Employee ID|Name|name\n1|a|b", &(basics() + &field("Title", "column = \"NAME\"")));
    assert!(twice.refused().contains("more than one column"));
}

#[test]
fn ids_come_out_of_descriptors_or_are_missed() {
    let mapping = field("Worker", "column = \"Worker\"\npart = \"id\"")
        + &field("Title", "column = \"Worker\"\npart = \"name\"")
        + &field("Effective Date", "value = \"2026-01-01\"")
        + &field("Reason", "value = \"R_1\"");
    for key in ["", "key = [\"Employee ID\"]\n"] {
        let case = Case::new(REPORT, &(key.to_owned() + &mapping));
        let rows = case.rows(0);
        assert!(rows[0].starts_with("B=1 C=100 ") && rows[0].ends_with("F=Jane Doe"), "{rows:?}");
        assert!(rows[1].starts_with("B=2 C=200 ") && rows[1].ends_with("F=John Roe (On Leave)"), "{rows:?}");
        assert_eq!(case.codes(), ["no-descriptor-id C8"]);
    }
}

#[test]
fn names_become_ids_and_what_is_not_sure_is_found() {
    let lookup = |rest: &str| {
        basics()
            + &field("Title", "column = \"Name\"\nlookup = \"ids\"")
            + "[lookup.ids]\ntable = \"ids\"\nname = \"Reference Name\"\nid = \"Reference ID\"\n"
            + rest
    };
    let with = |mapping: &str| Case::with(&[("report", table(REPORT)), ("ids", table(IDS))], mapping);
    for key in ["", "key = [\"Employee ID\"]\n"] {
        let case = with(&(key.to_owned() + &lookup("type = \"Type\"\nis = \"Cost_Center\"\n")));
        let rows = case.rows(0);
        assert!(rows[0].ends_with("F=CC1") && rows[1].ends_with("F=CC1"), "{rows:?}");
        assert_eq!(case.codes(), ["ambiguous-name F8"]);
        let case = with(&(key.to_owned() + &lookup("")));
        assert_eq!(case.codes(), ["ambiguous-name F6", "ambiguous-name F7", "ambiguous-name F8"]);
        let case = with(&(key.to_owned() + &lookup("type = \"Type\"\nis = \"Organization\"\n")));
        assert_eq!(case.codes(), ["unknown-name F8"]);
    }
    let refused = with(&lookup("type = \"Absent\"\nis = \"x\"\n")).refused();
    assert!(refused.contains("lookup \"ids\": there is no column \"Absent\""), "{refused}");
    let refused = with(&lookup("type = \"Type\"\nis = \"Planted\"\n")).refused();
    assert!(refused.contains("holds no name") && !refused.contains("Planted"), "{refused}");
}

#[test]
fn typed_columns_become_texts() {
    let columns: Vec<(String, ArrayRef)> = vec![
        ("Employee ID".to_owned(), Arc::new(Int64Array::from(vec![7, 8]))),
        ("Day".to_owned(), Arc::new(Date32Array::from(vec![Some(20_454), None]))),
    ];
    let mapping = field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "column = \"Day\"")
        + &field("Reason", "sql = \"'R_' || \\\"Employee ID\\\"\"");
    let case = Case::with(&[("report", typed(columns))], &mapping);
    assert_eq!(case.rows(0), ["B=1 C=7 D=2026-01-01 E=R_7", "B=2 C=8 E=R_8"]);
    assert_eq!(case.codes(), ["lead-zeros-lost C5", "missing-required D7"]);
}

#[test]
fn choices_outside_the_rows_are_handed_over() {
    let mapping = field("Worker", "value = \"x\"\nid_type = \"Other_ID\"")
        + "[process.\"change thing\"]\ninstruction = \"Automatic Processing\"\ncomment = \"Planted\"\n";
    let case = Case::new(REPORT, &mapping);
    assert_eq!(case.mapping.id_types(&case.template), [(0, 1, "Other_ID".to_owned())]);
    let instructions = case.mapping.instructions(&case.template);
    assert_eq!(instructions[0].row, 7);
    assert_eq!(instructions[0].instruction.as_deref(), Some("Automatic Processing"));
    assert!(!format!("{:?} {instructions:?}", case.mapping).contains("Planted"));
}

#[test]
fn suggestions_are_ranked_and_written_as_comments() {
    let columns: Vec<String> =
        ["Employee ID", "Eff. Date", "Title", "Blood Group", "Zzz"].map(str::to_owned).to_vec();
    let found = suggest(&template(), &columns);
    let best = |column: &str| found.iter().find(|s| s.column == column).map(|s| s.address.label.as_str());
    assert_eq!(best("Employee ID"), Some("Worker"));
    assert_eq!(best("Eff. Date"), Some("Effective Date"));
    assert_eq!(best("Title"), Some("Title"));
    assert_eq!(best("Zzz"), None);
    assert!(found.iter().all(|s| (0.5..=1.0).contains(&s.score)));
    let text = suggest_toml(&template(), "f", &columns);
    let mapping = Mapping::parse(&text).expect("a mapping file");
    assert!(mapping.fields.is_empty() && mapping.key.is_empty(), "nothing is applied");
    // With the marks taken away it is a mapping that fits.
    let taken: Vec<&str> = text
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.starts_with('[') || rest.contains(" = "))
                .unwrap_or(line)
        })
        .filter(|line| !line.starts_with("key"))
        .collect();
    let mapping = Mapping::parse(&taken.join("\n")).expect("a mapping file");
    assert!(mapping.fields.len() >= 3);
    for address in mapping.addresses() {
        template().find(&address).expect("the field is there");
    }
}
