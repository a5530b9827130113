//! Environments in a store.

use super::{Environment, Kind};
use crate::store::Opened;
use anyhow::{Context as _, bail};
use custody_retention::catalog::GovernedRow;
use custody_retention::store::{RecordKind, Store, StoreError};
use std::collections::BTreeSet;

/// The record that says which environment is meant when nobody says one. No environment can be called so.
const OWN: &str = "=own";

/// The environment of this name that has a record.
///
/// # Errors
/// When its record cannot be believed.
pub fn find(store: &Store, name: &str) -> anyhow::Result<Option<Environment>> {
    let Some(bytes) = store.record(RecordKind::Environment, name).with_context(|| name.to_owned())? else {
        return Ok(None);
    };
    let found = Environment::parse(&bytes).with_context(|| name.to_owned())?;
    if found.name != name {
        bail!(StoreError::Contradiction("an environment's record has another name"));
    }
    Ok(Some(found))
}

/// The environment that is in force under a name: that of its record, else one of the three that are always there.
///
/// # Errors
/// When there is none, or its record cannot be believed.
pub fn in_force(store: &Store, name: &str) -> anyhow::Result<Environment> {
    if let Some(found) = find(store, name)? {
        return Ok(found);
    }
    match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
        Some(kind) => Environment::new(name, kind),
        None => bail!(StoreError::Refused(format!(
            "there is no environment {name}: custody env add {name} --kind KIND makes it known"
        ))),
    }
}

/// All environments that have a record, by name, each with when it was set and by whom.
///
/// # Errors
/// When a record cannot be believed.
pub fn all(store: &Store) -> anyhow::Result<Vec<(GovernedRow, Environment)>> {
    let own = store.record_subject(RecordKind::Environment, OWN);
    let mut found = Vec::new();
    let records = store.records(RecordKind::Environment);
    if records.is_err() {
        named(store)?;
    }
    for (row, bytes) in records? {
        if row.subject != own {
            found.push((row, Environment::parse(&bytes)?));
        }
    }
    found.sort_by(|one, other| one.1.name.cmp(&other.1.name));
    Ok(found)
}

/// Says which record cannot be believed, as far as its name is known from what lies in the store.
fn named(store: &Store) -> anyhow::Result<()> {
    stored_own(store).context("the environment that is meant where none is named (custody env use)")?;
    let mut names: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    names.extend(store.config().environment.clone());
    names.extend(store.catalog().facets()?.into_iter().map(|facet| facet.environment));
    names.iter().try_for_each(|name| find(store, name).map(drop))
}

/// Puts an environment in force.
///
/// # Errors
/// What is wrong with it, or with the store.
pub fn put(opened: &mut Opened, environment: &Environment) -> anyhow::Result<()> {
    let (who, text) = (opened.who(), environment.to_text()?);
    opened.store.put_record(who, RecordKind::Environment, (&environment.name, text.as_bytes()))?;
    opened.store.checkpoint()?;
    Ok(())
}

/// Takes an environment's record away.
///
/// # Errors
/// When there is none.
pub fn remove(opened: &mut Opened, name: &str) -> anyhow::Result<()> {
    let who = opened.who();
    opened.store.remove_record(who, RecordKind::Environment, name)?;
    opened.store.checkpoint()?;
    Ok(())
}

/// The environment that is meant when nobody says one, where that was set.
///
/// # Errors
/// When its record cannot be believed.
pub fn stored_own(store: &Store) -> anyhow::Result<Option<String>> {
    let bytes = store.record(RecordKind::Environment, OWN)?;
    bytes.map(|bytes| String::from_utf8(bytes).context("the store's own environment")).transpose()
}

/// Says which environment is meant when nobody says one.
///
/// # Errors
/// For one that is not there, and for production: that is named every time.
pub fn set_own(opened: &mut Opened, name: &str) -> anyhow::Result<()> {
    if in_force(&opened.store, name)?.kind == Kind::Production {
        bail!(StoreError::Refused("production is named every time: --env".to_owned()));
    }
    let who = opened.who();
    opened.store.put_record(who, RecordKind::Environment, (OWN, name.as_bytes()))?;
    opened.store.checkpoint()?;
    Ok(())
}
