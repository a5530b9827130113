//! What a mapping chooses outside the rows: ID types in row 4 and lines of the overview.

use super::{Mapping, check};
use crate::template::{Process, Template};
use std::fmt;

/// What is written into a line of the overview.
#[derive(Clone, PartialEq, Eq)]
pub struct Instruction {
    /// Its row, from 1 as people count.
    pub row: u32,
    /// The processing instruction.
    pub instruction: Option<String>,
    /// The comment.
    pub comment: Option<String>,
}

/// Comments hold anything.
impl fmt::Debug for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Instruction");
        shown.field("row", &self.row).field("instruction", &self.instruction).finish_non_exhaustive()
    }
}

impl Mapping {
    /// ID types that row 4 has to say instead of the template's own: sheet, column, type.
    pub fn id_types(&self, template: &Template) -> Vec<(usize, usize, String)> {
        let chosen = self.fields.iter().filter_map(|field| {
            let id_type = field.id_type.as_ref()?;
            let (sheet, column) = template.find(&field.address).ok()?;
            let own = &template.sheets[sheet].columns[column].format;
            (own.to_string() != *id_type).then(|| (sheet, column, id_type.clone()))
        });
        chosen.collect()
    }

    /// What goes into the overview.
    pub fn instructions(&self, template: &Template) -> Vec<Instruction> {
        let lines = template.overview.iter().flat_map(|overview| &overview.processes);
        let chosen = lines.filter_map(|line| {
            let (_, choice) = self.processes.iter().find(|(name, _)| check::same(name, &line.name))?;
            Some(Instruction {
                row: line.row,
                instruction: choice.instruction.clone(),
                comment: choice.comment.clone(),
            })
        });
        chosen.collect()
    }

    /// Whether the overview skips a sheet's step, by this mapping's choice or by the template's.
    pub(in crate::eib) fn skips(&self, template: &Template, sheet: usize) -> bool {
        let lines = template.overview.iter().flat_map(|overview| &overview.processes);
        let mut own = lines.filter(|line: &&Process| line.sheet == Some(sheet));
        own.any(|line| {
            let chosen = self.processes.iter().find(|(name, _)| check::same(name, &line.name));
            let chosen = chosen.and_then(|(_, choice)| choice.instruction.as_ref());
            // Workday's words begin so: "Skip Processing when Step is marked Optional".
            chosen.or(line.instruction.as_ref()).is_some_and(|text| text.trim_start().starts_with("Skip"))
        })
    }
}
