//! The annotated copy: the planned rows with notes on the cells that something was found in, and a list of the findings. For
//! people, to be corrected from and thrown away; never for an upload: its first sheet is no sheet of a template, so that
//! neither Workday nor this program takes it for one.

use super::WriteError;
use crate::eib::{RowSource, SheetBlock};
use crate::template::{FIRST_DATA_ROW, Sheet, Template, column_letters};
use datafusion::arrow::array::{Array, AsArray, StringArray};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Note, Url, Workbook, Worksheet,
    XlsxError,
};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;

/// Rows of a sheet, as Excel has them.
const SHEET_ROWS_MAX: u64 = 1_048_576;
/// Characters of a note; Excel takes 32,767.
const NOTE_CHARS_MAX: usize = 8_000;
const BANNER: &str =
    "NOT FOR UPLOAD. An annotated copy to read: correct the source, then plan and build again.";
const HEADINGS: [&str; 7] = ["Severity", "Code", "Sheet", "Cell", "Field", "What is wrong", "What to do"];
const WIDTHS: [f64; 7] = [10.0, 24.0, 31.0, 9.0, 40.0, 60.0, 80.0];
/// Findings whose cell can be jumped to; a sheet takes 65,530 links.
const LINKS_MAX: usize = 10_000;
const FINDINGS: &str = "Findings";
/// Three lines of a label.
const LABEL_HEIGHT: f64 = 45.0;
/// The severity that stops a build.
const ERROR: &str = "error";

/// One finding, in words. Holds no value of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark<'a> {
    /// `error`, `warning` or `note`.
    pub severity: &'a str,
    /// `missing-required`.
    pub code: &'a str,
    /// Name of the sheet.
    pub sheet: &'a str,
    /// `C17`; `None` for a finding on the whole sheet.
    pub cell: Option<&'a str>,
    /// Label of the field.
    pub field: &'a str,
    /// What was found.
    pub message: &'a str,
    /// What to do about it.
    pub fix: &'a str,
}

/// What an annotated copy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotated {
    /// Rows of all sheets.
    pub rows: u64,
    /// Cells with a note.
    pub notes: u64,
}

/// Writes the annotated copy: all rows in one file.
///
/// # Errors
/// A [`WriteError`]: the rows end early, are more than a sheet holds, or the file cannot be written.
pub fn annotate(
    template: &Template,
    rows: &mut dyn RowSource,
    remarks: &[Remark<'_>],
    out: File,
) -> Result<Annotated, WriteError> {
    let mut copy = Copy::new(template, remarks).map_err(|_| failed())?;
    let mut done = Annotated { rows: 0, notes: 0 };
    while let Some(block) = rows.next_block()? {
        for rows in &block.sheets {
            let Some(own) = template.sheets.get(rows.sheet) else {
                return Err(WriteError::Rows { what: "there is no such sheet" });
            };
            copy.add(own, rows, &mut done)?;
        }
    }
    done.notes = copy.finish(template, remarks).map_err(|_| failed())?;
    copy.book.save_to_writer(BufWriter::new(out)).map_err(|_| failed())?;
    Ok(done)
}

fn failed() -> WriteError {
    WriteError::Generate { what: "the annotated copy cannot be laid out" }
}

struct Copy {
    book: Workbook,
    /// By position in [`Template::sheets`]: the next row, from 0.
    next: Vec<u32>,
    marked: HashMap<(String, String), Marked>,
    looks: Looks,
}

/// A cell that something was found in.
struct Marked {
    text: String,
    is_error: bool,
}

/// How things look. Not as in a template: nobody should take one for the other.
struct Looks {
    loud: Format,
    head: Format,
    label: Format,
    error: Format,
    other: Format,
}

impl Looks {
    fn new() -> Self {
        let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_background_color("#E7E6E6");
        Self {
            loud: Format::new().set_bold().set_font_size(14.0).set_font_color("#C00000"),
            label: head.clone().set_text_wrap().set_align(FormatAlign::Top),
            head,
            error: Format::new().set_background_color("#F8CBAD"),
            other: Format::new().set_background_color("#FFE699"),
        }
    }

    fn of(&self, is_error: bool) -> &Format {
        if is_error { &self.error } else { &self.other }
    }
}

impl Copy {
    fn new(template: &Template, remarks: &[Remark<'_>]) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        let made = ExcelDateTime::from_ymd(1980, 1, 1)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let looks = Looks::new();
        list(book.add_worksheet().set_name(FINDINGS)?, remarks, &looks)?;
        for own in &template.sheets {
            let sheet = book.add_worksheet_with_constant_memory()?.set_name(own_name(&own.name))?;
            header(sheet, own, &looks)?;
        }
        let mut marked: HashMap<(String, String), Marked> = HashMap::new();
        for remark in remarks {
            let Some(cell) = remark.cell else { continue };
            let place = (remark.sheet.to_owned(), cell.to_owned());
            let mark = marked.entry(place).or_insert_with(|| Marked { text: String::new(), is_error: false });
            mark.is_error |= remark.severity == ERROR;
            if mark.text.chars().count() < NOTE_CHARS_MAX {
                let line =
                    format!("{} {}: {}. {}\n", remark.severity, remark.code, remark.message, remark.fix);
                mark.text.extend(line.chars().take(NOTE_CHARS_MAX));
            }
        }
        Ok(Self { book, next: vec![FIRST_DATA_ROW - 1; template.sheets.len()], marked, looks })
    }

    fn add(&mut self, own: &Sheet, rows: &SheetBlock, done: &mut Annotated) -> Result<(), WriteError> {
        let next = &mut self.next[rows.sheet];
        if u64::from(*next) + rows.rows.num_rows() as u64 > SHEET_ROWS_MAX {
            return Err(WriteError::Rows {
                what: "there are more rows than a sheet of an annotated copy can hold",
            });
        }
        let sheet = self.book.worksheet_from_index(rows.sheet + 1).map_err(|_| failed())?;
        let columns = rows.rows.columns().iter().map(|column| column.as_string_opt());
        let columns: Option<Vec<&StringArray>> = columns.collect();
        let columns =
            columns.ok_or(WriteError::Rows { what: "a batch does not hold the columns as texts" })?;
        for row in 0..rows.rows.num_rows() {
            for (array, &column) in columns.iter().zip(rows.columns.iter()) {
                let Some(column) = own.columns.get(column) else {
                    return Err(WriteError::Rows { what: "columns are not there or not in order" });
                };
                let key = (own.name.clone(), format!("{}{}", column_letters(column.index), *next + 1));
                let marked = self.marked.get(&key).map(|mark| self.looks.of(mark.is_error));
                let text = if array.is_null(row) { "" } else { array.value(row) };
                write_cell(sheet, *next, column.index as u16, text, marked)?;
            }
            *next += 1;
            done.rows += 1;
        }
        Ok(())
    }

    /// Puts the notes on, and what helps to look through the rows. Gives the number of notes.
    fn finish(&mut self, template: &Template, remarks: &[Remark<'_>]) -> Result<u64, XlsxError> {
        let mut notes = 0;
        for (at, own) in template.sheets.iter().enumerate() {
            let sheet = self.book.worksheet_from_index(at + 1)?;
            let last = own.columns.last().map_or(0, |column| column.index as u16);
            sheet.set_freeze_panes(FIRST_DATA_ROW - 1, 1)?;
            sheet.autofilter(FIRST_DATA_ROW - 2, 0, self.next[at].max(FIRST_DATA_ROW) - 1, last)?;
            let mut here: Vec<(u32, u16, &String)> = Vec::new();
            for ((name, cell), mark) in &self.marked {
                if *name == own.name
                    && let Some((row, column)) = place(cell)
                {
                    here.push((row, column, &mark.text));
                }
            }
            here.sort_unstable_by_key(|note| (note.0, note.1));
            for (row, column, text) in here {
                sheet.insert_note(row, column, &Note::new(text.trim_end()).set_author("custody"))?;
                notes += 1;
            }
        }
        debug_assert!(notes <= remarks.len() as u64, "a note holds one finding at least");
        Ok(notes)
    }
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    mark: Option<&Format>,
) -> Result<(), WriteError> {
    let written = match (text.is_empty(), mark) {
        (true, None) => return Ok(()),
        (true, Some(mark)) => sheet.write_blank(row, column, mark),
        (false, None) => sheet.write_string(row, column, text),
        (false, Some(mark)) => sheet.write_string_with_format(row, column, text, mark),
    };
    written.map(drop).map_err(|_| failed())
}

/// A sheet must not be called as the list is.
fn own_name(name: &str) -> String {
    if name.eq_ignore_ascii_case(FINDINGS) { format!("{name} rows") } else { name.to_owned() }
}

fn list(sheet: &mut Worksheet, remarks: &[Remark<'_>], looks: &Looks) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, BANNER, &looks.loud)?;
    for ((column, heading), width) in (0..).zip(HEADINGS).zip(WIDTHS) {
        sheet.write_string_with_format(2, column, heading, &looks.head)?;
        sheet.set_column_width(column, width)?;
    }
    for ((row, remark), linked) in (3..).zip(remarks).zip(0..) {
        let cell = remark.cell.unwrap_or("");
        let look = looks.of(remark.severity == ERROR);
        sheet.write_string_with_format(row, 0, remark.severity, look)?;
        let texts = [remark.code, remark.sheet, cell, remark.field, remark.message, remark.fix];
        for (column, text) in (1..).zip(texts) {
            sheet.write_string(row, column, text)?;
        }
        if linked < LINKS_MAX && !cell.is_empty() {
            let sheet_name = own_name(remark.sheet).replace('\'', "''");
            let link = format!("internal:'{sheet_name}'!{cell}");
            sheet.write_url_with_text(row, 3, Url::new(link), cell)?;
        }
    }
    sheet.set_freeze_panes(3, 0)?;
    sheet.autofilter(2, 0, 2 + (remarks.len() as u32).max(1), HEADINGS.len() as u16 - 1)?;
    Ok(())
}

/// The header's texts; rows are written in order, as little memory asks for.
fn header(sheet: &mut Worksheet, own: &Sheet, looks: &Looks) -> Result<(), XlsxError> {
    // No title: the row is a template's mark, and this is none.
    sheet.write_string_with_format(0, 0, BANNER, &looks.loud)?;
    for (row, name) in (1..FIRST_DATA_ROW - 1).zip(["Area", "Restriction", "Format", "Field"]) {
        let is_label = row == FIRST_DATA_ROW - 2;
        let look = if is_label { &looks.label } else { &looks.head };
        if is_label {
            sheet.set_row_height(row, LABEL_HEIGHT)?;
        }
        sheet.write_string_with_format(row, 0, name, look)?;
        let mut area = None;
        for column in &own.columns {
            let index = column.index as u16;
            let text = match row {
                // The text runs over the cells beside it.
                1 if area == Some(&column.area) => {
                    sheet.write_blank(row, index, &looks.head)?;
                    continue;
                }
                1 => {
                    area = Some(&column.area);
                    column.area.clone()
                }
                2 => column.restriction.text().to_owned(),
                3 => column.format.to_string(),
                _ => format!("{}{}", column.label, column.marks.text()),
            };
            sheet.write_string_with_format(row, index, text, look)?;
        }
    }
    sheet.set_column_width(0, 12)?;
    for column in &own.columns {
        sheet.set_column_width(column.index as u16, 20)?;
    }
    Ok(())
}

/// Row and column from 0 of `C17`.
fn place(cell: &str) -> Option<(u32, u16)> {
    let digits = cell.find(|c: char| c.is_ascii_digit())?;
    let column = cell[..digits].bytes().try_fold(0_u32, |column, letter| {
        letter.is_ascii_uppercase().then(|| column * 26 + u32::from(letter - b'A') + 1)
    })?;
    let row: u32 = cell[digits..].parse().ok()?;
    Some((row.checked_sub(1)?, u16::try_from(column.checked_sub(1)?).ok()?))
}
