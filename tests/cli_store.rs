//! `custody init`, `ingest`, `ls`, `show`, `doctor` and `keys` through the built program.

use crate::program::{Said, World, files_below};
use crate::support::page::{Layout, Look, draw};
use crate::support::people::Cast;
use crate::support::seed::Seed;
use serde_json::Value;
use std::path::Path;

/// A store in `store`, its key in `keys/store.key`.
pub(crate) fn new_store(world: &World) {
    std::fs::create_dir_all(world.path("keys")).expect("a folder");
    let said = custody(world, &["init", "--key", "file:keys/store.key", "--env", "sandbox"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

/// Runs the program on that store.
pub(crate) fn custody(world: &World, args: &[&str]) -> Said {
    let mut all = vec!["--store", "store"];
    all.extend(args);
    world.run(&all)
}

/// The objects of a run with `--json`.
pub(crate) fn objects(world: &World, args: &[&str]) -> Vec<Value> {
    let mut all = vec!["--json"];
    all.extend(args);
    let said = custody(world, &all);
    said.out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}")))
        .collect()
}

/// Ingests a file and gives its ID.
pub(crate) fn ingest(world: &World, name: &str, text: &str) -> String {
    world.file(name, text);
    let made = objects(world, &["ingest", name]);
    assert_eq!(made.len(), 1, "{made:?}");
    made[0]["id"].as_str().expect("an ID").to_owned()
}

pub(crate) const REPORT: &str = "Employee ID,Legal Name,Email\n104711,Planted Person,planted.person@corp.example\n\
104712,Second Person,second.person@corp.example\n";

/// Whether bytes stand anywhere below a folder, or in the names there.
pub(crate) fn anywhere(folder: &Path, wanted: &str) -> bool {
    files_below(folder).iter().any(|path| {
        path.to_string_lossy().contains(wanted)
            || std::fs::read(path).expect("a file").windows(wanted.len()).any(|w| w == wanted.as_bytes())
    })
}

#[test]
fn files_are_taken_in_encrypted_with_a_table_each() {
    let world = World::new();
    new_store(&world);
    world.file("in/Planted Person.csv", REPORT);
    world.file("in/app.log", "2026-01-01 00:00:00 INFO user planted.person@corp.example logged in\n");
    world.file("in/page.png", png());
    let said = custody(&world, &["ingest", "in"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("3 files in custody"), "{}", said.err);
    let items = objects(&world, &["ls", "--copies"]);
    let kinds = |kind: &str| items.iter().filter(|item| item["kind"] == kind).count();
    assert_eq!((kinds("artifact"), kinds("table")), (3, 4), "{items:?}");
    let mut classes: Vec<&str> = items.iter().filter_map(|item| item["class"].as_str()).collect();
    classes.sort_unstable();
    classes.dedup();
    assert_eq!(classes, ["log", "report", "screenshot"]);
    assert!(items.iter().all(|item| item["environment"] == "sandbox" && item["exposure"] == "raw"));
    for planted in ["Planted", "planted.person", "104711"] {
        assert!(!anywhere(&world.path("store"), planted), "{planted} lies in the store");
    }
    let said = custody(&world, &["ls"]);
    assert!(!said.out.contains("Planted"), "names only when they are asked for: {}", said.out);
    assert!(custody(&world, &["ls", "--names"]).out.contains("Planted Person.csv"));
}

#[test]
fn duplicates_are_told_and_each_has_its_own_blob() {
    let world = World::new();
    new_store(&world);
    let first = ingest(&world, "a.csv", REPORT);
    world.file("b.csv", REPORT);
    let again = objects(&world, &["ingest", "b.csv"]);
    assert_eq!(again[0]["duplicates"], serde_json::json!([first]));
    assert_ne!(again[0]["id"], first.as_str());
    let shown = objects(&world, &["show", &first[..10]]);
    assert_eq!(shown[0]["id"], first.as_str());
    assert_eq!(shown[0]["content"], again[0]["content"]);
    let content = again[0]["content"].as_str().expect("digits").to_owned();
    assert_eq!(custody(&world, &["show", &content]).code, 2, "two items have this content");
}

#[test]
fn an_artifact_belongs_to_an_environment() {
    let world = World::new();
    std::fs::create_dir_all(world.path("keys")).expect("a folder");
    assert_eq!(custody(&world, &["init", "--key", "file:keys/store.key"]).code, 0);
    world.file("a.csv", REPORT);
    let said = custody(&world, &["ingest", "a.csv"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("--env"), "{}", said.err);
    assert_eq!(custody(&world, &["--env", "production", "ingest", "a.csv"]).code, 0);
    assert_eq!(objects(&world, &["ls"])[0]["environment"], "production");
    assert_eq!(custody(&world, &["--env", "Prod uction", "ingest", "a.csv"]).code, 2);
}

#[test]
fn what_cannot_be_read_is_not_taken_in() {
    let world = World::new();
    new_store(&world);
    world.file("in/good.csv", REPORT);
    world.file("in/broken.png", &b"\x89PNG\r\n\x1a\n0000"[..]);
    let said = custody(&world, &["ingest", "in"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("refused") && said.err.contains("broken.png"), "{}", said.err);
    assert_eq!(
        objects(&world, &["ls", "--copies"]).len(),
        3,
        "the good one, the table of its cells and that of its columns"
    );
    world.file("only/broken.png", &b"\x89PNG\r\n\x1a\n0000"[..]);
    assert_eq!(custody(&world, &["ingest", "only"]).code, 2);
    assert_eq!(custody(&world, &["doctor"]).code, 0);
}

#[test]
fn a_store_needs_its_key_and_its_folder() {
    let world = World::new();
    new_store(&world);
    ingest(&world, "a.csv", REPORT);
    assert_eq!(custody(&world, &["init", "--key", "file:keys/other.key"]).code, 2, "there is one already");
    let away = world.path("keys/away.key");
    std::fs::rename(world.path("keys/store.key"), &away).expect("moved");
    let said = custody(&world, &["ls"]);
    assert_eq!(said.code, 2, "{}", said.err);
    let named = world.command().args(["--store", "store", "ls"]).env("CUSTODY_KEY_FILE", &away).output();
    assert_eq!(named.expect("it runs").status.code(), Some(0), "the environment names the key file");
    world.file("keys/store.key", "0".repeat(64));
    assert_eq!(custody(&world, &["ls"]).code, 2, "readable by others, and another key");
    assert_eq!(world.run(&["--store", "nowhere", "ls"]).code, 2);
    assert_eq!(custody(&world, &["init", "--key", "file:store/inside.key"]).code, 2);
    assert_eq!(custody(&world, &["init", "--key", "secret"]).code, 2);
}

#[test]
fn the_key_changes_and_everything_opens_as_before() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    let old = std::fs::read(world.path("keys/store.key")).expect("a key");
    let said = custody(&world, &["keys", "rotate"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_ne!(std::fs::read(world.path("keys/store.key")).expect("a key"), old);
    assert_eq!(custody(&world, &["show", &id[..12]]).code, 0);
    assert_eq!(custody(&world, &["doctor", "--contents"]).code, 0);
    std::fs::write(world.path("keys/store.key"), old).expect("written");
    assert_eq!(custody(&world, &["ls"]).code, 2, "the old key opens nothing");
}

#[test]
fn doctor_reports_what_does_not_belong_and_makes_the_catalog_anew() {
    let world = World::new();
    new_store(&world);
    let id = ingest(&world, "a.csv", REPORT);
    world.file("store/Planted Note.txt", "left here");
    let said = custody(&world, &["doctor"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(!said.err.contains("Planted") && said.err.contains("did not put there"), "{}", said.err);
    world.away("store/Planted Note.txt");
    for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
        if world.path("store").join(name).exists() {
            world.away(&format!("store/{name}"));
        }
    }
    let said = custody(&world, &["ls"]);
    assert_eq!(said.code, 4, "{}", said.err);
    let said = custody(&world, &["doctor", "--rebuild"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(objects(&world, &["ls"])[0]["id"], id.as_str());
    assert_eq!(custody(&world, &["doctor", "--contents"]).code, 0);
}

#[test]
fn a_damaged_blob_is_found_and_shows_nothing() {
    let world = World::new();
    new_store(&world);
    ingest(&world, "a.csv", REPORT);
    let blobs = files_below(&world.path("store/blobs"));
    let mut bytes = std::fs::read(&blobs[0]).expect("a blob");
    bytes[60] ^= 1;
    std::fs::write(&blobs[0], bytes).expect("written");
    let said = custody(&world, &["doctor", "--contents"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("does not decrypt"), "{}", said.err);
}

#[test]
fn stages_leave_their_acts_in_the_ledger() {
    let world = World::new();
    new_store(&world);
    world.file("in/a.csv", REPORT);
    assert_eq!(custody(&world, &["scan", "in"]).code, 1);
    assert_eq!(custody(&world, &["redact", "in", "-o", "out"]).code, 0);
    assert_eq!(custody(&world, &["roster", "build", "in/a.csv", "-o", "people.index"]).code, 0);
    let acts: Vec<String> = objects(&world, &["ledger", "log"])
        .iter()
        .filter(|entry| entry["form"] == "outcome" && entry["ending"] == "done")
        .map(|entry| entry["act"].as_str().expect("an act").to_owned())
        .collect();
    assert_eq!(acts, ["init", "scan", "redact", "roster"]);
    let scanned = objects(&world, &["ledger", "log", "--kind", "scan"]);
    let redacted = objects(&world, &["ledger", "log", "--kind", "redact"]);
    assert_eq!(scanned[0]["subjects"], redacted[0]["subjects"], "the same content");
    assert_eq!(custody(&world, &["--no-store", "scan", "in"]).code, 1);
    assert_eq!(objects(&world, &["ledger", "log", "--kind", "scan"]).len(), 2);
    assert_eq!(world.run(&["scan", "in"]).code, 1, "without a store all is as before");
    assert_eq!(
        world.run(&["--store", "nowhere", "scan", "in"]).code,
        2,
        "a store that was named has to be there"
    );
}

#[test]
fn a_redacted_bundle_is_known_as_one() {
    let world = World::new();
    new_store(&world);
    world.file("in/a.csv", REPORT);
    assert_eq!(custody(&world, &["redact", "in", "-o", "out"]).code, 0);
    assert_eq!(custody(&world, &["ingest", "out"]).code, 0);
    let items = objects(&world, &["ls"]);
    let csv: Vec<_> = items.iter().filter(|item| item["format"] == "csv").collect();
    assert_eq!(csv[0]["exposure"], "redacted");
    // One byte more, and it is not what was verified.
    world.file("out/a.csv", world.read("out/a.csv") + "x,y,z\n");
    assert_eq!(custody(&world, &["ingest", "out"]).code, 0);
    let raw = objects(&world, &["ls", "--query", "exposure=raw class=report"]);
    assert_eq!(raw.iter().filter(|item| item["format"] == "csv").count(), 1);
}

fn png() -> Vec<u8> {
    let seed = Seed::new(7);
    draw(Layout::ALL[0], Look::any(&mut Seed::new(1)), &Cast::new(&seed, 12), &seed).png()
}

#[test]
fn previews_are_known_as_copies_outside_of_the_store_and_redacting_is_a_use() {
    let world = World::new();
    new_store(&world);
    world.file("in/page.png", png());
    let made = objects(&world, &["ingest", "in"]);
    let id = made[0]["id"].as_str().expect("an ID");
    let before = objects(&world, &["show", id])[0]["last_used"].clone();
    let said = custody(&world, &["redact", "in", "-o", "out", "--preview", "look"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let shown = custody(&world, &["show", id]);
    assert!(shown.out.contains("outside") && shown.out.contains("/look/"), "{}", shown.out);
    let locations = objects(&world, &["ls", "--copies", "--query", "kind=location"]);
    let pictures = files_below(&world.path("look"))
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "png"))
        .count();
    assert_eq!(locations.len(), pictures);
    assert_ne!(objects(&world, &["show", id])[0]["last_used"], before);
    assert!(!anywhere(&world.path("store"), "/look/"), "where they lie is sealed");
}

#[test]
fn members_of_an_archive_have_the_archive_as_their_copy_outside() {
    let world = World::new();
    new_store(&world);
    world.file("pack/inner.csv", REPORT);
    let zipped = std::process::Command::new("python3")
        .args(["-c", "import zipfile; zipfile.ZipFile('pack.zip', 'w').write('pack/inner.csv')"])
        .current_dir(world.path(""))
        .status();
    assert!(zipped.expect("it runs").success());
    let made = objects(&world, &["ingest", "pack.zip"]);
    assert_eq!(made.len(), 1, "{made:?}");
    let shown = custody(&world, &["show", made[0]["id"].as_str().expect("an ID")]);
    assert!(shown.out.contains("outside") && shown.out.contains("pack.zip"), "{}", shown.out);
}

/// Every entry but the first is an event, tied to its intent, and says nothing that the ledger does not.
#[test]
fn entries_are_written_as_events() {
    let world = World::new();
    new_store(&world);
    world.file("Planted Name.csv", "Employee ID,Name\n004711,Planted Name\n");
    assert_eq!(custody(&world, &["ingest", "Planted Name.csv"]).code, 0);
    let said = custody(&world, &["ledger", "log", "--format", "ocsf"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let entries = objects(&world, &["ledger", "log"]);
    let events: Vec<Value> =
        said.out.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect();
    assert_eq!(events.len(), entries.len() - 1);
    assert!(!said.out.contains("Planted") && !said.out.contains("004711"));
    for (event, entry) in events.iter().zip(&entries[1..]) {
        assert_eq!(event["metadata"]["sequence"], entry["entry"]);
        assert_eq!(event["actor"]["user"]["uid"], entry["user"]);
        assert_eq!(event["unmapped"]["subjects"], entry["subjects"]);
    }
    let last = custody(&world, &["ledger", "log", "--format", "ocsf", "-n", "1"]);
    assert_eq!(last.out.lines().count(), 1);
    assert_eq!(custody(&world, &["--json", "ledger", "log", "--format", "table"]).code, 2);
}
