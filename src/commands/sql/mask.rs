//! Which columns of an answer are masked: all that are computed from a sensitive column, by the query's lineage.

use crate::store::masks::TableMasks;
use custody_export::tables::{Lineage, Masks, Tables};

/// The masks of a query's answer.
///
/// # Errors
/// When a table's first rows cannot be read.
pub(in crate::commands) fn of(tables: &Tables, lineage: &Lineage) -> anyhow::Result<Masks> {
    let shows_values = lineage.columns.iter().any(|column| !column.from.is_empty());
    let names = lineage.tables.iter().filter(|_| shows_values).map(String::as_str);
    let known = TableMasks::of(tables, names)?;
    Ok(Masks::new(lineage.columns.iter().map(|column| known.mark(&column.from)).collect()))
}
