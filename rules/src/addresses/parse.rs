//! Reads one postal address from a place in a text: numbers, the street, parts of the house, the town. Says
//! how sure it is; looks at nothing before it but the words of a sentence near.

use super::lexicon::{
    CONTEXT, COUNTED, ENDINGS, MONTHS, PREFIXES, SHORTENED, SMALL, STREETS, SUFFIX_WORDS, UNITS,
    WEAK_ENDINGS, WEAK_STREETS, has,
};
use super::pieces::{Gap, Kind, Piece};
use crate::NameFinder;
use crate::names::is_ordinary;

/// Words of a street's name at most.
const STREET_WORDS_MAX: usize = 6;
/// Words of a town's or a country's name at most.
const TOWN_WORDS_MAX: usize = 5;
/// Towns, regions and countries behind each other at most.
const TOWNS_MAX: usize = 4;
/// Pieces before an address in which a word that speaks of a place may stand.
const CONTEXT_PIECES: usize = 12;

/// An address: pieces from, up to (exclusive), and score.
pub(super) type Found = (usize, usize, f32);

/// A town, a region, a code or a country behind a street.
struct Town {
    end: usize,
    code: bool,
    /// It is part of the address, whatever follows.
    sure: bool,
}

/// What the words of a street say.
#[derive(Debug, Default, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "each is one observation, weighed in one place")]
struct Street {
    words: usize,
    /// Street, Road.
    kind: bool,
    /// Way, Close.
    weak_kind: bool,
    /// Rue, Via, …straße.
    continental: bool,
    /// …ova, …ská.
    adjective: bool,
    /// All words have capitals, or are small words of streets.
    proper: bool,
    /// Words of business or of programs.
    business: bool,
    /// A word with a capital.
    capital: bool,
    /// A month: `1 Apr 2002`.
    month: bool,
    /// Nothing but words of sentences.
    small: bool,
}

/// A text in pieces.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) pieces: &'a [Piece],
    /// Its words, folded.
    pub(super) words: &'a [String],
    pub(super) names: &'a NameFinder,
    /// There is no capital in the text: small letters say nothing.
    pub(super) small: bool,
}

impl Parser<'_> {
    fn piece(&self, at: usize) -> Option<Piece> {
        self.pieces.get(at).copied()
    }

    fn is_unit(&self, at: usize) -> bool {
        self.piece(at).is_some_and(|p| p.is_word() && has(UNITS, p.folded(self.words)))
            && self
                .piece(at + 1)
                .is_some_and(|p| matches!(p.kind, Kind::Number | Kind::Mixed) && p.end - p.start <= 7)
    }

    /// Reads an address that starts at piece `from`.
    pub(super) fn at(&self, from: usize) -> Option<Found> {
        if let Some(found) = self.corner(from) {
            return Some(found);
        }
        // No address is without a number.
        let near = &self.pieces[from..self.pieces.len().min(from + STREET_WORDS_MAX + 4)];
        if !near.iter().any(|p| matches!(p.kind, Kind::Number | Kind::Mixed)) {
            return None;
        }
        let headed = self.is_unit(from);
        let first = if headed { from + 2 } else { from };
        let mut at = first;
        while at < first + 2
            && self.piece(at).is_some_and(|p| p.is_number(6) && (at == first || p.gap == Gap::Space))
        {
            at += 1;
        }
        let led = at > first;
        let street = self.street(at, led);
        if street.words == 0 {
            return self.unit_alone(from, headed);
        }
        at += street.words;
        let numbered =
            self.piece(at).is_some_and(|p| self.is_house(p) && (p.gap == Gap::Space || street.continental));
        at += usize::from(numbered);
        let lettered = numbered && self.is_house_letter(at);
        at += usize::from(lettered);
        let units_end = self.units(at);
        let unit = units_end > at;
        let twice = at - usize::from(numbered) - usize::from(lettered) - street.words > first + 1;
        let mut score = self.score(from, street, (led, numbered, unit || headed));
        if twice && street.proper && score < 0.5 && self.context(from) {
            score = 0.55;
        }
        if self.is_line(from, at) && led && numbered && street.proper && !street.business {
            score = score.max(0.55);
        }
        if numbered && street.proper && !street.business && self.code_and_town(at, street.continental) {
            score = score.max(0.6);
        }
        if score < 0.4 {
            return self.unit_alone(from, headed);
        }
        let (end, town) = self.towns(units_end, unit || numbered && street.continental);
        let score = if town { (score + 0.1).min(0.95) } else { score };
        Some((from, end, score))
    }

    /// The number of a house: `12`, `12a`, `2/14/3` (house, stairs, door).
    fn is_house(&self, piece: Piece) -> bool {
        piece.is_number(5) || piece.is_number(9) && piece.text(self.text).contains('/')
    }

    /// `b` in `Ringstr. 5 b, 4600 Olten`
    fn is_house_letter(&self, at: usize) -> bool {
        let ends = self.piece(at + 1).is_none_or(|p| p.kind == Kind::Line || p.gap == Gap::Comma);
        self.piece(at).is_some_and(|p| p.is_word() && p.gap == Gap::Space && p.end - p.start == 1) && ends
    }

    /// `, 20099 Hamburg`, `, 2611 CD Delft`: no words but those of a street stand before a postcode and a town.
    fn code_and_town(&self, at: usize, continental: bool) -> bool {
        let Some(code) = self.piece(at).filter(|p| p.gap == Gap::Comma && is_code(p.text(self.text))) else {
            return false;
        };
        // `January 15, 2024 Payroll`
        let year = matches!(code.text(self.text).as_bytes(), [b'1', b'9', _, _] | [b'2', b'0', _, _]);
        let letters =
            |p: &Piece| p.end - p.start == 2 && p.text(self.text).bytes().all(|b| b.is_ascii_uppercase());
        let next = |at| self.piece(at).filter(|p| p.kind == Kind::Capital && p.gap == Gap::Space);
        let at = at + 1 + usize::from(next(at + 1).is_some_and(|p| letters(&p)));
        let town = next(at).map(|p| (p, p.folded(self.words)));
        (!year || continental)
            && town.is_some_and(|(piece, word)| {
                piece.end - piece.start > 2
                    && !has(COUNTED, word)
                    && (has(SMALL, word) || !self.names.is_grammar(word))
            })
    }

    /// Where an address starts whose town stands before the street: `D-50674 Köln, Lindenstraße 12`.
    pub(super) fn town_before(&self, from: usize) -> usize {
        if self.pieces[from].gap != Gap::Comma {
            return from;
        }
        let mut at = from;
        while at > 0 && at + TOWN_WORDS_MAX > from {
            at -= 1;
            let piece = self.pieces[at];
            let code = matches!(piece.kind, Kind::Number | Kind::Mixed) && is_code(piece.text(self.text));
            if code && at + 1 < from {
                return at;
            }
            let inner = at + 1 == from || self.pieces[at + 1].gap == Gap::Space;
            if piece.kind != Kind::Capital || !inner {
                return from;
            }
        }
        from
    }

    /// `Apt. 12` by itself.
    fn unit_alone(&self, from: usize, headed: bool) -> Option<Found> {
        let word = self.piece(from)?.folded(self.words);
        headed.then(|| (from, from + 2, if word.starts_with("ap") { 0.55 } else { 0.4 }))
    }

    /// Whether the pieces are a line, or the start of one that goes on in the next.
    fn is_line(&self, from: usize, to: usize) -> bool {
        let starts = from == 0 || self.pieces[from - 1].kind == Kind::Line;
        starts && self.piece(to).is_none_or(|p| p.kind == Kind::Line)
    }

    fn score(&self, from: usize, street: Street, (led, numbered, unit): (bool, bool, bool)) -> f32 {
        // `cast to str as workaround for 709`
        if !led && !street.capital && !self.small {
            return 0.0;
        }
        let named = street.kind || street.weak_kind || street.continental || unit;
        // `1 Apr 2002`, `between 97 and 122`
        if !named && (street.month || street.small) {
            return 0.0;
        }
        let mut score: f32 = if led && street.kind {
            0.65
        } else if street.continental && numbered {
            if led { 0.7 } else { 0.6 }
        } else if led && street.continental {
            0.5
        } else if led && street.weak_kind && street.words > 1 {
            if street.business { 0.2 } else { 0.5 }
        } else if street.adjective && numbered {
            if led { 0.5 } else { 0.35 }
        } else if led && (numbered || unit) && street.proper {
            0.25
        } else if street.proper && numbered {
            if self.behind_preposition(from) { 0.2 } else { 0.1 }
        } else {
            return 0.0;
        };
        if unit {
            score += 0.3;
        }
        if street.business {
            score -= 0.1;
        }
        if !street.proper {
            score -= 0.1;
        }
        if (led || numbered) && self.context(from) {
            score += if led && numbered { 0.35 } else { 0.3 };
        }
        score.clamp(0.0, 0.95)
    }

    /// Reads the words of a street.
    fn street(&self, from: usize, led: bool) -> Street {
        let mut street = Street { proper: true, ..Street::default() };
        let mut small_last = false;
        for at in from..from + STREET_WORDS_MAX {
            let Some(piece) = self.piece(at) else { break };
            let word = piece.folded(self.words);
            let abbreviated = at > from && piece.gap == Gap::Stop && {
                let before = self.pieces[at - 1];
                before.end - before.start <= 4
            };
            let gap = piece.gap == Gap::Space || abbreviated || at == from && led && piece.gap == Gap::Comma;
            let ordinal = piece.kind == Kind::Mixed && led && is_ordinal(word);
            if at > from && !gap || !(piece.is_word() || ordinal) || self.is_unit(at) {
                break;
            }
            // `2 and drive[1]`, `3 is the Road to`
            if (at > from || piece.kind == Kind::Small) && has("and or is was are i ill", word) {
                break;
            }
            let first = at == from;
            // `entry + 1, str, len` are arguments of a call.
            let prefix = first
                && has(PREFIXES, word)
                && self.piece(at + 1).is_some_and(|next| next.is_word() && next.gap != Gap::Comma);
            let suffix_word = !first && has(SUFFIX_WORDS, word);
            let small = piece.kind == Kind::Small && !self.small;
            if first && small && !(prefix || led) {
                break;
            }
            if small && !(prefix || suffix_word || has(SMALL, word)) {
                street.proper = false;
                if !led {
                    break;
                }
            }
            street.words += 1;
            street.capital |= piece.kind == Kind::Capital;
            street.month |= has(MONTHS, word);
            street.kind |= !first && has(STREETS, word);
            street.weak_kind |= !first && piece.kind == Kind::Capital && has(WEAK_STREETS, word);
            let long = word.len() > 5;
            street.continental |= prefix && (small || word.len() > 2 || self.dotted(at))
                || suffix_word && small
                || long
                    && !small
                    && ENDINGS.iter().any(|ending| word.len() > ending.len() + 1 && word.ends_with(ending))
                    // `surrogate`, `aggregate`
                    && !is_ordinary(word)
                || word.ends_with(SHORTENED) && !small && (!first || long) && self.dotted(at);
            street.adjective |= long && !small && WEAK_ENDINGS.iter().any(|ending| word.ends_with(ending));
            street.business |= !has(STREETS, word)
                && !has(WEAK_STREETS, word)
                && !has(SMALL, word)
                && !prefix
                && self.names.is_business(word);
            small_last = small && !suffix_word && !prefix;
            let ends = !first && !small && (street.kind || street.weak_kind && self.ends_after(at));
            if ends && !self.goes_on(at + 1) {
                break;
            }
        }
        if small_last && street.proper && street.words > 0 {
            street.words -= 1;
        }
        street.small = self.is_small(from, street.words);
        street
    }

    /// Whether no word of a street has a capital, in a text that has some; or all are words of sentences.
    fn is_small(&self, from: usize, words: usize) -> bool {
        let mut words = self.pieces[from..].iter().take(words);
        if self.small {
            words.all(|p| self.names.is_grammar(p.folded(self.words)) || has(SMALL, p.folded(self.words)))
        } else {
            words.all(|p| p.kind == Kind::Small)
        }
    }

    fn dotted(&self, at: usize) -> bool {
        self.piece(at + 1).is_some_and(|next| next.gap == Gap::Stop)
    }

    /// `Drive` in `Kimberly Drive Suite 4`: what follows is no part of the street.
    fn ends_after(&self, at: usize) -> bool {
        self.piece(at + 1).is_none_or(|next| next.kind != Kind::Capital || next.gap != Gap::Space)
    }

    /// `Devon Street West`, `Fort Street`: the street goes on behind its kind.
    fn goes_on(&self, at: usize) -> bool {
        self.piece(at).is_some_and(|next| {
            let word = next.folded(self.words);
            next.gap == Gap::Space
                && next.kind == Kind::Capital
                && (has("north south east west n s e w ne nw se sw", word) || has(STREETS, word))
        })
    }

    /// Reads `Apt. 12, Suite 4`; lines may end between them.
    fn units(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let mut next = at;
            while self.piece(next).is_some_and(|p| p.kind == Kind::Line) && next < at + 2 {
                next += 1;
            }
            if !self.is_unit(next) {
                return at;
            }
            at = next + 2;
        }
    }

    /// Reads towns, regions, codes and countries behind a street; says whether there is one with a code. Of
    /// lines that go on with something else, only what stands before a code belongs to it.
    fn towns(&self, from: usize, open: bool) -> (usize, bool) {
        let (mut end, mut coded, mut at) = (from, false, from);
        for count in 0..TOWNS_MAX {
            let Some(town) = self.town(at, open && count == 0) else { break };
            at = town.end;
            if town.sure {
                end = at;
                coded |= town.code;
            }
        }
        (end, coded)
    }

    fn town(&self, from: usize, open: bool) -> Option<Town> {
        let mut at = from;
        let mut line = false;
        while self.piece(at).is_some_and(|p| p.kind == Kind::Line) && at < from + 2 {
            at += 1;
            line = true;
        }
        let first = self.piece(at)?;
        if first.gap == Gap::Stop || !line && first.gap != Gap::Comma && !open {
            return None;
        }
        let start = at;
        let mut code = false;
        while at < start + TOWN_WORDS_MAX && self.is_town_word(start, at) {
            code |= matches!(self.pieces[at].kind, Kind::Number | Kind::Mixed);
            at += 1;
        }
        if at == start {
            return None;
        }
        // A line belongs to the address as a whole or not at all.
        let next = self.piece(at);
        let whole = next.is_none_or(|p| p.kind == Kind::Line);
        let labelled = next.is_some_and(|p| {
            p.kind == Kind::Break && !matches!(p.text(self.text), "?" | "!" | ")" | "\"" | ";")
        });
        (code || !labelled).then_some(Town { end: at, code, sure: code || whole || !line })
    }

    fn is_town_word(&self, start: usize, at: usize) -> bool {
        let Some(piece) = self.piece(at) else { return false };
        if at > start && piece.gap != Gap::Space || self.is_unit(at) {
            return false;
        }
        let len = piece.end - piece.start;
        let word = piece.folded(self.words);
        let capitals =
            |p: Piece| p.text(self.text).bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        match piece.kind {
            Kind::Capital => {
                let inner = at > start && has(SMALL, word) && self.next_is_capital(at);
                len > 1 && (capitals(piece) && len < 4 || inner || !self.names.is_grammar(word))
            }
            Kind::Small if self.small => len > 1 && !self.names.is_grammar(word),
            Kind::Small => {
                has("nan null", word) || at > start && has(SMALL, word) && self.next_is_capital(at)
            }
            Kind::Number => (3..=8).contains(&len) && self.plain_number(at),
            Kind::Mixed => len <= 4 && capitals(piece),
            Kind::Line | Kind::Break => false,
        }
    }

    fn next_is_capital(&self, at: usize) -> bool {
        self.piece(at + 1).is_some_and(|p| p.kind == Kind::Capital && p.gap == Gap::Space)
    }

    /// A code, and not the start of a telephone number.
    fn plain_number(&self, at: usize) -> bool {
        let more = self.piece(at + 1).is_some_and(|p| p.kind == Kind::Number && p.gap == Gap::Space);
        let more_still = self.piece(at + 2).is_some_and(|p| p.kind == Kind::Number && p.gap == Gap::Space);
        !(more && more_still)
    }

    /// `the corner of Mill Lane and High Street`
    fn corner(&self, from: usize) -> Option<Found> {
        let is = |at: usize, word: &str| {
            self.piece(at).is_some_and(|p| p.text(self.text).eq_ignore_ascii_case(word))
        };
        let mut at = from;
        at += usize::from(is(at, "the"));
        if !(is(at, "corner") && is(at + 1, "of")) {
            return None;
        }
        at += 2;
        let start = at;
        let part = |p: Piece, at: usize| {
            matches!(p.kind, Kind::Capital | Kind::Number | Kind::Mixed | Kind::Small)
                && (at == start
                    || p.gap == Gap::Space
                    || p.gap == Gap::Stop && self.pieces[at - 1].end - self.pieces[at - 1].start <= 4)
        };
        while at < start + 8 && !is(at, "and") && !is(at, "&") && self.piece(at).is_some_and(|p| part(p, at))
        {
            at += 1;
        }
        if !is(at, "and") || at == start {
            return None;
        }
        at += 1;
        let second = at;
        let capitals = self.piece(second)?.kind != Kind::Small;
        while at < second + 4
            && self.piece(at).is_some_and(|p| {
                part(p, at)
                    && (!capitals
                        || p.kind != Kind::Small
                        || has(SMALL, p.folded(self.words))
                        || at == second)
            })
        {
            at += 1;
        }
        (at > second).then_some((from, at, 0.75))
    }

    fn behind_preposition(&self, from: usize) -> bool {
        from.checked_sub(1)
            .is_some_and(|at| has("on at in to is an am im bei en", self.pieces[at].folded(self.words)))
    }

    /// Whether a word before speaks of a place, in the same sentence.
    fn context(&self, from: usize) -> bool {
        let start = from.saturating_sub(CONTEXT_PIECES);
        self.pieces[start..from].iter().any(|p| p.is_word() && has(CONTEXT, p.folded(self.words)))
    }
}

/// A postcode of four or five digits, a country before it (`D-50674`), three more behind it in Portugal.
fn is_code(word: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    match word.split_once('-') {
        Some((country, code)) if country.bytes().all(|b| b.is_ascii_uppercase()) => {
            country.len() <= 2 && matches!(code.len(), 4 | 5) && digits(code)
        }
        Some((code, more)) => code.len() == 4 && more.len() == 3 && digits(code) && digits(more),
        None => matches!(word.len(), 4 | 5) && digits(word),
    }
}

/// `2nd`, `12th`
fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|ending| {
        word.strip_suffix(ending).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}
