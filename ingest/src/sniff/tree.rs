//! Tells JSON and XML from text that merely begins like them. Parses no document: readers do, and refuse.

use custody_rules::TextEncoding;

/// What a text in JSON is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Json {
    /// One document.
    Document,
    /// One document a line.
    Lines,
}

/// Whether a sample is JSON, or meant to be: then its reader says what is wrong with it.
/// `[2026-11-23] started` and `[INFO] started` are neither.
pub(super) fn json(sample: &str) -> Option<Json> {
    let text = sample.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, values: 0 };
    let sound = lexer.run();
    if sound {
        return Some(if lexer.values > 1 { Json::Lines } else { Json::Document });
    }
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty()).take(10_000);
    let (objects, all) = lines
        .by_ref()
        .fold((0, 0), |(objects, all), line| (objects + usize::from(line.starts_with('{')), all + 1));
    if all > 1 && objects * 10 >= all * 9 {
        return Some(Json::Lines);
    }
    (lexer.values == 0 && begins_with_key(text)).then_some(Json::Document)
}

/// Whether a text begins with `{"key":`, brackets before it aside.
fn begins_with_key(text: &str) -> bool {
    let inner = text.trim_start_matches(['[', ' ', '\t', '\r', '\n']);
    let Some(key) = inner.strip_prefix('{').map(str::trim_start).and_then(|text| text.strip_prefix('"'))
    else {
        return false;
    };
    let end = key.find('"').unwrap_or(key.len());
    key[end..].trim_start_matches('"').trim_start().starts_with(':')
}

/// Walks over tokens with a counter of open brackets and nothing else: bad nesting is the reader's to find.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whole objects and arrays so far.
    values: usize,
}

impl Lexer<'_> {
    /// Whether the whole sample is a sequence of JSON values, the last one perhaps unfinished.
    fn run(&mut self) -> bool {
        let (mut depth, mut after_value) = (0_usize, false);
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                b'{' | b'[' if !after_value || depth == 0 => {
                    depth += 1;
                    after_value = false;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    after_value = true;
                    self.values += usize::from(depth == 0);
                }
                b',' | b':' if depth > 0 && after_value => after_value = false,
                b'"' if depth > 0 && !after_value => {
                    self.string();
                    after_value = true;
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if depth > 0 && !after_value => {
                    if !self.scalar() {
                        return false;
                    }
                    after_value = true;
                }
                _ => return false,
            }
        }
        true
    }

    fn string(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    /// A number or a word; its first byte is already behind.
    fn scalar(&mut self) -> bool {
        let start = self.at - 1;
        let rest = &self.bytes[self.at..];
        let in_scalar = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-');
        self.at += rest.iter().position(|b| !in_scalar(b)).unwrap_or(rest.len());
        let token = &self.bytes[start..self.at];
        let cut = self.at == self.bytes.len();
        let word = |word: &[u8]| word == token || (cut && word.starts_with(token));
        let digits = token.iter().filter(|b| b.is_ascii_digit()).count();
        let signs = token.iter().filter(|b| matches!(b, b'-' | b'+')).count();
        let number = (digits > 0 || cut) && token.iter().all(|b| b.is_ascii_digit() || b"+-.eE".contains(b));
        // A date has signs inside: `2026-11-23`.
        let sound = number
            && signs <= 2
            && token
                .iter()
                .skip(1)
                .zip(token)
                .all(|(b, before)| !matches!(b, b'-' | b'+') || matches!(before, b'e' | b'E'));
        sound || word(b"true") || word(b"false") || word(b"null")
    }
}

/// What a text that begins with `<` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    Xml,
    Html,
    /// SVG: its text can be outlines, and it can hold pictures.
    Drawing,
}

/// Whether a sample is XML or HTML. `<user@example.com> wrote` and `<INFO> started` are neither.
pub(super) fn markup(sample: &str) -> Option<Markup> {
    let mut text = sample.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    // Declarations, instructions and comments stand before what tells; one without an end is still markup.
    let mut declared = false;
    let before = |text: &str| {
        [("<?", "?>"), ("<!--", "-->")]
            .into_iter()
            .find(|(open, _)| text.starts_with(open))
            .map(|(_, close)| close)
    };
    while let Some(close) = before(text) {
        declared = true;
        let Some((_, rest)) = text.split_once(close) else { return Some(Markup::Xml) };
        text = rest.trim_start();
    }
    if begins_with(text, "<!doctype html") || begins_with(text, "<html") {
        return Some(Markup::Html);
    }
    if begins_with(text, "<svg") || begins_with(text, "<!doctype svg") {
        return Some(Markup::Drawing);
    }
    if declared || begins_with(text, "<!doctype") {
        return Some(Markup::Xml);
    }
    let name = text.strip_prefix('<')?;
    let end = name.find(|c: char| !(c.is_alphanumeric() || "_:-.".contains(c)))?;
    let named = end > 0 && name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let tagged = name[end..].starts_with(['>', '/', ' ', '\t', '\r', '\n']);
    let closed = text.contains("</") || text.contains("/>");
    (named && tagged && closed).then_some(Markup::Xml)
}

fn begins_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The encoding an XML declaration names, in lower case.
pub(super) fn declared_encoding(sample: &str) -> Option<String> {
    let declaration = sample.trim_start_matches('\u{feff}').strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split(quote).next()?.to_ascii_lowercase())
}

/// Whether the encoding that is named can be the one that the bytes are in.
pub(super) fn agrees(named: &str, encoding: TextEncoding, beyond_ascii: bool) -> bool {
    match named {
        "utf-8" | "utf8" => encoding == TextEncoding::Utf8,
        "utf-16" => matches!(encoding, TextEncoding::Utf16Le | TextEncoding::Utf16Be),
        "utf-16le" => encoding == TextEncoding::Utf16Le,
        "utf-16be" => encoding == TextEncoding::Utf16Be,
        "us-ascii" | "ascii" => !beyond_ascii,
        "windows-1252" | "cp1252" | "iso-8859-1" | "latin1" => {
            encoding == TextEncoding::Windows1252 || !beyond_ascii
        }
        _ => false,
    }
}
