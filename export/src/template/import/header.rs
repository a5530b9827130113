//! The five header rows of a data sheet. What is not understood is refused by its cell, never guessed.

use super::cells::Cells;
use super::package::{Extras, Range, SheetPart};
use super::{Note, TemplateError};
use crate::template::groups;
use crate::template::model::{Column, Marks, Sheet, cell_name};
use crate::{CellFormat, Restriction};

/// Characters of an ID type's name.
const CHOICE_CHARS_MAX: usize = 200;
const AREAS: u32 = 1;
const RESTRICTIONS: u32 = 2;
const FORMATS: u32 = 3;
const FIELDS: u32 = 4;

/// All that is known of one data sheet.
pub(super) struct Source<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) part: &'a SheetPart,
    pub(super) cells: &'a Cells,
    pub(super) extras: &'a Extras,
}

impl Source<'_> {
    /// Makes the sheet.
    pub(super) fn sheet(&self, notes: &mut Vec<Note>) -> Result<Sheet, TemplateError> {
        let last = self.cells.last_column(RESTRICTIONS..FIELDS + 1).unwrap_or(0);
        if last == 0 {
            return Err(self.odd(FIELDS, 1, "no column"));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(last as usize);
        for index in 1..=last {
            let before = columns.last().map_or("", |column| column.area.as_str());
            let area = self.area(index, before)?;
            columns.push(self.column(index, area, notes)?);
        }
        let (groups, doubts) = groups::assign(&mut columns);
        let doubt = |at: usize| Note {
            sheet: self.part.name.clone(),
            cell: cell_name(AREAS, columns[at].index),
            what: "an area after a repeating group; it is taken as not belonging to the group",
        };
        notes.extend(doubts.into_iter().map(doubt));
        let title = self.cells.text(0, 0).to_owned();
        if title.is_empty() {
            return Err(self.odd(0, 0, "no title"));
        }
        Ok(Sheet { name: self.part.name.clone(), title, columns, groups })
    }

    /// The area of a column: its own cell, or the first of the merged cells that it is one of.
    fn area(&self, index: u32, before: &str) -> Result<String, TemplateError> {
        let named = self.cells.text(AREAS, index);
        let goes_on = |range: &&Range| range.has(AREAS, index) && range.columns.0 < index;
        let merged = self.extras.merged.iter().find(goes_on);
        match (named.is_empty(), merged) {
            (false, None) => Ok(named.to_owned()),
            // Column A has the row's label; a range that began there names no area.
            (true, Some(range)) if range.columns.0 > 0 && !before.is_empty() => Ok(before.to_owned()),
            (true, None) => Err(self.odd(AREAS, index, "no area, and no merged cell that goes on to here")),
            _ => Err(self.odd(AREAS, index, "merged cells that do not fit the areas")),
        }
    }

    fn column(&self, index: u32, area: String, notes: &mut Vec<Note>) -> Result<Column, TemplateError> {
        let restriction = Restriction::parse(self.cells.text(RESTRICTIONS, index))
            .ok_or_else(|| self.odd(RESTRICTIONS, index, "no known restriction"))?;
        let format = CellFormat::parse(self.cells.text(FORMATS, index))
            .ok_or_else(|| self.odd(FORMATS, index, "no known format"))?;
        let (label, marks) = Marks::split(self.cells.text(FIELDS, index));
        if label.is_empty() {
            return Err(self.odd(FIELDS, index, "no label"));
        }
        let id_types = self.id_types(index, notes)?;
        let note = |what| Note { sheet: self.part.name.clone(), cell: cell_name(FORMATS, index), what };
        if let CellFormat::Reference(chosen) = &format
            && !id_types.is_empty()
            && !id_types.contains(chosen)
        {
            notes.push(note("the ID type that is chosen is none of its list"));
        }
        let within = |runs: &[(u32, u32)]| runs.iter().any(|(first, last)| (*first..=*last).contains(&index));
        let label = label.to_owned();
        Ok(Column {
            index,
            area,
            restriction,
            format,
            label,
            marks,
            id_types,
            as_text: within(&self.extras.texts),
            hidden: self.part.hidden || within(&self.extras.hidden),
            group: 0,
        })
    }

    /// What row 4 offers.
    fn id_types(&self, index: u32, notes: &mut Vec<Note>) -> Result<Vec<String>, TemplateError> {
        let here = |range: &Range| range.has(FORMATS, index);
        let Some(list) = self.extras.lists.iter().find(|list| list.ranges.iter().any(here)) else {
            return Ok(Vec::new());
        };
        let Some(choices) = &list.choices else {
            let what = "the list of ID types stands in other cells; it is not read";
            notes.push(Note { sheet: self.part.name.clone(), cell: cell_name(FORMATS, index), what });
            return Ok(Vec::new());
        };
        if choices.iter().any(|choice| choice.len() > CHOICE_CHARS_MAX) {
            return Err(self.odd(FORMATS, index, "a list with an entry that is too long"));
        }
        Ok(choices.clone())
    }

    fn odd(&self, row: u32, column: u32, what: &'static str) -> TemplateError {
        TemplateError::Header { number: self.number, cell: cell_name(row, column), what }
    }
}
