//! Walks XML piece by piece: names without prefixes, entities resolved, depth and size bounded, no document type. Knows
//! neither workbooks nor WSDLs.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::io::BufRead;

/// How deep elements may stand in each other.
const DEPTH_MAX: usize = 128;

/// Why XML is not read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum XmlError {
    /// It cannot be read, is not well formed, or uses an entity that XML itself does not know.
    #[error("not well-formed XML")]
    Malformed,
    /// Elements stand in each other too deep.
    #[error("elements are nested more than {DEPTH_MAX} deep")]
    Deep,
    /// It declares a document type.
    #[error("a document type is declared")]
    DocumentType,
    /// It is larger than the limit.
    #[error("larger than {0} bytes")]
    Large(u64),
}

/// One piece of a document.
pub(super) enum Node<'a> {
    /// An element begins.
    Start(&'a str, Tag<'a>),
    /// An element ends; also one without content.
    End(&'a str),
    /// A piece of text; neighbours belong together.
    Text(&'a str),
}

/// The attributes of an element.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    /// The value of an attribute, by its name without prefix.
    pub(super) fn get(self, name: &str) -> Result<Option<String>, XmlError> {
        for attribute in self.0.attributes() {
            let attribute = attribute.map_err(|_| XmlError::Malformed)?;
            if attribute.key.local_name().into_inner() == name {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                return Ok(Some(value.map_err(|_| XmlError::Malformed)?.into_owned()));
            }
        }
        Ok(None)
    }
}

/// Hands every piece of a document to `visit`.
pub(super) fn walk<E: From<XmlError>>(
    source: impl BufRead,
    bytes_max: u64,
    visit: &mut dyn FnMut(Node<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = Reader::from_reader(source.take(bytes_max + 1));
    let (mut buffer, mut depth, mut roots) = (Vec::new(), 0_usize, 0_usize);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        if reader.buffer_position() > bytes_max {
            return Err(XmlError::Large(bytes_max).into());
        }
        match event.map_err(|_| XmlError::Malformed)? {
            Event::Start(_) if depth >= DEPTH_MAX => return Err(XmlError::Deep.into()),
            Event::Start(tag) => {
                roots += usize::from(depth == 0);
                depth += 1;
                visit(Node::Start(tag.local_name().into_inner(), Tag(&tag)))?;
            }
            Event::Empty(tag) => {
                roots += usize::from(depth == 0);
                let name = tag.local_name().into_inner();
                visit(Node::Start(name, Tag(&tag)))?;
                visit(Node::End(name))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                visit(Node::End(tag.local_name().into_inner()))?;
            }
            Event::Text(text) => visit(Node::Text(&text.xml10_content()))?,
            Event::CData(text) => visit(Node::Text(&text.xml10_content()))?,
            Event::GeneralRef(name) => visit(Node::Text(entity(&name)?.encode_utf8(&mut [0; 4])))?,
            Event::DocType(_) => return Err(XmlError::DocumentType.into()),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if depth == 0 && roots == 1 { Ok(()) } else { Err(XmlError::Malformed.into()) }
}

/// The character that a reference stands for: by number, or one of the five that XML has.
fn entity(name: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(found) = name.resolve_char_ref().map_err(|_| XmlError::Malformed)? {
        return Ok(found);
    }
    match &**name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(XmlError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, XmlError> {
        let mut shown = String::new();
        walk(text.as_bytes(), 4_096, &mut |node| {
            match node {
                Node::Start(name, tag) => {
                    shown.extend(["<", name, &tag.get("a")?.map_or(String::new(), |a| format!(" {a}"))]);
                }
                Node::End(name) => shown.extend([name, ">"]),
                Node::Text(text) => shown.push_str(text),
            }
            Ok::<_, XmlError>(())
        })?;
        Ok(shown)
    }

    #[test]
    fn pieces_come_without_prefixes_and_with_their_entities() {
        let shown = read("<x:r xmlns:x='u'><x:e x:a='1&amp;2'/>t&lt;<![CDATA[&]]>&#65;</x:r>");
        assert_eq!(shown, Ok("<r<e 1&2e>t<&Ar>".to_owned()));
    }

    #[test]
    fn what_is_broken_deep_or_large_is_refused() {
        for broken in ["", "<a>", "<a></b>", "<a/><b/>", "<a>&other;</a>", "<a b='&x;' a='&x;'/>"] {
            assert_eq!(read(broken), Err(XmlError::Malformed), "{broken}");
        }
        assert_eq!(read("<!DOCTYPE a><a/>"), Err(XmlError::DocumentType));
        assert_eq!(read(&format!("{}{}", "<a>".repeat(129), "</a>".repeat(129))), Err(XmlError::Deep));
        assert_eq!(read(&format!("<a>{}</a>", "x".repeat(4_096))), Err(XmlError::Large(4_096)));
    }
}
