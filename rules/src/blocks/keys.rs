//! Private keys whose end is missing, line by line: a paste that was cut off, or a format that says how many lines
//! follow.

use super::BlockFinder;
use crate::Candidate;

/// Characters of a line of a key, but for its last one.
const LINE_MIN: usize = 16;
/// Score of a line of a key.
const SCORE: f32 = 0.95;

/// How far into a private key a text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Key {
    /// In none.
    #[default]
    None,
    /// Behind its first line, perhaps among its headers.
    Open,
    /// Behind a line of its body.
    Body,
}

/// Looks at the next line.
pub(super) fn line(finder: &BlockFinder, text: &str, key: &mut Key, out: &mut Vec<Candidate>) {
    if opens(text) {
        *key = Key::Open;
        return;
    }
    if *key == Key::None {
        return;
    }
    let margin = [' ', '\t', '\r', '>', '|'];
    let body = text.trim_matches(margin);
    if is_body(body, *key == Key::Body) {
        *key = Key::Body;
        if let Some(entity) = finder.private_key {
            let start = text.len() - text.trim_start_matches(margin).len();
            let (end, recognizer) = (start + body.len(), finder.label);
            out.push(Candidate { start, end, entity, recognizer, score: SCORE, person: None });
        }
    } else if !(*key == Key::Open && (body.is_empty() || body.contains(": "))) {
        *key = Key::None;
    }
}

/// `-----BEGIN RSA PRIVATE KEY-----` and nothing behind it, `Private-Lines: 14`
fn opens(text: &str) -> bool {
    let text = text.trim_end();
    text.strip_suffix("-----")
        .is_some_and(|head| head.contains("-----BEGIN ") && head.ends_with("PRIVATE KEY"))
        || text
            .trim_start()
            .strip_prefix("Private-Lines: ")
            .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

/// Base64 in which letters of both cases or digits stand; shorter where a longer line stands above.
fn is_body(body: &str, follows: bool) -> bool {
    let plain = body.trim_end_matches('=');
    let of = |kind: fn(&u8) -> bool| plain.bytes().any(|b| kind(&b));
    body.len() >= if follows { 2 } else { LINE_MIN }
        && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        && of(u8::is_ascii_uppercase)
        && (of(u8::is_ascii_lowercase) || of(u8::is_ascii_digit) || follows && body.ends_with('='))
        && (body.len() >= LINE_MIN || body.len().is_multiple_of(4))
}
