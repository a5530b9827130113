//! Recognizer files as users write them: loading, compiling, and scanning the file's own text with what
//! came out.
#![no_main]

use custody_rules::{RuleSet, RuleSource, Scanner};
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(rules) = RuleSet::load(&[RuleSource { name: "a.toml", text }]) else { return };
    let Ok(scanner) = Scanner::new(Arc::new(rules)) else { return };
    let (mut scratch, mut found) = (scanner.scratch(), Vec::new());
    for line in text.lines() {
        found.clear();
        scanner.scan(line, None, &mut scratch, &mut found);
        for candidate in &found {
            assert!(candidate.start < candidate.end, "a finding is not empty");
            assert!(line.get(candidate.start..candidate.end).is_some(), "it lies on character borders");
        }
    }
});
