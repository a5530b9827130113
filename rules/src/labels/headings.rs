//! Headings that elsewhere are ordinary words: `Base`, `User`, `First`. Over a column, or as the key of a field,
//! they say what their value is if it looks like one; in a line of a log they say nothing.

use super::quick::Quick;
use super::value::{is_answer, value_after};
use super::{JOINED_BYTES_MIN, LabelHit, LabelLexicon, is_null_like, normalise_label};
use crate::ValueShape;
use crate::hashed::HashBuilder;
use crate::names::is_ordinary;
use std::collections::HashMap;

/// Keys of the parts of a name, where they stand below the key of a person; Workday calls the whole `descriptor`.
pub(crate) const NAME_PARTS: [&str; 11] = [
    "first",
    "last",
    "middle",
    "given",
    "family",
    "descriptor",
    "First",
    "Last",
    "Given",
    "Family",
    "Descriptor",
];
/// Keys of lists of anything.
const PLAIN_OWNERS: [&str; 9] =
    ["data", "items", "results", "result", "value", "values", "entries", "instances", "Report_Entry"];
/// Keys of people that are no labels of a name.
const PERSON_KEYS: [&str; 16] = [
    "name",
    "names",
    "person",
    "contact",
    "user",
    "owner",
    "creator",
    "member",
    "approvers",
    "managers",
    "employees",
    "workers",
    "assignees",
    "candidates",
    "people",
    "requestor",
];

/// Words before a heading that do not change what it means: `worker.grade`.
const OWNERS: [&str; 12] = [
    "worker",
    "employee",
    "emp",
    "person",
    "staff",
    "current",
    "my",
    "the",
    "mitarbeiter",
    "applicant",
    "candidate",
    "spouse",
];
/// Bytes of a value under such a heading at most.
const VALUE_BYTES_MAX: usize = 60;
/// The headings of a rule set.
#[derive(Default)]
pub(super) struct Headings {
    hits: HashMap<String, Vec<LabelHit>, HashBuilder>,
    pub(super) quick: Quick,
}

impl Headings {
    pub(super) fn new(headings: Vec<(String, LabelHit)>) -> Self {
        let mut hits: HashMap<String, Vec<LabelHit>, HashBuilder> = HashMap::default();
        let mut joined = Vec::new();
        for (heading, hit) in headings {
            let hit = LabelHit { phrase: false, weak: true, ..hit };
            if heading.contains(' ') && heading.len() > JOINED_BYTES_MIN {
                joined.push((heading.replace(' ', ""), hit));
            }
            hits.entry(heading).or_default().push(hit);
        }
        for (heading, hit) in joined {
            hits.entry(heading).or_default().push(hit);
        }
        let quick = Quick::new(hits.iter().map(|(heading, hit)| (heading.as_str(), hit[0])));
        Self { hits, quick }
    }

    /// All that a whole heading may say.
    pub(super) fn lookup(&self, heading: &str) -> &[LabelHit] {
        let heading = normalise_label(heading);
        let own = || OWNERS.iter().find_map(|owner| heading.strip_prefix(owner)?.strip_prefix(' '));
        // `rows first`: of a name or not, the value tells.
        let part = || heading.rsplit_once(' ').map(|(_, part)| part).filter(|part| NAME_PARTS.contains(part));
        let hits =
            self.hits.get(&heading).or_else(|| self.hits.get(own()?)).or_else(|| self.hits.get(part()?));
        hits.map_or(&[], Vec::as_slice)
    }
}

/// The heading of a value whose key says something only together with that of the object around it: `name` and
/// `first`, `manager` and `descriptor`.
pub fn heading_below(owner: &str, key: &str) -> Option<String> {
    let owned = !owner.is_empty() && !PLAIN_OWNERS.contains(&owner);
    (NAME_PARTS.contains(&key) && owned).then(|| format!("{owner} {key}"))
}

impl LabelLexicon {
    /// What the key of an object and that of a part of a name in it say: `contact first`.
    pub(super) fn part_of_name(&self, heading: &str) -> Option<LabelHit> {
        let (owner, part) = heading.rsplit_once([' ', '.', '_'])?;
        (NAME_PARTS.contains(&part) && self.is_person_key(owner)).then(|| self.lookup_label("name first"))?
    }

    /// What a heading or key says of this value, if anything. Where the heading is an ordinary word elsewhere, the
    /// value has to look like one.
    pub fn lookup_value(&self, heading: &str, value: &str) -> Option<LabelHit> {
        if heading.eq_ignore_ascii_case("descriptor") {
            return self.lookup_label("name first").filter(|_| is_capitalised_name(value));
        }
        let hit = self.lookup(heading)?;
        if !hit.weak {
            return Some(hit);
        }
        // `NSS` is a number in Spain and another one in Mexico.
        self.headings.lookup(heading).iter().copied().find(|hit| self.looks_right(value.trim(), *hit))
    }

    /// Whether the key of an object speaks of a person: `manager`, `legalName`.
    pub(crate) fn is_person_key(&self, key: &str) -> bool {
        let words = normalise_label(key);
        let last = words.rsplit(' ').next().unwrap_or(&words);
        let many = key.strip_suffix('s').and_then(|one| self.lookup_label(one));
        let labelled = self.lookup_label(key).or(many).is_some_and(|hit| hit.shape == ValueShape::Name);
        labelled || PERSON_KEYS.contains(&words.as_str()) || PERSON_KEYS[2..].contains(&last)
    }

    /// Whether a value says that there is none. Behind a label that asks a question, yes and no are answers.
    pub fn says_nothing(&self, hit: Option<LabelHit>, value: &str) -> bool {
        is_null_like(value) && !hit.is_some_and(|hit| hit.answers && is_answer(value))
    }

    /// Whether a check knows the values of a label.
    pub(crate) fn is_checked(&self, hit: LabelHit) -> bool {
        self.values[hit.recognizer.0 as usize].check.is_some()
    }

    /// Whether a value looks as those under a heading do that is an ordinary word elsewhere.
    pub(super) fn looks_right(&self, value: &str, hit: LabelHit) -> bool {
        if value.is_empty()
            || value.len() > VALUE_BYTES_MAX
            || self.says_nothing(Some(hit), value)
            || value.contains(['=', '{', '(', '<', '[', '$', '\n']) && hit.shape != ValueShape::Amount
        {
            return false;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let capital = value.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase());
        let whole = |shape| value_after(value, 0, shape) == Some((0, value.len()));
        let traits = self.values[hit.recognizer.0 as usize];
        if traits.check.is_some_and(|check| !check(value)) && hit.shape != ValueShape::Amount {
            return false;
        }
        match hit.shape {
            ValueShape::Name => {
                digits == 0 && capital && !value.contains(['/', '@', '_', ':']) && self.is_name(value)
            }
            ValueShape::Amount => {
                let marked = value.contains(['$', '€', '£', '%']) || value.ends_with(['k', 'K']);
                (digits >= 3 || digits > 0 && marked) && whole(ValueShape::Amount)
            }
            ValueShape::Date => whole(ValueShape::Date),
            // Its check has said so.
            ValueShape::Code | ValueShape::Token if traits.login => true,
            ValueShape::Token if traits.digits_min <= 1 => {
                let short = value.len() <= 3 && value.bytes().all(|b| b.is_ascii_uppercase());
                let share = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'%'));
                value.len() <= 16 && (short || share || digits > 0 && !value.contains([' ', '/', ':', '.']))
            }
            // Its check has said so; `0.841` may be anything.
            ValueShape::Code | ValueShape::Token if traits.check.is_some() => !value.starts_with("0."),
            ValueShape::Code | ValueShape::Token => {
                digits >= usize::from(traits.digits_min.max(2))
                    && !value.contains(['/', ':', ','])
                    && value
                        .split(' ')
                        .all(|word| word.bytes().any(|b| b.is_ascii_digit()) || word.len() <= 4)
                    && whole(ValueShape::Code) | !value.contains(' ')
            }
            ValueShape::Line => {
                let letters = value.chars().any(char::is_alphabetic);
                value.len() <= 40
                    && (letters || digits <= 3)
                    && (digits > 0 || !traits.address)
                    && value.split(' ').count() <= 5
            }
        }
    }
}

/// Whether a text has the form of a full name, of words that are no others: `Jane Doe`.
pub(crate) fn is_capitalised_name(text: &str) -> bool {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && word.chars().count() > 2
            && letters.all(|c| c.is_lowercase() || matches!(c, '\'' | '-' | '’') || c.is_uppercase())
            && word.chars().any(char::is_lowercase)
            && !is_ordinary(&crate::fold(word))
    };
    (2..=3).contains(&text.split(' ').count()) && text.len() <= VALUE_BYTES_MAX && text.split(' ').all(word)
}
