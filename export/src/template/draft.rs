//! Sheets in the making, for templates that come from no file: names, keys, number formats, the overview's lists.

use super::groups;
use super::model::{Column, Marks, Overview, Process, Sheet};
use crate::{CellFormat, Restriction};

/// Columns of a sheet, as Excel has them, without the first.
pub(super) const COLUMNS_MAX: usize = 16_383;
/// Characters of a sheet's name.
const SHEET_NAME_MAX: usize = 31;
/// Row of the overview's first process, from 1.
const PROCESS_ROW: u32 = 7;
/// What may be chosen for the process itself.
const MAIN_INSTRUCTIONS: [&str; 4] =
    ["Manual Processing", "Automatic Processing", "Run Now", "Run Now With Automatic Processing"];
/// What may be chosen for a sub-process.
const SUB_INSTRUCTIONS: [&str; 3] =
    ["Manual Processing", "Automatic Processing", "Skip Processing when Step is marked Optional"];

/// What the header says of a column.
pub(super) struct Header {
    pub(super) label: String,
    pub(super) marks: Marks,
    pub(super) restriction: Restriction,
    pub(super) format: CellFormat,
    pub(super) id_types: Vec<String>,
}

/// A sheet without name and groups.
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) columns: Vec<Column>,
}

impl Draft {
    /// A sheet with its key.
    pub(super) fn new(title: &str, is_main: bool) -> Self {
        let mut draft = Self { title: title.to_owned(), columns: Vec::new() };
        let header = Header {
            label: "Spreadsheet Key".to_owned(),
            marks: Marks { required: is_main, ..Marks::default() },
            restriction: Restriction::Required,
            format: CellFormat::Text,
            id_types: Vec::new(),
        };
        draft.push("All".to_owned(), header);
        draft
    }

    /// Adds a column; texts and references get the number format of text, the key of transactions does not.
    pub(super) fn push(&mut self, area: String, header: Header) {
        let Header { label, marks, restriction, format, id_types } = header;
        let texts = matches!(
            format,
            CellFormat::Text | CellFormat::Lookup | CellFormat::Iid | CellFormat::Reference(_)
        );
        let as_text = texts && !groups::is_sheet_key(&label);
        let (index, group, hidden) = (self.columns.len() as u32 + 1, 0, false);
        self.columns.push(Column {
            index,
            area,
            restriction,
            format,
            label,
            marks,
            id_types,
            as_text,
            hidden,
            group,
        });
    }
}

/// Gives sheets their names, each its own, and finds their groups.
pub(super) fn sheets(drafts: Vec<Draft>) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::with_capacity(drafts.len());
    for Draft { title, mut columns } in drafts {
        let (groups, _) = groups::assign(&mut columns);
        // Excel forbids some characters in names of sheets.
        let allowed = || title.chars().filter(|c| !"[]:*?/\\".contains(*c));
        let mut name: String = allowed().take(SHEET_NAME_MAX).collect();
        let mut copy = 2;
        while sheets.iter().any(|sheet| sheet.name.eq_ignore_ascii_case(name.trim())) {
            let end = format!(" {copy}");
            name = allowed().take(SHEET_NAME_MAX - end.len()).chain(end.chars()).collect();
            copy += 1;
        }
        sheets.push(Sheet { name: name.trim().to_owned(), title, columns, groups });
    }
    sheets
}

/// The overview of a process whose sheets these are.
pub(super) fn overview(title: &str, sheets: &[Sheet]) -> Overview {
    let process = |(at, sheet): (usize, &Sheet)| {
        let instructions: &[&str] = if at == 0 { &MAIN_INSTRUCTIONS } else { &SUB_INSTRUCTIONS };
        Process {
            row: at as u32 + PROCESS_ROW,
            name: sheet.title.clone(),
            sheet: Some(at),
            instructions: instructions.iter().map(|text| (*text).to_owned()).collect(),
            instruction: None,
        }
    };
    let processes = sheets.iter().enumerate().map(process).collect();
    Overview { name: "Overview".to_owned(), title: title.to_owned(), discards: false, processes }
}
