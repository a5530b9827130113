//! Reads a written file again, by another's reader, and compares it with what it should hold: every cell of the header as
//! in the template with its settings, every cell below it as planned, and no other.

use super::fill::{chosen_instructions, chosen_types};
use super::{Settings, WriteError};
use crate::eib::{Block, SheetBlock};
use crate::template::{FIRST_DATA_ROW, Template, cell_name};
use calamine::{Data, DataRef, Reader, Xlsx};
use datafusion::arrow::array::{Array, AsArray, StringArray};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};

/// Texts by row and column, both from 0.
type Cells = BTreeMap<(u32, u32), String>;

/// What a file holds besides its rows.
pub(super) struct Expected {
    /// Sheets in the workbook's order: name and cells.
    sheets: Vec<(String, Cells)>,
}

impl Expected {
    /// Reads the template's own cells and puts the settings over them.
    pub(super) fn read(bytes: &[u8], template: &Template, settings: &Settings) -> Result<Self, WriteError> {
        let odd = |_| WriteError::Package { what: "it cannot be opened as a workbook" };
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(odd)?;
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let mut cells = Cells::new();
            each_cell(&mut book, &name, |place, text| {
                cells.insert(place, text.to_owned());
                true
            })
            .ok_or(WriteError::Package { what: "a sheet cannot be read" })?;
            let at = template.sheets.iter().position(|sheet| sheet.name == name);
            let set = match (at, &template.overview) {
                (Some(at), _) => chosen_types(template, settings, at)?,
                (None, Some(overview)) if overview.name == name => chosen_instructions(template, settings)?,
                _ => Vec::new(),
            };
            cells.extend(set.into_iter().map(|(row, column, text)| ((row - 1, column), text)));
            sheets.push((name, cells));
        }
        Ok(Self { sheets })
    }

    /// Compares a file with what it should hold.
    pub(super) fn compare(
        &self,
        file: &File,
        number: u32,
        template: &Template,
        batch: &[Block],
    ) -> Result<(), WriteError> {
        let unreadable = || WriteError::Unreadable { file: number };
        let mut book: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|_| unreadable())?;
        let names = book.sheet_names();
        if !names.iter().eq(self.sheets.iter().map(|(name, _)| name)) {
            return Err(unreadable());
        }
        for (name, header) in &self.sheets {
            let at = template.sheets.iter().position(|sheet| sheet.name == *name);
            let blocks: Vec<&SheetBlock> = batch
                .iter()
                .flat_map(|block| &block.sheets)
                .filter(|block| at == Some(block.sheet))
                .collect();
            let arrays: Vec<Vec<&StringArray>> = blocks
                .iter()
                .map(|block| block.rows.columns().iter().map(AsArray::as_string).collect())
                .collect();
            let index = |column: usize| at.map_or(0, |at| template.sheets[at].columns[column].index);
            let mut expected = header
                .iter()
                .map(|(place, text)| (*place, text.as_str()))
                .chain(planned(&blocks, &arrays, &index));
            let mut differs = None;
            let read = each_cell(&mut book, name, |place, text| {
                let next = expected.next();
                if next != Some((place, text)) {
                    differs = Some(next.map_or(place, |(planned, _)| planned.min(place)));
                }
                differs.is_none()
            });
            read.ok_or_else(unreadable)?;
            let differs = differs.or_else(|| expected.next().map(|(place, _)| place));
            if let Some((row, column)) = differs {
                return Err(WriteError::ReadBack {
                    file: number,
                    sheet: name.clone(),
                    cell: cell_name(row, column),
                });
            }
        }
        Ok(())
    }
}

/// The planned cells of a sheet in order.
fn planned<'a>(
    blocks: &'a [&'a SheetBlock],
    arrays: &'a [Vec<&'a StringArray>],
    index: &'a dyn Fn(usize) -> u32,
) -> impl Iterator<Item = ((u32, u32), &'a str)> {
    let rows = arrays.iter().enumerate().flat_map(move |(at, arrays)| {
        (0..blocks[at].rows.num_rows()).map(move |row| (&blocks[at].columns, arrays, row))
    });
    (FIRST_DATA_ROW - 1..).zip(rows).flat_map(move |(sheet_row, (columns, arrays, row))| {
        columns.iter().zip(arrays).filter_map(move |(&column, array)| {
            let text = (!array.is_null(row)).then(|| array.value(row)).filter(|text| !text.is_empty())?;
            Some(((sheet_row, index(column)), text))
        })
    })
}

/// Calls `each` with place and text of every cell that holds something, until it says no. `None` if the sheet cannot be
/// read.
fn each_cell<R: Read + Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
    mut each: impl FnMut((u32, u32), &str) -> bool,
) -> Option<()> {
    let mut reader = book.worksheet_cells_reader(sheet).ok()?;
    while let Some(cell) = reader.next_cell().ok()? {
        let place = cell.get_position();
        let go_on = match cell.get_value() {
            DataRef::Empty => true,
            DataRef::SharedString(text) => text.is_empty() || each(place, text),
            DataRef::String(text) => text.is_empty() || each(place, text),
            // Only a header may hold anything but texts; as a row it differs by its mark.
            other => each(place, &format!("{}\u{0}", Data::from(other.clone()))),
        };
        if !go_on {
            break;
        }
    }
    Some(())
}
