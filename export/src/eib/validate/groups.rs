//! What a template wants of each child, checked many rows at a time.

use super::layout::{Place, Wanted, What, When, wanted};
use super::{Sink, data_cell, label_cell};
use crate::eib::engine::SheetPlan;
use crate::eib::finding::{Code, Finding};
use crate::eib::rows::SheetBlock;
use crate::template::Sheet;
use datafusion::arrow::array::{Array, StringArray};
use datafusion::arrow::buffer::BooleanBuffer;

/// The wants of one sheet, and how often those went unmet that no filled column stands for.
pub(super) struct GroupChecks {
    groups: Vec<Group>,
    wanted: Vec<Wanted>,
    /// By want and its column: label, index in the sheet, rows.
    unmet: Vec<Vec<(String, u32, u64)>>,
}

/// A group: where its key is, what it stands in, and its filled columns.
struct Group {
    key_at: Option<usize>,
    key_column: Option<usize>,
    parent: Option<usize>,
    fields: Vec<usize>,
}

impl GroupChecks {
    pub(super) fn new(sheet: &Sheet, plan: &SheetPlan) -> Self {
        let groups = plan.groups.iter().map(|group| Group {
            key_at: group.key_at,
            key_column: sheet.groups.get(group.group).and_then(|group| group.key),
            parent: group.parent,
            fields: group.fields.iter().map(|&(_, at)| at).collect(),
        });
        let wanted = wanted(sheet, plan);
        let place = |place: &Place| {
            let column = &sheet.columns[place.column];
            (column.label.clone(), column.index, 0)
        };
        let unmet = wanted.iter().map(|wanted| wanted.columns.iter().map(place).collect()).collect();
        Self { groups: groups.collect(), wanted, unmet }
    }

    /// Checks a block's rows; says where transactions begin.
    pub(super) fn block(
        &mut self,
        block: &SheetBlock,
        arrays: &[&StringArray],
        (sheet, done): (&str, u64),
        sink: Sink<'_>,
    ) -> BooleanBuffer {
        let rows = block.rows.num_rows();
        let filled: Vec<BooleanBuffer> = arrays
            .iter()
            .map(|array| match array.nulls() {
                Some(nulls) => nulls.inner().clone(),
                None => BooleanBuffer::new_set(rows),
            })
            .collect();
        let starts = self.starts(block, arrays, &filled);
        self.keys(&filled, (sheet, done, rows), block, sink);
        for (wanted, unmet) in self.wanted.iter().zip(&mut self.unmet) {
            let Some(begin) = starts.get(wanted.group) else { continue };
            let needed = match &wanted.when {
                When::Always => begin.clone(),
                When::Any(columns) => begin & &any(columns.iter().map(|&at| &filled[at]), rows),
            };
            if needed.count_set_bits() > 0 {
                check(wanted, unmet, (&needed, &filled), (sheet, done), sink);
            }
        }
        starts.into_iter().next().unwrap_or_else(|| BooleanBuffer::new_set(rows))
    }

    /// In which rows a child of each group begins.
    fn starts(
        &self,
        block: &SheetBlock,
        arrays: &[&StringArray],
        filled: &[BooleanBuffer],
    ) -> Vec<BooleanBuffer> {
        let rows = block.rows.num_rows();
        let mut starts: Vec<BooleanBuffer> = Vec::with_capacity(self.groups.len());
        let every = block.transactions.windows(2).all(|pair| pair[0] != pair[1]);
        for group in &self.groups {
            let begins = match (group.parent, group.key_at) {
                (None, _) if every => BooleanBuffer::new_set(rows),
                (None, _) => {
                    let new = |row: usize| row == 0 || block.transactions[row] != block.transactions[row - 1];
                    BooleanBuffer::collect_bool(rows, new)
                }
                (Some(_), None) => BooleanBuffer::new_unset(rows),
                (Some(_), Some(key)) if every => filled[key].clone(),
                (Some(parent), Some(key)) => {
                    let text = |row: usize| filled[key].value(row).then(|| arrays[key].value(row));
                    let new = |row: usize| {
                        let own = text(row);
                        own.is_some() && (row == 0 || starts[parent].value(row) || own != text(row - 1))
                    };
                    BooleanBuffer::collect_bool(rows, new)
                }
            };
            starts.push(begins);
        }
        starts
    }

    /// No row without the keys of what it belongs to.
    fn keys(
        &self,
        filled: &[BooleanBuffer],
        (sheet, done, rows): (&str, u64, usize),
        block: &SheetBlock,
        sink: Sink<'_>,
    ) {
        for (at, group) in self.groups.iter().enumerate() {
            let inside = self.groups.iter().filter(|other| other.parent == Some(at));
            let under = group.fields.iter().copied().chain(inside.filter_map(|inside| inside.key_at));
            let carried = any(under.map(|column| &filled[column]), rows);
            let orphans = match (group.key_at, group.key_column, group.parent) {
                (Some(key), ..) => &carried & &!&filled[key],
                // A main sheet may be without keys.
                (None, None, None) => continue,
                (None, ..) => carried,
            };
            let column = group.key_at.map_or(0, |key| block.columns[key]) as u32 + 1;
            for row in orphans.set_indices() {
                let cell = data_cell(done + row as u64, column);
                sink(Finding::new(Code::ChildWithoutKey, sheet, Some(cell), ""));
            }
        }
    }

    /// Says what no filled column stands for: once a column, at its label.
    pub(super) fn finish(&self, sheet: &str, sink: Sink<'_>) {
        for (wanted, unmet) in self.wanted.iter().zip(&self.unmet) {
            let labels: Vec<&str> = unmet.iter().map(|(label, ..)| label.as_str()).collect();
            // Then it is counted who is blank beside a filled one; else that all are.
            let mapped = wanted.columns.iter().any(|place| place.at.is_some());
            for (label, index, rows) in unmet.iter().filter(|(.., rows)| *rows > 0) {
                let (code, words) = match wanted.what {
                    What::Group => {
                        (Code::GroupRequired, format!("this group has to occur, and does not {rows} times"))
                    }
                    What::Together => (
                        Code::ConditionalHalf,
                        format!("not mapped, and wanted beside what is filled in {rows} rows"),
                    ),
                    What::Alternatives { .. } if mapped => (
                        Code::RequiredAlternative,
                        format!("required, and blank in {rows} rows, while a column beside it is filled"),
                    ),
                    What::Alternatives { .. } => {
                        (Code::MissingRequired, format!("one of {}: blank in {rows} rows", labels.join(", ")))
                    }
                    What::Required => {
                        (Code::MissingRequired, format!("required, not mapped: missing in {rows} rows"))
                    }
                };
                sink(Finding::new(code, sheet, Some(label_cell(*index)), label).saying(words));
            }
        }
    }
}

fn any<'a>(columns: impl Iterator<Item = &'a BooleanBuffer>, rows: usize) -> BooleanBuffer {
    columns.fold(BooleanBuffer::new_unset(rows), |all, column| &all | column)
}

fn check(
    wanted: &Wanted,
    unmet: &mut [(String, u32, u64)],
    (needed, filled): (&BooleanBuffer, &[BooleanBuffer]),
    (sheet, done): (&str, u64),
    sink: Sink<'_>,
) {
    let rows = needed.len();
    let labels: Vec<String> = unmet.iter().map(|(label, ..)| label.clone()).collect();
    let one = any(wanted.columns.iter().filter_map(|place| place.at).map(|at| &filled[at]), rows);
    match wanted.what {
        What::Required | What::Group => {
            let code = if wanted.what == What::Group { Code::GroupRequired } else { Code::MissingRequired };
            missing((code, None), (0, wanted), unmet, (&(needed & &!&one), sheet, done), sink);
        }
        What::Together => {
            let half = needed & &one;
            for at in 0..wanted.columns.len() {
                let blank = match wanted.columns[at].at {
                    Some(column) => &half & &!&filled[column],
                    None => half.clone(),
                };
                missing((Code::ConditionalHalf, None), (at, wanted), unmet, (&blank, sheet, done), sink);
            }
        }
        What::Alternatives { known } => {
            let none = needed & &!&one;
            // What is mapped is named: it is where the value was to come from.
            let first = wanted.columns.iter().position(|place| place.at.is_some()).unwrap_or(0);
            let words = format!("one of {} is required, and all are blank", labels.join(", "));
            missing((Code::MissingRequired, Some(words)), (first, wanted), unmet, (&none, sheet, done), sink);
            if known {
                two(wanted, unmet, (needed, filled), (sheet, done), sink);
                return;
            }
            let some = needed & &one;
            for (at, place) in wanted.columns.iter().enumerate() {
                let blank = match place.at {
                    Some(column) => (&some & &!&filled[column]).count_set_bits(),
                    None => some.count_set_bits(),
                };
                unmet[at].2 += blank as u64;
            }
        }
    }
}

/// Names the rows in which more than one of them is filled, at the last one.
fn two(
    wanted: &Wanted,
    labels: &[(String, u32, u64)],
    (needed, filled): (&BooleanBuffer, &[BooleanBuffer]),
    (sheet, done): (&str, u64),
    sink: Sink<'_>,
) {
    let columns = || wanted.columns.iter().zip(labels).filter_map(|(place, label)| Some((place.at?, label)));
    for row in needed.set_indices() {
        let mut own = columns().filter(|(at, _)| filled[*at].value(row));
        if let (Some(_), Some((_, (label, index, _)))) = (own.next(), own.next_back()) {
            sink(Finding::new(
                Code::TwoAlternatives,
                sheet,
                Some(data_cell(done + row as u64, *index)),
                label,
            ));
        }
    }
}

/// Names every row of a filled column; counts those of others.
fn missing(
    (code, words): (Code, Option<String>),
    (at, wanted): (usize, &Wanted),
    unmet: &mut [(String, u32, u64)],
    (rows, sheet, done): (&BooleanBuffer, &str, u64),
    sink: Sink<'_>,
) {
    let (label, index, count) = &mut unmet[at];
    if wanted.columns[at].at.is_none() {
        *count += rows.count_set_bits() as u64;
        return;
    }
    for row in rows.set_indices() {
        let finding = Finding::new(code, sheet, Some(data_cell(done + row as u64, *index)), label);
        sink(match &words {
            Some(words) => finding.saying(words.clone()),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CellFormat;
    use crate::Restriction;
    use crate::eib::engine::{GroupPlan, text_batch};
    use crate::template::{Column, Group as TemplateGroup, Marks};
    use datafusion::arrow::array::ArrayRef;
    use std::sync::Arc;

    /// A sheet of a key, a text, a Row ID, and a text of the group.
    fn checks() -> GroupChecks {
        let column = |index, label: &str, group| Column {
            index,
            area: "All".to_owned(),
            restriction: Restriction::Optional,
            format: CellFormat::Text,
            label: label.to_owned(),
            marks: Marks::default(),
            id_types: Vec::new(),
            as_text: true,
            hidden: false,
            group,
        };
        let group = |key, parent| TemplateGroup { key: Some(key), parent, required: false };
        let sheet = Sheet {
            name: "Load".to_owned(),
            title: "Load".to_owned(),
            columns: vec![column(1, "Key", 0), column(2, "A", 0), column(3, "Row ID", 1), column(4, "B", 1)],
            groups: vec![group(0, None), group(2, Some(0))],
        };
        let known = |group, parent, key, field: (usize, usize)| GroupPlan {
            group,
            parent,
            key_at: Some(key),
            fields: vec![field],
            has_reason: true,
        };
        let groups = vec![known(0, None, 0, (0, 1)), known(1, Some(0), 2, (1, 3))];
        GroupChecks::new(&sheet, &SheetPlan { sheet: 0, columns: Arc::from([0, 1, 2, 3]), groups })
    }

    #[test]
    fn rows_without_the_keys_of_what_they_hold_are_named() {
        let rows = [
            [Some("1"), Some("a"), Some("1"), Some("b")],
            [None, Some("a"), None, None],
            [Some("2"), None, None, Some("b")],
            [None, None, Some("1"), None],
        ];
        let column =
            |at: usize| Arc::new(rows.iter().map(|row| row[at]).collect::<StringArray>()) as ArrayRef;
        let batch = text_batch((0..4).map(column).collect(), rows.len()).expect("a batch");
        let block = SheetBlock {
            sheet: 0,
            columns: Arc::from([0, 1, 2, 3]),
            rows: batch,
            transactions: vec![1, 2, 3, 4],
        };
        let arrays: Vec<&StringArray> =
            block.rows.columns().iter().filter_map(|array| array.as_any().downcast_ref()).collect();
        let mut found = Vec::new();
        checks().block(&block, &arrays, ("Load", 10), &mut |finding| found.push(finding));
        let found: Vec<_> = found.iter().map(|f| (f.code, f.cell.as_deref().unwrap_or_default())).collect();
        let missing = Code::ChildWithoutKey;
        assert_eq!(found, [(missing, "B17"), (missing, "B19"), (missing, "D18")]);
    }
}
