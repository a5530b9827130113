//! Checks templates against real ones, which are no part of the repository: reads every workbook of a folder, compares it
//! with a list of its columns, and with what a WSDL gives. Prints a table; fails on a miss. Fills nothing in.
//! Usage: `check_real EIB_DIR` (with `real/*.xlsx`, `wsdl/*.wsdl` and `layouts.json`).

use anyhow::{Context, Result, bail};
use custody_export::template::{
    Imported, Sheet, Template, bundled, column_letters, compare, from_wsdl, operations,
};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

/// What the projection of a WSDL has to reach on the sheets of a real template: sheet, columns matched, restrictions and
/// formats among them.
const LEAST: [(&str, usize, usize, usize); 6] = [
    ("Hire Employee", 369, 369, 364),
    ("Propose Compensation for Hire", 87, 87, 87),
    ("Update ID Information", 72, 72, 71),
    ("Edit Government IDs", 27, 27, 27),
    ("Edit Passports and Visas", 25, 25, 25),
    ("Change Personal Information", 99, 99, 99),
];

/// Columns that the projection of a WSDL has to give of a real template in all.
const LEAST_IN_ALL: usize = 796;

/// Where lines go, and how many of them told of a miss.
struct Table {
    misses: usize,
}

impl Table {
    fn line(&mut self, good: bool, text: &str) -> Result<()> {
        self.misses += usize::from(!good);
        writeln!(std::io::stdout(), "{}  {text}", if good { "ok  " } else { "MISS" })
            .context("standard output")
    }
}

fn main() -> Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        bail!("usage: check_real EIB_DIR");
    };
    let mut table = Table { misses: 0 };
    let text = fs::read_to_string(folder.join("layouts.json")).context("layouts.json")?;
    let layouts: Value = serde_json::from_str(&text)?;
    let wsdls = files(&folder.join("wsdl"), "wsdl")?;
    let books = files(&folder.join("real"), "xlsx")?;
    table.line(
        !books.is_empty() && !wsdls.is_empty(),
        &format!("{} workbooks, {} WSDLs", books.len(), wsdls.len()),
    )?;
    for path in &books {
        let imported = Template::import(File::open(path)?).with_context(|| path.display().to_string())?;
        check_columns(&mut table, &imported, &layouts)?;
        let stored = Template::from_json(&imported.template.to_json()?)?;
        let same = stored == imported.template && stored.fingerprint() == imported.template.fingerprint();
        table.line(same, &format!("{}: stored and read again", stored.operation))?;
        check_bundled(&mut table, &imported.template)?;
        for wsdl in &wsdls {
            check_projection(&mut table, &imported.template, wsdl)?;
        }
    }
    for wsdl in &wsdls {
        check_all_operations(&mut table, wsdl)?;
    }
    if table.misses > 0 {
        bail!("{} misses", table.misses);
    }
    Ok(())
}

/// Files of a folder with an ending, in order.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths?;
    paths.retain(|path| path.extension().is_some_and(|own| own == ending));
    paths.sort();
    Ok(paths)
}

/// One column as text: from the model, or from the list.
type Line = [String; 7];

fn of_model(sheet: &Sheet) -> Vec<Line> {
    let line = |c: &custody_export::template::Column| {
        [
            column_letters(c.index),
            c.area.clone(),
            c.restriction.text().to_owned(),
            c.format.to_string(),
            format!("{}{}", c.label, c.marks.text()),
            c.id_types.join(","),
            if c.as_text { "@" } else { "General" }.to_owned(),
        ]
    };
    sheet.columns.iter().map(line).collect()
}

fn of_list(sheet: &Value) -> Vec<Line> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |c: &Value| {
        let types: Vec<String> = c["reference_id_types"].as_array().into_iter().flatten().map(text).collect();
        let format = c["column_numfmt"].as_str().unwrap_or("General").to_owned();
        let cells = [&c["col"], &c["area"], &c["restriction"], &c["format"], &c["field"]].map(text);
        let [col, area, restriction, kind, field] = cells;
        [col, area, restriction, kind, field, types.join(","), format]
    };
    sheet["columns"].as_array().into_iter().flatten().map(line).collect()
}

/// Every column has to agree with the list.
fn check_columns(table: &mut Table, imported: &Imported, layouts: &Value) -> Result<()> {
    let template = &imported.template;
    let all = layouts["templates"].as_array().context("templates")?;
    let name = template.operation.replace(' ', "_");
    let Some(layout) = all.iter().find(|t| t["operation"] == name && t["provenance"] == "real_file") else {
        return table.line(false, &format!("{}: not in layouts.json", template.operation));
    };
    let sheets: Vec<&Value> =
        layout["sheets"].as_array().into_iter().flatten().filter(|s| s["role"] == "data").collect();
    table.line(
        sheets.len() == template.sheets.len(),
        &format!("{}: {} sheets", template.operation, sheets.len()),
    )?;
    for (sheet, list) in template.sheets.iter().zip(sheets) {
        let (own, listed) = (of_model(sheet), of_list(list));
        let agree = own.iter().zip(&listed).filter(|(one, two)| one == two).count();
        let good = agree == listed.len() && own.len() == listed.len() && list["name"] == sheet.name.as_str();
        let text =
            format!("{} / {}: {agree} of {} columns agree", template.operation, sheet.name, listed.len());
        table.line(good, &text)?;
    }
    let notes = imported.notes.iter().map(|note| format!("{} {}", note.sheet, note.cell));
    let notes: Vec<String> = notes.collect();
    table.line(true, &format!("{}: {} notes {notes:?}", template.operation, notes.len()))
}

/// A bundled layout that was made from a real file has its fingerprint.
fn check_bundled(table: &mut Table, real: &Template) -> Result<()> {
    let Some(bundled) = bundled(&real.operation) else { return Ok(()) };
    let same = bundled?.fingerprint() == real.fingerprint();
    table.line(same, &format!("{}: the bundled layout is the same", real.operation))
}

fn open(path: &Path) -> Result<BufReader<File>> {
    Ok(BufReader::new(File::open(path).with_context(|| path.display().to_string())?))
}

/// The projection of a real template's operation, where the WSDL has it.
fn check_projection(table: &mut Table, real: &Template, wsdl: &Path) -> Result<()> {
    let names = operations(open(wsdl)?)?;
    let Some(name) = names.iter().find(|name| name.replace('_', " ") == real.operation) else {
        return Ok(());
    };
    let projected = from_wsdl(open(wsdl)?, name)?.template;
    let (mut matched, mut of) = (0, 0);
    for found in compare(real, &projected) {
        let least = LEAST.iter().find(|(sheet, ..)| *sheet == found.sheet);
        // Groups follow from the order of columns in the file, and from the types in the WSDL: they have to agree.
        let good = found.groups == found.matched
            && least.is_none_or(|(_, matched, restrictions, formats)| {
                found.matched >= *matched && found.restrictions >= *restrictions && found.formats >= *formats
            });
        let text = format!(
            "{}: {} of {} columns from the WSDL; restrictions {}, formats {}, areas {}, groups {}",
            found.sheet,
            found.matched,
            found.of,
            found.restrictions,
            found.formats,
            found.areas,
            found.groups
        );
        table.line(good, &text)?;
        (matched, of) = (matched + found.matched, of + found.of);
    }
    table.line(
        matched >= LEAST_IN_ALL,
        &format!("{}: {matched} of {of} columns from the WSDL in all", real.operation),
    )
}

/// Every operation that changes something gives a template that holds together.
fn check_all_operations(table: &mut Table, wsdl: &Path) -> Result<()> {
    let names = operations(open(wsdl)?)?;
    let writes: Vec<&String> = names.iter().filter(|name| !name.starts_with("Get_")).collect();
    let (mut good, mut columns) = (0, 0);
    for name in &writes {
        let projected = from_wsdl(open(wsdl)?, name).with_context(|| (*name).clone())?;
        good += usize::from(projected.template.check().is_ok());
        columns += projected.template.sheets.iter().map(|sheet| sheet.columns.len()).sum::<usize>();
    }
    let text = format!("{good} of {} operations give a template, {columns} columns in all", writes.len());
    table.line(good == writes.len(), &text)
}
