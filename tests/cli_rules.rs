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

const BAD: &str = r#"id = "bad"
entity = "BAD"
description = "made up"
source = "made up"
positive = [{ text = "B-1", find = "B-1" }, { text = "B-2", find = "B-2" }, { text = "B-3", find = "B-3" }]
negative = ["a", "b"]
[[patterns]]
name = "plain"
score = 0.6
regex = 'B-(?=\d)'
"#;

#[test]
fn every_bad_rule_file_is_refused_with_its_line() {
    let world = World::new();
    world.file("in/a.txt", "call jane@corp.example today\n");
    for (from, to, expected) in [
        ("", "", "mine/bad.toml:10: regex of pattern plain: look-around"),
        (r"B-(?=\d)", "B-(", "mine/bad.toml:10: regex of pattern plain: unclosed group"),
        (r"B-(?=\d)", r"(B)\1", "mine/bad.toml:10: regex of pattern plain: backreferences"),
        (
            r"B-(?=\d)",
            "((B{300}){300}){300}",
            "mine/bad.toml:10: regex of pattern plain: it compiles to more",
        ),
        ("negative", "check = 'nope'\nnegative", "mine/bad.toml:6: unknown check nope"),
        ("[\"a\", \"b\"]", "[\"a\"]", "mine/bad.toml:6: at least 3 positive and 2 negative"),
        ("\"bad\"", "\"us_ssn\"", "mine/bad.toml:1: id us_ssn is already used in us_ssn.toml"),
    ] {
        let text = if from.is_empty() { BAD.to_owned() } else { BAD.replace(from, to) };
        let text = if to.contains("us_ssn") { text.replace(r"(?=\d)", r"\d") } else { text };
        world.file("mine/bad.toml", text);
        let said = world.run(&["scan", "in", "--rules", "mine"]);
        assert_eq!(said.code, 2, "{to}: {}", said.err);
        assert!(said.err.contains(expected), "{}", said.err);
    }
}

#[test]
fn bad_rules_are_skipped_when_asked_and_said() {
    let world = World::new();
    world.file("mine/bad.toml", BAD);
    world.file("in/a.txt", "call jane@corp.example today\n");
    let said = world.run(&["redact", "in", "-o", "out", "--rules", "mine", "--skip-bad-rules"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("mine/bad.toml:10: "), "{}", said.err);
    assert_eq!(world.read("out/a.txt"), "call <EMAIL_ADDRESS_1> today\n");
    let skipped = world.manifest("out")["skipped_rules"][0].to_string();
    assert!(skipped.contains("bad.toml:10"), "{skipped}");
}

#[test]
fn eval_measures_and_its_exit_codes_hold() {
    let world = World::new();
    let good = r#"{"text":"mail jané@corp.example now","spans":[{"start":5,"end":22,"entity":"EMAIL"}]}"#;
    let lost = r#"{"text":"meet Qwxzv","spans":[{"start":5,"end":10,"entity":"PERSON"}]}"#;
    world.file("cases.jsonl", format!("{good}\n{lost}\n"));
    let said = world.run(&["rules", "eval", "cases.jsonl", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(
        (report["overall"]["recall"].as_f64(), report["overall"]["labelled"].as_u64()),
        (Some(0.5), Some(2))
    );
    assert_eq!(report["entities"]["EMAIL_ADDRESS"]["found"], 1);
    assert_eq!(world.run(&["rules", "eval", "cases.jsonl", "--min-recall", "0.4"]).code, 0);
    assert_eq!(world.run(&["rules", "eval", "cases.jsonl", "--min-recall", "0.6"]).code, 1);
    world.file("bad.jsonl", format!("{good}\n{{\"text\":\"x\"}}\n"));
    let said = world.run(&["rules", "eval", "bad.jsonl"]);
    assert_eq!((said.code, said.err.contains("bad.jsonl:2: ")), (2, true), "{}", said.err);
}

#[test]
fn eval_with_only_finds_bare_values() {
    let world = World::new();
    world.file("c.jsonl", r#"{"text":"121000358","spans":[{"start":0,"end":9,"entity":"ABA_ROUTING_NUMBER"}],"only":["ABA_ROUTING_NUMBER"]}"#);
    assert_eq!(world.run(&["rules", "eval", "c.jsonl", "--min-recall", "1"]).code, 0);
}

#[test]
fn lists_allow_whole_values_and_deny_always() {
    let world = World::new();
    world.file("a.toml", "[[allow]]\nterms = ['help@corp.example']\npaths = ['in/**', '*.txt']\n");
    world.file("d.toml", "[[deny]]\nentity = 'EMPLOYEE_ID'\nterms = ['Nightjar']\n");
    world.file("in/a.txt", "help@corp.example xhelp@corp.example nightjar\n");
    let said = world.run(&["redact", "in", "-o", "out", "--allow", "a.toml", "--deny", "d.toml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read("out/a.txt"), "help@corp.example <EMAIL_ADDRESS_1> <EMPLOYEE_ID_1>\n");
    let manifest = world.manifest("out").to_string();
    assert!(manifest.contains("allow_blake3") && !manifest.contains("ightjar"), "{manifest}");
    world.file("d.toml", "[[deny]]\nentity = 'NOPE'\nterms = ['x']\n");
    let said = world.run(&["scan", "in", "--deny", "d.toml"]);
    assert_eq!((said.code, said.err.contains("d.toml:2: unknown entity NOPE")), (2, true), "{}", said.err);
}

#[test]
fn explain_names_context_words_and_near_misses() {
    let said = World::new().run(&["rules", "explain", "routing number 121000358", "--json"]);
    assert!(
        said.out.contains("\"context_words\":[{") && said.out.contains("\"where\":\"before\""),
        "{}",
        said.out
    );
    let said = World::new().run(&["rules", "explain", "https://www.example.org/docs"]);
    assert!(said.out.contains("(near miss)"), "{}", said.out);
}
