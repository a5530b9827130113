//! Why something is found, or not: every pattern that matches, with its check, context and score.

use crate::{RecognizerId, Scanner};

/// What one pattern says of one place in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The recognizer.
    pub recognizer: RecognizerId,
    /// Name of the pattern; `label` for a labelled value.
    pub pattern: String,
    /// Whether the recognizer's check passed; `None`: it has none.
    pub check: Option<bool>,
    /// Whether a context word stands near.
    pub context: bool,
    /// Score of the bare pattern.
    pub base_score: f32,
    /// Score in the end; 0 when it was dropped.
    pub score: f32,
    /// Why it was dropped, if it was.
    pub dropped: Option<&'static str>,
}

/// Explains everything that matches in `text`, in order of place.
pub fn explain(scanner: &Scanner, text: &str, label: Option<&str>) -> Vec<Explanation> {
    let mut explanations = scanner.explain_patterns(text, label);
    let mut labelled = Vec::new();
    scanner.labels().scan(text, &mut labelled);
    let labels = labelled.len();
    scanner.find_names(text, label, &mut labelled);
    explanations.extend(labelled.into_iter().enumerate().map(|(at, hit)| Explanation {
        start: hit.start,
        end: hit.end,
        recognizer: hit.recognizer,
        pattern: if at < labels { "label" } else { "words" }.to_owned(),
        check: None,
        context: true,
        base_score: hit.score,
        score: hit.score,
        dropped: None,
    }));
    explanations.sort_by_key(|e| (e.start, e.end, e.recognizer));
    explanations
}
