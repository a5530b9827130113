//! Words of a text, one after the other, with their shapes. Knows no names.

use super::table::Class;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `word`
    Lower,
    /// `Word`, `O'Brien`, `McDonald`
    Capital,
    /// `WORD`
    Upper,
    /// `W`
    Initial,
    /// `camelCase`, `word2`, `snake_case`: no word of a sentence.
    Code,
}

/// A run of letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// How it is written.
    pub(super) shape: Shape,
    /// What is known of it.
    pub(super) class: Class,
}

/// Prefixes of family names behind which a second capital stands.
const PREFIXES: [&str; 12] = ["Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Von", "Fitz", "Del", "Des"];

/// What a byte is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gap,
    Lower,
    Upper,
    Code,
    Wide,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Gap; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        kinds[at] = if byte.is_ascii_lowercase() {
            Kind::Lower
        } else if byte.is_ascii_uppercase() {
            Kind::Upper
        } else if byte.is_ascii_digit() || byte == b'_' {
            Kind::Code
        } else if byte >= 0x80 {
            Kind::Wide
        } else {
            Kind::Gap
        };
        at += 1;
    }
    kinds
};

/// Kind and length of the character at `at`.
fn kind_at(text: &str, at: usize) -> (Kind, usize) {
    let kind = KINDS[text.as_bytes()[at] as usize];
    if kind != Kind::Wide {
        return (kind, 1);
    }
    let c = text[at..].chars().next().unwrap_or(' ');
    let kind = if c.is_uppercase() {
        Kind::Upper
    } else if c.is_alphabetic() || ('\u{300}'..'\u{370}').contains(&c) {
        Kind::Lower
    } else if c.is_numeric() {
        Kind::Code
    } else {
        Kind::Gap
    };
    (kind, c.len_utf8())
}

/// The first word at or behind `at`. Its class is left empty.
pub(super) fn next_word(text: &str, mut at: usize) -> Option<Word> {
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let (kind, len) = kind_at(text, at);
        if kind != Kind::Gap {
            break;
        }
        at += len;
    }
    (at < bytes.len()).then(|| word_from(text, at))
}

fn word_from(text: &str, start: usize) -> Word {
    let bytes = text.as_bytes();
    let (mut at, mut chars, mut uppers, mut code) = (start, 0u32, 0u32, false);
    let first_upper = kind_at(text, start).0 == Kind::Upper;
    let mut inner = 0;
    while at < bytes.len() {
        let (kind, len) = kind_at(text, at);
        match kind {
            Kind::Gap => {
                let Some(skip) = apostrophe(text, at) else { break };
                at += skip;
                continue;
            }
            Kind::Upper => {
                uppers += 1;
                if chars > 0 && inner == 0 {
                    inner = at - start;
                }
            }
            Kind::Code => code = true,
            Kind::Lower | Kind::Wide => {}
        }
        chars += 1;
        at += len;
    }
    let shape = if code {
        Shape::Code
    } else if uppers == 0 {
        Shape::Lower
    } else if chars == 1 {
        Shape::Initial
    } else if uppers == chars {
        Shape::Upper
    } else if uppers == 1 && (first_upper || matches!(&text[start..start + inner], "d'" | "l'" | "d’" | "l’"))
        || first_upper && uppers == 2 && may_start_inside(&text[start..start + inner])
    {
        Shape::Capital
    } else {
        Shape::Code
    };
    Word { start, end: at, shape, class: Class(0) }
}

/// Whether a second capital may follow what is before it: `Mc`, `O'`.
fn may_start_inside(head: &str) -> bool {
    PREFIXES.contains(&head) || (head.len() <= 4 && head.ends_with(['\'', '’']))
}

/// Length of an apostrophe that joins two parts of a word: `O'Brien`, not `Jane's` or `'Jane'`.
fn apostrophe(text: &str, at: usize) -> Option<usize> {
    let len = match text.as_bytes()[at] {
        b'\'' => 1,
        0xe2 if text[at..].starts_with('’') => '’'.len_utf8(),
        _ => return None,
    };
    let rest = &text[at + len..];
    let mut after = rest.chars();
    let next = after.next().filter(|c| c.is_alphabetic())?;
    let ends = !after.next().is_some_and(char::is_alphanumeric);
    (!(matches!(next, 's' | 'S') && ends)).then_some(len)
}

/// The word that ends last before `at`, and where it ends: the text between it and `at` is the gap.
pub(super) fn word_before(text: &str, at: usize) -> Option<Word> {
    let mut start = at;
    let mut end = None;
    for (index, c) in text[..at].char_indices().rev().take(64) {
        let joined = matches!(c, '\'' | '’') && end.is_some() && text[..index].ends_with(char::is_alphabetic);
        let letter = c.is_alphanumeric() || c == '_' || ('\u{300}'..'\u{370}').contains(&c);
        match end {
            None if letter => end = Some(index + c.len_utf8()),
            Some(_) if !letter && !joined => break,
            _ => {}
        }
        start = index;
    }
    end.map(|end| Word { end, ..word_from(text, start) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<(&str, Shape)> {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(word) = next_word(text, at) {
            found.push((&text[word.start..word.end], word.shape));
            at = word.end;
        }
        found
    }

    #[test]
    fn words_are_told_by_their_shapes() {
        use Shape::{Capital, Code, Initial, Lower, Upper};
        let text = "Zoë O'Brien's MAX A. McRoe fooBar is x_1 ÉMILE d'Arc";
        let expected = [
            ("Zoë", Capital),
            ("O'Brien", Capital),
            ("s", Lower),
            ("MAX", Upper),
            ("A", Initial),
            ("McRoe", Capital),
            ("fooBar", Code),
            ("is", Lower),
            ("x_1", Code),
            ("ÉMILE", Upper),
            ("d'Arc", Capital),
        ];
        assert_eq!(shapes(text), expected);
    }

    #[test]
    fn the_word_before_is_found() {
        let text = "je m'appelle  Zoë";
        let before = word_before(text, text.find('Z').expect("there")).expect("a word");
        assert_eq!(&text[before.start..before.end], "m'appelle");
        assert!(word_before("  Zoë", 2).is_none());
    }
}
