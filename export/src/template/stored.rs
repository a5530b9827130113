//! The stored form of a template: its model as JSON, checked when it is read. No file format of a workbook.

use super::draft::COLUMNS_MAX;
use super::model::{Overview, Sheet, Template};
use std::collections::HashSet;

/// Bytes of the stored form; the largest real template has about 400 KB.
const BYTES_MAX: usize = 16 << 20;
/// Sheets of a template.
const SHEETS_MAX: usize = 1_000;
/// Characters of a label, an area or a name.
const CHARS_MAX: usize = 1_000;

/// Why a stored template is refused. Holds nothing of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredError {
    /// Too large.
    #[error("a stored template of more than {BYTES_MAX} bytes")]
    Large,
    /// Not the JSON of a template.
    #[error("no stored template: line {line}, column {column}")]
    Json {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Its parts do not fit each other.
    #[error("a template that contradicts itself: sheet {sheet}, {what}")]
    Odd {
        /// From 1; 0 for the template as a whole.
        sheet: usize,
        /// What does not fit.
        what: &'static str,
    },
}

impl Template {
    /// The stored form.
    ///
    /// # Errors
    /// [`StoredError::Large`] when it could not be read again.
    pub fn to_json(&self) -> Result<String, StoredError> {
        let text = serde_json::to_string(self).map_err(|_| StoredError::Large)?;
        if text.len() > BYTES_MAX { Err(StoredError::Large) } else { Ok(text) }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// A [`StoredError`]; positions that point nowhere are refused.
    pub fn from_json(text: &str) -> Result<Self, StoredError> {
        if text.len() > BYTES_MAX {
            return Err(StoredError::Large);
        }
        let read = serde_json::from_str::<Self>(text);
        let template =
            read.map_err(|error| StoredError::Json { line: error.line(), column: error.column() })?;
        template.check()?;
        Ok(template)
    }

    /// Checks that all positions point somewhere, and that nothing is longer than a workbook can have.
    ///
    /// # Errors
    /// [`StoredError::Odd`].
    pub fn check(&self) -> Result<(), StoredError> {
        let odd = |sheet, what| Err(StoredError::Odd { sheet, what });
        if self.sheets.is_empty() || self.sheets.len() > SHEETS_MAX {
            return odd(0, "the number of sheets");
        }
        if !short(&self.operation) || self.operation.is_empty() {
            return odd(0, "the operation");
        }
        if self.overview.as_ref().is_some_and(|overview| !overview_fits(overview, self.sheets.len())) {
            return odd(0, "the overview");
        }
        let mut names = HashSet::new();
        for (number, sheet) in (1..).zip(&self.sheets) {
            if !names.insert(sheet.name.to_lowercase()) {
                return odd(number, "a name that another sheet has");
            }
            if let Err(what) = sheet_fits(sheet) {
                return odd(number, what);
            }
        }
        Ok(())
    }
}

fn short(text: &str) -> bool {
    text.len() <= CHARS_MAX * 4
}

fn overview_fits(overview: &Overview, sheets: usize) -> bool {
    let rows = overview.processes.iter().map(|process| process.row);
    let ascending = rows.clone().zip(rows.skip(1)).all(|(one, next)| one < next);
    ascending
        && overview.processes.iter().all(|process| {
            short(&process.name) && process.row > 6 && process.sheet.is_none_or(|sheet| sheet < sheets)
        })
}

fn sheet_fits(sheet: &Sheet) -> Result<(), &'static str> {
    if sheet.name.is_empty() || sheet.name.chars().count() > 31 || !short(&sheet.title) {
        return Err("its name or title");
    }
    if sheet.columns.is_empty() || sheet.columns.len() > COLUMNS_MAX {
        return Err("the number of its columns");
    }
    let numbered = (1..).zip(&sheet.columns).all(|(index, column)| column.index == index);
    if !numbered {
        return Err("the order of its columns");
    }
    let texts = |column: &super::Column| {
        !column.label.is_empty()
            && short(&column.label)
            && short(&column.area)
            && column.id_types.iter().all(|name| short(name))
    };
    if !sheet.columns.iter().all(texts) {
        return Err("a label, an area or an ID type");
    }
    if !sheet.columns.iter().all(|column| column.group < sheet.groups.len()) {
        return Err("the group of a column");
    }
    let group_fits = |(at, group): (usize, &super::Group)| {
        let parent = if at == 0 { group.parent.is_none() } else { group.parent.is_some_and(|p| p < at) };
        let key = match group.key {
            Some(key) => sheet.columns.get(key).is_some_and(|column| column.group == at),
            None => at == 0,
        };
        parent && key
    };
    if sheet.groups.iter().enumerate().all(group_fits) { Ok(()) } else { Err("its groups") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{lookalike, testing};

    fn read() -> Template {
        testing::template(&lookalike::enlist())
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let template = read();
        let text = template.to_json().expect("a text");
        assert_eq!(Template::from_json(&text), Ok(template));
    }

    #[test]
    fn contradictions_are_refused() {
        let odd = |change: &dyn Fn(&mut Template)| {
            let mut template = read();
            change(&mut template);
            let text = serde_json::to_string(&template).expect("a text");
            Template::from_json(&text).expect_err("it is odd").to_string()
        };
        let sheet = |what| format!("a template that contradicts itself: sheet 1, {what}");
        assert_eq!(odd(&|t| t.sheets[0].columns[2].index = 9), sheet("the order of its columns"));
        assert_eq!(odd(&|t| t.sheets[0].columns[2].group = 9), sheet("the group of a column"));
        assert_eq!(odd(&|t| t.sheets[0].groups[1].parent = Some(1)), sheet("its groups"));
        assert_eq!(odd(&|t| t.sheets[0].groups[1].key = Some(99)), sheet("its groups"));
        assert_eq!(odd(&|t| t.sheets[0].columns[2].label.clear()), sheet("a label, an area or an ID type"));
        assert_eq!(odd(&|t| t.sheets[0].name = "x".repeat(32)), sheet("its name or title"));
        let twins = odd(&|t| t.sheets[2].name = t.sheets[0].name.to_uppercase());
        assert!(twins.ends_with("sheet 3, a name that another sheet has"), "{twins}");
        assert!(odd(&|t| t.sheets.clear()).ends_with("sheet 0, the number of sheets"));
        let overview = |t: &mut Template| t.overview.as_mut().expect("one").processes[0].sheet = Some(7);
        assert!(odd(&overview).ends_with("sheet 0, the overview"));
    }

    #[test]
    fn errors_say_where_and_not_what() {
        let error = Template::from_json("{\"secret\": 1}").expect_err("no template");
        assert_eq!(error.to_string(), "no stored template: line 1, column 9");
        let text = read().to_json().expect("a text").replace("\"Y/N\"", "\"two words\"");
        assert!(matches!(Template::from_json(&text), Err(StoredError::Json { .. })));
    }
}
