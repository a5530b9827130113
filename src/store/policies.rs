//! The policies of a store: text files in it that people edit, read whole or not at all.

use crate::environment::all;
use custody_retention::PolicySet;
use custody_retention::policy::PolicyError;
use custody_retention::store::{POLICIES, Store, StoreError};

/// Reads the store's policies, with the shorter periods of its environments.
///
/// # Errors
/// [`StoreError::Refused`] with every mistake, a line each.
pub fn load(store: &Store) -> Result<PolicySet, StoreError> {
    let policies = PolicySet::read(&**store.disk(), POLICIES)
        .map_err(|mistakes| StoreError::Refused(listed(&mistakes)))?;
    // A record that cannot be believed stops what deletes.
    let environments = all(store).map_err(|error| StoreError::Refused(format!("{error:#}")))?;
    let percents = environments
        .into_iter()
        .map(|(_, environment)| (environment.name, environment.retention_percent))
        .collect();
    Ok(policies.shortened(&percents))
}

/// Checks policy files.
///
/// # Errors
/// All mistakes.
pub fn parse(files: &[(String, String)]) -> Result<PolicySet, Vec<PolicyError>> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    PolicySet::parse(&files)
}

/// Mistakes, a line each.
pub fn listed(mistakes: &[PolicyError]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
