//! The marks between a label and its value, and those that end a label to its left. Knows no labels.

use super::quick::{LABEL_BYTES_MAX, Quick};
use memchr::{memchr, memrchr};

/// Whether a quick look does not rule out that a heading is one of these.
pub(super) fn may_be_heading(quick: &Quick, heading: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.');
    let end = heading.trim_end_matches([' ', '_', '-', '.']).len();
    heading.len() <= 120
        && (heading.len() > LABEL_BYTES_MAX
            || !heading.bytes().all(plain)
            || quick.may_end_label(heading.as_bytes(), end))
}

/// Where the label before the separator at `at` ends, if a quick look does not rule one out.
pub(super) fn quick_end(bytes: &[u8], at: usize, may_end: impl Fn(&[u8], usize) -> bool) -> Option<usize> {
    let end = marks_before(bytes, at);
    let outside = |open: u8| {
        let open = memrchr(open, &bytes[end.saturating_sub(LABEL_BYTES_MAX)..end]);
        open.map_or(end, |open| {
            let mut outer = end.saturating_sub(LABEL_BYTES_MAX) + open;
            while outer > 0 && matches!(bytes[outer - 1], b' ' | b'.' | b'_' | b'-') {
                outer -= 1;
            }
            outer
        })
    };
    if may_end(bytes, end) {
        return Some(end);
    }
    let closed = bytes[end..at].iter().copied().find(|byte| matches!(byte, b')' | b']'))?;
    let outer = outside(if closed == b')' { b'(' } else { b'[' });
    may_end(bytes, outer).then_some(outer)
}

/// What a label before the separator at `at` can be made of.
pub(super) fn region(bytes: &[u8], at: usize) -> &[u8] {
    let end = marks_before(bytes, at);
    if bytes[end..at].iter().any(|byte| matches!(byte, b')' | b']')) {
        // The label may stand before the brackets or in them.
        return &bytes[..at];
    }
    let delimits = |&at: &usize| is_delimiter(bytes[at]) && !is_apostrophe(bytes, at);
    let start = (0..end).rev().find(delimits).map_or(0, |delimiter| delimiter + 1);
    &bytes[start..at]
}

/// Where the marks begin that may stand between a label and its separator at `at`.
pub(super) fn marks_before(bytes: &[u8], at: usize) -> usize {
    let is_mark =
        |byte: &u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\' | b'*' | b')' | b']' | b'.' | b'_' | b'-');
    bytes[..at].iter().rposition(|byte| !is_mark(byte)).map_or(0, |last| last + 1)
}

/// ` = `, as statements are written.
pub(super) fn spaced_equals(head: &str, separator: u8) -> bool {
    separator == b'=' && head.ends_with(' ')
}

/// Whether a key at the end of `head` is one of a query: `/workers?id=`.
pub(super) fn is_in_query(head: &str) -> bool {
    let near = &head.as_bytes()[head.len().saturating_sub(4 * LABEL_BYTES_MAX)..];
    let word = &near[memrchr(b' ', near).map_or(0, |at| at + 1)..];
    word.contains(&b'?') || word.contains(&b'&')
}

/// Whether the byte at `at` is an apostrophe within a word: `d'identité`.
pub(super) fn is_apostrophe(bytes: &[u8], at: usize) -> bool {
    let letter = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80);
    bytes[at] == b'\'' && at > 0 && letter(at - 1) && letter(at + 1)
}

/// What ends a label to its left.
pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'"' | b'\''
            | b','
            | b';'
            | b'{'
            | b'|'
            | b'>'
            | b'<'
            | b'&'
            | b'?'
            | b'='
            | b':'
            | b'\t'
            | b'!'
            | b'/'
            | b'\n'
            | b'\r'
    )
}

/// Whether the tab at `at` stands alone in its line, as between a label and its value.
pub(super) fn is_only_tab(bytes: &[u8], at: usize) -> bool {
    let start = memrchr(b'\n', &bytes[..at]).map_or(0, |i| i + 1);
    let end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |i| at + i);
    memchr(b'\t', &bytes[start..at]).is_none() && memchr(b'\t', &bytes[at + 1..end]).is_none()
}

/// Whether the separator at `at` can follow a label: times, URLs, `::` and `==` do not.
pub(super) fn may_separate(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or(b' ');
    at > 0
        && !matches!(next, b'/' | b':' | b'=')
        && !(bytes[at - 1].is_ascii_digit() && next.is_ascii_digit())
}
