//! `custody sql` and `custody profile` through the built program: what is shown, and what never is.

use crate::cli_store::{custody, new_store, objects};
use crate::program::{Said, World};
use crate::support::seed::Seed;
use serde_json::Value;
use std::fmt::Write as _;

/// Values that stand in every report here, and may stand in no answer.
const PLANTED: [&str; 5] = ["Zebulon", "Quartzwhistle", "zebulon", "104", "grumbled"];

/// A report of forty people.
fn report() -> String {
    let mut text = "Employee ID,Legal Name,Email,Cost Center,FTE,Hire Date,Annual Salary,Notes\n".to_owned();
    for row in 0..40 {
        let (id, centre, fte) =
            (104_000 + row, 41_000 + row % 3 * 100, if row % 4 == 0 { "0.5" } else { "1.0" });
        let _ = writeln!(
            text,
            "{id},Zebulon Quartzwhistle {},zebulon{row}@corp.example,CC-{centre},{fte},2020-{:02}-{:02},{}.50,\
             \"has grumbled {row} times, and then went\"",
            char::from(b'A' + (row % 26) as u8),
            row % 12 + 1,
            row % 28 + 1,
            70_000 + row * 13
        );
    }
    text
}

/// A report where it lies, and no store.
fn beside() -> World {
    let world = World::new();
    world.file("workers.csv", report());
    world
}

fn sql(world: &World, args: &[&str]) -> Said {
    let mut all = vec!["sql", "--file", "workers.csv"];
    all.extend(args);
    world.run(&all)
}

fn rows(said: &Said) -> Vec<Value> {
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")))
        .collect()
}

fn holds_nothing(said: &Said) {
    for planted in PLANTED {
        assert!(!said.out.contains(planted), "{planted} in {}", said.out);
        assert!(!said.err.contains(planted), "{planted} in {}", said.err);
    }
}

#[test]
fn what_is_personal_is_masked_and_the_rest_is_shown() {
    let world = beside();
    let said = sql(&world, &["SELECT * FROM workers", "--format", "json"]);
    holds_nothing(&said);
    let rows = rows(&said);
    assert_eq!(rows.len(), 40);
    let first = &rows[0];
    for (column, shown) in [
        ("Employee ID", "‹EMPLOYEE_ID›"),
        ("Legal Name", "‹PERSON›"),
        ("Email", "‹EMAIL_ADDRESS›"),
        ("Annual Salary", "‹COMPENSATION›"),
        ("Notes", "‹…›"),
        ("Cost Center", "CC-41000"),
        ("Hire Date", "2020-01-01"),
    ] {
        assert_eq!(first[column], shown, "{column}");
    }
    assert_eq!(first["FTE"].as_f64(), Some(0.5));
    assert!(said.err.contains("40 rows; masked: Employee ID, Legal Name"), "{}", said.err);
}

#[test]
fn a_table_for_people_is_bounded_and_aligned() {
    let world = beside();
    let said = sql(&world, &["SELECT \"Cost Center\", count(*) AS n FROM workers GROUP BY 1 ORDER BY 1"]);
    assert_eq!(said.out, "Cost Center   n\nCC-41000     14\nCC-41100     13\nCC-41200     13\n");
    let said = sql(&world, &["SELECT fte FROM workers", "--limit-rows", "3"]);
    assert_eq!(said.out.lines().count(), 5, "{}", said.out);
    assert!(said.out.ends_with("… 37 more rows (--limit-rows)\n"), "{}", said.out);
}

#[test]
fn how_many_there_are_is_no_secret() {
    let said = sql(
        &beside(),
        &["SELECT count(*) AS n, count(DISTINCT \"Legal Name\") AS names FROM workers", "--format", "csv"],
    );
    assert_eq!((said.code, said.out.as_str()), (0, "n,names\r\n40,26\r\n"));
}

/// An expression over some columns, and whether one of them is personal.
fn expression(seed: &mut Seed, depth: u32) -> (String, bool) {
    const COLUMNS: [(&str, bool); 6] = [
        ("\"Legal Name\"", true),
        ("\"Employee ID\"", true),
        ("\"Notes\"", true),
        ("CAST(\"Annual Salary\" AS VARCHAR)", true),
        ("\"Cost Center\"", false),
        ("'x'", false),
    ];
    if depth == 0 {
        let (column, personal) = COLUMNS[seed.below(COLUMNS.len())];
        return (column.to_owned(), personal);
    }
    let (a, first) = expression(seed, depth - 1);
    let (b, second) = expression(seed, depth - 1);
    match seed.below(8) {
        0 => (format!("concat({a}, {b})"), first || second),
        1 => (format!("CASE WHEN {a} > 'M' THEN {b} ELSE 'z' END"), first || second),
        2 => (format!("upper({a})"), first),
        3 => (format!("substr({a}, 1, 4)"), first),
        4 => (format!("coalesce(nullif({a}, 'q'), {b})"), first || second),
        5 => (format!("max({a}) OVER (PARTITION BY {b})"), first),
        6 => (format!("CAST(length({a}) AS VARCHAR)"), first),
        _ => (format!("(SELECT min(s) FROM (SELECT {a} AS s FROM workers))"), first),
    }
}

#[test]
fn whatever_is_computed_from_personal_columns_is_masked_too() {
    let world = beside();
    let mut seed = Seed::new(20_261_130);
    for round in 0..12 {
        // Windows do not nest: one level of them at most is there by depth.
        let made: Vec<(String, bool)> =
            (0..8).map(|at| expression(&mut seed, 1 + (at + round) % 2)).collect();
        let nests = |text: &str| text.matches(" OVER ").count() > 1;
        let made: Vec<_> = made.into_iter().filter(|(text, _)| !nests(text)).collect();
        let columns: Vec<_> =
            made.iter().enumerate().map(|(at, (text, _))| format!("{text} AS c{at}")).collect();
        let query = format!("SELECT * FROM (SELECT {} FROM workers) AS inside", columns.join(", "));
        let said = sql(&world, &[&query, "--format", "json"]);
        for row in rows(&said) {
            for (at, (text, personal)) in made.iter().enumerate() {
                let value = &row[format!("c{at}")];
                let masked = value.as_str().is_some_and(|text| text.starts_with('‹'));
                assert!(!personal || masked || value.is_null(), "{text}");
                assert!(*personal || !masked, "{text} is masked for nothing");
            }
        }
        holds_nothing(&said);
    }
}

#[test]
fn values_are_shown_only_to_who_says_so() {
    let world = beside();
    let query = "SELECT \"Legal Name\" FROM workers LIMIT 1";
    let said = sql(&world, &[query, "--reveal"]);
    assert_eq!(said.code, 2, "nobody is there to say yes: {}", said.err);
    holds_nothing(&said);
    let said = sql(&world, &[query, "--reveal", "--yes", "--format", "csv"]);
    assert_eq!((said.code, said.out.as_str()), (0, "Legal Name\r\nZebulon Quartzwhistle A\r\n"));
    let said = sql(&world, &[query, "--reveal", "--yes", "--env", "production"]);
    assert_eq!(said.code, 1, "{}", said.err);
    holds_nothing(&said);
    let said = sql(&world, &[query, "--reveal", "--yes", "-o", "out.csv", "--format", "csv"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("under a plan"), "{}", said.err);
    assert!(!world.path("out.csv").exists());
}

#[test]
fn files_hold_what_the_screen_would() {
    let world = beside();
    world.file("formulas.csv", "Company,Legal Name\n=cmd|' /C calc'!A0,Zebulon Quartzwhistle\n@SUM(A1),\n");
    for format in ["csv", "json", "parquet", "arrow"] {
        let name = format!("out.{format}");
        let said = sql(&world, &["SELECT * FROM workers", "--format", format, "-o", &name]);
        assert_eq!(said.code, 0, "{format}: {}", said.err);
        let bytes = std::fs::read(world.path(&name)).expect("it is there");
        for planted in PLANTED {
            let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
            // Sizes and hashes of a binary format may look like three digits.
            assert!(!found || planted == "104" && format != "csv", "{planted} in {name}");
        }
        let again = sql(&world, &["SELECT * FROM workers", "--format", format, "-o", &name]);
        assert_eq!(again.code, 2, "{format} is not overwritten: {}", again.err);
    }
    let said = world.run(&["sql", "--file", "f=formulas.csv", "SELECT company FROM f", "--format", "csv"]);
    assert_eq!(said.out, "Company\r\n'=cmd|' /C calc'!A0\r\n'@SUM(A1)\r\n");
    assert_eq!(sql(&world, &["SELECT 1", "--format", "parquet"]).code, 2);
}

#[test]
fn mistakes_are_told_without_values() {
    let world = beside();
    for (query, said_of_it) in [
        ("SELECT salry FROM workers", "\"salry\" is no column"),
        ("SELECT * FROM nobody", "there are workers"),
        ("SELECT * FRM workers", "the query is not SQL"),
        ("SELECT * FROM workers WHERE \"Legal Name\" = \"Zebulon Quartzwhistle\"", "is no column"),
        ("SELECT CAST(\"Legal Name\" AS INT) FROM workers", "try_cast"),
        ("DELETE FROM workers", "only SELECT"),
    ] {
        let said = sql(&world, &[query]);
        assert_eq!(said.code, 2, "{query}: {}", said.err);
        assert!(said.err.contains(said_of_it), "{query}: {}", said.err);
        assert!(said.out.is_empty());
        holds_nothing(&said);
    }
}

#[test]
fn tables_of_a_store_are_asked_by_name_and_version_and_showing_them_is_recorded() {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", report());
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    world.file("workers.csv", report().replace("CC-41100", "CC-41900"));
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    let centres = |table: &str| {
        let query = format!("SELECT DISTINCT \"Cost Center\" AS c FROM {table} ORDER BY 1");
        let made = objects(&world, &["sql", &query]);
        made.iter().map(|row| row["c"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(centres("workers"), ["CC-41000", "CC-41200", "CC-41900"]);
    assert_eq!(centres("\"workers@1\""), ["CC-41000", "CC-41100", "CC-41200"]);
    let said = custody(&world, &["sql", "SELECT \"Legal Name\", \"Employee ID\" FROM workers"]);
    assert!(said.out.contains("‹PERSON›") && said.out.contains("‹EMPLOYEE_ID›"), "{}", said.out);
    holds_nothing(&said);
    let acts = || custody(&world, &["ledger", "log"]).out.matches("reveal").count();
    assert_eq!(acts(), 0);
    let query = "SELECT \"Legal Name\" FROM workers";
    assert_eq!(custody(&world, &["sql", query, "--reveal"]).code, 2);
    assert_eq!(acts(), 0, "nothing was shown");
    let said = custody(&world, &["sql", query, "--reveal", "--yes"]);
    assert!(said.out.contains("Zebulon Quartzwhistle"), "{}", said.err);
    assert!(acts() > 0, "{}", custody(&world, &["ledger", "log"]).out);
}

#[test]
fn a_profile_says_what_columns_are_like_and_no_value() {
    let world = beside();
    let said = world.run(&["profile", "--file", "workers.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    holds_nothing(&said);
    for words in
        ["Employee ID", "EMPLOYEE_ID", "999999", "date", "decimal(", "AA-99999", "rows are told apart by"]
    {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let said = world.run(&["--json", "profile", "workers", "--file", "workers.csv"]);
    holds_nothing(&said);
    let made = &rows(&said)[0];
    assert_eq!((&made["rows"], &made["schema"]), (&Value::from(40), &Value::from(1)));
    let column = |name: &str| {
        let columns = made["columns"].as_array().expect("columns");
        columns.iter().find(|column| column["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    assert_eq!(column("Employee ID")["key"], true);
    assert_eq!(column("Legal Name")["sensitive"], true);
    assert_eq!(column("Cost Center")["sensitive"], false);
    assert_eq!(column("Cost Center")["distinct"]["count"], 3);
    assert_eq!(made["suggested"][0], "Employee ID");
}

#[test]
fn no_id_leads_into_another_environment() {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", report());
    assert_eq!(custody(&world, &["ingest", "workers.csv"]).code, 0);
    let items = objects(&world, &["ls", "--copies"]);
    let table = items.iter().find(|item| item["kind"] == "table" && item["format"] == "report");
    let id = table.and_then(|table| table["id"].as_str()).expect("a report table");
    for name in [format!("t{id}"), format!("\"{id}\"")] {
        let query = format!("SELECT count(*) AS n FROM {name}");
        assert_eq!(objects(&world, &["sql", &query])[0]["n"], 40);
        let said = custody(&world, &["--env", "preview", "sql", &query]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
        assert!(said.err.contains("belongs to sandbox"), "{}", said.err);
    }
    let said = custody(&world, &["--env", "preview", "sql", "SELECT count(*) FROM workers"]);
    assert_eq!(said.code, 2, "it is not there by its name: {}", said.err);
}
