//! A field whose label stands on one line and its value on a following one: forms, steps of tests, YAML and JSON
//! over several lines.

use super::cells::{body_start, trimmed};
use super::recent::Recent;
use super::words::{CARRIERS, STEPS, VALUES, has};
use crate::labels::{LabelHit, is_generic, is_no_value};
use crate::structure::{quoted_strings, selector_label};
use crate::token::is_replaced;
use crate::{Candidate, LabelLexicon, ValueShape, fold, normalise_label};
use memchr::{memchr3, memmem};
use std::sync::LazyLock;

/// Bytes of a line that is a label, and of a value in a line of its own.
const LABEL_LINE_BYTES_MAX: usize = 64;
const VALUE_LINE_BYTES_MAX: usize = 256;
/// Bytes of a value below a label of one word without a colon.
const TERSE_BYTES_MAX: usize = 32;
/// Bytes of a line's beginning in which a key ends.
const KEY_REACH: usize = 48;
/// Lines of one address at most.
const ADDRESS_LINES: u8 = 5;

static VALUE: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("alue"));

/// A label that waits for its value.
#[allow(clippy::struct_excessive_bools, reason = "each says one thing, and any may hold with any")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Awaited {
    hit: LabelHit,
    /// Blanks before the label.
    indent: usize,
    /// Lines that may still come.
    left: u8,
    /// The value has begun.
    begun: bool,
    /// It is one label of many things: then its value stands further to the right.
    generic: bool,
    /// No colon stands behind it.
    bare: bool,
    /// It is one word without a colon.
    terse: bool,
}

/// The label that this line ends with, if its value is to be looked for in the next one.
pub(super) fn label_line(labels: &LabelLexicon, line: &str) -> Option<Awaited> {
    let trimmed_end = line.trim_end();
    let last = *trimmed_end.as_bytes().last()?;
    let colon = matches!(last, b':' | b'>' | b'|' | b'-' | b'*');
    let bare = last.is_ascii_alphabetic() && line.len() <= LABEL_LINE_BYTES_MAX;
    if !colon && !bare {
        return None;
    }
    let head = if colon {
        let head = trimmed_end.trim_end_matches("**").trim_end_matches(['>', '|', '-', ' ']);
        head.strip_suffix(':')?.trim_end_matches([' ', '"', '\'', '*'])
    } else {
        trimmed_end
    };
    // `managers:` above a list of them.
    let one = head.strip_suffix('s').filter(|_| colon);
    let may_end = |head: &str| labels.may_end(head.as_bytes(), head.len());
    // `When I fill in "Legal Name" with:`
    let steps = ["\" with", "' with", "\" mit", "\" avec", "\" con"];
    if colon && steps.iter().any(|step| head.ends_with(step)) {
        return quoted_label(labels, head, line);
    }
    if head.is_empty() || !may_end(head) && !one.is_some_and(may_end) {
        return None;
    }
    let body = &head[body_start(head)..];
    if colon && is_statement(body) {
        return None;
    }
    let label = body.trim_start_matches(['-', '*', ' ', '>', '"', '\'', '•', '#']);
    if label.len() > LABEL_LINE_BYTES_MAX || label.contains([':', '=', '(', '{', ';']) && colon {
        return quoted_label(labels, label, line).filter(|_| colon);
    }
    let one = label.strip_suffix('s').filter(|_| one.is_some()).and_then(|one| labels.lookup_label(one));
    let Some(hit) = labels.lookup_label(label).or(one) else {
        return quoted_label(labels, label, line).filter(|_| colon);
    };
    let generic = is_generic(&normalise_label(label)) || one.is_some();
    let capital = label.starts_with(char::is_uppercase);
    if bare && (!capital || label.split(' ').count() > 4 || label.len() != body.trim().len()) {
        return None;
    }
    // One word without a colon is a label only above what looks like its value.
    let figures =
        matches!(hit.shape, ValueShape::Code | ValueShape::Amount | ValueShape::Date | ValueShape::Token);
    let terse = bare && !hit.phrase;
    if terse && (!figures || generic) {
        return None;
    }
    Some(Awaited { hit, indent: indent(line), left: 2, begun: false, generic, bare, terse })
}

/// Whether a line with a colon at its end is a statement of a program: `if not password:`, and not a sentence of a
/// form: `if married, spouse name:`.
fn is_statement(body: &str) -> bool {
    const ALWAYS: [&str; 5] = ["elif ", "def ", "class ", "except ", "async "];
    let body = body.trim_start();
    let condition = body.strip_prefix("if ").or_else(|| body.strip_prefix("while "));
    condition.is_some_and(|it| {
        it.starts_with("not ") || !it.contains(' ') || it.contains(['(', '.', '_', '=', '[', '"', '\''])
    }) || ALWAYS.iter().any(|head| body.starts_with(head))
        || body.starts_with("for ") && body.contains(" in ")
        || body.starts_with("with ") && body.contains(" as ")
}

/// The label in the last string in quotes.
fn quoted_label(labels: &LabelLexicon, label: &str, line: &str) -> Option<Awaited> {
    let (start, end) = *quoted_strings(label).last()?;
    let hit = selector_label(labels, &label[start..end])?;
    Some(Awaited {
        hit,
        indent: indent(line),
        left: 2,
        begun: false,
        generic: false,
        bare: false,
        terse: false,
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

impl Awaited {
    /// Adds this line where it is the label's value; gives what still waits.
    pub(super) fn value(self, labels: &LabelLexicon, line: &str, out: &mut Vec<Candidate>) -> Option<Self> {
        // A date alone is the value, no time of a log.
        let from = Some(body_start(line)).filter(|&from| !line[from..].trim().is_empty()).unwrap_or(0);
        let body = line[from..].trim();
        if body.is_empty() || body == "\"\"\"" {
            let waits = !self.begun && !self.bare && self.left > 1;
            return waits.then(|| Self { left: self.left - 1, ..self });
        }
        let listed = body.starts_with("- ") || body.starts_with("* ") || body.starts_with("• ");
        let marks: &[char] = if listed { &['-', '*', '•', ' '] } else { &['>', ' '] };
        let start = line.len() - line[from..].trim_start().trim_start_matches(marks).len();
        let span = unquoted(line, trimmed(line, (start, line.len())));
        let value = &line[span.0..span.1];
        if !self.takes(value, indent(line)) {
            return None;
        }
        let before = out.len();
        labels.push_value(line, self.hit, span, out);
        let address = self.hit.shape == ValueShape::Line && is_address_line(value);
        let more = listed || address && self.left > 0;
        let left = match (listed, self.begun) {
            (true, _) => self.left,
            (false, false) => ADDRESS_LINES - 1,
            (false, true) => self.left.saturating_sub(1),
        };
        (more && out.len() > before).then_some(Self { begun: true, left, ..self })
    }

    /// Whether a line can be the value: no field of its own, no sentence, and in its place.
    fn takes(self, value: &str, indent: usize) -> bool {
        let line = self.hit.shape == ValueShape::Line;
        let digits = value.bytes().any(|b| b.is_ascii_digit());
        let small = value.starts_with(char::is_lowercase);
        let words = value.split_whitespace().count();
        let place = !self.generic || indent > self.indent;
        let figures = digits && value.len() <= TERSE_BYTES_MAX && words <= 4 && !value.ends_with('.');
        let prose = words >= 6 && !digits || words > 12;
        let named = value.find(": ").or(value.find('=')).is_some_and(|at| at <= KEY_REACH);
        let is_name =
            self.hit.shape != ValueShape::Name || !small || words > 1 && !self.bare && indent > self.indent;
        value.len() <= VALUE_LINE_BYTES_MAX
            && place
            && (!self.terse || figures)
            && !prose
            && !named
            && !value.ends_with([':', '{', ';', '('])
            && !is_replaced(value)
            && !is_no_value(value)
            && is_name
            && (!line || digits || !small && (self.begun || !self.generic && !self.bare))
    }
}

/// A line of an address goes on in the next one.
fn is_address_line(value: &str) -> bool {
    value.len() <= LABEL_LINE_BYTES_MAX && !value.ends_with('.')
}

fn unquoted(line: &str, (start, end): (usize, usize)) -> (usize, usize) {
    let value = line[start..end].trim_end_matches(',');
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    match quote {
        Some(quote) if value.len() > 1 && value.ends_with(quote) => (start + 1, start + value.len() - 1),
        _ => (start, end),
    }
}

/// Adds the value of `value: …` where a line above names its field.
pub(super) fn keyed(labels: &LabelLexicon, recent: &Recent, line: &str, out: &mut Vec<Candidate>) {
    let Some(separator) = value_key(line) else { return };
    let mut above = recent.lines().take_while(|line| !line.is_empty()).map(|above| carried(labels, above));
    let Some(Carried::Known(hit)) = above.find(|carried| !matches!(carried, Carried::Nothing)) else {
        return;
    };
    let span = if line.as_bytes()[separator] == b'(' {
        quoted_strings(&line[separator..]).first().map(|&(start, end)| (separator + start, separator + end))
    } else {
        LabelLexicon::value_behind(line, separator, ValueShape::Line)
    };
    let Some(span) = span else { return };
    let value = &line[span.0..span.1];
    let plain = !matches!(line.as_bytes()[span.0.saturating_sub(1)], b'"' | b'\'' | b'`');
    if !is_replaced(value) && !(plain && (is_no_value(value) || value.starts_with(['{', '[', '&', '*']))) {
        labels.push_value(line, hit, span, out);
    }
}

/// Where the separator behind `value`, `Expected string`, … stands.
fn value_key(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let first = *bytes.iter().find(|b| !matches!(b, b' ' | b'\t' | b'-' | b'*' | b'"' | b'\''))?;
    // Behind a logger's prefix the usual key alone is looked for.
    let from = if first.is_ascii_digit() || first == b'[' {
        VALUE.find(bytes)?;
        body_start(line)
    } else {
        0
    };
    let near = &bytes[from..bytes.len().min(from + KEY_REACH)];
    let at = from + memchr3(b':', b'=', b'(', near)?;
    if !line.is_char_boundary(at) {
        return None;
    }
    let key = line[from..at].trim_start_matches(['-', '*', ' ', '\t', '"', '\'', '•', '>']);
    let key = key.trim_end_matches(['"', '\'', ' ', '*']);
    let known = |key: &str| VALUES.iter().any(|value| value.eq_ignore_ascii_case(key));
    if bytes[at] == b'(' {
        return matches!(key, "fill" | "type" | "setValue" | "sendKeys" | "toHaveValue" | "toHaveText")
            .then_some(at);
    }
    if key.is_empty() || key.len() > 20 {
        return None;
    }
    let humps = || normalise_label(key);
    (known(key)
        || (!key.is_ascii() || key.contains('_') || key.bytes().any(|b| b.is_ascii_uppercase()))
            && known(&humps()))
    .then_some(at)
}

/// What a line above says of the field.
enum Carried {
    /// It names none.
    Nothing,
    /// It names one that no label knows.
    Unknown,
    Known(LabelHit),
}

impl From<Option<LabelHit>> for Carried {
    fn from(hit: Option<LabelHit>) -> Self {
        hit.map_or(Self::Unknown, Self::Known)
    }
}

fn carried(labels: &LabelLexicon, line: &str) -> Carried {
    let body = line[body_start(line)..].trim();
    let bare = body.trim_start_matches(['-', '*', ' ', '"', '\'', '•', '>']);
    if value_key(line).is_some() {
        return Carried::Nothing;
    }
    if let Some(at) = bare.find([':', '=']).filter(|&at| at <= KEY_REACH) {
        let key = fold(bare[..at].trim_matches(['"', '\'', ' ', '*']));
        let key = key.rsplit(' ').next().unwrap_or(&key);
        if has(CARRIERS, key) || has(STEPS, key) {
            let value = bare[at + 1..].trim_matches([' ', ',', '"', '\'', '`', '*']);
            return by_selector(labels, value).or_else(|| selector_label(labels, value)).into();
        }
    }
    if ["etBy", "ocator(", "By.", "element(", "field "].iter().any(|call| bare.contains(call)) {
        return by_selector(labels, bare).into();
    }
    let first = bare.trim_start_matches(|c: char| c.is_ascii_digit() || ".) ".contains(c));
    let first = first.split(' ').next().unwrap_or(first);
    if has(STEPS, &fold(first)) && bare.len() <= LABEL_LINE_BYTES_MAX {
        let label = bare.trim_end_matches([':', '.', '*', ' ']);
        return by_selector(labels, label).or_else(|| labels.lookup_label(label)).into();
    }
    // `Legal Name:` above `value: …`.
    label_line(labels, line).map_or(Carried::Nothing, |awaited| Carried::Known(awaited.hit))
}

/// The last quoted string that names a field.
fn by_selector(labels: &LabelLexicon, text: &str) -> Option<LabelHit> {
    quoted_strings(text).iter().rev().find_map(|&(start, end)| selector_label(labels, &text[start..end]))
}
