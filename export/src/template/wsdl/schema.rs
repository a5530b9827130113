//! The types of a WSDL, as far as a template follows from them. Reads them in one pass; documentation is passed over.

use super::WsdlError;
use crate::template::xml::{Node, Tag, XmlError, walk};
use std::collections::HashMap;
use std::io::BufRead;

/// Bytes of a WSDL; the largest public one has about 10 MB.
const BYTES_MAX: u64 = 64 << 20;
/// Types, fields and values of a WSDL together.
const ENTRIES_MAX: usize = 2_000_000;

/// What a WSDL declares.
#[derive(Default)]
pub(super) struct Schema {
    pub(super) complex: HashMap<String, Complex>,
    pub(super) simple: HashMap<String, Simple>,
    /// Types of the elements at the top, by name.
    elements: HashMap<String, String>,
    /// Elements of messages, by name of the message.
    parts: HashMap<String, String>,
    /// Operations and their input messages, in order.
    inputs: Vec<(String, String)>,
    /// Version of the web service: `v44.0`.
    pub(super) version: Option<String>,
}

/// A complex type.
#[derive(Default)]
pub(super) struct Complex {
    /// Attributes in order.
    pub(super) attributes: Vec<Field>,
    /// Elements in order; choices are not told from sequences.
    pub(super) children: Vec<Field>,
    /// The type that it extends.
    pub(super) base: Option<String>,
    /// Whether it holds text and no elements.
    pub(super) is_text: bool,
}

/// A simple type.
#[derive(Clone, Default)]
pub(super) struct Simple {
    /// The type that it restricts.
    pub(super) base: String,
    /// Its values, where they are listed.
    pub(super) values: Vec<String>,
    pub(super) total_digits: Option<u8>,
    pub(super) fraction_digits: Option<u8>,
}

/// An element or an attribute of a complex type.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether it has to occur.
    pub(super) required: bool,
    /// Whether it may occur more than once.
    pub(super) many: bool,
}

/// The type of a field.
pub(super) enum Kind {
    /// By its name, without prefix.
    Named(String),
    /// Written in place.
    Inline(Simple),
}

impl Schema {
    /// Reads a WSDL.
    pub(super) fn read(source: impl BufRead) -> Result<Self, WsdlError> {
        let mut builder = Builder::default();
        walk(source, BYTES_MAX, &mut |node| match node {
            Node::Start(name, tag) => builder.start(name, tag),
            Node::End(_) => builder.end(),
            Node::Text(_) => Ok(()),
        })?;
        Ok(builder.schema)
    }

    /// Names of the operations that have a request, in order.
    pub(super) fn operations(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().filter(|(name, _)| self.request(name).is_some()).map(|(name, _)| name.as_str())
    }

    /// Name of the type of an operation's request.
    pub(super) fn request(&self, operation: &str) -> Option<&str> {
        let (_, message) = self.inputs.iter().find(|(name, _)| name == operation)?;
        let element = self.parts.get(message)?;
        let kind = self.elements.get(element)?;
        self.complex.contains_key(kind).then_some(kind.as_str())
    }
}

/// An element of the WSDL that is open.
enum Frame {
    Complex(String, Complex),
    Simple(Option<String>, Simple),
    Field {
        field: Field,
        is_attribute: bool,
        at_top: bool,
    },
    /// A sequence or a choice: what it says holds for what is in it.
    Particle {
        optional: bool,
        many: bool,
    },
    Text,
    Message(String),
    Operation(String),
    PortType,
    Other,
}

#[derive(Default)]
struct Builder {
    schema: Schema,
    stack: Vec<Frame>,
    entries: usize,
}

impl Builder {
    fn start(&mut self, name: &str, tag: Tag<'_>) -> Result<(), WsdlError> {
        let frame = match name {
            "complexType" => {
                self.entry()?;
                let name = tag.get("name")?.unwrap_or_else(|| format!("#{}", self.entries));
                Frame::Complex(name, Complex::default())
            }
            "simpleType" => {
                self.entry()?;
                Frame::Simple(tag.get("name")?, Simple::default())
            }
            "simpleContent" => Frame::Text,
            "element" => self.field(tag, false)?,
            "attribute" => self.field(tag, true)?,
            "sequence" | "choice" | "all" => {
                let (optional, many) = occurs(tag)?;
                Frame::Particle { optional, many }
            }
            "extension" | "restriction" => {
                self.base(name, tag.get("base")?.as_deref().map(local))?;
                Frame::Other
            }
            "enumeration" | "totalDigits" | "fractionDigits" => {
                self.facet(name, tag.get("value")?.unwrap_or_default())?;
                Frame::Other
            }
            "message" => Frame::Message(tag.get("name")?.unwrap_or_default()),
            "part" => {
                if let (Some(Frame::Message(message)), Some(element)) =
                    (self.stack.last(), tag.get("element")?)
                {
                    self.schema.parts.insert(message.clone(), local(&element));
                }
                Frame::Other
            }
            "portType" => Frame::PortType,
            "operation" if matches!(self.stack.last(), Some(Frame::PortType)) => {
                Frame::Operation(tag.get("name")?.unwrap_or_default())
            }
            "input" => {
                if let (Some(Frame::Operation(name)), Some(message)) =
                    (self.stack.last(), tag.get("message")?)
                {
                    self.schema.inputs.push((name.clone(), local(&message)));
                }
                Frame::Other
            }
            _ => Frame::Other,
        };
        self.stack.push(frame);
        Ok(())
    }

    fn entry(&mut self) -> Result<(), WsdlError> {
        self.entries += 1;
        if self.entries > ENTRIES_MAX { Err(WsdlError::Limit("types and fields")) } else { Ok(()) }
    }

    fn field(&mut self, tag: Tag<'_>, is_attribute: bool) -> Result<Frame, WsdlError> {
        self.entry()?;
        // A reference to an attribute declared elsewhere is the version, which is no field.
        let Some(name) = tag.get("name")? else { return Ok(Frame::Other) };
        if is_attribute && name == "version" {
            self.schema.version = tag.get("fixed")?.or(self.schema.version.take());
        }
        let (mut optional, mut many) = occurs(tag)?;
        if is_attribute {
            (optional, many) = (tag.get("use")?.as_deref() != Some("required"), false);
        }
        let within = self.stack.iter().rev().take_while(|frame| !matches!(frame, Frame::Complex(..)));
        for frame in within {
            if let Frame::Particle { optional: outer, many: repeats } = frame {
                (optional, many) = (optional || *outer, many || *repeats);
            }
        }
        let kind = Kind::Named(tag.get("type")?.as_deref().map_or_else(String::new, local));
        let at_top = !self.stack.iter().any(|frame| matches!(frame, Frame::Complex(..)));
        let field = Field { name, kind, required: !optional, many };
        Ok(Frame::Field { field, is_attribute, at_top })
    }

    /// A type extends or restricts another. What restricts elements says them again.
    fn base(&mut self, how: &str, base: Option<String>) -> Result<(), WsdlError> {
        let (base, mut is_text) = (base.unwrap_or_default(), false);
        for frame in self.stack.iter_mut().rev() {
            match frame {
                Frame::Simple(_, simple) => {
                    simple.base = base;
                    return Ok(());
                }
                Frame::Text => is_text = true,
                Frame::Complex(_, complex) => {
                    complex.base = (is_text || how == "extension").then_some(base);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(XmlError::Malformed.into())
    }

    /// Values stand in restrictions, and in the notes of the vendor's own schemas.
    fn facet(&mut self, name: &str, value: String) -> Result<(), WsdlError> {
        self.entry()?;
        let simple = self.stack.iter_mut().rev().find_map(|frame| match frame {
            Frame::Simple(_, simple) => Some(simple),
            _ => None,
        });
        let Some(simple) = simple else { return Ok(()) };
        let digits = || value.parse().map_err(|_| WsdlError::Xml(XmlError::Malformed));
        match name {
            "totalDigits" => simple.total_digits = Some(digits()?),
            "fractionDigits" => simple.fraction_digits = Some(digits()?),
            _ => simple.values.push(value),
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), WsdlError> {
        let Some(frame) = self.stack.pop() else { return Err(XmlError::Malformed.into()) };
        match frame {
            Frame::Text => {
                if let Some(Frame::Complex(_, complex)) = self.stack.last_mut() {
                    complex.is_text = true;
                }
            }
            Frame::Complex(name, complex) => {
                if let Some(Frame::Field { field, .. }) = self.stack.last_mut() {
                    field.kind = Kind::Named(name.clone());
                }
                self.schema.complex.insert(name, complex);
            }
            Frame::Simple(Some(name), simple) => {
                self.schema.simple.insert(name, simple);
            }
            Frame::Simple(None, simple) => {
                if let Some(Frame::Field { field, .. }) = self.stack.last_mut() {
                    field.kind = Kind::Inline(simple);
                }
            }
            Frame::Field { field, is_attribute, at_top } => self.attach(field, is_attribute, at_top),
            _ => {}
        }
        Ok(())
    }

    fn attach(&mut self, field: Field, is_attribute: bool, at_top: bool) {
        if at_top {
            if let (false, Kind::Named(kind)) = (is_attribute, field.kind) {
                self.schema.elements.insert(field.name, kind);
            }
            return;
        }
        let complex = self.stack.iter_mut().rev().find_map(|frame| match frame {
            Frame::Complex(_, complex) => Some(complex),
            _ => None,
        });
        if let Some(complex) = complex {
            if is_attribute { complex.attributes.push(field) } else { complex.children.push(field) }
        }
    }
}

/// Whether something may be missing, and whether it may occur more than once.
fn occurs(tag: Tag<'_>) -> Result<(bool, bool), XmlError> {
    let optional = tag.get("minOccurs")?.is_some_and(|least| least == "0");
    let many = tag.get("maxOccurs")?.is_some_and(|most| most != "1" && most != "0");
    Ok((optional, many))
}

/// A name without its prefix.
fn local(name: &str) -> String {
    name.rsplit_once(':').map_or(name, |(_, local)| local).to_owned()
}
