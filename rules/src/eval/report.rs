//! What an evaluation says: counts, the four measures made of them, a table and a JSON object.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Counts of one entity, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    /// Labels.
    pub labelled: u64,
    /// Labels of which findings of the entity cover at least half.
    pub found: u64,
    /// Findings that count.
    pub findings: u64,
    /// Findings that are right.
    pub right: u64,
    /// Labelled characters, white space aside.
    pub characters: u64,
    /// Labelled characters that no finding of any entity covers.
    pub left: u64,
}

impl Measures {
    /// Right findings of all findings; 1 when there is none.
    pub fn precision(&self) -> f64 {
        share(self.right, self.findings).unwrap_or(1.0)
    }

    /// Labels found of all labels; 1 when there is none.
    pub fn recall(&self) -> f64 {
        share(self.found, self.labelled).unwrap_or(1.0)
    }

    /// F2: precision and recall in one number, recall four times as heavy.
    pub fn f2(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        let sum = 4.0 * precision + recall;
        if sum > 0.0 { 5.0 * precision * recall / sum } else { 0.0 }
    }

    /// Labelled characters left of all labelled characters; 0 when there is none.
    pub fn leak(&self) -> f64 {
        share(self.left, self.characters).unwrap_or(0.0)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            labelled: self.labelled + other.labelled,
            found: self.found + other.found,
            findings: self.findings + other.findings,
            right: self.right + other.right,
            characters: self.characters + other.characters,
            left: self.left + other.left,
        }
    }

    fn json(&self) -> Value {
        json!({"precision": self.precision(), "recall": self.recall(), "f2": self.f2(), "leak": self.leak(),
            "labelled": self.labelled, "found": self.found, "findings": self.findings, "right": self.right,
            "characters": self.characters, "left": self.left})
    }

    fn row(&self, name: &str) -> String {
        let measure = |value: f64, of: u64| if of == 0 { "-".to_owned() } else { format!("{value:.3}") };
        let f2 = self.labelled.min(self.findings.max(1));
        format!(
            "{name:<28} {:>9} {:>7} {:>7} {:>7} {:>8} {:>7} {:>8} {:>7}\n",
            measure(self.precision(), self.findings),
            measure(self.recall(), self.labelled),
            measure(self.f2(), f2),
            measure(self.leak(), self.characters),
            self.labelled,
            self.found,
            self.findings,
            self.right
        )
    }
}

fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// Counts of the cases with `"expect"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// Texts that hold a secret.
    pub secrets: u64,
    /// Of these: with a secret found.
    pub found: u64,
    /// Texts that hold none.
    pub harmless: u64,
    /// Of these: with a secret "found".
    pub flagged: u64,
}

/// What an evaluation counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Cases.
    pub cases: u64,
    /// All entities together.
    pub overall: Measures,
    /// By entity.
    pub entities: BTreeMap<String, Measures>,
    /// Of the cases with `"expect"`, if there was one.
    pub expect: Option<Expected>,
    /// Labels of entities that no recognizer claims.
    pub not_counted: BTreeMap<String, u64>,
}

impl Report {
    /// One JSON object; the four measures are numbers always: see [`Measures`] for the empty case.
    pub fn json(&self) -> Value {
        let entities: BTreeMap<&str, Value> =
            self.entities.iter().map(|(name, measures)| (name.as_str(), measures.json())).collect();
        let mut object = json!({"schema": 1, "cases": self.cases, "overall": self.overall.json(),
            "entities": entities, "not_counted": self.not_counted});
        if let (Some(expect), Value::Object(fields)) = (self.expect, &mut object) {
            let Expected { secrets, found, harmless, flagged } = expect;
            let value = json!({"secrets": secrets, "found": found, "harmless": harmless, "flagged": flagged});
            fields.insert("expect".to_owned(), value);
        }
        object
    }

    /// A table for people; `-` where there is nothing to measure.
    pub fn table(&self) -> String {
        let mut table = format!(
            "{:<28} {:>9} {:>7} {:>7} {:>7} {:>8} {:>7} {:>8} {:>7}\n",
            "entity", "precision", "recall", "F2", "leak", "labelled", "found", "findings", "right"
        );
        for (name, measures) in &self.entities {
            table.push_str(&measures.row(name));
        }
        table.push_str(&self.overall.row("overall"));
        if let Some(e) = self.expect {
            let line = format!(
                "secrets found: {} of {}; harmless texts flagged: {} of {}",
                e.found, e.secrets, e.flagged, e.harmless
            );
            let _ = writeln!(table, "{line}");
        }
        for (name, spans) in &self.not_counted {
            let _ = writeln!(table, "not counted: {spans} spans of {name}");
        }
        table
    }
}
