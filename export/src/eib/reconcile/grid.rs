//! The cells of an XLSX workbook or a CSV file as texts, row by row, within limits.

use super::ReconcileError;
use crate::expand::{Unfit, check_expanded};
use calamine::{Data, DataRef, Reader, Xlsx};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// Bytes of a file.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Bytes that a workbook's parts may expand to.
const EXPANDED_BYTES_MAX: u64 = 1 << 30;
/// Sheets of a workbook.
const SHEETS_MAX: usize = 100;

/// Why a file's cells cannot be read. Holds none of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GridError {
    /// Too large, packed or expanded.
    #[error("larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// No workbook that can be opened.
    #[error("not an XLSX workbook that can be opened (damaged, or locked with a password)")]
    Workbook,
    /// More sheets than anybody rejects on.
    #[error("more than {SHEETS_MAX} sheets")]
    Sheets,
    /// No CSV.
    #[error("line {line}: no CSV in UTF-8 (a quotation mark that is not closed, or other bytes)")]
    Csv {
        /// From 1.
        line: u64,
    },
}

/// An open file.
pub(super) enum Grid {
    Workbook(Box<Xlsx<BufReader<File>>>),
    Csv(String),
}

/// Takes rows: sheet from 1, row from 0, cells by column.
type Each<'a> = &'a mut dyn FnMut(usize, u32, &[(u32, String)]) -> Result<(), ReconcileError>;

impl Grid {
    pub(super) fn open(mut file: File) -> Result<Self, GridError> {
        if file.metadata()?.len() > FILE_BYTES_MAX {
            return Err(GridError::TooLarge { limit_bytes: FILE_BYTES_MAX });
        }
        let mut start = [0; 2];
        let read = file.read(&mut start)?;
        file.rewind()?;
        if read == 2 && &start == b"PK" {
            let mut parts = zip::ZipArchive::new(&file).map_err(|_| GridError::Workbook)?;
            check_expanded(&mut parts, EXPANDED_BYTES_MAX).map_err(|unfit| match unfit {
                Unfit::Damaged => GridError::Workbook,
                Unfit::TooLarge => GridError::TooLarge { limit_bytes: EXPANDED_BYTES_MAX },
            })?;
            drop(parts);
            file.rewind()?;
            let workbook = Xlsx::new(BufReader::new(file)).map_err(|_| GridError::Workbook)?;
            return Ok(Self::Workbook(Box::new(workbook)));
        }
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
            GridError::Csv { line }
        })?;
        Ok(Self::Csv(text))
    }

    pub(super) fn rows(self, each: Each<'_>) -> Result<(), ReconcileError> {
        match self {
            Self::Workbook(workbook) => workbook_rows(*workbook, each),
            Self::Csv(text) => csv_rows(text.strip_prefix('\u{feff}').unwrap_or(&text), each),
        }
    }
}

fn workbook_rows(mut workbook: Xlsx<BufReader<File>>, each: Each<'_>) -> Result<(), ReconcileError> {
    let names = workbook.sheet_names();
    if names.len() > SHEETS_MAX {
        // What stands on the others would be taken for loaded.
        return Err(GridError::Sheets.into());
    }
    for (sheet, name) in (1..).zip(&names) {
        let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| GridError::Workbook)?;
        let (mut row, mut gathered) = (0, Vec::new());
        while let Some(cell) = cells.next_cell().map_err(|_| GridError::Workbook)? {
            let (at, column) = cell.get_position();
            if at != row && !gathered.is_empty() {
                each(sheet, row, &gathered)?;
                gathered.clear();
            }
            row = at;
            let text = match cell.get_value() {
                DataRef::Empty => continue,
                DataRef::String(text) => text.clone(),
                DataRef::SharedString(text) => (*text).to_owned(),
                other => Data::from(other.clone()).to_string(),
            };
            gathered.push((column, text));
        }
        if !gathered.is_empty() {
            each(sheet, row, &gathered)?;
        }
    }
    Ok(())
}

/// RFC 4180, separated by commas, semicolons or tabs: by whichever the first line has most of.
fn csv_rows(text: &str, each: Each<'_>) -> Result<(), ReconcileError> {
    let first = text.lines().next().unwrap_or_default();
    let between = [',', ';', '\t'].into_iter().max_by_key(|&c| (first.matches(c).count(), c == ','));
    let between = between.unwrap_or(',');
    let (mut row, mut cells, mut cell, mut quoted) = (0_u32, Vec::new(), String::new(), false);
    let mut column = 0_u32;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if quoted => cell.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            c if c == between || c == '\n' => {
                if !cell.is_empty() {
                    cells.push((column, std::mem::take(&mut cell)));
                }
                column += 1;
                if c == '\n' {
                    each(1, row, &cells)?;
                    cells.clear();
                    (row, column) = (row + 1, 0);
                }
            }
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(GridError::Csv { line: u64::from(row) + 1 }.into());
    }
    if !cell.is_empty() {
        cells.push((column, cell));
    }
    if !cells.is_empty() {
        each(1, row, &cells)?;
    }
    Ok(())
}
