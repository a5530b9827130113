//! The organisation's own people as exact matches: names in both orders and with middle names left out,
//! e-mail addresses, IDs and national IDs in any punctuation, phones with or without country code.

mod build;
mod columns;

use self::build::Builder;
use self::columns::{check_columns, column};
use crate::hashed::{Filter, HashBuilder, PRIME};
use crate::labels::LabelLexicon;
use crate::{EntityId, Folded, RuleSet, normalise, tokens};
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// What a column of a roster holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RosterColumn {
    /// Whole names, `Jane A. Doe` or `Doe, Jane`.
    FullName,
    /// Given names.
    GivenName,
    /// Middle names.
    MiddleName,
    /// Family names.
    FamilyName,
    /// E-mail addresses.
    Email,
    /// Phones.
    Phone,
    /// IDs of this entity: employee, national, tax, …
    Id(EntityId),
}

/// Says why a roster cannot be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RosterError {
    /// No heading is known.
    #[error(
        "no column of the roster is recognised; headings it knows: Employee ID, Legal Name, First Name, Last Name, Email, Phone, National ID, …"
    )]
    NoColumn,
    /// There are headings but no rows with a value.
    #[error("the roster has no rows")]
    NoRows,
    /// A recognised column is empty.
    #[error("column {0} of the roster is recognised but empty in every row")]
    EmptyColumn(usize),
    /// Too many names of one letter: the columns are probably shifted.
    #[error("{0} % of the roster's names have one letter: are its columns shifted?")]
    OneLetterNames(usize),
    /// The automaton could not be built.
    #[error("the roster is too large for its automaton")]
    TooLarge,
}

/// A match: half-open bytes of the text that was searched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RosterHit {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub entity: EntityId,
    /// Row of the roster, from 0.
    pub person: u32,
    /// How sure, 0 to 1: short numbers alone are weak.
    pub score: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Target {
    entity: EntityId,
    person: u32,
    score: f32,
}

/// The compiled roster.
pub struct Roster {
    names: AhoCorasick,
    name_targets: Vec<Target>,
    squeezed: HashMap<u64, Target, HashBuilder>,
    squeezed_filter: Filter,
    phones: HashMap<u64, Target, HashBuilder>,
    people: u32,
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster").field("people", &self.people).finish_non_exhaustive()
    }
}

/// Fewest digits of a phone.
const PHONE_DIGITS_MIN: usize = 7;
/// Digits from the end that tell a phone: the national number without prefixes.
const PHONE_DIGITS_KEY: usize = 9;
/// Digits of the longest country code.
const COUNTRY_DIGITS_MAX: usize = 3;

impl Roster {
    /// Recognises columns by their headings.
    pub fn columns(headings: &[&str], labels: &LabelLexicon, rules: &RuleSet) -> Vec<Option<RosterColumn>> {
        headings.iter().map(|heading| column(heading, labels, rules)).collect()
    }

    /// Compiles rows of a roster; `columns` says what each field is.
    ///
    /// # Errors
    /// [`RosterError`] when no column is recognised, there are no rows, a recognised column is empty, or
    /// nearly a third of the names have one letter.
    pub fn build(
        columns: &[Option<RosterColumn>],
        rows: &[Vec<String>],
        rules: &RuleSet,
    ) -> Result<Self, RosterError> {
        if columns.iter().all(Option::is_none) {
            return Err(RosterError::NoColumn);
        }
        if rows.is_empty() {
            return Err(RosterError::NoRows);
        }
        check_columns(columns, rows)?;
        let mut builder = Builder::new(rules);
        for (person, row) in rows.iter().enumerate() {
            builder.add(person as u32, columns, row);
        }
        builder.finish(rows.len() as u32)
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        self.people
    }

    /// Adds every match in `text`; `folded` is the caller's scratch space.
    pub fn find(&self, text: &str, folded: &mut Folded, out: &mut Vec<RosterHit>) {
        normalise(text, folded);
        for found in self.names.find_overlapping_iter(&folded.text) {
            // Patterns start with the space before their first token.
            if folded.text.as_bytes().get(found.end()) != Some(&b' ') {
                continue;
            }
            if let Some((start, end)) = folded.original(found.start() + 1, found.end()) {
                let target = self.name_targets[found.pattern().as_usize()];
                out.push(RosterHit {
                    start,
                    end,
                    entity: target.entity,
                    person: target.person,
                    score: target.score,
                });
            }
        }
        if !self.squeezed.is_empty() {
            self.find_ids(folded, out);
        }
        if !self.phones.is_empty() {
            self.find_phones(text, out);
        }
    }

    fn find_ids(&self, folded: &Folded, out: &mut Vec<RosterHit>) {
        let token = |at: usize| {
            let (start, _, _) = folded.tokens[at];
            let end = folded.tokens.get(at + 1).map_or(folded.text.len(), |t| t.0 as usize) - 1;
            &folded.text[start as usize..end]
        };
        for first in 0..folded.tokens.len() {
            let mut hash = FNV_START;
            let mut length = 0;
            for last in first..folded.tokens.len().min(first + 8) {
                let gap = folded.tokens[last].1.saturating_sub(if last == first {
                    folded.tokens[last].1
                } else {
                    folded.tokens[last - 1].2
                });
                let part = token(last);
                length += part.len();
                if gap > 2 || length > 32 {
                    break;
                }
                hash = fnv(hash, part);
                let target = self.squeezed_filter.may_hold(hash).then(|| self.squeezed.get(&hash)).flatten();
                if let Some(target) = target {
                    let (start, end) = (folded.tokens[first].1 as usize, folded.tokens[last].2 as usize);
                    out.push(RosterHit {
                        start,
                        end,
                        entity: target.entity,
                        person: target.person,
                        score: target.score,
                    });
                }
            }
        }
    }

    /// Whose number it is; of an international one the country's digits may be too many.
    fn phone(&self, digits: &str, plus: bool) -> Option<&Target> {
        let of = |digits: &str| phone_key(digits).and_then(|key| self.phones.get(&key));
        let bare = digits.trim_start_matches('0');
        let international =
            (plus || digits.starts_with("00")) && bare.len() <= PHONE_DIGITS_KEY + COUNTRY_DIGITS_MAX;
        of(digits).or_else(|| {
            let codes = (1..=COUNTRY_DIGITS_MAX).filter(|_| international);
            codes.filter_map(|code| bare.get(code..)).find_map(of)
        })
    }

    fn find_phones(&self, text: &str, out: &mut Vec<RosterHit>) {
        let groups: Vec<(usize, usize)> =
            tokens(text).filter(|&(s, e)| text[s..e].bytes().all(|b| b.is_ascii_digit())).collect();
        for first in 0..groups.len() {
            let mut digits = String::new();
            for last in first..groups.len().min(first + 6) {
                let (start, end) = groups[last];
                let joined = last == first || is_phone_gap(&text[groups[last - 1].1..start]);
                if !joined || digits.len() + (end - start) > 16 {
                    break;
                }
                digits.push_str(&text[start..end]);
                let plus = text[..groups[first].0].ends_with(['+', '(']);
                if let Some(target) = self.phone(&digits, plus) {
                    let start = groups[first].0 - usize::from(plus);
                    out.push(RosterHit {
                        start,
                        end,
                        entity: target.entity,
                        person: target.person,
                        score: target.score,
                    });
                }
            }
        }
    }
}

fn is_phone_gap(gap: &str) -> bool {
    gap.len() <= 3 && gap.chars().all(|c| " -./()\u{a0}".contains(c))
}

/// The last nine digits, without leading zeros: the same for national and international spelling where the
/// national number has that many.
fn phone_key(digits: &str) -> Option<u64> {
    let bare = digits.trim_start_matches('0');
    let key = &bare[bare.len().saturating_sub(PHONE_DIGITS_KEY)..];
    (bare.len() >= PHONE_DIGITS_MIN).then(|| key.parse().ok())?
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(mut hash: u64, text: &str) -> u64 {
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    }
    hash
}

#[cfg(test)]
mod tests;
