//! Rebuilds a workbook from values alone: what is not a value, a heading or the name of a sheet is not
//! written at all, so no comment, property, formula, defined name, link or hidden sheet can survive.
//!
//! The rows come from a reader, what becomes of each from a callback; nothing is decided here.

mod name;

use self::name::SheetNames;
use custody_rules::table::{CellKind, CellRow, SHEET_NAME_COLUMN, cell_rows};
use custody_rules::{BatchSource, Reason, Refusal};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::fs::File;
use std::io::BufWriter;
use std::os::fd::AsRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// Sheets that are streamed through a temporary file of their own; more would use up the descriptors.
const STREAMED_SHEETS_MAX: usize = 128;

/// Digits up to which a number keeps its value in a spreadsheet.
const DIGITS_MAX: usize = 15;

/// Gives the redacted text of a cell, or `None` where it stays as it is.
pub type Replace<'a> = dyn FnMut(&CellRow<'_>) -> Result<Option<String>, Refusal> + 'a;

/// Writes an XLSX workbook into `out` from the cells of `source`, in the reader's order. `replace` is asked
/// once for every cell that is written and for every sheet's name. Hidden sheets become ordinary ones.
/// The same cells give the same bytes.
///
/// # Errors
/// A [`Refusal`] of the source or of `replace`; [`Reason::TooLarge`] where a cell does not fit into a
/// spreadsheet; [`Reason::Unwritable`] when the output or a temporary file cannot be written.
pub fn write(source: &mut dyn BatchSource, replace: &mut Replace<'_>, out: &File) -> Result<(), Refusal> {
    // The library panics when a temporary file cannot be written, as on a full disk.
    catch_unwind(AssertUnwindSafe(|| write_all(source, replace, out)))
        .unwrap_or_else(|_| Err(unwritable("is the disk full?")))
}

fn write_all(source: &mut dyn BatchSource, replace: &mut Replace<'_>, out: &File) -> Result<(), Refusal> {
    let mut book = Book::new(out)?;
    while let Some(batch) = source.next_batch()? {
        for cell in cell_rows(&batch) {
            match cell.kind {
                CellKind::Value | CellKind::Heading | CellKind::Preamble | CellKind::Hidden => {
                    let redacted = replace(&cell)?;
                    book.cell(&cell, redacted.as_deref())?;
                }
                CellKind::SheetName => {
                    let redacted = replace(&cell)?;
                    book.start_sheet(cell.sheet, redacted.as_deref().unwrap_or(cell.text))?;
                }
                // Comments and properties are only learned from; a workbook has no keys.
                _ => {}
            }
        }
    }
    book.save(out)
}

struct Book {
    workbook: Workbook,
    names: SheetNames,
    sheet: Option<Sheet>,
    sheets: usize,
    bold: Format,
}

struct Sheet {
    number: u32,
    worksheet: Worksheet,
    place: Option<(u32, u32)>,
}

impl Book {
    fn new(out: &File) -> Result<Self, Refusal> {
        let mut workbook = Workbook::new();
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(|error| refusal(&error))?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        if let Some(folder) = folder_of(out) {
            workbook.set_tempdir(folder).map_err(|error| refusal(&error))?;
        }
        let bold = Format::new().set_bold();
        Ok(Self { workbook, names: SheetNames::default(), sheet: None, sheets: 0, bold })
    }

    fn start_sheet(&mut self, number: u32, name: &str) -> Result<(), Refusal> {
        self.end_sheet();
        let worksheet = if self.sheets < STREAMED_SHEETS_MAX {
            self.workbook.new_worksheet_with_constant_memory()
        } else {
            Ok(Worksheet::new())
        };
        let mut worksheet = worksheet.map_err(|error| refusal(&error))?;
        self.sheets += 1;
        worksheet.set_name(self.names.unique(name)).map_err(|error| refusal(&error))?;
        self.sheet = Some(Sheet { number, worksheet, place: None });
        Ok(())
    }

    fn end_sheet(&mut self) {
        if let Some(sheet) = self.sheet.take() {
            self.workbook.push_worksheet(sheet.worksheet);
        }
    }

    fn cell(&mut self, cell: &CellRow<'_>, redacted: Option<&str>) -> Result<(), Refusal> {
        let sheet = self.sheet.as_mut().filter(|sheet| sheet.number == cell.sheet);
        let sheet = sheet.ok_or_else(|| out_of_order(cell))?;
        let place = (cell.row, cell.column);
        if cell.column == SHEET_NAME_COLUMN || sheet.place.is_some_and(|last| last >= place) {
            return Err(out_of_order(cell));
        }
        sheet.place = Some(place);
        let column = u16::try_from(cell.column).map_err(|_| too_many())?;
        let worksheet = &mut sheet.worksheet;
        let text = clean(redacted.unwrap_or(cell.text));
        let number = if redacted.is_none() { plain_number(&text) } else { None };
        let written = match (cell.kind, number) {
            (CellKind::Heading, _) => {
                let width = (text.chars().take(60).count() as f64 + 2.0).max(10.0);
                worksheet
                    .set_column_width(column, width)
                    .and_then(|sheet| sheet.write_string_with_format(cell.row, column, &*text, &self.bold))
            }
            (_, Some(number)) => worksheet.write_number(cell.row, column, number),
            (_, None) => worksheet.write_string(cell.row, column, &*text),
        };
        written.map(|_| ()).map_err(|error| refusal(&error))
    }

    fn save(mut self, out: &File) -> Result<(), Refusal> {
        self.end_sheet();
        if self.sheets == 0 {
            return Err(Refusal::new(Reason::Empty, "there is no sheet in it"));
        }
        let mut writer = BufWriter::new(out);
        self.workbook.save_to_writer(&mut writer).map_err(|error| refusal(&error))?;
        std::io::Write::flush(&mut writer).map_err(|error| unwritable(&error.kind().to_string()))
    }
}

/// The number a text stands for, if it is one whose text would come back from a spreadsheet unchanged.
fn plain_number(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    if !plain || digits == 0 || digits > DIGITS_MAX {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    (number.to_string() == text && text != "-0").then_some(number)
}

/// Without the two characters that XML cannot hold and the library does not escape.
fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    let odd = ['\u{fffe}', '\u{ffff}'];
    if text.contains(odd) { text.replace(odd, "\u{fffd}").into() } else { text.into() }
}

/// The folder in which the output is staged: what is streamed through temporary files stays beside it.
fn folder_of(out: &File) -> Option<PathBuf> {
    let path = std::fs::read_link(format!("/proc/self/fd/{}", out.as_raw_fd())).ok()?;
    path.parent().filter(|folder| folder.is_absolute() && folder.is_dir()).map(PathBuf::from)
}

fn out_of_order(cell: &CellRow<'_>) -> Refusal {
    let (sheet, row, column) = (cell.sheet + 1, u64::from(cell.row) + 1, u64::from(cell.column) + 1);
    let detail = format!("sheet {sheet}, row {row}, column {column}: a cell that is out of order");
    Refusal::new(Reason::Malformed, detail)
}

fn too_many() -> Refusal {
    Refusal::new(Reason::TooLarge, "more than 1,048,576 rows or 16,384 columns do not fit into a sheet")
}

fn unwritable(why: &str) -> Refusal {
    Refusal::new(Reason::Unwritable, format!("the workbook cannot be written: {why}"))
}

/// The library's own messages can hold names, so only their kind is kept.
fn refusal(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::RowColumnLimitError => too_many(),
        XlsxError::MaxStringLengthExceeded => {
            Refusal::new(Reason::TooLarge, "a cell holds more than 32,767 characters")
        }
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => {
            unwritable(&error.kind().to_string())
        }
        _ => unwritable("the spreadsheet library refused it"),
    }
}

#[cfg(test)]
mod tests;
