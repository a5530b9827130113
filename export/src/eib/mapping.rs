//! Which field of a template is filled from what: the mapping file, read and checked against itself. Whether its fields
//! and columns are there is [`check`](Mapping::check)'s.

mod check;
mod read;
mod settings;
mod suggest;

pub use check::MappingProblem;
pub(super) use check::{CLEAR, column_of, is_clear, repeats};
pub use settings::Instruction;
pub use suggest::{Suggestion, suggest, suggest_toml};

use crate::template::Address;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What a mapping file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// The operation it is for.
    pub operation: String,
    /// Fingerprint of the template's model that it was written for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Columns of the report whose values together make one transaction; empty: every row is one.
    pub key: Vec<String>,
    /// What is filled.
    pub fields: Vec<FieldMapping>,
    /// Tables that turn names into IDs.
    pub lookups: BTreeMap<String, LookupMapping>,
    /// Choices on the overview, by the process's name.
    pub processes: BTreeMap<String, ProcessMapping>,
}

/// What one field is filled from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldMapping {
    /// The field.
    pub address: Address,
    /// Where its texts come from.
    pub source: FieldSource,
    /// The ID type that row 4 says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_type: Option<String>,
    /// Which part of a descriptor is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// Name of the lookup that turns names into IDs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<String>,
    /// What stands between the values of one cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What Workday holds now, as far as the report says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<FieldSource>,
    /// Whether a blank clears.
    pub clears: bool,
    /// Line of the file, from 1. Not part of the canonical text.
    #[serde(skip)]
    pub line: usize,
}

/// Where texts come from.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldSource {
    /// A column of the report.
    Column(String),
    /// The same text in every row.
    Value(String),
    /// An expression over the report's columns.
    Sql(String),
}

/// Shows which kind it is; constants and expressions hold values.
impl fmt::Debug for FieldSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => f.debug_tuple("Column").field(name).finish(),
            Self::Value(_) => f.write_str("Value(..)"),
            Self::Sql(_) => f.write_str("Sql(..)"),
        }
    }
}

/// A part of `Jane Doe (21072)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// `21072`.
    Id,
    /// `Jane Doe`.
    Name,
}

/// A table that turns names into IDs.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct LookupMapping {
    /// Its name in the store.
    pub table: String,
    /// Its column of names.
    pub name: String,
    /// Its column of IDs.
    pub id: String,
    /// Its column of ID types, and the type that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<(String, String)>,
}

/// Shows no type: it is a value of the table.
impl fmt::Debug for LookupMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookupMapping").field("table", &self.table).finish_non_exhaustive()
    }
}

/// What is chosen for a line of the overview.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ProcessMapping {
    /// The processing instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    /// The comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Comments hold anything.
impl fmt::Debug for ProcessMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessMapping").field("instruction", &self.instruction).finish_non_exhaustive()
    }
}

/// Why a mapping file is refused. Names lines and keys; what stands behind the keys is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// More than a mapping needs.
    #[error("larger than {limit} {what}")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// Not TOML, or a key that is not known, or a value of another kind.
    #[error("line {line}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// Two fields of the file, or two keys of a field, that do not go together.
    #[error("line {line}: {what}")]
    Field {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
}

impl Mapping {
    /// The mapping as one text that is the same for the same mapping, however its file is laid out. Holds its constants:
    /// for hashing, not for showing.
    pub fn canonical_text(&self) -> String {
        // Maps are sorted and the types hold nothing that JSON has no word for.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The fields that are filled.
    pub fn addresses(&self) -> Vec<Address> {
        self.fields.iter().map(|field| field.address.clone()).collect()
    }
}
