//! Cuts text into words, hashes each once and asks the filter of words: the part that touches every byte. Words are
//! the runs of letters and digits that [`crate::tokens`] yields; a hash is that of the folded word.
#![allow(clippy::inline_always, reason = "these have to be compiled with the vectors of their caller")]

use super::super::index::filter::may_hold;
use super::super::index::key::IndexKey;
use super::Found;
use super::vectors::{Folded, Masks, fold_block};
use crate::{fold, tokens};

/// A word: half-open bytes of the text, and what kind of bytes it has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    start: u32,
    /// End, and in the three lowest bits whether there is a digit, whether there is nothing else, and whether
    /// there is something that is not ASCII.
    end_kind: u32,
}

/// A word that passes the filter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hot {
    pub(super) hash: u64,
    /// Its number among all words.
    pub(super) at: u32,
}

const DIGIT: u32 = 1;
const FIGURES: u32 = 2;
const FOREIGN: u32 = 4;

impl Word {
    #[inline]
    fn new(start: usize, end: usize, kind: u32) -> Self {
        Self { start: start as u32, end_kind: (end as u32) << 3 | kind }
    }
    #[inline]
    pub(super) fn end(self) -> usize {
        (self.end_kind >> 3) as usize
    }
    #[inline]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }
    /// What of the word starts at `start`.
    pub(super) fn from(self, start: usize) -> Self {
        Self { start: start as u32, ..self }
    }
    #[inline]
    pub(super) fn len(self) -> usize {
        self.end() - self.start()
    }
    #[inline]
    pub(super) fn has_digit(self) -> bool {
        self.end_kind & DIGIT != 0
    }
    /// Whether it has ASCII digits alone.
    #[inline]
    pub(super) fn is_figures(self) -> bool {
        self.end_kind & FIGURES != 0
    }
    /// Letters it has at least.
    #[inline]
    pub(super) fn letters(self) -> usize {
        match self.end_kind & (DIGIT | FIGURES | FOREIGN) {
            0 | FOREIGN => self.len(),
            DIGIT => 1,
            _ => 0,
        }
    }
    #[inline]
    pub(super) fn is_ascii(self) -> bool {
        self.end_kind & FOREIGN == 0
    }
}

/// Borders of words written at once.
const SPILL: usize = 8;

/// Words of a text, and which of them are worth a second look.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Where words start and end, by turns.
    borders: Vec<u32>,
    all: Vec<Word>,
    hashes: Vec<u64>,
    count: usize,
    hot: Vec<Hot>,
    hot_count: usize,
    /// Numbers of the words that have a digit.
    digits: Vec<u32>,
    digit_count: usize,
    /// Where an `@` stands, or a `%40`.
    pub(super) ats: Vec<u32>,
}

/// What cutting needs to know.
#[derive(Clone, Copy)]
pub(super) struct Cutter<'a> {
    pub(super) key: &'a IndexKey,
    /// Filters of words of letters and of words with a digit; without them every word passes.
    pub(super) filters: Option<[&'a [u64]; 2]>,
    /// Lengths there are of each, bit by bit: most words need no look at a filter.
    pub(super) lengths: [u64; 2],
}

impl Cutter<'_> {
    /// Whether a word of ASCII, half-open bytes of the text, passes the filters.
    pub(super) fn is_hot(&self, text: &str, (start, end): (usize, usize)) -> bool {
        let known = match short_word(text.as_bytes(), (start, end), self.key) {
            Some(known) => known,
            None => other_word(&text[start..end], self.key),
        };
        let digit = (known.kind & DIGIT) as usize;
        let fits = self.lengths[digit] >> (end - start).min(63) & 1 == 1;
        self.filters.is_none_or(|filters| fits && may_hold(filters[digit], known.hash))
    }
}

/// What is known of a word: its hash, its kind.
#[derive(Clone, Copy)]
struct Known {
    hash: u64,
    kind: u32,
}

impl Words {
    pub(super) fn all(&self) -> &[Word] {
        &self.all[..self.count]
    }
    pub(super) fn hot(&self) -> &[Hot] {
        &self.hot[..self.hot_count]
    }
    pub(super) fn digits(&self) -> &[u32] {
        &self.digits[..self.digit_count]
    }
    /// Bytes it holds on to.
    pub(super) fn capacity(&self) -> usize {
        (self.all.capacity() + self.borders.capacity() + self.hashes.capacity()) * size_of::<Word>()
            + self.hot.capacity() * size_of::<Hot>()
            + self.digits.capacity() * 4
    }

    /// Cuts `text` with the masks of its blocks. In line everywhere: it is compiled for what the processor can.
    #[inline(always)]
    pub(super) fn cut_with(&mut self, text: &str, cutter: Cutter<'_>, masks: impl Fn(&[u8; 64]) -> Masks) {
        let room = text.len() / 2 + 2;
        if self.all.len() < room {
            self.borders.resize(2 * room + SPILL, 0);
            self.all.resize(room, Word::default());
            self.hashes.resize(room, 0);
            self.hot.resize(room, Hot::default());
            self.digits.resize(room, 0);
        }
        self.ats.clear();
        let borders = self.find_borders(text.as_bytes(), masks);
        self.hash_words(text, borders, cutter.key);
        self.sift(cutter);
    }

    /// Finds where words start and end; says how many such places there are.
    #[inline(always)]
    fn find_borders(&mut self, bytes: &[u8], masks: impl Fn(&[u8; 64]) -> Masks) -> usize {
        let (blocks, rest) = bytes.as_chunks::<64>();
        // What is behind the end is no word: the last one ends there.
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        let (mut carry, mut count) = (0, 0);
        for (number, block) in blocks.iter().chain([&last]).enumerate() {
            let base = (number * 64) as u32;
            let Masks { word, mut at } = masks(block);
            let mut borders = word ^ (word << 1 | carry);
            carry = word >> 63;
            let end = count + borders.count_ones() as usize;
            while borders != 0 {
                let Some(room) =
                    self.borders.get_mut(count..).and_then(|room| room.first_chunk_mut::<SPILL>())
                else {
                    break;
                };
                for border in room {
                    *border = base + borders.trailing_zeros();
                    borders &= borders.wrapping_sub(1);
                }
                count += SPILL;
            }
            count = end;
            while at != 0 {
                let here = (base + at.trailing_zeros()) as usize;
                if bytes[here] == b'@' || bytes[here..].starts_with(b"%40") {
                    self.ats.push(here as u32);
                }
                at &= at - 1;
            }
        }
        count
    }

    /// Hashes all words; what is not ASCII may be several words or none.
    #[inline(always)]
    fn hash_words(&mut self, text: &str, borders: usize, key: &IndexKey) {
        let (pairs, mut next, mut count) = (self.borders[..borders].as_chunks::<2>().0, 0, 0);
        while next < pairs.len() {
            let places = self.all[count..].iter_mut().zip(&mut self.hashes[count..]);
            let mut done = 0;
            for (&[start, end], (word, place)) in pairs[next..].iter().zip(places) {
                let (start, end) = (start as usize, end as usize);
                let known = match short_word(text.as_bytes(), (start, end), key) {
                    Some(known) => known,
                    None if text.as_bytes()[start..end].is_ascii() => other_word(&text[start..end], key),
                    None => break,
                };
                (*word, *place) = (Word::new(start, end, known.kind), known.hash);
                done += 1;
            }
            (next, count) = (next + done, count + done);
            if let Some(&[start, end]) = pairs.get(next) {
                for (from, to) in tokens(&text[start as usize..end as usize]) {
                    let (from, to) = (start as usize + from, start as usize + to);
                    let known = other_word(&text[from..to], key);
                    (self.all[count], self.hashes[count]) = (Word::new(from, to, known.kind), known.hash);
                    count += 1;
                }
                next += 1;
            }
        }
        self.count = count;
    }

    /// Asks the filters, and notes which words have a digit.
    #[inline(always)]
    fn sift(&mut self, cutter: Cutter<'_>) {
        let (mut hots, mut digits) = (0, 0);
        let words = self.all[..self.count].iter().zip(&self.hashes);
        for (number, (word, &hash)) in words.enumerate() {
            let digit = (word.end_kind & DIGIT) as usize;
            self.hot[hots] = Hot { hash, at: number as u32 };
            self.digits[digits] = number as u32;
            let hot = match cutter.filters {
                Some(filters) => {
                    // What is not ASCII has another length when it is folded.
                    let fits = cutter.lengths[digit] >> word.len().min(63) | u64::from(!word.is_ascii());
                    fits & 1 == 1 && may_hold(filters[digit], hash)
                }
                None => true,
            };
            hots += usize::from(hot);
            digits += digit;
        }
        (self.hot_count, self.digit_count) = (hots, digits);
    }
}

/// A word of at most 16 bytes of ASCII; `None` for another.
#[inline(always)]
fn short_word(bytes: &[u8], (start, end): (usize, usize), key: &IndexKey) -> Option<Known> {
    let length = end - start;
    if length > 16 {
        return None;
    }
    let block = load(bytes, start)?;
    let Folded { low, high, letters, foreign } = fold_block(&block, length);
    if foreign {
        return None;
    }
    let digit = letters != (1 << length) - 1;
    let kind = u32::from(digit) | u32::from(letters == 0) << 1;
    Some(Known { hash: key.short_word(low, high), kind })
}

/// Sixteen bytes from `start` on; behind the text's end they are 0.
#[inline(always)]
fn load(bytes: &[u8], start: usize) -> Option<[u8; 16]> {
    if let Some(block) = bytes.get(start..).and_then(|rest| rest.first_chunk()) {
        return Some(*block);
    }
    let last = u128::from_le_bytes(*bytes.last_chunk()?);
    Some((last >> (8 * (start + 16 - bytes.len()))).to_le_bytes())
}

/// The hash of a word.
pub(super) fn hash_of(text: &str, word: Word, key: &IndexKey) -> u64 {
    match short_word(text.as_bytes(), (word.start(), word.end()), key) {
        Some(known) => known.hash,
        None => other_word(&text[word.start()..word.end()], key).hash,
    }
}

/// Long words, those of texts of a few bytes, and whatever is not ASCII.
#[cold]
#[inline(never)]
fn other_word(word: &str, key: &IndexKey) -> Known {
    // No value has a word of so many bytes: it keeps its place, and matches nothing.
    let word = if word.len() > super::WORD_BYTES_MAX && word.is_ascii() { "" } else { word };
    let (mut room, folded);
    let bytes = if word.is_ascii() {
        room = [0; super::WORD_BYTES_MAX];
        room[..word.len()].copy_from_slice(word.as_bytes());
        room.make_ascii_lowercase();
        &room[..word.len()]
    } else {
        folded = if word.len() > super::WORD_BYTES_MAX { String::new() } else { fold(word) };
        folded.as_bytes()
    };
    let digit = bytes.iter().any(u8::is_ascii_digit);
    let figures = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let kind = u32::from(digit) | u32::from(figures) << 1 | u32::from(!word.is_ascii()) << 2;
    Known { hash: key.word(bytes), kind }
}

/// Where a segment of `text` that starts at `from` ends, in whole lines where there are any: at most
/// [`super::SEGMENT_BYTES`] further on. The flag says whether a line goes on behind it.
pub(super) fn segment_end(text: &str, from: usize) -> Found<usize> {
    let rest = &text.as_bytes()[from..];
    if rest.len() <= super::SEGMENT_BYTES {
        return Found { at: text.len(), goes_on: false };
    }
    let most = text.floor_char_boundary(from + super::SEGMENT_BYTES);
    let window = &text.as_bytes()[from..most];
    match memchr::memrchr(b'\n', window) {
        Some(newline) => Found { at: from + newline + 1, goes_on: false },
        // One long line: it is cut where a word ends.
        None => {
            let near = &window[window.len().saturating_sub(super::OVERLAP_BYTES / 2)..];
            let back =
                near.iter().rev().position(|b| b.is_ascii() && !b.is_ascii_alphanumeric()).unwrap_or(0);
            Found { at: most - back, goes_on: true }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn words_are_the_tokens_of_the_text(text in "([a-zA-Z0-9@]{0,40}[ ,.\n_éß—\u{a0}Ω]{0,3}){0,30}") {
            let key = IndexKey::new(&[3; 32], &[4; 16]);
            let mut words = Words::default();
            words.cut(&text, Cutter { key: &key, filters: None, lengths: [0; 2] });
            let own: Vec<_> = words.all().iter().map(|w| (w.start(), w.end())).collect();
            prop_assert_eq!(&own, &tokens(&text).collect::<Vec<_>>());
            for word in words.all() {
                let folded = fold(&text[word.start()..word.end()]);
                if word.len() <= super::super::WORD_BYTES_MAX {
                    prop_assert_eq!(hash_of(&text, *word, &key), key.word(folded.as_bytes()));
                    prop_assert_eq!(word.has_digit(), folded.bytes().any(|b| b.is_ascii_digit()));
                }
            }
            let ats: Vec<_> = text.match_indices('@').map(|(at, _)| at as u32).collect();
            prop_assert_eq!(&words.ats, &ats);
        }
    }
}
