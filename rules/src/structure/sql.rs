//! Values of SQL statements by the columns they belong to, and of the keys in a database's messages. What
//! stands behind `=` is a label's value already.

use super::Place;
use super::literal::{REACH, quoted};
use crate::Candidate;
use crate::labels::LabelHit;
use memchr::memrchr;

/// `INSERT INTO workers (last_name, ssn) VALUES ('Doe', …), (…)`.
pub(super) const VALUES: &[&str] = &["VALUES", "values (", "values("];
/// `last_name IN ('Doe', 'Roe')`, `last_name LIKE 'Do%'`.
pub(super) const LISTS: &[&str] = &[" LIKE '", " like '", " ILIKE '", " IN ('", " in ('"];
/// `Key (last_name, ssn)=(Doe, …) already exists`.
pub(super) const KEYS: &[&str] = &[")=("];

const COLUMNS_BYTES_MAX: usize = 4 << 10;
const TUPLES_BYTES_MAX: usize = 1 << 20;

pub(super) fn values(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let Some(columns) = columns_before(place, place.start) else { return };
    if columns.iter().all(Option::is_none) {
        return;
    }
    let from = place.start + "VALUES".len();
    rows(place, from, &columns, out);
}

/// Adds the values of `(…), (…)` behind `from` by the columns they belong to.
fn rows(place: &Place<'_>, from: usize, columns: &[Option<LabelHit>], out: &mut Vec<Candidate>) {
    let bytes = place.text.as_bytes();
    let limit = (from + TUPLES_BYTES_MAX).min(bytes.len());
    let mut at = from;
    while at < limit {
        match bytes[at] {
            b'(' => at = tuple(place, at + 1, columns, out),
            b',' | b' ' | b'\n' | b'\r' | b'\t' | b'\\' => at += 1,
            b'n' if bytes[at - 1] == b'\\' => at += 1,
            _ => break,
        }
    }
}

/// Adds the values of one row; gives the byte behind its bracket.
fn tuple(place: &Place<'_>, from: usize, columns: &[Option<LabelHit>], out: &mut Vec<Candidate>) -> usize {
    let (text, bytes) = (place.text, place.text.as_bytes());
    let (mut at, mut column, mut depth) = (from, 0, 0usize);
    let mut value = (from, from);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' => {
                let Some((start, end, behind)) = quoted(text, at) else { return bytes.len() };
                value = (start, end);
                at = behind;
                continue;
            }
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b',' | b')' if depth == 0 => {
                if value.0 == value.1 {
                    value.1 = at.max(value.0);
                }
                if let Some(Some(hit)) = columns.get(column) {
                    place.lexicon.push_value(text, *hit, value, out);
                }
                column += 1;
                value = (at + 1, at + 1);
                if bytes[at] == b')' {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    at
}

/// What the columns in the brackets before `end` hold.
fn columns_before(place: &Place<'_>, end: usize) -> Option<Vec<Option<LabelHit>>> {
    let head = place.text[..end].trim_end_matches([' ', '\n', '\r', '\t']);
    let close = head.strip_suffix(')')?.len();
    let floor = close.saturating_sub(COLUMNS_BYTES_MAX);
    let open = floor + memrchr(b'(', &place.text.as_bytes()[floor..close])?;
    let label = |name: &str| place.lexicon.lookup(name.trim().trim_matches(['"', '`', '[', ']', '\'', '\\']));
    Some(place.text[open + 1..close].split(',').map(label).collect())
}

pub(super) fn list(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let head = place.text[..place.start].trim_end_matches(['"', '`', ']']);
    let head = head.strip_suffix(" NOT").or_else(|| head.strip_suffix(" not")).unwrap_or(head);
    let name = head.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
    let Some(hit) = place.lexicon.lookup(name) else { return };
    let mut at = place.end - 1;
    while let Some((start, end, behind)) = quoted(place.text, at) {
        let value = place.text[start..end].trim_matches('%');
        let start =
            start + (place.text[start..end].len() - place.text[start..end].trim_start_matches('%').len());
        place.lexicon.push_value(place.text, hit, (start, start + value.len()), out);
        let rest = &place.text[behind..];
        let Some(next) = rest.trim_start().strip_prefix(',') else { break };
        at = place.text.len() - next.trim_start().len();
    }
}

pub(super) fn key(place: &Place<'_>, out: &mut Vec<Candidate>) {
    let Some(columns) = columns_before(place, place.start + 1) else { return };
    let from = place.end;
    let Some(len) = place.text[from..].find(')').filter(|&len| len <= REACH) else { return };
    let mut at = from;
    for (part, column) in place.text[from..from + len].split(", ").zip(columns) {
        if let Some(hit) = column {
            place.lexicon.push_value(place.text, hit, (at, at + part.len()), out);
        }
        at += part.len() + 2;
    }
}
