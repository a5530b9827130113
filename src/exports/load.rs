//! A load put together from what was asked for: template, mapping and tables, each in the version that the spec pins.

use super::spec::{EibSpec, Pinned};
use crate::store::tables::{StoreTables, TableEntry, find};
use crate::store::templates::{self, Loaded};
use anyhow::{Context as _, bail};
use custody_export::eib::{Allow, Mapping, Request};
use custody_export::tables::Tables;
use custody_export::workbook::{IdTypeChoice, Instruction, Settings};
use custody_retention::store::{Store, StoreError};
use std::collections::BTreeSet;

/// What is needed to make a load's cells.
#[derive(Debug)]
pub struct Load {
    /// The template.
    pub loaded: Loaded,
    /// The mapping, with its lookups in the pinned versions.
    pub mapping: Mapping,
    from: String,
    filter: Option<String>,
    limit: Option<u64>,
    allow: Allow,
    only: Option<BTreeSet<u64>>,
    key: [u8; 32],
}

impl Load {
    /// Puts a load together.
    ///
    /// # Errors
    /// When the mapping cannot be read, and what the store says.
    pub fn new(store: &Store, spec: &EibSpec, key: [u8; 32]) -> anyhow::Result<Self> {
        let loaded = match &spec.template_item {
            Some(item) => templates::load_item(store, item)?,
            None => templates::load_bundled(&spec.template)?,
        };
        let mut mapping =
            Mapping::parse(&spec.mapping).with_context(|| format!("mapping {}", spec.mapping_name))?;
        for lookup in mapping.lookups.values_mut() {
            lookup.table = pinned(&spec.tables, &lookup.table)?.name.clone();
        }
        let from = spec.tables.first().context("a plan without a table")?.name.clone();
        Ok(Self {
            loaded,
            mapping,
            from,
            filter: spec.filter.clone(),
            limit: spec.limit,
            allow: spec.allow(),
            only: spec.only.clone(),
            key,
        })
    }

    /// What the engine is asked.
    pub fn request<'a>(&'a self, tables: &'a Tables) -> Request<'a> {
        Request {
            template: &self.loaded.template,
            fingerprint: &self.loaded.fingerprint,
            mapping: &self.mapping,
            tables,
            from: &self.from,
            filter: self.filter.as_deref(),
            limit: self.limit,
            allow: &self.allow,
            key: &self.key,
            only: self.only.as_ref(),
        }
    }

    /// What is chosen in the header.
    pub fn settings(&self) -> Settings {
        let template = &self.loaded.template;
        let id_types = self.mapping.id_types(template).into_iter();
        let instructions = self.mapping.instructions(template).into_iter();
        Settings {
            id_types: id_types
                .map(|(sheet, column, id_type)| IdTypeChoice { sheet, column, id_type })
                .collect(),
            instructions: instructions
                .map(|line| Instruction {
                    row: line.row,
                    instruction: line.instruction,
                    comment: line.comment,
                })
                .collect(),
        }
    }
}

/// The tables that a load reads, as they are now: the report, then those of the mapping's lookups.
///
/// # Errors
/// For one that is not there.
pub fn tables_of(list: &[TableEntry], from: &str, mapping: &Mapping) -> anyhow::Result<Vec<Pinned>> {
    let mut tables = vec![Pinned::from(find(list, from)?)];
    for (name, lookup) in &mapping.lookups {
        let entry = find(list, &lookup.table).with_context(|| format!("lookup {name}"))?;
        let pinned = Pinned::from(entry);
        if !tables.contains(&pinned) {
            tables.push(pinned);
        }
    }
    Ok(tables)
}

fn pinned<'a>(tables: &'a [Pinned], asked: &str) -> anyhow::Result<&'a Pinned> {
    let wanted = asked.trim().to_lowercase();
    let base = |name: &str| name.rsplit_once('@').map_or(name.to_owned(), |(name, _)| name.to_owned());
    tables
        .iter()
        .find(|table| table.name == wanted || base(&table.name) == wanted)
        .context("a lookup's table is not among the plan's")
}

/// Refuses tables that are not as they were pinned: purged, or with a newer version beside them.
///
/// # Errors
/// [`StoreError::Refused`] with the reason.
pub fn check_fresh(open: &StoreTables, tables: &[Pinned]) -> anyhow::Result<()> {
    for pinned in tables {
        let refused = |why: &str| StoreError::Refused(format!("{}: {why}: make a new plan", pinned.name));
        let there = open.list.iter().find(|entry| entry.id == pinned.item && entry.content == pinned.content);
        let Some(there) = there else {
            bail!(refused("the table is not in the store any more"));
        };
        let newest =
            open.list.iter().filter(|entry| entry.name == there.name).map(|entry| entry.version).max();
        if newest != Some(there.version) {
            bail!(refused("a newer version of the report was taken in"));
        }
    }
    Ok(())
}

/// Refuses a template or a mapping that has changed since.
///
/// # Errors
/// [`StoreError::Refused`] with the reason.
pub fn check_same(store: &Store, spec: &EibSpec, environment: &str, fingerprint: &str) -> anyhow::Result<()> {
    let refused = |why: &str| StoreError::Refused(format!("{why}: make a new plan"));
    let newest = templates::load(store, &spec.template, environment)?;
    if newest.fingerprint != fingerprint {
        bail!(refused(
            "another template was imported under this name, and its model differs (custody template diff)"
        ));
    }
    let mappings = templates::mappings(store, &spec.template, environment)?;
    let saved = mappings.iter().find(|(kept, _)| kept.name == spec.mapping_name);
    if saved.is_some_and(|(_, text)| !templates::is_same(text, &spec.mapping)) {
        bail!(refused("the mapping was changed"));
    }
    Ok(())
}
