//! Finds a roster's values in text, a whole buffer or a line: words are cut and hashed once, a filter says which are
//! worth more, and only those are looked at with their neighbours. No value spans a line's end.

mod correlate;
mod mail;
mod names;
mod numbers;
mod shapes;
mod vectors;
mod words;

pub(crate) use self::shapes::Places;
use self::words::{Cutter, Word, Words, hash_of, segment_end};
use super::index::filter::may_hold;
use super::ocr::{fold_ascii, fold_confusions};
use super::{Roster, RosterHit, kinds};
use crate::fold;

/// Bytes of text that are worked on at once: what is known of them stays in the cache.
const SEGMENT_BYTES: usize = 32 << 10;
/// Bytes of a long line that two segments share; finds in the middle of it are the same in both.
const OVERLAP_BYTES: usize = 2 << 10;
/// Bytes of a word beyond which it is no value.
const WORD_BYTES_MAX: usize = 96;

/// What a thread needs to find a roster's values; made once, used for many texts.
#[derive(Debug, Default)]
pub struct RosterScratch {
    words: Words,
    hits: Vec<Hit>,
    copy: String,
    /// Bytes of each word in the copy and in the text it was made of.
    places: Vec<[u32; 4]>,
}

impl RosterScratch {
    /// Bytes it holds on to.
    pub fn capacity(&self) -> usize {
        self.words.capacity() + self.copy.capacity() + self.places.capacity() * 16
    }
}

/// An offset, and whether the line goes on behind it.
struct Found<T> {
    at: T,
    goes_on: bool,
}

/// A find in a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Hit {
    start: usize,
    end: usize,
    kind: u8,
    row: u32,
    score: f32,
}

/// One segment, cut.
#[derive(Clone, Copy)]
struct View<'a> {
    roster: &'a Roster,
    text: &'a str,
    words: &'a Words,
    /// Whether the text is a copy in which what OCR confuses is one.
    ocr: bool,
}

impl Roster {
    /// Adds every match in `text`, which may hold many lines; offsets are those of `text`. `ocr`: the text was read
    /// from pixels, characters that look alike count as one.
    pub fn find_in(&self, text: &str, ocr: bool, scratch: &mut RosterScratch, out: &mut Vec<RosterHit>) {
        if ocr {
            return self.find_ocr(text, scratch, out);
        }
        self.segments(text, false, scratch, out);
    }

    fn segments(&self, text: &str, ocr: bool, scratch: &mut RosterScratch, out: &mut Vec<RosterHit>) {
        let cutter = self.cutter(ocr);
        // Finds that start before `from` were found with the segment before.
        let (mut begin, mut from) = (0, 0);
        while begin < text.len() {
            let end = segment_end(text, begin);
            let segment = &text[begin..end.at];
            scratch.words.cut(segment, cutter);
            let view = View { roster: self, text: segment, words: &scratch.words, ocr };
            view.find(&mut scratch.hits);
            let next = if end.goes_on { text.floor_char_boundary(end.at - OVERLAP_BYTES) } else { end.at };
            let until = if end.goes_on { next + OVERLAP_BYTES / 2 } else { end.at };
            let own = scratch.hits.iter().filter(|hit| (from..until).contains(&(begin + hit.start)));
            out.extend(own.map(|hit| self.hit(hit, begin)));
            (begin, from) = (next, until);
        }
    }

    fn cutter(&self, ocr: bool) -> Cutter<'_> {
        let filters = [self.index.filters[0].as_slice(), self.index.filters[1].as_slice()];
        let lengths = self.index.description.word_lengths;
        Cutter { key: &self.key, filters: (!ocr).then_some(filters), lengths }
    }

    fn hit(&self, hit: &Hit, offset: usize) -> RosterHit {
        RosterHit {
            start: offset + hit.start,
            end: offset + hit.end,
            entity: self.entities[usize::from(hit.kind)],
            person: hit.row,
            score: hit.score,
        }
    }

    /// Looks in a copy whose words are folded; finds lie on borders of words, and so lead back.
    fn find_ocr(&self, text: &str, scratch: &mut RosterScratch, out: &mut Vec<RosterHit>) {
        let (mut copy, mut places) = (std::mem::take(&mut scratch.copy), std::mem::take(&mut scratch.places));
        copy.clear();
        places.clear();
        let mut copied = 0;
        for (start, end) in crate::tokens(text) {
            copy.push_str(&text[copied..start]);
            let at = copy.len();
            copy.push_str(&fold_confusions(&fold(&text[start..end])));
            places.push([at, copy.len(), start, end].map(|at| at as u32));
            copied = end;
        }
        copy.push_str(&text[copied..]);
        let first = out.len();
        self.segments(&copy, true, scratch, out);
        for hit in &mut out[first..] {
            let start = places.partition_point(|place| (place[1] as usize) <= hit.start);
            let last = places.partition_point(|place| (place[0] as usize) < hit.end).saturating_sub(1);
            let (Some(a), Some(b)) = (places.get(start), places.get(last)) else { continue };
            // A plus before a phone is no word.
            hit.start = (a[2] as usize).saturating_sub((a[0] as usize).saturating_sub(hit.start));
            hit.end = b[3] as usize;
        }
        (scratch.copy, scratch.places) = (copy, places);
    }
}

impl View<'_> {
    fn find(&self, hits: &mut Vec<Hit>) {
        hits.clear();
        self.names(hits);
        self.numbers(hits);
        self.mails(hits);
        if hits.iter().any(|hit| is_anchor(hit.kind)) {
            self.correlate(hits);
        }
    }

    /// Kind and row of a hash.
    fn look_up(&self, hash: u64) -> Option<(u8, u32)> {
        self.roster.index.get(self.roster.key.shown(hash))
    }

    /// Whether the filter (2: pairs, 3: phones) may hold it. A copy made for OCR has none.
    fn may_hold(&self, filter: usize, hash: u64) -> bool {
        self.ocr || may_hold(&self.roster.index.filters[filter], hash)
    }

    fn hash(&self, word: Word) -> u64 {
        hash_of(self.text, word, &self.roster.key)
    }

    fn word_text(&self, word: Word) -> &str {
        &self.text[word.start()..word.end()]
    }

    /// What stands between a word and the one before it.
    fn gap(&self, at: usize) -> &str {
        let all = self.words.all();
        match at.checked_sub(1) {
            Some(before) => &self.text[all[before].end()..all[at].start()],
            None => "",
        }
    }

    /// Whether the marks of a row have this word.
    fn row_mark(&self, row: u32, word: Word) -> Option<usize> {
        let text = self.word_text(word);
        let mut folded = [0; WORD_BYTES_MAX];
        let hash = match fold_ascii(text.as_bytes(), &mut folded) {
            _ if self.ocr => self.hash(word),
            Some(length) => self.roster.key.word(&folded[..length]),
            None => self.roster.key.word(fold_confusions(&fold(text)).as_bytes()),
        };
        let mark = self.roster.key.row_mark(row, hash);
        self.roster.index.marks(row).iter().position(|own| *own == mark)
    }
}

/// Whether a find tells its row: an address, a phone, an ID.
fn is_anchor(kind: u8) -> bool {
    matches!(kind, kinds::EMAIL | kinds::PHONE) || kind >= kinds::IDS
}

/// Whether a find is of a name.
fn is_name(kind: u8) -> bool {
    matches!(kind, kinds::FULL | kinds::SECONDARY | kinds::INITIAL | kinds::COMMON | kinds::WHOLE)
}
