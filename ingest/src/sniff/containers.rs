//! ZIP and compound files: workbook, archive, or a document that is not supported.

use super::ole::{self, Holds};
use super::{binary, unsupported};
use crate::archive::{each_entry, expand};
use custody_rules::{ArtifactKind, Limits, Reason, Refusal, Sniffed};
use std::fs::File;
use zip::read::OwnedZipFileEntry;

/// What the content of a ZIP makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZipKind {
    /// A folder of files.
    Archive,
    /// A workbook, with its usual ending.
    Workbook(&'static str),
}

/// What the head says, or `None` when it is neither.
pub(super) fn sniff(head: &[u8], file: &File, limits: &Limits) -> Result<Option<Sniffed>, Refusal> {
    if is_zip(head) {
        return Ok(Some(match zip_kind(file, limits)? {
            ZipKind::Archive => binary(ArtifactKind::Archive, "zip"),
            ZipKind::Workbook(format) => binary(ArtifactKind::Workbook, format),
        }));
    }
    if !head.starts_with(&ole::MAGIC) {
        return Ok(None);
    }
    match ole::holds(file)? {
        Holds::Workbook => Ok(Some(binary(ArtifactKind::Workbook, "xls"))),
        Holds::Encrypted => {
            Err(Refusal::new(Reason::Encrypted, "it is locked with a password: save it without one first"))
        }
        Holds::Other(name) => Err(unsupported(name)),
    }
}

/// Whether a file begins as a ZIP does: with a member, or with the end of one that has none.
pub(crate) fn is_zip(head: &[u8]) -> bool {
    matches!(head, [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..])
}

/// Tells workbooks from archives by the members' names.
///
/// # Errors
/// A [`Refusal`] when the directory is missing, or the ZIP is a document that is not supported.
pub(crate) fn zip_kind(file: &File, limits: &Limits) -> Result<ZipKind, Refusal> {
    let mut seen = Seen::default();
    each_entry(file, limits, &mut |entry| {
        let name = entry.name_raw().to_ascii_lowercase();
        let locked = entry.encrypted();
        match name.as_slice() {
            b"[content_types].xml" => seen.content_types = true,
            b"xl/workbook.xml" => seen.workbook = Some(Workbook { locked }),
            b"xl/vbaproject.bin" => seen.macros = true,
            b"mimetype" if entry.size() < 256 => seen.mimetype = Some(entry.into()),
            b"meta-inf/manifest.mf" | b"androidmanifest.xml" => {
                seen.document = Some("a program (JAR or APK)");
            }
            b"xl/workbook.bin" => seen.document = Some("XLSB"),
            b"word/document.xml" => seen.document = Some("DOCX"),
            b"ppt/presentation.xml" => seen.document = Some("PPTX"),
            b"visio/document.xml" => seen.document = Some("VSDX"),
            _ => {}
        }
        Ok(())
    })?;
    seen.judge(file)
}

/// The main part of an XLSX.
struct Workbook {
    locked: bool,
}

/// The members that tell.
#[derive(Default)]
struct Seen {
    content_types: bool,
    workbook: Option<Workbook>,
    macros: bool,
    mimetype: Option<OwnedZipFileEntry>,
    document: Option<&'static str>,
}

impl Seen {
    fn judge(self, file: &File) -> Result<ZipKind, Refusal> {
        let mut mimetype = Vec::new();
        if let Some(entry) = &self.mimetype {
            // An unreadable one is a member like any other: the archive's readers will refuse it.
            let _ = expand(file, entry, &mut |bytes: &[u8]| {
                mimetype.extend_from_slice(bytes);
                Ok(())
            });
        }
        match mimetype.trim_ascii() {
            b"application/vnd.oasis.opendocument.spreadsheet" => return Ok(ZipKind::Workbook("ods")),
            other if other.starts_with(b"application/vnd.oasis.opendocument") => {
                return Err(unsupported("an OpenDocument file that is no spreadsheet"));
            }
            b"application/epub+zip" => return Err(unsupported("EPUB")),
            _ => {}
        }
        if let (true, Some(name)) = (self.content_types || name_is_program(self.document), self.document) {
            return Err(unsupported(name));
        }
        let Some(workbook) = self.workbook.filter(|_| self.content_types) else {
            return Ok(ZipKind::Archive);
        };
        if workbook.locked {
            return Err(Refusal::new(
                Reason::Encrypted,
                "it is locked with a password: save it without one first",
            ));
        }
        Ok(ZipKind::Workbook(if self.macros { "xlsm" } else { "xlsx" }))
    }
}

/// Programs have no `[Content_Types].xml`.
fn name_is_program(document: Option<&str>) -> bool {
    document.is_some_and(|name| name.starts_with("a program"))
}
