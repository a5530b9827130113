//! Opens a written workbook as what it is, a package of XML parts: every text in it, for the search for known
//! values, and everything in it that must not be there. It knows no cells; those are scanned by a reader.

use custody_rules::{Limits, Reason, Refusal, Syntax};
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

/// Parts of one package.
const PARTS_MAX: usize = 10_000;

/// Elements open at once in one part.
const DEPTH_MAX: usize = 256;

/// Expanded bytes of a package whose structure is checked; what is longer was refused before.
const STRUCTURE_BYTES_MAX: u64 = 64 << 30;

/// Takes the name of a part and one decoded text of it.
pub type TextSink<'a> = dyn FnMut(&str, &str) -> Result<(), Refusal> + 'a;

/// Name of the part that holds the library's own colours and fonts; some fonts are named as people are.
const THEME: &str = "xl/theme/theme1.xml";

/// Gives every text and every attribute's value of every part to `sink`, decoded and one by one. A theme that
/// is byte for byte the library's own is left out.
///
/// # Errors
/// A [`Refusal`] when it is no package of well-formed XML parts within the limits, or one of `sink`.
pub fn part_texts(file: File, limits: &Limits, sink: &mut TextSink<'_>) -> Result<(), Refusal> {
    let mut package = Package::open(file, limits.expanded_bytes_max)?;
    for index in 0..package.zip.len() {
        if package.name(index)? == THEME && package.has_own_theme(index)? {
            continue;
        }
        package.walk(index, &mut |part, node| match node {
            Node::Start(_, attributes) => attributes.iter().try_for_each(|(_, value)| sink(part, value)),
            Node::Text(text) => sink(part, &unescaped(text)),
        })?;
    }
    Ok(())
}

/// Lists in plain words what a rebuilt workbook must not hold: parts of other kinds, hidden sheets, rows and
/// columns, formulas, defined names, links, comments, properties, bytes outside the package. Empty is good.
///
/// # Errors
/// A [`Refusal`] when it is no package of well-formed XML parts.
pub fn structure(file: File) -> Result<Vec<String>, Refusal> {
    let mut package = Package::open(file, STRUCTURE_BYTES_MAX)?;
    let mut faults = Faults::default();
    if package.zip.offset() != 0 || !package.zip.comment().is_empty() {
        faults.add("bytes outside the package's parts");
    }
    for index in 0..package.zip.len() {
        let part = package.name(index)?;
        if let Some(fault) = part_fault(&part) {
            faults.add(fault);
            continue;
        }
        let mut element = String::new();
        package.walk(index, &mut |part, node| {
            match node {
                Node::Start(name, attributes) => {
                    name.clone_into(&mut element);
                    element_faults(name, attributes)
                        .into_iter()
                        .flatten()
                        .for_each(|fault| faults.add(fault));
                }
                Node::Text(_)
                    if part == "docProps/core.xml" && !matches!(&*element, "created" | "modified") =>
                {
                    faults.add("a document property");
                }
                Node::Text(_) => {}
            }
            Ok(())
        })?;
    }
    Ok(faults.0)
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: &str) {
        if !self.0.iter().any(|known| known == fault) {
            self.0.push(fault.to_owned());
        }
    }
}

/// What is wrong with a part of this name; `None` for the parts of a plain workbook.
fn part_fault(part: &str) -> Option<&'static str> {
    const PLAIN: [&str; 8] = [
        "[Content_Types].xml",
        "_rels/.rels",
        "docProps/app.xml",
        "docProps/core.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
    ];
    const KINDS: [(&str, &str); 14] = [
        ("worksheets/_rels", "links or objects of a sheet"),
        ("comment", "comments"),
        ("person", "comments"),
        ("vba", "macros"),
        ("macro", "macros"),
        ("externallink", "external links"),
        ("pivot", "pivot tables or caches"),
        ("customxml", "custom XML"),
        ("docprops/custom", "custom document properties"),
        ("drawing", "drawings"),
        ("media", "media"),
        ("chart", "charts"),
        ("printersettings", "printer settings"),
        ("embedding", "embedded files"),
    ];
    let number = |prefix: &str| part.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".xml"));
    let numbered = number("xl/worksheets/sheet").or_else(|| number("xl/theme/theme"));
    let is_sheet = numbered.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if PLAIN.contains(&part) || is_sheet {
        return None;
    }
    let lower = part.to_ascii_lowercase();
    let kind = KINDS.iter().find(|(word, _)| lower.contains(word));
    Some(kind.map_or("a part of an unknown kind", |(_, fault)| fault))
}

/// What is wrong with an element: by its name, and by its attributes.
fn element_faults(name: &str, attributes: &[(String, String)]) -> [Option<&'static str>; 2] {
    let by_name = match name {
        "f" => Some("formulas"),
        "definedName" => Some("defined names"),
        "hyperlink" => Some("hyperlinks"),
        "comment" | "legacyDrawing" => Some("comments"),
        "drawing" => Some("drawings"),
        "dataValidation" => Some("data validation lists"),
        "headerFooter" => Some("headers or footers"),
        "externalReference" => Some("external links"),
        "pivotCache" => Some("pivot tables or caches"),
        "oleObject" | "control" => Some("embedded files"),
        "extLst" => Some("extensions"),
        _ => None,
    };
    let is = |wanted: &str, values: &[&str]| {
        attributes.iter().any(|(key, value)| key == wanted && values.contains(&value.as_str()))
    };
    let by_attribute = match name {
        "sheet" if is("state", &["hidden", "veryHidden"]) => Some("hidden sheets"),
        "row" | "col" if is("hidden", &["1", "true"]) => Some("hidden rows or columns"),
        "Relationship" if is("TargetMode", &["External"]) => Some("external links"),
        _ => None,
    };
    [by_name, by_attribute]
}

/// What a walk over a part meets: local names, decoded values.
enum Node<'a> {
    Start(&'a str, &'a [(String, String)]),
    Text(&'a str),
}

type Visit<'a> = dyn FnMut(&str, Node<'_>) -> Result<(), Refusal> + 'a;

struct Package {
    zip: ZipArchive<File>,
    bytes_left: u64,
}

impl Package {
    fn open(file: File, expanded_bytes_max: u64) -> Result<Self, Refusal> {
        let zip = ZipArchive::new(file).map_err(|_| malformed("it is no whole package"))?;
        if zip.len() > PARTS_MAX || zip.has_duplicate_names() {
            return Err(malformed("too many parts, or two of the same name"));
        }
        Ok(Self { zip, bytes_left: expanded_bytes_max })
    }

    fn name(&mut self, index: usize) -> Result<String, Refusal> {
        let name = self.zip.name_for_index(index).and_then(Result::ok);
        name.map(Cow::into_owned).ok_or_else(|| malformed("a part without a name"))
    }

    /// Whether a part is the theme of an empty workbook, as the library writes it.
    fn has_own_theme(&mut self, index: usize) -> Result<bool, Refusal> {
        let plain = rust_xlsxwriter::Workbook::new().save_to_buffer().map_err(|_| malformed("no theme"))?;
        let mut plain = ZipArchive::new(Cursor::new(plain)).map_err(|_| malformed("no theme"))?;
        let mut own = Vec::new();
        let mut theme = plain.by_name(THEME).map_err(|_| malformed("no theme"))?;
        theme.read_to_end(&mut own)?;
        let mut found = Vec::new();
        let part = self.zip.by_index(index).map_err(|_| malformed("a part that cannot be opened"))?;
        part.take(own.len() as u64 + 1).read_to_end(&mut found)?;
        Ok(found == own)
    }

    fn walk(&mut self, index: usize, visit: &mut Visit<'_>) -> Result<(), Refusal> {
        let part = self.name(index)?;
        let entry = self.zip.by_index(index).map_err(|_| malformed("a part that cannot be opened"))?;
        if entry.is_dir() {
            return Ok(());
        }
        let mut reader = quick_xml::Reader::from_reader(BufReader::new(entry.take(self.bytes_left)));
        let (mut buffer, mut text, mut depth) = (Vec::new(), String::new(), 0_usize);
        loop {
            buffer.clear();
            let event =
                reader.read_event_into(&mut buffer).map_err(|_| malformed("a part that is not XML"))?;
            match &event {
                Event::Text(piece) => text.push_str(piece),
                Event::GeneralRef(name) => text.extend(["&", &**name, ";"]),
                _ => {
                    flush(&part, &mut text, visit)?;
                    depth = markup(&part, &event, depth, visit)?;
                }
            }
            if matches!(event, Event::Eof) {
                break;
            }
        }
        self.bytes_left = reader.into_inner().into_inner().limit();
        if self.bytes_left == 0 {
            return Err(Refusal::new(Reason::TooLarge, "the package expands beyond the limit"));
        }
        if depth == 0 { Ok(()) } else { Err(malformed("a part that ends too early")) }
    }
}

/// Visits one piece of markup; gives the depth after it.
fn markup(part: &str, event: &Event<'_>, depth: usize, visit: &mut Visit<'_>) -> Result<usize, Refusal> {
    match event {
        Event::Start(_) if depth >= DEPTH_MAX => return Err(malformed("a part that is nested too deep")),
        Event::Start(tag) => return start(part, tag, visit).map(|()| depth + 1),
        Event::Empty(tag) => start(part, tag, visit)?,
        Event::End(_) => return Ok(depth.saturating_sub(1)),
        Event::CData(piece) => visit(part, Node::Text(piece))?,
        Event::Comment(piece) => visit(part, Node::Text(piece))?,
        Event::PI(piece) => visit(part, Node::Text(piece))?,
        Event::DocType(_) => return Err(malformed("a part with a document type")),
        _ => {}
    }
    Ok(depth)
}

fn start(part: &str, tag: &BytesStart<'_>, visit: &mut Visit<'_>) -> Result<(), Refusal> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| malformed("an attribute that is not well formed"))?;
        let value = decode(Syntax::XmlAttribute, &attribute.value)?;
        attributes.push((attribute.key.local_name().into_inner().to_owned(), value));
    }
    visit(part, Node::Start(tag.local_name().into_inner(), &attributes))
}

fn flush(part: &str, raw: &mut String, visit: &mut Visit<'_>) -> Result<(), Refusal> {
    if !raw.trim().is_empty() {
        visit(part, Node::Text(&decode(Syntax::XmlText, raw)?))?;
    }
    raw.clear();
    Ok(())
}

fn decode(syntax: Syntax, raw: &str) -> Result<String, Refusal> {
    let text = syntax.decode(raw).ok_or_else(|| malformed("a reference to an unknown entity"))?;
    Ok(text.into_owned())
}

/// Undoes the `_xHHHH_` with which spreadsheets write control characters.
fn unescaped(text: &str) -> Cow<'_, str> {
    let escape = |rest: &str| {
        let digits =
            rest.get(2..6).filter(|_| rest.starts_with("_x") && rest.as_bytes().get(6) == Some(&b'_'))?;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    };
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match escape(rest) {
            Some(c) => {
                out.push(c);
                7
            }
            None => {
                out.push('_');
                1
            }
        };
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(Reason::Malformed, format!("the written workbook does not open: {what}"))
}

#[cfg(test)]
mod tests;
