//! Runs of words that could be one name: `Jean-Pierre van der Berg`, `DOE Jane`, `M. Ibragimov`. Weighs
//! nothing.

use super::table::{Class, Table};
use super::words::{Shape, Word, next_word};

/// Words of a run at most; what comes behind starts a new one.
const WORDS_MAX: usize = 12;
/// Words of one name at most, initials and particles too.
pub(super) const NAME_WORDS_MAX: usize = 6;

/// Neighbouring words with a capital each, particles between them.
#[derive(Debug)]
pub(super) struct Run {
    words: [Word; WORDS_MAX],
    len: usize,
}

impl Run {
    pub(super) fn new() -> Self {
        let none = Word { start: 0, end: 0, shape: Shape::Lower, class: Class(0) };
        Self { words: [none; WORDS_MAX], len: 0 }
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words[..self.len]
    }

    /// Reads the run that starts with the first capital at or behind `at`; says where to go on. `None`: there
    /// is none.
    pub(super) fn read(&mut self, table: &Table, text: &str, mut at: usize) -> Option<usize> {
        self.len = 0;
        loop {
            let Some(mut word) = next_word(text, at) else {
                self.trim();
                return (self.len > 0).then_some(text.len());
            };
            let starts = matches!(word.shape, Shape::Capital | Shape::Upper | Shape::Initial);
            let mut joined = self.len > 0 && is_join(text, self.words[self.len - 1], word.start);
            let particle = joined && word.shape == Shape::Lower && word.end - word.start <= 4;
            if starts || particle {
                word.class = table.class(&text[word.start..word.end]);
            }
            if starts && self.len > 0 && !joined && &text[self.words[self.len - 1].end..word.start] == "  " {
                // Two spaces part columns, but not the two parts of a name.
                let given = self.words[self.len - 1].class;
                let pair = given.any(Class::GIVEN) && word.class.any(Class::FAMILY);
                joined = pair && given.strong() && word.class.strong();
            }
            let takes = starts || (particle && word.class.any(Class::PARTICLE));
            if self.len > 0 && (!joined || !takes || self.len == WORDS_MAX) {
                self.trim();
                return Some(if takes { word.start } else { word.end });
            }
            if takes {
                self.words[self.len] = word;
                self.len += 1;
            }
            at = word.end;
        }
    }

    /// Particles end no name.
    fn trim(&mut self) {
        while self.len > 0 && self.words[self.len - 1].shape == Shape::Lower {
            self.len -= 1;
        }
    }
}

/// Whether two words may belong to one name: a space, a hyphen, or a full stop behind an initial or a title.
fn is_join(text: &str, word: Word, next: usize) -> bool {
    let gap = &text[word.end..next];
    matches!(gap, " " | "-" | "\u{a0}" | "\u{2010}" | "\u{2011}")
        || (matches!(gap, ". " | "." | ".\u{a0}")
            && (word.shape == Shape::Initial || word.class.any(Class::TITLE)))
}

/// Whether a word can be part of a name at all. `titled`: a title or a greeting stands before it.
pub(super) fn is_nameable(words: &[Word], at: usize, text: &str, titled: bool) -> bool {
    let word = words[at];
    let class = word.class;
    let neighbour = |at: Option<usize>| at.and_then(|at| words.get(at)).map_or(Class(0), |w| w.class);
    let (before, after) = (neighbour(at.checked_sub(1)), neighbour(Some(at + 1)));
    let dotted = at > 1 && words[at - 1].shape == Shape::Initial;
    let past_initial = if dotted { words[at - 2].class } else { before };
    match word.shape {
        Shape::Lower => at > 0 && at + 1 < words.len(),
        Shape::Code => false,
        // `I` and `A` are words, unless a full stop or a name stands by them.
        Shape::Initial => {
            text[word.end..].starts_with('.') || before.listed() || (at > 0 && before.unknown())
        }
        _ if class.listed() => {
            let rival =
                Class::GRAMMAR | Class::GREETING | Class::NO_NAME | Class::VERB | Class::ORG | Class::WORD;
            let family_next = class.any(Class::GIVEN)
                && !class.any(Class::GRAMMAR | Class::GREETING)
                && after.strong()
                && after.any(Class::FAMILY);
            let given_before = class.any(Class::FAMILY)
                && (dotted || past_initial.strong())
                && past_initial.any(Class::GIVEN);
            // `COL IN (…)`: no colonel of that name.
            let titled = titled && !(word.shape == Shape::Upper && class.any(Class::GRAMMAR));
            let is_title = class.any(Class::TITLE) && at + 1 < words.len() && !titled;
            !is_title && (titled || !class.any(rival) || family_next || given_before)
        }
        _ if class.any(Class::PARTICLE) => at + 1 < words.len() && after.listed() | after.unknown(),
        _ => class.unknown(),
    }
}

/// Bytes of the words, with the full stop of a last initial.
pub(super) fn span(text: &str, words: &[Word]) -> (usize, usize) {
    let (first, last) = (words[0], words[words.len() - 1]);
    let dotted = last.shape == Shape::Initial && text[last.end..].starts_with('.');
    (first.start, last.end + usize::from(dotted))
}
