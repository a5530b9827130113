//! Findings in the lines of a text.

use super::Found;
use super::blocks::Notes;
use super::text::{Detector, TextScratch};
use arrow_array::RecordBatch;
use custody_rules::table::line_rows;
use custody_rules::{Place, Syntax};

/// Finds everything in a batch of `lines`; `notes`: what the lines before say, of the same batch. `collect`: whether
/// values are collected.
pub fn line_findings(
    detector: &Detector,
    batch: &RecordBatch,
    notes: &Notes,
    collect: bool,
    scratch: &mut TextScratch,
) -> Found {
    let mut found = Found::new(detector, collect, scratch.scope());
    let mut said = notes.by_line();
    for (at, line) in line_rows(batch).enumerate() {
        for span in detector.line(line.text, &said(at), scratch) {
            let start = line.start + span.start as u64;
            let end = line.start + span.end as u64;
            let place = Place::Span { start, end, syntax: Syntax::Plain };
            found.push(detector, &span, &line.text[span.start..span.end], place);
        }
    }
    if let Some(values) = &mut found.values {
        notes.remember(detector, values, scratch);
    }
    found
}
