//! Projects a request of a WSDL onto the model of a template. The tenant's own generated file is the truth; this is what
//! can be said without it. Takes no documentation over.

mod project;
mod schema;
#[cfg(test)]
mod tests;

use super::model::Template;
use super::stored::StoredError;
use super::xml::XmlError;
use schema::Schema;
use std::io::BufRead;

/// Why a WSDL gives no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WsdlError {
    /// It cannot be read.
    #[error("the WSDL cannot be read: {0}")]
    Xml(#[from] XmlError),
    /// It has no operation with a request at all.
    #[error("no WSDL: it has no operation with a request")]
    NoOperation,
    /// It has no such operation.
    #[error("the WSDL has no operation {asked:?}; {}", nearest(*.count, .near))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// How many operations there are.
        count: usize,
        /// Those with a similar name.
        near: Vec<String>,
    },
    /// A type is used that is not declared.
    #[error("the WSDL uses the type {0:?} and does not declare it")]
    Type(String),
    /// More than a template can have.
    #[error("more {0} than a template can have")]
    Limit(&'static str),
    /// What follows from it does not hold together.
    #[error("no template that can be kept: {0}")]
    Model(#[from] StoredError),
}

fn nearest(count: usize, near: &[String]) -> String {
    if near.is_empty() {
        format!("it has {count} others (`template from-wsdl` without an operation lists them)")
    } else {
        format!("similar ones: {}", near.join(", "))
    }
}

/// A template that was projected from a WSDL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// The model.
    pub template: Template,
    /// Types that contain themselves, and are left out where they do: `sheet: element`.
    pub cut: Vec<String>,
}

/// Names of the operations of a WSDL, in order.
///
/// # Errors
/// A [`WsdlError`] when it cannot be read or has none.
pub fn operations(wsdl: impl BufRead) -> Result<Vec<String>, WsdlError> {
    let schema = Schema::read(wsdl)?;
    let names: Vec<String> = schema.operations().map(ToOwned::to_owned).collect();
    if names.is_empty() { Err(WsdlError::NoOperation) } else { Ok(names) }
}

/// Makes the template of an operation; its name may have spaces for `_`, and is compared without case.
///
/// # Errors
/// A [`WsdlError`].
pub fn from_wsdl(wsdl: impl BufRead, operation: &str) -> Result<Projected, WsdlError> {
    let schema = Schema::read(wsdl)?;
    let bare = |name: &str| name.replace('_', " ").to_lowercase();
    let asked = bare(operation.trim());
    let Some(name) = schema.operations().find(|name| bare(name) == asked) else {
        let all: Vec<&str> = schema.operations().collect();
        if all.is_empty() {
            return Err(WsdlError::NoOperation);
        }
        let alike = |name: &&&str| asked.split(' ').any(|word| word.len() > 3 && bare(name).contains(word));
        let near = all.iter().filter(alike).take(8).map(|name| (*name).to_owned()).collect();
        return Err(WsdlError::Unknown { asked: operation.to_owned(), count: all.len(), near });
    };
    project::project(&schema, name)
}
