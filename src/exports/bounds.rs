//! How large a plan is, as environments bound it: what it lets out, however it is put together.

use crate::environment::{Environment, Load};
use custody_export::eib::Planned;
use custody_export::tables::{Lineage, Tables};
use custody_retention::store::StoreError;
use std::collections::BTreeSet;

/// Transactions of a workbook, or rows of its longest sheet where those are more: one transaction can have many.
pub fn rows_of(planned: &Planned) -> u64 {
    planned.rows_out.values().copied().fold(planned.transactions, u64::max)
}

/// Whether an environment lets so many rows of an answer out. Values of many rows in one are refused, and a row counts as often
/// as it can hold rows of one table.
///
/// # Errors
/// [`StoreError::Refused`] when it does not; what is wrong with the query.
pub fn check_answer(
    environment: &Environment,
    tables: &Tables,
    (sql, rows): (&str, u64),
) -> anyhow::Result<()> {
    let lineage = tables.lineage(sql)?;
    if !lineage.packing.is_empty() {
        return Err(StoreError::Refused(format!(
            "{} put values of many rows into one: rows cannot be counted then, name the columns instead",
            lineage.packing.join(", ")
        ))
        .into());
    }
    let rows = rows.saturating_mul(lineage.readings.max(1));
    environment.check_load(&Load { rows, columns: columns_of(&lineage), template: None })
}

/// Columns of an answer, or those of tables that its values come from where those are more.
fn columns_of(lineage: &Lineage) -> u64 {
    let from: BTreeSet<_> = lineage.columns.iter().flat_map(|column| &column.from).collect();
    from.len().max(lineage.columns.len()) as u64
}
