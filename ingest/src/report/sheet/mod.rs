//! Workbooks as reports: a sheet is a table. XLSX is scanned part by part, XLS and ODS come from the reader of `cells`. The
//! header row is searched below titles and prompts; in XLSX, a merged area of several rows stands for its value in each of
//! them.

mod book;
mod cells;
mod part;
mod scan;
mod strings;
mod styles;
mod tags;

use super::Typing;
use super::heading::names;
use super::rows::Judge;
use super::table::{ReportTable, Rows, Source};
use crate::formats::workbook::sheet::COLUMNS_MAX;
use custody_rules::{Reason, Refusal};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tables of a workbook: sheets with any value, in their order. A single one has no name.
///
/// # Errors
/// A [`Refusal`] of what breaks the format or a limit, and of a workbook without any value.
pub(super) fn tables(source: &Source, how: Typing) -> Result<Vec<ReportTable>, Refusal> {
    if source.sniffed.format != "xls" {
        crate::measure(&source.file()?, &source.limits)?;
    }
    let mut tables = match source.sniffed.format {
        "xlsx" | "xlsm" => book::tables(source, how)?,
        _ => cells::tables(source, how)?,
    };
    match tables.as_mut_slice() {
        [] => return Err(Refusal::new(Reason::Empty, "no sheet has a value in it")),
        [only] => only.name.clear(),
        _ => {}
    }
    Ok(tables)
}

/// A table out of what is known of a sheet: headings by column, and guesses by column. A column without a heading is one if
/// it has a value.
fn table(
    (name, headings): (String, &BTreeMap<u32, String>),
    judge: &Judge,
    counted: bool,
    reader: impl FnOnce(Vec<u32>) -> Arc<dyn Rows>,
    source: &Source,
) -> Option<ReportTable> {
    let seen = |column: u32| judge.guesses.get(column as usize).is_some_and(|guess| guess.seen());
    let columns: Vec<u32> =
        (0..COLUMNS_MAX).filter(|&column| headings.contains_key(&column) || seen(column)).collect();
    if columns.is_empty() {
        return None;
    }
    let heading = |column: &u32| headings.get(column).map_or("", String::as_str);
    let typed: Vec<_> = names(columns.iter().map(heading))
        .into_iter()
        .zip(&columns)
        .map(|(name, column)| {
            let guess = judge.guesses.get(*column as usize).copied().unwrap_or_default();
            (name, heading(column).to_owned(), guess)
        })
        .collect();
    let rows = counted.then_some(judge.rows);
    Some(ReportTable::new(name, rows, &typed, (reader(columns), &source.limits)))
}
