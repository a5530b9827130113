//! Numbers whose pattern takes any separator: near a word of their context, a valid number is found with spaces,
//! dots, dashes or slashes between any of its digits, and in either case of its letters.

use custody_rules::{Candidate, RuleSet, RuleSource, Scanner};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Score from which a finding counts, as in the `balanced` profile.
const THRESHOLD: f32 = 0.5;
/// The pattern that takes any separator.
const PATTERN: &str = "any_separators";

fn scanner() -> Scanner {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recognizers");
    let files: Vec<(String, String)> = fs::read_dir(folder)
        .expect("folder is there")
        .map(|entry| {
            let path = entry.expect("entry").path();
            (path.display().to_string(), fs::read_to_string(&path).expect("UTF-8"))
        })
        .collect();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    Scanner::new(Arc::new(RuleSet::load(&sources).expect("rules load"))).expect("patterns fit")
}

/// The number with a separator behind every few characters.
fn grouped(plain: &str, every: usize, separator: &str) -> String {
    let characters: Vec<char> = plain.chars().collect();
    let groups: Vec<String> = characters.chunks(every).map(|group| group.iter().collect()).collect();
    groups.join(separator)
}

#[test]
fn any_separator_and_case_will_do() {
    let scanner = scanner();
    let mut scratch = scanner.scratch();
    let (mut missed, mut tried) = (Vec::new(), 0);
    for recognizer in scanner.rules().recognizers() {
        let syntax = &recognizer.syntax;
        if !syntax.patterns.iter().any(|pattern| pattern.name == PATTERN) {
            continue;
        }
        let word = syntax.context[0].trim_end_matches([':', '=', '#', ' ']);
        for example in &syntax.positive {
            let plain: String = example.find.chars().filter(char::is_ascii_alphanumeric).collect();
            // Groups that fit what letters and digits belong together in.
            let every = if plain.bytes().any(|b| b.is_ascii_alphabetic()) { vec![] } else { vec![2, 3, 4] };
            let mut written: Vec<String> = every
                .into_iter()
                .flat_map(|every| [" ", ".", "-", "/"].map(|separator| grouped(&plain, every, separator)))
                .collect();
            written.extend([plain.to_uppercase(), plain.to_lowercase(), example.find.to_lowercase()]);
            for number in written {
                let text = format!("{word} {number}");
                let mut found: Vec<Candidate> = Vec::new();
                scanner.scan(&text, None, &mut scratch, &mut found);
                let whole = found.iter().any(|c| {
                    c.entity == recognizer.entity && c.score >= THRESHOLD && text[c.start..c.end] == number
                });
                tried += 1;
                if !whole {
                    missed.push(format!("{}: {text:?}", syntax.id));
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried} numbers");
    assert!(missed.is_empty(), "{} of {tried}:\n{}", missed.len(), missed.join("\n"));
}
