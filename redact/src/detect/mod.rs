//! Detection over batches: lines, cells and words become findings. Decides nothing but what is there and
//! what the profile says of it; nothing is written here.

mod base64;
mod blocks;
mod cells;
mod columns;
mod explained;
mod headings;
mod layout;
mod lines;
mod mailbox;
mod parts;
mod paths;
mod reading;
#[cfg(test)]
mod samples;
mod text;
mod tracks;
#[cfg(test)]
mod twins;
mod unescape;
mod why;
mod words;

pub(crate) use blocks::remember_earlier;
pub use blocks::{Blocks, Notes};
pub use cells::{CellContext, cell_findings};
pub use columns::{ColumnClasses, ColumnStats};
pub use explained::{Explained, explain_artifact};
pub use lines::line_findings;
pub use paths::path_findings;
pub use reading::Pass;
pub use text::{Detector, Ids, LentScratch, TextScratch, VALUE_CHARS_MIN, is_rememberable};
pub use why::{Fate, Why};
pub use words::{COVERED, word_findings};

use crate::operators::is_replaced;
use crate::resolve::Span;
use custody_rules::{Finding, ListScope, Place, ValueIndexBuilder};

/// What a pass over a batch gives back.
#[derive(Debug, Default)]
pub struct Found {
    /// Findings in the order of the batch.
    pub findings: Vec<Finding>,
    /// Values to be looked for in the rest of the bundle; `None` when they are not collected.
    pub values: Option<ValueIndexBuilder>,
    scope: ListScope,
}

impl Found {
    /// Starts empty; `collect`: whether values are collected.
    pub fn new(detector: &Detector, collect: bool, scope: ListScope) -> Self {
        Self { findings: Vec::new(), values: collect.then(|| detector.value_builder()), scope }
    }

    /// Adds a finding and remembers its value where values are collected.
    pub fn push(&mut self, detector: &Detector, span: &Span, value: &str, place: Place) {
        // What an earlier redaction left in a finding's place gives nothing away; what is allowed stays.
        if is_replaced(value) || detector.is_allowed(self.scope, span, value) {
            return;
        }
        if let Some(values) = &mut self.values {
            detector.remember(span, value, values);
        }
        self.findings.push(Finding {
            place,
            entity: span.entity,
            recognizer: span.recognizer,
            score: span.score,
            identity: span.identity,
            decision: span.decision,
        });
    }
}
