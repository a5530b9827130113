//! From a report to a workbook through the built program: tables, templates, mappings, plans, approvals, builds. What was
//! written is read again by `calamine`, and nothing of it stands where it must not.

use crate::cli_store::{anywhere, custody, new_store, objects};
use crate::program::{Said, World};
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::fmt::Write as _;

pub(crate) const MAIN: &str = "Request Compensation Change";

pub(crate) const MAPPING: &str = r#"operation = "Request Compensation Change"
key = ["Employee ID"]

[[field]]
label = "Employee"
column = "Employee ID"
id_type = "Employee_ID"

[[field]]
label = "Compensation Change Date"
value = "2026-01-01"

[[field]]
label = "Compensation Change On Next Pay Period"
value = "N"

[[field]]
label = "Reason"
value = "Compensation_Change_Base_Salary_Change"
id_type = "General_Event_Subcategory_ID"

[[field]]
area = "Compensation Guidelines Data"
label = "Compensation Grade"
sql = "'G' || lpad(cast(\"New Grade\" as varchar), 2, '0')"
current = "Compensation Grade"
"#;

/// A report of so many people, title and prompt rows above it; every third one is in cost centre CC-200.
pub(crate) fn report(people: usize) -> String {
    let mut text = "Compensation Audit,,,,,\nCompany: Planted Holdings,,,,,\n,,,,,\n".to_owned();
    text.push_str("Employee ID,Legal Name,Cost Center,Compensation Grade,New Grade,Notes\n");
    let names =
        ["Planted Müller-Lüdenscheidt", "Planted O'Neil", "=Planted Formula", "Planted 山田", "Planted علي"];
    for at in 0..people {
        let centre = if at % 3 == 0 { "CC-200 Sales" } else { "CC-100 Ops" };
        let name = names[at % names.len()];
        let _ = writeln!(
            text,
            "{:06},{name},{centre},G{:02},{},\"planted note\"",
            4_711 + at,
            at % 7,
            at % 7 + 1
        );
    }
    text
}

pub(crate) fn world(people: usize) -> World {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", report(people));
    world.file("grades.toml", MAPPING);
    let said = custody(&world, &["ingest", "workers.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("in SQL workers@1"), "{}", said.err);
    world
}

pub(crate) const NO_SANDBOX: &str = "--no-sandbox-run";
pub(crate) const FILTER: &str = "\"Cost Center\" like 'CC-200%'";

/// The arguments that plan the new grades, and more.
pub(crate) fn planning<'a>(more: &[&'a str]) -> Vec<&'a str> {
    const PLAN: [&str; 7] =
        ["eib", "plan", "request_compensation_change", "--from", "workers", "--map", "grades.toml"];
    [&PLAN[..], more].concat()
}

pub(crate) fn plan(world: &World, more: &[&str]) -> Value {
    let mut made = objects(world, &planning(more));
    assert_eq!(made.len(), 1, "{made:?}");
    made.remove(0)
}

pub(crate) fn hash(plan: &Value) -> String {
    plan["plan"].as_str().unwrap_or_else(|| panic!("no plan: {}", plan["findings"])).to_owned()
}

pub(crate) fn approve(world: &World, plan: &str) -> Said {
    custody(world, &["approve", plan, "--show", "--yes", &plan[..8]])
}

/// Texts of a sheet from row 6 on, by cell.
pub(crate) fn cells(world: &World, file: &str, sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook(world.path(file)).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the sheet");
    let last = range.end().expect("cells").0;
    (5..=last)
        .map(|row| {
            (1..=range.end().expect("cells").1)
                .map(|column| match range.get_value((row, column)) {
                    Some(Data::String(text)) => text.clone(),
                    None | Some(Data::Empty) => String::new(),
                    Some(other) => panic!("a cell that is no text: {other:?}"),
                })
                .collect()
        })
        .collect()
}

#[test]
fn a_report_becomes_a_workbook_of_what_was_planned_and_nothing_else() {
    let world = world(30);
    let planned = plan(&world, &["--where", FILTER, "-o", "plan.json"]);
    assert_eq!(
        (planned["planned"]["rows_in"].as_u64(), planned["planned"]["people"].as_u64()),
        (Some(10), Some(10))
    );
    let plan_hash = hash(&planned);
    let file = std::fs::read_to_string(world.path("plan.json")).expect("the plan's file");
    for secret in ["004711", "Planted", "CC-200", "G01", "like", "planted note"] {
        assert!(!file.contains(secret), "{secret} stands in the plan's file");
        assert!(!planned.to_string().contains(secret), "{secret} stands in the plan's output");
    }
    let early = custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]);
    assert_eq!(early.code, 1, "{}", early.err);
    assert!(early.err.contains("nobody has approved"), "{}", early.err);
    let unseen = custody(&world, &["approve", &plan_hash, "--yes", &plan_hash[..8]]);
    assert_eq!(unseen.code, 2, "nobody approves what they have not seen: {}", unseen.err);
    assert!(!unseen.out.contains("004711"), "{}", unseen.out);
    let approved = approve(&world, &plan_hash);
    assert_eq!(approved.code, 0, "{}", approved.err);
    let built = custody(&world, &["eib", "build", "plan.json", "-o", "out.xlsx"]);
    assert_eq!(built.code, 0, "{}", built.err);
    let rows = cells(&world, "out.xlsx", MAIN);
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[0][..2], ["1".to_owned(), "004711".to_owned()]);
    assert_eq!(rows[1][1], "004714");
    assert_eq!(rows[0][3..5], ["2026-01-01".to_owned(), "N".to_owned()]);
    let filled = rows[0].iter().filter(|text| !text.is_empty()).count();
    assert_eq!(filled, 6, "{:?}", rows[0]);
    assert!(!anywhere(&world.path("store"), "004711"), "cleartext in the store");
    let receipt: Value = serde_json::from_str(
        &std::fs::read_to_string(world.path("out.xlsx.receipt.json")).expect("a receipt"),
    )
    .expect("JSON");
    let bytes = std::fs::read(world.path("out.xlsx")).expect("the workbook");
    assert_eq!(receipt["files"][0]["blake3"].as_str(), Some(&*blake3::hash(&bytes).to_hex()));
    assert_eq!(receipt["plan"].as_str(), Some(&*plan_hash));
    let again = custody(&world, &["eib", "build", &plan_hash, "-o", "again.xlsx"]);
    assert_eq!(again.code, 1, "{}", again.err);
    assert!(again.err.contains("the plan was built"), "{}", again.err);
    assert!(!world.path("again.xlsx").exists());
}

#[test]
fn the_approver_sees_every_record_as_it_is_and_the_ledger_knows() {
    let world = world(9);
    let plan_hash = hash(&plan(&world, &["--where", FILTER]));
    let said = custody(&world, &["approve", &plan_hash, "--show", "--yes", &plan_hash[..8]]);
    assert_eq!(said.code, 0, "{}", said.err);
    for value in ["004711", "004714", "004717", "G03", "G04"] {
        assert!(said.out.contains(value), "{value}: {}", said.out);
    }
    let log = custody(&world, &["ledger", "log", "--kind", "reveal"]);
    assert!(log.out.contains(&plan_hash[..8]), "{}{}", log.out, log.err);
}

#[test]
fn a_plan_is_stale_when_what_it_was_made_from_has_changed() {
    let world = world(9);
    let stale = |plan_hash: &str, why: &str| {
        let said = custody(&world, &["eib", "build", plan_hash, "-o", "out.xlsx"]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(said.err.contains(why), "{}", said.err);
        assert!(!world.path("out.xlsx").exists());
    };
    let first = hash(&plan(&world, &["--where", FILTER]));
    assert_eq!(approve(&world, &first).code, 0);
    world.file("workers.csv", report(12));
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    stale(&first, "a newer version of the report");
    let second = hash(&plan(&world, &["--where", FILTER]));
    assert_eq!(approve(&world, &second).code, 0);
    world.file("grades.toml", MAPPING.replace("2026-01-01", "2026-02-01"));
    assert_eq!(custody(&world, &["template", "map", "request_compensation_change", "grades.toml"]).code, 0);
    stale(&second, "the mapping was changed");
    let third = hash(&plan(&world, &["--where", FILTER, "-o", "plan.json"]));
    assert_eq!(approve(&world, &third).code, 0);
    let text = std::fs::read_to_string(world.path("plan.json")).expect("the plan");
    world.file("edited.json", text.replace("\"rows_in\": 4", "\"rows_in\": 5"));
    let said = custody(&world, &["eib", "build", "edited.json", "-o", "out.xlsx"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(custody(&world, &["eib", "build", &third, "-o", "out.xlsx"]).code, 0);
}

#[test]
fn production_needs_a_second_person_and_another_environment_is_refused() {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", report(6));
    world.file("grades.toml", MAPPING);
    assert_eq!(custody(&world, &["--env", "production", "ingest", "workers.csv"]).code, 0);
    let args =
        [&["--env", "production"][..], &planning(&["--where", FILTER, NO_SANDBOX, "--reason", "a test"])]
            .concat();
    let plan_hash = hash(&objects(&world, &args)[0]);
    let own =
        custody(&world, &["--env", "production", "approve", &plan_hash, "--show", "--yes", &plan_hash[..8]]);
    assert_eq!(own.code, 1, "{}", own.err);
    let other = custody(
        &world,
        &["--env", "production", "--as", "second", "approve", &plan_hash, "--show", "--yes", &plan_hash[..8]],
    );
    assert_eq!(other.code, 0, "{}", other.err);
    let wrong = custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]);
    assert_eq!(wrong.code, 1, "{}", wrong.err);
    assert!(wrong.err.contains("made for production"), "{}", wrong.err);
    let build = ["--env", "production", "eib", "build", &plan_hash, "-o", "out.xlsx"];
    for confirm in [&[][..], &["--confirm", "Production"], &["--confirm", "sandbox"]] {
        let said = custody(&world, &[&build[..], confirm].concat());
        assert_eq!(said.code, 1, "{confirm:?}: {}", said.err);
        assert!(!world.path("out.xlsx").exists());
    }
    let built = custody(&world, &[&build[..], &["--confirm", "production"]].concat());
    assert_eq!(built.code, 0, "{}", built.err);
}

#[test]
fn errors_name_the_cell_and_nothing_can_be_built() {
    let world = world(9);
    world.file(
        "grades.toml",
        MAPPING.replace("value = \"N\"", "value = \"no\"").replace("2026-01-01", "01/02/2026"),
    );
    let planned = plan(&world, &["--where", FILTER]);
    assert!(planned["plan"].is_null());
    let findings = planned["findings"].as_array().expect("findings");
    let at = |code: &str| {
        let found = findings.iter().find(|finding| finding["code"] == code);
        found.unwrap_or_else(|| panic!("no {code}: {findings:?}"))["cell"].as_str().map(str::to_owned)
    };
    assert_eq!(at("wrong-date").as_deref(), Some("E6"));
    assert_eq!(at("wrong-yes-no").as_deref(), Some("F6"));
    let said = custody(&world, &planning(&["--all"]));
    assert_eq!(said.code, 2, "--all needs a reason: {}", said.err);
}

#[test]
fn what_workday_rejected_is_planned_again_and_nothing_else() {
    let world = world(30);
    let plan_hash = hash(&plan(&world, &["--where", FILTER]));
    let early = custody(&world, &["eib", "reconcile", &plan_hash, "--errors", "workers.csv"]);
    assert_eq!(early.code, 2, "{}", early.err);
    assert_eq!(approve(&world, &plan_hash).code, 0);
    assert_eq!(custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]).code, 0);
    world.file(
        "errors.csv",
        "Spreadsheet Key,Error\n3,Grade is not active for Planted O'Neil\n7,Grade is not active\n",
    );
    let made = objects(&world, &["eib", "reconcile", &plan_hash, "--errors", "errors.csv"]);
    let second = hash(&made[0]);
    assert_eq!(made[0]["planned"]["transactions"].as_u64(), Some(2));
    assert_eq!(approve(&world, &second).code, 0);
    assert_eq!(custody(&world, &["eib", "build", &second, "-o", "second.xlsx"]).code, 0);
    let (first, again) = (cells(&world, "out.xlsx", MAIN), cells(&world, "second.xlsx", MAIN));
    assert_eq!(again, [first[2].clone(), first[6].clone()]);
    world.file("other.csv", "Spreadsheet Key,Error\n99,none of these\n");
    let said = custody(&world, &["eib", "reconcile", &plan_hash, "--errors", "other.csv"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn extracts_hold_the_named_columns_and_no_formula() {
    let world = world(30);
    let args =
        ["export", "workers", "--columns", "Employee ID,Legal Name", "--where", FILTER, "--format", "csv"];
    let plan_hash = hash(&objects(&world, &args)[0]);
    assert_eq!(approve(&world, &plan_hash).code, 0);
    let said = custody(&world, &["export", "--apply", &plan_hash, "-o", "out.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let text = std::fs::read_to_string(world.path("out.csv")).expect("the extract");
    assert_eq!(text.lines().count(), 11);
    assert!(
        text.contains("'=Planted Formula") && !text.contains("planted note") && !text.contains("G0"),
        "{text}"
    );
    let query =
        "SELECT \"Employee ID\" AS worker FROM workers WHERE \"Cost Center\" LIKE 'CC-200%' ORDER BY 1";
    let made = objects(&world, &["sql", query, "--reveal", "-o", "answer.csv", "--reason", "asked for"]);
    assert!(!world.path("answer.csv").exists(), "values leave under a plan only");
    let answer = hash(&made[0]);
    assert_eq!(approve(&world, &answer).code, 0);
    assert_eq!(custody(&world, &["export", "--apply", &answer, "-o", "answer.csv"]).code, 0);
    let text = std::fs::read_to_string(world.path("answer.csv")).expect("the answer");
    assert!(text.starts_with("worker\r\n004711\r\n004714\r\n"), "{text}");
    let small =
        custody(&world, &["export", "workers", "--columns", "Cost Center,New Grade", "--where", FILTER]);
    assert_eq!(small.code, 1, "groups of fewer than five: {}", small.err);
    let said = custody(&world, &["export", "workers", "--columns", "Cost Center", "--all"]);
    assert_eq!(said.code, 2, "{}", said.err);
    let unknown = custody(&world, &["export", "workers", "--columns", "Salary", "--where", "true"]);
    assert_eq!(unknown.code, 2, "{}", unknown.err);
}
