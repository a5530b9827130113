//! Workers of a load: how many, who comes twice, and what is dated before its hire.

use super::cells::Kind;
use super::{Sink, data_cell, is_effective_date};
use crate::CellFormat;
use crate::eib::engine::{Made, Spec, text_at};
use crate::eib::finding::{Code, Finding};
use crate::eib::rows::SheetBlock;
use crate::escape::is_date;
use crate::template::{Column, Template};
use datafusion::arrow::array::StringArray;
use datafusion::arrow::buffer::BooleanBuffer;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Labels of references to the worker that a transaction is about.
const WORKERS: [&str; 10] = [
    "employee",
    "worker",
    "person",
    "contingent worker",
    "former worker",
    "applicant",
    "pre hire",
    "student",
    "academic affiliate",
    "event target assignee",
];

/// Columns of the main sheet that say whom and when, and whom they said so far.
pub(super) struct People {
    sheet: String,
    workers: Vec<Watched>,
    dates: Vec<Watched>,
    /// Position among the plan's columns of a mapped hire date.
    hired_at: Option<usize>,
    hasher: RandomState,
    /// Hashes of 64 bits: of ten million workers, two share one once in a hundred thousand loads or so.
    seen: HashSet<(usize, u64)>,
}

struct Watched {
    at: usize,
    index: u32,
    label: String,
}

impl People {
    pub(super) fn new(template: &Template, spec: &Spec) -> Self {
        let main = template.sheets.first();
        let plan = spec.sheets.iter().find(|plan| plan.sheet == 0);
        let columns = || {
            let both = main.zip(plan).into_iter();
            both.flat_map(|(sheet, plan)| {
                plan.columns.iter().enumerate().map(|(at, &column)| (at, &sheet.columns[column]))
            })
        };
        let own = |column: &Column| column.group == 0;
        let watched = |fits: &dyn Fn(&Column) -> bool| {
            let fitting = columns().filter(|(_, column)| own(column) && fits(column));
            fitting
                .map(|(at, column)| Watched { at, index: column.index, label: column.label.clone() })
                .collect::<Vec<_>>()
        };
        let label = |column: &Column| custody_rules::normalise_label(&column.label);
        let worker = |column: &Column| {
            matches!(Kind::of(column, None), Kind::PersonId | Kind::OtherId | Kind::AnyId | Kind::Wid)
                && WORKERS.contains(&label(column).as_str())
        };
        let hired = |column: &Column| column.format == CellFormat::Date && label(column) == "hire date";
        Self {
            sheet: main.map(|sheet| sheet.name.clone()).unwrap_or_default(),
            workers: watched(&worker),
            dates: watched(&is_effective_date),
            hired_at: watched(&hired).first().map(|watched| watched.at),
            hasher: RandomState::new(),
            seen: HashSet::new(),
        }
    }

    /// Different workers; `None` where no column names one.
    pub(super) fn count(&self) -> Option<u64> {
        (!self.workers.is_empty()).then_some(self.seen.len() as u64)
    }

    /// Looks at the first rows of transactions.
    pub(super) fn block(
        &mut self,
        made: &Made,
        block: &SheetBlock,
        (starts, done): (&BooleanBuffer, u64),
        sink: Sink<'_>,
    ) {
        if self.workers.is_empty() && self.dates.is_empty() {
            return;
        }
        let texts = |at: usize| block.rows.columns()[at].as_any().downcast_ref::<StringArray>();
        for (transaction, row) in starts.set_indices().enumerate() {
            for (nth, worker) in self.workers.iter().enumerate() {
                let Some(text) = texts(worker.at).and_then(|texts| text_at(texts, row)) else { continue };
                if !self.seen.insert((nth, self.hasher.hash_one(text.trim()))) {
                    let cell = data_cell(done + row as u64, worker.index);
                    sink(Finding::new(Code::DuplicateWorker, &self.sheet, Some(cell), &worker.label));
                }
            }
            if self.dates.is_empty() {
                continue;
            }
            let mapped = self.hired_at.and_then(texts).and_then(|texts| text_at(texts, row));
            let hired = made.hired.as_ref().and_then(|texts| text_at(texts, transaction)).or(mapped);
            let Some(hired) = hired.filter(|text| is_date(text)) else { continue };
            for date in &self.dates {
                let text = texts(date.at).and_then(|texts| text_at(texts, row));
                // Texts of days sort as days do.
                if text.is_some_and(|text| is_date(text) && text < hired) {
                    let cell = data_cell(done + row as u64, date.index);
                    sink(Finding::new(Code::BeforeHire, &self.sheet, Some(cell), &date.label));
                }
            }
        }
    }
}
