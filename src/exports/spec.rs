//! What was asked for, word for word: mapping, filter, reasons. It holds values, and is kept in the store, encrypted, for
//! as long as its plan is.

use crate::store::tables::TableEntry;
use custody_export::eib::Allow;
use custody_export::extract::ExtractFormat;
use custody_export::template::Address;
use custody_retention::{ContentId, ItemId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Version of the specs.
pub const SCHEMA: u32 = 1;

/// A table as a plan pins it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    /// `workers@3`.
    pub name: String,
    /// The table.
    pub item: ItemId,
    /// What it held.
    pub content: ContentId,
    /// The report that it was read from.
    pub artifact: ItemId,
}

impl From<&TableEntry> for Pinned {
    fn from(entry: &TableEntry) -> Self {
        Self { name: entry.versioned(), item: entry.id, content: entry.content, artifact: entry.artifact }
    }
}

/// What a plan is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Spec {
    /// A workbook for upload.
    Eib(EibSpec),
    /// A filtered report.
    Extract(ExtractSpec),
}

impl Spec {
    /// What the ledger and the plan's file call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Eib(_) => "eib",
            Self::Extract(_) => "extract",
        }
    }

    /// The tables that it reads.
    pub fn tables(&self) -> &[Pinned] {
        match self {
            Self::Eib(spec) => &spec.tables,
            Self::Extract(spec) => &spec.tables,
        }
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spec({}, ..)", self.kind())
    }
}

/// A workbook for upload.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EibSpec {
    /// The template's name.
    pub template: String,
    /// The template's item; none for a bundled layout.
    pub template_item: Option<ItemId>,
    /// Name of the mapping beside the template.
    pub mapping_name: String,
    /// What the mapping's file says.
    pub mapping: String,
    /// The report, then the tables of its lookups.
    pub tables: Vec<Pinned>,
    /// Which rows.
    pub filter: Option<String>,
    /// Why all rows are wanted, where there is no filter.
    pub all_reason: Option<String>,
    /// Transactions at most.
    pub limit: Option<u64>,
    /// Fields of special categories that were allowed, each with its reason.
    pub sensitive: Vec<(Address, String)>,
    /// Columns of special categories that the filter may look at, each with its reason.
    pub sensitive_columns: Vec<(String, String)>,
    /// Whether values may be cleared.
    pub clear: bool,
    /// Whether values may be replaced or deleted.
    pub replace: bool,
    /// These transactions only: those that Workday rejected.
    pub only: Option<BTreeSet<u64>>,
    /// Why nothing like it was built in a sandbox before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_sandbox_reason: Option<String>,
}

impl EibSpec {
    /// What was allowed.
    pub fn allow(&self) -> Allow {
        Allow {
            sensitive: self.sensitive.clone(),
            columns: self.sensitive_columns.clone(),
            clear: self.clear,
            replace: self.replace,
        }
    }
}

/// A filtered report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtractSpec {
    /// The query.
    pub sql: String,
    /// `xlsx`, `csv` or `parquet`.
    pub format: ExtractFormat,
    /// The tables that it reads.
    pub tables: Vec<Pinned>,
    /// Columns of special categories that were allowed, each with its reason.
    pub sensitive: Vec<(String, String)>,
    /// Why all rows are wanted, where there is no filter.
    pub all_reason: Option<String>,
    /// Why groups of fewer than five people are wanted.
    pub small_reason: Option<String>,
}

impl fmt::Debug for EibSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EibSpec").field("template", &self.template).finish_non_exhaustive()
    }
}

impl fmt::Debug for ExtractSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractSpec").field("format", &self.format).finish_non_exhaustive()
    }
}
