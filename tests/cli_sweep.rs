//! Holds, events, policies, plans, sweeps, requests and the ledger through the built program, with a clock that is set.

use crate::cli_store::{REPORT, anywhere, custody, ingest, new_store, objects};
use crate::program::{Said, World, files_below};

/// Runs the program some days from now.
fn at(world: &World, days: i64, args: &[&str]) -> Said {
    let mut command = world.command();
    command.args(["--store", "store"]).args(args);
    command
        .env("LD_PRELOAD", "libfaketime.so.1")
        .env("LD_LIBRARY_PATH", "/usr/lib/x86_64-linux-gnu/faketime:/usr/lib/aarch64-linux-gnu/faketime")
        .env("FAKETIME", format!("{days:+}d"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    command.output().expect("it starts").into()
}

fn object_at(world: &World, days: i64, args: &[&str]) -> serde_json::Value {
    let mut all = vec!["--json"];
    all.extend(args);
    let said = at(world, days, &all);
    let line = said.out.lines().last().unwrap_or_else(|| panic!("{args:?}: {}", said.err));
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))
}

/// IDs of what is there.
fn present(world: &World, days: i64) -> Vec<String> {
    let said = at(world, days, &["--json", "ls"]);
    let ids = said.out.lines().map(|line| {
        let item: serde_json::Value = serde_json::from_str(line).expect("JSON");
        (item["kind"] != "sweep-record").then(|| item["id"].as_str().expect("an ID").to_owned())
    });
    let mut ids: Vec<String> = ids.flatten().collect();
    ids.sort();
    ids
}

#[test]
fn the_nightly_sweep_takes_what_is_due_and_keeps_what_is_held() {
    let world = World::new();
    new_store(&world);
    let gone = ingest(&world, "gone.csv", REPORT);
    let held = ingest(&world, "held.csv", REPORT);
    assert_eq!(custody(&world, &["hold", "add", "--matter", "Case Planted", "--ids", &held]).code, 0);
    let said = at(&world, 6, &["retention", "sweep", "--auto"]);
    assert_eq!((said.code, present(&world, 6).len()), (0, 2), "{}", said.err);
    let said = at(&world, 8, &["retention", "sweep", "--auto", "--remember", "memory.checkpoint"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(present(&world, 8), [held]);
    assert!(said.err.contains("1 purged (3 with copies"), "{}", said.err);
    let blobs: Vec<_> = files_below(&world.path("store/blobs"));
    assert!(!blobs.iter().any(|path| path.to_string_lossy().contains(&gone)), "its blob is gone");
    let said = at(&world, 8, &["ledger", "verify", "--since", "memory.checkpoint"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(at(&world, 8, &["doctor", "--contents"]).code, 0);
    let status = object_at(&world, 8, &["retention", "status"]);
    assert_eq!((status["overdue"].as_u64(), status["held"].as_u64()), (Some(0), Some(1)), "{status}");
    assert!(!anywhere(&world.path("store"), "Planted"), "no matter's name in the clear");
}

#[test]
fn a_certificate_says_what_went_and_what_is_left_outside() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "Planted Person.csv", REPORT);
    world.file("people.csv", REPORT);
    let swept = object_at(&world, 8, &["retention", "sweep", "--auto", "--roster", "people.csv"]);
    let sweep = swept["sweep"].as_str().expect("an ID").to_owned();
    let said = at(&world, 8, &["ledger", "certificate", &sweep[..12], "-o", "cert"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let certificate: serde_json::Value =
        serde_json::from_str(&world.read("cert/certificate.json")).expect("JSON");
    let text = certificate.to_string();
    assert!(text.contains(&id) && text.contains("absent-from-derived-copies"), "{text}");
    assert!(!text.contains("crypto-erased\":1") && !text.contains("Planted Person"), "{text}");
    let html = world.read("cert/certificate.html");
    assert!(html.contains("Certificate of disposal") && !html.contains("Planted Person"));
    assert!(html.contains("still there"), "the original still lies where it was");
    assert_eq!(
        at(&world, 8, &["ledger", "certificate", &sweep[..12], "-o", "cert"]).code,
        2,
        "never over another"
    );
    assert_eq!(at(&world, 8, &["keys", "rotate"]).code, 0);
    assert_eq!(at(&world, 8, &["ledger", "certificate", &sweep[..12], "-o", "after"]).code, 0);
    assert!(world.read("after/certificate.json").contains("\"crypto-erased\""));
}

#[test]
fn a_plan_is_confirmed_by_its_hash_and_stale_ones_are_refused() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    let plan = object_at(&world, 8, &["retention", "plan"]);
    let hash = plan["plan"].as_str().expect("a hash").to_owned();
    assert_eq!(plan["summary"]["purge"]["items"], 1, "{plan}");
    let apply = |days, more: &[&str]| {
        let mut args = vec!["retention", "sweep", "--apply", &hash[..12]];
        args.extend(more);
        at(&world, days, &args)
    };
    assert_eq!(apply(8, &[]).code, 2, "nobody confirmed it");
    assert_eq!(apply(8, &["--yes", "00000000"]).code, 2, "another plan's digits");
    assert_eq!(apply(16, &["--yes", &hash[..8]]).code, 1, "it is too old");
    // A policy that was changed since.
    let policy = world.read("store/policies/reports.toml");
    std::fs::write(world.path("store/policies/reports.toml"), policy.replace("days = 7", "days = 6"))
        .expect("edited");
    let said = apply(16, &["--yes", &hash[..8]]);
    assert_eq!(said.code, 1, "{}", said.err);
    let said = at(&world, 16, &["retention", "plan", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let new: serde_json::Value =
        serde_json::from_str(said.out.lines().last().expect("a line")).expect("JSON");
    let new = new["plan"].as_str().expect("a hash").to_owned();
    let mut bytes = std::fs::read(world.path(&format!("store/plans/{new}.plan"))).expect("a plan");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(world.path(&format!("store/plans/{new}.plan")), &bytes).expect("changed");
    let said = at(&world, 16, &["retention", "sweep", "--apply", &new[..12], "--yes", &new[..8]]);
    assert_eq!(said.code, 1, "a plan edited by one byte: {}", said.err);
    bytes[middle] ^= 1;
    std::fs::write(world.path(&format!("store/plans/{new}.plan")), &bytes).expect("changed back");
    let said = at(&world, 16, &["retention", "sweep", "--apply", &new[..12], "--yes", &new[..8]]);
    assert_eq!((said.code, present(&world, 16).contains(&id)), (0, false), "{}", said.err);
    let said = at(&world, 16, &["retention", "sweep", "--apply", &new[..12], "--yes", &new[..8]]);
    assert_eq!(said.code, 1, "a plan is carried out once: {}", said.err);
}

#[test]
fn policies_with_mistakes_stop_everything() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    assert_eq!(custody(&world, &["policy", "check"]).code, 0);
    let reports = world.path("store/policies/reports.toml");
    let good = std::fs::read_to_string(&reports).expect("a policy");
    let empty = good.replace("class = [", "class = [] #");
    for (what, text) in [
        ("an empty match", empty),
        ("an unknown key", format!("shred = true\n{good}")),
        ("a typo", good.replace("days = 7", "day = 7")),
        ("an empty file", String::new()),
    ] {
        std::fs::write(&reports, text).expect("written");
        let said = at(&world, 40, &["policy", "check"]);
        assert_eq!(said.code, 1, "{what}: {}", said.err);
        assert!(said.err.contains("reports.toml"), "{what}: {}", said.err);
        let said = at(&world, 40, &["retention", "sweep", "--auto"]);
        assert_eq!(said.code, 1, "{what}: {}", said.err);
    }
    world.away("store/policies");
    std::fs::create_dir(world.path("store/policies")).expect("an empty folder");
    assert_eq!(at(&world, 40, &["retention", "sweep", "--auto"]).code, 1, "no policies at all");
    assert_eq!(present(&world, 40), [id]);
}

#[test]
fn more_than_the_caps_allow_needs_one_exception_by_somebody_else() {
    let world = World::new();
    new_store(&world);
    std::fs::write(
        world.path("store/policies/caps.toml"),
        "max_items = 2\nmax_percent = 100\nfloor_items = 1\n",
    )
    .expect("caps");
    (0..3).for_each(|n| drop(ingest(&world, &format!("{n}.csv"), &format!("{REPORT}{n},a,b\n"))));
    let said = at(&world, 8, &["retention", "sweep", "--auto"]);
    assert_eq!((said.code, present(&world, 8).len()), (1, 3), "{}", said.err);
    let status = at(&world, 8, &["retention", "status"]);
    assert_eq!(status.code, 1, "{}", status.out);
    let plan = object_at(&world, 8, &["retention", "plan"]);
    let hash = plan["plan"].as_str().expect("a hash").to_owned();
    let approve = |user: &str| {
        let args = ["--as", user, "approve", &hash[..12], "--cap-exception", "--yes", &hash[..8]];
        at(&world, 8, &args).code
    };
    let own = format!("uid-{}", rustix::process::geteuid().as_raw());
    assert_eq!(approve(&own), 1, "nobody approves a plan of one's own");
    assert_eq!(approve("second"), 0);
    let said = at(&world, 8, &["retention", "sweep", "--apply", &hash[..12], "--yes", &hash[..8]]);
    assert_eq!((said.code, present(&world, 8).len()), (0, 0), "{}", said.err);
}

#[test]
fn holds_are_released_by_two_people_and_restart_the_period() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    assert_eq!(custody(&world, &["hold", "add", "--matter", "Case 1", "--ids", &id]).code, 0);
    let said = at(&world, 40, &["--json", "hold", "release", "--matter", "Case 1"]);
    assert_eq!(said.code, 1, "it waits for a second person: {}", said.err);
    let asked: serde_json::Value =
        serde_json::from_str(said.out.lines().last().expect("a line")).expect("JSON");
    let plan = asked["plan"].as_str().expect("a hash").to_owned();
    assert_eq!(at(&world, 40, &["hold", "release", "--matter", "Case 1"]).code, 1, "still");
    let own = at(&world, 40, &["approve", &plan[..12], "--yes", &plan[..8]]);
    assert_eq!(own.code, 1, "{}", own.err);
    let second = at(&world, 40, &["--as", "second", "approve", &plan[..12], "--yes", &plan[..8]]);
    assert_eq!(second.code, 0, "{}", second.err);
    assert_eq!(at(&world, 40, &["hold", "release", "--matter", "Case 1"]).code, 0);
    assert_eq!(at(&world, 40, &["retention", "sweep", "--auto"]).code, 0);
    assert_eq!(present(&world, 40), [id], "the period begins anew");
    assert_eq!(at(&world, 48, &["retention", "sweep", "--auto"]).code, 0);
    assert!(present(&world, 48).is_empty());
}

#[test]
fn one_wrong_import_is_purged_with_a_reason_unless_it_is_held() {
    let world = World::new();
    new_store(&world);
    let wrong = ingest(&world, "wrong.csv", REPORT);
    let said = custody(&world, &["purge", &wrong, "--reason", "wrong tenant"]);
    assert_eq!(said.code, 2, "it is to be confirmed: {}", said.err);
    let digits = said.err.split("--yes ").nth(1).expect("the digits").trim()[..8].to_owned();
    assert_eq!(custody(&world, &["hold", "add", "--matter", "Case 1", "--ids", &wrong]).code, 0);
    let args = ["purge", &wrong, "--reason", "wrong tenant", "--yes", &digits];
    let said = custody(&world, &args);
    assert_eq!(said.code, 1, "held: {}", said.err);
    let other = ingest(&world, "other.csv", "a,b\n1,2\n3,4\n");
    let said = custody(&world, &["purge", &other, "--reason", "wrong tenant"]);
    let digits = said.err.split("--yes ").nth(1).expect("the digits").trim()[..8].to_owned();
    let said = custody(&world, &["purge", &other, "--reason", "wrong tenant", "--yes", &digits]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(objects(&world, &["ls", "--query", "kind=artifact"]).len(), 1);
    assert!(!anywhere(&world.path("store"), "wrong tenant"), "reasons are sealed");
}

#[test]
fn an_erasure_finds_the_person_everywhere_and_needs_a_second_person() {
    let world = World::new();
    new_store(&world);
    let report = ingest(&world, "report.csv", REPORT);
    let log =
        ingest(&world, "app.log", "2026-01-01 10:00:00 INFO mail to planted.person@corp.example sent\n");
    let other =
        ingest(&world, "other.csv", "Employee ID,Legal Name\n104713,Third Human\n104714,Fourth Human\n");
    world.file(
        "subject.csv",
        "Employee ID,Legal Name,Email\n104711,Planted Person,planted.person@corp.example\n",
    );
    let said = custody(&world, &["--json", "erase", "--subject", "subject.csv"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let found: serde_json::Value =
        serde_json::from_str(said.out.lines().last().expect("a line")).expect("JSON");
    let mut ids: Vec<&str> = found["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].as_str().expect("an ID"))
        .collect();
    ids.sort_unstable();
    let mut expected = [report.as_str(), log.as_str()];
    expected.sort_unstable();
    assert_eq!(ids, expected);
    let plan = found["plan"].as_str().expect("a hash").to_owned();
    let apply = || custody(&world, &["erase", "--apply", &plan[..12], "--yes", &plan[..8]]);
    assert_eq!(apply().code, 1, "nobody approved it");
    assert_eq!(custody(&world, &["--as", "second", "approve", &plan[..12], "--yes", &plan[..8]]).code, 0);
    let said = apply();
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(objects(&world, &["ls", "--query", "kind=artifact"])[0]["id"], other.as_str());
    assert_eq!(apply().code, 1, "once");
    let swept = objects(&world, &["ledger", "log", "--kind", "sweep"]);
    let sweep = swept.last().expect("a sweep")["subjects"][0].as_str().expect("a subject");
    let sweep = sweep.strip_prefix("sweep:").expect("a sweep");
    assert_eq!(custody(&world, &["ledger", "certificate", &sweep[..12], "-o", "cert"]).code, 0);
    let certificate: serde_json::Value =
        serde_json::from_str(&world.read("cert/certificate.json")).expect("JSON");
    assert_eq!(certificate["certificate"]["occasion"], "erasure");
    assert_eq!(certificate["certificate"]["approvers"].as_array().map(Vec::len), Some(1));
    assert_eq!(certificate["totals"]["items"], 2);
    assert!(!certificate.to_string().contains("Planted"), "the person is named nowhere");
    world.file("two.csv", REPORT);
    assert_eq!(custody(&world, &["erase", "--subject", "two.csv"]).code, 2, "one person at a time");
}

#[test]
fn an_erasure_can_keep_redacted_versions() {
    let world = World::new();
    new_store(&world);
    let report = ingest(&world, "report.csv", REPORT);
    world.file(
        "subject.csv",
        "Employee ID,Legal Name,Email\n104711,Planted Person,planted.person@corp.example\n",
    );
    let found = objects(&world, &["erase", "--subject", "subject.csv"]);
    let plan = found.last().expect("a line")["plan"].as_str().expect("a hash").to_owned();
    let apply = |subject: &str| {
        let args = ["erase", "--apply", &plan[..12], "--redact", "--subject", subject, "--yes", &plan[..8]];
        custody(&world, &args)
    };
    assert_eq!(apply("subject.csv").code, 1, "nobody approved it");
    assert_eq!(objects(&world, &["ls"]).len(), 1, "nothing was made either");
    assert_eq!(custody(&world, &["--as", "second", "approve", &plan[..12], "--yes", &plan[..8]]).code, 0);
    world.file("other.csv", "Employee ID,Legal Name\n1,Other Person\n");
    assert_eq!(apply("other.csv").code, 2, "another person");
    let said = apply("subject.csv");
    assert_eq!(said.code, 0, "{}", said.err);
    let left = objects(&world, &["ls", "--query", "kind=artifact"]);
    assert_eq!((left.len(), left[0]["exposure"].as_str()), (1, Some("redacted")), "{left:?}");
    let shown = objects(&world, &["show", left[0]["id"].as_str().expect("an ID")]);
    assert_eq!(shown[0]["parents"], serde_json::json!([report]));
    let again = custody(&world, &["erase", "--subject", "subject.csv"]);
    assert_eq!(again.code, 0, "the person is in nothing that is left: {}", again.err);
}

#[test]
fn a_clock_that_jumped_stops_the_sweep() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    let said = at(&world, 1_000, &["retention", "sweep", "--auto"]);
    assert_eq!(said.code, 1, "years ahead: {}", said.err);
    let said = at(&world, -2, &["retention", "sweep", "--auto"]);
    assert_eq!(said.code, 1, "back: {}", said.err);
    assert_eq!(present(&world, 1), [id]);
}

#[test]
fn a_damaged_catalog_or_ledger_is_left_alone() {
    for name in ["catalog.sqlite", "ledger/entries.ledger", "keys.custody"] {
        let world = World::new();
        new_store(&world);
        ingest(&world, "a.csv", REPORT);
        let path = world.path("store").join(name);
        let mut bytes = std::fs::read(&path).expect("a file");
        let middle = bytes.len() / 2;
        bytes[40..middle].fill(0xA5);
        std::fs::write(&path, &bytes).expect("damaged");
        let blobs = files_below(&world.path("store/blobs"));
        let said = at(&world, 8, &["retention", "sweep", "--auto"]);
        assert_eq!(said.code, 4, "{name}: {}", said.err);
        assert_eq!(files_below(&world.path("store/blobs")), blobs, "{name}");
        assert_eq!(std::fs::read(&path).expect("a file"), bytes, "{name}: nothing is repaired silently");
    }
}

#[test]
fn a_rollback_of_the_whole_folder_is_found_by_who_remembers() {
    let world = World::new();
    new_store(&world);
    ingest(&world, "a.csv", REPORT);
    let copy =
        std::process::Command::new("cp").args(["-a", "store", "older"]).current_dir(world.path("")).status();
    assert!(copy.expect("it runs").success());
    ingest(&world, "b.csv", "a,b\n1,2\n3,4\n");
    assert_eq!(custody(&world, &["ledger", "checkpoint", "--to", "memory.checkpoint"]).code, 0);
    std::fs::rename(world.path("store"), world.path("newer")).expect("moved");
    std::fs::rename(world.path("older"), world.path("store")).expect("moved");
    assert_eq!(custody(&world, &["ledger", "verify"]).code, 0, "it agrees with itself");
    let said = custody(&world, &["ledger", "verify", "--since", "memory.checkpoint"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert_eq!(
        custody(&world, &["ledger", "checkpoint", "--to", "memory.checkpoint"]).code,
        2,
        "never over a longer one"
    );
}

#[test]
fn proofs_and_checkpoints_are_handed_out() {
    let world = World::new();
    new_store(&world);
    ingest(&world, "a.csv", REPORT);
    let said = custody(&world, &["ledger", "prove", "1", "-o", "one.tlog-proof"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(world.read("one.tlog-proof").starts_with("c2sp.org/tlog-proof@v1"));
    assert_eq!(custody(&world, &["ledger", "prove", "100000"]).code, 4);
    let said = custody(&world, &["ledger", "checkpoint", "--", "sh", "-c", "cat > told.txt"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(world.read("told.txt").contains("— custody/"));
}

#[test]
fn what_is_held_or_loses_its_policies_after_the_plan_stays() {
    let world = World::new();
    new_store(&world);
    let held = ingest(&world, "held.csv", REPORT);
    let due = ingest(&world, "due.csv", "a,b\n1,2\n3,4\n");
    let plan = object_at(&world, 8, &["retention", "plan"]);
    let hash = plan["plan"].as_str().expect("a hash").to_owned();
    let apply =
        || at(&world, 8, &["--json", "retention", "sweep", "--apply", &hash[..12], "--yes", &hash[..8]]);
    world.away("store/policies");
    std::fs::create_dir(world.path("store/policies")).expect("an empty folder");
    let said = apply();
    assert_eq!((said.code, present(&world, 8).len()), (1, 2), "policies emptied: {}", said.err);
    world.away("store/policies");
    std::fs::rename(world.path("trash/0"), world.path("store/policies")).expect("put back");
    assert_eq!(at(&world, 8, &["hold", "add", "--matter", "Case 1", "--ids", &held]).code, 0);
    let said = apply();
    assert_eq!(said.code, 3, "{}", said.err);
    assert_eq!(present(&world, 8), std::slice::from_ref(&held), "{due} went, the other one is held");
    let swept: serde_json::Value =
        serde_json::from_str(said.out.lines().last().expect("a line")).expect("JSON");
    let sweep = swept["sweep"].as_str().expect("an ID");
    assert_eq!(at(&world, 8, &["ledger", "certificate", &sweep[..12], "-o", "cert"]).code, 0);
    let certificate: serde_json::Value =
        serde_json::from_str(&world.read("cert/certificate.json")).expect("JSON");
    assert_eq!(certificate["exceptions"][0]["id"], held.as_str());
    assert_eq!(certificate["exceptions"][0]["reason"], "held");
}
