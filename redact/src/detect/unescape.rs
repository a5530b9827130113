//! Text that was escaped once more than its format asks: `J\u00fcrgen` in a log line, `jane%20doe` in a URL,
//! `O&#39;Brien` in a message, `M=C3=BCller` in a mail; and text in colours, as terminals show it. A lenient copy is
//! searched as well, with the way back to the raw bytes.

use custody_rules::Syntax;
use memchr::{memchr, memchr_iter, memchr2_iter, memchr3};

/// Accents of the letters HTML has names for, as in `&eacute;`: name, letters, and the letters they make.
const ACCENTS: [(&str, &str, &str); 8] = [
    ("acute", "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
    ("grave", "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ("circ", "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
    ("uml", "AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"),
    ("tilde", "ANOano", "ÃÑÕãñõ"),
    ("cedil", "Cc", "Çç"),
    ("ring", "Aa", "Åå"),
    ("caron", "SsZzCc", "ŠšŽžČč"),
];
/// Other characters HTML has names for that stand in names, addresses and numbers.
const NAMED: [(&str, char); 15] = [
    ("nbsp", '\u{a0}'),
    ("szlig", 'ß'),
    ("aelig", 'æ'),
    ("AElig", 'Æ'),
    ("oelig", 'œ'),
    ("oslash", 'ø'),
    ("Oslash", 'Ø'),
    ("commat", '@'),
    ("period", '.'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("colon", ':'),
    ("sol", '/'),
    ("plus", '+'),
    ("equals", '='),
];

/// A decoded copy of a text and how its offsets lead back.
#[derive(Debug)]
pub(super) struct Unescaped {
    /// The text with every escape decoded.
    pub(super) text: String,
    /// After each escape.
    ends: Vec<End>,
}

/// Where an escape ends: in the copy, and in the raw text.
#[derive(Debug, Clone, Copy)]
struct End {
    decoded: usize,
    raw: usize,
    /// Whether it stands for nothing, as a colour does; else for one character.
    is_empty: bool,
}

/// Starts what a terminal does not show.
const ESCAPE: u8 = 0x1b;

impl Unescaped {
    /// The raw bytes of a range of the copy, whole escapes included, and none that stand for nothing at its ends.
    pub(super) fn raw_span(&self, start: usize, end: usize) -> (usize, usize) {
        let before = |at: usize| self.ends.partition_point(|escape| escape.decoded <= at);
        let shown = |escape: &End| escape.decoded < end || !escape.is_empty;
        let last = self.ends[..before(end)].iter().rposition(shown).map_or(0, |at| at + 1);
        (self.raw(before(start), start), self.raw(last, end))
    }

    /// The raw place of one in the copy that so many escapes stand before.
    fn raw(&self, before: usize, at: usize) -> usize {
        before.checked_sub(1).map_or(at, |last| self.ends[last].raw + (at - self.ends[last].decoded))
    }
}

/// The decoded copy; `None` where there is nothing to decode.
pub(super) fn unescape(raw: &str) -> Option<Unescaped> {
    let bytes = raw.as_bytes();
    // Signs that stand in most lines and begin an escape in few: they count only in company.
    let quoted = is_quoted_printable(bytes);
    let spaced = has_form_space(bytes);
    let coloured = memchr(ESCAPE, bytes).is_some();
    if !quoted && !spaced && !coloured {
        memchr3(b'\\', b'&', b'%', bytes)?;
    }
    let (mut text, mut ends) = (String::new(), Vec::new());
    let mut at = 0;
    let next = |from: usize| {
        let rest = &bytes[from..];
        let mut escape = memchr3(b'\\', b'&', b'%', rest);
        if coloured {
            escape = memchr(ESCAPE, &rest[..escape.unwrap_or(rest.len())]).or(escape);
        }
        if !quoted && !spaced {
            return escape;
        }
        let near = &rest[..escape.unwrap_or(rest.len())];
        let mut signs = memchr2_iter(b'=', b'+', near);
        signs.find(|&at| if near[at] == b'=' { quoted } else { spaced }).or(escape)
    };
    while let Some(found) = next(at) {
        let escape = at + found;
        if bytes[escape] == ESCAPE {
            text.push_str(&raw[at..escape]);
            at = escape + control_length(&bytes[escape..]);
            ends.push(End { decoded: text.len(), raw: at, is_empty: true });
            continue;
        }
        let decoded = match bytes[escape] {
            b'\\' => backslash(&raw[escape..]),
            b'&' => reference(&raw[escape..]),
            b'+' => is_form_space(bytes, escape).then_some((' ', 1)),
            sign => coded(&raw[escape..], char::from(sign)),
        };
        let Some((c, length)) = decoded else {
            text.push_str(&raw[at..=escape]);
            at = escape + 1;
            continue;
        };
        text.push_str(&raw[at..escape]);
        text.push(c);
        at = escape + length;
        ends.push(End { decoded: text.len(), raw: at, is_empty: false });
    }
    text.push_str(&raw[at..]);
    (!ends.is_empty()).then_some(Unescaped { text, ends })
}

/// Bytes of a control sequence that starts with an escape: colours and moves of the cursor, titles of windows.
/// Source: ECMA-48, 5.3 and 5.6. One that is not ended well is the escape alone.
fn control_length(bytes: &[u8]) -> usize {
    const TITLE_BYTES_MAX: usize = 1024;
    let until = |from: usize, is_inner: fn(u8) -> bool, is_last: fn(u8) -> bool| {
        let length = bytes[from..].iter().take_while(|byte| is_inner(**byte)).count();
        bytes.get(from + length).filter(|byte| is_last(**byte)).map(|_| from + length + 1)
    };
    let end = match bytes.get(1) {
        Some(b'[') => until(2, |byte| matches!(byte, 0x20..=0x3f), |byte| matches!(byte, 0x40..=0x7e)),
        Some(b']') => {
            let title = &bytes[..bytes.len().min(TITLE_BYTES_MAX)];
            title.iter().skip(2).position(|byte| matches!(*byte, 0x07 | ESCAPE)).map(|at| {
                let at = at + 2;
                if bytes[at] == ESCAPE && bytes.get(at + 1) == Some(&b'\\') { at + 2 } else { at + 1 }
            })
        }
        Some(b'(' | b')') => until(2, |_| false, |byte| byte.is_ascii_graphic()),
        Some(b'=' | b'>' | b'7' | b'8' | b'c' | b'M') => Some(2),
        _ => None,
    };
    end.unwrap_or(1)
}

/// Whether a text has what only quoted-printable has: `=C3=BC`, `=40` within an address, `=20` before a name.
fn is_quoted_printable(bytes: &[u8]) -> bool {
    memchr_iter(b'=', bytes).any(|at| match bytes.get(at + 1..at + 4) {
        Some([b'C'..=b'F', low, b'=']) => low.is_ascii_hexdigit(),
        Some([b'4', b'0', after]) => {
            after.is_ascii_alphabetic() && at > 0 && bytes[at - 1].is_ascii_alphanumeric()
        }
        Some([b'2', b'0' | b'7', b'A'..=b'Z']) => at > 0 && bytes[at - 1].is_ascii_alphabetic(),
        _ => false,
    })
}

/// Whether `name=Jane+Doe` stands in a text.
fn has_form_space(bytes: &[u8]) -> bool {
    let Some(field) = memchr(b'=', bytes) else { return false };
    memchr_iter(b'+', &bytes[field..]).any(|at| is_form_space(bytes, field + at))
}

/// Whether a plus sign stands between two words and is no part of an e-mail address.
fn is_form_space(bytes: &[u8], at: usize) -> bool {
    let word =
        |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b','));
    let tail = bytes[at..].iter().take(64).take_while(|b| !matches!(b, b'&' | b' ' | b'"'));
    at > 0 && word(bytes.get(at - 1)) && word(bytes.get(at + 1)) && !tail.into_iter().any(|&b| b == b'@')
}

/// What JSON escapes, and `\'`, `\u{fc}`, `\xfc`, `\xc3\xbc` and `\303\274` of other languages.
fn backslash(raw: &str) -> Option<(char, usize)> {
    match *raw.as_bytes().get(1)? {
        b'\'' => Some(('\'', 2)),
        b'x' => {
            let byte = |at: usize| u8::try_from(hex(raw.get(at * 4..at * 4 + 4)?.strip_prefix("\\x")?)?).ok();
            let latin = || Some((char::from(byte(0)?), 4));
            character(byte).map(|(c, count)| (c, count * 4)).or_else(latin)
        }
        b'2' | b'3' => {
            let octal = |digits: &str| u8::from_str_radix(digits, 8).ok().filter(|b| *b >= 0x80);
            let byte = |at: usize| octal(raw.get(at * 4..at * 4 + 4)?.strip_prefix('\\')?);
            character(byte).map(|(c, count)| (c, count * 4))
        }
        b'u' if raw.as_bytes().get(2) == Some(&b'{') => {
            let end = raw.bytes().take(10).position(|b| b == b'}')?;
            Some((char::from_u32(hex(&raw[3..end])?)?, end + 1))
        }
        _ => Syntax::JsonString.step(raw),
    }
}

/// What XML escapes, and the names HTML has for characters of names.
fn reference(raw: &str) -> Option<(char, usize)> {
    Syntax::XmlText.step(raw).or_else(|| {
        let end = raw.bytes().take(10).position(|b| b == b';')?;
        let name = &raw[1..end];
        let plain = NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
        let accented = || {
            let letter = name.get(..1)?;
            let (_, plain, made) = ACCENTS.iter().find(|(accent, ..)| *accent == &name[1..])?;
            made.chars().nth(plain.find(letter)?)
        };
        Some((plain.or_else(accented)?, end + 1))
    })
}

/// `%20`, `%C3%BC`, `=C3=BC`: the bytes of one character behind their signs.
fn coded(raw: &str, sign: char) -> Option<(char, usize)> {
    let byte = |at: usize| {
        let code = raw.get(at * 3..at * 3 + 3)?.strip_prefix(sign)?;
        u8::try_from(hex(code)?).ok()
    };
    character(byte).map(|(c, count)| (c, count * 3))
}

/// One character of UTF-8 and how many bytes it took.
fn character(byte: impl Fn(usize) -> Option<u8>) -> Option<(char, usize)> {
    let count = match byte(0)? {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut bytes = [0; 4];
    for (at, slot) in bytes[..count].iter_mut().enumerate() {
        *slot = byte(at)?;
    }
    let c = std::str::from_utf8(&bytes[..count]).ok()?.chars().next()?;
    Some((c, count))
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
            (
                "an M=C3=BCller=40example.org",
                "an Müller@example.org",
                "Müller@example.org",
                "M=C3=BCller=40example.org",
            ),
            ("q?name=Jane+Doe&x=1", "q?name=Jane Doe&x=1", "Jane Doe", "Jane+Doe"),
            ("J&uuml;rgen M&uuml;ller", "Jürgen Müller", "Jürgen Müller", "J&uuml;rgen M&uuml;ller"),
            (
                "jane&commat;example&period;org",
                "jane@example.org",
                "jane@example.org",
                "jane&commat;example&period;org",
            ),
            (r"b'Zo\xc3\xab'", "b'Zoë'", "Zoë", r"Zo\xc3\xab"),
            (r"Zo\xeb Roe", "Zoë Roe", "Zoë", r"Zo\xeb"),
            (r"M\303\274ller", "Müller", "Müller", r"M\303\274ller"),
            (r"M\u{fc}ller", "Müller", "Müller", r"M\u{fc}ller"),
            (r"\ud83d\ude00 Roe", "😀 Roe", "😀", r"\ud83d\ude00"),
            ("\x1b[1mWorker:\x1b[0m Jane Roe\x1b[0m", "Worker: Jane Roe", "Jane Roe", "Jane Roe"),
            ("lastName=\x1b[33mRoe\x1b[0m;", "lastName=Roe;", "Roe", "Roe"),
            ("\x1b[32mJane\x1b[0m \x1b[1;31mRoe\x1b[K", "Jane Roe", "Jane Roe", "Jane\x1b[0m \x1b[1;31mRoe"),
            ("\x1b]0;title\x07J\\u00fcrgen\x1b[m", "Jürgen", "Jürgen", "J\\u00fcrgen"),
            ("a\x1b(Bb \x1b", "ab ", "ab", "a\x1b(Bb"),
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
        for raw in [
            "plain",
            "100 % sure",
            r"C:\Users\jane",
            "a & b; c",
            "%zz %8",
            "&unknown;",
            r"\u12",
            "a=40 b=4A",
            "1+1=2",
            "x=+1 555",
        ] {
            assert!(unescape(raw).is_none(), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn spans_lead_back_to_the_same_text(raw in "([a-zü]|\\\\n|\\\\u00e9|&#252;|&amp;|%20|%C3%BC|%|&|\\\\|\x1b\\[1;3m|\x1b){0,40}") {
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
