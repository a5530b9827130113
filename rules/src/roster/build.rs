//! Compiles the rows of a roster: every spelling of a name, every key of an ID and a phone.

use super::{
    COUNTRY_DIGITS_MAX, FNV_START, PHONE_DIGITS_KEY, Roster, RosterColumn, RosterError, Target, fnv,
    phone_key,
};
use crate::hashed::{Filter, HashBuilder};
use crate::{EntityId, Folded, RuleSet, fold, normalise};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::{HashMap, HashSet};

pub(super) struct Builder {
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
    pub(super) fn new(rules: &RuleSet) -> Self {
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

    pub(super) fn add(&mut self, person: u32, columns: &[Option<RosterColumn>], row: &[String]) {
        let mut parts: HashMap<RosterColumn, Vec<&str>> = HashMap::new();
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
                part => parts.entry(*part).or_default().push(value),
            }
        }
        // Legal and preferred names stand side by side: every combination is the person.
        let get = |column| parts.get(&column).map_or(&[][..], Vec::as_slice);
        let middles = get(RosterColumn::MiddleName);
        for given in get(RosterColumn::GivenName) {
            for family in get(RosterColumn::FamilyName) {
                self.add_name(person, &[given, ""], family);
                middles.iter().for_each(|middle| self.add_name(person, &[given, middle], family));
            }
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
        let target = Target { entity: self.phone, person, score: 0.9 };
        let mut add = |digits: &str| {
            if let Some(key) = phone_key(digits) {
                self.phones.entry(key).or_insert(target);
            }
        };
        add(&digits);
        // A short national number is part of the key's nine digits: it has a key of its own.
        let international = value.starts_with('+') && digits.len() < PHONE_DIGITS_KEY + COUNTRY_DIGITS_MAX;
        if international && let Ok(number) = phonenumber::parse(None, value) {
            let code = number.code().value().to_string();
            add(digits.strip_prefix(code.as_str()).unwrap_or(&digits));
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

    pub(super) fn finish(self, people: u32) -> Result<Roster, RosterError> {
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
