//! Values in markup: a form field by its attributes, an element by its name, a cell by the label before it.
//! Whole files of markup are read as trees; this is for what stands in logs and traces.

use super::Place;
use super::literal::{REACH, quoted, selector_label};
use crate::Candidate;
use crate::labels::LabelHit;

/// `<input name="lastName" value="Doe">`, `aria-label='Legal Name' value='Jane Doe'`.
pub(super) const VALUES: &[&str] = &[" value=\"", " value='", " value=\\\"", " value: '", " value: \""];
/// `<LastName>Doe</LastName>`, `<label>Legal Name</label><span>Jane Doe</span>`.
pub(super) const CLOSING: &[&str] = &["</"];

/// Attributes that name a field, the most telling first.
const NAMING: [&str; 10] = [
    "aria-label",
    "label",
    "name",
    "id",
    "key",
    "placeholder",
    "data-automation-id",
    "data-testid",
    "data-test",
    "data-label",
];
/// Elements whose text can be a label.
const CAPTIONS: [&str; 7] = ["th", "label", "dt", "td", "strong", "b", "span"];

pub(super) fn value(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let open = place.end - 1 - usize::from(text[..place.end].ends_with("\\\""));
    let Some((start, end, behind)) = quoted(text, open) else { return };
    let floor = text.ceil_char_boundary(place.start.saturating_sub(REACH));
    let head = &text[floor..place.start];
    let head = &head[head.rfind(['<', '>', '\n']).map_or(0, |i| i + 1)..];
    let rest = &text[behind..text.floor_char_boundary((behind + REACH).min(text.len()))];
    let rest = &rest[..rest.find(['<', '>', '\n']).unwrap_or(rest.len())];
    if let Some(hit) = attribute_label(place, head).or_else(|| attribute_label(place, rest)) {
        place.lexicon.push_value(text, hit, (start, end), out);
    }
}

/// What the attributes in a piece of a tag say of its value.
fn attribute_label(place: &Place<'_>, tag: &str) -> Option<LabelHit> {
    NAMING.iter().find_map(|name| {
        let at = tag.match_indices(name).map(|(at, _)| at).find(|&at| {
            tag[..at].bytes().next_back().is_none_or(|b| b == b' ' || b == b'(')
                && tag[at + name.len()..].starts_with(['=', ':'])
        })?;
        let rest = tag[at + name.len() + 1..].trim_start();
        let (start, end, _) = quoted(rest, 0)?;
        selector_label(place.lexicon, &rest[start..end])
    })
}

pub(super) fn closing(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let text = place.text;
    let rest = &text[place.end..];
    let Some(len) = rest.find('>').filter(|&len| len > 0 && len <= 64) else { return };
    let (tag, behind) = (&rest[..len], place.end + len + 1);
    let floor = text.ceil_char_boundary(place.start.saturating_sub(4 * REACH));
    let Some(open_end) = text[floor..place.start].rfind('>').map(|i| floor + i) else { return };
    let content = &text[open_end + 1..place.start];
    if content.trim().is_empty() || content.contains('<') {
        return;
    }
    let Some(open) = text[floor..open_end].rfind('<').map(|i| floor + i) else { return };
    let opening = &text[open + 1..open_end];
    if opening.split([' ', '\n', '\t']).next() != Some(tag) {
        return;
    }
    let caption = CAPTIONS.iter().any(|c| tag.eq_ignore_ascii_case(c));
    let own = if caption { None } else { place.lexicon.lookup(tag) };
    if let Some(hit) = own.or_else(|| attribute_label(place, &opening[tag.len()..])) {
        place.lexicon.push_value(text, hit, (open_end + 1, place.start), out);
    } else if caption && content.len() <= 80
        && let Some(hit) = place.lexicon.lookup(content.trim().trim_end_matches(['*', ':', ' ']))
        && let Some(next) = next_text(text, behind)
        // Two labels side by side are a table's head.
        && place.lexicon.lookup(&text[next.0..next.1]).is_none()
    {
        place.lexicon.push_value(text, hit, next, out);
    }
}

/// The next text between tags.
fn next_text(text: &str, from: usize) -> Option<(usize, usize)> {
    let limit = text.floor_char_boundary((from + REACH).min(text.len()));
    let mut at = from;
    while at < limit {
        let rest = &text[at..limit];
        let trimmed = rest.trim_start_matches([' ', '\n', '\r', '\t', ':']);
        at += rest.len() - trimmed.len();
        if trimmed.starts_with("</tr") || trimmed.is_empty() {
            return None;
        }
        if !trimmed.starts_with('<') {
            let len = trimmed.find('<')?;
            return Some((at, at + len));
        }
        at += trimmed.find('>')? + 1;
    }
    None
}
