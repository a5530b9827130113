//! XLSX and XLSM: cells stream out of calamine, everything else out of the package's parts.

use super::package::Package;
use super::parts::{Comments, SheetPart, Texts, WorkbookPart};
use super::sheet::{Cell, SheetRows};
use super::sink::Sink;
use super::value::{Mask, text_of};
use crate::at::ReadAt;
use calamine::{Reader, SheetType, Xlsx, XlsxError};
use custody_rules::table::CellKind;
use custody_rules::{Reason, Refusal};
use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;

/// Folders whose parts are read for the texts in them.
const TEXT_FOLDERS: [&str; 8] = [
    "docprops/",
    "xl/persons/",
    "xl/drawings/",
    "xl/charts/",
    "xl/chartsheets/",
    "xl/pivotcache/pivotcachedefinition",
    "xl/externallinks/",
    "customxml/",
];

type Book = Xlsx<BufReader<ReadAt<Arc<File>>>>;

/// Reads the whole workbook.
///
/// # Errors
/// A [`Refusal`] of what breaks the format or a limit.
pub(super) fn read(file: &Arc<File>, sink: &mut Sink) -> Result<(), Refusal> {
    let mut package = Package::open(file, &sink.limits)?;
    let main = package.relations("")?.into_iter().find(|relation| relation.kind == "officeDocument");
    let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
    let mut part = WorkbookPart::default();
    if !package.visit(&main, &mut part)? {
        return Err(Refusal::new(Reason::Malformed, "the package has no workbook part"));
    }
    let relations = package.relations(&main)?;
    let mut book: Book =
        Xlsx::new(BufReader::new(ReadAt::new(Arc::clone(file)))).map_err(|error| refusal(&error))?;
    let sheets = book.sheets_metadata().to_vec();
    let names: HashSet<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    if sheets.len() != part.sheets.len() || names.len() != sheets.len() {
        return Err(Refusal::new(Reason::Malformed, "the list of sheets does not fit the package"));
    }
    for (number, (sheet, (id, hidden))) in sheets.iter().zip(&part.sheets).enumerate() {
        let target =
            relations.iter().find(|relation| relation.id == *id).map(|relation| relation.target.as_str());
        let mut rows = SheetRows::start(sink, number as u32, &sheet.name, *hidden)?;
        let target = target.unwrap_or_default();
        before_cells(&mut package, target, &mut rows)?;
        if sheet.typ != SheetType::ChartSheet {
            cells(&mut book, &sheet.name, &mut rows, sink)?;
        }
        rows.finish(sink)?;
        after_cells(&mut package, target, &mut rows, sink)?;
    }
    document(&mut package, &part.defined, sink)
}

/// Comments and hidden columns of a sheet.
fn before_cells(package: &mut Package, part: &str, rows: &mut SheetRows<'_>) -> Result<(), Refusal> {
    let mut comments = Comments::default();
    for relation in package.relations(part)? {
        if matches!(relation.kind.as_str(), "comments" | "threadedComment") && !relation.external {
            package.visit(&relation.target, &mut comments)?;
        }
    }
    rows.add_comments(comments.sorted());
    let mut ignore = |_: Option<&str>, _: &str| Ok(());
    let mut head = SheetPart::new(&mut ignore);
    let Some(mut walk) = package.walk(part)? else { return Ok(()) };
    while !head.cells_begun && walk.step(&mut head)? {}
    rows.set_hidden(head.hidden_columns);
    Ok(())
}

fn cells<'b>(
    book: &'b mut Book,
    name: &str,
    rows: &mut SheetRows<'b>,
    sink: &mut Sink,
) -> Result<(), Refusal> {
    let mut reader = match book.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(refusal(&error)),
    };
    let code = |style: &calamine::Style| {
        style.number_format.as_ref().and_then(|format| Mask::of(&format.format_code))
    };
    let masks: Vec<Option<Mask>> = reader.styles().iter().map(code).collect();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|error| refusal(&error))? {
        let (row, column) = cell.get_position();
        let mask = masks.get(style).and_then(Option::as_ref);
        if let Some((text, is_text)) = text_of(cell.get_value().clone(), mask) {
            rows.cell(sink, Cell { row, column, text, is_text })?;
        }
    }
    // Cells held back borrow from the book: they go out before it is used again.
    rows.finish(sink)
}

/// Headers, footers, links and lists of a sheet.
fn after_cells(
    package: &mut Package,
    part: &str,
    rows: &mut SheetRows<'_>,
    sink: &mut Sink,
) -> Result<(), Refusal> {
    let links = package.relations(part)?;
    for link in links.iter().filter(|relation| relation.external) {
        rows.property(sink, Some("link"), &link.target)?;
    }
    let mut take = |heading: Option<&str>, text: &str| rows.property(sink, heading, text);
    package.visit(part, &mut SheetPart::new(&mut take))?;
    Ok(())
}

/// Properties, defined names, drawings and other texts of the document.
fn document(package: &mut Package, defined: &[String], sink: &mut Sink) -> Result<(), Refusal> {
    let mut number = 0_u32;
    let mut take = |heading: Option<&str>, text: &str| {
        number = number.saturating_add(1);
        sink.push((u32::MAX, 0, number), CellKind::Property, heading, text)
    };
    defined.iter().try_for_each(|text| take(None, text))?;
    for name in package.names() {
        let wanted = TEXT_FOLDERS.iter().any(|folder| name.starts_with(folder));
        // Part names of the format itself: their case is fixed.
        if wanted && name.as_bytes().ends_with(b".xml") {
            package.visit(&name, &mut Texts::new(&mut take))?;
        }
    }
    Ok(())
}

/// The library's own messages quote the workbook, so only their kind is kept.
fn refusal(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => {
            Refusal::new(Reason::Encrypted, "it is locked with a password: save it without one first")
        }
        XlsxError::Io(error) => crate::formats::tree::io_refusal(error),
        XlsxError::XmlEof(_) => Refusal::new(Reason::Truncated, "a part of the workbook ends too early"),
        _ => Refusal::new(Reason::Malformed, "a part of the workbook breaks the rules of its format"),
    }
}
