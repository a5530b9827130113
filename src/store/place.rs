//! Where the store is, and which environment is meant.

use anyhow::bail;
use std::path::PathBuf;

/// Names the store's folder.
pub(super) const STORE_VARIABLE: &str = "CUSTODY_STORE";
/// Names the environment.
pub(super) const ENVIRONMENT_VARIABLE: &str = "CUSTODY_ENV";

/// Where an environment's name comes from, strongest first.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentSource {
    /// `--env`, or the variable.
    pub asked: Option<String>,
    /// The store's own.
    pub own: Option<String>,
}

impl EnvironmentSource {
    /// The environment.
    ///
    /// # Errors
    /// When nobody named one: there is no default.
    pub fn name(&self) -> anyhow::Result<String> {
        match self.asked.as_ref().or(self.own.as_ref()) {
            Some(name) if custody_retention::store::is_word(name) => Ok(name.clone()),
            Some(_) => {
                bail!("--env takes 1 to 40 of a-z, 0-9 and -: sandbox, preview, production, a tenant's name")
            }
            None => bail!(
                "which environment? Say --env NAME or set ${ENVIRONMENT_VARIABLE}; the store has none of its own (custody init --env NAME gives it one)"
            ),
        }
    }
}

/// The folder of the store: the one that was named, else the user's own data folder.
///
/// # Errors
/// When there is neither a name nor a home.
pub fn store_folder(named: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(named) = named {
        return Ok(std::path::absolute(named)?);
    }
    let folder =
        |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")));
    match data {
        Some(data) => Ok(data.join("custody")),
        None => bail!("where is the store? Say --store DIR or set ${STORE_VARIABLE}"),
    }
}
