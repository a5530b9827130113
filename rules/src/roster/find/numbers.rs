//! Phones and IDs: figures in one word or in several with little between them.

use super::super::build::ID_CHARS_MAX;
use super::super::kinds;
use super::super::phone::{DIGITS_MAX, DIGITS_MIN, Number, candidates, number};
use super::words::Hot;
use super::{Hit, View, Word};
use crate::fold;

/// Words of a phone.
const PHONE_WORDS_MAX: usize = 6;
/// Words of an ID: an IBAN in groups of four has nine.
const ID_WORDS_MAX: usize = 10;
/// Bytes between two words of an ID.
const ID_GAP_MAX: usize = 2;
/// Bytes between two words of a phone.
const PHONE_GAP_MAX: usize = 3;

impl View<'_> {
    /// Adds all phones and IDs.
    pub(super) fn numbers(&self, hits: &mut Vec<Hit>) {
        let about = &self.roster.index.description;
        if about.phone_lengths != 0 {
            self.phones(hits);
        }
        if about.id_lengths != 0 {
            self.ids(hits);
        }
    }

    fn phones(&self, hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let mut rest = self.words.digits();
        while let [first, ..] = rest {
            let first = *first as usize;
            let (mut words, mut figures) = (0, 0);
            // Most words with a digit have letters, or are short and stand alone.
            let close =
                || all.get(first + 1).is_some_and(|next| next.start() - all[first].end() <= PHONE_GAP_MAX);
            if !all[first].is_figures() || all[first].len() < DIGITS_MIN as usize && !close() {
                rest = &rest[1..];
                continue;
            }
            // A run: words of digits alone, with little between.
            for (step, &number) in rest.iter().enumerate() {
                let word = all[number as usize];
                let follows =
                    step == 0 || number as usize == first + step && self.is_phone_gap(number as usize);
                if !follows || !word.is_figures() {
                    break;
                }
                (words, figures) = (words + 1, figures + word.len());
            }
            if figures >= DIGITS_MIN as usize {
                (0..words).for_each(|start| self.phone_from((first + start, first + words), hits));
            }
            rest = &rest[words.max(1)..];
        }
    }

    fn is_phone_gap(&self, at: usize) -> bool {
        let gap = self.gap(at);
        gap.len() <= PHONE_GAP_MAX && gap.chars().all(|c| " -./()\u{a0}\u{2011}".contains(c))
    }

    /// Phones whose first word is `first` of a run that ends before `end`.
    fn phone_from(&self, (first, end): (usize, usize), hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let lengths = self.roster.index.description.phone_lengths;
        let (mut value, mut figures) = (0u64, 0);
        let start = all[first].start();
        let plus = self.text[..start].ends_with(['+', '(']);
        for word in &all[first..end.min(first + PHONE_WORDS_MAX)] {
            figures += word.len();
            if figures > DIGITS_MAX as usize {
                break;
            }
            value =
                self.word_text(*word).bytes().fold(value, |value, digit| value * 10 + u64::from(digit & 15));
            if figures < DIGITS_MIN as usize {
                continue;
            }
            let international = plus || self.text[start..].starts_with("00");
            let row = |number: Number| {
                let hash = self.roster.key.phone(number.key);
                let known = lengths >> number.digits & 1 == 1 && self.may_hold(3, hash);
                let found = if known { self.look_up(hash) } else { None };
                found.filter(|(kind, _)| *kind == kinds::PHONE)
            };
            let row =
                if international { candidates(value).find_map(row) } else { number(value).and_then(row) };
            if let Some((kind, row)) = row {
                let start = self.with_lead(start, word.end());
                hits.push(Hit { start, end: word.end(), kind, row, score: kinds::score(kind) });
            }
        }
    }

    /// Where a phone starts whose first figure is at `start`: a plus is part of it, and a bracket that is closed
    /// within it.
    fn with_lead(&self, mut start: usize, end: usize) -> usize {
        if self.text[..start].ends_with('+') {
            start -= 1;
        }
        let opened = self.text[..start].ends_with('(') && self.text[start..end].contains(')');
        start - usize::from(opened)
    }

    fn ids(&self, hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let about = &self.roster.index.description;
        for &Hot { hash, at } in self.words.hot() {
            let word = all[at as usize];
            if word.has_digit() || self.ocr {
                self.id(hash, (word.start(), word.end()), hits);
            }
        }
        let mut tried = None;
        for &number in self.words.digits() {
            let at = number as usize;
            let before = at.wrapping_sub(1);
            if about.id_prefix_max > 0 && tried != Some(before) {
                let prefix = all.get(before).filter(|word| {
                    word.len() <= usize::from(about.id_prefix_max)
                        && !word.has_digit()
                        && self.gap(at).len() <= ID_GAP_MAX
                });
                if prefix.is_some() {
                    self.id_from(before, hits);
                }
            }
            // Most have no neighbour, or are too long with it.
            let close = all.get(at + 1).is_some_and(|next| {
                let length = all[at].len() + next.len();
                next.start() - all[at].end() <= ID_GAP_MAX && about.id_lengths >> length.min(63) != 0
            });
            if close {
                self.id_from(at, hits);
            }
            tried = Some(at);
        }
    }

    /// IDs of several words that start with the one at `first`.
    #[inline]
    fn id_from(&self, first: usize, hits: &mut Vec<Hit>) {
        let last = self.id_reach(first);
        if last > first {
            self.id_of_words((first, last), hits);
        }
    }

    fn id_of_words(&self, (first, last): (usize, usize), hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let lengths = self.roster.index.description.id_lengths;
        let start = all[first].start();
        let (mut squeezed, mut length) = ([0u8; ID_CHARS_MAX], 0);
        for (at, word) in all.iter().enumerate().take(last + 1).skip(first) {
            if at > first && self.gap(at).contains(['\n', '\r']) {
                break;
            }
            let Some(added) = self.copy_folded(*word, &mut squeezed[length..]) else { break };
            length += added;
            if at > first && lengths >> length & 1 == 1 {
                let hash = self.roster.key.word(&squeezed[..length]);
                let digit = squeezed[..length].iter().any(u8::is_ascii_digit);
                if self.may_hold(usize::from(digit), hash) {
                    self.id(hash, (start, word.end()), hits);
                }
            }
        }
    }

    /// The last word with which the words from `first` on can be an ID, by their lengths alone; `first`: with none.
    fn id_reach(&self, first: usize) -> usize {
        let all = self.words.all();
        let about = &self.roster.index.description;
        let (lengths, letters_max) = (about.id_lengths, usize::from(about.id_letters_max));
        let (mut length, mut letters, mut reach) = (all[first].len(), all[first].letters(), first);
        let mut before = all[first];
        for (step, &word) in all[first + 1..].iter().take(ID_WORDS_MAX - 1).enumerate() {
            length += word.len();
            letters += word.letters();
            let ends = word.start() - before.end() > ID_GAP_MAX || letters > letters_max;
            if ends || length > ID_CHARS_MAX || lengths >> length == 0 {
                break;
            }
            // What is not ASCII may be shorter when it is folded.
            if lengths >> length & 1 == 1 || !self.ocr && !word.is_ascii() {
                reach = first + 1 + step;
            }
            before = word;
        }
        reach
    }

    /// Copies a folded word; `None` when there is no room.
    fn copy_folded(&self, word: Word, room: &mut [u8]) -> Option<usize> {
        let text = self.word_text(word);
        if text.is_ascii() {
            let room = room.get_mut(..text.len())?;
            room.copy_from_slice(text.as_bytes());
            room.make_ascii_lowercase();
            return Some(text.len());
        }
        let folded = fold(text);
        room.get_mut(..folded.len())?.copy_from_slice(folded.as_bytes());
        Some(folded.len())
    }

    fn id(&self, hash: u64, (start, end): (usize, usize), hits: &mut Vec<Hit>) {
        if let Some((kind, row)) = self.look_up(hash).filter(|(kind, _)| *kind >= kinds::IDS) {
            hits.push(Hit { start, end, kind, row, score: kinds::score(kind) });
        }
    }
}
