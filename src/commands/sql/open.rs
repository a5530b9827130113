//! The tables that a command may ask: a store's, those of files where they lie, or both.

use crate::cli::TablesArgs;
use crate::commands::App;
use crate::store::tables::{StoreTables, table_name};
use anyhow::{Context as _, anyhow, bail};
use custody_export::tables::{QueryLimits, Tables};
use custody_ingest::FileReader;
use custody_ingest::report::{Opener, ReportTable, Typing, open_report};
use custody_rules::{Limits, Reader as _, Refusal};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files above this are judged by their beginning.
const WHOLE_BYTES_MAX: u64 = 256 << 20;
/// Rows of that beginning.
const SAMPLE_ROWS: u64 = 100_000;

/// Tables that can be asked.
pub(in crate::commands) struct Asked {
    from: From,
    /// The environment that they belong to, if any.
    pub(in crate::commands) environment: Option<String>,
    /// Names of the tables in files.
    pub(in crate::commands) files: Vec<String>,
}

enum From {
    Store(Box<StoreTables>),
    Files(Box<Tables>),
}

impl Asked {
    pub(in crate::commands) fn tables(&self) -> &Tables {
        match &self.from {
            From::Store(open) => &open.tables,
            From::Files(tables) => tables,
        }
    }

    pub(in crate::commands) fn store(&self) -> Option<&StoreTables> {
        match &self.from {
            From::Store(open) => Some(open),
            From::Files(_) => None,
        }
    }

    pub(in crate::commands) fn has_store(&self) -> bool {
        self.store().is_some()
    }

    /// The tables' names, for who mistyped one.
    pub(in crate::commands) fn names(&self) -> String {
        let stored = self.store().into_iter().flat_map(|open| &open.list).map(|entry| entry.name.as_str());
        let mut names: Vec<&str> = stored.chain(self.files.iter().map(String::as_str)).collect();
        names.dedup();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// Opens the tables. With files, the store is opened only if somebody named it.
pub(in crate::commands) fn open(app: &App, args: &TablesArgs) -> anyhow::Result<Asked> {
    let from = if args.file.is_empty() || app.global.store.is_some() {
        let (open, environment) = app.open_tables()?;
        (From::Store(Box::new(open)), Some(environment))
    } else {
        let limits = QueryLimits { threads: app.threads(), ..QueryLimits::default() };
        let tables = Tables::without_store(limits)?.cancelled_by(Arc::clone(&app.cancel));
        (From::Files(Box::new(tables)), app.global.env.clone())
    };
    let mut asked = Asked { from: from.0, environment: from.1, files: Vec::new() };
    for file in &args.file {
        let (name, path) = named(file)?;
        for table in report(&path, args.whole).with_context(|| path.display().to_string())? {
            let own = table_name(&name, &table.name).map_err(|refusal| anyhow!("{}", refusal.detail))?;
            if asked.files.contains(&own) {
                bail!("two tables would be called {own}: give one another name, --file NAME=PATH");
            }
            asked.tables().add_source(&own, Arc::new(table));
            asked.files.push(own);
        }
    }
    Ok(asked)
}

/// `NAME=PATH`, or a path whose own name is the table's.
fn named(file: &str) -> anyhow::Result<(String, PathBuf)> {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if let Some((name, path)) = file.split_once('=').filter(|(name, _)| is_name(name)) {
        return Ok((name.to_owned(), path.into()));
    }
    let path = PathBuf::from(file);
    let stem = path.file_stem().and_then(|stem| stem.to_str()).context("--file takes NAME=PATH")?;
    Ok((stem.to_owned(), path))
}

fn report(path: &Path, whole: bool) -> anyhow::Result<Vec<ReportTable>> {
    let own = path.to_owned();
    let open: Opener = Arc::new(move || File::open(&own).map_err(Refusal::from));
    let file = open().map_err(|refusal| anyhow!("{refusal}"))?;
    let limits = Limits::default();
    let large = file.metadata()?.len() > WHOLE_BYTES_MAX;
    let sniffed = FileReader.sniff(&file, &limits).map_err(|refusal| anyhow!("{refusal}"))?;
    let typing = if large && !whole { Typing::Sample { rows: SAMPLE_ROWS } } else { Typing::Whole };
    open_report(open, sniffed, &limits, typing).map_err(|refusal| anyhow!("{refusal}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_it_says_or_as_it_is_called() {
        for (file, name, path) in [
            ("w=reports/a.csv", "w", "reports/a.csv"),
            ("reports/All Workers.csv", "All Workers", "reports/All Workers.csv"),
            ("a/b=c.csv", "b=c", "a/b=c.csv"),
            ("w=a=b.csv", "w", "a=b.csv"),
        ] {
            assert_eq!(named(file).expect("a name"), (name.to_owned(), PathBuf::from(path)), "{file}");
        }
    }
}
