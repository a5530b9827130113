//! A name in parts within one line of JSON: `{"name":{"first":"Jane","last":"Doe"}}`, and Workday's
//! `"worker":{"descriptor":"Jane Doe"}`. The key of the object around them says whose they are.

use super::Place;
use super::literal::{REACH, quoted};
use crate::labels::{LabelHit, NAME_PARTS, is_capitalised_name};
use crate::{Candidate, ValueShape};

/// The keys of parts.
pub(super) const PARTS: &[&str] = &[
    "\"first\"",
    "\"last\"",
    "\"middle\"",
    "\"given\"",
    "\"family\"",
    "\"descriptor\"",
    "\\\"first",
    "\\\"last",
    "\\\"given",
    "\\\"family",
    "\\\"descriptor",
    "'first'",
    "'last'",
    "'given'",
    "'family'",
    "'descriptor'",
];

pub(super) fn part(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let key = text[place.start..place.end].trim_matches(['"', '\\', '\'']);
    let rest = text[place.end..].trim_start_matches(['"', '\\']);
    let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start) else { return };
    let Some((start, end, behind)) = quoted(text, text.len() - value.len()) else { return };
    let Some(hit) = place.lexicon.lookup_label("name first") else { return };
    let name = LabelHit { phrase: true, ..hit };
    let capital = !text[start..end].starts_with(char::is_lowercase);
    let said = match owner(text, place.start) {
        Owner::Key(owner) => {
            place.lexicon.is_person_key(owner)
                || key != "descriptor" && capital && beside(text, (place.start, behind), key)
        }
        Owner::Nobody if key == "descriptor" => is_capitalised_name(&text[start..end]),
        Owner::Nobody => capital && beside(text, (place.start, behind), key),
        Owner::Far => false,
    };
    if said && hit.shape == ValueShape::Name {
        place.lexicon.push_value(text, name, (start, end), out);
    }
}

/// Whose object a key stands in.
enum Owner<'a> {
    Key(&'a str),
    /// It has no key.
    Nobody,
    /// It begins too far back.
    Far,
}

fn owner(text: &str, at: usize) -> Owner<'_> {
    let floor = text.ceil_char_boundary(at.saturating_sub(REACH));
    let mut depth = 0usize;
    for (back, byte) in text.as_bytes()[floor..at].iter().enumerate().rev() {
        match byte {
            b'}' | b']' => depth += 1,
            b'[' if depth == 0 => {}
            b'{' | b'[' if depth > 0 => depth -= 1,
            b'{' => {
                let head = text[floor..floor + back].trim_end_matches([' ', '[']);
                let Some(head) = head.strip_suffix(':') else { return Owner::Nobody };
                let head = head.trim_end_matches([' ', '"', '\\', '\'']);
                let key = &head[head.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len()..];
                return Owner::Key(key);
            }
            _ => {}
        }
    }
    if floor == 0 { Owner::Nobody } else { Owner::Far }
}

/// Whether another part of a name stands next to this one.
fn beside(text: &str, (start, behind): (usize, usize), key: &str) -> bool {
    let other = |word: &str| {
        let word = word.trim_matches(['"', '\\', '\'', ' ', ',', '{']);
        word != key && word != "descriptor" && NAME_PARTS.contains(&word)
    };
    let next = text[behind..].split(':').next().is_some_and(other);
    let head = text[..start].trim_end_matches([' ', ',', '\\']);
    let before = head.rsplit(['{', ',']).next().and_then(|field| field.split(':').next());
    next || before.is_some_and(other)
}
