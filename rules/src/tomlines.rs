//! Lines of the keys of a TOML file, so that a mistake is named where it stands. Checks nothing.

use crate::RuleError;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

/// A step into a TOML file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A key of a table.
    Key(&'a str),
    /// An item of a list, from 0.
    Item(usize),
}

/// Reads a file as plain data.
pub(crate) fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, RuleError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        RuleError { file: file.to_owned(), line, message: error.message().to_owned() }
    })
}

/// The line of a key or item, from 1; of the last step that is there when the rest is not.
pub(crate) fn line(text: &str, path: &[Step<'_>]) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 1 };
    let mut at = 0;
    let Some((Step::Key(first), rest)) = path.split_first() else { return 1 };
    let Some((key, value)) = table.get_ref().get_key_value(*first) else { return 1 };
    at = if rest.is_empty() { key.span().start } else { value.span().start.max(at) };
    let mut value = value.get_ref();
    for (number, step) in rest.iter().enumerate() {
        let last = number + 1 == rest.len();
        let next = match (step, value) {
            (Step::Key(name), DeValue::Table(table)) => table
                .get_key_value(*name)
                .map(|(key, value)| (if last { key.span().start } else { value.span().start }, value)),
            (Step::Item(index), DeValue::Array(items)) => {
                items.get(*index).map(|item| (item.span().start, item))
            }
            _ => None,
        };
        let Some((start, inner)) = next else { break };
        at = start;
        value = inner.get_ref();
    }
    line_of(text, at)
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|&&b| b == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_items_have_their_own_lines() {
        let text =
            "a = 1\nb = [\n  { c = 1 },\n  { c = 2,\n d = 3 },\n]\n[[e]]\nf = 1\n[[e]]\nx = 'f'\nf = 2\n";
        let at = |path: &[Step<'_>]| line(text, path);
        assert_eq!(at(&[Step::Key("a")]), 1);
        assert_eq!(at(&[Step::Key("b"), Step::Item(1), Step::Key("d")]), 5);
        assert_eq!(at(&[Step::Key("b"), Step::Item(1), Step::Key("missing")]), 4);
        assert_eq!(at(&[Step::Key("e"), Step::Item(1), Step::Key("f")]), 11);
        assert_eq!(at(&[Step::Key("missing")]), 1);
    }
}
