//! Reads an EIB template: its sheets and the columns of its data sheets, from the five header rows. Fills
//! nothing in, and reads no rows below the header.

use crate::{CellFormat, Restriction};
use calamine::{Data, DataRef, Reader, Xlsx};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// Bytes of a template file; Workday takes 30 MB as an attachment.
const FILE_BYTES_MAX: u64 = 30 << 20;
/// Bytes that its parts may expand to.
const EXPANDED_BYTES_MAX: u64 = 512 << 20;
/// Columns of a sheet, as Excel has them.
const COLUMNS_MAX: u32 = 16_384;
/// Characters of a header cell.
const HEADER_CHARS_MAX: usize = 1_000;
/// Labels in column A of rows 2 to 5 by which a data sheet is told.
const ROW_LABELS: [&str; 4] = ["Area", "Restrictions", "Format", "Fields"];

/// An EIB template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

/// One sheet of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, at most 31 characters.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The title in its first row.
    pub title: String,
    /// Its columns from B on; none on an overview.
    pub columns: Vec<Column>,
}

/// What a sheet of a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// How the business process and its sub-processes are handled.
    Overview,
    /// Rows of data.
    Data,
}

/// One column of a data sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// From 0, as in the sheet: column B is 1.
    pub index: u32,
    /// The area it stands under (row 2).
    pub area: String,
    /// Whether it has to be filled (row 3).
    pub restriction: Restriction,
    /// What its cells hold (row 4).
    pub format: CellFormat,
    /// Its label (row 5) without the marks.
    pub label: String,
    /// The marks at the end of its label.
    pub marks: Marks,
}

/// The marks at the end of a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// `*`: required.
    pub required: bool,
    /// `+`: repeats.
    pub repeating: bool,
    /// `**`: the key of a group that has to occur at least once.
    pub group_required: bool,
}

/// Says why a workbook is not a template that can be used. Names sheet and cell, no other content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Too large, packed or expanded.
    #[error("larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit that is exceeded.
        limit_bytes: u64,
    },
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Not an XLSX workbook, damaged, or locked with a password.
    #[error("not an XLSX workbook that can be opened (damaged, or locked with a password)")]
    Workbook,
    /// A sheet that is neither overview nor data.
    #[error("sheet {number}: no EIB sheet; A2 to A5 must be Area, Restrictions, Format, Fields")]
    Sheet {
        /// From 1.
        number: usize,
    },
    /// A header cell that is not understood.
    #[error("sheet {number}, {cell}: {what}")]
    Header {
        /// Sheet from 1.
        number: usize,
        /// `C4`.
        cell: String,
        /// What is wrong.
        what: &'static str,
    },
    /// No data sheet at all.
    #[error("no sheet for data")]
    NoData,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A [`TemplateError`]; a template that is understood in part only is refused.
    pub fn read(file: File) -> Result<Self, TemplateError> {
        if file.metadata()?.len() > FILE_BYTES_MAX {
            return Err(TemplateError::TooLarge { limit_bytes: FILE_BYTES_MAX });
        }
        let mut reader = BufReader::new(file);
        check_expanded(&mut reader)?;
        reader.rewind()?;
        let mut book: Xlsx<_> = Xlsx::new(reader).map_err(|_| TemplateError::Workbook)?;
        let names = book.sheet_names();
        let mut sheets = Vec::with_capacity(names.len());
        for (number, name) in (1..).zip(names) {
            let header = Header::read(&mut book, &name)?;
            sheets.push(header.into_sheet(name, number)?);
        }
        if sheets.iter().all(|sheet| sheet.role != Role::Data) {
            return Err(TemplateError::NoData);
        }
        Ok(Self { sheets })
    }

    /// The sheets that take data, in order.
    pub fn data_sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.sheets.iter().filter(|sheet| sheet.role == Role::Data)
    }
}

/// Expands every part to nowhere, so that a bomb is found before it is opened. Declared sizes can lie.
fn check_expanded(file: &mut BufReader<File>) -> Result<(), TemplateError> {
    let mut archive = zip::ZipArchive::new(file).map_err(|_| TemplateError::Workbook)?;
    let mut left = EXPANDED_BYTES_MAX;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| TemplateError::Workbook)?;
        let copied = io::copy(&mut (&mut part).take(left + 1), &mut io::sink());
        let bytes = copied.map_err(|_| TemplateError::Workbook)?;
        left = left.checked_sub(bytes).ok_or(TemplateError::TooLarge { limit_bytes: EXPANDED_BYTES_MAX })?;
    }
    Ok(())
}

/// The texts of a sheet's first six rows by row and column.
struct Header(BTreeMap<(u32, u32), String>);

impl Header {
    fn read(book: &mut Xlsx<BufReader<File>>, name: &str) -> Result<Self, TemplateError> {
        let mut cells = BTreeMap::new();
        let mut reader = book.worksheet_cells_reader(name).map_err(|_| TemplateError::Workbook)?;
        while let Some(cell) = reader.next_cell().map_err(|_| TemplateError::Workbook)? {
            let (row, column) = cell.get_position();
            // Rows come in order: nothing below the header is read.
            if row > 5 {
                break;
            }
            let text = match cell.get_value() {
                DataRef::SharedString(text) => (*text).to_owned(),
                value => Data::from(value.clone()).to_string(),
            };
            if column < COLUMNS_MAX && !text.trim().is_empty() {
                cells.insert((row, column), text.trim().chars().take(HEADER_CHARS_MAX).collect());
            }
        }
        Ok(Self(cells))
    }

    fn text(&self, row: u32, column: u32) -> &str {
        self.0.get(&(row, column)).map_or("", String::as_str)
    }

    fn into_sheet(self, name: String, number: usize) -> Result<Sheet, TemplateError> {
        let labels = (1..).zip(ROW_LABELS).all(|(row, label)| self.text(row, 0) == label);
        if labels {
            let columns = self.columns(number)?;
            return Ok(Sheet { role: Role::Data, title: self.text(0, 0).to_owned(), columns, name });
        }
        let overview = (0..4).any(|column| self.text(5, column) == "Business Process");
        if overview {
            return Ok(Sheet {
                role: Role::Overview,
                title: self.text(1, 1).to_owned(),
                columns: Vec::new(),
                name,
            });
        }
        Err(TemplateError::Sheet { number })
    }

    fn columns(&self, number: usize) -> Result<Vec<Column>, TemplateError> {
        let odd = |row: u32, column: u32, what| TemplateError::Header {
            number,
            cell: cell_name(row, column),
            what,
        };
        let last = self.0.keys().filter(|(row, _)| (2..5).contains(row)).map(|(_, column)| *column).max();
        let (mut columns, mut area) = (Vec::new(), "");
        for index in 1..=last.unwrap_or(0) {
            // An area's label stands in the first of its merged cells.
            let named = self.text(1, index);
            area = if named.is_empty() { area } else { named };
            let restriction = Restriction::parse(self.text(2, index))
                .ok_or_else(|| odd(2, index, "no known restriction"))?;
            let format =
                CellFormat::parse(self.text(3, index)).ok_or_else(|| odd(3, index, "no known format"))?;
            let (label, marks) = split_marks(self.text(4, index));
            if label.is_empty() {
                return Err(odd(4, index, "no label"));
            }
            let (label, area) = (label.to_owned(), area.to_owned());
            columns.push(Column { index, area, restriction, format, label, marks });
        }
        if columns.is_empty() {
            return Err(odd(4, 1, "no column"));
        }
        Ok(columns)
    }
}

/// Takes the marks off the end of a label: `Row ID**`, `Phone Data+`, `Country*+*`.
fn split_marks(text: &str) -> (&str, Marks) {
    let label = text.trim_end_matches(['*', '+']);
    let marks = &text[label.len()..];
    let marks = Marks {
        required: marks.contains('*'),
        repeating: marks.contains('+'),
        group_required: marks.contains("**"),
    };
    (label.trim_end(), marks)
}

/// `C4` from row 3 and column 2.
fn cell_name(row: u32, column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.iter().rev().collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Workbook, Worksheet};
    use std::io::Write;

    const COLUMNS: [(&str, &str, &str, &str); 6] = [
        ("All", "Required", "Text", "Spreadsheet Key*"),
        ("", "Required", "Employee_ID", "Worker*"),
        ("Phone Data+ (All > Phone Data)", "Required", "Text", "Row ID**"),
        ("", "Optional. May have multiples", "Number (12,2)", "Amount+"),
        ("", "Required. May have multiples", "Lookup", "Usage*+*"),
        ("Other", "Optional", "Y/N", "Public"),
    ];

    fn data_sheet(sheet: &mut Worksheet, columns: &[(&str, &str, &str, &str)]) {
        for (row, text) in (0..).zip(["Put Something - v44.0"].into_iter().chain(ROW_LABELS)) {
            sheet.write(row, 0, text).expect("a cell");
        }
        for (column, texts) in (1..).zip(columns) {
            for (row, text) in (1..).zip([texts.0, texts.1, texts.2, texts.3]) {
                if !text.is_empty() {
                    sheet.write(row, column, text).expect("a cell");
                }
            }
        }
        sheet.write(5, 1, "000123").expect("a cell");
    }

    fn read(make: impl FnOnce(&mut Workbook)) -> Result<Template, TemplateError> {
        let mut book = Workbook::new();
        make(&mut book);
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(&book.save_to_buffer().expect("a workbook")).expect("it can be written");
        Template::read(file)
    }

    fn overview(book: &mut Workbook) {
        let sheet = book.add_worksheet().set_name("Overview").expect("a name");
        sheet.write(1, 1, "Put Something").expect("a cell");
        sheet.write(5, 1, "Business Process").expect("a cell");
    }

    #[test]
    fn sheets_areas_formats_and_marks_are_read() {
        let template = read(|book| {
            overview(book);
            data_sheet(book.add_worksheet().set_name("Put Something").expect("a name"), &COLUMNS);
        });
        let template = template.expect("a template");
        let roles: Vec<_> = template.sheets.iter().map(|s| (s.role, s.title.as_str())).collect();
        assert_eq!(roles, [(Role::Overview, "Put Something"), (Role::Data, "Put Something - v44.0")]);
        let columns = &template.sheets[1].columns;
        let shown: Vec<_> =
            columns.iter().map(|c| format!("{} | {} | {:?}", c.area, c.label, c.marks)).collect();
        assert_eq!(columns.len(), 6);
        assert!(shown[1].starts_with("All | Worker | Marks { required: true, repeating: false"), "{shown:?}");
        assert!(columns[2].marks.group_required && !columns[2].marks.repeating);
        assert!(columns[4].marks.required && columns[4].marks.repeating && columns[4].label == "Usage");
        assert_eq!(columns[3].format, CellFormat::Number(Some((12, 2))));
        assert_eq!(columns[5].area, "Other");
        assert_eq!((columns[0].index, columns[5].index), (1, 6));
    }

    #[test]
    fn header_cells_that_are_not_understood_are_named() {
        let mut odd = COLUMNS;
        odd[3].2 = "two words";
        let error = read(|book| data_sheet(book.add_worksheet(), &odd)).expect_err("odd");
        assert_eq!(error.to_string(), "sheet 1, E4: no known format");
        odd = COLUMNS;
        odd[1].3 = "";
        let error = read(|book| data_sheet(book.add_worksheet(), &odd)).expect_err("odd");
        assert_eq!(error.to_string(), "sheet 1, C5: no label");
    }

    #[test]
    fn other_workbooks_and_other_files_are_refused() {
        let error = read(|book| {
            data_sheet(book.add_worksheet(), &COLUMNS);
            book.add_worksheet().write(0, 0, "notes").expect("a cell");
        });
        assert!(matches!(error, Err(TemplateError::Sheet { number: 2 })));
        assert!(matches!(read(overview), Err(TemplateError::NoData)));
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(b"PK\x03\x04 not really").expect("it can be written");
        assert!(matches!(Template::read(file), Err(TemplateError::Workbook)));
    }

    #[test]
    fn cells_are_named_as_people_name_them() {
        assert_eq!(cell_name(3, 2), "C4");
        assert_eq!(cell_name(0, 25), "Z1");
        assert_eq!(cell_name(0, 26), "AA1");
        assert_eq!(cell_name(0, 16_383), "XFD1");
    }
}
