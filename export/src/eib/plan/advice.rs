//! How a load could be smaller: columns and rows that need not leave. Advice, not errors; no value in it.

use super::{ColumnUse, Request, Why};
use crate::Restriction;
use crate::eib::engine::{Made, Spec, same_texts};
use crate::template::Address;
use datafusion::arrow::array::Array;
use datafusion::arrow::buffer::BooleanBuffer;
use serde::Serialize;

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What it is about.
    pub kind: AdviceKind,
    /// The field, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Address>,
    /// Rows or transactions that it is about.
    pub count: u64,
    /// What could be done.
    pub message: String,
}

/// What advice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdviceKind {
    /// An optional column that is filled.
    OptionalFilled,
    /// A mapped column that is blank in every row.
    NothingFilled,
    /// A field that has everywhere what Workday holds already.
    SameAsCurrent,
    /// Transactions that change nothing.
    UnchangedRows,
    /// No filter.
    NoFilter,
    /// Data of a special category, allowed.
    Sensitive,
}

/// What is counted for advice, block by block.
pub(super) struct Watch {
    /// By field: cells that change something, cells that say what is there already.
    fields: Vec<(u64, u64)>,
    unchanged: u64,
}

impl Watch {
    pub(super) fn new(spec: &Spec) -> Self {
        Self { fields: vec![(0, 0); spec.fields.len()], unchanged: 0 }
    }

    pub(super) fn block(&mut self, made: &Made) {
        let transactions = made.transactions.len();
        let (mut all, mut compared): (Option<BooleanBuffer>, _) = (None, false);
        for (field, counts) in self.fields.iter_mut().enumerate() {
            let Some(new) = &made.new[field] else { continue };
            let written = new
                .nulls()
                .map_or_else(|| BooleanBuffer::new_set(transactions), |nulls| nulls.inner().clone());
            // A blank leaves what is there.
            let mut same = !&written;
            if let Some(now) = &made.current[field] {
                let Some(equal) = same_texts(now, new) else { continue };
                same = &same | equal.values();
                let unchanged = (&written & &same).count_set_bits() as u64;
                counts.0 += written.count_set_bits() as u64 - unchanged;
                counts.1 += unchanged;
                compared = true;
            }
            all = Some(all.map_or_else(|| same.clone(), |all| &all & &same));
        }
        let all = all.filter(|_| compared);
        self.unchanged += all.map_or(0, |all| all.count_set_bits() as u64);
    }

    pub(super) fn advice(
        &self,
        request: &Request<'_>,
        (spec, columns): (&Spec, &[ColumnUse]),
        transactions: u64,
    ) -> Vec<Advice> {
        let mut out = Vec::new();
        let mut say = |kind, field: Option<&Address>, count, message: String| {
            out.push(Advice { kind, field: field.cloned(), count, message });
        };
        if request.filter.is_none() && transactions > 0 {
            let words = "no filter: every row of the report is loaded".to_owned();
            say(AdviceKind::NoFilter, None, transactions, words);
        }
        if self.unchanged > 0 {
            let words = format!(
                "{} of {transactions} transactions change nothing that the report knows of: leave them out with the \
                 filter",
                self.unchanged
            );
            say(AdviceKind::UnchangedRows, None, self.unchanged, words);
        }
        for (at, field) in spec.fields.iter().enumerate() {
            let column = &request.template.sheets[field.sheet].columns[field.column];
            let name = &request.template.sheets[field.sheet].name;
            let cell = crate::eib::validate::label_cell(column.index);
            let known = columns.iter().find(|known| known.cell == cell && known.sheet == *name);
            let Some(known) = known.filter(|known| known.why != Why::Key) else { continue };
            let (changing, same) = self.fields[at];
            let optional =
                matches!(column.restriction, Restriction::Optional | Restriction::OptionalMultiple);
            let label = &column.label;
            if let Some(category) = known.sensitive {
                let words = format!("{label}: {category}; only if the load is about it, and with a reason");
                say(AdviceKind::Sensitive, Some(&known.address), known.filled, words);
            }
            if known.filled == 0 && known.blank == 0 {
                continue;
            }
            if known.filled == 0 {
                let words = format!("{label}: mapped, and blank in every row");
                say(AdviceKind::NothingFilled, Some(&known.address), known.blank, words);
            } else if changing == 0 && same > 0 {
                let words = format!("{label}: Workday holds these values already");
                say(AdviceKind::SameAsCurrent, Some(&known.address), same, words);
            } else if optional && changing == 0 {
                let words = format!("{label}: optional; leave it out if it is not what the load is about");
                say(AdviceKind::OptionalFilled, Some(&known.address), known.filled, words);
            }
        }
        out
    }
}
