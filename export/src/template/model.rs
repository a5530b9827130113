//! What a template says: its sheets, their columns, and which of them belong to one repeating group. No file is read
//! here and none is written.

use crate::{CellFormat, Restriction};
use serde::{Deserialize, Serialize};

/// First row of data, from 1 as people count: the five above are the header.
pub const FIRST_DATA_ROW: u32 = 6;

/// Where a template came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// A file that the tenant's own Workday generated.
    Imported,
    /// Projected from a WSDL.
    Wsdl,
    /// A layout that comes with the program; derived, not the tenant's.
    Bundled,
}

/// An EIB template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Name of the operation, with spaces: `Hire Employee`.
    pub operation: String,
    /// Version of the web service, where it is known: `v44.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it came from. Not part of the fingerprint.
    pub provenance: Provenance,
    /// The overview sheet, where the operation is a business process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overview: Option<Overview>,
    /// The data sheets in order, without the overview. The first one is the main sheet.
    pub sheets: Vec<Sheet>,
}

/// The sheet that says how the business process and its sub-processes are handled. Always the first sheet of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overview {
    /// Its name: `Overview`.
    pub name: String,
    /// The operation's title (B2).
    pub title: String,
    /// Whether there is a column `Discard on Exit Validation Error` before the comment.
    pub discards: bool,
    /// The process and its sub-processes, in order.
    pub processes: Vec<Process>,
}

/// A line of the overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its row, from 1 as people count.
    pub row: u32,
    /// Its name; the data sheet of that name (cut at 31 characters) is its own.
    pub name: String,
    /// Index of its data sheet in [`Template::sheets`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<usize>,
    /// What may be chosen for it, in order; empty where the file offers no list.
    pub instructions: Vec<String>,
    /// What is chosen in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
}

/// A data sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Its name, at most 31 characters.
    pub name: String,
    /// The title in A1.
    pub title: String,
    /// Its columns from B on, in order: `columns[i].index == i + 1`.
    pub columns: Vec<Column>,
    /// Its groups. The first one is the transaction itself; the others repeat within their parent.
    pub groups: Vec<Group>,
}

/// Columns that are filled together, once for every child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Position in [`Sheet::columns`] of the column that tells children apart: the spreadsheet key for the first group,
    /// `Row ID` for the others. `None` for a main sheet without a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<usize>,
    /// Position in [`Sheet::groups`] of the group it repeats in; `None` for the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
    /// Whether it has to occur at least once (`Row ID**`).
    pub required: bool,
}

/// One column of a data sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// From 0, as in the sheet: column B is 1.
    pub index: u32,
    /// The area it stands under, as row 2 has it: `Name Detail Data`, or `Pay Plan Data+ (All > Compensation Data)`.
    pub area: String,
    /// Whether it has to be filled (row 3).
    pub restriction: Restriction,
    /// What its cells hold (row 4).
    pub format: CellFormat,
    /// Its label (row 5) without the marks.
    pub label: String,
    /// The marks at the end of its label.
    pub marks: Marks,
    /// What row 4 offers for a reference, in order, with `WID`; empty where there is no list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_types: Vec<String>,
    /// Whether the column's number format is text (`@`).
    pub as_text: bool,
    /// Whether the file hides it. It is still a column, and is not filled.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Position in [`Sheet::groups`] of the group that it belongs to.
    pub group: usize,
}

/// The marks at the end of a label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// `*`: required.
    pub required: bool,
    /// `+`: repeats.
    pub repeating: bool,
    /// `**`: the key of a group that has to occur at least once.
    pub group_required: bool,
}

impl Marks {
    /// Takes the marks off the end of a label: `Row ID**`, `Phone Data+`, `Country*+*`.
    pub fn split(text: &str) -> (&str, Self) {
        let label = text.trim_end_matches(['*', '+']);
        let marks = &text[label.len()..];
        let marks = Self {
            required: marks.contains('*'),
            repeating: marks.contains('+'),
            group_required: marks.contains("**"),
        };
        (label.trim_end(), marks)
    }

    /// As they stand at the end of a label; `Required` and repeating is `*+*`.
    pub fn text(self) -> &'static str {
        match (self.required, self.repeating, self.group_required) {
            (_, _, true) => "**",
            (true, true, false) => "*+*",
            (true, false, false) => "*",
            (false, true, false) => "+",
            (false, false, false) => "",
        }
    }
}

/// A field as people name it: labels repeat, so that sheet and area belong to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The sheet's name; empty for the main sheet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The area as row 2 has it; empty where the label alone is enough.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub area: String,
    /// The label without marks.
    pub label: String,
    /// Which one, from 1, where the same label stands in the same area again; 0 where it stands once.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Why an address names no field, or more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhereError {
    /// No such sheet.
    #[error("the template has no sheet {0:?}")]
    Sheet(String),
    /// No such field.
    #[error("sheet {sheet:?} has no field {label:?}{}", in_area(.area))]
    Field {
        /// The sheet.
        sheet: String,
        /// The area that was asked for.
        area: String,
        /// The label that was asked for.
        label: String,
    },
    /// More than one.
    #[error("{label:?} stands at {cells}: say the area, or which occurrence (from 1)")]
    Ambiguous {
        /// The label.
        label: String,
        /// Their cells in row 5: `G5, K5`.
        cells: String,
    },
}

impl Overview {
    /// Finds the data sheet of every process: the one of its name, which is cut at 31 characters and has no characters
    /// that Excel forbids.
    pub(crate) fn link(&mut self, sheets: &[Sheet]) {
        let mut taken = vec![false; sheets.len()];
        for process in &mut self.processes {
            let named = bare_sheet_name(&process.name);
            let own = (0..sheets.len()).find(|&at| !taken[at] && bare_sheet_name(&sheets[at].name) == named);
            taken.iter_mut().skip(own.unwrap_or(sheets.len())).take(1).for_each(|taken| *taken = true);
            process.sheet = own;
        }
    }
}

/// A sheet's name for comparison: 31 characters at most, letters and digits only, without case.
fn bare_sheet_name(name: &str) -> String {
    name.trim().chars().take(31).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn in_area(area: &str) -> String {
    if area.is_empty() { String::new() } else { format!(" in area {area:?}") }
}

impl Template {
    /// The main sheet.
    pub fn main(&self) -> Option<&Sheet> {
        self.sheets.first()
    }

    /// Finds a field: position of its sheet in [`Template::sheets`], and of the column in [`Sheet::columns`]. Sheet, area
    /// and label are compared without case; an area may be given without its path and marks.
    ///
    /// # Errors
    /// A [`WhereError`] when there is none, or more than one.
    pub fn find(&self, address: &Address) -> Result<(usize, usize), WhereError> {
        let sheet = if address.sheet.is_empty() {
            0
        } else {
            let named = |sheet: &Sheet| same(&sheet.name, &address.sheet);
            let at = self.sheets.iter().position(named);
            at.ok_or_else(|| WhereError::Sheet(address.sheet.clone()))?
        };
        let Some(found) = self.sheets.get(sheet) else {
            return Err(WhereError::Sheet(address.sheet.clone()));
        };
        let found: Vec<usize> = (0..found.columns.len())
            .filter(|&column| {
                let column = &found.columns[column];
                same(&column.label, &address.label) && has_area(&column.area, &address.area)
            })
            .collect();
        match (found.as_slice(), address.occurrence) {
            ([one], 0 | 1) => Ok((sheet, *one)),
            ([_, _, ..], 0) => Err(WhereError::Ambiguous {
                label: address.label.clone(),
                cells: found.iter().map(|at| cell_name(4, *at as u32 + 1)).collect::<Vec<_>>().join(", "),
            }),
            (many, nth) if nth > 0 && many.len() >= nth as usize => Ok((sheet, many[nth as usize - 1])),
            _ => Err(WhereError::Field {
                sheet: self.sheets[sheet].name.clone(),
                area: address.area.clone(),
                label: address.label.clone(),
            }),
        }
    }

    /// The shortest address that finds a column again.
    pub fn address(&self, sheet: usize, column: usize) -> Option<Address> {
        let found = self.sheets.get(sheet)?;
        let target = found.columns.get(column)?;
        let mut address = Address {
            sheet: if sheet == 0 { String::new() } else { found.name.clone() },
            area: target.area.clone(),
            label: target.label.clone(),
            occurrence: 0,
        };
        let alike = |at: &usize| {
            same(&found.columns[*at].label, &target.label) && has_area(&found.columns[*at].area, &target.area)
        };
        let twins: Vec<usize> = (0..found.columns.len()).filter(alike).collect();
        if twins.len() > 1 {
            address.occurrence = twins.iter().position(|at| *at == column)? as u32 + 1;
        }
        Some(address)
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// Whether a column's area is the one asked for: whole, or without its path and marks; nothing asked for fits all.
fn has_area(area: &str, asked: &str) -> bool {
    let bare = |text: &str| {
        let text = text.split(" (").next().unwrap_or(text);
        text.trim_end_matches(['*', '+']).trim().to_owned()
    };
    asked.is_empty() || same(area, asked) || same(&bare(area), asked)
}

/// `C4` from row 3 and column 2, both from 0.
pub fn cell_name(row: u32, column: u32) -> String {
    format!("{}{}", column_letters(column), row + 1)
}

/// `C` from 2.
pub fn column_letters(column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_people_name_them() {
        assert_eq!(cell_name(3, 2), "C4");
        assert_eq!(cell_name(0, 25), "Z1");
        assert_eq!(cell_name(0, 26), "AA1");
        assert_eq!(cell_name(0, 16_383), "XFD1");
    }
}
