//! Tables that turn names into reference IDs. What is not there, or is there twice, is never guessed.

use super::finding::Code;
use super::mapping::{LookupMapping, column_of};
use super::plan::PlanError;
use super::text::{Style, has_texts, texts};
use crate::tables::{Tables, TablesError, quoted};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Names of one lookup.
const NAMES_MAX: usize = 5_000_000;

/// What a name means.
#[derive(Clone, PartialEq, Eq)]
enum Meaning {
    One(Box<str>),
    Many,
}

/// The names of a lookup table, and their IDs.
#[derive(Default)]
pub(super) struct Lookup {
    exact: HashMap<Box<str>, Meaning>,
    /// In lower case.
    folded: HashMap<Box<str>, Meaning>,
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("names", &self.exact.len()).finish_non_exhaustive()
    }
}

impl Lookup {
    /// Reads a lookup's table.
    pub(super) fn load(tables: &Tables, name: &str, mapping: &LookupMapping) -> Result<Self, PlanError> {
        let wrong = |what: String| PlanError::Lookup { name: name.to_owned(), what };
        let all = tables.query_stream(&format!("SELECT * FROM {} LIMIT 0", quoted(&mapping.table)))?.schema();
        let mut wanted = vec![&mapping.name, &mapping.id];
        wanted.extend(mapping.only.as_ref().map(|(column, _)| column));
        let mut columns = Vec::with_capacity(wanted.len());
        for column in wanted {
            let found = column_of(&all, column).map_err(&wrong)?;
            let kind = all.field_with_name(&found).map_err(|_| TablesError::NoColumn)?.data_type();
            if !has_texts(kind) {
                return Err(wrong(format!("column {column:?} holds no texts")));
            }
            columns.push(quoted(&found));
        }
        let sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(&mapping.table));
        let mut lookup = Self::default();
        for batch in tables.query_stream(&sql)? {
            let batch = batch?;
            let columns: Option<Vec<_>> =
                batch.columns().iter().map(|column| texts(column, Style::Plain)).collect();
            let columns = columns.ok_or(TablesError::Failed)?;
            for row in 0..batch.num_rows() {
                let text = |at: usize| {
                    use datafusion::arrow::array::Array;
                    let column = columns.get(at)?;
                    column.is_valid(row).then(|| column.value(row).trim())
                };
                let kept = mapping.only.as_ref().is_none_or(|(_, only)| text(2) == Some(only.trim()));
                if let (true, Some(name), Some(id)) = (kept, text(0), text(1)) {
                    lookup.add(name, id);
                }
            }
            if lookup.exact.len() > NAMES_MAX {
                return Err(wrong(format!("more than {NAMES_MAX} names")));
            }
        }
        if lookup.exact.is_empty() {
            return Err(wrong("the table holds no name with an ID of this type".to_owned()));
        }
        Ok(lookup)
    }

    fn add(&mut self, name: &str, id: &str) {
        let name = normal(name);
        let folded = name.to_lowercase();
        for (map, name) in [(&mut self.exact, name.into_owned()), (&mut self.folded, folded)] {
            map.entry(name.into_boxed_str())
                .and_modify(|meaning| {
                    if *meaning != Meaning::One(id.into()) {
                        *meaning = Meaning::Many;
                    }
                })
                .or_insert_with(|| Meaning::One(id.into()));
        }
    }

    /// The ID of a name: exactly this one, else the only one without regard to case.
    pub(super) fn find(&self, name: &str) -> Result<&str, Code> {
        let name = normal(name.trim());
        let found = self.exact.get(name.as_ref());
        let found = found.or_else(|| self.folded.get(name.to_lowercase().as_str()));
        match found {
            Some(Meaning::One(id)) => Ok(id),
            Some(Meaning::Many) => Err(Code::AmbiguousName),
            None => Err(Code::UnknownName),
        }
    }
}

/// One spelling of letters with marks.
fn normal(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_exactly_then_without_case_and_never_guessed() {
        let mut lookup = Lookup::default();
        for (name, id) in [
            ("Sales", "CC-1"),
            ("Sales", "CC-1"),
            ("R&D", "CC-2"),
            ("R&D", "CC-3"),
            ("Ops", "CC-4"),
            ("OPS", "CC-5"),
            ("Zürich", "CC-6"),
        ] {
            lookup.add(name, id);
        }
        for (name, expected) in [
            ("Sales", Ok("CC-1")),
            (" sales\u{a0}", Ok("CC-1")),
            ("R&D", Err(Code::AmbiguousName)),
            ("Ops", Ok("CC-4")),
            ("OPS", Ok("CC-5")),
            ("ops", Err(Code::AmbiguousName)),
            ("Zu\u{308}rich", Ok("CC-6")),
            ("Sale", Err(Code::UnknownName)),
        ] {
            assert_eq!(lookup.find(name), expected, "{name}");
        }
        assert!(!format!("{lookup:?}").contains("Sales"));
    }
}
