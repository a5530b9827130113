//! A line that is nothing but a heading, a colon and one value: `Account: 000123456789`. In a form even ordinary words
//! say what the value is if it looks right.

use crate::{Candidate, LabelLexicon, ValueShape};
use memchr::memchr;

/// Bytes of such a line and of its heading at most.
const LINE_BYTES_MAX: usize = 64;
const HEADING_BYTES_MAX: usize = 24;
/// Digits of a number at least that has no check and no currency.
const DIGITS_MIN: usize = 5;

pub(super) fn line(labels: &LabelLexicon, line: &str, out: &mut Vec<Candidate>) {
    if line.len() > LINE_BYTES_MAX || !line.trim_start().starts_with(char::is_uppercase) {
        return;
    }
    let Some(at) = memchr(b':', line.as_bytes()).filter(|&at| at <= HEADING_BYTES_MAX) else { return };
    if !labels.may_end_heading(line.as_bytes(), at) {
        return;
    }
    let value = line[at + 1..].trim();
    let heading = line[..at].trim();
    let Some(hit) = labels.lookup_value(heading, value).filter(|hit| hit.weak) else { return };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
    let telling = match hit.shape {
        // `First: Alpha`, `Union: all`, `Base: 1024` may be anything.
        ValueShape::Name | ValueShape::Line => false,
        ValueShape::Date => true,
        ValueShape::Amount => digits >= DIGITS_MIN || value.contains([',', '$', '€', '£']),
        ValueShape::Token | ValueShape::Code => digits >= DIGITS_MIN || labels.is_checked(hit) && letters,
    };
    if telling {
        let start = at + 1 + (line[at + 1..].len() - line[at + 1..].trim_start().len());
        labels.push_value(line, hit, (start, start + value.len()), out);
    }
}
