//! What a change of template breaks in a mapping. Knows addresses of fields, no mapping file.

use super::{Change, TemplateDiff, changes, field};
use crate::template::groups::is_key;
use crate::template::model::{Address, Column, WhereError};
use crate::{CellFormat, Restriction};
use serde::Serialize;

/// A field that a mapping has to be looked at for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Break {
    /// The field, as the mapping names it.
    pub address: Address,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a mapped field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
    /// The first template does not have it either, or more than once.
    Unknown,
    /// It is gone.
    Gone,
    /// The address names more than one field now.
    Ambiguous {
        /// Their cells in row 5.
        cells: String,
    },
    /// It stands in another area, where the address does not find it.
    Moved {
        /// The area it is in now.
        area: String,
    },
    /// The address names another field now.
    Other {
        /// The cell of that field in row 5.
        cell: String,
    },
    /// It says something else than before.
    Changed {
        /// What is different and matters.
        changes: Vec<Change>,
    },
    /// It has to be filled now, and is not mapped.
    Required {
        /// Its cell in row 5.
        cell: String,
    },
}

impl TemplateDiff {
    /// Says which fields of a mapping are gone, ambiguous, moved to another area, or changed in a way that matters; and
    /// which ones have to be filled now that did not before.
    pub fn breaks(&self, addresses: &[Address]) -> Vec<Break> {
        let mut breaks: Vec<Break> = Vec::new();
        let mut mapped = Vec::new();
        for address in addresses {
            let problem = match self.before.find(address) {
                Err(_) => Some(Problem::Unknown),
                Ok(from) => {
                    mapped.extend(self.pairs.get(&from));
                    self.problem(address, from)
                }
            };
            breaks.extend(problem.map(|problem| Break { address: address.clone(), problem }));
        }
        breaks.extend(self.required(&mapped));
        breaks
    }

    fn problem(&self, address: &Address, from: (usize, usize)) -> Option<Problem> {
        let to = self.pairs.get(&from).copied();
        match (self.after.find(address), to) {
            (Err(WhereError::Ambiguous { cells, .. }), _) => Some(Problem::Ambiguous { cells }),
            (Err(_), None) => Some(Problem::Gone),
            (Err(_), Some((sheet, column))) => {
                Some(Problem::Moved { area: self.after.sheets[sheet].columns[column].area.clone() })
            }
            (Ok(found), to) if to != Some(found) => {
                Some(Problem::Other { cell: field(&self.after.sheets[found.0].columns[found.1]).cell })
            }
            (Ok(found), _) => {
                let before = (&self.before.sheets[from.0], from.1);
                let changes = changes(before, (&self.after.sheets[found.0], found.1));
                let changes: Vec<Change> = changes.into_iter().filter(matters).collect();
                (!changes.is_empty()).then_some(Problem::Changed { changes })
            }
        }
    }

    /// Fields that have to be filled now, did not before, and are not mapped: those of transactions and groups that the
    /// mapping fills.
    fn required(&self, mapped: &[(usize, usize)]) -> Vec<Break> {
        let mut found = Vec::new();
        for (at, sheet) in self.after.sheets.iter().enumerate() {
            let filled: Vec<usize> = mapped
                .iter()
                .filter(|place| place.0 == at)
                .filter_map(|place| sheet.columns.get(place.1).map(|column| column.group))
                .collect();
            for (position, column) in sheet.columns.iter().enumerate() {
                let touched = filled.contains(&column.group) || column.group == 0 && !filled.is_empty();
                if !touched || !is_required(column) || mapped.contains(&(at, position)) {
                    continue;
                }
                let before = self.pairs.iter().find(|(_, to)| **to == (at, position)).map(|(from, _)| from);
                if before.is_some_and(|from| is_required(&self.before.sheets[from.0].columns[from.1])) {
                    continue;
                }
                let problem = Problem::Required { cell: field(column).cell };
                found.extend(self.after.address(at, position).map(|address| Break { address, problem }));
            }
        }
        found
    }
}

/// Whether a column has to be filled, and not by the program itself.
fn is_required(column: &Column) -> bool {
    matches!(column.restriction, Restriction::Required | Restriction::RequiredMultiple)
        && !is_key(&column.label)
}

/// Whether a difference can make rows wrong that were right.
fn matters(change: &Change) -> bool {
    match change {
        // Where the area's path counts, the address does not find the field any more.
        Change::Area { .. } | Change::Marks { .. } | Change::Hidden(false) => false,
        // More room for digits than before is no trouble.
        Change::Format {
            before: CellFormat::Number(Some((total, fraction))),
            after: CellFormat::Number(Some((now, digits))),
        } => digits < fraction || now - digits < total - fraction,
        Change::Format { before: CellFormat::Number(_), after: CellFormat::Number(None) } => false,
        Change::Restriction { before, after } => is_multiple(*before) && !is_multiple(*after),
        Change::IdTypes { removed, .. } => !removed.is_empty(),
        Change::Format { .. } | Change::Groups { .. } | Change::Hidden(true) => true,
    }
}

fn is_multiple(restriction: Restriction) -> bool {
    matches!(restriction, Restriction::RequiredMultiple | Restriction::OptionalMultiple)
}
