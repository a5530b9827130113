//! What the lines of a text say together: the findings of [`BlockFinder`] for batches of lines, which are read in
//! order, and for texts of several lines.

use super::text::{Detector, TextScratch};
use arrow_array::RecordBatch;
use custody_rules::table::line_rows;
use custody_rules::{BlockState, Candidate, Earlier, ValueIndexBuilder};

/// Reads a text line by line, batch by batch. Cheap for lines that hold nothing.
#[derive(Debug, Default, Clone)]
pub struct Blocks {
    state: BlockState,
}

/// What the lines before say of the lines of a batch.
#[derive(Debug, Default)]
pub struct Notes {
    /// Number of the line in its batch, and a candidate in bytes of that line; in order.
    hits: Vec<(usize, Candidate)>,
    earlier: Vec<Earlier>,
}

impl Blocks {
    /// Takes the next batch of `lines`.
    pub fn read(&mut self, detector: &Detector, batch: &RecordBatch) -> Notes {
        let mut notes = Notes::default();
        let mut out = Vec::new();
        for (at, line) in line_rows(batch).enumerate() {
            self.line(detector, line.text, (&mut out, &mut notes.earlier));
            notes.hits.extend(out.drain(..).map(|candidate| (at, candidate)));
        }
        notes
    }

    /// Takes the next line.
    pub fn line(
        &mut self,
        detector: &Detector,
        line: &str,
        (out, earlier): (&mut Vec<Candidate>, &mut Vec<Earlier>),
    ) {
        let labels = detector.scanner.labels();
        detector.blocks().line(labels, &mut self.state, line, (out, earlier));
    }
}

impl Notes {
    /// The candidates of each line of the batch, asked for in order.
    pub(super) fn by_line(&self) -> impl FnMut(usize) -> Vec<Candidate> + '_ {
        let mut rest = self.hits.as_slice();
        move |line| {
            let end = rest.iter().take_while(|(at, _)| *at == line).count();
            let (own, behind) = rest.split_at(end);
            rest = behind;
            own.iter().map(|(_, candidate)| *candidate).collect()
        }
    }

    /// Remembers the values of earlier lines that later ones spoke for.
    pub(super) fn remember(
        &self,
        detector: &Detector,
        values: &mut ValueIndexBuilder,
        scratch: &TextScratch,
    ) {
        remember_earlier(detector, &self.earlier, values, scratch);
    }
}

/// Remembers values of earlier lines.
pub(crate) fn remember_earlier(
    detector: &Detector,
    earlier: &[Earlier],
    values: &mut ValueIndexBuilder,
    scratch: &TextScratch,
) {
    for Earlier { text, candidate } in earlier {
        let span = detector.span(text, candidate);
        let sure = candidate.score >= detector.profile.threshold;
        if sure && !detector.is_allowed(scratch.scope(), &span, text) {
            detector.remember(&span, text, values);
        }
    }
}

/// Adds what the lines of one text say together, as bytes of `text`.
pub(super) fn in_text(detector: &Detector, text: &str, out: &mut Vec<Candidate>) {
    let (mut blocks, mut start) = (Blocks::default(), 0);
    let (mut found, mut earlier) = (Vec::new(), Vec::new());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        blocks.line(detector, bare, (&mut found, &mut earlier));
        out.extend(found.drain(..).map(|c| Candidate { start: c.start + start, end: c.end + start, ..c }));
        for Earlier { text: value, candidate } in earlier.drain(..) {
            let place = text[..start].rfind(value.as_str());
            out.extend(place.map(|at| Candidate { start: at, end: at + value.len(), ..candidate }));
        }
        start += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::line_findings;
    use crate::detect::samples::detector;
    use custody_rules::table::LineRow;
    use custody_rules::{LinesBuilder, Place};
    use proptest::prelude::*;

    const LABELS: &str = r#"
id = "person"
entity = "PERSON"
description = "names"
source = "test"
labels = ["legal name", "last name"]
value = "name"
positive = [{ text = "Legal Name: Jane Doe", find = "Jane Doe" }, { text = "Last Name: Doe", find = "Doe" }, { text = "Last Name: Roe", find = "Roe" }]
negative = ["a", "b"]
"#;

    fn lines(part: &[&str], offset: &mut u64) -> RecordBatch {
        let mut builder = LinesBuilder::default();
        for (at, text) in part.iter().enumerate() {
            builder.push(LineRow { line: at as u64 + 1, start: *offset, text }, None, None);
            *offset += text.len() as u64 + 1;
        }
        builder.finish()
    }

    const TEXT: [&str; 14] = [
        "Legal Name,Last Name,Team",
        "qx7,Vrbl,Blue",
        "qx8,Zabrik,Red",
        "done",
        "Legal Name:",
        "  Zxq Vrbl",
        "| Legal Name | Team |",
        "|---|---|",
        "| zxq | Blue |",
        "",
        "Am Alten Markt 7",
        "00000 Zxqstadt",
        "- name: Last Name",
        "  value: Zabrik",
    ];

    fn places(cut: usize) -> Vec<(u64, u64)> {
        let detector = detector(LABELS);
        let mut blocks = Blocks::default();
        let mut scratch = detector.scratch();
        let mut offset = 0;
        let mut all = Vec::new();
        for part in [&TEXT[..cut], &TEXT[cut..]] {
            let batch = lines(part, &mut offset);
            let notes = blocks.read(&detector, &batch);
            let found = line_findings(&detector, &batch, &notes, true, &mut scratch);
            all.extend(found.findings.iter().map(|f| match f.place {
                Place::Span { start, end, .. } => (start, end),
                _ => unreachable!("lines have spans"),
            }));
        }
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(14))]
        #[test]
        fn findings_do_not_depend_on_batches(cut in 0usize..=TEXT.len()) {
            let whole = places(0);
            prop_assert!(whole.len() >= 8, "{whole:?}");
            prop_assert_eq!(places(cut), whole);
        }
    }
}
