//! Loads a roster: any report format, columns recognised by their headings, or an index that was compiled from one.
//! Tables are read row by row; none is held.

use crate::config::{KEY_FILE_VARIABLE, key_file};
use anyhow::{Context as _, anyhow, bail};
use custody_ingest::FileReader;
use custody_rules::table::{CellKind, cell_rows};
use custody_rules::{
    ArtifactKind, BatchSource, Limits, Reader, Roster, RosterBuilder, RosterColumn, RosterError, Scanner,
};
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

/// Columns a roster's row may have.
const COLUMNS_MAX: u32 = 4_096;

/// Loads a roster: a compiled index is mapped, a table (CSV, XLSX, XLS, ODS, JSON, XML) is compiled in memory.
///
/// # Errors
/// When the file cannot be read, is no table, or its columns cannot be used: file and reason.
pub fn load(path: &Path, key: Option<&Path>, scanner: &Scanner, limits: &Limits) -> anyhow::Result<Roster> {
    let shown = path.display();
    let mut file = File::open(path).with_context(|| format!("{shown}: the roster cannot be opened"))?;
    if starts_like_index(&mut file).with_context(|| format!("{shown}: the roster cannot be read"))? {
        return load_index(path, key, scanner);
    }
    let start = |columns: &[(&str, Option<RosterColumn>)]| Roster::builder(columns, scanner.rules());
    let builder = compile(path, (scanner, limits), &start)?;
    Roster::in_memory(builder, scanner.rules()).map_err(|error| explain(path, &error))
}

/// Maps a compiled index; without `key`, its key file stands beside it, or the environment names one.
///
/// # Errors
/// When the key is not found or another one, or the file is damaged, of another version or no index.
pub fn load_index(path: &Path, key: Option<&Path>, scanner: &Scanner) -> anyhow::Result<Roster> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: the roster cannot be opened"))?;
    let beside = beside(path);
    let named = std::env::var_os(KEY_FILE_VARIABLE).map(PathBuf::from);
    let key = match (key, named) {
        (Some(key), _) => key.to_owned(),
        (None, Some(named)) if !beside.exists() => named,
        (None, _) => beside,
    };
    let bytes = key_file(&key, &key.display().to_string())
        .with_context(|| format!("{shown}: an index takes the key it was built with"))?;
    Roster::map(&file, &bytes, scanner.rules()).map_err(|error| anyhow!("{shown}: {error}"))
}

/// The key file of an index, unless another one is named.
pub fn beside(index: &Path) -> PathBuf {
    let mut name = index.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Whether a file begins like a compiled index; leaves it at its start.
///
/// # Errors
/// When it cannot be read.
pub fn starts_like_index(file: &mut File) -> std::io::Result<bool> {
    let mut start = Vec::new();
    file.take(8).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(Roster::is_index(&start))
}

/// Begins an index, once the columns are known.
type Start<'a> = dyn Fn(&[(&str, Option<RosterColumn>)]) -> Result<RosterBuilder, RosterError> + 'a;

/// Reads a table into the builder that `start` makes.
///
/// # Errors
/// When the file cannot be read, is no table, or has no column of use.
pub fn compile(
    path: &Path,
    (scanner, limits): (&Scanner, &Limits),
    start: &Start<'_>,
) -> anyhow::Result<RosterBuilder> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: the roster cannot be opened"))?;
    let mut sniffed = FileReader.sniff(&file, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    // Too short or too ragged to be known as a table; its name and the caller say that it is one.
    let named =
        path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e.eq_ignore_ascii_case("tsv"));
    let assumed = named && sniffed.kind == ArtifactKind::Text;
    if assumed {
        sniffed.kind = ArtifactKind::Csv;
    }
    if !matches!(
        sniffed.kind,
        ArtifactKind::Csv | ArtifactKind::Workbook | ArtifactKind::Json | ArtifactKind::Xml
    ) {
        bail!("{shown}: a roster is a table (CSV, XLSX, XLS, ODS, JSON), this is {}", sniffed.kind.as_str());
    }
    let ordered = matches!(sniffed.kind, ArtifactKind::Csv | ArtifactKind::Workbook);
    // Headings first, then the rows: a key of JSON may come up for the first time in the last record.
    let headings = if ordered { None } else { Some(all_headings(path, limits)?) };
    let mut source =
        FileReader.open(file, sniffed, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    let mut rows =
        Rows { scanner, start, headings: headings.unwrap_or_default(), builder: None, fields: Vec::new() };
    rows.read(source.as_mut(), (ordered, assumed)).map_err(|error| {
        match error.downcast_ref::<RosterError>() {
            Some(error) => explain(path, error),
            None => anyhow!("{shown}: {error}"),
        }
    })
}

/// What is wrong with a roster, and what to do.
pub fn explain(path: &Path, error: &RosterError) -> anyhow::Error {
    let shown = path.display();
    match error {
        RosterError::EmptyColumn(at) => {
            anyhow!("{shown}: column {at} is recognised but empty in every row: remove it or fill it")
        }
        other => anyhow!("{shown}: {other}"),
    }
}

/// The headings of a tree's columns, by number.
fn all_headings(path: &Path, limits: &Limits) -> anyhow::Result<Vec<String>> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: the roster cannot be opened"))?;
    let sniffed = FileReader.sniff(&file, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    let mut source =
        FileReader.open(file, sniffed, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    let mut headings: Vec<String> = Vec::new();
    while let Some(batch) = source.next_batch().map_err(|refusal| anyhow!("{shown}: {refusal}"))? {
        for cell in cell_rows(&batch).filter(|cell| cell.sheet == 0 && is_value(cell.kind)) {
            note_heading(&mut headings, cell.column, cell.heading);
        }
    }
    Ok(headings)
}

fn is_value(kind: CellKind) -> bool {
    matches!(kind, CellKind::Value | CellKind::Hidden)
}

fn note_heading(headings: &mut Vec<String>, column: u32, heading: Option<&str>) {
    let Some(heading) = heading.filter(|_| column < COLUMNS_MAX) else { return };
    let at = column as usize;
    if headings.len() <= at {
        headings.resize(at + 1, String::new());
    }
    if headings[at].is_empty() {
        heading.clone_into(&mut headings[at]);
    }
}

/// Takes the first sheet's values, row by row.
struct Rows<'a> {
    scanner: &'a Scanner,
    start: &'a Start<'a>,
    headings: Vec<String>,
    builder: Option<RosterBuilder>,
    fields: Vec<String>,
}

impl Rows<'_> {
    /// `ordered`: the header row comes before the values; `assumed`: the first row is the header row, though
    /// nothing but the file's name says so.
    fn read(
        &mut self,
        source: &mut dyn BatchSource,
        (ordered, assumed): (bool, bool),
    ) -> anyhow::Result<RosterBuilder> {
        let (mut row, mut first) = (None, None);
        while let Some(batch) = source.next_batch().map_err(|refusal| anyhow!("{refusal}"))? {
            for cell in cell_rows(&batch).filter(|cell| cell.sheet == 0 && cell.column < COLUMNS_MAX) {
                if ordered && cell.kind == CellKind::Heading {
                    note_heading(&mut self.headings, cell.column, Some(cell.text));
                }
                if assumed && *first.get_or_insert(cell.row) == cell.row {
                    note_heading(&mut self.headings, cell.column, Some(cell.text));
                    continue;
                }
                if !assumed && (!is_value(cell.kind) || cell.heading.is_none()) {
                    continue;
                }
                if row.is_some_and(|row| row != cell.row) {
                    self.add()?;
                }
                row = Some(cell.row);
                let at = cell.column as usize;
                if self.fields.len() <= at {
                    self.fields.resize(at + 1, String::new());
                }
                cell.text.clone_into(&mut self.fields[at]);
            }
        }
        if row.is_some() {
            self.add()?;
        }
        self.begin()?;
        self.builder.take().context("the roster has no rows")
    }

    fn begin(&mut self) -> Result<(), RosterError> {
        if self.builder.is_none() {
            let headings: Vec<&str> = self.headings.iter().map(String::as_str).collect();
            let uses = Roster::columns(&headings, self.scanner.labels(), self.scanner.rules());
            let columns: Vec<(&str, Option<RosterColumn>)> = headings.into_iter().zip(uses).collect();
            self.builder = Some((self.start)(&columns)?);
        }
        Ok(())
    }

    /// Hands over the row that has been collected.
    fn add(&mut self) -> Result<(), RosterError> {
        self.begin()?;
        let row: Vec<&str> = self.fields.iter().map(String::as_str).collect();
        if let Some(builder) = &mut self.builder {
            builder.add(&row, self.scanner.rules())?;
        }
        self.fields.iter_mut().for_each(String::clear);
        Ok(())
    }
}
