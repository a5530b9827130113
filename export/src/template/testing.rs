//! Templates for unit tests, read from look-alike packages. Not part of the program.

use super::{Imported, Template, TemplateError, lookalike};
use std::io::Write;

/// Imports a package.
pub(crate) fn import(bytes: &[u8]) -> Result<Imported, TemplateError> {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("it can be written");
    Template::import(file)
}

/// The model of a look-alike.
pub(crate) fn template(spec: &lookalike::BookSpec) -> Template {
    import(&lookalike::workbook(spec)).expect("a template").template
}
