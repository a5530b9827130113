//! Where checkpoints are remembered outside of the store.

use anyhow::{Context as _, bail};
use custody_retention::ledger::{Checkpoint, Memory, Prover, Remembered};
use custody_retention::store::Store;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where to: a file, a Git folder, or a command.
///
/// # Errors
/// When neither or both are named.
pub fn memory(place: Option<&str>, command: &[String]) -> anyhow::Result<Option<Memory>> {
    match (place, command) {
        (None, []) => Ok(None),
        (Some(_), [_, ..]) => bail!("--to and a command: one of the two"),
        (None, command) => Ok(Some(Memory::Command(command.iter().map(OsString::from).collect()))),
        (Some(place), []) => match place.split_once(':') {
            Some(("git", folder)) if !folder.is_empty() => Ok(Some(Memory::Git(PathBuf::from(folder)))),
            _ if !place.is_empty() => Ok(Some(Memory::File(PathBuf::from(place)))),
            _ => bail!("--to takes a file or git:DIR"),
        },
    }
}

/// Remembers a checkpoint, after everything that is remembered there was found to be the ledger's beginning.
///
/// # Errors
/// When the place cannot be written, or remembers another history.
pub fn remember(
    store: &Store,
    checkpoint: &Checkpoint,
    place: &str,
    command: &[String],
) -> anyhow::Result<Remembered> {
    let memory = memory((!place.is_empty()).then_some(place), command)?.context("where to?")?;
    let mut prover = Prover::under(store.ledger_folder(), checkpoint.clone())?;
    memory
        .remember(&mut prover, &store.config().verifier)
        .with_context(|| format!("remembering the checkpoint of {} entries", checkpoint.size()))
}
