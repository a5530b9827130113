//! Compiles a roster row by row: every spelling of a name, every key of an address, an ID and a phone. Keeps hashes,
//! never a value.

use super::common::is_common;
use super::index::filter;
use super::index::format::{Contents, Description, MARKS, ROW_BITS, Record, write};
use super::index::key::IndexKey;
use super::kinds;
use super::names::{Name, words};
use super::ocr::fold_confusions;
use super::phone::{Number, spellings};
use super::{RosterColumn, RosterError};
use crate::{RuleSet, fold};
use std::collections::HashMap;

/// Characters an ID may have without punctuation; an IBAN has 34 at most, a UUID 32.
pub(super) const ID_CHARS_MAX: usize = 36;
/// Names that may have one letter, in percent of all.
const ONE_LETTER_PERCENT: usize = 30;
/// Records between two clearings of doubles, at first.
const RECORDS_BETWEEN: usize = 1 << 21;
/// Bits of a filter for each of its hashes: words of letters, with digits, pairs, phones.
const FILTER_BITS: [usize; 4] = [16, 12, 12, 12];

/// Compiles a roster.
pub struct RosterBuilder {
    key: IndexKey,
    salt: [u8; 16],
    columns: Vec<Option<RosterColumn>>,
    names: ColumnNames,
    seen: Vec<usize>,
    one_letter: usize,
    records: Bag<Record>,
    filters: [Bag<u64>; 4],
    marks: Vec<[u16; MARKS]>,
    description: Description,
    fields: HashMap<String, u64>,
}

/// What is written of columns: heading and use.
type ColumnNames = Vec<(String, String)>;

impl std::fmt::Debug for RosterBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RosterBuilder").field("rows", &self.marks.len()).finish_non_exhaustive()
    }
}

/// A word's hash as it is, and as OCR may have read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hashes {
    plain: u64,
    ocr: u64,
    digit: bool,
    length: usize,
}

impl RosterBuilder {
    /// Starts an index with this key and this salt, which must be fresh for each index of a key; `columns` says what
    /// each field of a row is, and under which heading it stood.
    ///
    /// # Errors
    /// [`RosterError::NoColumn`] when no column has a use.
    pub fn new(
        columns: &[(&str, Option<RosterColumn>)],
        rules: &RuleSet,
        key: &[u8; 32],
        salt: [u8; 16],
    ) -> Result<Self, RosterError> {
        if columns.iter().all(|(_, column)| column.is_none()) {
            return Err(RosterError::NoColumn);
        }
        let used = columns.iter().filter_map(|(heading, column)| Some((heading, (*column)?)));
        let names: ColumnNames =
            used.map(|(heading, column)| ((*heading).to_owned(), column.describe(rules))).collect();
        let mut description = Description::default();
        for (_, column) in columns {
            if let Some(RosterColumn::Id(entity)) = column {
                let name = rules.entity_name(*entity).to_owned();
                if !description.entities.contains(&name) {
                    description.entities.push(name);
                }
            }
        }
        if description.entities.len() > kinds::ENTITIES_MAX {
            return Err(RosterError::TooLarge);
        }
        let columns: Vec<_> = columns.iter().map(|(_, column)| *column).collect();
        Ok(Self {
            key: IndexKey::new(key, &salt),
            salt,
            seen: vec![0; columns.len()],
            columns,
            names,
            one_letter: 0,
            records: Bag::new(),
            filters: std::array::from_fn(|_| Bag::new()),
            marks: Vec::new(),
            description,
            fields: HashMap::new(),
        })
    }

    /// Adds a row; fields that are missing are empty, those beyond the columns are not read.
    ///
    /// # Errors
    /// [`RosterError::TooLarge`] beyond 268,435,455 rows.
    pub fn add(&mut self, row: &[&str], rules: &RuleSet) -> Result<(), RosterError> {
        let number = self.marks.len() as u32;
        if number >= (1 << ROW_BITS) - 1 {
            return Err(RosterError::TooLarge);
        }
        let mut parts = Parts::default();
        for at in 0..self.columns.len() {
            let (Some(column), Some(value)) = (self.columns[at], row.get(at).map(|v| v.trim())) else {
                continue;
            };
            if value.is_empty() || crate::labels::is_null_like(value) {
                continue;
            }
            self.seen[at] += 1;
            self.one_letter += usize::from(column.is_name() && value.chars().nth(1).is_none());
            match column {
                RosterColumn::FullName => parts.names.extend(Name::of_whole(value)),
                RosterColumn::Email => self.add_email(number, value),
                RosterColumn::Phone => self.add_phone(number, value),
                RosterColumn::Id(entity) => self.add_id(number, rules.entity_name(entity), value),
                RosterColumn::GivenName => parts.given.push(value),
                RosterColumn::MiddleName => parts.middle.push(value),
                RosterColumn::FamilyName => parts.family.push(value),
            }
        }
        // Legal and preferred names stand side by side: every combination is the person.
        for given in &parts.given {
            parts.names.extend(
                parts.family.iter().filter_map(|family| Name::of_parts(given, &parts.middle, family)),
            );
        }
        let marks = self.marks_of(number, &parts.names);
        self.marks.push(marks);
        parts.names.iter().for_each(|name| self.add_name(number, name));
        Ok(())
    }

    fn hashes(&self, word: &str) -> Hashes {
        let digit = word.bytes().any(|b| b.is_ascii_digit());
        let plain = self.key.word(word.as_bytes());
        Hashes { plain, ocr: self.key.word(fold_confusions(word).as_bytes()), digit, length: word.len() }
    }

    fn marks_of(&self, row: u32, names: &[Name]) -> [u16; MARKS] {
        let mut marks = [0; MARKS];
        let mut filled = 0;
        for word in names.iter().flat_map(Name::telling) {
            let mark = self.key.row_mark(row, self.hashes(word).ocr);
            if filled < MARKS && !marks.contains(&mark) {
                marks[filled] = mark;
                filled += 1;
            }
        }
        marks
    }

    fn count(&mut self, entity: &str) {
        match self.fields.get_mut(entity) {
            Some(count) => *count += 1,
            None => drop(self.fields.insert(entity.to_owned(), 1)),
        }
    }

    fn record(&mut self, hash: u64, kind: u8, row: u32) {
        self.records.push((self.key.shown(hash), u64::from(kind) << ROW_BITS | u64::from(row)));
    }

    /// A word that is a value, or part of a name.
    fn word(&mut self, word: Hashes) {
        let digit = usize::from(word.digit);
        self.description.word_lengths[digit] |= 1 << word.length.min(63);
        self.filters[digit].push(word.plain);
    }

    fn add_name(&mut self, row: u32, name: &Name) {
        self.count("PERSON");
        let given = self.hashes(&name.given);
        let whole_given = name.given.chars().count() > 1;
        self.word(given);
        for family in &name.family {
            let own = self.hashes(family);
            self.word(own);
            let common = is_common(&name.given) && is_common(family);
            let full = if common { kinds::COMMON } else { kinds::FULL };
            // An initial alone stands for many: in the roster too.
            let full = if whole_given && family.chars().count() > 1 { full } else { kinds::INITIAL };
            self.add_pair(row, full, (given, own));
            if let Some(first) = name.given.chars().next().filter(|_| whole_given) {
                let initial = self.hashes(first.encode_utf8(&mut [0; 4]));
                self.add_pair(row, kinds::INITIAL, (initial, own));
            }
            for other in &name.others {
                let other = self.hashes(other);
                self.word(other);
                self.add_pair(row, kinds::SECONDARY, (other, own));
            }
        }
        for whole in &name.whole {
            let whole = self.hashes(whole);
            self.description.letter_values = true;
            self.word(whole);
            self.record(whole.plain, kinds::WHOLE, row);
        }
    }

    fn add_pair(&mut self, row: u32, kind: u8, (a, b): (Hashes, Hashes)) {
        let pair = self.key.pair(a.plain, b.plain);
        self.filters[2].push(pair);
        self.record(pair, kind, row);
        let ocr = self.key.pair(a.ocr, b.ocr);
        if ocr != pair {
            self.record(ocr, kind, row);
        }
    }

    fn add_email(&mut self, row: u32, value: &str) {
        let Some((local, domain)) = value.rsplit_once('@') else { return };
        let hash = |text: &str, ocr: bool| {
            let hashes = words(text).into_iter().map(|word| self.hashes(&word));
            hashes.map(|h| if ocr { h.ocr } else { h.plain }).reduce(|a, b| self.key.sequence(a, b))
        };
        let both = [false, true].map(|ocr| Some((hash(local, ocr)?, hash(domain, ocr)?)));
        let [Some(plain), Some(ocr)] = both else { return };
        self.count("EMAIL_ADDRESS");
        for (local, domain) in [plain, ocr] {
            self.record(self.key.sequence(local, domain), kinds::EMAIL, row);
            self.record(self.key.domain(domain), kinds::DOMAIN, 0);
            if plain == ocr {
                break;
            }
        }
    }

    fn add_phone(&mut self, row: u32, value: &str) {
        let digits: String = value.chars().filter(char::is_ascii_digit).collect();
        let numbers: Vec<Number> = spellings(&digits, value.trim_start().starts_with('+')).collect();
        if !numbers.is_empty() {
            self.count("PHONE_NUMBER");
        }
        for Number { key, digits } in numbers {
            let hash = self.key.phone(key);
            self.description.phone_lengths |= 1 << digits;
            self.filters[3].push(hash);
            self.record(hash, kinds::PHONE, row);
        }
    }

    fn add_id(&mut self, row: u32, entity: &str, value: &str) {
        let squeezed: String = fold(value).chars().filter(|c| c.is_alphanumeric()).collect();
        let Some(number) = self.description.entities.iter().position(|own| own == entity) else { return };
        if squeezed.len() < 3 || squeezed.len() > ID_CHARS_MAX {
            return;
        }
        self.count(entity);
        let figures = squeezed.bytes().filter(u8::is_ascii_digit).count();
        let short = squeezed.len() <= if figures == squeezed.len() { 5 } else { 4 };
        let weak = short || figures == 0 && is_common(&squeezed);
        let kind = kinds::IDS + 2 * number as u8 + u8::from(weak);
        let hashes = self.hashes(&squeezed);
        self.word(hashes);
        self.record(hashes.plain, kind, row);
        if hashes.ocr != hashes.plain {
            self.record(hashes.ocr, kind, row);
        }
        self.description.id_lengths |= 1 << squeezed.len();
        if figures == 0 {
            self.description.letter_values = true;
            // "AB-CDEF": without a figure it is looked for as a pair of words.
            if let [a, b] = &*words(value) {
                let (a, b) = (self.hashes(a), self.hashes(b));
                self.word(a);
                self.word(b);
                self.add_pair(row, kind, (a, b));
            }
        } else {
            let prefix = squeezed.bytes().take_while(|b| !b.is_ascii_digit()).count();
            let letters = squeezed.len() - figures;
            let about = &mut self.description;
            about.id_letters_max = about.id_letters_max.max(letters as u8);
            about.id_prefix_max = about.id_prefix_max.max(prefix as u8);
        }
    }

    /// Makes the index, as it stands in a file.
    ///
    /// # Errors
    /// [`RosterError`] when there are no rows, a recognised column is empty, or nearly a third of the names have one
    /// letter.
    pub fn finish(mut self) -> Result<Vec<u8>, RosterError> {
        self.check()?;
        let mut fields: Vec<(String, u64)> = self.fields.into_iter().collect();
        fields.sort();
        let filters = self.filters.map(Bag::into_sorted);
        let filters: [Vec<u64>; 4] = std::array::from_fn(|n| filter::make(&filters[n], FILTER_BITS[n]));
        self.description.fields = fields;
        self.description.columns = self.names;
        self.description.filters = std::array::from_fn(|n| filters[n].len() as u64);
        let records = self.records.into_sorted();
        let contents = Contents {
            salt: self.salt,
            records: &records,
            marks: &self.marks,
            description: &self.description,
            filters: &filters,
        };
        if records.len() >= u32::MAX as usize {
            return Err(RosterError::TooLarge);
        }
        Ok(write(&contents, &self.key))
    }

    fn check(&self) -> Result<(), RosterError> {
        if self.marks.is_empty() {
            return Err(RosterError::NoRows);
        }
        let mut names = 0;
        for (at, (column, seen)) in self.columns.iter().zip(&self.seen).enumerate() {
            let Some(column) = column else { continue };
            if *seen == 0 && *column != RosterColumn::MiddleName {
                return Err(RosterError::EmptyColumn(at + 1));
            }
            names += if column.is_name() { *seen } else { 0 };
        }
        let percent = self.one_letter * 100 / names.max(1);
        if percent >= ONE_LETTER_PERCENT { Err(RosterError::OneLetterNames(percent)) } else { Ok(()) }
    }
}

/// The names of one row.
#[derive(Debug, Default)]
struct Parts<'a> {
    names: Vec<Name>,
    given: Vec<&'a str>,
    middle: Vec<&'a str>,
    family: Vec<&'a str>,
}

/// What is told by a hash alone: of two with the same one stays.
trait Hashed: Ord {
    fn hash(&self) -> u64;
}

impl Hashed for u64 {
    fn hash(&self) -> u64 {
        *self
    }
}

impl Hashed for Record {
    fn hash(&self) -> u64 {
        self.0
    }
}

/// Collects hashes, and clears doubles whenever it has grown by half.
struct Bag<T> {
    items: Vec<T>,
    limit: usize,
}

impl<T: Hashed> Bag<T> {
    fn new() -> Self {
        Self { items: Vec::new(), limit: RECORDS_BETWEEN }
    }

    fn push(&mut self, item: T) {
        if self.items.len() >= self.limit {
            self.clear_doubles();
            self.limit = (self.items.len() + self.items.len() / 2).max(RECORDS_BETWEEN);
        }
        self.items.push(item);
    }

    fn clear_doubles(&mut self) {
        self.items.sort_unstable();
        self.items.dedup_by_key(|item| item.hash());
    }

    fn into_sorted(mut self) -> Vec<T> {
        self.clear_doubles();
        self.items
    }
}
