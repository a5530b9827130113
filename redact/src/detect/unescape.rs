//! Text that was escaped once more than its format asks: `J\u00fcrgen` in a log line, `jane%20doe` in a URL,
//! `O&#39;Brien` in a message. A lenient copy is searched as well, with the way back to the raw bytes.

use custody_rules::Syntax;
use memchr::memchr3;

/// A decoded copy of a text and how its offsets lead back.
#[derive(Debug)]
pub(super) struct Unescaped {
    /// The text with every escape decoded.
    pub(super) text: String,
    /// After each escape, which is one character: where it ends in the copy, and where in the raw text.
    ends: Vec<(usize, usize)>,
}

impl Unescaped {
    /// The raw bytes of a range of the copy, whole escapes included.
    pub(super) fn raw_span(&self, start: usize, end: usize) -> (usize, usize) {
        (self.raw(start), self.raw(end))
    }

    fn raw(&self, at: usize) -> usize {
        let before = self.ends.partition_point(|(decoded, _)| *decoded <= at);
        before.checked_sub(1).map_or(at, |last| self.ends[last].1 + (at - self.ends[last].0))
    }
}

/// The decoded copy; `None` where there is nothing to decode.
pub(super) fn unescape(raw: &str) -> Option<Unescaped> {
    let bytes = raw.as_bytes();
    memchr3(b'\\', b'&', b'%', bytes)?;
    let (mut text, mut ends) = (String::new(), Vec::new());
    let mut at = 0;
    while let Some(found) = memchr3(b'\\', b'&', b'%', &bytes[at..]) {
        let escape = at + found;
        let decoded = match bytes[escape] {
            b'\\' => backslash(&raw[escape..]),
            b'&' => reference(&raw[escape..]),
            _ => percent(&raw[escape..]),
        };
        let Some((c, length)) = decoded else {
            text.push_str(&raw[at..=escape]);
            at = escape + 1;
            continue;
        };
        text.push_str(&raw[at..escape]);
        text.push(c);
        at = escape + length;
        ends.push((text.len(), at));
    }
    text.push_str(&raw[at..]);
    (!ends.is_empty()).then_some(Unescaped { text, ends })
}

/// What JSON escapes, and `\'` and `\xfc` of other languages.
fn backslash(raw: &str) -> Option<(char, usize)> {
    match raw.as_bytes().get(1)? {
        b'\'' => Some(('\'', 2)),
        b'x' => Some((char::from_u32(hex(raw.get(2..4)?)?)?, 4)),
        _ => Syntax::JsonString.step(raw),
    }
}

/// What XML escapes, and the space of HTML.
fn reference(raw: &str) -> Option<(char, usize)> {
    const SPACE: &str = "&nbsp;";
    if raw.starts_with(SPACE) { Some(('\u{a0}', SPACE.len())) } else { Syntax::XmlText.step(raw) }
}

/// `%20`, `%C3%BC`: the bytes of one character.
fn percent(raw: &str) -> Option<(char, usize)> {
    let byte = |at: usize| {
        let code = raw.get(at..at + 3)?.strip_prefix('%')?;
        u8::try_from(hex(code)?).ok()
    };
    let first = byte(0)?;
    let length = match first {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let bytes = (0..length).map(|at| byte(at * 3)).collect::<Option<Vec<u8>>>()?;
    let c = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    Some((c, length * 3))
}

fn hex(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_escape_is_decoded_and_leads_back() {
        for (raw, decoded, part, expected) in [
            (
                r#"{"a":"J\u00fcrgen M\u00fcller"}"#,
                r#"{"a":"Jürgen Müller"}"#,
                "Jürgen Müller",
                r"J\u00fcrgen M\u00fcller",
            ),
            ("q=jane%20doe&x", "q=jane doe&x", "jane doe", "jane%20doe"),
            ("u=Zo%C3%AB%40example.org", "u=Zoë@example.org", "Zoë@example.org", "Zo%C3%AB%40example.org"),
            ("O&#39;Brien &amp; Co", "O'Brien & Co", "O'Brien", "O&#39;Brien"),
            (r"end\nJane Doe", "end\nJane Doe", "Jane Doe", "Jane Doe"),
            (r"\ud83d\ude00 Roe", "😀 Roe", "😀", r"\ud83d\ude00"),
        ] {
            let copy = unescape(raw).expect("escapes");
            assert_eq!(copy.text, decoded);
            let start = copy.text.find(part).expect("there");
            let (start, end) = copy.raw_span(start, start + part.len());
            assert_eq!(&raw[start..end], expected);
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for raw in ["plain", "100 % sure", r"C:\Users\jane", "a & b; c", "%zz %8", "&unknown;", r"\u12"] {
            assert!(unescape(raw).is_none(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn spans_lead_back_to_the_same_text(raw in r"([a-zü]|\\n|\\u00e9|&#252;|&amp;|%20|%C3%BC|%|&|\\){0,40}") {
            if let Some(copy) = unescape(&raw) {
                let borders: Vec<usize> = copy.text.char_indices().map(|(at, _)| at).chain([copy.text.len()]).collect();
                for pair in borders.windows(2) {
                    let (start, end) = copy.raw_span(pair[0], pair[1]);
                    let part = &raw[start..end];
                    let own = &copy.text[pair[0]..pair[1]];
                    let again = unescape(part).map_or_else(|| part.to_owned(), |copy| copy.text);
                    prop_assert_eq!(again, own);
                }
            }
        }
    }
}
