//! Cuts text into words, hashes each once and asks the filter of words: the part that touches every byte. Words are
//! the runs of letters and digits that [`crate::tokens`] yields; a hash is that of the folded word.

use super::super::index::filter::may_hold;
use super::super::index::key::{IndexKey, LOWER};
use super::Found;
use crate::{fold, tokens};

/// A word: its hash, half-open bytes of the text, whether it has a digit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    pub(super) hash: u64,
    pub(super) start: u32,
    /// End, and in the lowest bit whether there is a digit.
    end_digit: u32,
}

impl Word {
    #[inline]
    fn new(hash: u64, start: usize, end: usize, digit: bool) -> Self {
        Self { hash, start: start as u32, end_digit: (end as u32) << 1 | u32::from(digit) }
    }
    #[inline]
    pub(super) fn end(self) -> usize {
        (self.end_digit >> 1) as usize
    }
    #[inline]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }
    #[inline]
    pub(super) fn len(self) -> usize {
        self.end() - self.start()
    }
    #[inline]
    pub(super) fn has_digit(self) -> bool {
        self.end_digit & 1 == 1
    }
}

/// In every byte the bit that letters have and digits have not.
const LETTER: u64 = 0x4040_4040_4040_4040;
/// In every byte the bit that ASCII has not.
const HIGH: u64 = 0x8080_8080_8080_8080;
/// Keeps the first n of 16 bytes.
static KEEP: [[u64; 2]; 17] = {
    let mut table = [[0; 2]; 17];
    let mut n = 1;
    while n <= 16 {
        let mask = u128::MAX >> (128 - 8 * n as u32);
        table[n] = [mask as u64, (mask >> 64) as u64];
        n += 1;
    }
    table
};

/// Words of a text, and which of them are worth a second look.
#[derive(Debug, Default)]
pub(super) struct Words {
    all: Vec<Word>,
    count: usize,
    /// Numbers of the words that pass the filter.
    hot: Vec<u32>,
    hot_count: usize,
    /// Numbers of the words that have a digit.
    digits: Vec<u32>,
    digit_count: usize,
    /// Where an `@` stands.
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

impl Words {
    pub(super) fn all(&self) -> &[Word] {
        &self.all[..self.count]
    }
    pub(super) fn hot(&self) -> &[u32] {
        &self.hot[..self.hot_count]
    }
    pub(super) fn digits(&self) -> &[u32] {
        &self.digits[..self.digit_count]
    }
    /// Bytes it holds on to.
    pub(super) fn capacity(&self) -> usize {
        self.all.capacity() * size_of::<Word>() + (self.hot.capacity() + self.digits.capacity()) * 4
    }

    /// Cuts `text`, whose words were those before.
    pub(super) fn cut(&mut self, text: &str, cutter: Cutter<'_>) {
        let room = text.len() / 2 + 2;
        if self.all.len() < room {
            self.all.resize(room, Word::default());
            self.hot.resize(room, 0);
            self.digits.resize(room, 0);
        }
        (self.count, self.hot_count, self.digit_count) = (0, 0, 0);
        self.ats.clear();
        self.ats.extend(memchr::memchr_iter(b'@', text.as_bytes()).map(|at| at as u32));
        let bytes = text.as_bytes();
        let (mut open, mut carry) = (0, 0);
        let (blocks, rest) = bytes.as_chunks::<64>();
        let mut last = [0; 64];
        last[..rest.len()].copy_from_slice(rest);
        for (number, block) in blocks.iter().chain([&last]).enumerate() {
            let base = number * 64;
            let word = classes(block);
            let before = word << 1 | carry;
            let (mut starts, mut ends) = (word & !before, !word & before);
            if carry == 0 {
                open = base + starts.trailing_zeros() as usize;
                starts &= starts.wrapping_sub(1);
            }
            carry = word >> 63;
            while ends != 0 {
                self.word(text, open, base + ends.trailing_zeros() as usize, cutter);
                ends &= ends.wrapping_sub(1);
                open = base + starts.trailing_zeros() as usize;
                starts &= starts.wrapping_sub(1);
            }
        }
        if carry == 1 && open < bytes.len() {
            self.word(text, open, bytes.len(), cutter);
        }
    }

    #[inline]
    fn word(&mut self, text: &str, start: usize, end: usize, cutter: Cutter<'_>) {
        let length = end - start;
        let block: Option<&[u8; 16]> = text.as_bytes().get(start..).and_then(|rest| rest.first_chunk());
        if let Some(block) = block.filter(|_| length <= 16) {
            let whole = u128::from_le_bytes(*block);
            let [keep_low, keep_high] = KEEP[length];
            let (low, high) = (whole as u64, (whole >> 64) as u64);
            if (low & keep_low | high & keep_high) & HIGH == 0 {
                let (low, high) = ((low | LOWER) & keep_low, (high | LOWER) & keep_high);
                let digit = (!low & LETTER & keep_low) | (!high & LETTER & keep_high) != 0;
                let hash = cutter.key.short_word(low, high);
                return self.push((hash, length), (start, end), digit, cutter);
            }
        }
        self.slow_word(text, start, end, cutter);
    }

    #[inline]
    fn push(
        &mut self,
        (hash, length): (u64, usize),
        (start, end): (usize, usize),
        digit: bool,
        cutter: Cutter<'_>,
    ) {
        let hot = match cutter.filters {
            Some(filters) => {
                let kind = usize::from(digit);
                cutter.lengths[kind] >> length.min(63) & 1 == 1 && may_hold(filters[kind], hash)
            }
            None => true,
        };
        let at = self.count;
        self.all[at] = Word::new(hash, start, end, digit);
        self.hot[self.hot_count] = at as u32;
        self.digits[self.digit_count] = at as u32;
        self.hot_count += usize::from(hot);
        self.digit_count += usize::from(digit);
        self.count += 1;
    }

    /// Long words, words at the very end of the text, and whatever is not ASCII.
    #[cold]
    #[inline(never)]
    fn slow_word(&mut self, text: &str, start: usize, end: usize, cutter: Cutter<'_>) {
        for (from, to) in tokens(&text[start..end]) {
            let word = &text[start + from..start + to];
            // No value has a word of so many bytes: it keeps its place, and matches nothing. Folding may
            // make a word shorter: the bound is that of the folded one with room to spare.
            let folded = if word.len() > 4 * super::WORD_BYTES_MAX { String::new() } else { fold(word) };
            let digit = folded.bytes().any(|b| b.is_ascii_digit());
            let hash = cutter.key.word(folded.as_bytes());
            self.push((hash, folded.len()), (start + from, start + to), digit, cutter);
        }
    }
}

/// Bit n: byte n is a letter, a digit or not ASCII. Plain arithmetic on bytes, which compilers turn into vectors.
#[inline]
fn classes(block: &[u8; 64]) -> u64 {
    let mut flags = [0u8; 64];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'0') < 10;
        *flag = u8::from(letter) | u8::from(digit) | byte >> 7;
    }
    let mut mask = 0;
    for (number, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product moves the lowest bit of byte n to bit n of the highest byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * number);
    }
    mask
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
        fn classes_are_those_of_each_byte(block in proptest::collection::vec(any::<u8>(), 64)) {
            let block: [u8; 64] = block.try_into().expect("64 bytes");
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
            let plain = block.iter().enumerate().fold(0, |mask, (n, &b)| mask | u64::from(is_word(b)) << n);
            prop_assert_eq!(classes(&block), plain);
        }

        #[test]
        fn words_are_the_tokens_of_the_text(text in "([a-zA-Z0-9@]{0,40}[ ,.\n_éß—\u{a0}Ω]{0,3}){0,30}") {
            let key = IndexKey::new(&[3; 32], &[4; 16]);
            let mut words = Words::default();
            words.cut(&text, Cutter { key: &key, filters: None, lengths: [0; 2] });
            let own: Vec<_> = words.all().iter().map(|w| (w.start(), w.end())).collect();
            prop_assert_eq!(&own, &tokens(&text).collect::<Vec<_>>());
            for word in words.all() {
                let folded = fold(&text[word.start()..word.end()]);
                if folded.len() <= super::super::WORD_BYTES_MAX {
                    prop_assert_eq!(word.hash, key.word(folded.as_bytes()));
                    prop_assert_eq!(word.has_digit(), folded.bytes().any(|b| b.is_ascii_digit()));
                }
            }
            let ats: Vec<_> = text.match_indices('@').map(|(at, _)| at as u32).collect();
            prop_assert_eq!(&words.ats, &ats);
        }
    }

    #[test]
    fn a_word_is_measured_folded() {
        let key = IndexKey::new(&[3; 32], &[4; 16]);
        let mut words = Words::default();
        let text = "é".repeat(60);
        words.cut(&text, Cutter { key: &key, filters: None, lengths: [0; 2] });
        assert_eq!(words.all()[0].hash, key.word(fold(&text).as_bytes()));
    }
}
