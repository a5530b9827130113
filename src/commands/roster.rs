//! `custody roster`: a roster compiled once into an index of keyed hashes, and what such an index says of itself.
//! Shows no name.

use super::App;
use super::witness::Witness;
use crate::cli::RosterCommand;
use crate::config::{KEY_FILE_VARIABLE, key_file};
use crate::exit::Exit;
use crate::terminal::{out, printable};
use crate::{rosters, rulebook};
use anyhow::{Context as _, bail};
use custody_rules::{Limits, RosterBuilder, RosterColumn, RosterInfo, Scanner};
use serde_json::json;
use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(app: &App, command: &RosterCommand) -> anyhow::Result<Exit> {
    match command {
        RosterCommand::Build { table, out, key, rules } => {
            build(app, (table, out), key.as_deref(), &scanner(rules.as_deref())?)
        }
        RosterCommand::Info { index, key, rules } => {
            info(app, index, key.as_deref(), &scanner(rules.as_deref())?)
        }
    }
}

fn scanner(rules: Option<&Path>) -> anyhow::Result<Scanner> {
    let rules = rulebook::load_rules(rules, false)?.rules;
    Scanner::new(Arc::new(rules))
        .map_err(|message| anyhow::anyhow!("the rules do not compile together: {message}"))
}

fn build(
    app: &App,
    (table, index): (&Path, &PathBuf),
    key: Option<&Path>,
    scanner: &Scanner,
) -> anyhow::Result<Exit> {
    let witness = Witness::begin(app)?;
    let mut file =
        File::open(table).with_context(|| format!("{}: the roster cannot be opened", table.display()))?;
    if rosters::starts_like_index(&mut file)? {
        bail!("{}: this is an index already; build takes the table of people", table.display());
    }
    drop(file);
    let (key_path, bytes, fresh) = key_for(index, key)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    let unused = RefCell::new(Vec::new());
    let start = |columns: &[(&str, Option<RosterColumn>)]| {
        let none = columns.iter().filter(|(heading, holds)| holds.is_none() && !heading.is_empty());
        unused.borrow_mut().extend(none.map(|(heading, _)| printable(heading)));
        RosterBuilder::new(columns, scanner.rules(), &bytes, salt)
    };
    let builder = rosters::compile(table, (scanner, &Limits::default()), &start)?;
    let made = builder.finish().map_err(|error| rosters::explain(table, &error))?;
    if fresh {
        write_key(&key_path, &bytes)?;
    }
    write_index(index, &made)?;
    drop(made);
    let info = rosters::load_index(index, Some(&key_path), scanner)?.info();
    show(app, &info);
    let unused = unused.into_inner();
    if !unused.is_empty() {
        app.terminal.say(&format!(
            "columns that are not used: {}; rename one that holds names, IDs, e-mail addresses or phones",
            unused.join(", ")
        ));
    }
    app.terminal.say(&format!(
        "{}: index of {} people; its key is {}: keep it apart, the index is of no use without it",
        index.display(),
        info.rows,
        key_path.display()
    ));
    Ok(witness.roster(app, index, Exit::Done))
}

/// The key file of a new index, its key, and whether it has to be written yet.
fn key_for(index: &Path, key: Option<&Path>) -> anyhow::Result<(PathBuf, [u8; 32], bool)> {
    let named = std::env::var_os(KEY_FILE_VARIABLE).map(PathBuf::from);
    let path = key.map(Path::to_owned).or(named).unwrap_or_else(|| rosters::beside(index));
    if path.try_exists().with_context(|| format!("{}: the key file cannot be read", path.display()))? {
        let bytes = key_file(&path, &path.display().to_string())?;
        return Ok((path, bytes, false));
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system gives no random numbers"))?;
    Ok((path, bytes, true))
}

fn write_key(path: &Path, key: &[u8; 32]) -> anyhow::Result<()> {
    let failed = || format!("{}: the key file cannot be written", path.display());
    // Never over another file: what was built with its key would be lost.
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(failed)?;
    writeln!(file, "{}", blake3::Hash::from_bytes(*key).to_hex()).with_context(failed)?;
    file.sync_all().with_context(failed)
}

/// Staged beside its place, then renamed: who has the old index mapped keeps it whole.
fn write_index(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let failed = || format!("{}: the index cannot be written", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut staged = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    staged.write_all(bytes).with_context(failed)?;
    staged.as_file().sync_all().with_context(failed)?;
    staged.persist(path).with_context(failed)?;
    Ok(())
}

fn info(app: &App, index: &Path, key: Option<&Path>, scanner: &Scanner) -> anyhow::Result<Exit> {
    let mut file =
        File::open(index).with_context(|| format!("{}: the index cannot be opened", index.display()))?;
    if !rosters::starts_like_index(&mut file)? {
        bail!(
            "{}: this is no roster index; `custody roster build` makes one from a table of people",
            index.display()
        );
    }
    let info = rosters::load_index(index, key, scanner)?.info();
    show(app, &info);
    Ok(Exit::Done)
}

fn show(app: &App, info: &RosterInfo) {
    if app.global.json {
        let pairs = |all: &[(String, String)]| -> Vec<_> {
            all.iter().map(|(heading, holds)| json!({"heading": heading, "holds": holds})).collect()
        };
        let fields: serde_json::Map<_, _> =
            info.fields.iter().map(|(entity, count)| (entity.clone(), json!(count))).collect();
        let object = json!({
            "schema": 1, "version": info.version, "rows": info.rows, "fields": fields, "keys": info.keys,
            "size_bytes": info.size_bytes, "columns": pairs(&info.columns),
        });
        return out(&object.to_string());
    }
    out(&format!("rows     {}", info.rows));
    info.fields.iter().for_each(|(entity, count)| out(&format!("field    {entity}: {count}")));
    out(&format!("keys     {}", info.keys));
    let size = match info.size_bytes {
        bytes if bytes < 100_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    };
    out(&format!("size     {size}, format {}", info.version));
    info.columns.iter().for_each(|(heading, holds)| {
        out(&format!("column   {}: {holds}", printable(heading)));
    });
}
