//! Who is shown what: masks in previews, records for approvers, answers of queries, columns of special categories, groups
//! of few. What must not be seen is looked for in all that was said.

use crate::cli_eib::{FILTER, MAPPING, approve, hash, plan, planning, world};
use crate::cli_store::{custody, new_store, objects};
use crate::lookalike::{self, BookSpec, enlist};
use crate::program::{Said, World};
use serde_json::Value;
use std::fmt::Write as _;

fn holds_none(said: &Said, secrets: &[&str]) {
    for secret in secrets {
        assert!(!said.out.contains(secret), "{secret} on stdout: {}", said.out);
        assert!(!said.err.contains(secret), "{secret} on stderr: {}", said.err);
    }
}

fn reveals(world: &World) -> usize {
    let log = custody(world, &["ledger", "log", "--kind", "reveal"]);
    assert_eq!(log.code, 0, "{}", log.err);
    log.out.lines().filter(|line| line.contains("reveal")).count()
}

/// A constant is the analyst's own word. What Workday holds now, and what a lookup gives, is not.
#[test]
fn current_values_and_looked_up_ids_are_masked_beside_a_constant() {
    let world = world(9);
    world.file(
        "grades.toml",
        MAPPING.replace(
            "value = \"Compensation_Change_Base_Salary_Change\"",
            "value = \"Compensation_Change_Base_Salary_Change\"\ncurrent = \"Legal Name\"",
        ),
    );
    let said = custody(&world, &planning(&["--where", FILTER]));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("Compensation_Change_Base_Salary_Change"), "{}", said.out);
    holds_none(&said, &["Planted", "004711"]);

    let mut ids = "Reference Name,Badge\n".to_owned();
    for at in 0..9 {
        let _ = writeln!(ids, "{:06},Zxbadge {at}", 4_711 + at);
    }
    world.file("badges.csv", ids);
    assert_eq!(custody(&world, &["ingest", "badges.csv"]).code, 0);
    let lookup = "\n[lookup.badges]\ntable = \"badges\"\nname = \"Reference Name\"\nid = \"Badge\"\n";
    world.file(
        "grades.toml",
        MAPPING.replace("column = \"Employee ID\"", "column = \"Employee ID\"\nlookup = \"badges\"") + lookup,
    );
    let said = custody(&world, &planning(&["--where", FILTER]));
    holds_none(&said, &["Zxbadge", "004711", "Planted"]);
    assert!(said.out.contains('‹'), "nothing was shown at all: {}{}", said.out, said.err);
}

/// Who made a plan for production cannot approve it, and therefore sees nothing of it; nothing is recorded as seen.
#[test]
fn who_may_not_approve_is_shown_nothing() {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", crate::cli_eib::report(6));
    world.file("grades.toml", MAPPING);
    let production = |args: &[&str]| custody(&world, &[&["--env", "production"][..], args].concat());
    assert_eq!(production(&["ingest", "workers.csv"]).code, 0);
    let untried = ["--where", FILTER, "--no-sandbox-run", "--reason", "a test"];
    let made = objects(&world, &[&["--env", "production"][..], &planning(&untried)].concat());
    let plan_hash = hash(&made[0]);
    let own = production(&["approve", &plan_hash, "--show", "--yes", &plan_hash[..8]]);
    assert_eq!(own.code, 1, "{}", own.err);
    holds_none(&own, &["004711", "Planted", "G01"]);
    assert_eq!(reveals(&world), 0, "nothing was shown");
    for args in [
        planning(&["--where", FILTER, "--reveal"]),
        planning(&["--where", FILTER, "--annotated", "look.xlsx"]),
    ] {
        let said = production(&args);
        assert_eq!(said.code, 1, "{args:?}: {}", said.err);
        holds_none(&said, &["004711", "Planted"]);
    }
    let shown = production(&["eib", "show", &plan_hash, "--reveal"]);
    assert_eq!(shown.code, 1, "{}", shown.err);
    assert!(!world.path("look.xlsx").exists() && reveals(&world) == 0);
}

/// Whoever has seen the records has seen them, whatever they answer.
#[test]
fn what_was_shown_is_recorded_also_when_it_is_not_approved() {
    let world = world(9);
    let plan_hash = hash(&plan(&world, &["--where", FILTER]));
    let said = custody(&world, &["approve", &plan_hash, "--show", "--yes", "00000000"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.out.contains("004711"), "{}", said.out);
    assert!(reveals(&world) > 0);
    let built = custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]);
    assert_eq!(built.code, 1, "{}", built.err);
    assert!(!world.path("out.xlsx").exists());
}

#[test]
fn a_plan_that_was_given_up_is_neither_approved_nor_built() {
    let world = world(9);
    let plan_hash = hash(&plan(&world, &["--where", FILTER, "-o", "plan.json"]));
    assert_eq!(approve(&world, &plan_hash).code, 0);
    let said = custody(&world, &["eib", "drop", "plan.json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let built = custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]);
    assert_eq!(built.code, 1, "{}", built.err);
    let late = approve(&world, &plan_hash);
    assert_eq!(late.code, 1, "{}", late.err);
    holds_none(&late, &["004711"]);
    assert!(!world.path("out.xlsx").exists());
}

#[test]
fn values_leave_a_query_with_a_reason_and_in_the_format_that_was_said() {
    let world = world(9);
    let query = "SELECT \"Employee ID\" FROM workers";
    for args in [
        &["sql", query, "--reveal", "-o", "out.csv"][..],
        &["sql", query, "--reveal", "-o", "out.csv", "--reason", "  "],
        &["sql", query, "--reveal", "-o", "out.csv", "--reason", "asked for", "--format", "parquet"],
        &["sql", query, "--reveal", "-o", "out.json", "--reason", "asked for"],
        &["export", "workers", "--columns", "Cost Center"],
        &planning(&[]),
    ] {
        let said = custody(&world, args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        holds_none(&said, &["004711", "Planted"]);
    }
    assert!(!world.path("out.csv").exists() && !world.path("out.json").exists());
    let plans = std::fs::read_dir(world.path("store/plans")).expect("a folder").count();
    assert_eq!(plans, 0, "no plan was kept");
}

/// Thirty people of two kinds, with what is nobody's business.
fn special() -> World {
    let world = World::new();
    new_store(&world);
    let mut text = "Employee ID,Cost Center,Ethnicity,Union Member,Compensation Grade,New Grade\n".to_owned();
    for at in 0..30 {
        let _ = writeln!(text, "{:06},CC-{},Zxkind{},{},G01,{at}", 4_711 + at, at % 3, at % 2, at % 2 == 0);
    }
    world.file("workers.csv", text);
    world.file("grades.toml", MAPPING);
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    world
}

fn codes(made: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let findings = made["findings"].as_array().expect("findings");
    findings.iter().map(|finding| (text(&finding["severity"]), text(&finding["code"]))).collect()
}

/// A column of a special category neither leaves nor decides who leaves, unless somebody says why.
#[test]
fn special_categories_neither_leave_nor_decide() {
    let world = special();
    let refused = ("error".to_owned(), "special-category".to_owned());
    let allowed = ("note".to_owned(), "special-category".to_owned());
    for args in [
        &["export", "workers", "--columns", "Cost Center,Ethnicity", "--where", "true"][..],
        &["export", "workers", "--columns", "Cost Center", "--where", "\"Ethnicity\" = 'Zxkind1'"],
        &["export", "workers", "--columns", "Cost Center", "--where", "\"Union Member\""],
    ] {
        let made = objects(&world, args).remove(0);
        assert!(made["plan"].is_null() && codes(&made).contains(&refused), "{args:?}: {made}");
        assert!(!made.to_string().contains("Zxkind"));
        let column =
            if args.last().is_some_and(|last| last.contains("Union")) { "Union Member" } else { "Ethnicity" };
        let more = [args, &["--allow-sensitive", column, "--reason", "asked for"]].concat();
        let made = objects(&world, &more).remove(0);
        assert!(made["plan"].is_string() && codes(&made).contains(&allowed), "{more:?}: {made}");
    }
    let unknown = [
        "export",
        "workers",
        "--columns",
        "Cost Center",
        "--where",
        "true",
        "--allow-sensitive",
        "Nope",
        "--reason",
        "x",
    ];
    let said = custody(&world, &unknown);
    assert_eq!(said.code, 2, "{}", said.err);
    let filter = ["--where", "\"Ethnicity\" = 'Zxkind1'"];
    let made = plan(&world, &filter);
    assert!(made["plan"].is_null() && codes(&made).iter().any(|(_, code)| code == "sensitive"), "{made}");
    assert!(!made.to_string().contains("Zxkind"));
    let made =
        plan(&world, &[&filter[..], &["--allow-sensitive", "Ethnicity", "--reason", "asked for"]].concat());
    assert!(made["plan"].is_string(), "{made}");
    let said =
        custody(&world, &["sql", "SELECT \"Union Member\", \"Ethnicity\" FROM workers", "--format", "csv"]);
    holds_none(&said, &["true", "false", "Zxkind"]);
}

/// Five rows that look the same are enough, four are not.
#[test]
fn groups_of_fewer_than_five_do_not_leave() {
    let world = World::new();
    new_store(&world);
    let mut text = "Employee ID,Cost Center,Location\n".to_owned();
    for at in 0..14 {
        let place = if at < 5 { "Ulm" } else { "Bonn" };
        let _ = writeln!(text, "{:06},CC-{},{place}", 4_711 + at, u8::from(at > 9));
    }
    world.file("workers.csv", text);
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    let export = |columns: &str, more: &[&str]| {
        let args = ["export", "workers", "--columns", columns, "--where", "true"];
        objects(&world, &[&args[..], more].concat()).remove(0)
    };
    let fine = export("Location", &[]);
    assert!(fine["plan"].is_string() && codes(&fine).is_empty(), "{fine}");
    // CC-1 has four.
    let small = export("Location,Cost Center", &[]);
    assert!(small["plan"].is_null(), "{small}");
    assert_eq!(codes(&small), [("error".to_owned(), "small-groups".to_owned())]);
    let allowed = export("Location,Cost Center", &["--allow-small", "--reason", "asked for"]);
    assert!(allowed["plan"].is_string(), "{allowed}");
}

/// Whatever is computed over groups of somebody's values is somebody's.
#[test]
fn groups_within_groups_are_masked() {
    let world = world(30);
    for query in [
        "SELECT max(m) AS x FROM (SELECT max(\"Legal Name\") AS m FROM workers GROUP BY \"Cost Center\") AS inside",
        "SELECT k AS x FROM (SELECT \"Legal Name\" AS k, count(*) AS n FROM workers GROUP BY 1) AS inside GROUP BY k",
        "SELECT max(x) OVER (PARTITION BY c) AS x FROM (SELECT min(\"Notes\") AS x, \"Cost Center\" AS c FROM workers GROUP BY 2) AS inside",
    ] {
        let said = custody(&world, &["sql", query, "--format", "csv"]);
        assert_eq!(said.code, 0, "{query}: {}", said.err);
        assert!(said.out.contains('‹'), "{query}: {}", said.out);
        holds_none(&said, &["Planted", "planted"]);
    }
}

/// A day beyond what can be written is an error, and no text that says so in a cell.
#[test]
fn what_cannot_be_written_is_an_error() {
    let world = world(9);
    let query = "SELECT arrow_cast(9000000000000000000, 'Timestamp(Second, None)') AS t FROM workers";
    for format in ["csv", "json", "table"] {
        let said = custody(&world, &["sql", query, "--format", format]);
        assert_ne!(said.code, 0, "{format}: {}", said.out);
        assert!(!said.out.contains("ERROR"), "{format}: {}", said.out);
    }
}

/// Another template under the same name: what was planned for the first one is stale.
#[test]
fn a_plan_for_another_template_of_that_name_is_stale() {
    let world = World::new();
    new_store(&world);
    world.file(
        "sailors.csv",
        "Sailor ID,Nickname,Port\n000471,Zxname,Ulm\n000472,Zxother,Ulm\n000473,Zxthird,Ulm\n",
    );
    world.file("before.xlsx", lookalike::workbook(&enlist()));
    let mut later: BookSpec = enlist();
    later.sheets[0].columns.retain(|column| column.3 != "Nickname");
    world.file("after.xlsx", lookalike::workbook(&later));
    assert_eq!(custody(&world, &["ingest", "sailors.csv"]).code, 0);
    assert_eq!(custody(&world, &["template", "import", "before.xlsx"]).code, 0);
    world.file("sail.toml", SAILORS);
    let made = objects(
        &world,
        &["eib", "plan", "enlist_sailor", "--from", "sailors", "--map", "sail.toml", "--where", "true"],
    );
    let plan_hash = hash(&made[0]);
    assert_eq!(approve(&world, &plan_hash).code, 0);
    assert_eq!(custody(&world, &["template", "import", "after.xlsx"]).code, 0);
    let said = custody(&world, &["eib", "build", &plan_hash, "-o", "out.xlsx"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("template"), "{}", said.err);
    holds_none(&said, &["000471", "Zxname"]);
    assert!(!world.path("out.xlsx").exists());
}

const SAILORS: &str = r#"operation = "Enlist Sailor"
key = ["Sailor ID"]

[[field]]
label = "Sailor"
column = "Sailor ID"
id_type = "Marine_ID"

[[field]]
label = "Daily Rum"
value = "2.25"
"#;
