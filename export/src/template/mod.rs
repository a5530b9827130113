//! EIB templates: one model, whether a tenant's own file was read, a WSDL was projected, or a bundled layout was loaded.
//! The header of a template never changes; what is filled in is [`crate::eib`]'s.

mod bundled;
mod compare;
mod diff;
mod draft;
mod fingerprint;
mod groups;
mod import;
#[cfg(test)]
#[path = "../../tests/support/lookalike.rs"]
#[allow(unreachable_pub, dead_code, reason = "also part of the tests outside of the crate")]
pub(crate) mod lookalike;
mod model;
mod stored;
#[cfg(test)]
pub(crate) mod testing;
mod wsdl;
mod xml;

pub use bundled::{bundled, bundled_names};
pub use compare::{SheetMatch, compare};
pub use diff::{Break, Change, Changed, Field, Moved, Problem, SheetDiff, TemplateDiff, diff};
pub use import::{Imported, Note, TemplateError};
pub use model::{
    Address, Column, FIRST_DATA_ROW, Group, Marks, Overview, Process, Provenance, Sheet, Template,
    WhereError, cell_name, column_letters,
};
pub use stored::StoredError;
pub use wsdl::{Projected, WsdlError, from_wsdl, operations};
pub use xml::XmlError;
