//! What differs between two templates of an operation, field by field, and what that breaks in a mapping. A column that
//! only stands further right because others came before it has not changed.

use super::compare::{group_path, in_order};
use super::groups::{bare, is_key};
use super::import::split_version;
use super::model::{Column, Overview, Sheet, Template, cell_name};
use crate::{CellFormat, Restriction};
use serde::Serialize;
use std::collections::HashMap;

mod breaks;
#[cfg(test)]
mod tests;

pub use breaks::{Break, Problem};

/// Row of the labels, from 0.
const FIELDS: u32 = 4;

/// What differs between two templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateDiff {
    /// Operation before and after, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<(String, String)>,
    /// Sheets that only the second one has.
    pub sheets_added: Vec<String>,
    /// Sheets that only the first one has.
    pub sheets_removed: Vec<String>,
    /// Whether the sheets that both have come in another order.
    pub sheets_reordered: bool,
    /// Whether the overview differs in anything: processes, their rows, what may be chosen, its columns.
    pub overview: bool,
    /// Processes of the overview that only the second one has.
    pub processes_added: Vec<String>,
    /// Processes of the overview that only the first one has.
    pub processes_removed: Vec<String>,
    /// Sheets that both have and that differ.
    pub sheets: Vec<SheetDiff>,
    #[serde(skip)]
    before: Template,
    #[serde(skip)]
    after: Template,
    /// Where columns of the first one are in the second one: sheet and column, by position.
    #[serde(skip)]
    pairs: HashMap<(usize, usize), (usize, usize)>,
}

/// What differs on a sheet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SheetDiff {
    /// Its name in the second one.
    pub sheet: String,
    /// Its name before and after, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<(String, String)>,
    /// Its title before and after, versions aside, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<(String, String)>,
    /// Fields that only the second one has.
    pub added: Vec<Field>,
    /// Fields that only the first one has.
    pub removed: Vec<Field>,
    /// Fields in another area, or in another order within theirs.
    pub moved: Vec<Moved>,
    /// Fields that say something else than before.
    pub changed: Vec<Changed>,
}

/// A field where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its cell in row 5: `G5`.
    pub cell: String,
    /// Its area, as row 2 has it.
    pub area: String,
    /// Its label with marks.
    pub label: String,
}

/// A field that stands somewhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Before.
    pub from: Field,
    /// After.
    pub to: Field,
}

/// A field that says something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Where it stands after.
    pub field: Field,
    /// What is different.
    pub changes: Vec<Change>,
}

/// One difference of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// Its area has another path, or other marks.
    Area {
        /// Before.
        before: String,
        /// After.
        after: String,
    },
    /// Its label has other marks.
    Marks {
        /// Before.
        before: &'static str,
        /// After.
        after: &'static str,
    },
    /// Whether it has to be filled, and how often it may be.
    Restriction {
        /// Before.
        before: Restriction,
        /// After.
        after: Restriction,
    },
    /// What its cells hold. Another ID type of the same list is no difference.
    Format {
        /// Before.
        before: CellFormat,
        /// After.
        after: CellFormat,
    },
    /// What row 4 offers.
    IdTypes {
        /// Offered after only.
        added: Vec<String>,
        /// Offered before only.
        removed: Vec<String>,
    },
    /// The repeating groups it is in: their areas, from outside in.
    Groups {
        /// Before.
        before: Vec<String>,
        /// After.
        after: Vec<String>,
    },
    /// Whether the file hides it.
    Hidden(bool),
}

impl TemplateDiff {
    /// Whether nothing differs. Then the fingerprints are the same.
    pub fn is_empty(&self) -> bool {
        self.operation.is_none()
            && !self.sheets_reordered
            && !self.overview
            && self.sheets_added.is_empty()
            && self.sheets_removed.is_empty()
            && self.processes_added.is_empty()
            && self.processes_removed.is_empty()
            && self.sheets.is_empty()
    }
}

/// Compares two templates; sheets are compared by their names, the main sheets with each other.
pub fn diff(before: &Template, after: &Template) -> TemplateDiff {
    let counterpart = |(at, sheet): (usize, &Sheet)| {
        let named = |other: &Sheet| other.name.eq_ignore_ascii_case(&sheet.name);
        let main = (at == 0 && !after.sheets.is_empty()).then_some(0);
        main.or_else(|| (1..after.sheets.len()).find(|&other| named(&after.sheets[other])))
    };
    let counterparts: Vec<Option<usize>> = before.sheets.iter().enumerate().map(counterpart).collect();
    let mut found = TemplateDiff {
        operation: unlike(&before.operation, &after.operation),
        sheets_added: (0..after.sheets.len())
            .filter(|at| !counterparts.contains(&Some(*at)))
            .map(|at| after.sheets[at].name.clone())
            .collect(),
        sheets_removed: Vec::new(),
        sheets_reordered: counterparts
            .iter()
            .flatten()
            .zip(counterparts.iter().flatten().skip(1))
            .any(|(a, b)| a > b),
        overview: overview_text(before) != overview_text(after),
        processes_added: missing(after, before),
        processes_removed: missing(before, after),
        sheets: Vec::new(),
        before: before.clone(),
        after: after.clone(),
        pairs: HashMap::new(),
    };
    for (at, (sheet, other)) in before.sheets.iter().zip(&counterparts).enumerate() {
        let Some(other) = *other else {
            found.sheets_removed.push(sheet.name.clone());
            continue;
        };
        let (differs, pairs) = sheet_diff(sheet, &after.sheets[other]);
        found.pairs.extend(pairs.into_iter().map(|(left, right)| ((at, left), (other, right))));
        if differs != (SheetDiff { sheet: differs.sheet.clone(), ..SheetDiff::default() }) {
            found.sheets.push(differs);
        }
    }
    found
}

/// All that an overview says, what is chosen aside.
fn overview_text(template: &Template) -> Option<Overview> {
    let mut overview = template.overview.clone()?;
    overview.title.clear();
    for process in &mut overview.processes {
        process.instructions.sort_unstable();
        (process.instruction, process.sheet) = (None, None);
    }
    Some(overview)
}

/// Two texts, where they differ.
fn unlike(before: &str, after: &str) -> Option<(String, String)> {
    (before != after).then(|| (before.to_owned(), after.to_owned()))
}

/// Processes of one overview that the other one does not have.
fn missing(own: &Template, other: &Template) -> Vec<String> {
    let names = |template: &Template| -> Vec<String> {
        let processes = template.overview.iter().flat_map(|overview| &overview.processes);
        processes.map(|process| process.name.clone()).collect()
    };
    let others = names(other);
    names(own).into_iter().filter(|name| !others.contains(name)).collect()
}

fn field(column: &Column) -> Field {
    Field {
        cell: cell_name(FIELDS, column.index),
        area: column.area.clone(),
        label: format!("{}{}", column.label, column.marks.text()),
    }
}

/// Pairs of columns by position.
type Pairs = Vec<(usize, usize)>;

fn sheet_diff(before: &Sheet, after: &Sheet) -> (SheetDiff, Pairs) {
    let same = |left: &Column, right: &Column| {
        u64::from(left.label == right.label && bare(&left.area).eq_ignore_ascii_case(bare(&right.area)))
    };
    let mut pairs = in_order(&before.columns, &after.columns, same);
    let kept = pairs.len();
    // What is left over: first the same field in another order, then one of the same label in another area.
    let left_over = |pairs: &Pairs| {
        let left: Vec<usize> =
            (0..before.columns.len()).filter(|at| pairs.iter().all(|pair| pair.0 != *at)).collect();
        let right: Vec<usize> =
            (0..after.columns.len()).filter(|at| pairs.iter().all(|pair| pair.1 != *at)).collect();
        (left, right)
    };
    let (left, mut right) = left_over(&pairs);
    for at in left {
        let other = right.iter().position(|to| same(&before.columns[at], &after.columns[*to]) > 0);
        pairs.extend(other.map(|other| (at, right.remove(other))));
    }
    let (left, right) = left_over(&pairs);
    for &at in &left {
        let label = &before.columns[at].label;
        let alone = left.iter().filter(|other| before.columns[**other].label == *label).count() == 1;
        let mut named = right.iter().filter(|to| after.columns[**to].label == *label);
        if let (true, Some(to), None) = (alone && !is_key(label), named.next(), named.next()) {
            pairs.push((at, *to));
        }
    }
    let (left, right) = left_over(&pairs);
    let moved = pairs[kept..]
        .iter()
        .map(|(from, to)| Moved { from: field(&before.columns[*from]), to: field(&after.columns[*to]) });
    let moved = moved.collect();
    let changed = |(from, to): &(usize, usize)| {
        let changes = changes((before, *from), (after, *to));
        (!changes.is_empty()).then(|| Changed { field: field(&after.columns[*to]), changes })
    };
    let mut ordered = pairs.clone();
    ordered.sort_unstable_by_key(|(_, to)| *to);
    let differs = SheetDiff {
        sheet: after.name.clone(),
        name: unlike(&before.name, &after.name),
        title: unlike(split_version(&before.title).0, split_version(&after.title).0),
        added: right.iter().map(|at| field(&after.columns[*at])).collect(),
        removed: left.iter().map(|at| field(&before.columns[*at])).collect(),
        moved,
        changed: ordered.iter().filter_map(changed).collect(),
    };
    (differs, pairs)
}

fn changes(before: (&Sheet, usize), after: (&Sheet, usize)) -> Vec<Change> {
    let (left, right) = (&before.0.columns[before.1], &after.0.columns[after.1]);
    let mut changes = Vec::new();
    if left.area != right.area {
        changes.push(Change::Area { before: left.area.clone(), after: right.area.clone() });
    }
    if left.marks.text() != right.marks.text() {
        changes.push(Change::Marks { before: left.marks.text(), after: right.marks.text() });
    }
    if left.restriction != right.restriction {
        changes.push(Change::Restriction { before: left.restriction, after: right.restriction });
    }
    if left.format != right.format && !only_chosen(left, right) {
        changes.push(Change::Format { before: left.format.clone(), after: right.format.clone() });
    }
    let only = |own: &Column, other: &Column| -> Vec<String> {
        own.id_types.iter().filter(|name| !other.id_types.contains(name)).cloned().collect()
    };
    let (added, removed) = (only(right, left), only(left, right));
    if !added.is_empty() || !removed.is_empty() {
        changes.push(Change::IdTypes { added, removed });
    }
    let groups = (group_path(before.0, before.1), group_path(after.0, after.1));
    if groups.0 != groups.1 {
        changes.push(Change::Groups { before: groups.0, after: groups.1 });
    }
    if left.hidden != right.hidden {
        changes.push(Change::Hidden(right.hidden));
    }
    changes
}

/// Whether two columns differ in the ID type that is chosen out of what both offer.
fn only_chosen(left: &Column, right: &Column) -> bool {
    let (CellFormat::Reference(one), CellFormat::Reference(two)) = (&left.format, &right.format) else {
        return false;
    };
    left.id_types.contains(two) && right.id_types.contains(one)
}
