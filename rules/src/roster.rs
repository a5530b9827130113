//! The organisation's own people as exact matches: names in both orders and with middle names left out,
//! e-mail addresses, IDs and national IDs in any punctuation, phones with or without country code.

use crate::hashed::{Filter, HashBuilder, PRIME};
use crate::labels::{LabelLexicon, normalise_label};
use crate::{EntityId, Folded, RuleSet, fold, normalise, tokens};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::{HashMap, HashSet};

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
                let target = phone_key(&digits).and_then(|key| self.phones.get(&key));
                if let Some(target) = target {
                    let plus = text[..groups[first].0].ends_with(['+', '(']);
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

/// The last nine digits, without leading zeros: the same for national and international spelling.
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

fn column(heading: &str, labels: &LabelLexicon, rules: &RuleSet) -> Option<RosterColumn> {
    let label = normalise_label(heading);
    let last_two =
        label.rsplit(' ').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ");
    let name = match last_two.as_str() {
        "first name" | "given name" | "vorname" | "prenom" | "nombre" | "forename" | "given names"
        | "first" => Some(RosterColumn::GivenName),
        "middle name" | "zweiter vorname" | "middle" | "middle names" => Some(RosterColumn::MiddleName),
        "last name" | "family name" | "surname" | "nachname" | "familienname" | "nom" | "apellido"
        | "apellidos" | "last" => Some(RosterColumn::FamilyName),
        _ => None,
    };
    if name.is_some() {
        return name;
    }
    let hit = match label.as_str() {
        "name" | "full name" | "worker" | "employee" | "preferred name" | "legal name" => {
            return Some(RosterColumn::FullName);
        }
        "manager" | "supervisor" => return None,
        _ => labels.lookup(heading)?,
    };
    match rules.entity_name(hit.entity) {
        "PERSON" => Some(RosterColumn::FullName),
        "EMAIL_ADDRESS" => Some(RosterColumn::Email),
        "PHONE_NUMBER" => Some(RosterColumn::Phone),
        "EMPLOYEE_ID" | "NATIONAL_ID" | "BANK_ACCOUNT" | "IBAN_CODE" | "WORKDAY_WID" | "PASSPORT"
        | "DRIVER_LICENSE" => Some(RosterColumn::Id(hit.entity)),
        other if other.len() > 3 && other.as_bytes()[2] == b'_' => Some(RosterColumn::Id(hit.entity)),
        _ => None,
    }
}

fn check_columns(columns: &[Option<RosterColumn>], rows: &[Vec<String>]) -> Result<(), RosterError> {
    let values = |at: usize| rows.iter().filter_map(move |row| row.get(at)).filter(|v| !v.trim().is_empty());
    let (mut names, mut one_letter) = (0, 0);
    for (at, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        if values(at).next().is_none() && *column != RosterColumn::MiddleName {
            return Err(RosterError::EmptyColumn(at + 1));
        }
        if matches!(column, RosterColumn::FullName | RosterColumn::GivenName | RosterColumn::FamilyName) {
            names += values(at).count();
            one_letter += values(at).filter(|v| v.trim().chars().count() == 1).count();
        }
    }
    let percent = one_letter * 100 / names.max(1);
    if percent >= 30 { Err(RosterError::OneLetterNames(percent)) } else { Ok(()) }
}

struct Builder {
    person: EntityId,
    email: EntityId,
    phone: EntityId,
    names: HashMap<String, usize>,
    patterns: Vec<String>,
    targets: Vec<Target>,
    squeezed: HashMap<u64, Target, HashBuilder>,
    phones: HashMap<u64, Target, HashBuilder>,
    folded: Folded,
}

impl Builder {
    fn new(rules: &RuleSet) -> Self {
        Self {
            person: rules.built_in_entity("PERSON"),
            email: rules.built_in_entity("EMAIL_ADDRESS"),
            phone: rules.built_in_entity("PHONE_NUMBER"),
            names: HashMap::new(),
            patterns: Vec::new(),
            targets: Vec::new(),
            squeezed: HashMap::default(),
            phones: HashMap::default(),
            folded: Folded::default(),
        }
    }

    fn add(&mut self, person: u32, columns: &[Option<RosterColumn>], row: &[String]) {
        let mut parts: HashMap<RosterColumn, &str> = HashMap::new();
        for (column, value) in columns.iter().zip(row) {
            let (Some(column), value) = (column, value.trim()) else { continue };
            if value.is_empty() || crate::labels::is_null_like(value) {
                continue;
            }
            match column {
                RosterColumn::FullName => self.add_full_name(person, value),
                RosterColumn::Email => {
                    self.add_text(value, Target { entity: self.email, person, score: 0.95 });
                }
                RosterColumn::Phone => self.add_phone(person, value),
                RosterColumn::Id(entity) => self.add_id(person, *entity, value),
                part => drop(parts.insert(*part, value)),
            }
        }
        let get = |column| parts.get(&column).copied().unwrap_or("");
        let (given, middle, family) =
            (get(RosterColumn::GivenName), get(RosterColumn::MiddleName), get(RosterColumn::FamilyName));
        if !given.is_empty() && !family.is_empty() {
            self.add_name(person, &[given, middle], family);
        }
    }

    fn add_full_name(&mut self, person: u32, value: &str) {
        let name = value.split(['(', '[']).next().unwrap_or(value).trim();
        if let Some((family, given)) = name.split_once(',') {
            let mut given = given.split_whitespace();
            let first = given.next().unwrap_or("");
            return self.add_name(person, &[first, &given.collect::<Vec<_>>().join(" ")], family);
        }
        let words: Vec<&str> = name.split_whitespace().collect();
        if words.len() < 2 {
            return;
        }
        let particle = words[1..].iter().position(|w| w.chars().next().is_some_and(char::is_lowercase));
        let cut = particle.map_or(words.len() - 1, |at| at + 1);
        self.add_name(person, &[words[0], &words[1..cut].join(" ")], &words[cut..].join(" "));
    }

    /// All spellings: with and without middle names, with their initials, family name first or last.
    fn add_name(&mut self, person: u32, given: &[&str; 2], family: &str) {
        let [first, middle] = given.map(str::trim);
        let family = family.trim();
        let target = Target { entity: self.person, person, score: 0.9 };
        let initials: String =
            middle.split_whitespace().filter_map(|w| w.chars().next()).map(|c| format!("{c} ")).collect();
        let mut spellings: HashSet<String> = HashSet::new();
        for middle in ["", middle, initials.trim()] {
            spellings.insert(format!("{first} {middle} {family}"));
            spellings.insert(format!("{family} {first} {middle}"));
        }
        // "Jean-Paul Martin" also stands as "Jean Martin"; a first given name of two words likewise.
        if let Some(short) =
            first.split(['-', ' ']).next().filter(|s| s.len() < first.len() && s.chars().count() > 1)
        {
            spellings.insert(format!("{short} {family}"));
            spellings.insert(format!("{family} {short}"));
        }
        for spelling in spellings {
            self.add_text(&spelling, target);
        }
    }

    fn add_text(&mut self, value: &str, target: Target) {
        let mut folded = std::mem::take(&mut self.folded);
        normalise(value, &mut folded);
        let pattern = folded.text.trim_end().to_owned();
        self.folded = folded;
        // One token alone is no name; an address always has several.
        if pattern.trim_start().contains(' ') && !self.names.contains_key(&pattern) {
            self.names.insert(pattern.clone(), self.patterns.len());
            self.patterns.push(pattern);
            self.targets.push(target);
        }
    }

    fn add_phone(&mut self, person: u32, value: &str) {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        if let Some(key) = phone_key(&digits) {
            self.phones.entry(key).or_insert(Target { entity: self.phone, person, score: 0.9 });
        }
    }

    fn add_id(&mut self, person: u32, entity: EntityId, value: &str) {
        let squeezed: String = fold(value).chars().filter(|c| c.is_alphanumeric()).collect();
        let score = match squeezed.len() {
            0..=2 => return,
            3..=4 => 0.45,
            _ => 0.9,
        };
        self.squeezed.entry(fnv(FNV_START, &squeezed)).or_insert(Target { entity, person, score });
    }

    fn finish(self, people: u32) -> Result<Roster, RosterError> {
        let names = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&self.patterns)
            .map_err(|_| RosterError::TooLarge)?;
        Ok(Roster {
            names,
            name_targets: self.targets,
            squeezed_filter: Filter::new(self.squeezed.keys().copied()),
            squeezed: self.squeezed,
            phones: self.phones,
            people,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(headings: &[&str], row: &[&str]) -> (RuleSet, Roster) {
        let rules = RuleSet::load(&[]).expect("empty set");
        let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
        let labels = LabelLexicon::default();
        let columns: Vec<_> = headings
            .iter()
            .map(|h| match *h {
                "id" => Some(id),
                "email" => Some(RosterColumn::Email),
                "phone" => Some(RosterColumn::Phone),
                other => column(other, &labels, &rules),
            })
            .collect();
        let rows = vec![row.iter().map(|v| (*v).to_owned()).collect()];
        let roster = Roster::build(&columns, &rows, &rules).expect("good roster");
        (rules, roster)
    }

    fn check(headings: &[&str], row: &[&str], text: &str, expected: &[&str]) {
        let (_, roster) = roster(headings, row);
        let mut hits = Vec::new();
        roster.find(text, &mut Folded::default(), &mut hits);
        let mut found: Vec<_> = hits.iter().map(|h| &text[h.start..h.end]).collect();
        found.sort_unstable();
        found.dedup();
        // Overlaps are resolved by the caller; here the longest of each is compared.
        let all = found.clone();
        found.retain(|f| !all.iter().any(|other| other != f && other.contains(f)));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_in_every_order_and_without_middle_names() {
        let name = ["Legal Name"];
        for (value, text, expected) in [
            ("Jane Ann Doe", "by jane doe.", "jane doe"),
            ("Jane Ann Doe", "DOE, JANE ANN!", "DOE, JANE ANN"),
            ("Jane Ann Doe", "Jane A. Doe", "Jane A. Doe"),
            ("Doe, Jane", "jane_doe", "jane_doe"),
            ("Zoë van der Ångström (On Leave)", "van der Angstrom, Zoe", "van der Angstrom, Zoe"),
            ("Jean-Paul Martín", "Jean Paul MARTIN", "Jean Paul MARTIN"),
        ] {
            check(&name, &[value], text, &[expected]);
        }
        check(&name, &["Jane Doe"], "Mary-Jane Doering, Jane", &[]);
    }

    #[test]
    fn phones_and_ids_in_any_punctuation() {
        check(&["phone"], &["+1 (555) 010-0123"], "call 555.010.0123 now", &["555.010.0123"]);
        check(
            &["phone"],
            &["+49 30 5550123"],
            "0049-30-5550123 or 030/5550123",
            &["0049-30-5550123", "030/5550123"],
        );
        check(&["id"], &["AB-12 34 56 C"], "x AB123456C ab 12-34-56-c", &["AB123456C", "ab 12-34-56-c"]);
        check(&["id"], &["21072"], "id 210721 (21072)", &["21072"]);
        check(&["email"], &["J.Doe@example.org"], "<j.doe@EXAMPLE.org>", &["j.doe@EXAMPLE.org"]);
    }

    #[test]
    fn useless_rosters_are_refused() {
        let rules = RuleSet::load(&[]).expect("empty set");
        let build = |columns: &[Option<RosterColumn>], rows: &[&[&str]]| {
            let rows: Vec<Vec<String>> =
                rows.iter().map(|r| r.iter().map(|v| (*v).to_owned()).collect()).collect();
            Roster::build(columns, &rows, &rules).map(|r| r.people())
        };
        let name = Some(RosterColumn::FullName);
        assert_eq!(build(&[None], &[&["x"]]), Err(RosterError::NoColumn));
        assert_eq!(build(&[name], &[]), Err(RosterError::NoRows));
        assert_eq!(build(&[name, name], &[&["", "Jane Doe"]]), Err(RosterError::EmptyColumn(1)));
        assert_eq!(build(&[name], &[&["J"], &["Max Roe"]]), Err(RosterError::OneLetterNames(50)));
    }
}
