//! Turns foreign files into Arrow record batches of bounded size.
//!
//! Finds artifacts ([`discover`]), says by content what they are ([`sniff`]) and reads them ([`FileReader`]).
//! Knows nothing of what is sensitive: it yields text with its place, and refuses what it cannot read whole.

mod archive;
mod at;
mod covered;
mod discover;
mod encoding;
pub mod formats;
pub mod image;
pub mod ocr;
mod reader;
pub mod report;
mod sniff;
mod table;
pub mod video;

pub use archive::{measure, memory_file};
pub use at::ReadAt;
pub use covered::Covered;
pub use discover::{
    Artifact, Discovery, Given, STAGING_PREFIX, Source, discover, discover_files, discover_given,
};
pub use encoding::utf8_view;
pub use reader::FileReader;
pub use sniff::{sniff, sniff_code, sniff_lines};
pub use table::{
    SHAPE_KEY, SHAPE_VERSION_KEY, TableError, TableShape, TableSummary, TableWriter, write_table,
};
