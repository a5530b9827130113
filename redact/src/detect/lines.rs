//! Findings in the lines of a text.

use super::Found;
use super::text::{Detector, TextScratch};
use arrow_array::RecordBatch;
use custody_rules::table::line_rows;
use custody_rules::{Place, Syntax};

/// Finds everything in a batch of `lines`.
pub fn line_findings(
    detector: &Detector,
    batch: &RecordBatch,
    collect: bool,
    scratch: &mut TextScratch,
) -> Found {
    let mut found = Found::new(detector, collect, scratch.scope());
    for line in line_rows(batch) {
        for span in detector.text(line.text, None, scratch) {
            let start = line.start + span.start as u64;
            let end = line.start + span.end as u64;
            let place = Place::Span { start, end, syntax: Syntax::Plain };
            found.push(detector, &span, &line.text[span.start..span.end], place);
        }
    }
    found
}
