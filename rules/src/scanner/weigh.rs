//! What a match is worth: its check, then the words near it.

use super::shape::uuid;
use super::{CompiledPattern, Scanner, Subject};
use crate::ruleset::Recognizer;
use crate::{Candidate, Explanation, RecognizerId, fold};
use aho_corasick::{AhoCorasick, MatchKind};

/// How much a context word near adds to a score.
const CONTEXT_BOOST: f32 = 0.35;
/// How far back from a match a context word may stand, in bytes.
pub(crate) const CONTEXT_BEFORE: usize = 60;
/// How far behind a match a context word may stand, in bytes.
pub(crate) const CONTEXT_AFTER: usize = 40;

/// Why a match of a pattern that needs a context word is dropped.
pub(crate) const NEEDS_CONTEXT: &str = "it needs a context word near";

impl Scanner {
    /// Check, then context: turns a match into a candidate, or drops it.
    pub(super) fn weigh(
        &self,
        pattern: &CompiledPattern,
        subject: Subject<'_>,
        span: (usize, usize),
    ) -> Option<Candidate> {
        let weighed = self.explain_match(pattern, subject, span);
        let entity = self.rules().recognizers()[pattern.recognizer.0 as usize].entity;
        let Explanation { start, end, recognizer, score, .. } = weighed;
        weighed.dropped.is_none().then_some(Candidate { start, end, entity, recognizer, score, person: None })
    }

    pub(super) fn explain_match(
        &self,
        pattern: &CompiledPattern,
        Subject { text, label }: Subject<'_>,
        span: (usize, usize),
    ) -> Explanation {
        let (start, end) = span;
        let recognizer = &self.rules().recognizers()[pattern.recognizer.0 as usize];
        let mut result = Explanation {
            start,
            end,
            recognizer: pattern.recognizer,
            entity: Some(recognizer.entity),
            pattern: String::new(),
            check: None,
            context: false,
            base_score: pattern.score,
            score: 0.0,
            dropped: None,
        };
        if start >= end || !on_borders(text, start, end) {
            return Explanation { dropped: Some("it starts or ends inside a word"), ..result };
        }
        if is_part_of_uuid(text.as_bytes(), (start, end)) {
            return Explanation { dropped: Some("it is a part of a UUID"), ..result };
        }
        let mut score = pattern.score;
        if let Some(check) = recognizer.check {
            result.check = Some(check(&text[start..end]));
            if result.check == Some(false) {
                return Explanation { dropped: Some("its check failed"), ..result };
            }
            score = score.max(recognizer.syntax.check_score);
        }
        result.context = (pattern.needs_context || score < 1.0)
            && (self.context_near(pattern.recognizer, text, span)
                || self.label_says(recognizer, pattern.recognizer, label));
        if pattern.needs_context && !result.context {
            return Explanation { dropped: Some(NEEDS_CONTEXT), ..result };
        }
        result.score = if result.context { (score + CONTEXT_BOOST).min(1.0) } else { score };
        result
    }

    fn context_near(&self, id: RecognizerId, text: &str, (start, end): (usize, usize)) -> bool {
        let Some(words) = &self.context[id.0 as usize] else { return false };
        let first = floor_char(text, start.saturating_sub(CONTEXT_BEFORE));
        let last = ceil_char(text, (end + CONTEXT_AFTER).min(text.len()));
        has_word(words, text, (first, start)) || has_word(words, text, (end, last))
    }

    fn label_says(&self, recognizer: &Recognizer, id: RecognizerId, label: Option<&str>) -> bool {
        label.is_some_and(|label| {
            self.context[id.0 as usize].as_ref().is_some_and(|words| has_word(words, label, (0, label.len())))
                || recognizer.syntax.labels.iter().any(|l| l == label)
        })
    }
}

/// Whether a match is a part of a UUID and not all of it: `24904142` in `worker-24904142-9d7c-4444-abcd-c9d7c0e4a3b1`.
fn is_part_of_uuid(text: &[u8], (start, end): (usize, usize)) -> bool {
    let marks = text[start..end].iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let dash = |at: usize| text.get(at) == Some(&b'-');
    if !dash(end) && !(start + marks).checked_sub(1).is_some_and(dash) {
        return false;
    }
    uuid(text, start + marks).is_some_and(|(from, to)| end <= to && (start > from || end < to))
}

/// The context words of a recognizer, compiled.
pub(super) fn context_words(recognizer: &Recognizer) -> Result<Option<AhoCorasick>, String> {
    let words: Vec<String> = recognizer.syntax.context.iter().map(|word| fold(word)).collect();
    if words.is_empty() {
        return Ok(None);
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(words)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// Whether one of the words stands in a part of the text, at the start of a word of the text (folded where it
/// is not ASCII).
pub(crate) fn has_word(words: &AhoCorasick, text: &str, (first, last): (usize, usize)) -> bool {
    let part = &text[first..last];
    let outside = text[..first].chars().next_back();
    let hit = |part: &str| {
        words.find_overlapping_iter(part).any(|m| {
            let before = part[..m.start()].chars().next_back().or(outside);
            let joined = before.is_some_and(char::is_alphanumeric);
            // `employeeId`, `ssnNumber`: a capital starts a word as well.
            let capital = part.as_bytes()[m.start()].is_ascii_uppercase();
            !joined || (before.is_some_and(char::is_lowercase) && capital)
        })
    };
    if part.is_ascii() { hit(part) } else { hit(&fold(part)) }
}

/// A match must not start or end inside a word of non-ASCII letters, which ASCII `\b` does not see.
fn on_borders(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let outside_ascii = |at: Option<&u8>| at.is_none_or(u8::is_ascii);
    if outside_ascii(start.checked_sub(1).and_then(|at| bytes.get(at))) && outside_ascii(bytes.get(end)) {
        return true;
    }
    let alnum = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let cut_before = alnum(text[..start].chars().next_back()) && alnum(text[start..].chars().next());
    let cut_after = alnum(text[end..].chars().next()) && alnum(text[..end].chars().next_back());
    !cut_before && !cut_after
}

/// A span grown to character borders.
pub(super) fn char_span(text: &str, start: usize, end: usize) -> (usize, usize) {
    (floor_char(text, start), ceil_char(text, end))
}

pub(crate) fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

pub(crate) fn ceil_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
