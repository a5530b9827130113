//! The overview of a template: the business process, its sub-processes, and what may be chosen for them.

use super::cells::{Cells, HEADING_ROW, PROCESS_HEADING};
use super::package::{Extras, Range};
use super::{Note, TemplateError};
use crate::template::model::{Overview, Process, cell_name};

const INSTRUCTION_HEADING: &str = "Processing Instruction";
const DISCARD_HEADING: &str = "Discard on Exit Validation Error";

/// Reads it; the processes have no sheets yet.
pub(super) fn read(
    name: &str,
    cells: &Cells,
    extras: &Extras,
    notes: &mut Vec<Note>,
) -> Result<Overview, TemplateError> {
    let odd = |row, column, what| TemplateError::Header { number: 1, cell: cell_name(row, column), what };
    let title = cells.text(1, 1);
    if title.is_empty() {
        return Err(odd(1, 1, "no title"));
    }
    let named = cells.find(HEADING_ROW, PROCESS_HEADING).ok_or_else(|| odd(HEADING_ROW, 1, "no heading"))?;
    let chosen = cells
        .find(HEADING_ROW, INSTRUCTION_HEADING)
        .ok_or_else(|| odd(HEADING_ROW, named + 1, "no heading Processing Instruction"))?;
    let mut processes = Vec::new();
    for row in HEADING_ROW + 1.. {
        let process = cells.text(row, named);
        if process.is_empty() {
            break;
        }
        let here = |range: &Range| range.has(row, chosen);
        let list = extras.lists.iter().find(|list| list.ranges.iter().any(here));
        if list.is_some_and(|list| list.choices.is_none()) {
            let what = "the list of instructions stands in other cells; it is not read";
            notes.push(Note { sheet: name.to_owned(), cell: cell_name(row, chosen), what });
        }
        let instructions = list.and_then(|list| list.choices.clone()).unwrap_or_default();
        let instruction =
            Some(cells.text(row, chosen)).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        if let Some(text) = &instruction
            && !instructions.is_empty()
            && !instructions.contains(text)
        {
            return Err(odd(row, chosen, "an instruction that is none of its list"));
        }
        processes.push(Process {
            row: row + 1,
            name: process.to_owned(),
            sheet: None,
            instructions,
            instruction,
        });
    }
    if processes.is_empty() {
        return Err(odd(HEADING_ROW + 1, named, "no business process"));
    }
    let discards = cells.find(HEADING_ROW, DISCARD_HEADING).is_some();
    Ok(Overview { name: name.to_owned(), title: title.to_owned(), discards, processes })
}
