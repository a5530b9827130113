//! Writers: one a kind of artifact. Each writes what was decided and decides nothing.

pub mod image;
pub mod text;
pub mod video;
pub mod workbook;
