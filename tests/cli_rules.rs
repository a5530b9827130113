//! `custody rules`: the examples of all recognizers hold; mistakes are named with file and line.

use crate::program::World;

#[test]
fn all_examples_of_the_binary_hold() {
    let said = World::new().run(&["rules", "test"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.ends_with("0 failed examples\n"), "{}", said.out);
}

#[test]
fn there_are_at_least_25_entities() {
    let said = World::new().run(&["rules", "ls", "--json"]);
    let entities: std::collections::BTreeSet<String> = said
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["entity"].to_string())
        .collect();
    assert!(entities.len() >= 25, "{entities:?}");
}

#[test]
fn mistakes_name_file_and_line() {
    let world = World::new();
    world.file("bad.toml", "id = \"x\"\nentity = \"X\"\nscore = 3\n");
    let said = world.run(&["rules", "test", "bad.toml"]);
    assert_eq!(said.code, 2);
    assert!(said.err.starts_with("bad.toml:3: "), "{}", said.err);
}

#[test]
fn a_users_recognizer_is_used() {
    let world = World::new();
    world.file(
        "mine/badge.toml",
        r#"
id = "badge"
entity = "BADGE"
description = "door badges"
source = "the facility office"
positive = [{ text = "B-0001", find = "B-0001" }, { text = "x B-0002", find = "B-0002" }, { text = "B-0003.", find = "B-0003" }]
negative = ["B-1", "AB-0001"]
[[patterns]]
name = "plain"
regex = '\bB-\d{4}\b'
score = 0.8
"#,
    );
    world.file("in/a.txt", "opened with B-4711 today\n");
    assert_eq!(world.run(&["rules", "test", "mine/badge.toml"]).code, 0);
    let said = world.run(&["redact", "in", "-o", "out", "--rules", "mine"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read("out/a.txt"), "opened with <BADGE_1> today\n");
}

#[test]
fn explain_names_pattern_check_and_context() {
    let world = World::new();
    let said = world.run(&["rules", "explain", "card 4111 1111 1111 1111 and card 4111 1111 1111 1112"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("passed") && said.out.contains("its check failed"), "{}", said.out);
    let said = world.run(&["rules", "explain", "nothing to see"]);
    assert_eq!((said.code, said.out.as_str()), (0, "nothing is found\n"));
}
