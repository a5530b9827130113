//! The policies that custody comes with: they fit together, every class of every environment has exactly one, and the
//! periods are those that were promised.

use super::set;
use custody_retention::policy::{CLASSES, Facet, Policy, PolicySet};
use custody_retention::{Guards, Times, Verdict, due};
use std::fs;
use std::path::Path;

const DAY_MS: u64 = 86_400_000;
const ENVIRONMENTS: [&str; 5] = ["sandbox", "preview", "production", "tenant", "some-other"];

fn shipped() -> PolicySet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/policies");
    let files: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .map(|(name, path)| (name, fs::read_to_string(path).expect("a text")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    set(&files)
}

fn kind(class: &str) -> &str {
    match class {
        "report" | "screenshot" | "recording" | "log" | "template" | "mapping" => "artifact",
        other => other,
    }
}

fn facet<'a>(class: &'a str, environment: &'a str, exposure: &'a str) -> Facet<'a> {
    Facet {
        kind: kind(class),
        class,
        environment,
        owner: "u-00000000000000000000000000000001",
        source: "file",
        state: "ingested",
        exposure,
    }
}

#[test]
fn every_class_has_exactly_one_everywhere() {
    let set = shipped();
    for class in CLASSES {
        for environment in ENVIRONMENTS {
            for exposure in ["raw", "redacted"] {
                let facet = facet(class, environment, exposure);
                let all: Vec<_> =
                    set.policies().iter().filter(|policy| policy.matches(&facet)).map(Policy::id).collect();
                assert_eq!(all.len(), 1, "{facet:?}: {all:?}");
                assert_eq!(set.govern(&facet).map(Policy::id), Some(all[0]));
            }
        }
    }
    for policy in set.policies() {
        let used = CLASSES.iter().any(|class| {
            ENVIRONMENTS.iter().any(|environment| {
                ["raw", "redacted"]
                    .iter()
                    .any(|exposure| policy.matches(&facet(class, environment, exposure)))
            })
        });
        assert!(used, "{} governs nothing", policy.id());
    }
}

#[test]
fn what_lacks_a_class_or_an_environment_stays() {
    let set = shipped();
    for class in CLASSES.into_iter().filter(|class| *class != "sweep-record") {
        assert!(set.govern(&facet(class, "", "raw")).is_none(), "{class}");
    }
    for environment in ENVIRONMENTS {
        for class in ["", "payroll"] {
            let item = Facet { kind: "artifact", ..facet(class, environment, "raw") };
            assert!(set.govern(&item).is_none(), "{class} {environment}");
        }
    }
}

/// Days after its ingest at which an item is purged that was used and loaded on these days.
fn purged_on(class: &str, environment: &str, exposure: &str, (used, loaded): (u64, Option<u64>)) -> u64 {
    let set = shipped();
    let policy = set.govern(&facet(class, environment, exposure)).expect("it is governed");
    let times =
        Times { last_used_ms: used * DAY_MS, event_ms: loaded.map(|day| day * DAY_MS), ..Times::default() };
    let is_due =
        |day: &u64| matches!(due(policy, &times, Guards::default(), day * DAY_MS), Verdict::Purge { .. });
    (0..4_000).find(is_due).expect("it ends")
}

#[test]
fn the_periods_are_those_that_were_promised() {
    let (idle, busy) = ((0, None), (29, None));
    for (class, exposure, history, days, production_days) in [
        ("report", "raw", idle, 7, 7),
        ("report", "raw", (10, None), 17, 14),
        ("report", "raw", busy, 30, 15),
        ("screenshot", "raw", busy, 7, 7),
        ("recording", "raw", busy, 7, 7),
        ("screenshot", "redacted", busy, 90, 45),
        ("recording", "redacted", busy, 90, 45),
        ("log", "raw", busy, 14, 7),
        ("log", "redacted", busy, 180, 90),
        ("workbook", "raw", busy, 30, 15),
        ("workbook", "raw", (0, Some(0)), 5, 7),
        ("workbook", "raw", (0, Some(8)), 13, 11),
        ("plan", "raw", idle, 7, 7),
        ("plan", "raw", busy, 30, 15),
        ("extract", "raw", idle, 7, 7),
        ("template", "raw", idle, 400, 200),
        ("mapping", "raw", busy, 429, 229),
        ("sweep-record", "raw", busy, 2557, 2557),
    ] {
        for environment in ENVIRONMENTS {
            let expected = if environment == "production" { production_days } else { days };
            let purged = purged_on(class, environment, exposure, history);
            assert_eq!(purged, expected, "{exposure} {class} of {environment}, {history:?}");
        }
    }
}

#[test]
fn production_is_never_kept_longer_but_for_its_seven_days() {
    let set = shipped();
    for class in CLASSES {
        for exposure in ["raw", "redacted"] {
            let longest = |environment| {
                let policy = set.govern(&facet(class, environment, exposure)).expect("governed");
                policy.keep().longest_days()
            };
            let half = longest("sandbox").div_ceil(2).max(7);
            let expected = if class == "sweep-record" { 2557 } else { half };
            assert_eq!(longest("production"), expected, "{exposure} {class}");
        }
    }
}

#[test]
fn the_ledger_and_the_caps_are_as_promised() {
    let set = shipped();
    assert_eq!(set.ledger().days, 2557);
    assert_eq!((set.caps().max_items, set.caps().max_percent, set.caps().floor_items), (1_000, 25, 20));
    for policy in set.policies() {
        assert_eq!(policy.unattended(), policy.id() != "sweep-records", "{}", policy.id());
        assert!(!policy.describe().is_empty() && !policy.basis().is_empty());
    }
}
