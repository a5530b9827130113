//! Names: two words of one person near each other, in any order, and what belongs to them: middle names, initials,
//! particles, the rest of the surname.

use super::super::common::{is_common, is_particle};
use super::super::kinds;
use super::words::Hot;
use super::{Hit, View, Word, is_name};
use crate::fold;
use crate::names::{is_deed, is_ordinary, leads_to_name};

/// Words a name may have between the two that tell it.
const BETWEEN_MAX: usize = 3;
/// Bytes of punctuation between two words of a name.
const GAP_MAX: usize = 4;
/// Bytes of space between two words of a name: columns of a listing.
const SPACE_MAX: usize = 32;

/// What stands between two neighbouring words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Space, hyphen, apostrophe, full stop, underscore.
    Soft,
    /// A comma and the like: family names stand before one.
    Hard,
    /// They are no neighbours.
    Apart,
}

/// A name on its way: numbers of its first and last word, and of those that were matched.
#[derive(Debug, Clone, Copy)]
struct Match {
    first: usize,
    last: usize,
    kind: u8,
    row: u32,
    score: f32,
}

impl View<'_> {
    /// Adds all names.
    pub(super) fn names(&self, hits: &mut Vec<Hit>) {
        let hot = self.words.hot();
        for (number, &Hot { hash, at }) in hot.iter().enumerate() {
            let at = at as usize;
            let word = self.words.all()[at];
            if self.roster.index.description.letter_values && !word.has_digit() {
                self.single((word, hash), hits);
            }
            self.initials((at, hash), hits);
            if let Some(found) = self.name_from((at, hash), &hot[number + 1..]) {
                self.push_name(found, hits);
            }
        }
    }

    /// An ID of letters alone, a whole name in one word.
    fn single(&self, (word, hash): (Word, u64), hits: &mut Vec<Hit>) {
        let whole = |kind| kind == kinds::WHOLE || kind >= kinds::IDS;
        if let Some((kind, row)) = self.look_up(hash).filter(|(kind, _)| whole(*kind)) {
            let score = kinds::score(kind);
            hits.push(Hit { start: word.start(), end: word.end(), kind, row, score });
        }
    }

    /// `J. Doe` and `Doe, J.` around the surname at `at`: too little alone.
    fn initials(&self, (at, hash): (usize, u64), hits: &mut Vec<Hit>) {
        let all = self.words.all();
        for (initial, gap) in [(at.wrapping_sub(1), at), (at + 1, at + 1)] {
            let Some(letter) = all.get(initial).filter(|word| word.len() == 1 && !word.has_digit()) else {
                continue;
            };
            let pair = self.roster.key.pair(hash, self.hash(*letter));
            if !self.may_hold(2, pair) || self.gap_kind(gap) == Gap::Apart {
                continue;
            }
            if let Some((kind, row)) = self.look_up(pair).filter(|(kind, _)| is_name(*kind)) {
                let (first, last) = (initial.min(at), initial.max(at));
                let found = Match { first, last, kind, row, score: kinds::score(kind) };
                self.push_name(found, hits);
            }
        }
    }

    /// The name whose first telling word is at `at`, as long as it goes. `rest`: the words behind it that pass the
    /// filter.
    fn name_from(&self, (at, hash): (usize, u64), rest: &[Hot]) -> Option<Match> {
        let all = self.words.all();
        let mut found: Option<Match> = None;
        for other in neighbours(at, rest) {
            let (pair, other) = (self.roster.key.pair(hash, other.hash), other.at as usize);
            if all[other].len() < 2 {
                continue;
            }
            if !self.may_hold(2, pair) {
                continue;
            }
            let Some((kind, row)) = self.look_up(pair) else { continue };
            if let Some(score) = self.fits((at, other), (kind, row), found.as_ref()) {
                match &mut found {
                    Some(found) => found.last = other,
                    None => found = Some(Match { first: at, last: other, kind, row, score }),
                }
            }
        }
        found
    }

    /// How sure the pair `at`, `other` is, with what stands between; `None`: they do not belong together. Beyond a
    /// name that was found already, only words of one row go on with it.
    fn fits(
        &self,
        (at, other): (usize, usize),
        (kind, row): (u8, u32),
        found: Option<&Match>,
    ) -> Option<f32> {
        let (mut hard, mut unknown) = (0, 0);
        for gap in at + 1..=other {
            match self.gap_kind(gap) {
                Gap::Apart => return None,
                Gap::Hard if found.is_some_and(|found| gap > found.last) => return None,
                Gap::Hard => hard += 1,
                Gap::Soft => {}
            }
        }
        for middle in at + 1..other {
            if !self.belongs(middle, (at, other), row) {
                unknown += 1;
            }
        }
        let score = match kind {
            kinds::COMMON if self.is_lower(at) && self.is_lower(other) => kinds::WEAK,
            kinds::FULL | kinds::COMMON if self.is_chance(at, other) => kinds::WEAK,
            kind => kinds::score(kind),
        };
        match unknown {
            0 if hard <= 1 => Some(score),
            1 if hard == 0 && found.is_none() && (at..=other).all(|word| !self.is_lower(word)) => {
                Some(score.min(kinds::UNKNOWN_MIDDLE))
            }
            _ => None,
        }
    }

    /// Two ordinary words in the middle of a sentence that does not speak of a person: "Will Price go up?". Where
    /// they stand for themselves, behind a label, a title or "by", they are a name.
    fn is_chance(&self, at: usize, other: usize) -> bool {
        let all = self.words.all();
        let text = |at: usize| self.word_text(all[at]);
        let before = at.checked_sub(1).filter(|_| self.gap(at) == " ");
        let behind = Some(other + 1).filter(|&next| next < all.len() && self.gap(next) == " ");
        let ordinary = |at: usize| is_common(&fold(text(at))) || is_ordinary(text(at));
        (before.is_some() || behind.is_some())
            && !self.ocr
            && ordinary(at)
            && ordinary(other)
            && !before.is_some_and(|before| leads_to_name(text(before)))
            && !self.is_labelled(at)
            && !behind.is_some_and(|behind| is_deed(text(behind)))
    }

    /// Whether a colon, an equals sign or a quote stands before a word.
    fn is_labelled(&self, at: usize) -> bool {
        self.text[..self.words.all()[at].start()]
            .trim_end_matches(' ')
            .ends_with([':', '=', '"', '\'', '>', '<'])
    }

    /// Whether a word between two of a name is part of it.
    fn belongs(&self, middle: usize, (at, other): (usize, usize), row: u32) -> bool {
        let all = self.words.all();
        let word = all[middle];
        if word.len() == 1 || is_particle(&fold(self.word_text(word))) || self.row_mark(row, word).is_some() {
            return true;
        }
        // Of several people with this name the table knows one; the middle word may lead to the right one.
        [(at, other), (other, at)].into_iter().any(|(near, far)| {
            let pair = self.roster.key.pair(self.hash(all[near]), self.hash(word));
            let row = if self.may_hold(2, pair) { self.look_up(pair) } else { None };
            row.is_some_and(|(kind, row)| is_name(kind) && self.row_mark(row, all[far]).is_some())
        })
    }

    fn gap_kind(&self, at: usize) -> Gap {
        let gap = self.gap(at);
        let space = gap.len() > GAP_MAX;
        if gap.contains(['\n', '\r']) || space && (gap.len() > SPACE_MAX || !gap.trim().is_empty()) {
            Gap::Apart
        } else if gap.chars().all(|c| " \u{a0}\u{2010}\u{2011}-_.'’`\"".contains(c)) || space {
            Gap::Soft
        } else {
            Gap::Hard
        }
    }

    /// Whether a word begins in lower case; what OCR read has lost its case.
    fn is_lower(&self, at: usize) -> bool {
        let first = self.word_text(self.words.all()[at]).chars().next();
        !self.ocr && first.is_some_and(char::is_lowercase)
    }

    /// Adds a name with particles before its surname and initials behind its given name, unless a longer one holds it.
    fn push_name(&self, found: Match, hits: &mut Vec<Hit>) {
        let all = self.words.all();
        let Match { mut first, mut last, kind, row, score } = found;
        if self.is_family_first(&found) {
            while first > 0 && self.gap_kind(first) == Gap::Soft && self.leads_surname(first - 1) {
                first -= 1;
            }
            while all.get(last + 1).is_some_and(|word| word.len() == 1 && !word.has_digit())
                && self.gap(last + 1).trim_start_matches('.') == " "
                && found.kind != kinds::INITIAL
            {
                last += 1;
            }
        }
        let hit = Hit { start: all[first].start(), end: all[last].end(), kind, row, score };
        // An earlier word of the same name has led here already; a weaker one gives way.
        let holds = |one: &Hit, other: &Hit| {
            is_name(one.kind) && one.start <= other.start && one.end >= other.end && one.score >= other.score
        };
        if !hits.iter().rev().take(4).any(|other| holds(other, &hit)) {
            while hits.last().is_some_and(|other| is_name(other.kind) && holds(&hit, other)) {
                hits.pop();
            }
            hits.push(hit);
        }
    }

    fn is_family_first(&self, found: &Match) -> bool {
        let hard = (found.first + 1..=found.last).any(|gap| self.gap_kind(gap) == Gap::Hard);
        let all = self.words.all();
        let given = |at: usize| self.row_mark(found.row, all[at]) == Some(0);
        hard || given(found.last) && !given(found.first)
    }

    /// `van` before Berg, the O of O'Brien.
    fn leads_surname(&self, at: usize) -> bool {
        let word = self.words.all()[at];
        let apostrophe = matches!(self.gap(at + 1), "'" | "’" | "`");
        word.len() == 1 && apostrophe || is_particle(&fold(self.word_text(word)))
    }
}

/// Those of the words behind `at` that are near enough to be of one name with it.
pub(super) fn neighbours(at: usize, rest: &[Hot]) -> impl Iterator<Item = &Hot> {
    rest.iter().take_while(move |other| other.at as usize <= at + 1 + BETWEEN_MAX)
}
