//! Visitors for the parts of an XLSX package beside its cells: the list of sheets, comments, properties and
//! every other text a person could have left there.

use super::package::attribute;
use super::sheet::Comment;
use super::sheet::HiddenColumns;
use crate::formats::xml::lexer::{Attribute, Run, RunKind, Visitor, local_name};
use custody_rules::{Reason, Refusal};

/// Text bytes of the comments of one sheet; they are sorted in memory.
const COMMENTS_BYTES_MAX: usize = 64 << 20;

/// Takes a heading and a text.
pub(super) type TextSink<'a> = dyn FnMut(Option<&str>, &str) -> Result<(), Refusal> + 'a;

/// `xl/workbook.xml`: sheets in their order, defined names.
#[derive(Debug, Default)]
pub(super) struct WorkbookPart {
    /// Relationship and whether it is hidden, sheet by sheet.
    pub(super) sheets: Vec<(String, bool)>,
    /// Names and what they stand for.
    pub(super) defined: Vec<String>,
    in_name: bool,
}

impl Visitor for WorkbookPart {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        match local_name(name) {
            "sheet" => {
                let state = attribute(attributes, "state")?;
                let hidden = matches!(state.as_deref(), Some("hidden" | "veryHidden"));
                // The only attribute with a prefix is the relationship's; `sheetId` is another one.
                self.sheets.push((attribute(attributes, "id")?.unwrap_or_default(), hidden));
            }
            "definedName" => {
                self.in_name = true;
                for own in ["name", "comment", "description"] {
                    self.defined.extend(attribute(attributes, own)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        if self.in_name {
            self.defined.push(run.trimmed().text()?.into_owned());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.in_name = false;
        Ok(())
    }
}

/// The comments of a sheet, old (`comments`) and threaded, and their authors.
#[derive(Debug, Default)]
pub(super) struct Comments {
    list: Vec<Comment>,
    authors: Vec<String>,
    stack: Vec<String>,
    current: Option<Comment>,
    bytes: usize,
}

impl Comments {
    /// All of them in order of rows and columns.
    pub(super) fn sorted(mut self) -> Vec<Comment> {
        self.list.sort_by_key(|comment| (comment.row, comment.column));
        self.list
    }

    fn keep(&mut self, comment: Comment) -> Result<(), Refusal> {
        self.bytes += comment.text.len();
        if self.bytes > COMMENTS_BYTES_MAX {
            let detail = format!("the comments of a sheet are longer than {COMMENTS_BYTES_MAX} bytes");
            return Err(Refusal::new(Reason::TooLarge, detail));
        }
        if !comment.text.trim().is_empty() {
            self.list.push(comment);
        }
        Ok(())
    }
}

impl Visitor for Comments {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let local = local_name(name);
        self.stack.push(local.to_owned());
        match local {
            "comments" => self.authors.clear(),
            "author" => self.authors.push(String::new()),
            "comment" | "threadedComment" => {
                let place = attribute(attributes, "ref")?.unwrap_or_default();
                let (row, column) = place_of(&place).ok_or_else(|| bad_place("comment"))?;
                let author = attribute(attributes, "authorId")?.and_then(|id| id.parse::<usize>().ok());
                if let Some(text) = author.and_then(|id| self.authors.get(id)).cloned() {
                    self.keep(Comment { row, column, heading: Some("Author"), text })?;
                }
                self.current = Some(Comment { row, column, heading: None, text: String::new() });
            }
            _ => {}
        }
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        if !matches!(run.kind, RunKind::Text | RunKind::Cdata) {
            return Ok(());
        }
        let text = run.text()?;
        match (self.stack.last().map(String::as_str), &mut self.current, self.authors.last_mut()) {
            (Some("author"), _, Some(author)) => author.push_str(&text),
            (_, Some(comment), _) => comment.text.push_str(&text),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let ended = self.stack.pop();
        if matches!(ended.as_deref(), Some("comment" | "threadedComment"))
            && let Some(comment) = self.current.take()
        {
            self.keep(comment)?;
        }
        Ok(())
    }
}

fn bad_place(what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, format!("a {what} on a cell that cannot be"))
}

/// Row and column, both from 0, of `B12` or of the first cell of `B12:C13`.
pub(super) fn place_of(reference: &str) -> Option<(u32, u32)> {
    let first = reference.split(':').next()?.replace('$', "");
    let split = first.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = first.split_at(split);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        letter.is_ascii_alphabetic().then(|| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column - 1))
}

/// What stands around the cells of a worksheet: hidden columns before them; headers, footers, lists of allowed
/// values, links after them. Cells themselves are passed over.
pub(super) struct SheetPart<'s, 'a> {
    pub(super) hidden_columns: HiddenColumns,
    /// Whether the cells have begun.
    pub(super) cells_begun: bool,
    stack: Vec<String>,
    sink: &'s mut TextSink<'a>,
}

impl<'s, 'a> SheetPart<'s, 'a> {
    pub(super) fn new(sink: &'s mut TextSink<'a>) -> Self {
        Self { hidden_columns: HiddenColumns::default(), cells_begun: false, stack: Vec::new(), sink }
    }

    fn within(&self, element: &str) -> bool {
        self.stack.iter().any(|open| open == element)
    }
}

impl Visitor for SheetPart<'_, '_> {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        // Worksheet, sheetData, row, cell and below: nothing to keep track of.
        if self.stack.get(1).is_some_and(|open| open == "sheetData") {
            self.stack.push(String::new());
            return Ok(());
        }
        let local = local_name(name);
        self.stack.push(local.to_owned());
        match local {
            "sheetData" => self.cells_begun = true,
            "col"
                if attribute(attributes, "hidden")?
                    .is_some_and(|hidden| hidden == "1" || hidden == "true") =>
            {
                let number = |name: &str| -> Result<Option<u32>, Refusal> {
                    Ok(attribute(attributes, name)?.and_then(|n| n.parse::<u32>().ok()?.checked_sub(1)))
                };
                if let (Some(first), Some(last)) = (number("min")?, number("max")?) {
                    self.hidden_columns.hide(first, last);
                }
            }
            "hyperlink" => text_attributes(attributes, &["display", "tooltip", "location"], self.sink)?,
            "dataValidation" => {
                text_attributes(attributes, &["prompt", "promptTitle", "error", "errorTitle"], self.sink)?;
            }
            "protectedRange" | "scenario" => {
                text_attributes(attributes, &["name", "user", "comment"], self.sink)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        let open = self.stack.last().map_or("", String::as_str);
        if self.within("sheetData") || open.is_empty() {
            return Ok(());
        }
        let text = run.trimmed().text()?;
        if self.within("headerFooter") {
            return (self.sink)(None, header_text(&text).trim());
        }
        let literal = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match literal {
            Some(list) if self.within("dataValidation") => list
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .try_for_each(|item| (self.sink)(None, item)),
            _ => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.stack.pop();
        Ok(())
    }
}

/// A header's or footer's text without its codes: `&L`, `&"Arial,Bold"`, `&12`.
fn header_text(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => out.push('&'),
            Some('"') => chars.by_ref().take_while(|&c| c != '"').for_each(drop),
            Some(digit) if digit.is_ascii_digit() => while chars.next_if(char::is_ascii_digit).is_some() {},
            Some('K') => {
                for _ in 0..6 {
                    let _ = chars.next_if(char::is_ascii_hexdigit);
                }
            }
            _ => out.push(' '),
        }
    }
    out
}

fn text_attributes(
    attributes: &[Attribute<'_>],
    names: &[&str],
    sink: &mut TextSink<'_>,
) -> Result<(), Refusal> {
    for attribute in attributes.iter().filter(|attribute| names.contains(&attribute.local())) {
        let text = attribute.value()?;
        if !text.trim().is_empty() {
            sink(None, text.trim())?;
        }
    }
    Ok(())
}

/// Every text of a part, paragraph by paragraph, and the attributes in which people are named. The heading is
/// that of a property: its own name.
pub(super) struct Texts<'s, 'a> {
    stack: Vec<String>,
    property: Option<String>,
    paragraph: String,
    sink: &'s mut TextSink<'a>,
}

impl<'s, 'a> Texts<'s, 'a> {
    pub(super) fn new(sink: &'s mut TextSink<'a>) -> Self {
        Self { stack: Vec::new(), property: None, paragraph: String::new(), sink }
    }
}

impl Visitor for Texts<'_, '_> {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let local = local_name(name);
        self.stack.push(local.to_owned());
        if local == "property" || local == "user-defined" {
            self.property = attribute(attributes, "name")?;
            if let Some(name) = &self.property {
                (self.sink)(None, name)?;
            }
        }
        text_attributes(
            attributes,
            &["displayName", "userId", "descr", "title", "v", "altText", "sheetName"],
            self.sink,
        )
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        let text = run.text()?;
        // The runs of a paragraph of a drawing are one text.
        if self.stack.iter().any(|open| open == "p") && run.kind == RunKind::Text {
            self.paragraph.push_str(&text);
            return Ok(());
        }
        let heading = self.property.as_deref().or(self.stack.last().map(String::as_str));
        (self.sink)(heading, text.trim())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let ended = self.stack.pop();
        match ended.as_deref() {
            Some("property" | "user-defined") => self.property = None,
            Some("p") if !self.paragraph.trim().is_empty() => (self.sink)(None, self.paragraph.trim())?,
            _ => return Ok(()),
        }
        self.paragraph.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_places() {
        assert_eq!(place_of("A1"), Some((0, 0)));
        assert_eq!(place_of("$XFD$1048576:A1"), Some((1_048_575, 16_383)));
        for bad in ["", "1", "A", "A0", "AAAA1", "A-1", "é1", "A99999999999"] {
            assert_eq!(place_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn headers_lose_their_codes() {
        assert_eq!(header_text("&L&\"Arial,Bold\"&12Ann Lee&C&KFF0000R&&D&R&P").trim(), "Ann Lee R&D");
    }
}
