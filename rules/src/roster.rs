//! The organisation's own people as exact matches: names in every order and with middle names left out, e-mail
//! addresses, IDs and national IDs in any punctuation, phones with or without country code. One index of keyed hashes
//! serves rosters of ten people and of a million; it is made in memory, or once in a file.

mod build;
mod columns;
mod common;
mod find;
mod index;
mod kinds;
mod names;
mod ocr;
mod phone;

pub use self::build::RosterBuilder;
use self::columns::column;
pub(crate) use self::find::Places;
pub use self::find::RosterScratch;
use self::index::format::{self, Index};
use self::index::key::IndexKey;
use self::index::map::Bytes;
use crate::labels::LabelLexicon;
use crate::{EntityId, RuleSet};
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};

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

impl RosterColumn {
    fn is_name(self) -> bool {
        matches!(self, Self::FullName | Self::GivenName | Self::FamilyName)
    }

    /// Names the use of a column: `full name`, `EMPLOYEE_ID`.
    pub fn describe(self, rules: &RuleSet) -> String {
        match self {
            Self::FullName => "full name",
            Self::GivenName => "given name",
            Self::MiddleName => "middle name",
            Self::FamilyName => "family name",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Id(entity) => rules.entity_name(entity),
        }
        .to_owned()
    }
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
    /// More than an index can hold.
    #[error("the roster is too large: an index holds 268,435,455 rows and 28 kinds of IDs")]
    TooLarge,
    /// The file cannot be mapped into memory.
    #[error("the index cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// The file is something else.
    #[error("this is no roster index")]
    NotAnIndex,
    /// The file is of another version of the program.
    #[error("the index has version {0}, this program reads version {version}: build it again", version = format::VERSION)]
    Version(u32),
    /// The key is not the one the index was built with.
    #[error("the key is not the one the index was built with")]
    WrongKey,
    /// The file was changed or cut.
    #[error("the index is damaged ({0}): build it again")]
    Damaged(&'static str),
    /// The index names an entity that no recognizer knows.
    #[error(
        "the index has IDs of entity {0}, which no recognizer knows: give the same --rules, or build it again"
    )]
    UnknownEntity(String),
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
    /// How sure, 0 to 1: short numbers alone are weak, two fields of one row near each other are strong.
    pub score: f32,
}

/// What an index says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterInfo {
    /// Rows it was made of.
    pub rows: u32,
    /// Heading and use of each column that was used.
    pub columns: Vec<(String, String)>,
    /// Values by entity.
    pub fields: Vec<(String, u64)>,
    /// Spellings and numbers it can find.
    pub keys: usize,
    /// Bytes of the index.
    pub size_bytes: usize,
    /// Version of the format.
    pub version: u32,
}

/// The compiled roster.
pub struct Roster {
    /// Another one for each that was opened.
    id: u64,
    key: IndexKey,
    index: Index,
    /// Entity of each kind of value.
    entities: [EntityId; 64],
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster").field("people", &self.people()).finish_non_exhaustive()
    }
}

/// How many were opened.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// Key of an index that lives in this process's memory only, and is no secret there.
const OWN_KEY: [u8; 32] = *b"in memory only: it hides nothing";

impl Roster {
    /// Recognises columns by their headings.
    pub fn columns(headings: &[&str], labels: &LabelLexicon, rules: &RuleSet) -> Vec<Option<RosterColumn>> {
        headings.iter().map(|heading| column(heading, labels, rules)).collect()
    }

    /// Compiles rows of a roster in memory; `columns` says what each field is.
    ///
    /// # Errors
    /// [`RosterError`] when no column is recognised, there are no rows, a recognised column is empty, or
    /// nearly a third of the names have one letter.
    pub fn build(
        columns: &[Option<RosterColumn>],
        rows: &[Vec<String>],
        rules: &RuleSet,
    ) -> Result<Self, RosterError> {
        let columns: Vec<_> = columns.iter().map(|column| ("", *column)).collect();
        let mut builder = Self::builder(&columns, rules)?;
        for row in rows {
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            builder.add(&row, rules)?;
        }
        Self::in_memory(builder, rules)
    }

    /// Starts an index that lives in memory only.
    ///
    /// # Errors
    /// [`RosterError::NoColumn`].
    pub fn builder(
        columns: &[(&str, Option<RosterColumn>)],
        rules: &RuleSet,
    ) -> Result<RosterBuilder, RosterError> {
        RosterBuilder::new(columns, rules, &OWN_KEY, [0; 16])
    }

    /// Ends what [`Roster::builder`] started.
    ///
    /// # Errors
    /// As [`RosterBuilder::finish`].
    pub fn in_memory(builder: RosterBuilder, rules: &RuleSet) -> Result<Self, RosterError> {
        Self::open(Bytes::Held(builder.finish()?), &OWN_KEY, rules)
    }

    /// Whether a file with these first bytes is an index.
    pub fn is_index(start: &[u8]) -> bool {
        format::is_index(start)
    }

    /// Maps an index.
    ///
    /// # Errors
    /// [`RosterError`] when the file is no index, of another version, damaged, or the key is another one.
    pub fn map(file: &File, key: &[u8; 32], rules: &RuleSet) -> Result<Self, RosterError> {
        let bytes = Bytes::map(file).map_err(|error| RosterError::Unreadable(error.kind()))?;
        Self::open(bytes, key, rules)
    }

    /// Opens an index in memory.
    ///
    /// # Errors
    /// As [`Roster::map`].
    pub fn from_bytes(bytes: Vec<u8>, key: &[u8; 32], rules: &RuleSet) -> Result<Self, RosterError> {
        Self::open(Bytes::Held(bytes), key, rules)
    }

    fn open(bytes: Bytes, key: &[u8; 32], rules: &RuleSet) -> Result<Self, RosterError> {
        let key = IndexKey::new(key, &format::salt(&bytes)?);
        let index = Index::open(bytes, &key)?;
        let mut entities = [rules.built_in_entity("PERSON"); 64];
        entities[usize::from(kinds::EMAIL)] = rules.built_in_entity("EMAIL_ADDRESS");
        entities[usize::from(kinds::PHONE)] = rules.built_in_entity("PHONE_NUMBER");
        let ids = entities[usize::from(kinds::IDS)..].chunks_mut(2);
        for (name, both) in index.description.entities.iter().zip(ids) {
            let entity = rules.entity_id(name).ok_or_else(|| RosterError::UnknownEntity(name.clone()))?;
            both.fill(entity);
        }
        Ok(Self { id: OPENED.fetch_add(1, Ordering::Relaxed), key, index, entities })
    }

    /// Tells it from all others that this process opened.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Number of people.
    pub fn people(&self) -> u32 {
        self.index.rows
    }

    /// What it was made of.
    pub fn info(&self) -> RosterInfo {
        RosterInfo {
            rows: self.index.rows,
            columns: self.index.description.columns.clone(),
            fields: self.index.description.fields.clone(),
            keys: self.index.keys(),
            size_bytes: self.index.size(),
            version: format::VERSION,
        }
    }

    /// Adds every match in `text`, a line or a buffer of many; `scratch` is the caller's.
    pub fn find(&self, text: &str, scratch: &mut RosterScratch, out: &mut Vec<RosterHit>) {
        self.find_in(text, false, scratch, out);
    }
}

#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod tests;
