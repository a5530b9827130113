//! Groups from paths, from order, and from facts.

use super::*;
use crate::CellFormat;
use crate::Restriction;
use crate::template::model::Marks;
use proptest::prelude::*;

/// A column as `area | label`.
fn column(line: &str) -> Column {
    let (area, label) = line.split_once(" | ").expect("area and label");
    let (label, marks) = Marks::split(label);
    Column {
        index: 1,
        area: area.to_owned(),
        restriction: Restriction::Optional,
        format: CellFormat::Text,
        label: label.to_owned(),
        marks,
        id_types: Vec::new(),
        as_text: true,
        hidden: false,
        group: 0,
    }
}

/// The group of every column, the parent of every group, and the doubts.
fn assigned(lines: &[&str]) -> (Vec<usize>, Vec<Option<usize>>, Vec<usize>) {
    let mut columns: Vec<Column> = lines.iter().map(|line| column(line)).collect();
    let (groups, doubts) = assign(&mut columns);
    (columns.iter().map(|c| c.group).collect(), groups.iter().map(|g| g.parent).collect(), doubts)
}

#[test]
fn a_group_goes_on_to_the_last_column_of_its_area() {
    let lines = [
        "All | Spreadsheet Key*",
        "A Data+ | Row ID*",
        "B Data+ | Row ID*",
        "B Data+ | One",
        "A Data+ | Two",
        "A Data+ | Row ID*",
        "A Data+ | Three",
    ];
    let expected = (vec![0, 1, 2, 2, 1, 3, 3], vec![None, Some(0), Some(1), Some(0)], vec![]);
    assert_eq!(assigned(&lines), expected);
}

#[test]
fn a_group_of_a_row_id_alone_holds_what_follows() {
    let lines = [
        "All | Spreadsheet Key*",
        "Own Data | Word",
        "Frame Data+ | Row ID*",
        "A Data+ | Row ID*",
        "A Data+ | One",
        "B Data+ | Row ID**",
        "B Data+ | Two",
        "Own Data | Last Word",
    ];
    let expected = (vec![0, 0, 1, 2, 2, 3, 3, 0], vec![None, Some(0), Some(1), Some(1)], vec![]);
    assert_eq!(assigned(&lines), expected);
}

#[test]
fn facts_say_what_belongs_into_a_group_and_what_does_not() {
    let inside = [
        "All | Spreadsheet Key*",
        "National ID+ | Row ID*",
        "National ID+ | Delete",
        "National ID Data | ID",
    ];
    assert_eq!(assigned(&inside), (vec![0, 1, 1, 1], vec![None, Some(0)], vec![]));
    let apart = [
        "All | Spreadsheet Key*",
        "Pay Plan Sub Data+ | Row ID*",
        "Pay Plan Sub Data+ | Amount",
        "Unit Salary Plan Data | Replace",
    ];
    assert_eq!(assigned(&apart), (vec![0, 1, 1, 0], vec![None, Some(0)], vec![]));
    // A container whose own areas are known does not take in what is known to be around it.
    let around = [
        "All | Spreadsheet Key*",
        "Emergency Contacts Reference Data+ | Row ID*",
        "Emergency Contacts Reference Data+ | Delete",
        "Person Name Data+ | Row ID*",
        "Name Detail Data | First Name",
        "Contact Information Data+ | Row ID*",
    ];
    let expected = (vec![0, 1, 1, 2, 2, 3], vec![None, Some(0), Some(1), Some(1)], vec![]);
    assert_eq!(assigned(&around), expected);
}

#[test]
fn what_only_may_belong_to_a_group_is_a_doubt() {
    let lines = [
        "All | Spreadsheet Key*",
        "A Data+ | Row ID*",
        "A Data+ | One",
        "Unheard Of Data | Two",
        "Unheard Of Data | Three",
    ];
    assert_eq!(assigned(&lines), (vec![0, 1, 1, 0, 0], vec![None, Some(0)], vec![3]));
}

#[test]
fn line_keys_open_groups_below_a_header_key() {
    let lines = ["All | Header Key*", "Line Data+ | Line Key*", "Line Data+ | Amount", "All | Memo"];
    assert_eq!(assigned(&lines), (vec![0, 1, 1, 0], vec![None, Some(0)], vec![]));
    let alone = ["All | Line Key*", "All | Amount"];
    assert_eq!(assigned(&alone), (vec![0, 0], vec![None], vec![]));
}

/// A group: how many columns it has before and after the groups within it.
#[derive(Debug, Clone)]
struct Tree(u8, Vec<Tree>, u8);

fn trees() -> impl Strategy<Value = Vec<Tree>> {
    let leaf = (0_u8..3).prop_map(|columns| Tree(columns + 1, Vec::new(), 0));
    let tree = leaf.prop_recursive(4, 24, 3, |inner| {
        // A last column of its own says where a group ends.
        (0_u8..2, prop::collection::vec(inner, 1..3), 1_u8..3)
            .prop_map(|(before, within, after)| Tree(before, within, after))
    });
    prop::collection::vec(tree, 0..4)
}

/// Writes columns as `area | label`, in the short style and with paths, and the group of each.
fn write(trees: &[Tree], path: &str, next: &mut usize, out: &mut Vec<(String, String, usize)>) {
    for Tree(before, within, after) in trees {
        let own = *next;
        *next += 1;
        let area = format!("G{own} Data+");
        let whole = format!("{area} ({path})");
        let line = |label: String| (format!("{area} | {label}"), format!("{whole} | {label}"), own);
        out.push(line("Row ID*".to_owned()));
        out.extend((0..*before).map(|n| line(format!("Before {n}"))));
        write(within, &format!("{path} > {area}"), next, out);
        out.extend((0..*after).map(|n| line(format!("After {n}"))));
    }
}

proptest! {
    /// Order and paths say the same where every group ends with a column of its own.
    #[test]
    fn order_and_paths_agree(trees in trees()) {
        let mut lines = vec![("All | Spreadsheet Key*".to_owned(), "All | Spreadsheet Key*".to_owned(), 0)];
        write(&trees, "All", &mut 1, &mut lines);
        lines.push(("All | Memo".to_owned(), "All | Memo".to_owned(), 0));
        let expected: Vec<usize> = lines.iter().map(|line| line.2).collect();
        let short: Vec<&str> = lines.iter().map(|line| line.0.as_str()).collect();
        let long: Vec<&str> = lines.iter().map(|line| line.1.as_str()).collect();
        let (by_order, by_path) = (assigned(&short), assigned(&long));
        prop_assert_eq!(&by_order.0, &expected);
        prop_assert_eq!(by_order, by_path);
    }
}
