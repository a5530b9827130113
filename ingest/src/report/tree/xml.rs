//! Report XML: `Report_Data` with `Report_Entry` children, by local names, in any namespace and inside a SOAP envelope. An
//! instance's descriptor is its value; its typed IDs are fields below it.

use super::{Events, Named, Steps};
use crate::formats::xml::lexer::{Attribute, Run, RunKind, SPACE, Visitor, Walk, local_name};
use crate::report::no_report;
use crate::report::rows::is_blank;
use custody_rules::{Limits, Refusal};
use std::io::Read;

/// A reading of one text.
pub(super) struct Reading {
    walk: Walk<Box<dyn Read + Send>>,
    levels: Vec<Level>,
}

/// What an open element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Envelope,
    Root,
    Entry,
    Field,
    /// `Descriptor` as an element: its text is the value of the element around it.
    Descriptor,
}

struct Level {
    kind: Kind,
    text: String,
}

impl Reading {
    /// Starts at the beginning.
    pub(super) fn new(view: Box<dyn Read + Send>, limits: &Limits) -> Self {
        Self { walk: Walk::new(view, limits.nesting_max, limits.token_bytes_max), levels: Vec::new() }
    }
}

impl Steps for Reading {
    fn step(&mut self, events: &mut dyn Events) -> Result<bool, Refusal> {
        self.walk.step(&mut Elements { levels: &mut self.levels, events })
    }
}

struct Elements<'a> {
    levels: &'a mut Vec<Level>,
    events: &'a mut dyn Events,
}

impl Elements<'_> {
    /// What an element is; one inside an entry is opened.
    fn kind(&mut self, local: &str, attributes: &[Attribute<'_>]) -> Result<Kind, Refusal> {
        match self.levels.last().map(|level| level.kind) {
            None | Some(Kind::Envelope) => match local {
                "Report_Data" => Ok(Kind::Root),
                "Envelope" | "Body" => Ok(Kind::Envelope),
                // What a SOAP header holds is no part of the report.
                "Header" if !self.levels.is_empty() => Ok(Kind::Descriptor),
                _ => Err(no_report("it is XML without Report_Data and its entries")),
            },
            Some(Kind::Root) => {
                if local != "Report_Entry" {
                    return Err(no_report("its Report_Data holds something else than entries"));
                }
                self.events.entry()?;
                Ok(Kind::Entry)
            }
            Some(Kind::Descriptor) => Ok(Kind::Descriptor),
            Some(Kind::Entry | Kind::Field) => {
                let id_type = attributes.iter().find(|attribute| attribute.local() == "type");
                match (local, id_type) {
                    ("Descriptor", _) => return Ok(Kind::Descriptor),
                    ("ID", Some(id_type)) => self.events.open(&id_type.value()?, Named::Identifier)?,
                    _ => {
                        self.events.open(local, Named::Field)?;
                        self.attributes(attributes)?;
                    }
                }
                Ok(Kind::Field)
            }
        }
    }

    /// A descriptor is the element's value, other attributes are fields below it; those of XML itself are neither.
    fn attributes(&mut self, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        for attribute in attributes {
            let prefix = attribute.name.split_once(':').map(|(prefix, _)| prefix);
            if matches!(prefix, Some("xmlns" | "xml" | "xsi")) || attribute.name == "xmlns" {
                continue;
            }
            let value = attribute.value()?;
            if is_blank(&value) {
                continue;
            }
            if attribute.local() == "Descriptor" {
                self.events.value(&value, false)?;
            } else {
                self.events.open(attribute.local(), Named::Field)?;
                self.events.value(&value, false)?;
                self.events.close()?;
            }
        }
        Ok(())
    }
}

impl Visitor for Elements<'_> {
    fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> Result<(), Refusal> {
        let kind = self.kind(local_name(name), attributes)?;
        self.levels.push(Level { kind, text: String::new() });
        Ok(())
    }

    fn run(&mut self, run: Run<'_>) -> Result<(), Refusal> {
        if matches!(run.kind, RunKind::Text | RunKind::Cdata)
            && let Some(level) = self.levels.last_mut()
        {
            let text = run.text()?;
            match level.kind {
                Kind::Field | Kind::Descriptor => level.text.push_str(&text),
                Kind::Entry | Kind::Root if !is_blank(&text) => {
                    return Err(no_report("there is text between its fields"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let text = level.text.trim_matches(SPACE);
        let inside = matches!(self.levels.last(), Some(Level { kind: Kind::Field, .. }));
        match level.kind {
            Kind::Field if !is_blank(text) => self.events.value(text, false)?,
            Kind::Descriptor if inside && !is_blank(text) => self.events.value(text, false)?,
            _ => {}
        }
        match level.kind {
            Kind::Field => self.events.close(),
            Kind::Entry => self.events.entry_end(),
            _ => Ok(()),
        }
    }
}
