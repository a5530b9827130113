//! Transactions of several rows, and rows of several values: children of groups, and further rows for columns that
//! repeat. Rows of the same key come one after another.

use super::finish::{current_column, finish};
use super::flat::column;
use super::select::Watch;
use super::sheets::SheetPlan;
use super::{Field, Made, Note, Rows, Spec, text_at, text_batch};
use crate::eib::finding::Code;
use crate::eib::mapping::CLEAR;
use crate::eib::rows::{Block, RowError, SheetBlock};
use crate::eib::text::Style;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, StringBuilder};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Texts of a batch of the report.
struct Texts {
    /// By field; constants have none.
    fields: Vec<Option<StringArray>>,
    current: Vec<Option<StringArray>>,
    key: Vec<StringArray>,
    hired: Option<StringArray>,
}

/// A row of a batch.
type Row = (Arc<Texts>, usize);

/// The transaction that is being gathered.
pub(super) struct Grouping {
    pending: Vec<Row>,
    full: bool,
}

/// Values that are compared one by one; more are looked up.
const FEW: usize = 16;
/// Rows of a report that one transaction may have.
const TRANSACTION_ROWS_MAX: usize = 100_000;

impl Grouping {
    pub(super) fn new(_: &Spec) -> Self {
        Self { pending: Vec::new(), full: false }
    }

    /// Whether the limit is reached.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }
}

impl Rows {
    /// Takes a batch, or the end of the report, and gives what is complete.
    pub(super) fn grouped(
        &mut self,
        grouping: &mut Grouping,
        batch: Option<&RecordBatch>,
    ) -> Result<Option<Made>, RowError> {
        let spec = Arc::clone(&self.spec);
        let mut assembly = Assembly::new(&spec, self.rows.clone());
        let batch = batch.map(|batch| read(&spec, batch)).transpose()?;
        if let Some((texts, rows)) = batch {
            for row in 0..rows {
                let next = (Arc::clone(&texts), row);
                if grouping.pending.first().is_some_and(|first| !same_key(first, &next)) {
                    self.complete(grouping, &mut assembly);
                }
                if grouping.full {
                    break;
                }
                if grouping.pending.len() == TRANSACTION_ROWS_MAX {
                    let what =
                        format!("more than {TRANSACTION_ROWS_MAX} rows of the report have the same key");
                    return Err(RowError::Stopped(what));
                }
                grouping.pending.push(next);
            }
        } else {
            self.complete(grouping, &mut assembly);
        }
        if assembly.transactions.is_empty() {
            return Ok(None);
        }
        let made = assembly.finish()?;
        for sheet in &made.block.sheets {
            let at = spec.sheets.iter().position(|plan| plan.sheet == sheet.sheet);
            self.rows[at.unwrap_or_default()] += sheet.rows.num_rows() as u64;
        }
        Ok(Some(made))
    }

    fn complete(&mut self, grouping: &mut Grouping, assembly: &mut Assembly<'_>) {
        if grouping.pending.is_empty() {
            return;
        }
        if self.left() == 0 {
            grouping.full = true;
            grouping.pending.clear();
            return;
        }
        self.count += 1;
        if self.only.as_ref().is_none_or(|only| only.contains(&self.count)) {
            assembly.transaction(self.count, &grouping.pending);
        }
        grouping.pending.clear();
        grouping.full = self.left() == 0;
    }
}

fn read(spec: &Spec, batch: &RecordBatch) -> Result<(Arc<Texts>, usize), RowError> {
    let mut texts = Texts { fields: Vec::new(), current: Vec::new(), key: Vec::new(), hired: None };
    for field in &spec.fields {
        let own = field.constant.is_none().then(|| column(batch, field.at, field.style)).transpose()?;
        texts.fields.push(own);
        let now = field.current.map(|at| column(batch, at, field.style)).transpose()?;
        texts.current.push(now.map(|texts| current_column(field, &spec.lookups, &texts)));
    }
    for &at in &spec.key {
        texts.key.push(column(batch, at, Style::Plain)?);
    }
    texts.hired = spec.hired.map(|at| column(batch, at, Style::Day)).transpose()?;
    Ok((Arc::new(texts), batch.num_rows()))
}

/// Whether two rows belong to one transaction. A row with a blank key belongs to none but its own.
fn same_key(a: &Row, b: &Row) -> bool {
    let columns = a.0.key.iter().zip(&b.0.key);
    let mut same = columns.map(|(x, y)| (text_at(x, a.1), text_at(y, b.1)));
    !a.0.key.is_empty() && same.all(|(x, y)| x.is_some() && x == y)
}

/// A child of a group, ready to be laid out.
struct Child<'a> {
    singles: Vec<Leaf<'a>>,
    repeating: Vec<Vec<Leaf<'a>>>,
    /// By position among the plan's groups.
    inside: Vec<(usize, Vec<Child<'a>>)>,
}

/// A cell.
#[derive(Clone)]
struct Leaf<'a> {
    at: usize,
    text: Option<Cow<'a, str>>,
    code: Option<Code>,
}

impl Child<'_> {
    fn height(&self) -> usize {
        let inside = self.inside.iter().map(|(_, children)| children.iter().map(Child::height).sum());
        let repeating = self.repeating.iter().map(Vec::len);
        inside.chain(repeating).max().unwrap_or(0).max(1)
    }
}

/// A block that is being made.
struct Assembly<'a> {
    spec: &'a Spec,
    sheets: Vec<(Vec<StringBuilder>, Vec<u64>)>,
    done: Vec<u64>,
    notes: Vec<Note>,
    rows_in: u64,
    transactions: Vec<u64>,
    current: Vec<Option<StringBuilder>>,
    new: Vec<Option<StringBuilder>>,
    hired: Option<StringBuilder>,
}

impl<'a> Assembly<'a> {
    fn new(spec: &'a Spec, done: Vec<u64>) -> Self {
        let sheet =
            |plan: &SheetPlan| ((0..plan.columns.len()).map(|_| StringBuilder::new()).collect(), Vec::new());
        let builders = |wanted: &dyn Fn(&Field) -> bool| {
            spec.fields.iter().map(|field| wanted(field).then(StringBuilder::new)).collect()
        };
        Self {
            spec,
            sheets: spec.sheets.iter().map(sheet).collect(),
            done,
            notes: Vec::new(),
            rows_in: 0,
            transactions: Vec::new(),
            current: builders(&|field| field.current.is_some()),
            new: builders(&|field| field.watch == Watch::New),
            hired: spec.hired.map(|_| StringBuilder::new()),
        }
    }

    fn transaction(&mut self, number: u64, rows: &[Row]) {
        self.rows_in += rows.len() as u64;
        self.transactions.push(number);
        let blank_key = rows[0].0.key.iter().any(|key| text_at(key, rows[0].1).is_none());
        for at in 0..self.spec.sheets.len() {
            let plan = &self.spec.sheets[at];
            let members: Vec<&Row> = rows.iter().collect();
            if at > 0 && plan.groups[0].has_reason && !self.is_used(plan, 0, &members) {
                continue;
            }
            let child = self.child(plan, 0, &members);
            let top = self.done[at] + self.sheets[at].1.len() as u64;
            if at == 0 && blank_key && !self.spec.key.is_empty() {
                let column = plan.groups[0].key_at.map_or(0, |key| plan.columns[key]);
                self.notes.push(Note { sheet: plan.sheet, column, row: top, code: Code::BlankKey });
            }
            self.lay_out(at, &child, number, top);
        }
        self.asides(rows);
    }

    /// Whether any row has a value that is no constant in a group or inside it.
    fn is_used(&self, plan: &SheetPlan, group: usize, rows: &[&Row]) -> bool {
        let own = &plan.groups[group].fields;
        let filled = own.iter().filter(|(field, _)| self.spec.fields[*field].constant.is_none());
        filled.into_iter().any(|&(field, _)| rows.iter().any(|row| self.text(field, row).is_some()))
            || plan
                .inside(group)
                .any(|inside| plan.groups[inside].has_reason && self.is_used(plan, inside, rows))
    }

    fn text<'r>(&self, field: usize, row: &'r Row) -> Option<&'r str>
    where
        'a: 'r,
    {
        let Field { constant, clears, .. } = &self.spec.fields[field];
        if let Some(text) = constant {
            return Some(text);
        }
        let own = row.0.fields[field].as_ref().and_then(|texts| text_at(texts, row.1));
        own.or(clears.then_some(CLEAR))
    }

    /// Different texts of a field, in the order they first come in.
    fn leaves<'r>(&self, (field, at): (usize, usize), rows: &[&'r Row]) -> Vec<Leaf<'r>>
    where
        'a: 'r,
    {
        let known = &self.spec.fields[field];
        let mut out: Vec<Leaf<'r>> = Vec::new();
        let mut seen: HashSet<(Option<Cow<'r, str>>, Option<Code>)> = HashSet::new();
        for row in rows {
            let Some(whole) = self.text(field, row) else { continue };
            let pieces: Vec<&str> = match &known.split {
                Some(between) => {
                    whole.split(between.as_str()).map(str::trim).filter(|piece| !piece.is_empty()).collect()
                }
                None => vec![whole],
            };
            for piece in pieces {
                let written = known.constant.is_some() || known.clears && piece == CLEAR;
                let finished = if written { Ok(piece) } else { finish(known, &self.spec.lookups, piece) };
                let leaf = match finished {
                    Ok(text) => Leaf { at, text: Some(Cow::Borrowed(text)), code: None },
                    Err(code) => Leaf { at, text: None, code: Some(code) },
                };
                let known = if out.len() < FEW {
                    out.iter().any(|other| other.text == leaf.text && other.code == leaf.code)
                } else {
                    if seen.is_empty() {
                        seen.extend(out.iter().map(|other| (other.text.clone(), other.code)));
                    }
                    !seen.insert((leaf.text.clone(), leaf.code))
                };
                if !known {
                    out.push(leaf);
                }
            }
        }
        out
    }

    fn child<'r>(&self, plan: &SheetPlan, group: usize, rows: &[&'r Row]) -> Child<'r>
    where
        'a: 'r,
    {
        let mut child = Child { singles: Vec::new(), repeating: Vec::new(), inside: Vec::new() };
        for &(field, at) in &plan.groups[group].fields {
            let mut leaves = self.leaves((field, at), rows);
            if self.spec.fields[field].repeats {
                child.repeating.push(leaves);
                continue;
            }
            let conflict = leaves.len() > 1;
            leaves.truncate(1);
            child.singles.extend(leaves.into_iter().map(|mut leaf| {
                leaf.code = if conflict { Some(Code::ConflictingValues) } else { leaf.code };
                leaf
            }));
        }
        for inside in plan.inside(group) {
            child.inside.push((inside, self.children(plan, inside, rows)));
        }
        child
    }

    /// One child for every combination of values that do not repeat.
    fn children<'r>(&self, plan: &SheetPlan, group: usize, rows: &[&'r Row]) -> Vec<Child<'r>>
    where
        'a: 'r,
    {
        let own = &plan.groups[group];
        let singles: Vec<usize> = own
            .fields
            .iter()
            .map(|&(field, _)| field)
            .filter(|&field| !self.spec.fields[field].repeats)
            .collect();
        let mut order: Vec<Vec<&'r Row>> = Vec::new();
        let mut known: HashMap<Vec<Option<&'r str>>, usize> = HashMap::new();
        for &row in rows {
            if own.has_reason && !self.is_used(plan, group, &[row]) {
                continue;
            }
            let values = singles.iter().map(|&field| self.text(field, row)).collect();
            let at = *known.entry(values).or_insert_with(|| {
                order.push(Vec::new());
                order.len() - 1
            });
            order[at].push(row);
        }
        order.iter().map(|rows| self.child(plan, group, rows)).collect()
    }

    fn lay_out(&mut self, sheet: usize, child: &Child<'_>, number: u64, top: u64) {
        let plan = &self.spec.sheets[sheet];
        let mut grid = vec![vec![None; plan.columns.len()]; child.height()];
        let mut notes = Vec::new();
        place(plan, (0, child, &number.to_string()), 0, &mut grid, &mut notes);
        for (at, row, code) in notes {
            let row = top + row as u64;
            self.notes.push(Note { sheet: plan.sheet, column: plan.columns[at], row, code });
        }
        let (builders, transactions) = &mut self.sheets[sheet];
        for row in &grid {
            for (builder, text) in builders.iter_mut().zip(row) {
                builder.append_option(text.as_deref());
            }
            transactions.push(number);
        }
    }

    /// What belongs to a transaction beside its cells: of the first row, and all new values.
    fn asides(&mut self, rows: &[Row]) {
        let (texts, first) = (&rows[0].0, rows[0].1);
        for field in 0..self.spec.fields.len() {
            if let (Some(builder), Some(now)) = (&mut self.current[field], &texts.current[field]) {
                builder.append_option(text_at(now, first));
            }
            if self.new[field].is_none() {
                continue;
            }
            let leaves = self.leaves((field, 0), &rows.iter().collect::<Vec<_>>());
            let joined: Vec<&str> = leaves.iter().filter_map(|leaf| leaf.text.as_deref()).collect();
            let joined = (!joined.is_empty()).then(|| joined.join("\n"));
            if let Some(builder) = &mut self.new[field] {
                builder.append_option(joined);
            }
        }
        if let (Some(builder), Some(hired)) = (&mut self.hired, &texts.hired) {
            builder.append_option(text_at(hired, first));
        }
    }

    fn finish(self) -> Result<Made, RowError> {
        let mut sheets = Vec::new();
        for (plan, (mut builders, transactions)) in self.spec.sheets.iter().zip(self.sheets) {
            if transactions.is_empty() {
                continue;
            }
            let arrays = builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef).collect();
            let rows = text_batch(arrays, transactions.len())?;
            sheets.push(SheetBlock {
                sheet: plan.sheet,
                columns: Arc::clone(&plan.columns),
                rows,
                transactions,
            });
        }
        let done = |builders: Vec<Option<StringBuilder>>| {
            builders.into_iter().map(|builder| builder.map(|mut builder| builder.finish())).collect()
        };
        Ok(Made {
            block: Block { sheets },
            notes: self.notes,
            rows_in: self.rows_in,
            transactions: self.transactions,
            current: done(self.current),
            new: done(self.new),
            hired: self.hired.map(|mut builder| builder.finish()),
        })
    }
}

/// Puts a child into rows from `top` on. Groups beside each other share rows; every row that carries something of a
/// child carries its key.
fn place<'a>(
    plan: &SheetPlan,
    (group, child, key): (usize, &Child<'a>, &str),
    top: usize,
    grid: &mut [Vec<Option<Cow<'a, str>>>],
    notes: &mut Vec<(usize, usize, Code)>,
) {
    let mut set = |leaf: &Leaf<'a>, row: usize, grid: &mut [Vec<Option<Cow<'a, str>>>]| {
        grid[row][leaf.at].clone_from(&leaf.text);
        notes.extend(leaf.code.map(|code| (leaf.at, row, code)));
    };
    child.singles.iter().for_each(|leaf| set(leaf, top, grid));
    for leaves in &child.repeating {
        leaves.iter().enumerate().for_each(|(further, leaf)| set(leaf, top + further, grid));
    }
    if let Some(at) = plan.groups[group].key_at {
        for row in &mut grid[top..top + child.height()] {
            row[at] = Some(Cow::Owned(key.to_owned()));
        }
    }
    for (inside, children) in &child.inside {
        let mut next = top;
        for (count, child) in children.iter().enumerate() {
            place(plan, (*inside, child, &(count + 1).to_string()), next, grid, notes);
            next += child.height();
        }
    }
}
