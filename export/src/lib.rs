//! Reads the tables of a store by SQL and Workday EIB templates, and writes cell texts by their rules.
//!
//! Knows no terminal and no store: it is handed open files and hands back values.

mod escape;
mod format;
pub mod tables;
mod template;

pub use escape::{CellError, CellValue, cell_text, csv_field};
pub use format::{CellFormat, Restriction};
pub use template::{Column, Marks, Role, Sheet, Template, TemplateError};
