//! Writes a workbook: its cells are made again, written, read back, and compared with the hashes that were confirmed. Only
//! then are the files put where they were wanted.

use super::file::PlanText;
use super::load::Load;
use super::staged::{Placed, Staged, sync_folder_of};
use anyhow::{Context as _, bail};
use custody_export::eib::{Block, Digester, RowError, RowSource, rows};
use custody_export::tables::Tables;
use custody_export::workbook::{Check, Limits, Source, Target, Written, write};
use custody_retention::store::StoreError;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Files that were written and are not yet in place.
#[derive(Debug)]
pub struct Made {
    /// Their numbers, in order.
    numbers: Vec<u32>,
    files: Vec<Staged>,
}

/// Rows on their way to the writer, hashed as they pass.
struct Hashed<'a> {
    rows: Box<dyn RowSource + 'a>,
    digester: Digester,
}

impl RowSource for Hashed<'_> {
    fn next_block(&mut self) -> Result<Option<Block>, RowError> {
        let block = self.rows.next_block()?;
        if let Some(block) = &block {
            self.digester.update(block);
        }
        Ok(block)
    }
}

/// Writes a plan's files beside where they will be.
///
/// # Errors
/// [`StoreError::Refused`] when the cells are not those of the plan, and what writing and reading back say.
pub fn make(
    load: &Load,
    tables: &Tables,
    plan: &PlanText,
    (key, out): (&[u8; 32], &Path),
) -> anyhow::Result<(Made, Written)> {
    if load.loaded.has_data {
        bail!("the template holds data below its header: import an empty one");
    }
    let settings = load.settings();
    let source = match &load.loaded.file {
        Some(bytes) => Source::Fill(bytes),
        None => Source::Generate,
    };
    let target = Target {
        template: &load.loaded.template,
        source,
        settings: &settings,
        limits: Limits::default(),
        check: Check::ReadBack,
    };
    let request = load.request(tables);
    let digester = Digester::new(key, &load.loaded.template);
    let mut hashed = Hashed { rows: Box::new(rows(&request)?), digester };
    let mut files = Vec::new();
    let mut next = |_: u32| -> std::io::Result<File> {
        let file = Staged::beside(out)?;
        let opened = file.writer()?;
        files.push(file);
        Ok(opened)
    };
    let written = write(&target, &mut hashed, &mut next)?;
    let digests = hashed.digester.finish();
    if digests.cells != plan.cells_hash || digests.sheets != plan.sheets {
        bail!(StoreError::Refused("the cells are not those that were planned: make a new plan".to_owned()));
    }
    Ok((Made { numbers: written.files.iter().map(|file| file.number).collect(), files }, written))
}

/// The folder that a file is in.
pub fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Refuses a path where something is, be it a link that leads nowhere.
///
/// # Errors
/// When there is something, or nobody can tell.
pub fn check_free(path: &Path) -> anyhow::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => bail!("{}: exists already; nothing is overwritten", path.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Where file `number` of `count` goes: `OUT.xlsx`, or `OUT-1.xlsx` where there are more.
///
/// # Errors
/// For a name without a file in it.
pub fn path_of(out: &Path, number: u32, count: usize) -> anyhow::Result<PathBuf> {
    if count == 1 {
        return Ok(out.to_owned());
    }
    let stem = out.file_stem().context("-o names a file")?.to_string_lossy().into_owned();
    let ending = out.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    Ok(out.with_file_name(format!("{stem}-{number}{ending}")))
}

impl Made {
    /// One file that was written and compared already.
    pub fn one(file: Staged) -> Self {
        Self { numbers: vec![1], files: vec![file] }
    }

    /// Where the files will be; none of them exists yet.
    ///
    /// # Errors
    /// When one does.
    pub fn paths(&self, out: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let count = self.files.len();
        let paths: Vec<PathBuf> =
            self.numbers.iter().map(|number| path_of(out, *number, count)).collect::<Result<_, _>>()?;
        for path in &paths {
            check_free(path)?;
        }
        Ok(paths)
    }

    /// A file, to read it.
    ///
    /// # Errors
    /// What the device says.
    pub fn open(&self, index: usize) -> anyhow::Result<File> {
        Ok(self.files.get(index).context("a file that was written")?.reader()?)
    }

    /// Puts the files in place, durable. All of them are taken back unless every one is kept.
    ///
    /// # Errors
    /// What the device says, and when a file of that name came up meanwhile: then none is in place.
    pub fn place(self, paths: &[PathBuf]) -> anyhow::Result<Vec<Placed>> {
        let mut placed = Vec::with_capacity(paths.len());
        for (file, path) in self.files.into_iter().zip(paths) {
            placed.push(file.place(path).with_context(|| path.display().to_string())?);
        }
        if let Some(first) = paths.first() {
            sync_folder_of(first)?;
        }
        Ok(placed)
    }
}
