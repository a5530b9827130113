//! Folders that commands write: new or empty, and none inside another that it must not be in. Makes none.

use anyhow::{Context as _, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder as an absolute path, if it may be written to; `word` is what the command line calls it.
pub(super) fn checked(folder: &Path, word: &str, inputs: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let shown = folder.display();
    if let Ok(meta) = fs::symlink_metadata(folder) {
        if !meta.is_dir() {
            bail!("{shown}: {word} exists and is no folder");
        }
        let mut entries = fs::read_dir(folder).with_context(|| format!("{shown}: {word} cannot be read"))?;
        if entries.next().is_some() {
            bail!("{shown}: {word} exists and is not empty: name a new folder");
        }
    }
    let absolute = absolute(folder).with_context(|| format!("{shown}: {word} cannot be resolved"))?;
    for input in inputs {
        let Ok(input_path) = fs::canonicalize(input) else { continue };
        if input_path.starts_with(&absolute) {
            bail!("{}: the input is inside {word} ({shown})", input.display());
        }
    }
    Ok(absolute)
}

/// Fails where one of the two lies in the other: what is redacted and what is not are kept apart.
pub(super) fn apart(out: &Path, preview: &Path) -> anyhow::Result<()> {
    if preview.starts_with(out) {
        bail!("{}: the preview shows values: it cannot be in OUT", preview.display());
    }
    if out.starts_with(preview) {
        bail!("{}: OUT cannot be in the folder of the preview, which is to be deleted", out.display());
    }
    Ok(())
}

/// The path with its existing part resolved.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut rest = Vec::new();
    let mut existing = path.as_path();
    loop {
        if let Ok(resolved) = fs::canonicalize(existing) {
            return Ok(rest.iter().rev().fold(resolved, |path, part| path.join(part)));
        }
        match (existing.parent(), existing.file_name()) {
            (Some(parent), Some(name)) => {
                rest.push(name.to_owned());
                existing = parent;
            }
            _ => return Ok(path),
        }
    }
}
