//! Rosters: any headings and any rows, and a search of the same text for what was built.
#![no_main]

use custody_rules::{Roster, RosterScratch, RuleSet, RuleSource, Scanner};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| {
    let files = [
        include_str!("../../rules/recognizers/person.toml"),
        include_str!("../../rules/recognizers/employee_id.toml"),
        include_str!("../../rules/recognizers/email_address.toml"),
        include_str!("../../rules/recognizers/phone_number.toml"),
        include_str!("../../rules/recognizers/national_id.toml"),
    ];
    let sources = files.map(|text| RuleSource { name: "built in", text });
    let rules = RuleSet::load(&sources).expect("the built-in recognizers are sound");
    Scanner::new(Arc::new(rules)).expect("the built-in recognizers compile")
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let Some(headings) = lines.next() else { return };
    let columns = Roster::columns(&headings, SCANNER.labels(), SCANNER.rules());
    let row = |fields: Vec<&str>| -> Vec<String> {
        // Readers hand over rows as wide as the header.
        (0..columns.len()).map(|i| fields.get(i).copied().unwrap_or_default().to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = lines.map(row).collect();
    let Ok(roster) = Roster::build(&columns, &rows, SCANNER.rules()) else { return };
    let (mut scratch, mut hits) = (RosterScratch::default(), Vec::new());
    for line in text.lines() {
        hits.clear();
        roster.find(line, &mut scratch, &mut hits);
        for hit in &hits {
            assert!(
                line.get(hit.start..hit.end).is_some_and(|found| !found.is_empty()),
                "hits lie on borders"
            );
            assert!(hit.person < roster.people(), "hits name people there are");
        }
    }
});
