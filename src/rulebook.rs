//! Recognizers and profiles: those of the binary, and those of the user's folder.

use crate::embedded::{PROFILES, RECOGNIZERS};
use anyhow::{Context as _, bail};
use custody_rules::{Lists, Profile, RuleSet, RuleSource};
use std::fs;
use std::path::{Path, PathBuf};

/// Recognizers, and what the manifest says of them.
#[derive(Debug)]
pub struct Rulebook {
    /// The recognizers.
    pub rules: RuleSet,
    /// Of all files that were read.
    pub blake3: blake3::Hash,
    /// Mistakes of files that were skipped.
    pub skipped: Vec<String>,
}

/// Loads the binary's recognizers and those in `folder`, if given. `skip_bad`: files with mistakes are left
/// out and their mistakes listed.
///
/// # Errors
/// Every mistake of every file, one a line, with file and line.
pub fn load_rules(folder: Option<&Path>, skip_bad: bool) -> anyhow::Result<Rulebook> {
    let extra = folder.map(read_folder).transpose()?.unwrap_or_default();
    let mut sources: Vec<RuleSource<'_>> =
        RECOGNIZERS.iter().map(|&(name, text)| RuleSource { name, text }).collect();
    sources.extend(extra.iter().map(|(name, text)| RuleSource { name, text }));
    let mut hasher = blake3::Hasher::new();
    for source in &sources {
        hasher.update(source.text.as_bytes());
    }
    let (rules, errors) = RuleSet::load_good(&sources);
    let skipped: Vec<String> = errors.iter().map(ToString::to_string).collect();
    if !skipped.is_empty() && !skip_bad {
        bail!("{}", skipped.join("\n"));
    }
    Ok(Rulebook { rules, blake3: hasher.finalize(), skipped })
}

/// Loads allow-lists and deny-lists; the BLAKE3 of each, allow-lists first. `own`: allow-lists of the binary's.
///
/// # Errors
/// Every mistake of every file, one a line, with file and line.
pub fn load_lists(
    allow: &[PathBuf],
    deny: &[PathBuf],
    (own, rules): (&[(String, String)], &RuleSet),
) -> anyhow::Result<(Lists, [Vec<String>; 2])> {
    let read = |paths: &[PathBuf]| paths.iter().map(|path| read_file(path)).collect::<Result<Vec<_>, _>>();
    let (mut allow, deny) = (read(allow)?, read(deny)?);
    allow.extend_from_slice(own);
    let hashes = |files: &[(String, String)]| {
        files.iter().map(|(_, text)| blake3::hash(text.as_bytes()).to_hex().to_string()).collect()
    };
    let lists = Lists::load(&as_sources(&allow), &as_sources(&deny), rules).map_err(|errors| {
        anyhow::anyhow!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })?;
    Ok((lists, [hashes(&allow), hashes(&deny)]))
}

fn as_sources(files: &[(String, String)]) -> Vec<RuleSource<'_>> {
    files.iter().map(|(name, text)| RuleSource { name, text }).collect()
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
