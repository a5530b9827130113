//! Which columns of a sheet repeat together, told from their labels and areas.
//!
//! A column `Row ID` (or `Line Key`) opens a repeating group. Where the areas say their path, a group is the path of its
//! area, and holds the columns below that path. Where they do not, the order says it:
//! 1. a group goes on to the last column of its own area (up to the next `Row ID` of that area), with all between;
//! 2. a group of nothing but its `Row ID` holds what follows, until an area around it goes on, or one comes that is known
//!    to belong into a group around it;
//! 3. after its last own column, a group also holds the areas that are known to belong into it (`nesting.txt`: facts of
//!    the public web service, made by `examples/derive_bundled.rs`); any other area ends it, and a [doubt](assign) says
//!    where that was so.

use super::model::{Column, Group};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Lines `group's area > area that belongs into it` and `group's area | area that follows it and does not`, without
/// marks.
const NESTING: &str = include_str!("nesting.txt");

static KNOWN: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| pairs(" > "));
static APART: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| pairs(" | "));

fn pairs(sign: &str) -> HashSet<(&'static str, &'static str)> {
    NESTING.lines().filter_map(|line| line.split_once(sign)).collect()
}

/// Labels of columns that tell transactions apart.
const SHEET_KEYS: [&str; 2] = ["Spreadsheet Key", "Header Key"];
/// Labels of columns that open a repeating group.
const GROUP_KEYS: [&str; 2] = ["Row ID", "Line Key"];

/// Whether a label is that of a key, which is generated and never mapped.
pub(super) fn is_key(label: &str) -> bool {
    is_sheet_key(label) || GROUP_KEYS.contains(&label)
}

/// Whether a label is that of the column that tells transactions apart.
pub(super) fn is_sheet_key(label: &str) -> bool {
    SHEET_KEYS.contains(&label)
}

/// Finds the groups of a sheet and sets the group of every column. Also gives the positions of the first columns of
/// which the order alone does not say whether they belong to the group before them.
pub(super) fn assign(columns: &mut [Column]) -> (Vec<Group>, Vec<usize>) {
    let has_header = columns.iter().any(|column| is_sheet_key(&column.label));
    let sheet_key = columns.iter().position(|column| {
        let label = column.label.as_str();
        is_sheet_key(label) || !has_header && label == "Line Key"
    });
    let required = sheet_key.is_some_and(|key| columns[key].marks.required);
    let mut groups = vec![Group { key: sheet_key, parent: None, required }];
    let opens: Vec<bool> = (0..columns.len())
        .map(|at| Some(at) != sheet_key && GROUP_KEYS.contains(&columns[at].label.as_str()))
        .collect();
    let paths: Vec<Option<Vec<String>>> = columns.iter().map(|column| path(&column.area)).collect();
    let doubts = if paths.iter().zip(&*columns).all(|(path, column)| path.is_some() || is_root(&column.area))
    {
        let paths: Vec<_> = paths.into_iter().map(Option::unwrap_or_default).collect();
        by_path(columns, &opens, &paths, &mut groups);
        Vec::new()
    } else {
        by_order(columns, &opens, &mut groups)
    };
    (groups, doubts)
}

fn is_root(area: &str) -> bool {
    area == "All"
}

/// `[All, Phone Data, Usage Data]` from `Usage Data+ (All > Phone Data+)`.
fn path(area: &str) -> Option<Vec<String>> {
    let (name, outer) = area.strip_suffix(')')?.split_once(" (")?;
    Some(outer.split(" > ").chain([name]).map(|step| bare(step).to_owned()).collect())
}

/// An area's name without its path and marks.
pub(super) fn bare(area: &str) -> &str {
    let name = if area.ends_with(')') { area.split(" (").next().unwrap_or(area) } else { area };
    name.trim().trim_end_matches(['*', '+']).trim_end()
}

fn open(columns: &mut [Column], groups: &mut Vec<Group>, at: usize, parent: usize) {
    columns[at].group = groups.len();
    let required = columns[at].marks.group_required;
    groups.push(Group { key: Some(at), parent: Some(parent), required });
}

fn by_path(columns: &mut [Column], opens: &[bool], paths: &[Vec<String>], groups: &mut Vec<Group>) {
    for at in 0..columns.len() {
        let around = |group: &usize| {
            let Some(key) = groups[*group].key.filter(|_| *group > 0) else { return true };
            let own = &paths[key];
            // A `Row ID` stands in the area of its own group: the group around has a shorter path.
            paths[at].starts_with(own) && !(opens[at] && own.len() == paths[at].len())
        };
        let length = |group: &usize| {
            if *group == 0 { 0 } else { groups[*group].key.map_or(0, |key| paths[key].len()) }
        };
        // The longest path; of two groups of one path the later.
        let parent = (0..groups.len()).filter(around).max_by_key(length).unwrap_or(0);
        if opens[at] {
            open(columns, groups, at, parent);
        } else {
            columns[at].group = parent;
        }
    }
}

/// A group that is open while columns are read in order.
struct Open {
    group: usize,
    area: String,
    /// Position of the last column of its own area.
    last: usize,
    /// Whether it has no column of its own besides its `Row ID`.
    bare: bool,
}

/// Where the walk is: the groups that are open, and the areas outside of all groups that go on around them.
#[derive(Default)]
struct Place {
    stack: Vec<Open>,
    outside: Vec<String>,
}

fn by_order(columns: &mut [Column], opens: &[bool], groups: &mut Vec<Group>) -> Vec<usize> {
    let (mut place, mut doubts) = (Place::default(), Vec::new());
    for at in 0..columns.len() {
        let area = columns[at].area.clone();
        let mut left = false;
        while !place.stack.is_empty() && !place.top_has(&columns[at], at, opens[at]) {
            let Some(top) = place.stack.pop() else { break };
            // What comes back to an area around, or opens another group, leaves no doubt.
            let clear = opens[at] || place.is_around(&area);
            left |= !clear && !APART.contains(&(bare(&top.area), bare(&area)));
        }
        if left && at > 0 && columns[at - 1].area != area {
            doubts.push(at);
        }
        let parent = place.stack.last().map_or(0, |top| top.group);
        if opens[at] {
            let last = last_own(columns, opens, at);
            open(columns, groups, at, parent);
            place.stack.push(Open { group: columns[at].group, area, last, bare: last == at });
        } else {
            if place.stack.is_empty() {
                place.enter(area);
            }
            columns[at].group = parent;
        }
    }
    doubts
}

impl Place {
    /// An area outside of all groups; one that is entered again ends those that were entered since.
    fn enter(&mut self, area: String) {
        let known = self.outside.iter().position(|open| *open == area);
        self.outside.truncate(known.unwrap_or(self.outside.len()));
        self.outside.push(area);
    }

    fn is_around(&self, area: &str) -> bool {
        self.outside.iter().any(|outer| outer == area) || self.stack.iter().any(|outer| outer.area == area)
    }

    /// Whether a column goes into the innermost group.
    fn top_has(&self, column: &Column, at: usize, opens: bool) -> bool {
        let Some((top, around)) = self.stack.split_last() else { return false };
        if opens && column.area == top.area {
            return false;
        }
        let known = |group: &Open| KNOWN.contains(&(bare(&group.area), bare(&column.area)));
        let elsewhere = || {
            self.outside.contains(&column.area)
                || around.iter().any(|group| group.area == column.area || known(group))
        };
        at <= top.last || known(top) || top.bare && !elsewhere()
    }
}

/// The last column of the area of the `Row ID` at `at`, before the next `Row ID` of that area.
fn last_own(columns: &[Column], opens: &[bool], at: usize) -> usize {
    let area = &columns[at].area;
    let next = (at + 1..columns.len()).find(|&next| opens[next] && columns[next].area == *area);
    (at..next.unwrap_or(columns.len())).rev().find(|&last| columns[last].area == *area).unwrap_or(at)
}

#[cfg(test)]
mod tests;
