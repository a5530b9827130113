//! A file of the policies' folder as TOML: values with their lines, and all mistakes in it, not only the first. Knows
//! the types of values; what they mean is known in the files beside it.

use super::PolicyError;
use super::words::nearest;
use std::ops::RangeInclusive;
use toml::de::{DeTable, DeValue};

/// Longest text of a description or basis.
const TEXT_CHARS_MAX: usize = 500;

/// Where a value begins, in bytes from the file's start.
pub(super) type At = usize;

/// The mistakes of one file.
pub(super) struct Mistakes<'a> {
    file: &'a str,
    text: &'a str,
    /// All of them.
    pub(super) list: Vec<PolicyError>,
}

impl<'a> Mistakes<'a> {
    /// None yet.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, list: Vec::new() }
    }

    /// Adds one.
    pub(super) fn add(&mut self, at: At, message: impl Into<String>) {
        self.list.push(PolicyError::Mistake {
            file: self.file.to_owned(),
            line: self.line(at),
            message: message.into(),
        });
    }

    /// The line of a place, from 1.
    pub(super) fn line(&self, at: At) -> usize {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Reads the file's text; what is no TOML is a mistake.
    pub(super) fn document(&mut self) -> Option<DeTable<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                self.add(error.span().map_or(0, |span| span.start), error.message());
                None
            }
        }
    }
}

/// One table of a file.
#[derive(Clone, Copy)]
pub(super) struct Section<'d> {
    table: &'d DeTable<'d>,
    /// Where it begins.
    pub(super) at: At,
}

impl<'d> Section<'d> {
    /// The file itself.
    pub(super) fn whole(table: &'d DeTable<'d>) -> Self {
        Self { table, at: 0 }
    }

    /// Reports every key that is not one of these.
    pub(super) fn only(&self, known: &[&str], mistakes: &mut Mistakes<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let advice = match nearest(name, known) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => format!("known here: {}", known.join(", ")),
                };
                mistakes.add(key.span().start, format!("unknown key `{name}`; {advice}"));
            }
        }
    }

    /// Whether it has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether it has no key at all.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Where a key stands; where the table begins, if there is none.
    pub(super) fn at(&self, key: &str) -> At {
        self.table.get_key_value(key).map_or(self.at, |(key, _)| key.span().start)
    }

    /// A table in it.
    pub(super) fn section(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Section<'d>> {
        let (name, value) = self.table.get_key_value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Self { table, at: name.span().start }),
            _ => {
                mistakes.add(name.span().start, format!("`{key}` must be a table: [{key}]"));
                None
            }
        }
    }

    /// A text of one line.
    pub(super) fn text(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<String> {
        let value = self.table.get(key)?;
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            mistakes.add(at, format!("`{key}` must be a text in quotes"));
            return None;
        };
        if text.chars().any(char::is_control) || text.chars().count() > TEXT_CHARS_MAX {
            mistakes.add(
                at,
                format!("`{key}` must be one line of at most {TEXT_CHARS_MAX} printable characters"),
            );
            return None;
        }
        Some(text.trim().to_owned())
    }

    /// A text that has to be there.
    pub(super) fn needed_text(&self, key: &str, advice: &str, mistakes: &mut Mistakes<'_>) -> Option<String> {
        if !self.has(key) {
            mistakes.add(self.at, format!("`{key}` is missing; {advice}"));
            return None;
        }
        let text = self.text(key, mistakes)?;
        if text.is_empty() {
            mistakes.add(self.at(key), format!("`{key}` is empty; {advice}"));
            return None;
        }
        Some(text)
    }

    /// A whole number of a range.
    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<u32>,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<u32> {
        let value = self.table.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(digits) => {
                let text = digits.as_str().trim_start_matches('+');
                u32::from_str_radix(text, digits.radix()).ok()
            }
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            mistakes
                .add(value.span().start, format!("`{key}` must be a whole number from {least} to {most}"));
        }
        number
    }

    /// Whether something is so.
    pub(super) fn flag(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<bool> {
        let value = self.table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            mistakes.add(value.span().start, format!("`{key}` must be true or false"));
        }
        flag
    }

    /// A list of words with their places. What is empty in it is a mistake, and so is what is there twice.
    pub(super) fn words(&self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Vec<(String, At)>> {
        let value = self.table.get(key)?;
        let Some(items) = value.get_ref().as_array() else {
            mistakes.add(value.span().start, format!("`{key}` must be a list: {key} = [\"…\"]"));
            return None;
        };
        if items.is_empty() {
            let message = format!("`{key}` is an empty list; remove it, or name what it matches");
            mistakes.add(value.span().start, message);
            return None;
        }
        let mut words: Vec<(String, At)> = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.get_ref().as_str() {
                None => mistakes.add(at, format!("`{key}` lists texts in quotes only")),
                Some(text) if text.trim().is_empty() => {
                    mistakes.add(at, format!("`{key}` lists an empty text; what is empty never matches"));
                }
                Some(text) if words.iter().any(|(word, _)| word == text) => {
                    mistakes.add(at, format!("`{text}` is listed twice"));
                }
                Some(text) => words.push((text.to_owned(), at)),
            }
        }
        Some(words)
    }
}
