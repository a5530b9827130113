//! Two fields of one row near each other: both are surer, and a given name or surname alone becomes a find. Near is
//! within 200 bytes of the same line.

use super::super::common::is_common;
use super::super::kinds;
use super::words::Hot;
use super::{Hit, View, Word, is_anchor, is_name};
use crate::fold;

/// How far another field of the same row may stand.
const NEAR_BYTES: usize = 200;

impl View<'_> {
    /// Raises what belongs together, adds words of the row near its ID, address or phone.
    pub(super) fn correlate(&self, hits: &mut Vec<Hit>) {
        hits.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
        let found = hits.len();
        let mut confirmed = vec![false; found];
        for at in (0..found).filter(|&at| is_anchor(hits[at].kind)).collect::<Vec<_>>() {
            let (start, end) = self.near(&hits[at]);
            let from = hits[..found].partition_point(|hit| hit.start < start);
            let to = from + hits[from..found].partition_point(|hit| hit.start < end);
            for other in from..to {
                if other != at
                    && apart(&hits[at], &hits[other])
                    && self.is_same_row(hits[at].row, &hits[other])
                {
                    (confirmed[at], confirmed[other]) = (true, true);
                    hits[other].row = hits[at].row;
                }
            }
            confirmed[at] |= self.words_of_row(at, (start, end), (from, to), hits);
        }
        for (hit, _) in hits.iter_mut().zip(confirmed).filter(|(_, confirmed)| *confirmed) {
            hit.score = if hit.score < kinds::ALONE { kinds::CONFIRMED } else { kinds::CERTAIN };
        }
    }

    /// The part of the hit's line that is near.
    fn near(&self, hit: &Hit) -> (usize, usize) {
        let from = self.text.floor_char_boundary(hit.start.saturating_sub(NEAR_BYTES));
        let to = self.text.ceil_char_boundary((hit.end + NEAR_BYTES).min(self.text.len()));
        let from = self.text[from..hit.start].rfind('\n').map_or(from, |at| from + at + 1);
        let to = self.text[hit.end..to].find('\n').map_or(to, |at| hit.end + at);
        (from, to)
    }

    /// Whether a find is of this row: its own, or a name whose words the row has.
    fn is_same_row(&self, row: u32, hit: &Hit) -> bool {
        if hit.row == row {
            return true;
        }
        if !is_name(hit.kind) {
            return false;
        }
        let words = self.words.all();
        let first = words.partition_point(|word| word.start() < hit.start);
        let own = words[first..].iter().take_while(|word| word.end() <= hit.end);
        let known = own.filter(|word| word.len() > 1 && self.row_mark(row, **word).is_some()).count();
        known >= if hit.kind == kinds::INITIAL { 1 } else { 2 }
    }

    /// Adds the words near that are given name or surname of the row, and are no find yet; says whether there are any.
    /// `from..to`: the hits near.
    fn words_of_row(
        &self,
        at: usize,
        (start, end): (usize, usize),
        (from, to): (usize, usize),
        hits: &mut Vec<Hit>,
    ) -> bool {
        let (words, hot) = (self.words.all(), self.words.hot());
        let word_of = |hot: &Hot| words[hot.at as usize];
        let first = hot.partition_point(|hot| word_of(hot).start() < start);
        let (anchor, added) = (hits[at], hits.len());
        let mut any = false;
        for word in hot[first..].iter().map(word_of).take_while(|word| word.end() <= end) {
            let (start, end) = (word.start(), word.end());
            let own = (anchor.start..anchor.end).contains(&start);
            if own || word.len() < 2 {
                continue;
            }
            if self.row_mark(anchor.row, word).is_none() || self.is_prose(word) {
                continue;
            }
            any = true;
            let near = hits[from..to].iter().chain(&hits[added..]);
            let held = near.filter(|hit| is_anchor(hit.kind) || hit.score >= kinds::ALONE);
            if !held.into_iter().any(|hit| hit.start <= start && end <= hit.end) {
                hits.push(Hit { start, end, kind: kinds::FULL, row: anchor.row, score: kinds::ALONE });
            }
        }
        any
    }

    /// An ordinary word in lower case: "may", "will".
    fn is_prose(&self, word: Word) -> bool {
        let text = self.word_text(word);
        !self.ocr && text.starts_with(char::is_lowercase) && is_common(&fold(text))
    }
}

/// Whether two finds are two fields: of different kinds, neither within the other.
fn apart(one: &Hit, other: &Hit) -> bool {
    one.kind != other.kind && (one.end <= other.start || other.end <= one.start)
}
