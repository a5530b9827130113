//! Folding of text for comparison: case, accents, ligatures and punctuation do not count.

use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folds text: compatibility decomposition, no combining marks, lower case, `ß` = `ss`, `ø` = `o`, …
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..'\u{80}' => out.push(c.to_ascii_lowercase()),
            // Marks are left out, so that their order does not count: every character folds for itself.
            _ => match latin().get(c as usize - LATIN_FIRST) {
                Some(folded) => out.push_str(folded),
                None => fold_one(c, &mut out),
            },
        }
    }
    out
}

/// First character of the table, and one behind its last: Latin-1 to Latin Extended-B, combining marks.
const LATIN_FIRST: usize = 0x80;
const LATIN_END: usize = 0x370;

/// What the letters of European languages fold to, worked out once.
fn latin() -> &'static [Box<str>] {
    static TABLE: OnceLock<Vec<Box<str>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let folded = |code: usize| {
            let mut out = String::new();
            char::from_u32(code as u32).into_iter().for_each(|c| fold_one(c, &mut out));
            out.into_boxed_str()
        };
        (LATIN_FIRST..LATIN_END).map(folded).collect()
    })
}

fn fold_one(c: char, out: &mut String) {
    std::iter::once(c).nfkd().filter(|&c| !is_combining_mark(c)).for_each(|c| fold_char(c, out));
}

fn fold_char(c: char, out: &mut String) {
    match c {
        'ß' | 'ẞ' => out.push_str("ss"),
        'Æ' | 'æ' => out.push_str("ae"),
        'Œ' | 'œ' => out.push_str("oe"),
        'Ø' | 'ø' => out.push('o'),
        'Ł' | 'ł' => out.push('l'),
        'Đ' | 'đ' | 'Ð' | 'ð' => out.push('d'),
        'Þ' | 'þ' => out.push_str("th"),
        'ı' => out.push('i'),
        _ => out.extend(c.to_lowercase().filter(|&l| !is_combining_mark(l))),
    }
}

/// Yields the byte ranges of the maximal runs of letters and digits (and marks joined to them).
pub fn tokens(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    Tokens { text, at: 0 }
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let (word, len) = word_at(self.text, self.at);
            if word {
                break;
            }
            self.at += len;
        }
        let start = self.at;
        while self.at < bytes.len() {
            let (word, len) = word_at(self.text, self.at);
            if !word {
                break;
            }
            self.at += len;
        }
        (start < self.at).then_some((start, self.at))
    }
}

fn word_at(text: &str, at: usize) -> (bool, usize) {
    let byte = text.as_bytes()[at];
    if byte.is_ascii() {
        return (byte.is_ascii_alphanumeric(), 1);
    }
    let c = text[at..].chars().next().unwrap_or('\u{fffd}');
    (c.is_alphanumeric() || is_combining_mark(c), c.len_utf8())
}

/// Text with every run of punctuation and space made one space, folded, and the way back to the
/// original bytes.
#[derive(Debug, Default, Clone)]
pub struct Folded {
    /// `" jane doe "`: a space before the first and after the last token.
    pub text: String,
    /// For each token: where it starts in `text`, and its bytes in the original.
    pub tokens: Vec<(u32, u32, u32)>,
}

impl Folded {
    /// Bytes it holds on to.
    pub fn capacity(&self) -> usize {
        self.text.capacity() + self.tokens.capacity() * size_of::<(u32, u32, u32)>()
    }

    /// The original bytes of the match `start..end` of `text`, if it starts and ends with tokens.
    pub fn original(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let first = self.tokens.binary_search_by_key(&(start as u32), |t| t.0).ok()?;
        let last = self.tokens.partition_point(|t| (t.0 as usize) < end) - 1;
        let ends = self.tokens.get(last + 1).map_or(self.text.len(), |t| t.0 as usize) - 1;
        (ends == end).then(|| (self.tokens[first].1 as usize, self.tokens[last].2 as usize))
    }
}

/// Folds text into `out` with single spaces between tokens, keeping the way back.
pub fn normalise(text: &str, out: &mut Folded) {
    out.text.clear();
    out.tokens.clear();
    out.text.push(' ');
    for (start, end) in tokens(text) {
        out.tokens.push((out.text.len() as u32, start as u32, end as u32));
        let token = &text[start..end];
        if token.is_ascii() {
            let at = out.text.len();
            out.text.push_str(token);
            out.text[at..].make_ascii_lowercase();
        } else {
            out.text.push_str(&fold(token));
        }
        out.text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(fold("Łukasz MÜLLER-Straße Ægir ﬁn"), "lukasz muller-strasse aegir fin");
    }

    #[test]
    fn normalised_text_leads_back() {
        let mut folded = Folded::default();
        let text = "von Ångström, Zoë (42)";
        normalise(text, &mut folded);
        assert_eq!(folded.text, " von angstrom zoe 42 ");
        let at = folded.text.find("angstrom zoe").expect("there");
        let (start, end) = folded.original(at, at + "angstrom zoe".len()).expect("token borders");
        assert_eq!(&text[start..end], "Ångström, Zoë");
        assert_eq!(folded.original(at, at + 4), None, "inside a token");
    }
}
