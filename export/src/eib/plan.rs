//! Plans a load: evaluates, checks everything, changes nothing. What it shows is made for people; what it keeps are
//! counts and keyed hashes.

mod advice;
mod digest;
mod make;
mod preview;
mod show;

pub use advice::{Advice, AdviceKind};
pub use digest::{Digester, Digests, SheetDigest};
pub use make::{plan, rows, show};
pub use preview::{Change, Preview, PreviewCell, PreviewColumn, PreviewRow};

use super::expression::ExpressionError;
use super::finding::{Code, Severity};
use super::mapping::{Mapping, MappingProblem};
use super::rows::RowError;
use crate::tables::{Tables, TablesError};
use crate::template::{Address, Template};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is asked for. The same request over the same tables gives the same cells.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The template.
    pub template: &'a Template,
    /// Fingerprint of its model.
    pub fingerprint: &'a str,
    /// The mapping.
    pub mapping: &'a Mapping,
    /// Where the report and the lookup tables are.
    pub tables: &'a Tables,
    /// Name of the report in SQL, with its version: `workers@3`. No SQL.
    pub from: &'a str,
    /// Which rows: one expression over the report's columns.
    pub filter: Option<&'a str>,
    /// Transactions at most: the first ones in the report's order, with a key in the key's.
    pub limit: Option<u64>,
    /// What was allowed.
    pub allow: &'a Allow,
    /// Key of the hashes.
    pub key: &'a [u8; 32],
    /// These transactions only, by their numbers in the load without this choice. They keep their numbers (and with
    /// them their spreadsheet keys) and move up: rows are counted without the others.
    pub only: Option<&'a BTreeSet<u64>>,
}

/// The filter holds values.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Request");
        shown.field("operation", &self.template.operation).field("from", &self.from).finish_non_exhaustive()
    }
}

/// What a person allowed, so that it is no error.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Allow {
    /// Fields with data of special categories, and why each is needed.
    pub sensitive: Vec<(Address, String)>,
    /// Columns of the report with data of special categories that a filter may look at, and why.
    pub columns: Vec<(String, String)>,
    /// `{empty}` may clear values.
    pub clear: bool,
    /// `Replace = Y` and `Delete = Y` may drop what else Workday holds.
    pub replace: bool,
}

/// Reasons are a person's words.
impl fmt::Debug for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Allow");
        shown
            .field("sensitive", &self.sensitive.len())
            .field("columns", &self.columns.len())
            .field("clear", &self.clear);
        shown.field("replace", &self.replace).finish()
    }
}

/// Why nothing can be planned. Holds no value and no SQL literal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The mapping does not fit the template or the report.
    #[error("the mapping does not fit: {}", first(.0))]
    Mapping(Vec<MappingProblem>),
    /// The filter is not one expression over the report.
    #[error("--where: {0}")]
    Filter(ExpressionError),
    /// A field's SQL is not one expression over the report.
    #[error("mapping, line {line}: {error}")]
    Field {
        /// Line of the mapping file.
        line: usize,
        /// What is wrong with it.
        error: ExpressionError,
    },
    /// A lookup table cannot be used.
    #[error("lookup {name:?}: {what}")]
    Lookup {
        /// Its name in the mapping.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// An allowed field is not in the template.
    #[error("--allow-sensitive: {0}")]
    Allow(String),
    /// The report cannot be read.
    #[error("{0}")]
    Tables(#[from] TablesError),
    /// The rows ended early.
    #[error("{0}")]
    Rows(#[from] RowError),
}

fn first(problems: &[MappingProblem]) -> String {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    if problems.len() > 1 { format!("{first} (and {} more)", problems.len() - 1) } else { first }
}

/// Why a column is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// A spreadsheet key or Row ID, generated.
    Key,
    /// The template wants it.
    Required,
    /// The mapping wants it.
    Mapped,
}

/// A column that is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnUse {
    /// The field.
    pub address: Address,
    /// `C5`: where its label stands.
    pub cell: String,
    /// Name of its sheet.
    pub sheet: String,
    /// Why it is filled.
    pub why: Why,
    /// Cells with a value, cleared ones too.
    pub filled: u64,
    /// Rows in which it is blank.
    pub blank: u64,
    /// Cells that clear.
    pub cleared: u64,
    /// The special category of its data, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<&'static str>,
}

/// A load, planned.
#[derive(Debug, Serialize)]
pub struct Planned {
    /// Rows of the report that the filter left.
    pub rows_in: u64,
    /// Rows of each sheet that has any.
    pub rows_out: BTreeMap<String, u64>,
    /// Transactions.
    pub transactions: u64,
    /// Different workers; transactions where no field names a worker.
    pub people: u64,
    /// The columns that are filled.
    pub columns: Vec<ColumnUse>,
    /// Columns that the template has, on all sheets.
    pub columns_of_template: u64,
    /// The report's columns that are read.
    pub read: Vec<String>,
    /// Those that are not.
    pub unread: Vec<String>,
    /// How the load could be smaller.
    pub advice: Vec<Advice>,
    /// Findings by how bad they are.
    pub by_severity: BTreeMap<Severity, u64>,
    /// Findings by code.
    pub by_code: BTreeMap<Code, u64>,
    /// A keyed hash of each sheet's cells.
    pub digests: Vec<SheetDigest>,
    /// A keyed hash of all of them: 64 hexadecimal digits.
    pub cells_digest: String,
    /// Cells that clear.
    pub cleared: u64,
    /// Cells that say `Y` under Replace or Delete.
    pub replaced: u64,
    /// Current and new values, unmasked: for memory and screens only.
    #[serde(skip)]
    pub preview: Preview,
}

impl Planned {
    /// Whether nothing may be built from it.
    pub fn has_errors(&self) -> bool {
        self.by_severity.get(&Severity::Error).is_some_and(|&count| count > 0)
    }
}
