//! What a roster can hold of texts that are alike but for their digits: asked once for all of them. The words that are
//! the same in each can be no name together, or they can; of the others only those are looked at whose length fits.

use super::names::neighbours;
use super::words::Hot;
use super::{Roster, RosterHit, RosterScratch, View};

/// Where in texts of one shape something of the roster may stand.
#[derive(Debug)]
pub(crate) enum Places {
    /// Anywhere.
    Anywhere,
    /// Where digits are, or nowhere.
    Digits {
        /// Words that may be values or parts of them: half-open bytes.
        words: Box<[(u32, u32)]>,
        /// Stretches whose words may be a phone.
        phones: Box<[(u32, u32)]>,
        /// Stretches whose words may be an ID together.
        ids: Box<[(u32, u32)]>,
    },
}

impl Roster {
    /// Where texts like `shape` may hold something. In `shape` some bytes stand for several, and `is_vague` knows
    /// them: digits for any digit, others for the digits and letters of a hexadecimal number.
    pub(crate) fn places(
        &self,
        shape: &[u8],
        is_vague: impl Fn(u8) -> bool,
        scratch: &mut RosterScratch,
    ) -> Places {
        // Addresses have too many parts.
        if !shape.iter().all(|&byte| is_vague(byte) || byte.is_ascii() && !matches!(byte, b'@' | b'%')) {
            return Places::Anywhere;
        }
        let copy: String =
            shape.iter().map(|&byte| if is_vague(byte) { '0' } else { char::from(byte) }).collect();
        scratch.words.cut(&copy, self.cutter(false));
        let view = View { roster: self, text: &copy, words: &scratch.words, ocr: false };
        if view.may_have_name() {
            return Places::Anywhere;
        }
        let all = view.words.all();
        let lengths = self.index.description.word_lengths;
        let mut words = Vec::new();
        for &number in view.words.digits() {
            let word = all[number as usize];
            let bytes = &shape[word.start()..word.end()];
            // A part of a UUID may have letters alone.
            let lengths = if bytes.is_ascii() { lengths[1] } else { lengths[0] | lengths[1] };
            if lengths >> word.len().min(63) & 1 == 1 {
                words.push((word.start() as u32, word.end() as u32));
            }
        }
        let [phones, ids] = view.runs().map(merged);
        Places::Digits { words: words.into(), phones, ids }
    }

    /// Does what [`Self::find`] does for a text of the shape that `places` was made of.
    pub(crate) fn find_at(
        &self,
        (text, places): (&str, &Places),
        scratch: &mut RosterScratch,
        out: &mut Vec<RosterHit>,
    ) {
        if self.may_be_at(text, places, scratch) {
            self.find(text, scratch, out);
        }
    }

    fn may_be_at(&self, text: &str, places: &Places, scratch: &mut RosterScratch) -> bool {
        let Places::Digits { words, phones, ids } = places else { return true };
        let cutter = self.cutter(false);
        let span = |&(start, end): &(u32, u32)| (start as usize, end as usize);
        let stretch = |at| {
            let (start, end) = span(at);
            &text[start..end]
        };
        words.iter().map(span).any(|word| cutter.is_hot(text, word))
            || phones.iter().map(stretch).any(|text| self.has_phone(text, scratch))
            || ids.iter().map(stretch).any(|text| self.has_number(text, scratch))
    }
}

/// Stretches in order, those that meet as one.
fn merged(mut all: Vec<(u32, u32)>) -> Box<[(u32, u32)]> {
    all.sort_unstable();
    all.dedup_by(|next, before| {
        let meet = next.0 <= before.1;
        before.1 = if meet { before.1.max(next.1) } else { before.1 };
        meet
    });
    all.into()
}

impl View<'_> {
    /// Whether the words without a digit may be a name, or one of them a value.
    fn may_have_name(&self) -> bool {
        let all = self.words.all();
        let is_letter = |at: usize| all.get(at).is_some_and(|word| word.len() == 1 && !word.has_digit());
        let known = |pair: u64| self.may_hold(2, pair) && self.look_up(pair).is_some();
        let hot: Vec<Hot> =
            self.words.hot().iter().copied().filter(|hot| !all[hot.at as usize].has_digit()).collect();
        hot.iter().enumerate().any(|(number, &Hot { hash, at })| {
            let at = at as usize;
            let letters = [at.wrapping_sub(1), at + 1].into_iter().filter(|&at| is_letter(at));
            self.roster.index.description.letter_values && self.look_up(hash).is_some()
                || letters.into_iter().any(|at| known(self.roster.key.pair(hash, self.hash(all[at]))))
                || neighbours(at, &hot[number + 1..])
                    .any(|other| known(self.roster.key.pair(hash, other.hash)))
        })
    }
}
