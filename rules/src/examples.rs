//! Runs recognizers' own examples: the same check for tests and for `custody rules test`.

use crate::{Candidate, Scanner};

/// Score from which an example counts as found.
const FOUND: f32 = 0.5;

impl Scanner {
    /// Runs every positive and negative example; each failure as one line: recognizer, example, reason.
    pub fn test_examples(&self) -> Vec<String> {
        let mut failures = Vec::new();
        let mut scratch = self.scratch();
        for recognizer in self.rules().recognizers() {
            let id = &recognizer.syntax.id;
            let mut find = |text: &str| -> Vec<Candidate> {
                let mut found = Vec::new();
                self.scan(text, None, &mut scratch, &mut found);
                found.retain(|c| c.entity == recognizer.entity && c.score >= FOUND);
                found
            };
            for (number, example) in recognizer.syntax.positive.iter().enumerate() {
                let spans = find(&example.text);
                let hit = spans.iter().any(|c| example.text[c.start..c.end] == example.find);
                if !hit {
                    failures.push(format!("{id}: positive example {} is not found", number + 1));
                }
            }
            for (number, text) in recognizer.syntax.negative.iter().enumerate() {
                if !find(text).is_empty() {
                    failures.push(format!("{id}: negative example {} is found", number + 1));
                }
            }
        }
        failures
    }
}
