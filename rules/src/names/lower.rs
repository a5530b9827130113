//! Names in texts without a single capital: chats, searches, transcripts. Only names that are nothing else.

use super::NameFinder;
use super::evidence::around;
use super::table::Class;
use super::words::{Shape, Word, next_word};
use crate::Candidate;

/// Score of two names next to each other.
const PAIR: f32 = 0.6;
/// Score of one name that a phrase announces.
const ANNOUNCED: f32 = 0.55;
/// Letters of a name at least.
const LETTERS_MIN: usize = 4;

/// Adds the names of a text that has no capital.
pub(super) fn scan(finder: &NameFinder, text: &str, out: &mut Vec<Candidate>) {
    let mut at = 0;
    let mut open: Option<(Word, Word, usize)> = None;
    let from = out.len();
    while let Some(mut word) = next_word(text, at) {
        at = word.end;
        word.class = finder.table.class(&text[word.start..word.end]);
        let name = word.shape == Shape::Lower && word.class.strong() && word.end - word.start >= LETTERS_MIN;
        let initial = word.end - word.start == 1 && word.shape == Shape::Lower;
        let weak = Class::NO_NAME | Class::GRAMMAR | Class::VERB | Class::ROLE;
        let unknown = word.shape == Shape::Lower
            && (word.class.unknown() || word.class.any(Class::FAMILY) && !word.class.any(weak))
            && word.end - word.start >= LETTERS_MIN;
        open = match open {
            Some((first, last, full)) if (name || initial || unknown) && is_gap(text, last, word) => {
                Some((first, word, full + usize::from(!initial)))
            }
            other => {
                close(finder, text, other, out);
                name.then_some((word, word, 1))
            }
        };
    }
    close(finder, text, open, out);
    // `anna, peter and olga`: names in a row are names together.
    super::find::chain(text, from, out);
}

/// A space, or a full stop behind an initial.
fn is_gap(text: &str, last: Word, word: Word) -> bool {
    let gap = &text[last.end..word.start];
    gap == " " || (gap == ". " && last.end - last.start == 1)
}

fn close(finder: &NameFinder, text: &str, open: Option<(Word, Word, usize)>, out: &mut Vec<Candidate>) {
    let Some((first, last, full)) = open else { return };
    let bytes = (first.start, last.end);
    let near = |at: Option<&u8>| {
        at.is_none_or(|b| {
            matches!(
                b,
                b' ' | b',' | b'.' | b'!' | b'?' | b'\n' | b'\r' | b':' | b'\'' | b'"' | b')' | b'(' | b'>'
            )
        })
    };
    let raw = text.as_bytes();
    if !near(bytes.0.checked_sub(1).and_then(|at| raw.get(at))) || !near(raw.get(bytes.1)) {
        return;
    }
    let given = first.class.any(Class::GIVEN);
    if full == 2 && given && last.class.any(Class::FAMILY) {
        out.push(finder.candidate(bytes, PAIR));
        return;
    }
    let seen = around(&finder.table, text, bytes);
    let told = seen.introduced
        || seen.announced
        || (seen.pronoun && (seen.verb || seen.deed))
        || seen.title
        || (seen.greeting && seen.closed)
        || (given && (seen.role || seen.turn || seen.possessive || seen.speech));
    let pair = full == 2 && given && !last.class.strong();
    let score = if told || pair && (seen.link || seen.line) {
        ANNOUNCED
    } else if full == 1 && given && (seen.deed || seen.list) {
        0.45
    } else {
        0.2
    };
    out.push(finder.candidate(bytes, score));
}
