//! Transactions of many rows in workbooks that were written through the built program: groups within groups, Row IDs,
//! sub-processes on sheets of their own, choices in the header. Read by openpyxl, LibreOffice and calamine.

use crate::cli_store::{custody, new_store, objects};
use crate::lookalike;
use crate::office::{Planned, only_rows_differ, workbook};
use crate::program::World;
use calamine::{Data, Reader, Xlsx};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const MAIN: &str = "Enlist Sailor";
const BERTH: &str = "Assign Berth and Hammock for th";
const WATCH: &str = "Set Watch";

/// Workday IDs.
const HAMMOCKS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "99999999999999999999999999999999"];
/// Kit, length of the strap, deck, hammock; three rows a sailor.
const ROWS: [(&str, &str, &str, &str); 3] = [
    ("KIT_BOOTS", "1.125", "DECK_1", HAMMOCKS[0]),
    ("KIT_BOOTS", "2.375", "DECK_2", HAMMOCKS[0]),
    ("KIT_COAT", "3.625", "DECK_1", HAMMOCKS[1]),
];

/// Sailors have three rows each; only every second one has a watch, and every third one no berth.
fn report(sailors: usize) -> String {
    let mut text = "Sailor ID,Rum Amount,Kit Type,Strap Length,Deck,Hammock,Watch\n".to_owned();
    for sailor in 0..sailors {
        for (kit, strap, deck, hammock) in ROWS {
            let (deck, hammock) = if sailor % 3 == 2 { ("", "") } else { (deck, hammock) };
            let watch = if sailor % 2 == 0 { "DOG_WATCH" } else { "" };
            let _ = writeln!(text, "{sailor:05},2.25,{kit},{strap},{deck},{hammock},{watch}");
        }
    }
    text
}

const MAPPING: &str = r#"operation = "Enlist Sailor"
key = ["Sailor ID"]

[[field]]
label = "Sailor"
column = "Sailor ID"
id_type = "Marine_ID"

[[field]]
label = "Daily Rum"
column = "Rum Amount"

[[field]]
area = "Kit Data"
label = "Kit Type"
column = "Kit Type"

[[field]]
area = "Strap Data"
label = "Length"
column = "Strap Length"

[[field]]
sheet = "Assign Berth and Hammock for th"
label = "Deck"
column = "Deck"

[[field]]
sheet = "Assign Berth and Hammock for th"
label = "Hammock"
column = "Hammock"
id_type = "WID"

[[field]]
sheet = "Set Watch"
label = "Watch"
column = "Watch"

[process."Enlist Sailor"]
instruction = "Run Now"
comment = "R&D <first>"
"#;

/// The cells of [`report`] under [`MAPPING`], worked out by hand.
fn grouped(world: &World, file: &str, sailors: usize) -> Planned {
    let mut planned = Planned::new(world, file);
    let (mut berth, mut watch) = (0, 0);
    for sailor in 0..sailors {
        let (key, top) = ((sailor + 1).to_string(), 3 * sailor);
        planned.put(MAIN, ("Sailor", 1), top, format!("{sailor:05}"));
        planned.put(MAIN, ("Daily Rum", 1), top, "2.25");
        planned.put(MAIN, ("Kit Type", 1), top, "KIT_BOOTS");
        planned.put(MAIN, ("Kit Type", 1), top + 2, "KIT_COAT");
        for (row, (kit, strap)) in [("1", "1"), ("1", "2"), ("2", "1")].into_iter().enumerate() {
            planned.put(MAIN, ("Spreadsheet Key", 1), top + row, &*key);
            planned.put(MAIN, ("Row ID", 1), top + row, kit);
            planned.put(MAIN, ("Row ID", 2), top + row, strap);
            planned.put(MAIN, ("Length", 1), top + row, ROWS[row].1);
        }
        if sailor % 3 != 2 {
            for (row, (deck, hammock)) in
                [("DECK_1", HAMMOCKS[0]), ("DECK_2", HAMMOCKS[1])].into_iter().enumerate()
            {
                let number = (row + 1).to_string();
                planned.put(BERTH, ("Spreadsheet Key", 1), berth, &*key);
                planned.put(BERTH, ("Row ID", 1), berth, &*number);
                planned.put(BERTH, ("Deck", 1), berth, deck);
                planned.put(BERTH, ("Row ID", 2), berth, &*number);
                planned.put(BERTH, ("Hammock", 1), berth, hammock);
                berth += 1;
            }
        }
        if sailor % 2 == 0 {
            planned.put(WATCH, ("Spreadsheet Key", 1), watch, &*key);
            planned.put(WATCH, ("Watch", 1), watch, "DOG_WATCH");
            watch += 1;
        }
    }
    planned
}

/// A store with a report and a template of its own.
fn world(report: &str, spec: &lookalike::BookSpec) -> World {
    let world = World::new();
    new_store(&world);
    world.file("sailors.csv", report);
    assert_eq!(custody(&world, &["ingest", "sailors.csv"]).code, 0);
    world.file("template.xlsx", lookalike::workbook(spec));
    let said = custody(&world, &["template", "import", "template.xlsx"]);
    assert_eq!(said.code, 0, "{}", said.err);
    world
}

/// Texts of a sheet's column below the header, from 0 as in the sheet.
fn texts(world: &World, sheet: &str, column: u32) -> Vec<String> {
    let mut book: Xlsx<_> = calamine::open_workbook(world.path("out.xlsx")).expect("a workbook");
    let range = book.worksheet_range(sheet).expect("the sheet");
    let last = range.end().expect("cells").0;
    let text = |row| range.get_value((row, column)).map(ToString::to_string).unwrap_or_default();
    assert!(
        (5..=last).all(|row| !matches!(range.get_value((row, column)), Some(Data::Float(_) | Data::Int(_))))
    );
    (5..=last).map(text).collect()
}

#[test]
fn groups_and_sub_processes_are_tied_by_their_keys() {
    let world = world(&report(7), &lookalike::enlist());
    world.file("map.toml", MAPPING);
    let plan =
        ["enlist_sailor", "--from", "sailors", "--map", "map.toml", "--all", "--reason", "all of them"];
    let planned = workbook(&world, &plan, "out.xlsx");
    assert_eq!(planned["planned"]["transactions"].as_u64(), Some(7));
    assert_eq!(planned["planned"]["rows_in"].as_u64(), Some(21));
    let mut cells = grouped(&world, "out.xlsx", 7);
    cells.is_read_by_others(&world, "out.xlsx");
    // What was chosen stands in the header.
    assert_eq!((cells.header(MAIN, 4, 2), cells.header(BERTH, 4, 6)), ("Marine_ID".into(), "WID".into()));
    assert_eq!(
        (cells.header("Overview", 7, 2), cells.header("Overview", 7, 3)),
        ("Run Now".into(), "R&D <first>".into())
    );
    // A key on a sheet of a sub-process is one of the main sheet, and means the same sailor.
    let keys = texts(&world, MAIN, 1);
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), 7);
    for (sheet, rows) in [(BERTH, 10), (WATCH, 4)] {
        let own = texts(&world, sheet, 1);
        assert_eq!(own.len(), rows, "{sheet}");
        assert!(own.iter().all(|key| keys.contains(key)), "{sheet}: {own:?}");
    }
    // Rows of one key stand together, in its order.
    let numbers: Vec<usize> = keys.iter().map(|key| key.parse().expect("a number")).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let sailors = texts(&world, MAIN, 2);
    let first = numbers.iter().position(|number| *number == 5).expect("the fifth");
    assert_eq!(sailors[first], "00004");
    // What is no Workday ID is found where that type was chosen.
    world.file("map.toml", MAPPING.replace("column = \"Hammock\"", "column = \"Deck\""));
    let refused = objects(&world, &[&["eib", "plan"][..], &plan].concat()).remove(0);
    assert!(refused["plan"].is_null());
    let codes: BTreeSet<&str> = refused["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert!(codes.contains("wid-malformed"), "{codes:?}");
}

const APPOINT: &str = r#"operation = "Appoint Officer"
key = ["Sailor ID"]

[[field]]
label = "Sailor"
column = "Sailor ID"

[[field]]
label = "Start Date"
column = "Start"

[[field]]
area = "Keeper"
label = "ID Type"
value = "Port_ID"

[[field]]
area = "Keeper"
label = "ID Value"
column = "Keeper Code"

[[field]]
area = "Pledge Data+ (All > Post Data > Grant Data+)"
label = "Wording"
column = "Wording"

[[field]]
label = "Port"
column = "Ports"
split = "\n"
id_type = "Port_ID"

[[field]]
label = "Replace All"
value = "Y"

[process."Appoint Officer"]
instruction = "Automatic Processing"
"#;

#[test]
fn areas_with_paths_are_filled_and_the_overview_says_what_was_chosen() {
    let mut text = "Sailor ID,Start,Keeper Code,Wording,Ports\n".to_owned();
    for sailor in 0..3 {
        let same = format!("{sailor:03},2026-03-0{},KEEP_1", sailor + 1);
        let _ = writeln!(text, "{same},\"=by {sailor} & \"\"all\"\"\",\"P_1\nP_2\"\n{same},_x0041_,");
    }
    let world = world(&text, &lookalike::appoint());
    world.file("map.toml", APPOINT);
    let plan = [
        "appoint_officer",
        "--from",
        "sailors",
        "--map",
        "map.toml",
        "--all",
        "--reason",
        "all of them",
        "--allow-replace",
    ];
    let refused = objects(&world, &[&["eib", "plan"], &plan[..plan.len() - 1]].concat());
    assert!(refused[0]["plan"].is_null(), "replacing has to be allowed");
    workbook(&world, &plan, "out.xlsx");
    let main = "Appoint Officer";
    let mut planned = Planned::new(&world, "out.xlsx");
    for sailor in 0..3 {
        let top = 2 * sailor;
        planned.put(main, ("Sailor", 1), top, format!("{sailor:03}"));
        planned.put(main, ("Start Date", 1), top, format!("2026-03-0{}", sailor + 1));
        planned.put(main, ("ID Type", 1), top, "Port_ID");
        planned.put(main, ("ID Value", 1), top, "KEEP_1");
        planned.put(main, ("Replace All", 1), top, "Y");
        for row in 0..2 {
            let key = [(sailor + 1).to_string(), "1".to_owned(), (row + 1).to_string()];
            planned.put(main, ("Spreadsheet Key", 1), top + row, &*key[0]);
            planned.put(main, ("Row ID", 1), top + row, &*key[1]);
            planned.put(main, ("Row ID", 2), top + row, &*key[2]);
            planned.put(main, ("Port", 1), top + row, format!("P_{}", row + 1));
        }
        planned.put(main, ("Wording", 1), top, format!("=by {sailor} & \"all\""));
        planned.put(main, ("Wording", 1), top + 1, "_x0041_");
    }
    planned.is_read_by_others(&world, "out.xlsx");
    assert_eq!(planned.header("Overview", 7, 2), "Automatic Processing");
    assert_eq!(planned.header(main, 1, 0), "Appoint Officer - v44.0");
    let changed = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"];
    only_rows_differ(&world, "template.xlsx", "out.xlsx", &changed);
}

#[test]
fn a_template_without_an_overview_is_filled_and_values_are_cleared_only_if_allowed() {
    let text = "Harbour Name,Effective,System\nMüller-Lüdenscheidt,2026-05-01,=old\n'Neil,2026-05-02,\n";
    let world = world(text, &lookalike::harbour());
    world.file(
        "map.toml",
        "operation = \"Put Harbour\"\n[[field]]\nlabel = \"Harbour Name\"\ncolumn = \"Harbour Name\"\n\
         [[field]]\nlabel = \"Effective Date\"\ncolumn = \"Effective\"\n\
         [[field]]\nlabel = \"System ID\"\ncolumn = \"System\"\nblank = \"clear\"\n",
    );
    let plan = [
        "put_harbour",
        "--from",
        "sailors",
        "--map",
        "map.toml",
        "--all",
        "--reason",
        "all",
        "--allow-clear",
    ];
    let refused = objects(&world, &[&["eib", "plan"], &plan[..plan.len() - 1]].concat());
    assert!(refused[0]["plan"].is_null(), "clearing has to be allowed");
    workbook(&world, &plan, "out.xlsx");
    let mut planned = Planned::new(&world, "out.xlsx");
    for (row, (name, system)) in
        [("Müller-Lüdenscheidt", "=old"), ("'Neil", "{empty}")].into_iter().enumerate()
    {
        planned.put("Put Harbour", ("Spreadsheet Key", 1), row, (row + 1).to_string());
        planned.put("Put Harbour", ("Harbour Name", 1), row, name);
        planned.put("Put Harbour", ("Effective Date", 1), row, format!("2026-05-0{}", row + 1));
        planned.put("Put Harbour", ("System ID", 1), row, system);
    }
    planned.is_read_by_others(&world, "out.xlsx");
    only_rows_differ(
        &world,
        "template.xlsx",
        "out.xlsx",
        &["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"],
    );
}
