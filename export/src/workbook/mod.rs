//! Writes workbooks: a template's own file filled in place, or one made from a model, in as many files as its limits
//! ask for; every file is read again before it counts. Also the annotated copy for people. Decides nothing about what
//! stands in the cells: that is [`crate::eib`]'s.
//!
//! Every cell below the header is a shared string without style, numbers and days too: what was planned is what is read,
//! to the letter. A cell that is a number would be read as its format shows it, and General shows eleven digits: a longer
//! amount would be rounded on its way. All that a text costs is a green corner in Excel. Nothing here knows a file's name; outputs are the caller's temporary files.

mod annotate;
mod cells;
mod deflate;
mod error;
mod fill;
mod generate;
mod package;
mod parts;
mod readback;
mod sheet;
mod split;
mod strings;
mod target;

pub use annotate::{Annotated, Remark, annotate};
pub use error::WriteError;
pub use generate::header;
pub use split::write;
pub use target::{
    Check, FILE_BYTES_MAX, IdTypeChoice, Instruction, Limits, ROWS_MAX, Settings, Source, Target, Written,
    WrittenFile,
};

#[cfg(test)]
mod tests;
