//! The texts of a sheet's first rows, as far as they say what the sheet is. Values below the header are seen, not kept.

use super::TemplateError;
use crate::template::model::FIRST_DATA_ROW;
use calamine::{Data, DataRef, Xlsx};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

/// Columns of a sheet, as Excel has them.
const COLUMNS_MAX: u32 = 16_384;
/// Characters of a header cell.
const CHARS_MAX: usize = 1_000;
/// Rows and columns of an overview.
const OVERVIEW_MAX: (u32, u32) = (1_000, 16);
/// Labels in column A of rows 2 to 5 by which a data sheet is told.
pub(super) const ROW_LABELS: [&str; 4] = ["Area", "Restrictions", "Format", "Fields"];
/// The heading in row 6 by which an overview is told.
pub(super) const PROCESS_HEADING: &str = "Business Process";
/// Row of an overview's headings, from 0.
pub(super) const HEADING_ROW: u32 = 5;

/// What a sheet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Overview,
    Data,
    Other,
}

/// The texts of a sheet's first rows, trimmed, by row and column from 0.
pub(super) struct Cells {
    texts: BTreeMap<(u32, u32), String>,
    /// Whether something stands below the header of a data sheet.
    pub(super) has_data: bool,
}

impl Cells {
    pub(super) fn read(book: &mut Xlsx<BufReader<File>>, name: &str) -> Result<Self, TemplateError> {
        let mut cells = Self { texts: BTreeMap::new(), has_data: false };
        let mut reader = book.worksheet_cells_reader(name).map_err(|_| TemplateError::Workbook)?;
        let mut kind = None;
        while let Some(cell) = reader.next_cell().map_err(|_| TemplateError::Workbook)? {
            let (row, column) = cell.get_position();
            let text = match cell.get_value() {
                DataRef::SharedString(text) => (*text).to_owned(),
                value => Data::from(value.clone()).to_string(),
            };
            if column >= COLUMNS_MAX || text.trim().is_empty() {
                continue;
            }
            // Rows come in order: what the sheet is, is known once its header ends.
            if row + 1 >= FIRST_DATA_ROW && kind.is_none_or(|kind| kind == Kind::Data) {
                kind = Some(cells.kind());
            }
            if row + 1 >= FIRST_DATA_ROW && kind == Some(Kind::Data) {
                cells.has_data = true;
                break;
            }
            if row >= OVERVIEW_MAX.0 {
                break;
            }
            if row + 1 < FIRST_DATA_ROW || column < OVERVIEW_MAX.1 {
                cells.texts.insert((row, column), text.trim().chars().take(CHARS_MAX).collect());
            }
        }
        Ok(cells)
    }

    pub(super) fn text(&self, row: u32, column: u32) -> &str {
        self.texts.get(&(row, column)).map_or("", String::as_str)
    }

    pub(super) fn kind(&self) -> Kind {
        if (1..).zip(ROW_LABELS).all(|(row, label)| self.text(row, 0) == label) {
            return Kind::Data;
        }
        let overview = (0..OVERVIEW_MAX.1).any(|column| self.text(HEADING_ROW, column) == PROCESS_HEADING);
        if overview { Kind::Overview } else { Kind::Other }
    }

    /// The last column of these rows that holds a text.
    pub(super) fn last_column(&self, rows: std::ops::Range<u32>) -> Option<u32> {
        self.texts.keys().filter(|(row, _)| rows.contains(row)).map(|(_, column)| *column).max()
    }

    /// The first column of a row with this text.
    pub(super) fn find(&self, row: u32, text: &str) -> Option<u32> {
        (0..OVERVIEW_MAX.1).find(|column| self.text(row, *column) == text)
    }
}
