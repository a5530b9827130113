//! Which part of a package is which sheet, and where its shared strings are. Reads names and relations only.

use super::WriteError;
use super::package::Package;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// Endings of the types of relations, the same in the transitional and the strict form of the standard.
const SHEET: &str = "/worksheet";
const STRINGS: &str = "/sharedStrings";
const WORKBOOK: &str = "/officeDocument";

/// The parts that are filled.
pub(super) struct Parts {
    /// Sheets in the workbook's order: name, and position of the part in the package.
    pub(super) sheets: Vec<(String, usize)>,
    /// Position of the shared strings.
    pub(super) strings: Option<usize>,
}

/// A relation: its type and what it leads to.
type Relations = HashMap<String, (String, String)>;

fn refused(what: &'static str) -> WriteError {
    WriteError::Package { what }
}

impl Parts {
    pub(super) fn read(package: &Package<'_>) -> Result<Self, WriteError> {
        let root = relations(package, "_rels/.rels", "")?;
        let mut books = root.values().filter(|(kind, _)| kind.ends_with(WORKBOOK));
        let (Some((_, book)), None) = (books.next(), books.next()) else {
            return Err(refused("it is no workbook"));
        };
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", book));
        let relations = relations(package, &join(folder, &format!("_rels/{file}.rels")), folder)?;
        let part = |name: &str| package.find(name).ok_or_else(|| refused("a part is missing"));
        let mut sheets = Vec::new();
        for (name, id) in sheet_names(&package.text(part(book)?)?)? {
            let Some((kind, target)) = relations.get(&id) else {
                return Err(refused("a sheet's part is missing"));
            };
            if !kind.ends_with(SHEET) {
                return Err(refused("it has a sheet of another kind than cells"));
            }
            sheets.push((name, part(target)?));
        }
        let strings = relations.values().find(|(kind, _)| kind.ends_with(STRINGS));
        let strings = strings.map(|(_, target)| part(target)).transpose()?;
        Ok(Self { sheets, strings })
    }

    /// Position of the part of a sheet.
    pub(super) fn sheet(&self, name: &str) -> Option<usize> {
        self.sheets.iter().find(|(own, _)| own == name).map(|(_, part)| *part)
    }
}

/// A path below a folder, or from the root; `..` is followed.
fn join(folder: &str, target: &str) -> String {
    let from_root = target.starts_with('/');
    let mut parts: Vec<&str> = if from_root { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// The attributes of an element that are asked for, unescaped, by local name.
fn attributes<const N: usize>(
    element: &BytesStart<'_>,
    names: [&str; N],
) -> Result<[Option<String>; N], WriteError> {
    let mut found = [const { None }; N];
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| refused("a part is not XML"))?;
        if let Some(at) = names.iter().position(|name| attribute.key.local_name().as_ref() == *name) {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            found[at] = Some(value.map_err(|_| refused("a part is not XML"))?.into_owned());
        }
    }
    Ok(found)
}

/// Calls `each` for every element of a name.
fn elements(
    text: &str,
    name: &str,
    mut each: impl FnMut(&BytesStart<'_>) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().map_err(|_| refused("a part is not XML"))? {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == name => {
                each(&element)?;
            }
            Event::DocType(_) => return Err(refused("a part has a document type")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn relations(package: &Package<'_>, part: &str, folder: &str) -> Result<Relations, WriteError> {
    let index = package.find(part).ok_or_else(|| refused("it is no workbook"))?;
    let mut found = HashMap::new();
    elements(&package.text(index)?, "Relationship", |element| {
        let [id, kind, target, mode] = attributes(element, ["Id", "Type", "Target", "TargetMode"])?;
        if let (Some(id), Some(kind), Some(target), None | Some("Internal")) =
            (id, kind, target, mode.as_deref())
        {
            found.insert(id, (kind, join(folder, &target)));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Names of the sheets and the IDs of their relations, in order.
fn sheet_names(text: &str) -> Result<Vec<(String, String)>, WriteError> {
    let mut names = Vec::new();
    elements(text, "sheet", |element| {
        let [name, id] = attributes(element, ["name", "id"])?;
        let (Some(name), Some(id)) = (name, id) else {
            return Err(refused("a sheet has no name or no part"));
        };
        names.push((name, id));
        Ok(())
    })?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_followed() {
        assert_eq!(join("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(join("xl", "/xl/sharedStrings.xml"), "xl/sharedStrings.xml");
        assert_eq!(join("xl/a", "../b.xml"), "xl/b.xml");
        assert_eq!(join("", "_rels/workbook.xml.rels"), "_rels/workbook.xml.rels");
    }
}
