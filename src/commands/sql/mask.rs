//! Which columns of an answer are masked: all that are computed from a sensitive column, by the query's lineage. What is
//! not known of a column masks it.

use crate::store::classes::{self, Classifier, ColumnClass};
use custody_export::tables::{BaseColumn, Lineage, Masks, OutputColumn, Tables};
use std::collections::BTreeMap;

/// What stands for values of which no kind is known.
const UNKNOWN: &str = "‹…›";

/// The masks of a query's answer.
///
/// # Errors
/// When a table's first rows cannot be read.
pub(in crate::commands) fn of(tables: &Tables, lineage: &Lineage) -> anyhow::Result<Masks> {
    let mut known = BTreeMap::new();
    if lineage.columns.iter().any(|column| !column.from.is_empty()) {
        let classifier = Classifier::new()?;
        for table in &lineage.tables {
            for class in classes::of(&classifier, tables, table)? {
                known.insert(BaseColumn { table: table.clone(), column: class.column.clone() }, class);
            }
        }
    }
    Ok(Masks::new(lineage.columns.iter().map(|column| mark(column, &known)).collect()))
}

/// What stands for a column's values, if they are masked: the first kind that is known of what it is computed from.
fn mark(column: &OutputColumn, known: &BTreeMap<BaseColumn, ColumnClass>) -> Option<String> {
    let marks: Vec<String> = column
        .from
        .iter()
        .filter_map(|from| match known.get(from) {
            Some(class) => class.mark(),
            None => Some(UNKNOWN.to_owned()),
        })
        .collect();
    marks.iter().find(|mark| *mark != UNKNOWN).or(marks.first()).cloned()
}
