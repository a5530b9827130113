//! Loads a roster: any report format, columns recognised by their headings.

use anyhow::{Context as _, anyhow, bail};
use custody_ingest::FileReader;
use custody_rules::table::{CellKind, cell_rows};
use custody_rules::{ArtifactKind, BatchSource, Limits, Reader, Roster, RosterError, Scanner};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// Loads and compiles a roster from CSV, XLSX, XLS, ODS or JSON.
///
/// # Errors
/// When the file cannot be read, is no table, or its columns cannot be used: file and reason.
pub fn load(path: &Path, scanner: &Scanner, limits: &Limits) -> anyhow::Result<Roster> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown}: the roster cannot be opened"))?;
    let sniffed = FileReader.sniff(&file, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    if !matches!(
        sniffed.kind,
        ArtifactKind::Csv | ArtifactKind::Workbook | ArtifactKind::Json | ArtifactKind::Xml
    ) {
        bail!("{shown}: a roster is a table (CSV, XLSX, XLS, ODS, JSON), this is {}", sniffed.kind.as_str());
    }
    let mut source =
        FileReader.open(file, sniffed, limits).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    let table = read(source.as_mut()).map_err(|refusal| anyhow!("{shown}: {refusal}"))?;
    let headings: Vec<&str> = table.headings.iter().map(String::as_str).collect();
    let columns = Roster::columns(&headings, scanner.labels(), scanner.rules());
    Roster::build(&columns, &table.rows, scanner.rules()).map_err(|error| match error {
        RosterError::EmptyColumn(at) => {
            anyhow!("{shown}: column {at} is recognised but empty in every row: remove it or fill it")
        }
        other => anyhow!("{shown}: {other}"),
    })
}

struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Takes the first sheet's values, row by row; a column is known by its heading.
fn read(source: &mut dyn BatchSource) -> Result<Table, custody_rules::Refusal> {
    let mut headings: BTreeMap<u32, String> = BTreeMap::new();
    let mut rows: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    while let Some(batch) = source.next_batch()? {
        for cell in cell_rows(&batch) {
            if cell.sheet != 0 || !matches!(cell.kind, CellKind::Value | CellKind::Hidden) {
                continue;
            }
            if let Some(heading) = cell.heading {
                headings.entry(cell.column).or_insert_with(|| heading.to_owned());
                rows.entry(cell.row).or_default().insert(cell.column, cell.text.to_owned());
            }
        }
    }
    let columns: Vec<u32> = headings.keys().copied().collect();
    let take = |row: BTreeMap<u32, String>| {
        columns.iter().map(|c| row.get(c).cloned().unwrap_or_default()).collect()
    };
    Ok(Table { rows: rows.into_values().map(take).collect(), headings: headings.into_values().collect() })
}
