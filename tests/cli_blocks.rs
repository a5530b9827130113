//! Values that only the lines around them give away, through the whole program: tables in logs, labels above their
//! values, addresses and signatures. The values are on no list and have no shape.

use crate::program::World;

fn check(name: &str, before: &str, after: &str) {
    let world = World::new();
    world.file(&format!("in/{name}"), before);
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read(&format!("out/{name}")), after);
    // A pipe reads the same lines in one pass.
    let piped = world.pipe(&["redact", "-"], before.as_bytes());
    assert_eq!((piped.code, piped.out.as_str()), (0, after), "{}", piped.err);
}

#[test]
fn tables_in_logs() {
    // A file of rows alone is read as a table; this one is a log.
    let steps = "12:00:00 INFO step done\n".repeat(60);
    let log = |rows: &str, end: &str| {
        format!(
            "{steps}| Legal Name | Employee ID | Team |\n|---|---|---|\n{rows}12:00:01 INFO | {end} |\n{steps}"
        )
    };
    check(
        "frame.log",
        &log("| zxq vrbl | qx-odd | Blue |\n| Tvrd Kzl | none | Red |\n", "zzz | done"),
        &log("| <PERSON_1> | <EMPLOYEE_ID_1> | Blue |\n| <PERSON_2> | none | Red |\n", "zzz | done"),
    );
    let log = |row: &str| format!("{steps}Personalnummer;Nachname;Abteilung\n{row}\nfertig\n{steps}");
    check("export.log", &log("qx-odd;Vrblzxq;Bau"), &log("<EMPLOYEE_ID_1>;<PERSON_1>;Bau"));
}

#[test]
fn a_label_above_its_value() {
    check(
        "form.log",
        "Legal Name:\n  Tvrd Kzl\nstep done\nLocator: getByLabel('Last Name')\nExpected string: \"Vrblzxq\"\n",
        "Legal Name:\n  <PERSON_1>\nstep done\nLocator: getByLabel('Last Name')\nExpected string: \"<PERSON_2>\"\n",
    );
}

#[test]
fn a_later_line_speaks_for_an_earlier_one() {
    check(
        "letter.txt",
        "Am Alten Markt 7\n00000 Zxqstadt\nDeutschland\nend\n",
        "<STREET_ADDRESS_1>\n<STREET_ADDRESS_2>\n<STREET_ADDRESS_3>\nend\n",
    );
}

/// Megabytes between the headings and a row: the row is in another batch.
#[test]
fn a_table_is_longer_than_a_batch() {
    let rows = |at: usize| format!("row{at:07},vrbl,{}\n", "x".repeat(40));
    let text: String = (0..60_000).map(rows).collect();
    let world = World::new();
    world.file("in/long.log", format!("Legal Name,Last Name,Note\n{text}last,zxqvrbl,x\n"));
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let out = world.read("out/long.log");
    assert!(!out.contains("zxqvrbl") && !out.contains("row0059999"), "the last rows are of the table");
    assert_eq!(out.lines().count(), 60_002);
}
