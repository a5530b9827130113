//! Checks rows as they are made: every cell by its column's format, every child by what the template wants of it, and the
//! whole load for what Workday would stumble over. Findings name cells; they never hold what stands in them.

mod cells;
mod groups;
mod layout;
mod people;

use super::engine::{Made, Note, SheetPlan, Spec};
use super::finding::{Code, Finding};
use super::mapping::{CLEAR, is_clear};
use super::plan::Request;
use super::rows::SheetBlock;
use crate::CellFormat;
use crate::template::{Column, FIRST_DATA_ROW, Sheet, cell_name};
use cells::{DateOrders, Kind};
use datafusion::arrow::array::{Array, StringArray};
use datafusion::arrow::buffer::BooleanBuffer;
use groups::GroupChecks;
use people::People;
use std::collections::HashSet;

/// Rows of data that a sheet takes.
const SHEET_ROWS: u64 = crate::workbook::ROWS_MAX as u64;
/// Labels of dates that must not be before the hire.
const EFFECTIVE_DATES: [&str; 6] = [
    "effective date",
    "compensation change date",
    "termination date",
    "change date",
    "event date",
    "position effective date",
];
/// How labels of flags begin that drop or delete what is there: `Replace All`, `Delete`, `Remove Existing Assignees for …`.
const REPLACES: [&str; 3] = ["replace", "delete", "remove"];

/// Takes findings.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Finding);

/// Whether a column says from when on something holds.
pub(super) fn is_effective_date(column: &Column) -> bool {
    let label = custody_rules::normalise_label(&column.label);
    column.format == CellFormat::Date && EFFECTIVE_DATES.contains(&label.as_str())
}

/// A load that is being checked.
pub(super) struct Checker {
    sheets: Vec<SheetChecks>,
    people: People,
    allow: (bool, bool),
}

/// One sheet of it.
struct SheetChecks {
    sheet: usize,
    name: String,
    columns: Vec<ColumnChecks>,
    groups: GroupChecks,
    rows: u64,
    skipped: bool,
}

/// One column of it, and what was counted.
pub(super) struct ColumnChecks {
    /// Position among the sheet's columns.
    pub(super) column: usize,
    index: u32,
    label: String,
    /// None for keys: they are made, and right.
    kind: Option<Kind>,
    clears: bool,
    replaces: bool,
    was_number: bool,
    orders: DateOrders,
    pub(super) filled: u64,
    pub(super) cleared: u64,
    pub(super) replaced: u64,
}

impl Checker {
    pub(super) fn new(request: &Request<'_>, spec: &Spec) -> Self {
        let template = request.template;
        let sheets = spec.sheets.iter().map(|plan| {
            let sheet = &template.sheets[plan.sheet];
            SheetChecks {
                sheet: plan.sheet,
                name: sheet.name.clone(),
                columns: plan.columns.iter().map(|&at| column(request, spec, plan, (sheet, at))).collect(),
                groups: GroupChecks::new(sheet, plan),
                rows: 0,
                skipped: request.mapping.skips(template, plan.sheet),
            }
        });
        let allow = (request.allow.clear, request.allow.replace);
        Self { sheets: sheets.collect(), people: People::new(template, spec), allow }
    }

    /// Checks a block.
    pub(super) fn block(&mut self, made: &Made, sink: Sink<'_>) {
        for block in &made.block.sheets {
            let Some(checks) = self.sheets.iter_mut().find(|checks| checks.sheet == block.sheet) else {
                continue;
            };
            // A cell of which it is said why it could not be made is not said to be missing, too.
            let noted = made.notes.iter().filter(|note| note.sheet == block.sheet);
            let noted: HashSet<String> = noted.filter_map(|note| checks.cell_of(note)).collect();
            let starts = checks.block(block, &mut |finding| {
                let known = finding.cell.as_ref().is_some_and(|cell| noted.contains(cell));
                if !known || finding.code != Code::MissingRequired {
                    sink(finding);
                }
            });
            if block.sheet == 0 {
                self.people.block(made, block, (&starts, checks.rows), sink);
            }
            checks.rows += block.rows.num_rows() as u64;
        }
        for note in &made.notes {
            if let Some(checks) = self.sheets.iter().find(|checks| checks.sheet == note.sheet) {
                checks.note(note, sink);
            }
        }
    }

    /// Says what only the whole load shows.
    pub(super) fn finish(&mut self, sink: Sink<'_>) {
        let (clear, replace) = self.allow;
        for checks in &self.sheets {
            if checks.rows == 0 {
                continue;
            }
            if checks.skipped {
                sink(Finding::new(Code::SkippedSheetFilled, &checks.name, None, ""));
            }
            if checks.rows > SHEET_ROWS {
                let words = format!("{} rows, and a sheet takes {SHEET_ROWS}", checks.rows);
                sink(Finding::new(Code::Splits, &checks.name, None, "").saying(words));
            }
            for column in &checks.columns {
                let say = |code: Code| checks.of_column(column.index, &column.label, code);
                if column.orders.are_mixed() {
                    sink(say(Code::MixedDateOrders));
                }
                if column.was_number && column.filled > 0 {
                    sink(say(Code::LeadZerosLost));
                }
                if column.cleared > 0 && !clear {
                    sink(say(Code::Clears).saying(format!("clears {} values", column.cleared)));
                }
                if column.replaced > 0 && !replace {
                    let words =
                        format!("drops or deletes what else Workday holds, {} times", column.replaced);
                    sink(say(Code::Replaces).saying(words));
                }
            }
            checks.groups.finish(&checks.name, sink);
        }
        if self.sheets.iter().all(|checks| checks.rows == 0)
            && let Some(main) = self.sheets.first()
        {
            sink(Finding::new(Code::NoRows, &main.name, None, ""));
        }
    }

    /// Different workers, if a field names them.
    pub(super) fn people(&self) -> Option<u64> {
        self.people.count()
    }

    /// Counts of a sheet's columns, and its rows.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, &[ColumnChecks], u64)> {
        self.sheets.iter().map(|checks| (checks.sheet, checks.columns.as_slice(), checks.rows))
    }
}

impl SheetChecks {
    /// Checks a sheet's rows; says where transactions begin.
    fn block(&mut self, block: &SheetBlock, sink: Sink<'_>) -> BooleanBuffer {
        let arrays: Vec<&StringArray> =
            block.rows.columns().iter().filter_map(|array| array.as_any().downcast_ref()).collect();
        let mut codes = Vec::new();
        for (column, array) in self.columns.iter_mut().zip(&arrays) {
            column.filled += (array.len() - array.null_count()) as u64;
            if column.kind.is_none() {
                continue;
            }
            for row in 0..array.len() {
                if array.is_null(row) {
                    continue;
                }
                column.cell(array.value(row), &mut codes);
                for code in codes.drain(..) {
                    let cell = data_cell(self.rows + row as u64, column.index);
                    sink(Finding::new(code, &self.name, Some(cell), &column.label));
                }
            }
        }
        self.groups.block(block, &arrays, (&self.name, self.rows), sink)
    }

    fn cell_of(&self, note: &Note) -> Option<String> {
        let column = self.columns.iter().find(|column| column.column == note.column)?;
        Some(data_cell(note.row, column.index))
    }

    fn note(&self, note: &Note, sink: Sink<'_>) {
        let known = self.columns.iter().find(|column| column.column == note.column);
        let (index, label) = known.map_or((0, ""), |column| (column.index, column.label.as_str()));
        sink(Finding::new(note.code, &self.name, Some(data_cell(note.row, index)), label));
    }

    fn of_column(&self, index: u32, label: &str, code: Code) -> Finding {
        Finding::new(code, &self.name, Some(label_cell(index)), label)
    }
}

impl ColumnChecks {
    fn cell(&mut self, text: &str, codes: &mut Vec<Code>) {
        if text.as_bytes().contains(&b'{') {
            if text == CLEAR && self.clears {
                self.cleared += 1;
                return;
            }
            if is_clear(text) {
                codes.push(Code::ClearInData);
                return;
            }
        }
        self.replaced += u64::from(self.replaces && text == "Y");
        if let Some(kind) = &self.kind {
            kind.check(text, &mut self.orders, codes);
        }
    }
}

fn column(
    request: &Request<'_>,
    spec: &Spec,
    plan: &SheetPlan,
    (sheet, at): (&Sheet, usize),
) -> ColumnChecks {
    let column = &sheet.columns[at];
    let field = spec.fields.iter().position(|field| field.sheet == plan.sheet && field.column == at);
    let known = field.map(|at| &spec.fields[at]);
    let chosen = field.and_then(|at| request.mapping.fields[at].id_type.as_deref());
    let constant = known.and_then(|field| field.constant.as_deref());
    let label = custody_rules::normalise_label(&column.label);
    ColumnChecks {
        column: at,
        index: column.index,
        label: column.label.clone(),
        kind: known.map(|_| Kind::of(column, chosen)),
        clears: known.is_some_and(|field| field.clears) || constant.is_some_and(|text| text == CLEAR),
        replaces: column.format == CellFormat::YesNo
            && label.split(' ').next().is_some_and(|word| REPLACES.contains(&word)),
        was_number: known.is_some_and(|field| field.was_number),
        orders: DateOrders::default(),
        filled: 0,
        cleared: 0,
        replaced: 0,
    }
}

/// A cell of data; rows from 0.
fn data_cell(row: u64, column: u32) -> String {
    cell_name(FIRST_DATA_ROW - 1 + u32::try_from(row).unwrap_or(u32::MAX / 2), column)
}

/// The cell of a column's label.
pub(super) fn label_cell(column: u32) -> String {
    cell_name(4, column)
}
