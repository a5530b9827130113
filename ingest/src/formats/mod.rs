//! One file a format: each turns a file's content into record batches of bounded size.

pub mod csv;
pub mod json;
pub mod lines;
pub(crate) mod text;
pub(crate) mod tree;
pub mod workbook;
pub mod xml;
