//! Workbooks that were written through the built program, read by openpyxl and LibreOffice: exactly the planned cells, in
//! packages that are otherwise what they were. Odd texts, both styles of areas, groups, sub-processes, made headers.

use crate::cli_store::{custody, new_store, objects};
use crate::lookalike::{self, BookSpec};
use crate::office::{Planned, only_rows_differ, workbook};
use crate::program::World;
use std::fmt::Write as _;

const MAIN: &str = "Enlist Sailor";
const BERTH: &str = "Assign Berth and Hammock for th";
const WATCH: &str = "Set Watch";
/// Parts of the data sheets of a look-alike with an overview.
const PARTS: [&str; 4] = [
    "xl/worksheets/sheet2.xml",
    "xl/worksheets/sheet3.xml",
    "xl/worksheets/sheet4.xml",
    "xl/sharedStrings.xml",
];

/// Texts that programs like to change.
fn odd() -> Vec<String> {
    let mut texts: Vec<String> = [
        "=1+1",
        "+1 415-555-0100",
        "-2+3",
        "@SUM(A1)",
        "=HYPERLINK(\"x\")",
        "\u{645}\u{62d}\u{645}\u{62f} \u{639}\u{644}\u{64a}",
        "\u{738b}\u{5c0f}\u{660e}",
        "Müller-Lüdenscheidt",
        "O'Neil",
        "'quoted",
        "\u{1f469}\u{200d}\u{1f4bb}",
        "_x0041_",
        "_x000D_",
        "&<>\"",
        "&amp;",
        "]]>",
        "line\nfeed",
        "two  blanks",
        "000123",
        "0",
        "TRUE",
        "1E5",
        "12345678901234567890",
        "2026-01-01",
        "10%",
        "#N/A",
    ]
    .map(str::to_owned)
    .into();
    texts.push("é".repeat(255));
    texts.push("\u{1f600}".repeat(255));
    texts
}

fn csv(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
    quoted.join(",") + "\n"
}

/// One row a sailor.
fn sailors() -> String {
    let mut text = csv(&[
        "Sailor ID",
        "Enlisted",
        "Nickname",
        "Swims",
        "Daily Rum",
        "Ports",
        "Kit Type",
        "Strap Length",
        "Kit Number",
        "Last Seen",
        "Voyages",
        "Deck",
        "Berth Number",
        "Watch",
    ]);
    for (at, nickname) in odd().iter().enumerate() {
        let [port, deck, watch] = [at % 3, at % 4, at % 5];
        let row = [
            format!("{:06}", 120 + at),
            format!("2026-01-{:02}", at % 28 + 1),
            nickname.clone(),
            if at % 2 == 0 { "Y" } else { "N" }.to_owned(),
            format!("{at}.25"),
            ["PORT_A", "PORT_A; PORT_B", "PORT_C; PORT_A; PORT_B"][port].to_owned(),
            if at % 2 == 0 { "KIT_BOOTS" } else { "" }.to_owned(),
            if at % 2 == 0 { "1.125" } else { "" }.to_owned(),
            if at % 2 == 0 { format!("{at:04}") } else { String::new() },
            format!("2026-02-{:02} 10:30:00", at % 28 + 1),
            at.to_string(),
            if deck == 0 { "DECK_2" } else { "" }.to_owned(),
            if deck == 0 { nickname.clone() } else { String::new() },
            if watch == 0 { "DOG_WATCH" } else { "" }.to_owned(),
        ];
        text.push_str(&csv(&row.each_ref().map(String::as_str)));
    }
    text
}

/// A mapping of columns: sheet, label, column, more.
fn mapping(operation: &str, start: &str, fields: &[(&str, &str, &str, &str)]) -> String {
    let mut text = format!("operation = \"{operation}\"\n{start}\n");
    for (sheet, label, column, more) in fields {
        let _ = writeln!(text, "[[field]]\nlabel = \"{label}\"");
        if !sheet.is_empty() {
            let _ = writeln!(text, "sheet = \"{sheet}\"");
        }
        let _ = writeln!(text, "column = \"{column}\"\n{more}\n");
    }
    text
}

fn enlist_mapping() -> String {
    mapping(
        MAIN,
        "",
        &[
            ("", "Sailor", "Sailor ID", "id_type = \"Sailor_ID\""),
            ("", "Enlist Date", "Enlisted", ""),
            ("", "Nickname", "Nickname", ""),
            ("", "Swims", "Swims", ""),
            ("", "Daily Rum", "Daily Rum", ""),
            ("", "Home Port", "Ports", "split = \"; \""),
            ("", "Kit Type", "Kit Type", ""),
            ("", "Length", "Strap Length", ""),
            ("", "Kit Number", "Kit Number", ""),
            ("", "Last Seen", "Last Seen", ""),
            ("", "Voyages", "Voyages", ""),
            (BERTH, "Deck", "Deck", ""),
            (BERTH, "Berth Number", "Berth Number", ""),
            (WATCH, "Watch", "Watch", ""),
        ],
    )
}

/// The cells of [`sailors`] under [`enlist_mapping`], worked out by hand.
fn enlisted(world: &World, file: &str) -> Planned {
    let mut planned = Planned::new(world, file);
    let (mut main, mut berth, mut watch) = (0, 0, 0);
    for (at, nickname) in odd().iter().enumerate() {
        let key = (at + 1).to_string();
        let mut cell = |label: &str, nth: usize, text: &str| planned.put(MAIN, (label, nth), main, text);
        cell("Sailor", 1, &format!("{:06}", 120 + at));
        cell("Enlist Date", 1, &format!("2026-01-{:02}", at % 28 + 1));
        cell("Nickname", 1, nickname);
        cell("Swims", 1, if at % 2 == 0 { "Y" } else { "N" });
        cell("Daily Rum", 1, &format!("{at}.25"));
        cell("Last Seen", 1, &format!("2026-02-{:02}T10:30:00", at % 28 + 1));
        cell("Voyages", 1, &at.to_string());
        if at % 2 == 0 {
            cell("Row ID", 1, "1");
            cell("Kit Type", 1, "KIT_BOOTS");
            cell("Row ID", 2, "1");
            cell("Length", 1, "1.125");
            cell("Kit Number", 1, &format!("{at:04}"));
        }
        let ports: &[&str] =
            [&["PORT_A"][..], &["PORT_A", "PORT_B"], &["PORT_C", "PORT_A", "PORT_B"]][at % 3];
        for port in ports {
            planned.put(MAIN, ("Spreadsheet Key", 1), main, &*key);
            planned.put(MAIN, ("Home Port", 1), main, *port);
            main += 1;
        }
        if at % 4 == 0 {
            planned.put(BERTH, ("Spreadsheet Key", 1), berth, &*key);
            planned.put(BERTH, ("Row ID", 1), berth, "1");
            planned.put(BERTH, ("Deck", 1), berth, "DECK_2");
            planned.put(BERTH, ("Berth Number", 1), berth, nickname);
            berth += 1;
        }
        if at % 5 == 0 {
            planned.put(WATCH, ("Spreadsheet Key", 1), watch, &*key);
            planned.put(WATCH, ("Watch", 1), watch, "DOG_WATCH");
            watch += 1;
        }
    }
    planned
}

/// A store with a report and a template of its own.
fn world(report: &str, spec: Option<&BookSpec>) -> World {
    let world = World::new();
    new_store(&world);
    world.file("sailors.csv", report);
    assert_eq!(custody(&world, &["ingest", "sailors.csv"]).code, 0);
    if let Some(spec) = spec {
        world.file("template.xlsx", lookalike::workbook(spec));
        let said = custody(&world, &["template", "import", "template.xlsx"]);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    world
}

const ALL: [&str; 3] = ["--all", "--reason", "a test of all rows"];

#[test]
fn a_filled_template_is_read_by_others_as_it_was_planned_and_is_otherwise_the_same_package() {
    let world = world(&sailors(), Some(&lookalike::enlist()));
    world.file("map.toml", enlist_mapping());
    let plan = [&["enlist_sailor", "--from", "sailors", "--map", "map.toml"][..], &ALL].concat();
    workbook(&world, &plan, "out.xlsx");
    let mut planned = enlisted(&world, "out.xlsx");
    planned.is_read_by_others(&world, "out.xlsx");
    planned.others_notice_differences(&world, "out.xlsx");
    only_rows_differ(&world, "template.xlsx", "out.xlsx", &PARTS);
}

#[test]
fn a_template_made_from_a_wsdl_is_read_by_others_and_is_the_same_model() {
    let world = world(&sailors(), None);
    world.file("sea.wsdl", include_str!("../export/tests/data/lookalike.wsdl"));
    let said = custody(&world, &["template", "from-wsdl", "sea.wsdl", "--operation", "Enlist_Sailor"]);
    assert_eq!(said.code, 0, "{}", said.err);
    world.file("map.toml", enlist_mapping());
    let plan = [&["enlist_sailor", "--from", "sailors", "--map", "map.toml"][..], &ALL].concat();
    workbook(&world, &plan, "out.xlsx");
    enlisted(&world, "out.xlsx").is_read_by_others(&world, "out.xlsx");
    same_model(&world, "enlist_sailor", "out.xlsx");
}

#[test]
fn a_bundled_layout_is_read_by_others_and_imports_as_the_same_model() {
    let world = world(&sailors(), None);
    let fields = [
        ("", "Employee", "Sailor ID", "id_type = \"Employee_ID\""),
        ("", "Compensation Change Date", "Enlisted", ""),
        ("", "Compensation Change On Next Pay Period", "Swims", ""),
        ("", "Reason", "Watch", "id_type = \"General_Event_Subcategory_ID\""),
        ("", "Compensation Grade", "Kit Number", "area = \"Compensation Guidelines Data\""),
    ];
    world.file("map.toml", mapping("Request Compensation Change", "", &fields));
    let name = "request_compensation_change";
    let every = ["--where", "\"Kit Type\" is not null and \"Watch\" is not null"];
    let plan = [&[name, "--from", "sailors", "--map", "map.toml"][..], &every].concat();
    workbook(&world, &plan, "out.xlsx");
    let mut planned = Planned::new(&world, "out.xlsx");
    let sheet = "Request Compensation Change";
    for (row, at) in (0..odd().len()).filter(|at| at % 10 == 0).enumerate() {
        planned.put(sheet, ("Spreadsheet Key", 1), row, (row + 1).to_string());
        planned.put(sheet, ("Employee", 1), row, format!("{:06}", 120 + at));
        planned.put(sheet, ("Compensation Change Date", 1), row, format!("2026-01-{:02}", at % 28 + 1));
        planned.put(sheet, ("Compensation Change On Next Pay Period", 1), row, "Y");
        planned.put(sheet, ("Reason", 1), row, "DOG_WATCH");
        planned.put(sheet, ("Compensation Grade", 1), row, format!("{at:04}"));
    }
    assert_eq!(planned.len(), 18);
    planned.is_read_by_others(&world, "out.xlsx");
    same_model(&world, name, "out.xlsx");
    // With rows it is no template to be kept.
    let said = custody(&world, &["template", "import", "out.xlsx", "--name", "again"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("data below its header"), "{}", said.err);
}

/// The model of a written workbook is the one that it was written from.
fn same_model(world: &World, name: &str, file: &str) {
    let said = custody(world, &["template", "diff", name, file]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let diff = &objects(world, &["template", "diff", name, file])[0];
    assert_eq!(diff["before"], diff["after"]);
    assert_eq!(diff["before"].as_str().map(str::len), Some(64), "{diff}");
}
