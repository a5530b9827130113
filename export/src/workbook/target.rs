//! What a workbook is made of besides its rows, and what is said of the files that come out.

use crate::template::{FIRST_DATA_ROW, Template};
use serde::{Deserialize, Serialize};

/// Last row of a sheet that may hold data: the lists of Workday's own templates end there.
const LAST_ROW: u32 = 32_000;
/// Bytes of a file that is attached to an integration; from a file server ten times as many are taken.
pub const FILE_BYTES_MAX: u64 = 30 << 20;
/// Rows of data of a sheet.
pub const ROWS_MAX: u32 = LAST_ROW - FIRST_DATA_ROW + 1;

/// What is written, and how.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The model that the rows were made for.
    pub template: &'a Template,
    /// Where the header comes from.
    pub source: Source<'a>,
    /// What is chosen in the header.
    pub settings: &'a Settings,
    /// When a new file is begun.
    pub limits: Limits,
    /// Whether every file is read again.
    pub check: Check,
}

/// Where the header of a workbook comes from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// The template's own file, as it was imported. All that is not filled stays the same bytes.
    Fill(&'a [u8]),
    /// Made from the model.
    Generate,
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fill(_) => "Fill(..)",
            Self::Generate => "Generate",
        })
    }
}

/// What is chosen in the header: the only cells above the rows that may be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Choices in row 4.
    #[serde(default)]
    pub id_types: Vec<IdTypeChoice>,
    /// Choices and comments on the overview.
    #[serde(default)]
    pub instructions: Vec<Instruction>,
}

/// The ID type of a reference column, when it is not the template's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdTypeChoice {
    /// Position in [`Template::sheets`].
    pub sheet: usize,
    /// Position in [`Sheet::columns`](crate::template::Sheet::columns).
    pub column: usize,
    /// One of the column's [`id_types`](crate::template::Column::id_types).
    pub id_type: String,
}

/// How a process is handled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instruction {
    /// Its row on the overview, as people count.
    pub row: u32,
    /// One of the process's instructions; `None` leaves what is there.
    #[serde(default)]
    pub instruction: Option<String>,
    /// The comment that Workday shows with the process; `None` leaves what is there.
    #[serde(default)]
    pub comment: Option<String>,
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A comment is free text and may name people.
        f.debug_struct("Instruction")
            .field("row", &self.row)
            .field("instruction", &self.instruction)
            .finish_non_exhaustive()
    }
}

/// When a new file is begun: always between two transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of data of a sheet, at most.
    pub rows_max: u32,
    /// Bytes of a file, at most.
    pub file_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows_max: ROWS_MAX, file_bytes_max: FILE_BYTES_MAX }
    }
}

/// Whether every file is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Every file is read again and compared cell by cell.
    ReadBack,
    /// No file is read again: to measure the writing alone.
    WriteOnly,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The files in order; one where one is enough.
    pub files: Vec<WrittenFile>,
}

impl Written {
    /// Cells of all files.
    pub fn cells(&self) -> u64 {
        self.files.iter().map(|file| file.cells).sum()
    }
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenFile {
    /// From 1.
    pub number: u32,
    /// Rows of data by position in [`Template::sheets`].
    pub rows_by_sheet: Vec<u64>,
    /// Cells of data that hold a text.
    pub cells: u64,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3 of the file, in hexadecimal digits.
    pub blake3: String,
    /// The first transaction in it, from 1.
    pub first_transaction: u64,
    /// The last transaction in it, inclusive.
    pub last_transaction: u64,
}
