//! Which items a policy is for: a set of words in each dimension. Whether two policies can meet in one item is told
//! from the sets alone, without an item.

use super::words::Dimension;
use crate::catalog::{FacetRow, ItemRow};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What policies see of an item. What is missing is empty, and what is empty never matches a list nor an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facet<'a> {
    /// What it is: a kind of item that is no copy.
    pub kind: &'a str,
    /// Its class.
    pub class: &'a str,
    /// The environment it belongs to.
    pub environment: &'a str,
    /// User ID of its owner.
    pub owner: &'a str,
    /// How it came.
    pub source: &'a str,
    /// The last event that happened to it, or [`crate::catalog::STATE_INGESTED`].
    pub state: &'a str,
    /// `raw` or `redacted`.
    pub exposure: &'a str,
}

impl<'a> From<&'a FacetRow> for Facet<'a> {
    fn from(row: &'a FacetRow) -> Self {
        Self {
            kind: row.kind.name(),
            class: &row.class,
            environment: &row.environment,
            owner: &row.owner,
            source: &row.source,
            state: &row.state,
            exposure: row.exposure.name(),
        }
    }
}

impl<'a> From<&'a ItemRow> for Facet<'a> {
    fn from(row: &'a ItemRow) -> Self {
        Self {
            kind: row.kind.name(),
            class: &row.class,
            environment: &row.environment,
            owner: &row.owner,
            source: &row.source,
            state: &row.state,
            exposure: row.exposure.name(),
        }
    }
}

impl Facet<'_> {
    fn get(&self, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Kind => self.kind,
            Dimension::Class => self.class,
            Dimension::Environment => self.environment,
            Dimension::Owner => self.owner,
            Dimension::Source => self.source,
            Dimension::State => self.state,
            Dimension::Exposure => self.exposure,
        }
    }
}

/// The words of one dimension that a policy is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) enum Words {
    /// It does not look.
    #[serde(skip)]
    Any,
    /// These.
    #[serde(rename = "in")]
    In(BTreeSet<String>),
    /// All but these, where not all words are known.
    #[serde(rename = "not")]
    NotIn(BTreeSet<String>),
}

impl Words {
    fn has(&self, word: &str) -> bool {
        let missing = word.trim().is_empty();
        match self {
            Self::Any => true,
            Self::In(words) => !missing && words.contains(word),
            Self::NotIn(words) => !missing && !words.contains(word),
        }
    }

    /// Whether a word is in both.
    fn meet<'a>(&'a self, other: &'a Self) -> Meet<'a> {
        let named = |word: Option<&'a String>| word.map_or(Meet::Nowhere, |word| Meet::In(word));
        match (self, other) {
            (Self::In(these), Self::In(those)) => named(these.intersection(those).next()),
            (Self::In(these), Self::NotIn(those)) | (Self::NotIn(those), Self::In(these)) => {
                named(these.difference(those).next())
            }
            (Self::In(these), Self::Any) | (Self::Any, Self::In(these)) => named(these.first()),
            // There is always another word.
            (Self::Any | Self::NotIn(_), Self::Any | Self::NotIn(_)) => Meet::Somewhere,
        }
    }
}

/// Where the words of two policies meet.
enum Meet<'a> {
    Nowhere,
    In(&'a str),
    Somewhere,
}

/// All that a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match(pub(super) [Words; Dimension::ALL.len()]);

impl Match {
    /// The words of a dimension.
    pub(super) fn words(&self, dimension: Dimension) -> &Words {
        &self.0[dimension as usize]
    }

    /// The dimensions that it looks at.
    pub(super) fn canonical(&self) -> BTreeMap<&'static str, &Words> {
        let looked_at = |dimension: &Dimension| *self.words(*dimension) != Words::Any;
        Dimension::ALL
            .into_iter()
            .filter(looked_at)
            .map(|dimension| (dimension.name(), self.words(dimension)))
            .collect()
    }

    /// Whether it is for an item like this.
    pub(super) fn has(&self, facet: &Facet<'_>) -> bool {
        Dimension::ALL.into_iter().all(|dimension| self.words(dimension).has(facet.get(dimension)))
    }

    /// An example of what both are for (`class report, environment production`); `None` when there can be none.
    pub(super) fn meet(&self, other: &Self) -> Option<String> {
        let mut example = Vec::new();
        for dimension in Dimension::ALL {
            match self.words(dimension).meet(other.words(dimension)) {
                Meet::Nowhere => return None,
                Meet::In(word) => example.push(format!("{} {word}", dimension.name())),
                Meet::Somewhere => {}
            }
        }
        Some(if example.is_empty() { "any item".to_owned() } else { example.join(", ") })
    }
}
