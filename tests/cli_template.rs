//! `custody template` through the built program: what is taken in and what is refused and why, what changed between two
//! templates and which mappings that breaks, projections of a WSDL, suggestions.

use crate::cli_store::{custody, new_store, objects};
use crate::lookalike::{self, BookSpec, enlist, harbour};
use crate::program::World;
use rust_xlsxwriter::Workbook;

fn store() -> World {
    let world = World::new();
    new_store(&world);
    world
}

/// Imports a file that is no template, and gives the reason.
fn refused(world: &World, bytes: &[u8]) -> String {
    world.file("f.xlsx", bytes);
    let said = custody(world, &["template", "import", "f.xlsx"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{}", said.err);
    let kept = objects(world, &["template", "ls"]);
    assert!(kept.iter().all(|template| template["provenance"] == "bundled"), "{kept:?}");
    said.err
}

#[test]
fn what_is_no_template_is_refused_with_the_reason() {
    let world = store();
    let said = refused(&world, b"Employee ID,Legal Name\n1,Planted Person\n");
    assert!(said.contains("not an XLSX workbook"), "{said}");
    let whole = lookalike::workbook(&enlist());
    let said = refused(&world, &whole[..whole.len() - 200]);
    assert!(said.contains("damaged"), "{said}");
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "Planted Person").expect("a cell");
    let said = refused(&world, &book.save_to_buffer().expect("a workbook"));
    assert!(said.contains("sheet 1") && said.contains("A2") && !said.contains("Planted"), "{said}");
    let odd = lookalike::workbook_with(&enlist(), |sheet, target| {
        if sheet == 1 {
            target.write(3, 2, "Planted Format?!").expect("a cell");
        }
    });
    let said = refused(&world, &odd);
    assert!(said.contains("sheet 3, C4") && !said.contains("Planted"), "{said}");
}

/// The container that a workbook with a password is in: its own magic, a table of sectors, a folder with one stream of
/// that name. What the stream holds is not known to anybody without the password.
fn locked() -> Vec<u8> {
    let mut file = vec![0xFF_u8; 512 * 4];
    file[..512].fill(0);
    file[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    file[24..34].copy_from_slice(&[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]);
    file[44] = 1;
    file[48] = 1;
    file[56..60].copy_from_slice(&4096_u32.to_le_bytes());
    file[60..64].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    file[68..72].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    file[80..512].fill(0xFF);
    file[512..520].copy_from_slice(&[0xFD, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF]);
    let mut entry = |at: usize, name: &str, kind: u8| {
        let entry = &mut file[1024 + at * 128..1024 + (at + 1) * 128];
        entry.fill(0);
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..units.len()].copy_from_slice(&units);
        entry[64] = units.len() as u8 + 2;
        entry[66] = kind;
        entry[68..80].fill(0xFF);
    };
    entry(0, "Root Entry", 5);
    entry(1, "EncryptedPackage", 2);
    file
}

#[test]
fn a_workbook_with_a_password_is_refused_as_such() {
    let said = refused(&store(), &locked());
    assert!(said.contains("password"), "{said}");
}

#[test]
fn a_template_with_rows_is_not_kept() {
    let filled = lookalike::workbook_with(&enlist(), |sheet, target| {
        if sheet == 2 {
            target.write(6, 3, "Planted Person").expect("a cell");
        }
    });
    let said = refused(&store(), &filled);
    assert!(said.contains("data below its header") && !said.contains("Planted"), "{said}");
}

#[test]
fn a_template_is_listed_shown_and_imported_again_as_the_same() {
    let world = store();
    world.file("t.xlsx", lookalike::workbook(&enlist()));
    let first = objects(&world, &["template", "import", "t.xlsx"]).remove(0);
    assert_eq!((first["name"].as_str(), first["columns"].as_u64()), (Some("enlist_sailor"), Some(24)));
    assert_eq!((&first["sheets"], &first["model_changed"]), (&3.into(), &false.into()));
    let again = objects(&world, &["template", "import", "t.xlsx"]).remove(0);
    assert_eq!((&again["fingerprint"], &again["model_changed"]), (&first["fingerprint"], &false.into()));
    let mut spec = enlist();
    spec.sheets[0].columns.truncate(12);
    world.file("t.xlsx", lookalike::workbook(&spec));
    let other = objects(&world, &["template", "import", "t.xlsx"]).remove(0);
    assert_ne!(other["fingerprint"], first["fingerprint"]);
    assert_eq!(other["model_changed"], true);
    let shown = custody(&world, &["template", "show", "enlist_sailor", "--sheet", "set watch"]);
    let line = shown.out.lines().find(|line| line.starts_with("D5")).expect("a line of that cell");
    for part in ["Watch", "Optional", "Watch_ID", "Watch Data", "WID Watch_ID"] {
        assert!(line.contains(part), "{line}");
    }
    let said = custody(&world, &["template", "show", "enlist_sailor", "--sheet", "Nowhere"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

/// Another version: `Nickname` is gone, `Swims` is called otherwise, `Voyages` stands in another area, `Daily Rum` takes
/// less digits.
fn later() -> BookSpec {
    let mut spec = enlist();
    let columns = &mut spec.sheets[0].columns;
    columns.retain(|column| column.3 != "Nickname");
    let at = |columns: &[lookalike::ColumnSpec], label: &str| {
        columns.iter().position(|column| column.3 == label).expect("it is there")
    };
    let swims = at(columns, "Swims");
    columns[swims].3 = "Can Swim";
    let rum = at(columns, "Daily Rum*");
    columns[rum].2 = "Number (6,2)";
    let voyages = at(columns, "Voyages");
    let mut moved = columns.remove(voyages);
    moved.0 = "All";
    columns.insert(3, moved);
    spec
}

const MAPPING: &str = "operation = \"Enlist Sailor\"\n[[field]]\nlabel = \"Sailor\"\ncolumn = \"Sailor ID\"\n\
    [[field]]\nlabel = \"Nickname\"\ncolumn = \"Nickname\"\n[[field]]\nlabel = \"Swims\"\nvalue = \"Y\"\n\
    [[field]]\narea = \"Sailor Data\"\nlabel = \"Voyages\"\ncolumn = \"Voyages\"\n\
    [[field]]\nlabel = \"Daily Rum\"\nsql = \"1.5\"\n";

#[test]
fn a_later_template_says_what_changed_and_which_mappings_break() {
    let world = store();
    world.file("before.xlsx", lookalike::workbook(&enlist()));
    world.file("after.xlsx", lookalike::workbook(&later()));
    let same = custody(&world, &["template", "diff", "before.xlsx", "before.xlsx"]);
    assert_eq!((same.code, same.out.as_str()), (0, ""), "{}", same.err);
    assert_eq!(custody(&world, &["template", "import", "before.xlsx"]).code, 0);
    assert_eq!(custody(&world, &["template", "import", "after.xlsx", "--name", "later"]).code, 0);
    let quiet = custody(&world, &["template", "diff", "enlist_sailor", "later"]);
    assert_eq!(quiet.code, 0, "no mapping breaks: {}", quiet.err);
    world.file("rum.toml", MAPPING);
    let said = custody(&world, &["template", "map", "enlist_sailor", "rum.toml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for after in ["later", "after.xlsx"] {
        let said = custody(&world, &["template", "diff", "enlist_sailor", after]);
        assert_eq!(said.code, 1, "{}", said.err);
        for (line, words) in [
            ("removed  Enlist Sailor!E5", "Nickname"),
            ("moved    Enlist Sailor!O5", "Voyages"),
            ("changed  Enlist Sailor!G5", "Number (12,2) → Number (6,2)"),
            ("mapping rum: Nickname", "gone"),
            ("mapping rum: Swims", "gone"),
            ("mapping rum: Voyages, Sailor Data", "All"),
            ("mapping rum: Daily Rum", "Number (6,2)"),
        ] {
            let found = said.out.lines().any(|own| own.starts_with(line) && own.contains(words));
            assert!(found, "{line} {words}: {}", said.out);
        }
        assert!(!said.out.contains("mapping rum: Sailor:"), "{}", said.out);
    }
    let json = objects(&world, &["template", "diff", "enlist_sailor", "later"]).remove(0);
    assert!(json["breaks"].as_array().is_some_and(|breaks| breaks.len() == 4), "{}", json["breaks"]);
    // The mapping is refused where its fields are not.
    let said = custody(&world, &["template", "map", "later", "rum.toml"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("Nickname"), "{}", said.err);
}

#[test]
fn a_wsdl_gives_templates_of_its_operations() {
    let world = store();
    world.file("sea.wsdl", include_str!("../export/tests/data/lookalike.wsdl"));
    let made =
        objects(&world, &["template", "from-wsdl", "sea.wsdl", "--operation", "Put_Harbour"]).remove(0);
    assert_eq!(
        (made["name"].as_str(), made["operation"].as_str()),
        (Some("put_harbour"), Some("Put Harbour"))
    );
    let listed = objects(&world, &["template", "ls"]);
    let own = listed.iter().find(|template| template["name"] == "put_harbour").expect("it is listed");
    assert_eq!((own["provenance"].as_str(), &own["fingerprint"]), (Some("wsdl"), &made["fingerprint"]));
    let shown = custody(&world, &["template", "show", "put_harbour", "--sheet", "Put Harbour"]);
    assert!(shown.out.contains("Spreadsheet Key*") && shown.out.contains("Place Name*"), "{}", shown.out);
    assert!(!shown.out.contains("Words that no template"), "help is not taken over");
    let said = custody(&world, &["template", "from-wsdl", "sea.wsdl", "--operation", "Sink_Ship"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("Sink_Ship") || said.err.contains("no such operation"), "{}", said.err);
    world.file("not.wsdl", "<x/>");
    let said = custody(&world, &["template", "from-wsdl", "not.wsdl", "--operation", "Put_Harbour"]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn suggestions_are_comments_until_somebody_takes_them_over() {
    let world = store();
    world.file("t.xlsx", lookalike::workbook(&enlist()));
    assert_eq!(custody(&world, &["template", "import", "t.xlsx"]).code, 0);
    world.file("sailors.csv", "Sailor ID,Nickname,Enlist Date,Shoe Size\n007,Planted Person,2026-01-01,43\n");
    assert_eq!(custody(&world, &["ingest", "sailors.csv"]).code, 0);
    let said = custody(&world, &["template", "map", "enlist_sailor", "--suggest", "--from", "sailors"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let live: Vec<&str> = said
        .out
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| line.split(' ').next().expect("a key"))
        .collect();
    assert_eq!(live, ["operation", "fingerprint"], "{}", said.out);
    for wanted in ["# column = \"Nickname\"", "# column = \"Enlist Date\"", "# score 1.00"] {
        assert!(said.out.contains(wanted), "{wanted}: {}", said.out);
    }
    assert!(!said.out.contains("Planted") && !said.out.contains("Shoe Size"), "{}", said.out);
    // As it is, it maps nothing.
    world.file("as-it-is.toml", &said.out);
    let kept = custody(&world, &["template", "map", "enlist_sailor", "as-it-is.toml", "--name", "nothing"]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    assert!(kept.err.contains("enlist_sailor/nothing: 0 fields"), "{}", kept.err);
    // With the marks taken away it is a mapping.
    let whole: Vec<&str> = said
        .out
        .lines()
        .filter(|line| {
            !line.starts_with("# score") && !line.starts_with("# key") && !line.starts_with("# Suggestions")
        })
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        .collect();
    world.file("whole.toml", whole.join("\n"));
    let kept = custody(&world, &["template", "map", "enlist_sailor", "whole.toml"]);
    assert_eq!(kept.code, 0, "{}", kept.err);
    assert_eq!(objects(&world, &["template", "map", "enlist_sailor"]).len(), 2);
}

#[test]
fn a_template_without_an_overview_is_one_too() {
    let world = store();
    world.file("t.xlsx", lookalike::workbook(&harbour()));
    let made = objects(&world, &["template", "import", "t.xlsx"]).remove(0);
    assert_eq!((made["operation"].as_str(), &made["sheets"]), (Some("Put Harbour"), &1.into()));
    let model = objects_text(&world, &["--json", "template", "show", "put_harbour"]);
    assert_eq!(model["sheets"][0]["columns"][0]["label"], "Spreadsheet Key");
    assert!(model.get("overview").is_none(), "{model}");
}

fn objects_text(world: &World, args: &[&str]) -> serde_json::Value {
    let said = custody(world, args);
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).expect("JSON")
}
