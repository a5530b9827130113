//! Messages of exceptions that quote what they complain of: `Worker not found: Jane Doe`, `for employee
//! 'Doe, Jane'`, `Duplicate entry '…' for key 'ssn'`.

use super::Place;
use super::literal::{literals_before, quoted, selector_label};
use crate::LabelLexicon;
use crate::labels::LabelHit;
use crate::{Candidate, ValueShape};

/// What announces such a message.
pub(super) const TRIGGERS: &[&str] = &[
    "not found: ",
    "not exist: ",
    "rejected value [",
    " for field ",
    " for column ",
    " for key '",
    "orker '",
    "orker \"",
    "mployee '",
    "mployee \"",
    "andidate '",
    "andidate \"",
    "pplicant '",
];

pub(super) fn message(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    match &text[place.start..place.end] {
        "not found: " | "not exist: " => {
            let head = text[..place.start].trim_end_matches(' ');
            let head = head.strip_suffix("does").or_else(|| head.strip_suffix("was")).unwrap_or(head);
            let from = head.rfind([':', '"', '.', '\n', '[', ']', ',']).map_or(0, |i| i + 1);
            if head.len() - from <= 60
                && let Some(hit) = place.lexicon.lookup(head[from..].trim())
                && let Some(span) = LabelLexicon::value_behind(text, place.end - 1, hit.shape)
            {
                place.lexicon.push_value(text, hit, span, out);
            }
        }
        "rejected value [" => {
            let hit = literals_before(text, place.start)
                .first()
                .and_then(|&(start, end)| selector_label(place.lexicon, &text[start..end]));
            if let Some((hit, len)) = hit.zip(text[place.end..].find(']')) {
                place.lexicon.push_value(text, hit, (place.end, place.end + len), out);
            }
        }
        trigger if trigger.starts_with(" for ") => for_field(place, out),
        _ => subject(place, out),
    }
}

/// `'Doe' is too long for column "last_name"`.
fn for_field(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let at = place.end - usize::from(text[..place.end].ends_with('\''));
    let name = match quoted(text, at) {
        Some((start, end, _)) => &text[start..end],
        None => text[at..].split([' ', ',', ':', '\n']).next().unwrap_or(""),
    };
    let Some(hit) = selector_label(place.lexicon, name) else { return };
    if let Some(&span) = literals_before(text, place.start).first()
        && place.start - span.1 <= 60
    {
        place.lexicon.push_value(text, hit, span, out);
    }
}

/// `worker 'Jane Doe'`.
fn subject(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let head = &text[..place.end - 2];
    let word = &head[head.trim_end_matches(char::is_alphabetic).len()..];
    let Some(hit) = place.lexicon.lookup(word) else { return };
    let Some((start, end, _)) = quoted(text, place.end - 1) else { return };
    let capital =
        text[start..end].split([' ', '-']).any(|w| w.chars().next().is_some_and(char::is_uppercase));
    if hit.shape == ValueShape::Name && capital {
        place.lexicon.push_value(text, LabelHit { ..hit }, (start, end), out);
    }
}
