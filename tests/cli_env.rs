//! Named environments through the built program: what is allowed where, and what somebody does to their records.

use crate::canary::with_input;
use crate::cli_eib::{FILTER, MAPPING, hash, planning, report};
use crate::cli_store::{custody, new_store, objects};
use crate::program::{Said, World};

fn at(world: &World, environment: &str, args: &[&str]) -> Said {
    custody(world, &[&["--env", environment][..], args].concat())
}

fn fine(said: &Said) {
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

fn refused(said: &Said, why: &str) {
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.err.contains(why), "{why} in {}", said.err);
}

/// A store with reports of six people in these environments.
fn world(environments: &[&str]) -> World {
    let world = World::new();
    new_store(&world);
    world.file("workers.csv", report(6));
    world.file("grades.toml", MAPPING);
    environments.iter().for_each(|environment| fine(&at(&world, environment, &["ingest", "workers.csv"])));
    world
}

fn plan(world: &World, environment: &str, more: &[&str]) -> String {
    let args = [&["--env", environment][..], &planning(&["--where", FILTER]), more].concat();
    hash(&objects(world, &args)[0])
}

fn approve(world: &World, environment: &str, (user, plan): (&str, &str)) -> Said {
    at(world, environment, &["--as", user, "approve", plan, "--show", "--yes", &plan[..8]])
}

#[test]
fn an_environment_that_nobody_made_known_is_none() {
    let world = world(&[]);
    refused(&at(&world, "acme", &["ingest", "workers.csv"]), "no environment acme");
    refused(&at(&world, "acme", &["sql", "SELECT 1"]), "no environment acme");
    fine(&custody(&world, &["env", "add", "acme", "--kind", "preview"]));
    fine(&at(&world, "acme", &["ingest", "workers.csv"]));
    for (args, code) in [
        (&["env", "add", "acme", "--kind", "sandbox"][..], 2),
        (&["env", "add", "production", "--kind", "sandbox"], 2),
        (&["env", "add", "Acme", "--kind", "sandbox"], 2),
        (&["env", "add", "b", "--kind", "sandbox", "--rows-max", "0"], 2),
        (&["env", "add", "b", "--kind", "sandbox", "--base-url", "http://wd.example"], 2),
        (&["env", "add", "b", "--kind", "sandbox", "--template", "abc"], 2),
        (&["env", "add", "b", "--kind", "sandbox", "--hours", "always"], 2),
        (&["env", "add", "b", "--kind", "sandbox", "--retention-percent", "101"], 2),
        (&["env", "set", "b", "--rows-max", "1"], 2),
        (&["env", "use", "production"], 1),
        (&["env", "use", "b"], 1),
        (&["env", "show", "b"], 1),
        (&["env", "rm", "b"], 2),
    ] {
        let said = custody(&world, args);
        assert_eq!(said.code, code, "{args:?}: {}{}", said.out, said.err);
    }
    let listed = objects(&world, &["env", "ls"]);
    let of = |name: &str, field: &str| {
        let found = listed.iter().find(|one| one["name"] == name).expect("listed");
        found[field].clone()
    };
    assert_eq!((of("production", "rows_max"), of("production", "approvals")), (500.into(), 1.into()));
    assert_eq!((of("acme", "recorded"), of("sandbox", "recorded")), (true.into(), false.into()));
    fine(&custody(&world, &["env", "rm", "acme"]));
    refused(&at(&world, "acme", &["sql", "SELECT 1"]), "no environment acme");
    let shown = custody(&world, &["env", "show", "sandbox"]);
    assert!(shown.out.contains("10000 of a plan"), "{}", shown.out);
}

#[test]
fn the_environment_that_is_meant_can_be_set() {
    let world = world(&[]);
    fine(&custody(&world, &["env", "use", "preview"]));
    fine(&custody(&world, &["ingest", "workers.csv"]));
    assert_eq!(objects(&world, &["ls"])[0]["environment"], "preview");
}

#[test]
fn a_cap_lets_that_many_through_and_not_one_more() {
    let world = world(&["sandbox"]);
    // Two of six people; five columns are filled.
    let columns = {
        let args = planning(&["--where", FILTER]);
        objects(&world, &args)[0]["planned"]["columns"].as_array().expect("columns").len()
    };
    for (rows, columns_max, why) in [
        ("2", columns, None),
        ("1", columns, Some("takes 2 rows, sandbox allows 1")),
        ("2", columns - 1, Some("sandbox allows")),
    ] {
        let _ = custody(&world, &["env", "rm", "sandbox"]);
        let columns_max = columns_max.to_string();
        let add =
            ["env", "add", "sandbox", "--kind", "sandbox", "--rows-max", rows, "--columns-max", &columns_max];
        fine(&custody(&world, &add));
        let said = custody(&world, &planning(&["--where", FILTER]));
        match why {
            None => fine(&said),
            Some(why) => refused(&said, why),
        }
        let extract = custody(&world, &["export", "workers", "--columns", "Employee ID", "--where", FILTER]);
        if rows == "1" { refused(&extract, "takes 2 rows, sandbox allows 1") } else { fine(&extract) }
    }
}

#[test]
fn what_was_allowed_when_it_was_planned_is_asked_again() {
    let world = world(&["sandbox"]);
    fine(&custody(&world, &["env", "add", "sandbox", "--kind", "sandbox"]));
    let planned = plan(&world, "sandbox", &[]);
    fine(&custody(&world, &["env", "set", "sandbox", "--rows-max", "1"]));
    refused(&approve(&world, "sandbox", ("first", &planned)), "allows 1");
    fine(&custody(&world, &["env", "set", "sandbox", "--rows-max", "2"]));
    fine(&approve(&world, "sandbox", ("first", &planned)));
    let build = ["eib", "build", &planned, "-o", "out.xlsx"];
    let other = "0".repeat(64);
    for (set, back, why) in [
        (["--rows-max", "1"], ["--rows-max", "2"], "allows 1"),
        (["--template", &other], ["--template", "any"], "reviewed templates only"),
        (["--operation", "Hire Employee"], ["--operation", "any"], "does not allow"),
        (["--user", "somebody"], ["--user", "any"], "not open to this account"),
    ] {
        fine(&custody(&world, &[&["env", "set", "sandbox"][..], &set].concat()));
        refused(&custody(&world, &build), why);
        fine(&custody(&world, &[&["env", "set", "sandbox"][..], &back].concat()));
    }
    assert!(!world.path("out.xlsx").exists());
    fine(&custody(&world, &build));
}

#[test]
fn production_takes_what_was_built_in_a_sandbox_approved_by_who_has_no_part_in_it() {
    let world = world(&["sandbox", "production"]);
    refused(&at(&world, "production", &planning(&["--where", FILTER])), "sandbox");
    let tried = plan(&world, "sandbox", &[]);
    refused(&at(&world, "production", &planning(&["--where", FILTER])), "sandbox");
    fine(&approve(&world, "sandbox", ("first", &tried)));
    fine(&custody(&world, &["eib", "build", &tried, "-o", "tried.xlsx"]));
    // Another mapping was not tried.
    world.file("grades.toml", MAPPING.replace("2026-01-01", "2026-02-01"));
    refused(&at(&world, "production", &planning(&["--where", FILTER])), "sandbox");
    world.file("grades.toml", MAPPING);
    // Made by one, from what another owns.
    let args = [&["--env", "production", "--as", "maker"][..], &planning(&["--where", FILTER])].concat();
    let planned = hash(&objects(&world, &args)[0]);
    refused(&approve(&world, "production", ("maker", &planned)), "second person");
    let owner = at(&world, "production", &["approve", &planned, "--show", "--yes", &planned[..8]]);
    refused(&owner, "owns");
    assert!(!owner.out.contains("004711"), "who may not approve sees nothing");
    fine(&approve(&world, "production", ("reviewer", &planned)));
    let build = ["--as", "maker", "eib", "build", &planned, "-o", "out.xlsx", "--confirm"];
    refused(&at(&world, "production", &[&build[..], &["produktion"]].concat()), "not what was typed");
    // Two have to approve by now.
    fine(&custody(&world, &["env", "add", "production", "--kind", "production", "--approvals", "2"]));
    refused(&at(&world, "production", &[&build[..], &["production"]].concat()), "2 needed, 1 there");
    fine(&approve(&world, "production", ("reviewer", &planned)));
    refused(&at(&world, "production", &[&build[..], &["production"]].concat()), "2 needed, 1 there");
    fine(&approve(&world, "production", ("second-reviewer", &planned)));
    fine(&at(&world, "production", &[&build[..], &["production"]].concat()));
}

#[test]
fn a_record_that_was_edited_outside_lets_nothing_through() {
    let world = world(&["sandbox"]);
    fine(&custody(&world, &["env", "add", "sandbox", "--kind", "sandbox", "--rows-max", "2"]));
    let folder = world.path("store/governance");
    let path =
        std::fs::read_dir(&folder).expect("a folder").next().expect("a record").expect("a record").path();
    let text = std::fs::read_to_string(&path).expect("a record");
    std::fs::write(&path, text.replace("rows_max = 2", "rows_max = 9")).expect("it can be edited");
    for args in [
        &planning(&["--where", FILTER])[..],
        &["sql", "SELECT 1"],
        &["env", "show", "sandbox"],
        &["env", "ls"],
        &["env", "set", "sandbox", "--rows-max", "3"],
        &["retention", "plan"],
        &["retention", "sweep", "--auto"],
    ] {
        let said = custody(&world, args);
        refused(&said, "was changed outside of custody");
        assert!(said.err.contains("sandbox"), "which one is said: {}", said.err);
    }
    let listed = custody(&world, &["ls"]);
    assert!(listed.code == 0 && listed.err.contains("not known"), "{}", listed.err);
    let doctor = custody(&world, &["doctor"]);
    assert!(
        doctor.out.contains("was changed") || doctor.err.contains("was changed"),
        "{}{}",
        doctor.out,
        doctor.err
    );
    std::fs::rename(&path, world.path("aside")).expect("it can be taken away");
    refused(&custody(&world, &planning(&["--where", FILTER])), "was removed outside of custody");
    fine(&custody(&world, &["env", "rm", "sandbox"]));
    fine(&custody(&world, &planning(&["--where", FILTER])));
}

/// A cap is on what leaves, however it is put together.
#[test]
fn rows_that_are_put_into_one_another_are_counted() {
    let world = world(&["sandbox"]);
    fine(&custody(
        &world,
        &["env", "add", "sandbox", "--kind", "sandbox", "--rows-max", "6", "--columns-max", "2"],
    ));
    let plan =
        |query: &str| custody(&world, &["sql", query, "--reveal", "-o", "x.csv", "--reason", "a test"]);
    let show = |query: &str| custody(&world, &["sql", query, "--reveal", "--yes", "--format", "csv"]);
    for (query, why) in [
        ("SELECT string_agg(\"Legal Name\", ';') AS x FROM workers", "many rows into one"),
        (
            "SELECT max(\"Legal Name\") OVER (ORDER BY \"Employee ID\" ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS x FROM workers",
            "many rows into one",
        ),
        (
            "SELECT concat(\"Legal Name\", lag(\"Legal Name\") OVER (ORDER BY \"Employee ID\")) AS x FROM workers",
            "many rows into one",
        ),
        (
            "SELECT concat(a.\"Legal Name\", b.\"Legal Name\") AS x FROM workers a JOIN workers b ON a.\"Employee ID\" = b.\"Employee ID\"",
            "takes 12 rows",
        ),
        (
            "SELECT concat(\"Legal Name\", \"Employee ID\", \"Cost Center\") AS x FROM workers",
            "takes 3 columns",
        ),
        ("SELECT w.\"Legal Name\" FROM workers w CROSS JOIN (VALUES (1), (2)) v (n)", "takes 12 rows"),
    ] {
        for said in [plan(query), show(query)] {
            refused(&said, why);
            assert!(!said.out.contains("Planted"), "{query}");
        }
    }
    for query in ["SELECT \"Legal Name\" FROM workers", "SELECT max(\"New Grade\"), count(*) FROM workers"] {
        fine(&show(query));
    }
    // Nothing is written of what is out of bounds.
    fine(&custody(&world, &["env", "set", "sandbox", "--rows-max", "1"]));
    refused(&custody(&world, &planning(&["--where", FILTER, "--annotated", "look.xlsx"])), "allows 1");
    assert!(!world.path("look.xlsx").exists());
    refused(&show("SELECT \"Legal Name\" FROM workers"), "allows 1");
}

#[test]
fn outside_of_its_hours_nothing_is_planned_approved_or_built() {
    let world = world(&["sandbox"]);
    fine(&custody(&world, &["env", "add", "sandbox", "--kind", "sandbox"]));
    let planned = plan(&world, "sandbox", &[]);
    // Two days of the week, and none of them is today.
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let today =
        chrono::DateTime::from_timestamp_millis(custody::store::now_ms().cast_signed()).expect("a time");
    let today = chrono::Datelike::weekday(&today).num_days_from_sunday() as usize;
    let closed = format!("{}-{} 00:00-24:00", days[(today + 2) % 7], days[(today + 4) % 7]);
    fine(&custody(&world, &["env", "set", "sandbox", "--hours", &closed]));
    refused(&custody(&world, &planning(&["--where", FILTER])), "is open");
    refused(
        &custody(&world, &["export", "workers", "--columns", "Employee ID", "--where", FILTER]),
        "is open",
    );
    refused(&approve(&world, "sandbox", ("first", &planned)), "is open");
    refused(&custody(&world, &["sql", "SELECT \"Legal Name\" FROM workers", "--reveal", "--yes"]), "is open");
    fine(&custody(&world, &["env", "set", "sandbox", "--hours", "any"]));
    fine(&approve(&world, "sandbox", ("first", &planned)));
    fine(&custody(&world, &["env", "set", "sandbox", "--hours", &closed]));
    refused(&custody(&world, &["eib", "build", &planned, "-o", "out.xlsx"]), "is open");
    fine(&custody(&world, &["env", "set", "sandbox", "--hours", "any"]));
    fine(&custody(&world, &["eib", "build", &planned, "-o", "out.xlsx"]));
    fine(&custody(&world, &["env", "set", "sandbox", "--hours", &closed]));
    world.file("errors.csv", "Row,Message\n6,Invalid\n");
    refused(&custody(&world, &["eib", "reconcile", &planned, "--errors", "errors.csv"]), "is open");
}

/// Whoever took a report in has a part in it, whomever they call its owner; and a sandbox that has become production was none.
#[test]
fn who_took_a_report_in_cannot_approve_what_is_made_of_it_and_a_trial_is_asked_for_again() {
    let world = world(&[]);
    fine(&custody(&world, &["env", "add", "acme", "--kind", "preview"]));
    let take_in = ["--as", "bringer", "ingest", "workers.csv", "--owner", "nobody"];
    fine(&at(&world, "acme", &take_in));
    let planned = plan(&world, "acme", &[]);
    refused(&approve(&world, "acme", ("bringer", &planned)), "owns");
    refused(&approve(&world, "acme", ("nobody", &planned)), "owns");
    fine(&approve(&world, "acme", ("reviewer", &planned)));
    fine(&custody(&world, &["env", "rm", "acme"]));
    fine(&custody(&world, &["env", "add", "acme", "--kind", "production"]));
    let build = ["eib", "build", &planned, "-o", "out.xlsx", "--confirm", "acme"];
    refused(&at(&world, "acme", &build), "sandbox");
    fine(&custody(&world, &["env", "rm", "acme"]));
    fine(&custody(&world, &["env", "add", "acme", "--kind", "preview", "--user", "somebody"]));
    refused(&custody(&world, &["eib", "drop", &planned]), "not open to this account");
    refused(
        &at(
            &world,
            "acme",
            &["template", "map", "request_compensation_change", "--suggest", "--from", "workers"],
        ),
        "not open",
    );
}

#[test]
fn credentials_belong_to_the_environment_that_is_meant() {
    let world = world(&[]);
    fine(&custody(&world, &["env", "use", "preview"]));
    let said = with_input(&world, &["secret", "set", "raas-token", "--stdin"], "Lantern-Quartz-Ember-17");
    fine(&said);
    assert_eq!(objects(&world, &["secret", "ls"])[0]["environment"], "preview");
    let said = with_input(
        &world,
        &["--env", "acme", "secret", "set", "raas-token", "--stdin"],
        "Lantern-Quartz-Ember-18",
    );
    refused(&said, "no environment acme");
}

#[test]
fn values_are_shown_where_an_environment_says_so() {
    let world = world(&["sandbox"]);
    let query = ["sql", "SELECT \"Legal Name\" FROM workers", "--reveal", "--yes"];
    fine(&custody(&world, &query));
    fine(&custody(&world, &["env", "add", "sandbox", "--kind", "sandbox", "--reveal", "no"]));
    let said = custody(&world, &query);
    refused(&said, "approvers only");
    assert!(!said.out.contains("Planted"));
    refused(&custody(&world, &planning(&["--where", FILTER, "--reveal"])), "approvers only");
}

#[test]
fn an_environment_keeps_its_artifacts_for_part_of_their_period() {
    let world = world(&["sandbox", "preview"]);
    // Milliseconds from the ingest to the day it is due.
    let kept = |environment: &str| {
        let listed = objects(&world, &["ls", "--query", &format!("env={environment}")]);
        let report = listed.iter().find(|item| item["class"] == "report").expect("the report");
        let at = |field: &str| {
            let text = report[field].as_str().unwrap_or_else(|| panic!("{field} of {report}"));
            chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp_millis()
        };
        at("due") - at("ingested")
    };
    let whole = kept("sandbox");
    fine(&custody(&world, &["env", "add", "sandbox", "--kind", "sandbox", "--retention-percent", "50"]));
    let day_ms = 86_400_000;
    assert_eq!((kept("sandbox") + day_ms / 2) / day_ms, ((whole + day_ms / 2) / day_ms + 1) / 2);
    assert_eq!((kept("preview") + day_ms / 2) / day_ms, (whole + day_ms / 2) / day_ms);
}
