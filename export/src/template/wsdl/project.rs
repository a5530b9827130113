//! Walks a request's types and makes columns of them: attributes first, then elements in their order; a complex child is
//! a new area, a repeating one a group; sub-processes become sheets of their own.

use super::schema::{Complex, Field, Kind, Schema, Simple};
use super::{Projected, WsdlError};
use crate::template::draft::{self, COLUMNS_MAX, Draft, Header};
use crate::template::model::{Marks, Provenance, Template};
use crate::{CellFormat, Restriction};

/// Sheets of a template.
const SHEETS_MAX: usize = 200;
/// How deep areas may stand in each other.
const DEPTH_MAX: usize = 64;
/// Elements that are looked at; the largest operation of the public services has some thousands.
const VISITS_MAX: u32 = 200_000;
/// Children that hold what the overview says.
const PARAMETERS: [&str; 2] = ["Business_Process_Parameters", "Business_Sub_Process_Parameters"];
/// Names of children that are processes of their own end so.
const SUB_PROCESS: [&str; 2] = ["_Sub_Process", "_Sub_Business_Process"];
/// Types of XML Schema that are numbers.
const NUMBERS: [&str; 11] = [
    "decimal",
    "integer",
    "int",
    "long",
    "short",
    "byte",
    "double",
    "float",
    "nonNegativeInteger",
    "positiveInteger",
    "unsignedInt",
];
/// Further types of XML Schema that a value can have.
const PLAIN: [&str; 11] = [
    "boolean",
    "date",
    "dateTime",
    "time",
    "string",
    "normalizedString",
    "token",
    "anyURI",
    "language",
    "base64Binary",
    "hexBinary",
];
/// The attribute by which IDs of other systems are told.
const SYSTEM_ID: &str = "System_ID";

/// Makes the template of an operation that the schema has.
pub(super) fn project(schema: &Schema, operation: &str) -> Result<Projected, WsdlError> {
    let name = words(operation);
    let root = schema.request(operation).ok_or(WsdlError::NoOperation)?;
    let request = schema.complex.get(root).ok_or_else(|| WsdlError::Type(root.to_owned()))?;
    let is_process = has_parameters(request);
    let mut work = Work { schema, sheets: Vec::new(), cut: Vec::new(), visits: 0 };
    let outer = if is_process { "All".to_owned() } else { name.clone() };
    work.sheets.push(Target { draft: Draft::new(&name, true), outer });
    let mut place =
        Place { sheet: 0, area: "All".to_owned(), path: Vec::new(), types: vec![root.to_owned()] };
    let data: Vec<&Field> = request.children.iter().filter(|c| !is_parameters(c)).collect();
    match data.as_slice() {
        // The process's own data are the transaction itself.
        [only] if is_process && !only.many && request.attributes.is_empty() => {
            let kind = named(only).ok_or_else(|| WsdlError::Type(only.name.clone()))?;
            place.types.push(kind.to_owned());
            let complex = schema.complex.get(kind).ok_or_else(|| WsdlError::Type(kind.to_owned()))?;
            work.members(&place, complex)?;
        }
        _ => work.members(&place, request)?,
    }
    let sheets = draft::sheets(work.sheets.into_iter().map(|target| target.draft).collect());
    let overview = is_process.then(|| draft::overview(&name, &sheets));
    let version = schema.version.clone();
    let template = Template { operation: name, version, provenance: Provenance::Wsdl, overview, sheets };
    template.check()?;
    Ok(Projected { template, cut: work.cut })
}

/// A sheet in the making, and what stands before the path of its areas.
struct Target {
    draft: Draft,
    outer: String,
}

/// Where the walk is.
struct Place {
    sheet: usize,
    /// The area as row 2 has it.
    area: String,
    /// The areas around, with their marks, from outside in; the last one is this area's own.
    path: Vec<String>,
    /// The types around.
    types: Vec<String>,
}

struct Work<'a> {
    schema: &'a Schema,
    sheets: Vec<Target>,
    cut: Vec<String>,
    /// Elements that were looked at.
    visits: u32,
}

impl<'a> Work<'a> {
    /// Attributes, then elements; those of the type that is extended first.
    fn members(&mut self, place: &Place, complex: &'a Complex) -> Result<(), WsdlError> {
        if let Some(name) = &complex.base {
            if place.types.len() > DEPTH_MAX {
                return Err(WsdlError::Limit("areas within areas"));
            }
            let base = self.schema.complex.get(name).ok_or_else(|| WsdlError::Type(name.clone()))?;
            let types = place.types.iter().chain([name]).cloned().collect();
            let (area, path) = (place.area.clone(), place.path.clone());
            self.members(&Place { sheet: place.sheet, area, path, types }, base)?;
        }
        for attribute in &complex.attributes {
            self.simple(place, attribute)?;
        }
        for child in complex.children.iter().filter(|child| !is_parameters(child)) {
            self.child(place, child)?;
        }
        Ok(())
    }

    fn child(&mut self, place: &Place, child: &'a Field) -> Result<(), WsdlError> {
        // Types that use each other twice are 2^types elements, whether they hold a field or not.
        self.visits += 1;
        if self.visits > VISITS_MAX {
            return Err(WsdlError::Limit("elements"));
        }
        let Some(kind) = named(child) else { return self.simple(place, child) };
        let Some(complex) = self.schema.complex.get(kind) else { return self.simple(place, child) };
        if place.types.iter().any(|outer| outer == kind) {
            self.cut.push(format!("{}: {}", self.sheets[place.sheet].draft.title, words(&child.name)));
            return Ok(());
        }
        let reference = self.reference(complex);
        if let Some(reference) = reference {
            return self.references(place, child, &reference);
        }
        if place.types.len() >= DEPTH_MAX {
            return Err(WsdlError::Limit("areas within areas"));
        }
        let types = place.types.iter().cloned().chain([kind.to_owned()]).collect();
        if is_sub_process(child, complex) {
            return self.sub_process(child, complex, types);
        }
        let mut path = place.path.clone();
        path.push(format!("{}{}", words(&child.name), if child.many { "+" } else { "" }));
        let area = self.area(place.sheet, &path);
        let inner = Place { sheet: place.sheet, area, path, types };
        if child.many {
            self.row_id(&inner, child.required)?;
        }
        if let Some(only) = self.external_id(child, complex) {
            return self.content(&inner, only);
        }
        self.content_of(&inner, child, complex)
    }

    /// IDs of other systems: a list of them in a container of its own is one area with one ID.
    fn external_id(&self, child: &Field, complex: &'a Complex) -> Option<&'a Field> {
        let [only] = complex.children.as_slice() else { return None };
        let plain = !child.many && only.many && complex.attributes.is_empty() && complex.base.is_none();
        let inner = named(only).and_then(|kind| self.schema.complex.get(kind)).filter(|_| plain)?;
        inner.attributes.iter().any(|attribute| attribute.name == SYSTEM_ID).then_some(only)
    }

    /// What an element holds, in an area that is open already.
    fn content(&mut self, place: &Place, field: &'a Field) -> Result<(), WsdlError> {
        match named(field).and_then(|kind| self.schema.complex.get(kind)) {
            Some(complex) => self.content_of(place, field, complex),
            None => self.simple(place, field),
        }
    }

    fn content_of(&mut self, place: &Place, field: &'a Field, complex: &'a Complex) -> Result<(), WsdlError> {
        if !complex.is_text {
            return self.members(place, complex);
        }
        // A text may extend another one, which has attributes too.
        let (mut chain, mut base) = (vec![complex], complex.base.as_deref().unwrap_or_default());
        while let Some(outer) = self.schema.complex.get(base).filter(|outer| outer.is_text) {
            if chain.len() > DEPTH_MAX {
                return Err(WsdlError::Limit("texts that extend each other"));
            }
            chain.push(outer);
            base = outer.base.as_deref().unwrap_or_default();
        }
        if !self.is_plain(base) {
            return Err(WsdlError::Type(base.to_owned()));
        }
        for attribute in chain.iter().rev().flat_map(|text| &text.attributes) {
            self.simple(place, attribute)?;
        }
        // The text itself has the element's name, without its marks.
        let restriction = restriction(field.required, false);
        let format = self.format_of(base);
        let (label, marks) = (words(&field.name), Marks::default());
        self.push(place, Header { label, marks, restriction, format, id_types: Vec::new() })
    }

    fn sub_process(
        &mut self,
        child: &Field,
        complex: &'a Complex,
        types: Vec<String>,
    ) -> Result<(), WsdlError> {
        if self.sheets.len() >= SHEETS_MAX {
            return Err(WsdlError::Limit("sheets"));
        }
        let title = words(child.name.strip_suffix(SUB_PROCESS[0]).unwrap_or(&child.name));
        self.sheets.push(Target { draft: Draft::new(&title, false), outer: words(&child.name) });
        let sheet = self.sheets.len() - 1;
        self.members(&Place { sheet, area: "All".to_owned(), path: Vec::new(), types }, complex)
    }

    /// `Pay Plan Sub Data+ (All > Pay Plan Data)`.
    fn area(&self, sheet: usize, path: &[String]) -> String {
        let (own, around) =
            path.split_last().map_or((String::new(), path), |(own, around)| (own.clone(), around));
        let outer: Vec<&str> = [self.sheets[sheet].outer.as_str()]
            .into_iter()
            .chain(around.iter().map(String::as_str))
            .collect();
        format!("{own} ({})", outer.join(" > "))
    }

    fn row_id(&mut self, place: &Place, required: bool) -> Result<(), WsdlError> {
        let marks = Marks { required: true, repeating: false, group_required: required };
        let (label, restriction, format) = ("Row ID".to_owned(), Restriction::Required, CellFormat::Text);
        self.push(place, Header { label, marks, restriction, format, id_types: Vec::new() })
    }

    /// One value: a column.
    fn simple(&mut self, place: &Place, field: &Field) -> Result<(), WsdlError> {
        let format = match &field.kind {
            Kind::Inline(simple) => self.format(simple),
            Kind::Named(name) if self.is_plain(name) => self.format_of(name),
            Kind::Named(name) if name.is_empty() => return Err(WsdlError::Type(field.name.clone())),
            Kind::Named(name) => return Err(WsdlError::Type(name.clone())),
        };
        let marks = Marks { required: field.required, repeating: field.many, group_required: false };
        let (label, restriction) = (label(&field.name), restriction(field.required, field.many));
        self.push(place, Header { label, marks, restriction, format, id_types: Vec::new() })
    }

    /// A reference: a column, and one more for the parent where its ID needs one.
    fn references(&mut self, place: &Place, field: &Field, reference: &Reference) -> Result<(), WsdlError> {
        let marks = Marks { required: field.required, repeating: field.many, group_required: false };
        let restriction = restriction(field.required, field.many);
        let (format, id_types) = (chosen(&reference.types), reference.types.clone());
        self.push(place, Header { label: label(&field.name), marks, restriction, format, id_types })?;
        if reference.parents.is_empty() {
            return Ok(());
        }
        let format = chosen(&reference.parents);
        let text = format.to_string();
        let label = text.strip_suffix("_ID").unwrap_or(&text).replace(['_', '-'], " ");
        let (marks, restriction) = (Marks::default(), Restriction::Required);
        self.push(place, Header { label, marks, restriction, format, id_types: reference.parents.clone() })
    }

    /// What a type says when its instances are references.
    fn reference(&self, complex: &Complex) -> Option<Reference> {
        let id = complex.children.iter().find(|child| child.name == "ID")?;
        let id = self.schema.complex.get(named(id)?).filter(|id| id.is_text)?;
        let values = |name: &str| {
            let attribute = id.attributes.iter().find(|attribute| attribute.name == name)?;
            let simple = match &attribute.kind {
                Kind::Inline(simple) => Some(simple),
                Kind::Named(name) => self.schema.simple.get(name),
            };
            simple.map(|simple| simple.values.clone())
        };
        let types = values("type").filter(|types| !types.is_empty())?;
        Some(Reference { types, parents: values("parent_type").unwrap_or_default() })
    }

    fn is_plain(&self, name: &str) -> bool {
        NUMBERS.contains(&name) || PLAIN.contains(&name) || self.schema.simple.contains_key(name)
    }

    fn format_of(&self, name: &str) -> CellFormat {
        match name {
            "boolean" => CellFormat::YesNo,
            "date" => CellFormat::Date,
            "dateTime" => CellFormat::DateTime,
            _ if NUMBERS.contains(&name) => CellFormat::Number(None),
            _ => self.schema.simple.get(name).map_or(CellFormat::Text, |simple| self.format(simple)),
        }
    }

    fn format(&self, simple: &Simple) -> CellFormat {
        // A type that restricts itself would go on for ever; one level is what schemas use.
        let base = match self.schema.simple.get(&simple.base) {
            Some(inner) if inner.base == simple.base => return CellFormat::Text,
            _ if NUMBERS.contains(&simple.base.as_str()) => CellFormat::Number(None),
            Some(inner) if self.schema.simple.contains_key(&inner.base) => CellFormat::Text,
            _ => self.format_of(&simple.base),
        };
        match (base, simple.total_digits, simple.fraction_digits) {
            (CellFormat::Number(_), Some(total), Some(fraction)) if fraction > 0 && fraction <= total => {
                CellFormat::Number(Some((total, fraction)))
            }
            (base, ..) => base,
        }
    }

    fn push(&mut self, place: &Place, header: Header) -> Result<(), WsdlError> {
        let draft = &mut self.sheets[place.sheet].draft;
        if draft.columns.len() >= COLUMNS_MAX {
            return Err(WsdlError::Limit("columns"));
        }
        draft.push(place.area.clone(), header);
        Ok(())
    }
}

/// ID types of a reference, and of the parent that its ID needs.
struct Reference {
    types: Vec<String>,
    parents: Vec<String>,
}

/// The first ID type that is not the vendor's own.
fn chosen(types: &[String]) -> CellFormat {
    let first = types.iter().find(|name| *name != "WID").or(types.first());
    first.and_then(|name| CellFormat::parse(name)).unwrap_or(CellFormat::Text)
}

fn restriction(required: bool, many: bool) -> Restriction {
    match (required, many) {
        (true, true) => Restriction::RequiredMultiple,
        (true, false) => Restriction::Required,
        (false, true) => Restriction::OptionalMultiple,
        (false, false) => Restriction::Optional,
    }
}

fn named(field: &Field) -> Option<&str> {
    match &field.kind {
        Kind::Named(name) => Some(name),
        Kind::Inline(_) => None,
    }
}

fn is_parameters(field: &Field) -> bool {
    PARAMETERS.contains(&field.name.as_str())
}

fn has_parameters(complex: &Complex) -> bool {
    complex.children.iter().any(is_parameters)
}

fn is_sub_process(field: &Field, complex: &Complex) -> bool {
    SUB_PROCESS.iter().any(|end| field.name.ends_with(end)) || has_parameters(complex)
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// A label from an element's name.
fn label(name: &str) -> String {
    words(name.strip_suffix("_Reference").unwrap_or(name))
}
