//! Fills a template's package in place: rows below the header, texts into the shared strings, the few settings that a
//! header allows; every other byte of every part stays. One file's rows at a time.

use super::cells::{CellFault, RowWriter, Texts};
use super::deflate::Deflater;
use super::package::{Package, Packed};
use super::parts::Parts;
use super::sheet::{CellXml, SheetXml, StringsXml};
use super::strings::Strings;
use super::{Settings, WriteError};
use crate::eib::{Block, SheetBlock};
use crate::template::{FIRST_DATA_ROW, Template, cell_name};
use datafusion::arrow::array::{AsArray, StringArray};
use std::collections::BTreeMap;
use std::io::Write;

/// How hard parts are compressed: as a rule, and when a file would be too large. Measured with 40 columns: 1 gives 11.7
/// bytes a cell, 2 takes a tenth longer for 8.5, 6 takes four times as long for 6.6.
pub(super) const LEVELS: [u32; 2] = [2, 6];
/// Row 4, as people count: the formats.
const FORMAT_ROW: u32 = 4;

/// A template's package, read once for all files.
pub(super) struct Filler<'a> {
    package: Package<'a>,
    template: &'a Template,
    /// By position in [`Template::sheets`].
    sheets: Vec<Part>,
    overview: Option<Part>,
    strings: Option<(usize, StringsXml)>,
}

struct Part {
    /// Position in the package.
    part: usize,
    name: String,
    xml: SheetXml,
    /// Cells of the header that are set: row as people count, column from 0, text.
    set: Vec<(u32, u32, String)>,
}

/// One file's parts.
pub(super) struct Filled {
    changed: BTreeMap<usize, Packed>,
    /// Cells of data.
    pub(super) cells: u64,
}

impl<'a> Filler<'a> {
    /// Reads the parts that will change.
    pub(super) fn new(
        bytes: &'a [u8],
        template: &'a Template,
        settings: &Settings,
    ) -> Result<Self, WriteError> {
        let package = Package::parse(bytes)?;
        package.check()?;
        let parts = Parts::read(&package)?;
        let mut sheets = Vec::with_capacity(template.sheets.len());
        for (at, sheet) in template.sheets.iter().enumerate() {
            let part = Part::read(&package, &parts, &sheet.name)?;
            if part.xml.last_row() >= FIRST_DATA_ROW {
                return Err(WriteError::HasRows {
                    sheet: part.name,
                    row: part.xml.first_row_from(FIRST_DATA_ROW),
                });
            }
            let set = chosen_types(template, settings, at)?;
            sheets.push(Part { set, ..part });
        }
        if settings.id_types.iter().any(|choice| choice.sheet >= template.sheets.len()) {
            return Err(WriteError::Rows { what: "an ID type is chosen for a sheet that is not there" });
        }
        let overview = match &template.overview {
            Some(overview) => {
                let part = Part::read(&package, &parts, &overview.name)?;
                Some(Part { set: chosen_instructions(template, settings)?, ..part })
            }
            None if !settings.instructions.is_empty() => {
                return Err(WriteError::Package { what: "it has no overview to set an instruction on" });
            }
            None => None,
        };
        let strings = parts.strings.map(|part| {
            let xml = StringsXml::parse(package.text(part)?).map_err(|what| WriteError::Package { what })?;
            Ok::<_, WriteError>((part, xml))
        });
        Ok(Self { strings: strings.transpose()?, package, template, sheets, overview })
    }

    /// Makes one file's parts. `base` is how many rows of each sheet earlier files hold, for errors.
    pub(super) fn fill(&self, blocks: &[Block], base: &[u64], level: u32) -> Result<Filled, WriteError> {
        let mut strings = self.strings.as_ref().map(|(_, xml)| Strings::new(xml.strings, level));
        let mut filled = Filled { changed: BTreeMap::new(), cells: 0 };
        if let Some(part) = self.overview.as_ref().filter(|part| !part.set.is_empty()) {
            let (before, after) = part.around(None, strings.as_mut())?;
            let mut out = Deflater::new(level);
            out.text().extend([before, after].concat());
            filled.changed.insert(part.part, out.finish()?);
        }
        for (at, part) in self.sheets.iter().enumerate() {
            let of_sheet = blocks.iter().flat_map(|block| &block.sheets);
            let rows: Vec<&SheetBlock> = of_sheet.filter(|rows| rows.sheet == at).collect();
            if let Some((packed, cells)) = self.sheet(at, &rows, &mut strings, (base[at], level))? {
                filled.changed.insert(part.part, packed);
                filled.cells += cells;
            }
        }
        if let (Some(strings), Some((part, xml))) = (strings, &self.strings)
            && strings.uses() > 0
        {
            let (head, tail) = xml.around(strings.uses(), strings.count());
            filled.changed.insert(*part, strings.finish(&head, &tail, level)?);
        }
        Ok(filled)
    }

    fn sheet(
        &self,
        at: usize,
        blocks: &[&SheetBlock],
        strings: &mut Option<Strings>,
        (base, level): (u64, u32),
    ) -> Result<Option<(Packed, u64)>, WriteError> {
        let part = &self.sheets[at];
        let rows: u32 = blocks.iter().map(|block| block.rows.num_rows() as u32).sum();
        if rows == 0 && part.set.is_empty() {
            return Ok(None);
        }
        let model = &self.template.sheets[at].columns;
        let columns: Vec<u32> = blocks
            .first()
            .map_or_else(Vec::new, |block| block.columns.iter().map(|&column| model[column].index).collect());
        let last = columns.last().map(|&column| (FIRST_DATA_ROW + rows - 1, column));
        let (before, after) = part.around(last, strings.as_mut())?;
        let mut out = Deflater::new(level);
        out.text().extend(before);
        let mut writer = RowWriter::new(FIRST_DATA_ROW, &columns);
        let mut texts = strings.as_mut().map_or(Texts::Inline, Texts::Shared);
        for block in blocks {
            let arrays: Vec<&StringArray> = block.rows.columns().iter().map(AsArray::as_string).collect();
            for row in 0..block.rows.num_rows() {
                let written = writer.write(&arrays, row, &mut texts, &mut out);
                written.map_err(|fault| match fault {
                    CellFault::Text(position, what) => {
                        let row = writer.next_row() - 1 + base as u32;
                        WriteError::Text {
                            sheet: part.name.clone(),
                            cell: cell_name(row, columns[position]),
                            what,
                        }
                    }
                    CellFault::Io(error) => WriteError::Io(error),
                })?;
            }
        }
        out.text().extend(after);
        Ok(Some((out.finish()?, writer.cells)))
    }

    /// Bytes of the file.
    pub(super) fn size(&self, filled: &Filled) -> u64 {
        self.package.size_with(&filled.changed)
    }

    /// Writes the file.
    pub(super) fn write(&self, filled: &Filled, out: &mut impl Write) -> Result<(), WriteError> {
        self.package.write(&filled.changed, out)
    }
}

impl Part {
    fn read(package: &Package<'_>, parts: &Parts, name: &str) -> Result<Self, WriteError> {
        let failed = |what| WriteError::Sheet { sheet: name.to_owned(), what };
        let part = parts.sheet(name).ok_or_else(|| failed("it is not there"))?;
        let xml = SheetXml::parse(package.text(part)?).map_err(failed)?;
        Ok(Self { part, name: name.to_owned(), xml, set: Vec::new() })
    }

    /// What comes before and after new rows, with the header's cells set.
    fn around(
        &self,
        last: Option<(u32, u32)>,
        mut strings: Option<&mut Strings>,
    ) -> Result<(Vec<u8>, Vec<u8>), WriteError> {
        let mut cells = Vec::with_capacity(self.set.len());
        for (row, column, text) in &self.set {
            let xml = CellXml::new(text, strings.as_deref_mut()).map_err(|what| WriteError::Setting {
                sheet: self.name.clone(),
                cell: cell_name(row - 1, *column),
                what,
            })?;
            cells.push((*row, *column, xml));
        }
        let odd =
            || WriteError::Sheet { sheet: self.name.clone(), what: "its header is not as it was imported" };
        self.xml.around(last, &cells).ok_or_else(odd)
    }
}

/// The cells of row 4 of one sheet that get another ID type.
pub(super) fn chosen_types(
    template: &Template,
    settings: &Settings,
    sheet: usize,
) -> Result<Vec<(u32, u32, String)>, WriteError> {
    let model = &template.sheets[sheet];
    let mut set = Vec::new();
    for choice in settings.id_types.iter().filter(|choice| choice.sheet == sheet) {
        let odd = |cell: String, what| WriteError::Setting { sheet: model.name.clone(), cell, what };
        let Some(column) = model.columns.get(choice.column) else {
            return Err(odd("row 4".to_owned(), "there is no such column"));
        };
        let cell = cell_name(FORMAT_ROW - 1, column.index);
        if !column.id_types.contains(&choice.id_type) {
            return Err(odd(cell, "the template does not offer this ID type"));
        }
        if set.iter().any(|(_, index, _)| *index == column.index) {
            return Err(odd(cell, "it is chosen twice"));
        }
        if column.format.to_string() != choice.id_type {
            set.push((FORMAT_ROW, column.index, choice.id_type.clone()));
        }
    }
    Ok(set)
}

/// The cells of the overview that are set.
pub(super) fn chosen_instructions(
    template: &Template,
    settings: &Settings,
) -> Result<Vec<(u32, u32, String)>, WriteError> {
    let Some(overview) = &template.overview else { return Ok(Vec::new()) };
    let comment_column = if overview.discards { 4 } else { 3 };
    let mut set: Vec<(u32, u32, String)> = Vec::new();
    for choice in &settings.instructions {
        let cell = cell_name(choice.row.max(1) - 1, 2);
        let odd = |what| WriteError::Setting { sheet: overview.name.clone(), cell: cell.clone(), what };
        let process = overview.processes.iter().find(|process| process.row == choice.row);
        let process = process.ok_or_else(|| odd("there is no process in this row"))?;
        if set.iter().any(|(row, ..)| *row == choice.row) {
            return Err(odd("it is chosen twice"));
        }
        if let Some(instruction) = &choice.instruction {
            if !process.instructions.contains(instruction) {
                return Err(odd("the template does not offer this instruction"));
            }
            if process.instruction.as_ref() != Some(instruction) {
                set.push((choice.row, 2, instruction.clone()));
            }
        }
        if let Some(comment) = choice.comment.as_ref().filter(|comment| !comment.is_empty()) {
            set.push((choice.row, comment_column, comment.clone()));
        }
    }
    Ok(set)
}
