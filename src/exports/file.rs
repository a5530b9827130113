//! A plan's file: counts, IDs and keyed hashes. No value, no mapping, no query: those are in the store.

use super::spec::Pinned;
use anyhow::{Context as _, bail};
use custody_export::eib::SheetDigest;
use custody_retention::{ContentId, ItemId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the files.
pub const SCHEMA: u32 = 1;

/// What a plan says to whoever has its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanText {
    /// [`SCHEMA`].
    pub schema: u32,
    /// `eib` or `extract`.
    pub kind: String,
    /// ID of the store.
    pub store: String,
    /// The environment.
    pub environment: String,
    /// When it was made, in milliseconds since 1970-01-01T00:00:00Z.
    pub created_ms: u64,
    /// The item in the store that says what was asked for.
    pub spec: ItemId,
    /// What it was made from.
    pub sources: Vec<Source>,
    /// Keyed hash of IDs and contents of the sources.
    pub sources_hash: String,
    /// The template's operation; of an extract its format.
    pub target: String,
    /// Fingerprint of the template's model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Keyed hash of the mapping; of an extract of its columns.
    pub mapping_hash: String,
    /// Keyed hash of filter, limit and what was allowed.
    pub query_hash: String,
    /// Rows that the filter left.
    pub rows_in: u64,
    /// Transactions; of an extract rows.
    pub transactions: u64,
    /// Different people.
    pub people: u64,
    /// Columns that are filled.
    pub columns: u64,
    /// Keyed hash of each sheet's cells.
    pub sheets: Vec<SheetDigest>,
    /// Keyed hash of all cells.
    pub cells_hash: String,
    /// Findings by severity.
    pub findings: BTreeMap<String, u64>,
}

/// A table that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The table.
    pub item: ItemId,
    /// What it held.
    pub content: ContentId,
}

impl From<&Pinned> for Source {
    fn from(pinned: &Pinned) -> Self {
        Self { item: pinned.item, content: pinned.content }
    }
}

impl PlanText {
    /// The file's text: what is hashed and confirmed.
    ///
    /// # Errors
    /// Never for a plan that was made here.
    pub fn text(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a plan's file.
    ///
    /// # Errors
    /// When it is none of this version.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let plan: Self = serde_json::from_str(text).context("it is no plan of a workbook or an extract")?;
        if plan.schema != SCHEMA {
            bail!("the plan was made by another version of custody");
        }
        Ok(plan)
    }
}
