//! Which columns of which sheets a mapping fills, and how they belong together.

use super::Field;
use crate::template::{Sheet, Template};
use std::sync::Arc;

/// A sheet that gets rows.
#[derive(Debug, Clone)]
pub(in crate::eib) struct SheetPlan {
    /// Position among the template's sheets.
    pub(in crate::eib) sheet: usize,
    /// Columns that may be filled, ascending.
    pub(in crate::eib) columns: Arc<[usize]>,
    /// Groups that are used, parents before children; the first is the transaction itself.
    pub(in crate::eib) groups: Vec<GroupPlan>,
}

/// A group of a sheet.
#[derive(Debug, Clone)]
pub(in crate::eib) struct GroupPlan {
    /// Position among the sheet's groups.
    pub(in crate::eib) group: usize,
    /// Position among the plan's groups of the one it repeats in.
    pub(in crate::eib) parent: Option<usize>,
    /// Position among the plan's columns of its key.
    pub(in crate::eib) key_at: Option<usize>,
    /// Its fields: position in the mapping, position among the plan's columns.
    pub(in crate::eib) fields: Vec<(usize, usize)>,
    /// Whether it, or a group inside it, has a field that is no constant: then that field's values decide where it is.
    pub(in crate::eib) has_reason: bool,
}

impl SheetPlan {
    /// Groups inside a group.
    pub(in crate::eib) fn inside(&self, group: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.groups.len()).filter(move |&at| self.groups[at].parent == Some(group))
    }
}

/// The sheets that fields fill; the main sheet always has rows.
pub(super) fn sheets(template: &Template, fields: &[Field]) -> Vec<SheetPlan> {
    let used = |sheet: &usize| *sheet == 0 || fields.iter().any(|field| field.sheet == *sheet);
    (0..template.sheets.len()).filter(used).map(|at| sheet_plan(at, &template.sheets[at], fields)).collect()
}

fn sheet_plan(at: usize, sheet: &Sheet, fields: &[Field]) -> SheetPlan {
    let own: Vec<(usize, &Field)> =
        fields.iter().enumerate().filter(|(_, field)| field.sheet == at).collect();
    // Groups with fields, and those that they stand in.
    let mut used = vec![false; sheet.groups.len().max(1)];
    used[0] = true;
    for (_, field) in &own {
        let mut next = Some(sheet.columns[field.column].group);
        while let Some(group) = next.filter(|&group| !used[group]) {
            used[group] = true;
            next = sheet.groups[group].parent;
        }
    }
    let mut order: Vec<usize> = (0..used.len()).filter(|&group| used[group]).collect();
    order.sort_by_key(|&group| (depth(sheet, group), group));
    let key = |group: usize| sheet.groups.get(group).and_then(|group| group.key);
    let mut columns: Vec<usize> = own.iter().map(|(_, field)| field.column).collect();
    columns.extend(order.iter().filter_map(|&group| key(group)));
    columns.sort_unstable();
    columns.dedup();
    let place = |column: usize| columns.iter().position(|&other| other == column);
    let mut groups: Vec<GroupPlan> = Vec::with_capacity(order.len());
    for &group in &order {
        let parent = sheet.groups.get(group).and_then(|group| group.parent);
        let members = own.iter().filter(|(_, field)| sheet.columns[field.column].group == group);
        let members = members.filter_map(|(index, field)| Some((*index, place(field.column)?)));
        groups.push(GroupPlan {
            group,
            parent: parent.and_then(|parent| order.iter().position(|&other| other == parent)),
            key_at: key(group).and_then(place),
            fields: members.collect(),
            has_reason: false,
        });
    }
    for at in (0..groups.len()).rev() {
        let varies = |&(field, _): &(usize, usize)| fields[field].constant.is_none();
        let inside = groups.iter().any(|group| group.parent == Some(at) && group.has_reason);
        groups[at].has_reason = inside || groups[at].fields.iter().any(varies);
    }
    SheetPlan { sheet: at, columns: columns.into(), groups }
}

fn depth(sheet: &Sheet, group: usize) -> usize {
    let mut steps = 0;
    let mut next = sheet.groups.get(group).and_then(|group| group.parent);
    while let Some(group) = next.filter(|_| steps < sheet.groups.len()) {
        steps += 1;
        next = sheet.groups.get(group).and_then(|group| group.parent);
    }
    steps
}
