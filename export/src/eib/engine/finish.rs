//! The last steps from a report's text to a cell's: the part of a descriptor, the ID behind a name, `{empty}` for a blank.

use super::Field;
use super::text_at;
use crate::eib::finding::Code;
use crate::eib::lookup::Lookup;
use crate::eib::mapping::{CLEAR, Part};
use datafusion::arrow::array::{Array, StringArray, StringBuilder};

/// A cell's text out of one text of the report.
pub(super) fn finish<'a>(field: &Field, lookups: &'a [Lookup], text: &'a str) -> Result<&'a str, Code> {
    let text = match field.part {
        None => text,
        Some(Part::Name) => custody_rules::descriptor::split(text).0,
        Some(Part::Id) => custody_rules::descriptor::split(text).1.ok_or(Code::NoDescriptorId)?,
    };
    match field.lookup {
        None => Ok(text),
        Some(at) => lookups.get(at).map_or(Err(Code::UnknownName), |lookup| lookup.find(text)),
    }
}

/// A whole column; what has no text is blank, and listed with its row.
pub(super) fn finish_column(
    field: &Field,
    lookups: &[Lookup],
    texts: &StringArray,
    failed: &mut Vec<(usize, Code)>,
) -> StringArray {
    if field.part.is_none() && field.lookup.is_none() && !(field.clears && texts.null_count() > 0) {
        return texts.clone();
    }
    let mut out = StringBuilder::with_capacity(texts.len(), texts.values().len());
    for row in 0..texts.len() {
        match text_at(texts, row) {
            None if field.clears => out.append_value(CLEAR),
            None => out.append_null(),
            Some(text) => match finish(field, lookups, text) {
                Ok(text) => out.append_value(text),
                Err(code) => {
                    failed.push((row, code));
                    out.append_null();
                }
            },
        }
    }
    out.finish()
}

/// What Workday holds now, in the same words as what is written; as it stands where it has no such words.
pub(super) fn current_column(field: &Field, lookups: &[Lookup], texts: &StringArray) -> StringArray {
    if field.part.is_none() && field.lookup.is_none() {
        return texts.clone();
    }
    texts.iter().map(|text| text.map(|text| finish(field, lookups, text).unwrap_or(text))).collect()
}
