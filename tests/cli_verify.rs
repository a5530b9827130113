//! `custody verify`: hashes, foreign files, leftovers, and what it can no longer check.

use crate::program::World;

fn bundle() -> World {
    let world = World::new();
    world.file("roster.csv", "Employee ID,Legal Name\n900017,Jane Roe\n");
    world.file("in/a.log", "done by Jane Roe (900017)\n");
    world.file("in/b.json", r#"{"legalName":"Jane Roe","n":1}"#);
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    world
}

#[test]
fn a_bundle_verifies_and_says_what_is_not_checked() {
    let world = bundle();
    let said = world.run(&["verify", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out, "2 files read again: verified\n");
    let said = world.run(&["verify", "out"]);
    assert!(said.err.contains("not checked: the roster"), "{}", said.err);
}

#[test]
fn changes_foreign_files_and_leftovers_fail() {
    let world = bundle();
    world.file("out/a.log", "done by Jane Roe (900017)\n");
    world.file("out/extra.txt", "hello\n");
    let said = world.run(&["verify", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("a.log: changed since it was redacted"), "{}", said.err);
    assert!(said.err.contains("1 PERSON still there"), "{}", said.err);
    assert!(said.err.contains("extra.txt: not in the manifest"), "{}", said.err);
    assert!(!said.err.contains("Roe"), "{}", said.err);
}

#[test]
fn a_folder_without_manifest_is_no_bundle() {
    let world = World::new();
    world.file("in/a.txt", "x\n");
    let said = world.run(&["verify", "in"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no manifest"), "{}", said.err);
}
