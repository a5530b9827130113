//! What stands for values on screens and in masked answers: decided by the columns that they come from, each in its own
//! table. What is not known of a column masks it.

use super::classes::{self, Classifier, ColumnClass};
use custody_export::tables::{BaseColumn, Tables};
use std::collections::BTreeMap;

/// What stands for values of which no kind is known.
const UNKNOWN: &str = "‹…›";

/// Classes of the columns of some tables.
#[derive(Debug, Default)]
pub struct TableMasks(BTreeMap<BaseColumn, ColumnClass>);

impl TableMasks {
    /// Looks at the columns of tables, by the names that queries know them by.
    ///
    /// # Errors
    /// When a table's first rows cannot be read.
    pub fn of<'a>(tables: &Tables, names: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Self> {
        let classifier = Classifier::new()?;
        let mut known = BTreeMap::new();
        for table in names {
            for class in classes::of(&classifier, tables, table)? {
                known.insert(BaseColumn { table: table.to_owned(), column: class.column.clone() }, class);
            }
        }
        Ok(Self(known))
    }

    /// What stands for values that come from these columns, if they are masked: the first kind that is known of them.
    /// What comes from no column is no value of a table.
    pub fn mark(&self, from: &[BaseColumn]) -> Option<String> {
        let mark = |from: &BaseColumn| match self.0.get(from) {
            Some(class) => class.mark(),
            None => Some(UNKNOWN.to_owned()),
        };
        let marks: Vec<String> = from.iter().filter_map(mark).collect();
        marks.iter().find(|mark| *mark != UNKNOWN).or(marks.first()).cloned()
    }

    /// The class of a column.
    pub fn class(&self, column: &BaseColumn) -> Option<&ColumnClass> {
        self.0.get(column)
    }

    /// The columns that were looked at.
    pub fn columns(&self) -> impl Iterator<Item = &BaseColumn> {
        self.0.keys()
    }
}
