//! What a workbook's parts say besides its cells: which part a sheet is, number formats of columns, merged and hidden
//! cells, drop-down lists. Reads no data.

use super::{EXPANDED_BYTES_MAX, TemplateError};
use crate::expand::{Unfit, check_expanded};
use crate::template::xml::{Node, Tag, XmlError, walk};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use zip::ZipArchive;

/// Ranges of lists, merged ranges and column runs of one sheet.
const RANGES_MAX: usize = 40_000;
/// Rows below this one, from 0, hold nothing that is looked at.
const ROW_LAST: u32 = 1_000;
/// Characters of a list's formula, or of the cells that have it.
const LIST_CHARS_MAX: usize = 1 << 20;
/// The part that lists the sheets.
const WORKBOOK: &str = "xl/workbook.xml";
/// Number format `@`, as every workbook has it.
const FORMAT_TEXT: u32 = 49;

/// An open package.
pub(super) struct Package {
    archive: ZipArchive<BufReader<File>>,
}

/// A sheet as the workbook lists it.
pub(super) struct SheetPart {
    /// Its name.
    pub(super) name: String,
    /// The path of its part.
    pub(super) path: String,
    /// Whether it is hidden.
    pub(super) hidden: bool,
}

/// Cells from the first to the last, both counted from 0 and included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
}

impl Range {
    /// Whether a cell is in it.
    pub(super) fn has(&self, row: u32, column: u32) -> bool {
        (self.rows.0..=self.rows.1).contains(&row) && (self.columns.0..=self.columns.1).contains(&column)
    }
}

/// A drop-down list.
pub(super) struct List {
    /// The cells that have it.
    pub(super) ranges: Vec<Range>,
    /// What it offers; `None` when it refers to cells.
    pub(super) choices: Option<Vec<String>>,
}

/// What a sheet's part says besides its cells.
#[derive(Default)]
pub(super) struct Extras {
    /// Runs of columns whose number format is text.
    pub(super) texts: Vec<(u32, u32)>,
    /// Runs of columns that are hidden.
    pub(super) hidden: Vec<(u32, u32)>,
    /// Merged cells.
    pub(super) merged: Vec<Range>,
    /// Drop-down lists.
    pub(super) lists: Vec<List>,
}

impl Package {
    /// Opens a package; expands every part to nowhere first, so that a bomb is found before it is used. Declared sizes
    /// can lie.
    pub(super) fn open(file: File) -> Result<Self, TemplateError> {
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| TemplateError::Workbook)?;
        check_expanded(&mut archive, EXPANDED_BYTES_MAX).map_err(|unfit| match unfit {
            Unfit::Damaged => TemplateError::Workbook,
            Unfit::TooLarge => TemplateError::TooLarge { limit_bytes: EXPANDED_BYTES_MAX },
        })?;
        Ok(Self { archive })
    }

    /// Gives the file back.
    pub(super) fn into_reader(self) -> BufReader<File> {
        self.archive.into_inner()
    }

    /// The sheets in order.
    pub(super) fn sheets(&mut self) -> Result<Vec<SheetPart>, TemplateError> {
        self.check_root()?;
        let mut listed = Vec::new();
        self.walk(WORKBOOK, &mut |node| {
            if let Node::Start("sheet", tag) = node {
                let hidden = tag.get("state")?.is_some_and(|state| state != "visible");
                let (name, id) = (tag.get("name")?, tag.get("id")?);
                listed.push((name.ok_or(XmlError::Malformed)?, id.ok_or(XmlError::Malformed)?, hidden));
            }
            bounded(listed.len())
        })?;
        let mut targets = HashMap::new();
        self.walk("xl/_rels/workbook.xml.rels", &mut |node| {
            if let Node::Start("Relationship", tag) = node
                && let (Some(id), Some(target)) = (tag.get("Id")?, tag.get("Target")?)
            {
                targets.insert(id, target);
            }
            bounded(targets.len())
        })?;
        let part = |(name, id, hidden): (String, String, bool)| {
            let target = targets.get(&id).ok_or(TemplateError::Workbook)?;
            let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), ToOwned::to_owned);
            Ok(SheetPart { name, path, hidden })
        };
        listed.into_iter().map(part).collect()
    }

    /// The workbook has to be where every program puts it, so that all that read the file read the same.
    fn check_root(&mut self) -> Result<(), TemplateError> {
        let mut is_workbook = false;
        self.walk("_rels/.rels", &mut |node| {
            if let Node::Start("Relationship", tag) = node
                && tag.get("Type")?.is_some_and(|kind| kind.ends_with("/officeDocument"))
            {
                is_workbook = tag.get("Target")?.is_some_and(|part| part.trim_start_matches('/') == WORKBOOK);
            }
            Ok(())
        })?;
        if is_workbook { Ok(()) } else { Err(TemplateError::Workbook) }
    }

    /// The cell styles whose number format is text, by their number.
    pub(super) fn text_styles(&mut self) -> Result<HashSet<u32>, TemplateError> {
        if self.archive.index_for_name("xl/styles.xml").is_none() {
            return Ok(HashSet::new());
        }
        let (mut formats, mut texts) = (HashSet::from([FORMAT_TEXT]), HashSet::new());
        let (mut inside, mut number) = (false, 0);
        self.walk("xl/styles.xml", &mut |node| {
            match node {
                Node::Start("numFmt", tag) if tag.get("formatCode")?.as_deref() == Some("@") => {
                    formats.extend(numbered(tag, "numFmtId")?);
                }
                Node::Start("cellXfs", _) => inside = true,
                Node::End("cellXfs") => inside = false,
                Node::Start("xf", tag) if inside => {
                    if numbered(tag, "numFmtId")?.is_some_and(|id| formats.contains(&id)) {
                        texts.insert(number);
                    }
                    number += 1;
                }
                _ => {}
            }
            bounded(number as usize)
        })?;
        Ok(texts)
    }

    /// Reads a sheet's part; the cells are passed over.
    pub(super) fn extras(&mut self, path: &str, texts: &HashSet<u32>) -> Result<Extras, TemplateError> {
        let mut extras = Extras::default();
        let (mut list, mut ranges) = (Pending::default(), 0);
        self.walk(path, &mut |node| {
            match node {
                Node::Start("col", tag) => column_run(tag, texts, &mut extras)?,
                Node::Start("mergeCell", tag) => {
                    let range = tag.get("ref")?.as_deref().and_then(range);
                    extras.merged.extend(Some(range.ok_or(XmlError::Malformed)?).filter(is_seen));
                }
                Node::Start(name, tag) => list.start(name, tag)?,
                Node::Text(text) => list.text(text)?,
                Node::End("dataValidation") => {
                    let list = list.end()?.filter(|list| !list.ranges.is_empty());
                    ranges += list.as_ref().map_or(0, |list| list.ranges.len());
                    extras.lists.extend(list);
                }
                Node::End(_) => list.into = Into::Nothing,
            }
            bounded(ranges.max(extras.merged.len()).max(extras.texts.len()).max(extras.hidden.len()))
        })?;
        Ok(extras)
    }

    fn walk(
        &mut self,
        path: &str,
        visit: &mut dyn FnMut(Node<'_>) -> Result<(), XmlError>,
    ) -> Result<(), TemplateError> {
        let part = self.archive.by_name(path).map_err(|_| TemplateError::Workbook)?;
        walk(BufReader::new(part), EXPANDED_BYTES_MAX, visit).map_err(|_| TemplateError::Workbook)
    }
}

fn bounded(count: usize) -> Result<(), XmlError> {
    if count > RANGES_MAX { Err(XmlError::Malformed) } else { Ok(()) }
}

fn numbered(tag: Tag<'_>, name: &str) -> Result<Option<u32>, XmlError> {
    tag.get(name)?.map(|text| text.parse().map_err(|_| XmlError::Malformed)).transpose()
}

fn column_run(tag: Tag<'_>, texts: &HashSet<u32>, extras: &mut Extras) -> Result<(), XmlError> {
    let (first, last) = (numbered(tag, "min")?, numbered(tag, "max")?);
    let (Some(first), Some(last)) = (first, last) else { return Err(XmlError::Malformed) };
    let run = (first.saturating_sub(1), last.saturating_sub(1));
    if numbered(tag, "style")?.is_some_and(|style| texts.contains(&style)) {
        extras.texts.push(run);
    }
    if tag.get("hidden")?.is_some_and(|hidden| matches!(hidden.as_str(), "1" | "true")) {
        extras.hidden.push(run);
    }
    Ok(())
}

/// Where the text that follows belongs.
#[derive(Default)]
enum Into {
    #[default]
    Nothing,
    Cells,
    Formula,
}

/// A drop-down list that is being read.
#[derive(Default)]
struct Pending {
    is_list: bool,
    cells: String,
    formula: String,
    into: Into,
}

impl Pending {
    fn start(&mut self, name: &str, tag: Tag<'_>) -> Result<(), XmlError> {
        match name {
            "dataValidation" => {
                *self = Self { is_list: tag.get("type")?.as_deref() == Some("list"), ..Self::default() };
                self.cells = tag.get("sqref")?.unwrap_or_default();
            }
            "sqref" => self.into = Into::Cells,
            "formula1" => self.into = Into::Formula,
            // Later editions of the format put the text of a formula one element deeper.
            "f" => {}
            _ => self.into = Into::Nothing,
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        let target = match self.into {
            Into::Nothing => return Ok(()),
            Into::Cells => &mut self.cells,
            Into::Formula => &mut self.formula,
        };
        target.push_str(text);
        if target.len() > LIST_CHARS_MAX { Err(XmlError::Malformed) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<Option<List>, XmlError> {
        let done = std::mem::take(self);
        if !done.is_list {
            return Ok(None);
        }
        let ranges: Option<Vec<Range>> = done.cells.split_ascii_whitespace().map(range).collect();
        let mut ranges = ranges.ok_or(XmlError::Malformed)?;
        ranges.retain(is_seen);
        Ok(Some(List { ranges, choices: choices(done.formula.trim()) }))
    }
}

/// Whether a range begins where it can say something about the template.
fn is_seen(range: &Range) -> bool {
    range.rows.0 <= ROW_LAST
}

/// What an inline list offers: `"A,B"`.
fn choices(formula: &str) -> Option<Vec<String>> {
    let inline = formula.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"");
    Some(
        inline
            .split(',')
            .map(|choice| choice.trim().to_owned())
            .filter(|choice| !choice.is_empty())
            .collect(),
    )
}

/// `B2` or `B2:F9`.
fn range(text: &str) -> Option<Range> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let (first, last) = (cell(first)?, cell(last)?);
    (first.0 <= last.0 && first.1 <= last.1)
        .then_some(Range { rows: (first.0, last.0), columns: (first.1, last.1) })
}

/// Row and column, from 0, of `$B$2`.
fn cell(text: &str) -> Option<(u32, u32)> {
    let text = text.replace('$', "");
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = text.split_at(digits);
    let value =
        |c: char| c.is_ascii_alphabetic().then(|| u32::from(c.to_ascii_uppercase()) - u32::from('A') + 1);
    let column = letters.chars().try_fold(0_u32, |sum, c| sum.checked_mul(26)?.checked_add(value(c)?))?;
    let row = number.parse::<u32>().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let expected = Range { rows: (5, 31_999), columns: (137, 138) };
        assert_eq!(range("EH6:EI32000"), Some(expected));
        assert_eq!(range("$B$2"), Some(Range { rows: (1, 1), columns: (1, 1) }));
        assert!(expected.has(5, 137) && !expected.has(4, 137) && !expected.has(5, 139));
        for odd in ["", "B", "2", "B0", "B2:A1", "B2:C", "B-2", "É2"] {
            assert_eq!(range(odd), None, "{odd}");
        }
    }

    #[test]
    fn inline_lists_are_told_from_references() {
        assert_eq!(choices("\"WID, Employee_ID\""), Some(vec!["WID".to_owned(), "Employee_ID".to_owned()]));
        assert_eq!(choices("Lists!$A$1:$A$9"), None);
        assert_eq!(choices(""), None);
    }
}
