//! Differences of templates, and what they break.

use super::*;
use crate::template::{Address, Marks, lookalike, testing};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The template of a look-alike, before and after a change.
fn pair(change: impl Fn(&mut Sheet)) -> (Template, Template) {
    let before = testing::template(&lookalike::enlist());
    let mut after = before.clone();
    change(&mut after.sheets[0]);
    for (index, column) in (1..).zip(&mut after.sheets[0].columns) {
        column.index = index;
    }
    (before, after)
}

fn changed(change: impl Fn(&mut Sheet)) -> TemplateDiff {
    let (before, after) = pair(change);
    diff(&before, &after)
}

fn address(area: &str, label: &str) -> Address {
    Address { sheet: String::new(), area: area.to_owned(), label: label.to_owned(), occurrence: 0 }
}

/// What one mapped field has to be looked at for.
fn problems(found: &TemplateDiff, area: &str, label: &str) -> Vec<Problem> {
    found.breaks(&[address(area, label)]).into_iter().map(|b| b.problem).collect()
}

#[test]
fn a_template_does_not_differ_from_itself() {
    let found = changed(|_| {});
    assert!(found.is_empty(), "{found:?}");
    let all: Vec<Address> =
        found.before.sheets[0].columns.iter().map(|c| address(&c.area, &c.label)).collect();
    assert_eq!(found.breaks(&all), []);
    let chosen = changed(|s| s.columns[1].format = CellFormat::Reference("Marine_ID".to_owned()));
    assert!(chosen.is_empty(), "{chosen:?}");
}

#[test]
fn fields_that_come_and_go_are_named() {
    let found = changed(|sheet| {
        sheet.columns.remove(3);
        let mut new = sheet.columns[1].clone();
        new.label = "Ship".to_owned();
        sheet.columns.insert(2, new);
    });
    let [sheet] = found.sheets.as_slice() else { panic!("{found:?}") };
    let names = |fields: &[Field]| -> Vec<String> {
        fields.iter().map(|f| format!("{} {}", f.cell, f.label)).collect()
    };
    assert_eq!(
        (names(&sheet.added), names(&sheet.removed)),
        (vec!["D5 Ship*".into()], vec!["E5 Nickname".into()])
    );
    assert!(sheet.moved.is_empty() && sheet.changed.is_empty(), "{sheet:?}");
    assert_eq!(problems(&found, "", "Nickname")[0], Problem::Gone);
    // What stands further right is found all the same; what is required now is named.
    let required = Problem::Required { cell: "D5".to_owned() };
    assert_eq!(problems(&found, "", "Swims"), std::slice::from_ref(&required));
    assert_eq!(problems(&found, "Kit Data", "Kit Type"), [required]);
}

#[test]
fn fields_in_another_area_have_moved() {
    let found = changed(|sheet| {
        let mut moved = sheet.columns.remove(3);
        moved.area = "Name Data".to_owned();
        sheet.columns.push(moved);
    });
    let moved: Vec<_> =
        found.sheets[0].moved.iter().map(|m| (m.from.cell.as_str(), m.to.cell.as_str())).collect();
    assert_eq!(moved, [("E5", "O5")]);
    let elsewhere = Problem::Moved { area: "Name Data".to_owned() };
    assert_eq!(problems(&found, "Sailor Data", "Nickname"), [elsewhere]);
    assert_eq!(problems(&found, "", "Nickname"), []);
}

#[test]
fn a_second_field_of_the_name_makes_it_ambiguous() {
    let found = changed(|sheet| {
        let mut twin = sheet.columns[3].clone();
        twin.area = "Rum Data".to_owned();
        sheet.columns.push(twin);
    });
    let cells = Problem::Ambiguous { cells: "E5, P5".to_owned() };
    assert_eq!(problems(&found, "", "Nickname"), [cells]);
    assert_eq!(problems(&found, "Sailor Data", "Nickname"), []);
}

#[test]
fn what_a_field_says_is_compared() {
    let found = changed(|sheet| {
        sheet.columns[5].format = CellFormat::Number(Some((10, 2)));
        sheet.columns[5].restriction = Restriction::Optional;
        sheet.columns[5].marks = Marks::default();
        sheet.columns[1].id_types.retain(|name| name != "Marine_ID");
        sheet.columns[6].restriction = Restriction::Optional;
        sheet.columns[11].group = 0;
        sheet.columns[13].restriction = Restriction::Required;
    });
    let cells: Vec<_> =
        found.sheets[0].changed.iter().map(|c| (c.field.cell.as_str(), c.changes.len())).collect();
    assert_eq!(cells, [("C5", 1), ("G5", 3), ("H5", 1), ("M5", 1), ("O5", 1)]);
    let format = Change::Format {
        before: CellFormat::Number(Some((12, 2))),
        after: CellFormat::Number(Some((10, 2))),
    };
    let required = Problem::Required { cell: "O5".to_owned() };
    let with = |changes| vec![Problem::Changed { changes }, required.clone()];
    assert_eq!(problems(&found, "", "Daily Rum"), with(vec![format]));
    let gone = Change::IdTypes { added: vec![], removed: vec!["Marine_ID".to_owned()] };
    assert_eq!(problems(&found, "", "Sailor"), with(vec![gone]));
    let groups = Change::Groups { before: vec!["kit data".to_owned()], after: vec![] };
    assert_eq!(problems(&found, "", "Kit Number"), with(vec![groups]));
    assert_eq!(problems(&found, "", "Voyages"), []);
    let single = Change::Restriction { before: Restriction::OptionalMultiple, after: Restriction::Optional };
    assert_eq!(problems(&found, "", "Home Port"), with(vec![single]));
}

#[test]
fn more_digits_than_before_break_nothing() {
    let wider = changed(|s| s.columns[5].format = CellFormat::Number(Some((14, 3))));
    assert_eq!(problems(&wider, "", "Daily Rum"), []);
    let shifted = changed(|s| s.columns[5].format = CellFormat::Number(Some((12, 4))));
    assert!(matches!(problems(&shifted, "", "Daily Rum")[0], Problem::Changed { .. }));
}

#[test]
fn sheets_and_processes_that_come_and_go_are_named() {
    let before = testing::template(&lookalike::enlist());
    let mut after = before.clone();
    after.sheets.remove(1);
    after.operation = "Enlist Marine".to_owned();
    after.overview.as_mut().expect("one").processes.remove(1);
    let found = diff(&before, &after);
    assert_eq!(found.operation, Some(("Enlist Sailor".to_owned(), "Enlist Marine".to_owned())));
    assert_eq!(found.sheets_removed, ["Assign Berth and Hammock for th"]);
    assert_eq!(found.processes_removed, ["Assign Berth and Hammock for the Voyage"]);
    assert!(found.sheets.is_empty() && found.sheets_added.is_empty());
    let berth = Address { sheet: before.sheets[1].name.clone(), ..address("", "Deck") };
    assert_eq!(found.breaks(&[berth])[0].problem, Problem::Gone);
    let back = diff(&after, &before);
    assert_eq!(back.sheets_added, found.sheets_removed);
    let text = serde_json::to_string(&back).expect("it is serialisable");
    assert!(text.starts_with("{\"operation\":[\"Enlist Marine\",\"Enlist Sailor\"]"), "{text}");
    assert!(!text.contains("pairs"));
}

#[test]
fn addresses_that_never_named_a_field_are_said() {
    let found = changed(|_| {});
    assert_eq!(problems(&found, "", "Parrot"), [Problem::Unknown]);
}

/// One change of a template, by number; some say nothing about fields.
fn mutate(template: &mut Template, which: usize, at: usize) {
    let sheet = &mut template.sheets[0];
    let at = at % sheet.columns.len();
    match which {
        0 => sheet.columns[at].label.push('s'),
        1 => sheet.columns[at].area.push_str(" (All)"),
        2 => sheet.columns[at].marks.required ^= true,
        3 => sheet.columns[at].restriction = Restriction::Conditional,
        4 => sheet.columns[at].format = CellFormat::DateTime,
        5 => sheet.columns[at].id_types.push("New_ID".to_owned()),
        6 => sheet.columns.swap(0, at),
        7 => drop(sheet.columns.remove(at)),
        8 => sheet.name.push('2'),
        9 => sheet.title.push('2'),
        10 => template.operation.push('2'),
        11 => template.sheets.swap(1, 2),
        12 => template.overview = None,
        13 => template.overview.as_mut().expect("one").discards = true,
        14 => template.overview.as_mut().expect("one").processes[1].instructions.truncate(at % 3),
        15 => sheet.columns[at].id_types.reverse(),
        16 => sheet.columns[at].as_text ^= true,
        17 => template.version = Some("v1".to_owned()),
        _ => {}
    }
}

proptest! {
    /// A fingerprint that is another one is always explained.
    #[test]
    fn what_differs_in_the_fingerprint_is_shown(which in 0_usize..19, at in 0_usize..40) {
        static ENLIST: LazyLock<Template> = LazyLock::new(|| testing::template(&lookalike::enlist()));
        let mut after = ENLIST.clone();
        mutate(&mut after, which, at);
        let same = after.fingerprint() == ENLIST.fingerprint();
        prop_assert_eq!(diff(&ENLIST, &after).is_empty(), same);
        prop_assert_eq!(diff(&after, &ENLIST).is_empty(), same);
    }
}
