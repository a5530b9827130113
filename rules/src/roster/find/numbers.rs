//! Phones and IDs: figures in one word or in several with little between them.

use super::super::Roster;
use super::super::build::ID_CHARS_MAX;
use super::super::index::filter::may_hold;
use super::super::kinds;
use super::super::phone::{DIGITS_MAX, DIGITS_MIN, Number, candidates, is_no_number, number};
use super::words::Hot;
use super::{Hit, RosterScratch, View, Word};
use crate::fold;

/// Words of a phone.
const PHONE_WORDS_MAX: usize = 6;
/// Words of an ID: an IBAN in groups of four has nine.
const ID_WORDS_MAX: usize = 10;
/// Bytes between two words of an ID.
const ID_GAP_MAX: usize = 2;
/// Bytes between two words of a phone.
const PHONE_GAP_MAX: usize = 3;

impl Roster {
    /// Whose phone a number is. `international`: a country code comes first.
    fn phone_row(&self, value: u64, international: bool) -> Option<u32> {
        if is_no_number(value) {
            return None;
        }
        let lengths = self.index.description.phone_lengths;
        let row = |number: Number| {
            let hash = self.key.phone(number.key);
            let known = lengths >> number.digits & 1 == 1 && may_hold(&self.index.filters[3], hash);
            let found = if known { self.index.get(self.key.shown(hash)) } else { None };
            found.filter(|(kind, _)| *kind == kinds::PHONE).map(|(_, row)| row)
        };
        if international { candidates(value).find_map(row) } else { number(value).and_then(row) }
    }
}

/// Whether a text has enough digits for a phone with no letter between them.
fn has_digits_of_phone(text: &str) -> bool {
    let mut digits = 0;
    text.bytes().any(|byte| {
        digits = if byte.is_ascii_alphabetic() { 0 } else { digits + u32::from(byte.is_ascii_digit()) };
        digits >= DIGITS_MIN
    })
}

impl Roster {
    /// Whether a stretch of text, a byte before its first word included, has a phone or an ID. Most are one word of
    /// digits, or have letters in between.
    pub(super) fn has_phone(&self, text: &str, scratch: &mut RosterScratch) -> bool {
        let (lead, word) = text.split_at(usize::from(!text.starts_with(|c: char| c.is_ascii_digit())));
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let international = matches!(lead, "+" | "(") || word.starts_with("00");
            return word.len() <= DIGITS_MAX as usize
                && word.len() >= DIGITS_MIN as usize
                && self.phone_row(value_of(0, word), international).is_some();
        }
        has_digits_of_phone(text) && self.has_number(text, scratch)
    }

    /// Whether a stretch of text has a phone or an ID.
    pub(super) fn has_number(&self, text: &str, scratch: &mut RosterScratch) -> bool {
        let RosterScratch { words, hits, .. } = scratch;
        words.cut(text, self.cutter(false));
        hits.clear();
        View { roster: self, text, words, ocr: false }.numbers(hits);
        !hits.is_empty()
    }
}

/// The number that is left when a word of digits is put behind a number.
fn value_of(before: u64, digits: &str) -> u64 {
    digits.bytes().fold(before, |value, digit| value * 10 + u64::from(digit & 15))
}

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
        self.phone_runs(|first, end| (first..end).for_each(|start| self.phone_from((start, end), hits)));
    }

    /// Runs of words that may be phones, by their length alone: the first word, and the one behind the last.
    fn phone_runs(&self, mut found: impl FnMut(usize, usize)) {
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
                found(first, first + words);
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
        let (mut value, mut figures) = (0u64, 0);
        let start = all[first].start();
        let plus = self.text[..start].ends_with(['+', '(']);
        for word in &all[first..end.min(first + PHONE_WORDS_MAX)] {
            figures += word.len();
            if figures > DIGITS_MAX as usize {
                break;
            }
            value = value_of(value, self.word_text(*word));
            if figures < DIGITS_MIN as usize {
                continue;
            }
            let international = plus || self.text[start..].starts_with("00");
            let row = self.roster.phone_row(value, international);
            if let Some(row) = row {
                let (start, kind) = (self.with_lead(start, word.end()), kinds::PHONE);
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
        for &Hot { hash, at } in self.words.hot() {
            let word = all[at as usize];
            if word.has_digit() || self.ocr {
                self.id(hash, (word.start(), word.end()), hits);
            }
        }
        self.id_runs(|first, last| self.id_of_words((first, last), hits));
    }

    /// Runs of words that may be IDs, by their lengths alone: the first and the last word.
    fn id_runs(&self, mut found: impl FnMut(usize, usize)) {
        let all = self.words.all();
        let about = &self.roster.index.description;
        let mut id_from = |first: usize| {
            let last = self.id_reach(first);
            if last > first {
                found(first, last);
            }
        };
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
                    id_from(before);
                }
            }
            // Most have no neighbour, or are too long with it.
            let close = all.get(at + 1).is_some_and(|next| {
                let length = all[at].len() + next.len();
                next.start() - all[at].end() <= ID_GAP_MAX && about.id_lengths >> length.min(63) != 0
            });
            if close {
                id_from(at);
            }
            tried = Some(at);
        }
    }

    /// The stretches whose words may be a phone, and those that may be an ID of several words, by the lengths of the
    /// words alone; before a phone the byte that may be its plus.
    pub(super) fn runs(&self) -> [Vec<(u32, u32)>; 2] {
        let (all, about) = (self.words.all(), &self.roster.index.description);
        let (mut phones, mut ids) = (Vec::new(), Vec::new());
        let span = |first: usize, last: usize| (all[first].start() as u32, all[last].end() as u32);
        if about.phone_lengths != 0 {
            self.phone_runs(|first, end| {
                let (start, end) = span(first, end - 1);
                phones.push((start.saturating_sub(1), end));
            });
        }
        if about.id_lengths != 0 {
            self.id_runs(|first, last| ids.push(span(first, last)));
        }
        [phones, ids]
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
