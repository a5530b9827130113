//! How alike two templates are: columns matched in their order, sheet by sheet. A measure, not a list of differences.

use super::groups::bare;
use super::model::{Column, Sheet, Template};

/// Cells of the table in which the best pairs are found: 64 MB.
const CELLS_MAX: usize = 8 << 20;

/// How well a sheet is matched by the sheet of its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetMatch {
    /// Name of the sheet.
    pub sheet: String,
    /// How many columns it has.
    pub of: usize,
    /// How many of them the other one has, in the same order, with the same label and marks.
    pub matched: usize,
    /// Among the matched, how many have the same restriction.
    pub restrictions: usize,
    /// Among the matched, how many have the same format.
    pub formats: usize,
    /// Among the matched, how many stand in the same area, paths and marks aside.
    pub areas: usize,
    /// Among the matched, how many are in the same groups: the areas of their `Row ID`s, from outside in.
    pub groups: usize,
}

/// Compares every sheet of `a` with the sheet of the same name in `b`.
pub fn compare(a: &Template, b: &Template) -> Vec<SheetMatch> {
    let sheet = |own: &Sheet| {
        let other = b.sheets.iter().find(|other| other.name.eq_ignore_ascii_case(&own.name));
        let mut found = SheetMatch {
            sheet: own.name.clone(),
            of: own.columns.len(),
            matched: 0,
            restrictions: 0,
            formats: 0,
            areas: 0,
            groups: 0,
        };
        let Some(other) = other else { return found };
        for (left, right) in matches(own, other) {
            let (one, two) = (&own.columns[left], &other.columns[right]);
            found.matched += 1;
            found.restrictions += usize::from(one.restriction == two.restriction);
            found.formats += usize::from(one.format == two.format);
            found.areas += usize::from(bare(&one.area).eq_ignore_ascii_case(bare(&two.area)));
            found.groups += usize::from(group_path(own, left) == group_path(other, right));
        }
        found
    };
    a.sheets.iter().map(sheet).collect()
}

/// Positions of the columns that two sheets share in order; columns of one area are preferred.
fn matches(a: &Sheet, b: &Sheet) -> Vec<(usize, usize)> {
    in_order(&a.columns, &b.columns, |one, two| {
        let same = one.label == two.label && one.marks == two.marks;
        // One more column always outweighs all areas.
        let area = u64::from(bare(&one.area).eq_ignore_ascii_case(bare(&two.area)));
        if same { (1 << 20) + area } else { 0 }
    })
}

/// Pairs of positions, ascending in both, whose weights have the largest sum; what weighs nothing is no pair. Lists that
/// are too long for that are paired one after the other.
pub(super) fn in_order(
    a: &[Column],
    b: &[Column],
    weight: impl Fn(&Column, &Column) -> u64,
) -> Vec<(usize, usize)> {
    let (rows, columns) = (a.len(), b.len());
    if rows * columns > CELLS_MAX {
        return one_by_one(a, b, weight);
    }
    let at = |left: usize, right: usize| left * (columns + 1) + right;
    let mut best = vec![0_u64; (rows + 1) * (columns + 1)];
    for left in (0..rows).rev() {
        for right in (0..columns).rev() {
            let pair = weight(&a[left], &b[right]);
            let taken = if pair > 0 { pair + best[at(left + 1, right + 1)] } else { 0 };
            best[at(left, right)] = taken.max(best[at(left + 1, right)]).max(best[at(left, right + 1)]);
        }
    }
    let (mut left, mut right, mut pairs) = (0, 0, Vec::new());
    while left < rows && right < columns {
        let pair = weight(&a[left], &b[right]);
        if pair > 0 && best[at(left, right)] == pair + best[at(left + 1, right + 1)] {
            pairs.push((left, right));
            (left, right) = (left + 1, right + 1);
        } else if best[at(left, right)] == best[at(left + 1, right)] {
            left += 1;
        } else {
            right += 1;
        }
    }
    pairs
}

fn one_by_one(a: &[Column], b: &[Column], weight: impl Fn(&Column, &Column) -> u64) -> Vec<(usize, usize)> {
    let (mut from, mut pairs) = (0, Vec::new());
    for (left, column) in a.iter().enumerate() {
        if let Some(right) = (from..b.len()).find(|&right| weight(column, &b[right]) > 0) {
            pairs.push((left, right));
            from = right + 1;
        }
    }
    pairs
}

/// The areas of the groups that a column is in, from outside in, without paths and marks.
pub(super) fn group_path(sheet: &Sheet, column: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut at = sheet.columns.get(column).map(|column| column.group);
    while let Some(group) = at.and_then(|at| sheet.groups.get(at)) {
        let key = group.key.filter(|_| group.parent.is_some()).and_then(|key| sheet.columns.get(key));
        path.extend(key.map(|key| bare(&key.area).to_lowercase()));
        // A parent comes before its child, so that this ends.
        at = group.parent.filter(|parent| at.is_some_and(|at| *parent < at));
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CellFormat;
    use crate::template::{Marks, lookalike, testing};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    #[test]
    fn a_template_matches_itself() {
        let template = testing::template(&lookalike::enlist());
        for found in compare(&template, &template) {
            let all = [found.matched, found.restrictions, found.formats, found.areas, found.groups];
            assert_eq!(all, [found.of; 5], "{}", found.sheet);
        }
    }

    #[test]
    fn what_is_missing_elsewhere_or_different_does_not_match() {
        let (mut one, other) =
            (testing::template(&lookalike::enlist()), testing::template(&lookalike::enlist()));
        one.sheets[0].columns.remove(3);
        one.sheets[0].columns[1].format = CellFormat::Text;
        one.sheets[0].columns[3].marks = Marks::default();
        one.sheets[0].columns[3].label = "Floats".to_owned();
        one.sheets.pop();
        let found = compare(&other, &one);
        let main = (found[0].of, found[0].matched, found[0].restrictions, found[0].formats);
        assert_eq!(main, (14, 12, 12, 11));
        assert_eq!((found[2].of, found[2].matched), (3, 0));
    }

    proptest! {
        /// Pairs ascend, and there are as many as in the plain longest common subsequence.
        #[test]
        fn pairs_are_the_longest_common_subsequence(a in "[ab]{0,9}", b in "[ab]{0,9}") {
            static PATTERN: LazyLock<Column> =
                LazyLock::new(|| testing::template(&lookalike::harbour()).sheets[0].columns[1].clone());
            let columns = |text: &str| -> Vec<Column> {
                text.chars().map(|c| Column { label: c.to_string(), ..PATTERN.clone() }).collect()
            };
            let same = |one: &Column, two: &Column| u64::from(one.label == two.label);
            let pairs = in_order(&columns(&a), &columns(&b), same);
            prop_assert!(pairs.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 < w[1].1));
            prop_assert!(pairs.iter().all(|(l, r)| a.as_bytes()[*l] == b.as_bytes()[*r]));
            // Every subsequence of `a`, by the bits of a number.
            let longest = (0_u32..1 << a.len()).filter_map(|bits| {
                let chosen: Vec<u8> = a.bytes().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|p| p.1).collect();
                let mut rest = b.bytes();
                chosen.iter().all(|c| rest.any(|other| other == *c)).then_some(chosen.len())
            });
            prop_assert_eq!(pairs.len(), longest.max().unwrap_or(0));
        }
    }
}
