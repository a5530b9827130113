//! Transactions as an approver sees them, out of the blocks that are written.

use super::Request;
use super::preview::{Change, PreviewCell, PreviewColumn, PreviewRow};
use crate::eib::engine::{Made, Spec, text_at};
use crate::eib::mapping::CLEAR;
use crate::eib::rows::SheetBlock;
use crate::tables::BaseColumn;
use crate::template::{FIRST_DATA_ROW, Template};
use datafusion::arrow::array::StringArray;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

fn base(table: &str, column: &str) -> BaseColumn {
    BaseColumn { table: table.to_owned(), column: column.to_owned() }
}

/// Shows transactions, block by block.
pub(super) struct PreviewMaker {
    pub(super) columns: Vec<PreviewColumn>,
    /// By field: its sheet, its column.
    places: Vec<(usize, usize)>,
    /// Rows of the main sheet so far.
    main_rows: u64,
}

impl PreviewMaker {
    pub(super) fn new(request: &Request<'_>, spec: &Spec) -> Self {
        let name = |template: &Template, sheet: usize| template.sheets[sheet].name.clone();
        let of_report = |columns: &BTreeSet<String>| -> Vec<BaseColumn> {
            columns.iter().map(|column| base(request.from, column)).collect()
        };
        let columns = spec.fields.iter().zip(&request.mapping.fields).map(|(field, mapping)| {
            let mut from = of_report(&field.from);
            let lookup = mapping.lookup.as_ref().and_then(|name| request.mapping.lookups.get(name));
            from.extend(lookup.map(|lookup| base(&lookup.table, &lookup.id)));
            PreviewColumn {
                address: mapping.address.clone(),
                sheet: name(request.template, field.sheet),
                has_current: mapping.current.is_some(),
                from,
                current_from: of_report(&field.current_from),
            }
        });
        let places = spec.fields.iter().map(|field| (field.sheet, field.column)).collect();
        Self { columns: columns.collect(), places, main_rows: 0 }
    }

    /// Hands a block's transactions over, until `each` breaks.
    pub(super) fn block(
        &mut self,
        spec: &Spec,
        made: &Made,
        each: &mut dyn FnMut(PreviewRow) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let main = made.block.sheets.iter().find(|sheet| sheet.sheet == 0);
        for (at, &transaction) in made.transactions.iter().enumerate() {
            let first = main.map_or(0, |sheet| sheet.transactions.partition_point(|&t| t < transaction));
            let row = u64::from(FIRST_DATA_ROW) + self.main_rows + first as u64;
            let cells = (0..self.places.len()).map(|field| {
                let new = self.texts(made, field, transaction);
                let now = made.current[field].as_ref();
                let current = now.and_then(|texts| text_at(texts, at)).map(str::to_owned);
                let change = change((now.is_some(), &current), new.as_deref(), spec.fields[field].clears);
                PreviewCell { current, new, change }
            });
            let cells = cells.collect();
            each(PreviewRow { transaction, row: row as u32, cells })?;
        }
        self.main_rows += main.map_or(0, |sheet| sheet.rows.num_rows() as u64);
        ControlFlow::Continue(())
    }

    /// What is written for a transaction into a field.
    fn texts(&self, made: &Made, field: usize, transaction: u64) -> Option<String> {
        let (sheet, column) = self.places[field];
        let SheetBlock { columns, rows, transactions, .. } =
            made.block.sheets.iter().find(|block| block.sheet == sheet)?;
        let at = columns.iter().position(|&other| other == column)?;
        let texts = rows.columns()[at].as_any().downcast_ref::<StringArray>()?;
        let first = transactions.partition_point(|&other| other < transaction);
        let own = transactions[first..].iter().take_while(|&&other| other == transaction).count();
        let texts: Vec<&str> = (first..first + own).filter_map(|row| text_at(texts, row)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }
}

/// How a new text compares with what is there, if that is known.
fn change((known, now): (bool, &Option<String>), new: Option<&str>, clears: bool) -> Change {
    match new {
        None => Change::Left,
        Some(CLEAR) if clears => Change::Cleared,
        Some(_) if !known => Change::Written,
        Some(_) if now.as_deref() == new => Change::Same,
        Some(_) => Change::Changed,
    }
}
