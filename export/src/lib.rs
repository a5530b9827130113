//! Reads the tables of a store by SQL and Workday EIB templates, writes workbooks and extracts, and cell texts by their
//! rules.
//!
//! Knows no terminal and no store: it is handed open files and hands back values.

pub mod eib;
mod escape;
mod expand;
pub mod extract;
mod format;
pub mod profile;
pub mod tables;
pub mod template;
pub mod workbook;

pub use escape::{CellError, CellValue, cell_text, csv_field};
pub use format::{CellFormat, Restriction};
