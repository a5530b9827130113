//! The package (ZIP) around an XLSX or ODS workbook: its parts by name, their relationships, strict walks over
//! their XML. Sizes and checksums of all parts have been checked by [`crate::measure`] before.

use crate::archive;
use crate::at::ReadAt;
use crate::formats::xml::lexer::{Attribute, Run, Visitor, Walk, local_name};
use custody_rules::{Limits, Reason, Refusal};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::sync::Arc;
use zip::{CompressionMethod, ZipArchive};

/// Bytes of a part that the parser holds in memory whole: styles, relationships, the list of sheets.
const HELD_BYTES_MAX: u64 = 32 << 20;

/// Bytes of the shared strings, which are held in memory too.
const STRINGS_BYTES_MAX: u64 = 256 << 20;

/// An open package.
pub(crate) struct Package {
    zip: ZipArchive<ReadAt<Arc<File>>>,
    /// Index in the archive by name in lower case.
    parts: BTreeMap<String, usize>,
    limits: Limits,
}

/// One relationship of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) id: String,
    /// The last component of its type: `worksheet`, `comments`.
    pub(crate) kind: String,
    /// A part's name in lower case, or what stands outside the package.
    pub(crate) target: String,
    pub(crate) external: bool,
}

/// Where the bytes of a part are in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: u64,
    pub(crate) packed_bytes: u64,
    /// Not packed at all; deflated otherwise.
    pub(crate) stored: bool,
    /// Of the bytes unpacked.
    pub(crate) crc32: u32,
}

impl Package {
    /// Opens it; members that an archive may not have are refused here too.
    pub(crate) fn open(file: &Arc<File>, limits: &Limits) -> Result<Self, Refusal> {
        if let Some((_, refusal)) = archive::list(file, limits)?.refused.pop() {
            return Err(refusal);
        }
        let zip = ZipArchive::new(ReadAt::new(Arc::clone(file))).map_err(|_| damaged())?;
        let mut parts = BTreeMap::new();
        for index in 0..zip.len() {
            let name = zip.name_for_index(index).and_then(Result::ok).ok_or_else(damaged)?;
            if parts.insert(name.to_ascii_lowercase(), index).is_some() {
                return Err(Refusal::new(Reason::Malformed, "two parts have the same name"));
            }
        }
        let mut package = Self { zip, parts, limits: *limits };
        package.check_held()?;
        Ok(package)
    }

    /// Names of the parts, in lower case.
    pub(crate) fn names(&self) -> Vec<String> {
        self.parts.keys().cloned().collect()
    }

    /// Starts a walk over a part; `None` if there is no such part.
    pub(crate) fn walk(&mut self, part: &str) -> Result<Option<Walk<impl Read + '_>>, Refusal> {
        let Some(&index) = self.parts.get(part) else { return Ok(None) };
        let entry = self.zip.by_index(index).map_err(|_| damaged())?;
        Ok(Some(Walk::new(BufReader::new(entry), self.limits.nesting_max, self.limits.token_bytes_max)))
    }

    /// Walks over a whole part; `false` if there is no such part.
    pub(crate) fn visit(&mut self, part: &str, visitor: &mut dyn Visitor) -> Result<bool, Refusal> {
        let Some(mut walk) = self.walk(part)? else { return Ok(false) };
        while walk.step(visitor)? {}
        Ok(true)
    }

    /// Where a part's bytes are; `None` if there is no such part.
    pub(crate) fn place(&mut self, part: &str) -> Result<Option<Place>, Refusal> {
        let Some(&index) = self.parts.get(part) else { return Ok(None) };
        let entry = self.zip.by_index_raw(index).map_err(|_| damaged())?;
        let stored = match entry.compression() {
            CompressionMethod::Stored => true,
            CompressionMethod::Deflated => false,
            _ => return Err(Refusal::new(Reason::Unsupported, "a part that is packed in an unusual way")),
        };
        if entry.encrypted() {
            return Err(Refusal::new(Reason::Encrypted, "a part is locked with a password"));
        }
        let start = entry.data_start().ok_or_else(damaged)?;
        Ok(Some(Place { start, packed_bytes: entry.compressed_size(), stored, crc32: entry.crc32() }))
    }

    /// The relationships of a part, or of the package for an empty name.
    pub(crate) fn relations(&mut self, part: &str) -> Result<Vec<Relation>, Refusal> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let sheet = if folder.is_empty() {
            format!("_rels/{name}.rels")
        } else {
            format!("{folder}/_rels/{name}.rels")
        };
        let mut relations = Relations { folder, list: Vec::new() };
        self.visit(&sheet, &mut relations)?;
        Ok(relations.list)
    }

    /// Parts that are held in memory must be small, and the shared strings' count must be honest: memory is
    /// reserved for it.
    fn check_held(&mut self) -> Result<(), Refusal> {
        let held = |name: &str| {
            let endings = [".rels", "workbook.xml", "styles.xml"];
            endings.iter().any(|ending| name.ends_with(ending)) || name.contains("theme/")
        };
        for name in self.names() {
            let index = self.parts.get(&name).copied().ok_or_else(damaged)?;
            let bytes = self.zip.by_index_data(index).map_err(|_| damaged())?.size();
            let strings = name.ends_with("sharedstrings.xml");
            let most = if strings { STRINGS_BYTES_MAX } else { HELD_BYTES_MAX };
            if (strings || held(&name)) && bytes > most {
                let detail = format!("a part that is held in memory is longer than {most} bytes");
                return Err(Refusal::new(Reason::TooLarge, detail));
            }
            if strings {
                self.check_count(&name, bytes)?;
            }
        }
        Ok(())
    }

    fn check_count(&mut self, part: &str, bytes: u64) -> Result<(), Refusal> {
        let mut count = StringCount::default();
        let Some(mut walk) = self.walk(part)? else { return Ok(()) };
        while !count.seen && walk.step(&mut count)? {}
        // The shortest string is `<si/>`.
        if count.unique > bytes / 5 {
            return Err(Refusal::new(
                Reason::Malformed,
                "more shared strings are announced than there can be",
            ));
        }
        Ok(())
    }
}

fn damaged() -> Refusal {
    Refusal::new(Reason::Malformed, "the package's directory is damaged")
}

#[derive(Default)]
struct StringCount {
    unique: u64,
    seen: bool,
}

impl Visitor for StringCount {
    fn start(&mut self, _: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        self.seen = true;
        let count = attributes.iter().find(|attribute| attribute.local() == "uniqueCount");
        let digits = count.map_or("0", |count| count.raw.trim());
        self.unique = digits.trim_start_matches('+').parse().unwrap_or(u64::MAX);
        Ok(())
    }

    fn run(&mut self, _: Run<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
}

struct Relations<'a> {
    folder: &'a str,
    list: Vec<Relation>,
}

impl Visitor for Relations<'_> {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        if local_name(name) != "Relationship" {
            return Ok(());
        }
        let value = |wanted: &str| attribute(attributes, wanted).map(Option::unwrap_or_default);
        let external = value("TargetMode")? == "External";
        let target = value("Target")?;
        let kind = value("Type")?;
        self.list.push(Relation {
            id: value("Id")?,
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: if external { target } else { resolve(self.folder, &target) },
            external,
        });
        Ok(())
    }

    fn run(&mut self, _: Run<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// An attribute's decoded value by its local name.
pub(crate) fn attribute(attributes: &[Attribute<'_>], local: &str) -> Result<Option<String>, Refusal> {
    let found = attributes.iter().find(|attribute| attribute.local() == local);
    found.map(|found| found.value().map(std::borrow::Cow::into_owned)).transpose()
}

/// A target as a part's name: relative to the folder, or absolute with a slash.
fn resolve(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for component in target.split('/') {
        match component {
            "" | "." => {}
            ".." => drop(path.pop()),
            component => path.push(component),
        }
    }
    path.retain(|component| !component.is_empty());
    path.join("/").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_become_names() {
        assert_eq!(resolve("xl/worksheets", "../comments1.xml"), "xl/comments1.xml");
        assert_eq!(resolve("xl", "worksheets/Sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve("xl", "/xl/workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve("", "xl/./workbook.xml"), "xl/workbook.xml");
        assert_eq!(resolve("xl", "../../../x"), "x");
    }
}
