//! XLS: cells come from calamine, which holds a whole workbook in memory; so its records are checked first for
//! what they would make it hold.

use super::biff;
use super::cfb::Compound;
use super::sheet::{Cell, SheetRows};
use super::sink::Sink;
use super::value::{borrowed, text_of};
use crate::at::ReadAt;
use calamine::{Reader, SheetVisible, Xls, XlsError};
use custody_rules::{Reason, Refusal};
use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

/// Reads the whole workbook.
///
/// # Errors
/// A [`Refusal`] of what breaks the format or a limit.
pub(super) fn read(file: &Arc<File>, sink: &mut Sink) -> Result<(), Refusal> {
    let compound = Compound::open(file, &sink.limits)?;
    if compound.has("EncryptedPackage") || compound.has("EncryptionInfo") {
        return Err(biff::locked());
    }
    let stream = compound
        .stream(&["Workbook"])?
        .map_or_else(|| compound.stream(&["Book"]), |stream| Ok(Some(stream)))?;
    let stream = stream.ok_or_else(|| biff::malformed("there is no workbook in the compound file"))?;
    drop(compound);
    let mut notes = biff::check(&stream)?;
    drop(stream);
    let mut book: Xls<_> =
        Xls::new(BufReader::new(ReadAt::new(Arc::clone(file)))).map_err(|error| refusal(&error))?;
    let sheets = book.sheets_metadata().to_vec();
    let names: HashSet<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    if names.len() != sheets.len() {
        return Err(biff::malformed("two sheets have the same name"));
    }
    for (number, sheet) in sheets.iter().enumerate() {
        let hidden = sheet.visible != SheetVisible::Visible;
        let mut rows = SheetRows::start(sink, number as u32, &sheet.name, hidden)?;
        let range = book.worksheet_range(&sheet.name).map_err(|error| refusal(&error))?;
        if let Some(notes) = notes.get_mut(number) {
            notes.sort_by_key(|note| (note.row, note.column));
            rows.add_comments(notes.drain(..));
        }
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            if let Some((text, is_text)) = text_of(borrowed(value), None) {
                rows.cell(sink, Cell { row: top + row as u32, column: left + column as u32, text, is_text })?;
            }
        }
        rows.finish(sink)?;
    }
    Ok(())
}

/// The library's own messages quote the workbook, so only their kind is kept.
fn refusal(error: &XlsError) -> Refusal {
    match error {
        XlsError::Password => biff::locked(),
        XlsError::Io(error) => crate::formats::tree::io_refusal(error),
        XlsError::EoStream(_) => Refusal::new(Reason::Truncated, "the workbook ends inside a record"),
        _ => biff::malformed("a record breaks the rules of its format"),
    }
}
