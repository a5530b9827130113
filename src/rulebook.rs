//! Recognizers and profiles: those of the binary, and those of the user's folder.

use crate::embedded::{PROFILES, RECOGNIZERS};
use anyhow::{Context as _, bail};
use custody_rules::{Profile, RuleSet, RuleSource};
use std::fs;
use std::path::Path;

/// Loads the binary's recognizers and those in `folder`, if given.
///
/// # Errors
/// Every mistake of every file, one a line, with file and line.
pub fn load_rules(folder: Option<&Path>) -> anyhow::Result<(RuleSet, blake3::Hash)> {
    let extra = folder.map(read_folder).transpose()?.unwrap_or_default();
    let mut sources: Vec<RuleSource<'_>> =
        RECOGNIZERS.iter().map(|&(name, text)| RuleSource { name, text }).collect();
    sources.extend(extra.iter().map(|(name, text)| RuleSource { name, text }));
    let mut hasher = blake3::Hasher::new();
    for source in &sources {
        hasher.update(source.text.as_bytes());
    }
    match RuleSet::load(&sources) {
        Ok(rules) => Ok((rules, hasher.finalize())),
        Err(errors) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            bail!("{}", lines.join("\n"))
        }
    }
}

/// File names and texts of the TOML files of a folder, by name.
///
/// # Errors
/// When the folder or a file cannot be read, or there is no TOML file.
pub fn read_folder(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{}: the rules folder cannot be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push(read_file(&path)?);
        }
    }
    if files.is_empty() {
        bail!("{}: no .toml file in the rules folder", folder.display());
    }
    files.sort();
    Ok(files)
}

/// Display name and text of a rule file.
///
/// # Errors
/// When it cannot be read as UTF-8.
pub fn read_file(path: &Path) -> anyhow::Result<(String, String)> {
    let text = fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    Ok((path.display().to_string(), text))
}

/// Loads a profile: one of the binary's by its name, or a file.
///
/// # Errors
/// An unknown name (with the known ones), an unreadable file, or a mistake in it.
pub fn load_profile(name: &str, rules: &RuleSet) -> anyhow::Result<(Profile, String)> {
    let known = PROFILES.iter().find(|(file, _)| file.strip_suffix(".toml") == Some(name));
    let (file, text) = match known {
        Some((file, text)) => ((*file).to_owned(), (*text).to_owned()),
        None if Path::new(name).extension().is_some_and(|e| e == "toml") => read_file(Path::new(name))?,
        None => {
            let names: Vec<&str> =
                PROFILES.iter().filter_map(|(file, _)| file.strip_suffix(".toml")).collect();
            bail!("unknown profile {name}: one of {}, or a .toml file", names.join(", "))
        }
    };
    Ok((Profile::parse(&file, &text, rules)?, text))
}
