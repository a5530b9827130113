//! The policies of a store: text files in it that people edit, read whole or not at all.

use crate::environment::all;
use crate::terminal::Terminal;
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

/// The same for who only looks: what is wrong is said, and nothing is said to become of anything then.
pub fn load_or_say(store: &Store, terminal: Terminal) -> Option<PolicySet> {
    load(store)
        .map_err(|error| {
            let said = format!("what is to become of items is not known: {error}");
            said.lines().for_each(|line| terminal.tagged("warning", line));
        })
        .ok()
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
