//! Reads a tenant's own template file onto the model: overview, sheets, the five header rows, drop-down lists and number
//! formats. Fills nothing in, and takes no value from the rows below the header.

mod cells;
mod header;
mod overview;
mod package;
#[cfg(test)]
mod tests;

use super::model::{Provenance, Sheet, Template};
use super::stored::StoredError;
use calamine::{Reader, Xlsx};
use cells::{Cells, Kind};
use package::Package;
use std::fs::File;
use std::io::{self, Seek};

/// Bytes of a template file; Workday takes 30 MB as an attachment.
const FILE_BYTES_MAX: u64 = 30 << 20;
/// Bytes that its parts may expand to.
const EXPANDED_BYTES_MAX: u64 = 512 << 20;

/// Says why a workbook is not a template that can be used. Names sheet and cell, no other content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// Too large, packed or expanded.
    #[error("larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit that is exceeded.
        limit_bytes: u64,
    },
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Not an XLSX workbook, damaged, or locked with a password.
    #[error("not an XLSX workbook that can be opened (damaged, or locked with a password)")]
    Workbook,
    /// A sheet that is neither overview nor data.
    #[error("sheet {number}: no EIB sheet; A2 to A5 must be Area, Restrictions, Format, Fields")]
    Sheet {
        /// From 1.
        number: usize,
    },
    /// A header cell that is not understood.
    #[error("sheet {number}, {cell}: {what}")]
    Header {
        /// Sheet from 1.
        number: usize,
        /// `C4`.
        cell: String,
        /// What is wrong.
        what: &'static str,
    },
    /// No data sheet at all.
    #[error("no sheet for data")]
    NoData,
    /// What was read does not hold together.
    #[error("no template that can be kept: {0}")]
    Model(#[from] StoredError),
}

/// A template as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The model.
    pub template: Template,
    /// Whether a data sheet holds something below its header. Such a file can be read, but not be filled.
    pub has_data: bool,
    /// What is in the file and not in the model.
    pub notes: Vec<Note>,
}

/// Something that was seen in a template and not taken over. Holds no cell's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Name of the sheet.
    pub sheet: String,
    /// `C4`.
    pub cell: String,
    /// What it is.
    pub what: &'static str,
}

impl Template {
    /// Reads the model of a template file; see [`Template::import`].
    ///
    /// # Errors
    /// A [`TemplateError`]; a template that is understood in part only is refused.
    pub fn read(file: File) -> Result<Self, TemplateError> {
        Self::import(file).map(|imported| imported.template)
    }

    /// Reads a template file. A file with rows below the header is read too, and says so.
    ///
    /// # Errors
    /// A [`TemplateError`]; a template that is understood in part only is refused.
    pub fn import(file: File) -> Result<Imported, TemplateError> {
        if file.metadata()?.len() > FILE_BYTES_MAX {
            return Err(TemplateError::TooLarge { limit_bytes: FILE_BYTES_MAX });
        }
        let mut package = Package::open(file)?;
        let parts = package.sheets()?;
        let styles = package.text_styles()?;
        let extras: Result<Vec<_>, _> =
            parts.iter().map(|part| package.extras(&part.path, &styles)).collect();
        let extras = extras?;
        let mut reader = package.into_reader();
        reader.rewind()?;
        let mut book: Xlsx<_> = Xlsx::new(reader).map_err(|_| TemplateError::Workbook)?;
        let (mut sheets, mut overview, mut has_data, mut notes) = (Vec::new(), None, false, Vec::new());
        for (number, (part, extras)) in (1..).zip(parts.iter().zip(&extras)) {
            let cells = Cells::read(&mut book, &part.name)?;
            match cells.kind() {
                Kind::Data => {
                    has_data |= cells.has_data;
                    let source = header::Source { number, part, cells: &cells, extras };
                    sheets.push(source.sheet(&mut notes)?);
                }
                Kind::Overview if number == 1 => {
                    overview = Some(overview::read(&part.name, &cells, extras, &mut notes)?);
                }
                Kind::Overview => {
                    let what = "an overview that is not the first sheet";
                    return Err(TemplateError::Header { number, cell: "A6".to_owned(), what });
                }
                Kind::Other => return Err(TemplateError::Sheet { number }),
            }
        }
        let main: &Sheet = sheets.first().ok_or(TemplateError::NoData)?;
        let (operation, version) = split_version(&main.title);
        let (operation, version) = (operation.to_owned(), version.map(ToOwned::to_owned));
        if let Some(overview) = &mut overview {
            overview.link(&sheets);
        }
        let template = Self { operation, version, provenance: Provenance::Imported, overview, sheets };
        template.check()?;
        Ok(Imported { template, has_data, notes })
    }
}

/// Takes the version off a title: `Assign Roles - v44.0`.
pub(super) fn split_version(title: &str) -> (&str, Option<&str>) {
    let is_version = |text: &str| {
        let digits = text.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    match title.rsplit_once(" - ") {
        Some((name, version)) if is_version(version.trim()) => (name.trim(), Some(version.trim())),
        _ => (title.trim(), None),
    }
}
