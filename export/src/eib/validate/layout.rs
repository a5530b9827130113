//! What a template wants of a sheet: which columns have to be filled when others are. Row 3 says `Required` for a column
//! wherever its area is used; it does not say which areas have to be, nor which columns are alternatives to each other.
//!
//! - A *scope* is an area within a group. Where row 2 gives the path (`Pay Plan Data (All > Compensation Data)`) an area
//!   is used when a cell under it or under an area inside it is filled; where it gives the name alone, what stands
//!   between two parts of an area is inside it, and an area whose labels come again is another one. The area `All` is used in every transaction; one with a `*` wherever the one above it is.
//! - A required column without `*` belongs to the column on its left (a parent's type or ID): it is wanted where that one
//!   is filled.
//! - Alternatives are choices of the web service, of which the template keeps no trace but that all of them are required
//!   and stand side by side: Hire Employee wants an applicant, a former worker, a student and an affiliate. Known ones are
//!   listed below: one of them is enough. Of other required references, or numbers, side by side one is enough too, with
//!   a warning for the rest; but not where the label says that nothing can stand in for it (a reason, a currency).

use crate::CellFormat;
use crate::Restriction;
use crate::eib::engine::SheetPlan;
use crate::template::{Column, Sheet};

/// Labels of choices in Workday's public web services (Staffing, Compensation).
const ALTERNATIVES: [&[&str]; 4] = [
    &["Applicant", "Pre-Hire", "Former Worker", "Student", "Academic Affiliate"],
    &["Amount", "Percent Change", "Amount Change"],
    &["Compensation Change Date", "Compensation Change On Next Pay Period"],
    &["Employee", "Contingent Worker"],
];
/// Last words of labels that nothing beside them stands in for.
const ALONE: [&str; 13] = [
    "Reason",
    "Type",
    "Country",
    "Company",
    "Currency",
    "Frequency",
    "Status",
    "Role",
    "Category",
    "Organization",
    "Organizations",
    "Position",
    "Location",
];

/// A column: which one it is, and where among the filled ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) column: usize,
    /// None when nothing fills it.
    pub(super) at: Option<usize>,
}

/// When something is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    /// In every child of the group.
    Always,
    /// Where one of these filled columns is.
    Any(Vec<usize>),
}

/// Columns that are wanted in a group's children.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Position among the plan's groups.
    pub(super) group: usize,
    pub(super) when: When,
    pub(super) what: What,
    pub(super) columns: Vec<Place>,
}

/// How many of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The one.
    Required,
    /// One of them.
    Alternatives {
        /// Whether they are known to be.
        known: bool,
    },
    /// All or none.
    Together,
    /// The group whose key it is has to occur.
    Group,
}

/// Everything a sheet wants.
pub(super) fn wanted(sheet: &Sheet, plan: &SheetPlan) -> Vec<Wanted> {
    let scopes = Scopes::new(sheet);
    let place = |column: usize| Place { column, at: plan.columns.iter().position(|&other| other == column) };
    let mut all = Vec::new();
    for (group, known) in plan.groups.iter().enumerate() {
        let member = |column: &usize| {
            sheet.columns[*column].group == known.group
                && !sheet.columns[*column].hidden
                && !sheet.groups.iter().any(|group| group.key == Some(*column))
        };
        let columns: Vec<usize> = (0..sheet.columns.len()).filter(member).collect();
        for run in runs(&columns, |a, b| b == a + 1 && scopes.of[a] == scopes.of[b]) {
            let when = scopes.when(run[0], plan);
            for (what, columns) in required(sheet, &run) {
                all.push(Wanted {
                    group,
                    when: when.clone(),
                    what,
                    columns: columns.into_iter().map(place).collect(),
                });
            }
            let conditional = |column: usize| sheet.columns[column].restriction == Restriction::Conditional;
            for part in runs(&run, |a, b| conditional(a) && conditional(b)) {
                if part.len() > 1 {
                    let columns = part.into_iter().map(place).collect();
                    all.push(Wanted { group, when: When::Always, what: What::Together, columns });
                }
            }
        }
        for column in columns {
            if is_required(&sheet.columns[column]) && !has_mark(&sheet.columns[column]) {
                let left = column.checked_sub(1).filter(|&left| scopes.of[left] == scopes.of[column]);
                let when = match left.map(place) {
                    Some(Place { at: Some(at), column }) if member(&column) => When::Any(vec![at]),
                    Some(Place { column, .. }) if member(&column) => continue,
                    _ => scopes.when(column, plan),
                };
                all.push(Wanted { group, when, what: What::Required, columns: vec![place(column)] });
            }
        }
    }
    all.extend(required_groups(sheet, plan, &scopes));
    all
}

fn is_required(column: &Column) -> bool {
    matches!(column.restriction, Restriction::Required | Restriction::RequiredMultiple)
}

fn has_mark(column: &Column) -> bool {
    column.marks.required || column.marks.group_required
}

/// Neighbours that belong together.
fn runs(columns: &[usize], together: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    columns.chunk_by(|&a, &b| together(a, b)).map(<[usize]>::to_vec).collect()
}

/// The marked required columns of a run, alternatives together.
fn required(sheet: &Sheet, run: &[usize]) -> Vec<(What, Vec<usize>)> {
    let marked = |column: usize| is_required(&sheet.columns[column]) && has_mark(&sheet.columns[column]);
    let known = |column: usize| {
        ALTERNATIVES.iter().position(|set| set.contains(&sheet.columns[column].label.as_str()))
    };
    let family = |column: usize| {
        let column = &sheet.columns[column];
        let alone = column.label.rsplit(' ').next().is_some_and(|last| ALONE.contains(&last));
        match column.format {
            _ if alone => 0,
            CellFormat::Reference(_) | CellFormat::Iid => 1,
            CellFormat::Number(_) => 2,
            _ => 0,
        }
    };
    let alike = |a: usize, b: usize| match (known(a), known(b)) {
        (None, None) => family(a) != 0 && family(a) == family(b),
        (a, b) => a == b,
    };
    let parts = runs(run, |a, b| marked(a) && marked(b) && alike(a, b));
    let what = |part: &[usize]| match part {
        [_] => What::Required,
        [first, ..] => What::Alternatives { known: known(*first).is_some() },
        [] => What::Together,
    };
    parts.into_iter().filter(|part| marked(part[0])).map(|part| (what(&part), part)).collect()
}

/// Groups that have to occur in every child of the one they stand in.
fn required_groups(sheet: &Sheet, plan: &SheetPlan, scopes: &Scopes) -> Vec<Wanted> {
    let mut all = Vec::new();
    for group in sheet.groups.iter().filter(|group| group.required) {
        let (Some(parent), Some(key)) = (group.parent, group.key) else { continue };
        let Some(parent) = plan.groups.iter().position(|known| known.group == parent) else { continue };
        let place = Place { column: key, at: plan.columns.iter().position(|&other| other == key) };
        let when = scopes.when_above(key, plan);
        all.push(Wanted { group: parent, when, what: What::Group, columns: vec![place] });
    }
    all
}

/// Areas: which one each column is in.
struct Scopes {
    /// By column.
    of: Vec<usize>,
    /// By scope: the area's path with itself at its end; none where row 2 does not give it.
    paths: Vec<Option<Vec<String>>>,
    /// By scope: whether it is the area of the transaction itself.
    roots: Vec<bool>,
    /// By scope: whether row 2 marks the area itself as required.
    required: Vec<bool>,
    /// By scope: those that stand between its parts.
    inside: Vec<Vec<usize>>,
}

/// A scope while the sheet is gone through.
struct Known {
    group: usize,
    area: String,
    labels: Vec<String>,
    last: usize,
}

impl Scopes {
    fn new(sheet: &Sheet) -> Self {
        let mut scopes = Self {
            of: Vec::new(),
            paths: Vec::new(),
            roots: Vec::new(),
            required: Vec::new(),
            inside: Vec::new(),
        };
        let mut known: Vec<Known> = Vec::new();
        for (at, column) in sheet.columns.iter().enumerate() {
            let path = path(&column.area);
            let root = column.group == 0 && bare(&column.area) == "All";
            let same = |known: &Known| known.group == column.group && known.area == column.area;
            let latest = known.iter().rposition(same);
            let twin = at.checked_sub(1).is_some_and(|left| {
                Some(scopes.of[left]) == latest && sheet.columns[left].label == column.label
            });
            // Without its path, an area whose labels come again is another one; a text beside its reference is not.
            let goes_on = |latest: &usize| {
                path.is_some() || root || twin || !known[*latest].labels.contains(&column.label)
            };
            let scope = latest.filter(goes_on).unwrap_or_else(|| {
                known.push(Known {
                    group: column.group,
                    area: column.area.clone(),
                    labels: Vec::new(),
                    last: at,
                });
                scopes.paths.push(path);
                scopes.roots.push(root);
                scopes.required.push(is_required_area(&column.area));
                scopes.inside.push(Vec::new());
                known.len() - 1
            });
            // What stands between two parts of an area is inside it.
            let between = known[scope].last + 1..at;
            let inside: Vec<usize> =
                between.map(|at| scopes.of[at]).filter(|&other| other != scope).collect();
            scopes.inside[scope].extend(inside);
            known[scope].last = at;
            known[scope].labels.push(column.label.clone());
            scopes.of.push(scope);
        }
        scopes
    }

    /// When the scope of a column is used.
    fn when(&self, column: usize, plan: &SheetPlan) -> When {
        let scope = self.of[column];
        if self.roots[scope] {
            return When::Always;
        }
        if self.required[scope] && self.paths[scope].is_some() {
            return self.when_above(column, plan);
        }
        let inside = |other: usize| match (&self.paths[scope], &self.paths[other]) {
            (Some(path), Some(other)) => other.starts_with(path),
            _ => other == scope || self.inside[scope].contains(&other),
        };
        When::Any(self.filled(plan, inside))
    }

    /// When the area above a column's own is used; always, where nothing is known of it.
    fn when_above(&self, column: usize, plan: &SheetPlan) -> When {
        let above = self.paths[self.of[column]].as_ref().and_then(|path| path.split_last());
        let Some((_, above)) = above.filter(|(_, above)| above.len() > 1) else { return When::Always };
        let inside = |other: usize| self.paths[other].as_ref().is_some_and(|other| other.starts_with(above));
        When::Any(self.filled(plan, inside))
    }

    /// Filled columns, without keys, in some scopes.
    fn filled(&self, plan: &SheetPlan, inside: impl Fn(usize) -> bool) -> Vec<usize> {
        let is_key = |at: usize| plan.groups.iter().any(|group| group.key_at == Some(at));
        (0..plan.columns.len()).filter(|&at| !is_key(at) && inside(self.of[plan.columns[at]])).collect()
    }
}

/// `Pay Plan Data+ (All > Compensation Data)` as `All`, `Compensation Data`, `Pay Plan Data`.
fn path(area: &str) -> Option<Vec<String>> {
    let (name, above) = area.strip_suffix(')')?.split_once(" (")?;
    let mut path: Vec<String> = above.split(" > ").map(bare).collect();
    path.push(bare(name));
    Some(path)
}

/// `Role Assigner* (All)`: wanted wherever the area above it is used.
fn is_required_area(area: &str) -> bool {
    let name = area.split_once(" (").map_or(area, |(name, _)| name);
    name.trim_end().trim_end_matches('+').ends_with('*')
}

/// Without marks.
fn bare(name: &str) -> String {
    name.trim().trim_end_matches(['*', '+']).trim_end().to_owned()
}
