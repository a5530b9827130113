//! A text as words, numbers and what parts them. Knows no addresses.

use crate::fold;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Starts with a capital.
    Capital,
    /// Starts with a small letter.
    Small,
    /// Digits, perhaps with one letter behind: `12a`, `53-320`.
    Number,
    /// Letters and digits in another order: `2nd`, `B0J`.
    Mixed,
    /// The end of a line.
    Line,
    /// Anything a postal address does not hold.
    Break,
}

/// What stands before a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing or spaces.
    Space,
    /// A comma.
    Comma,
    /// A full stop.
    Stop,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// First byte.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: Kind,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Which of the words it is.
    number: u32,
}

/// Splits a text; gives the words, folded, as well.
pub(super) fn split(text: &str) -> (Vec<Piece>, Vec<String>) {
    let mut pieces = Vec::with_capacity(text.len() / 5 + 4);
    let mut words = Vec::new();
    let (mut at, mut gap) = (0, Gap::Space);
    while let Some(c) = text[at..].chars().next() {
        if c.is_alphanumeric() {
            let piece = word(text, at, gap, words.len() as u32);
            words.push(fold(piece.text(text)));
            at = piece.end;
            gap = Gap::Space;
            pieces.push(piece);
            continue;
        }
        let len = c.len_utf8();
        let kind = match c {
            ' ' | '\t' | '\r' | '\u{a0}' | '>' | '#' | '?' if c != '?' || starts_line(&pieces) => None,
            ',' => {
                gap = Gap::Comma;
                None
            }
            '.' => {
                gap = Gap::Stop;
                None
            }
            '\n' => Some(Kind::Line),
            _ => Some(Kind::Break),
        };
        if let Some(kind) = kind {
            pieces.push(Piece { start: at, end: at + len, kind, gap, number: u32::MAX });
            gap = Gap::Space;
        }
        at += len;
    }
    (pieces, words)
}

fn starts_line(pieces: &[Piece]) -> bool {
    pieces.last().is_none_or(|piece| piece.kind == Kind::Line)
}

fn word(text: &str, start: usize, gap: Gap, number: u32) -> Piece {
    let mut end = start;
    let (mut digits, mut letters) = (0, 0);
    let mut chars = text[start..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = matches!(c, '\'' | '’' | '-' | '/' | '\u{2206}')
            && at > 0
            && chars.peek().is_some_and(|&(_, next)| next.is_alphanumeric());
        if !c.is_alphanumeric() && !joins && c != '_' {
            break;
        }
        digits += usize::from(c.is_ascii_digit());
        letters += usize::from(c.is_alphabetic() || c == '_');
        end = start + at + c.len_utf8();
    }
    let first = text[start..].chars().next().unwrap_or(' ');
    let kind = match (digits, letters) {
        (0, _) if text[start..end].contains('_') => Kind::Mixed,
        (0, _) if first.is_uppercase() => Kind::Capital,
        (0, _) => Kind::Small,
        (_, 0 | 1) if first.is_ascii_digit() && !text[start..end].contains('_') => Kind::Number,
        _ => Kind::Mixed,
    };
    Piece { start, end, kind, gap, number }
}

impl Piece {
    /// Its text.
    pub(super) fn text(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// Its text, folded; nothing where it is no word.
    pub(super) fn folded(self, words: &[String]) -> &str {
        words.get(self.number as usize).map_or("", String::as_str)
    }

    /// Whether it is a word.
    pub(super) fn is_word(self) -> bool {
        matches!(self.kind, Kind::Capital | Kind::Small)
    }

    /// A number of so many digits at most.
    pub(super) fn is_number(self, digits_max: usize) -> bool {
        self.kind == Kind::Number && self.end - self.start <= digits_max
    }
}
