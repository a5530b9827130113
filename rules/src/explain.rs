//! Why something is found, or not: every pattern that matches, with its check, context and score.

use crate::scanner::{CONTEXT_AFTER, CONTEXT_BEFORE, NEEDS_CONTEXT, ceil_char, floor_char, has_word};
use crate::{EntityId, RecognizerId, Scanner, fold, normalise_label};
use aho_corasick::AhoCorasick;

/// What one pattern says of one place in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The recognizer.
    pub recognizer: RecognizerId,
    /// What it would be; `None`: what the recognizer finds.
    pub entity: Option<EntityId>,
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

impl Explanation {
    /// Whether nothing but a context word was missing.
    pub fn is_near_miss(&self) -> bool {
        self.dropped == Some(NEEDS_CONTEXT)
    }
}

/// A context word of a recognizer, near a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextWord {
    /// The word, as the recognizer's file has it.
    pub word: String,
    /// `before` the match, `behind` it, or in its `label`.
    pub side: &'static str,
}

/// The context words that stand near a match.
pub fn context_words(
    scanner: &Scanner,
    (text, label): (&str, Option<&str>),
    explanation: &Explanation,
) -> Vec<ContextWord> {
    let Explanation { start, end, recognizer, .. } = *explanation;
    let syntax = &scanner.rules().recognizers()[recognizer.0 as usize].syntax;
    let first = floor_char(text, start.saturating_sub(CONTEXT_BEFORE));
    let last = ceil_char(text, (end + CONTEXT_AFTER).min(text.len()));
    let label = label.map(normalise_label).unwrap_or_default();
    let mut found = Vec::new();
    for word in &syntax.context {
        let Ok(one) = AhoCorasick::builder().ascii_case_insensitive(true).build([fold(word)]) else {
            continue;
        };
        let label = (label.as_str(), (0, label.len()));
        let sides = [("before", (text, (first, start))), ("behind", (text, (end, last))), ("label", label)];
        for (side, near) in sides {
            if has_word(&one, near.0, near.1) {
                found.push(ContextWord { word: word.clone(), side });
            }
        }
    }
    if !label.is_empty() && syntax.labels.contains(&label) {
        found.push(ContextWord { word: label, side: "label" });
    }
    found
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
        entity: Some(hit.entity),
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
