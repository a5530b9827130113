//! How text is escaped inside raw bytes (CSV quotes, JSON escapes, XML references): decoding, the way back
//! from decoded to raw offsets, and encoding of replacements.

use std::borrow::Cow;

/// How a value's text stands in the raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Syntax {
    /// As it is: a line, an unquoted CSV field, CDATA.
    Plain = 0,
    /// Inside CSV quotes: `""` is one quote. Only in this syntax does the raw text exclude the quotes.
    CsvQuoted = 1,
    /// Inside JSON quotes.
    JsonString = 2,
    /// A JSON number, `true`, `false`: a replacement has to bring its own quotes.
    JsonScalar = 3,
    /// XML character data.
    XmlText = 4,
    /// An XML attribute's value, without its quotes.
    XmlAttribute = 5,
}

impl Syntax {
    /// The syntax behind the number in a `cells` table; unknown numbers are plain.
    pub fn from_u8(number: u8) -> Self {
        match number {
            1 => Self::CsvQuoted,
            2 => Self::JsonString,
            3 => Self::JsonScalar,
            4 => Self::XmlText,
            5 => Self::XmlAttribute,
            _ => Self::Plain,
        }
    }

    /// Decodes raw text; `None` when an escape is malformed or names an unknown XML entity.
    pub fn decode(self, raw: &str) -> Option<Cow<'_, str>> {
        if !self.has_escape(raw) {
            return Some(Cow::Borrowed(raw));
        }
        let mut out = String::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            let (c, len) = self.step(&raw[at..])?;
            out.push(c);
            at += len;
        }
        Some(Cow::Owned(out))
    }

    /// Maps the decoded bytes `start..end` back to raw bytes. Ranges are widened to whole escapes.
    pub fn raw_span(self, raw: &str, start: usize, end: usize) -> (usize, usize) {
        if !self.has_escape(raw) {
            return (start.min(raw.len()), end.min(raw.len()));
        }
        let (mut at, mut decoded, mut first) = (0, 0, None);
        while at < raw.len() && decoded < end {
            let (c, len) = self.step(&raw[at..]).unwrap_or(('\u{fffd}', 1));
            decoded += c.len_utf8();
            if first.is_none() && decoded > start {
                first = Some(at);
            }
            at += len;
        }
        (first.unwrap_or(at), at)
    }

    /// Escapes a replacement so that the document stays well formed.
    pub fn encode(self, replacement: &str) -> String {
        match self {
            Self::Plain => replacement.to_owned(),
            Self::CsvQuoted => replacement.replace('"', "\"\""),
            Self::JsonString => json_escape(replacement),
            Self::JsonScalar => format!("\"{}\"", json_escape(replacement)),
            Self::XmlText | Self::XmlAttribute => xml_escape(replacement),
        }
    }

    fn has_escape(self, raw: &str) -> bool {
        match self {
            Self::Plain | Self::JsonScalar => false,
            Self::CsvQuoted => raw.contains("\"\""),
            Self::JsonString => raw.contains('\\'),
            Self::XmlText | Self::XmlAttribute => raw.contains('&'),
        }
    }

    /// The first character of raw text, decoded, and how many raw bytes it took; `None` when it begins a
    /// malformed escape.
    pub fn step(self, raw: &str) -> Option<(char, usize)> {
        let c = raw.chars().next()?;
        match (self, c) {
            (Self::CsvQuoted, '"') if raw.as_bytes().get(1) == Some(&b'"') => Some(('"', 2)),
            (Self::JsonString, '\\') => json_step(raw),
            (Self::XmlText | Self::XmlAttribute, '&') => xml_step(raw),
            _ => Some((c, c.len_utf8())),
        }
    }
}

fn json_step(raw: &str) -> Option<(char, usize)> {
    let simple = |c| Some((c, 2));
    match *raw.as_bytes().get(1)? {
        b'n' => simple('\n'),
        b't' => simple('\t'),
        b'r' => simple('\r'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{c}'),
        c @ (b'"' | b'\\' | b'/') => simple(c as char),
        b'u' => {
            let high = hex4(raw.get(2..6)?)?;
            let low = raw.get(6..12).and_then(|s| s.strip_prefix("\\u")).and_then(hex4);
            match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    let c = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    Some((char::from_u32(c)?, 12))
                }
                _ => Some((char::from_u32(high).unwrap_or('\u{fffd}'), 6)),
            }
        }
        _ => None,
    }
}

fn hex4(digits: &str) -> Option<u32> {
    let all_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    (all_hex && digits.len() == 4).then(|| u32::from_str_radix(digits, 16).ok())?
}

fn xml_step(raw: &str) -> Option<(char, usize)> {
    let end = raw.bytes().take(12).position(|b| b == b';')?;
    let name = &raw[1..end];
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, end + 1))
}

fn json_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c < ' ' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn xml_escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(syntax: Syntax, raw: &str, decoded: &str) {
        assert_eq!(syntax.decode(raw).as_deref(), Some(decoded), "{raw}");
    }

    #[test]
    fn escapes_are_decoded() {
        check(Syntax::CsvQuoted, "say \"\"hi\"\"", "say \"hi\"");
        check(Syntax::JsonString, r"J\u00e9r\ud83d\ude00\n", "Jér😀\n");
        check(Syntax::XmlText, "A &amp; B &#233; &#x41;", "A & B é A");
        assert_eq!(Syntax::XmlText.decode("&secret;"), None);
        assert_eq!(Syntax::JsonString.decode(r"\q"), None);
    }

    #[test]
    fn raw_spans_cover_whole_escapes() {
        let raw = r"x\u00e9y";
        assert_eq!(Syntax::JsonString.raw_span(raw, 1, 3), (1, 7));
        assert_eq!(Syntax::JsonString.raw_span(raw, 0, 1), (0, 1));
        assert_eq!(Syntax::JsonString.raw_span(raw, 3, 4), (7, 8));
    }

    proptest! {
        #[test]
        fn encoding_then_decoding_gives_the_text_back(text in "[ -~é😀\n]{0,40}") {
            for syntax in [Syntax::CsvQuoted, Syntax::JsonString, Syntax::XmlText, Syntax::XmlAttribute] {
                let raw = syntax.encode(&text);
                let decoded = syntax.decode(&raw).expect("what we encode decodes");
                prop_assert_eq!(decoded.as_ref(), text.as_str());
                prop_assert_eq!(syntax.raw_span(&raw, 0, text.len()), (0, raw.len()));
            }
        }
    }
}
