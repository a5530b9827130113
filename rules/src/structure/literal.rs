//! Quoted strings and selectors: what the other finders are made of. Finds nothing itself.

use crate::ValueShape;
use crate::labels::{LabelHit, LabelLexicon, normalise_label};

/// Bytes around a trigger that are looked at.
pub(super) const REACH: usize = 240;
/// Words of selectors and names of fields that say what kind of field it is, not what it holds.
const WIDGETS: [&str; 30] = [
    "input",
    "field",
    "textbox",
    "text",
    "box",
    "txt",
    "element",
    "elem",
    "el",
    "locator",
    "select",
    "dropdown",
    "combobox",
    "picker",
    "label",
    "control",
    "value",
    "cell",
    "column",
    "selector",
    "area",
    "entry",
    "edit",
    "prompt",
    "el0",
    "wrapper",
    "container",
    "lbl",
    "inp",
    "tb",
];
/// Names of attributes in selectors: never labels.
const ATTRIBUTES: [&str; 12] =
    ["name", "id", "type", "for", "role", "data", "testid", "test", "placeholder", "aria", "class", "css"];

/// The quoted string that starts at `at`: its content and the byte behind its closing quote.
pub(super) fn quoted(text: &str, at: usize) -> Option<(usize, usize, usize)> {
    let bytes = text.as_bytes();
    let mut open = at;
    while bytes.get(open) == Some(&b'\\') {
        open += 1;
    }
    let quote = *bytes.get(open).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let mut end = open + 1;
    let limit = (end + 4 * REACH).min(bytes.len());
    while end < limit && bytes[end] != b'\n' {
        if bytes[end] == quote {
            let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
            // `'O'Brien'` has an apostrophe, `''` is one in SQL.
            let inside = quote == b'\'' && word(bytes.get(end + 1)) && word(bytes.get(end - 1));
            let doubled = quote == b'\'' && bytes.get(end + 1) == Some(&b'\'') && end > open + 1;
            if !(inside || doubled) {
                let content_end =
                    end - bytes[open + 1..end].iter().rev().take_while(|&&b| b == b'\\').count();
                return Some((open + 1, content_end, end + 1));
            }
            end += usize::from(doubled);
        } else if bytes[end] == b'\\' && open == at {
            end += 1;
        }
        end += 1;
    }
    None
}

/// The string literals between the bracket at `open` and the one that closes it.
pub(super) fn arguments(text: &str, open: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut found) = (open, 0usize, Vec::new());
    let limit = (open + 4 * REACH).min(bytes.len());
    while at < limit && found.len() < 8 {
        match bytes[at] {
            b'(' => depth += 1,
            b')' if depth <= 1 => break,
            b')' => depth -= 1,
            b'"' | b'\'' | b'`' => {
                let Some((start, end, behind)) = quoted(text, at) else { break };
                found.push((start, end));
                at = behind;
                continue;
            }
            b'\\' if quoted(text, at).is_some() => {
                let Some((start, end, behind)) = quoted(text, at) else { break };
                found.push((start, end));
                at = behind;
                continue;
            }
            b'\n' if depth == 0 => break,
            _ => {}
        }
        at += 1;
    }
    found
}

/// The string literals before `end`, nearest first, three at most.
pub(super) fn literals_before(text: &str, end: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let floor = end.saturating_sub(REACH);
    let (mut at, mut found) = (end, Vec::new());
    while found.len() < 3 {
        let close =
            bytes[floor..at].iter().rposition(|b| matches!(b, b'"' | b'\'' | b'`')).map(|i| floor + i);
        let Some(close) = close else { break };
        let open = bytes[floor..close].iter().rposition(|&b| b == bytes[close]).map(|i| floor + i);
        let Some(open) = open.filter(|&open| !bytes[open..close].contains(&b'\n')) else { break };
        let escapes = bytes[open + 1..close].iter().rev().take_while(|&&b| b == b'\\').count();
        found.push((open + 1, close - escapes));
        at = open;
    }
    found
}

/// The quoted strings of a text, from its beginning, 16 at most: half-open bytes without the quotes.
pub(crate) fn quoted_strings(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while found.len() < 16
        && let Some(open) = bytes[at..].iter().position(|b| matches!(b, b'"' | b'\'' | b'`'))
    {
        let open = at + open;
        let apostrophe = bytes[open] == b'\'' && open > 0 && bytes[open - 1].is_ascii_alphanumeric();
        match quoted(text, open).filter(|_| !apostrophe) {
            Some((start, end, behind)) => {
                found.push((start, end));
                at = behind;
            }
            None => at = open + 1,
        }
    }
    found
}

/// What a selector, a field's name or a caption says of the value: `#lastName`, `input[name=ssn]`.
pub(crate) fn selector_label(lexicon: &LabelLexicon, selector: &str) -> Option<LabelHit> {
    if selector.len() > REACH || selector.contains('\n') {
        return None;
    }
    let mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-' | ' ' | '%' | '(' | ')' | '/');
    let pieces = selector.rsplit(mark).flat_map(|piece| piece.rsplit("//")).take(12);
    for piece in pieces {
        let label = normalise_label(piece.trim_matches(['-', '_', ' ', '/', '(', ')']));
        let mut words: Vec<&str> = label.split(' ').filter(|w| !w.is_empty()).collect();
        while words.len() > 1 && words.last().is_some_and(|last| WIDGETS.contains(last)) {
            words.pop();
        }
        match words[..] {
            [] => continue,
            [only] if ATTRIBUTES.contains(&only) || WIDGETS.contains(&only) => continue,
            _ => {}
        }
        // A class `Union` says nothing of what a program prints.
        let hit = lexicon.lookup(&words.join(" "));
        if let Some(hit) = hit.filter(|hit| !(hit.weak && hit.shape == ValueShape::Line)) {
            return Some(hit);
        }
    }
    None
}
