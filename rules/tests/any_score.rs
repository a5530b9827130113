//! Scanning at any score, as evaluations with restricted recognizers do: a pattern that needs a context word
//! counts without one; other entities do not.

use custody_rules::{RuleSet, RuleSource, Scanner};
use std::sync::Arc;

const RULES: &str = r#"
id = "badge"
entity = "BADGE"
description = "a badge"
source = "made up"
context = ["badge"]
positive = [
    { text = "badge 0001", find = "0001" },
    { text = "badge 0002", find = "0002" },
    { text = "badge 0003", find = "0003" },
]
negative = ["0001", "badge x"]
[[patterns]]
name = "bare"
regex = '\b\d{4}\b'
score = 0.2
needs_context = true
"#;

#[test]
fn a_bare_value_is_found_at_any_score_and_only_then() {
    let rules = RuleSet::load(&[RuleSource { name: "badge.toml", text: RULES }]).expect("good");
    let scanner = Scanner::new(Arc::new(rules)).expect("compiles");
    let badge = scanner.rules().entity_id("BADGE").expect("known");
    let person = scanner.rules().built_in_entity("PERSON");
    let (mut scratch, mut all) = (scanner.scratch(), Vec::new());
    scanner.scan("4711", None, &mut scratch, &mut all);
    assert!(all.is_empty());
    scanner.scan_any_score("4711", &[person], &mut scratch, &mut all);
    assert!(all.is_empty());
    scanner.scan_any_score("4711", &[badge], &mut scratch, &mut all);
    assert_eq!(all.iter().map(|c| (c.start, c.end, c.score)).collect::<Vec<_>>(), [(0, 4, 0.2)]);
}
