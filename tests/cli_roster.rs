//! `custody roster`, rosters of every kind for `--roster`, and rosters that cannot be used.

use crate::program::World;

const PEOPLE: &str = "Employee ID,Legal Name,Email,Phone\n900017,\"Doe, Jane\",jane.doe@example.org,206-555-0142\n\
                      900018,Max Roe,max.roe@example.org,206-555-0143\n";

#[test]
fn an_index_finds_what_its_table_finds() {
    let world = World::new();
    world.file("people.csv", PEOPLE);
    world.file("a.log", "opened by JANE DOE\ncall 206 555 0143\n");
    let said = world.run(&["roster", "build", "people.csv", "-o", "people.roster"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("PERSON: 2") && said.out.contains("Legal Name: full name"), "{}", said.out);
    let key = world.read("people.roster.key");
    assert_eq!(key.trim().len(), 64);
    let index = std::fs::read(world.path("people.roster")).expect("an index");
    for name in ["Jane", "jane", "Doe", "900017", "Legal"] {
        assert!(
            !index.windows(name.len()).any(|bytes| bytes == name.as_bytes()),
            "{name} stands in the index"
        );
    }
    let runs = ["people.csv", "people.roster"].map(|roster| {
        let said = world.run(&["scan", "a.log", "--roster", roster, "--format", "json"]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(!said.err.contains("no roster"), "{}", said.err);
        said.out
    });
    assert!(runs[0].contains("PERSON") && runs[0].contains("PHONE_NUMBER"), "{}", runs[0]);
    assert_eq!(runs[0].lines().count(), runs[1].lines().count());
    let said = world.run(&["redact", "a.log", "-o", "out", "--roster", "people.roster"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.manifest("out")["roster_people"], 2);
    let said = world.run(&["roster", "info", "people.roster", "--json"]);
    let info: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!((&info["rows"], &info["fields"]["EMAIL_ADDRESS"]), (&2.into(), &2.into()), "{}", said.out);
}

#[test]
fn the_key_can_stand_elsewhere_and_is_kept() {
    let world = World::new();
    world.file("people.csv", PEOPLE);
    for _ in 0..2 {
        let said = world.run(&["roster", "build", "people.csv", "-o", "p.roster", "--key", "my.key"]);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    assert!(!world.path("p.roster.key").exists());
    world.file("a.log", "Jane Doe\n");
    let said = world.run(&["scan", "a.log", "--roster", "p.roster"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("p.roster.key"), "{}", said.err);
    let said = world.run(&["scan", "a.log", "--roster", "p.roster", "--roster-key", "my.key"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let named =
        world.command().args(["roster", "info", "p.roster"]).env("CUSTODY_KEY_FILE", "my.key").output();
    assert_eq!(named.expect("starts").status.code(), Some(0));
}

#[test]
fn bad_indexes_are_told_apart() {
    let world = World::new();
    world.file("people.csv", PEOPLE);
    world.run(&["roster", "build", "people.csv", "-o", "p.roster"]);
    let sound = std::fs::read(world.path("p.roster")).expect("an index");
    let mut newer = sound.clone();
    newer[8] = 9;
    let mut flipped = sound.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let cases: [(&str, &[u8], &str); 4] = [
        ("newer.roster", &newer, "version 9"),
        ("cut.roster", &sound[..sound.len() / 2], "damaged"),
        ("short.roster", &sound[..20], "damaged"),
        ("flipped.roster", &flipped, "checksum"),
    ];
    for (name, bytes, why) in cases {
        world.file(name, bytes);
        let said = world.run(&["roster", "info", name, "--key", "p.roster.key"]);
        assert_eq!(said.code, 2, "{name}: {}", said.err);
        assert!(said.err.contains(name) && said.err.contains(why), "{name}: {}", said.err);
    }
    world.file("other.key", [3; 32]);
    let said = world.run(&["roster", "info", "p.roster", "--key", "other.key"]);
    assert!(said.code == 2 && said.err.contains("the key is not the one"), "{}", said.err);
    let said = world.run(&["roster", "info", "people.csv", "--key", "p.roster.key"]);
    assert!(said.code == 2 && said.err.contains("no roster index"), "{}", said.err);
}

#[test]
fn useless_tables_are_refused_with_a_reason() {
    let world = World::new();
    let cases = [
        ("none.csv", "Colour,Size\nred,4\nblue,5\n", "no column of the roster is recognised"),
        ("empty.csv", "Employee ID,Legal Name\n900017,\n900018,\n", "column 2 is recognised but empty"),
        ("letters.csv", "Employee ID,Legal Name\n900017,J\n900018,M\n", "have one letter"),
        ("rows.csv", "Employee ID,Legal Name\n", "no rows"),
    ];
    for (name, text, why) in cases {
        world.file(name, text);
        let said = world.run(&["roster", "build", name, "-o", "x.roster"]);
        assert_eq!(said.code, 2, "{name}: {}", said.err);
        assert!(said.err.contains(name) && said.err.contains(why), "{name}: {}", said.err);
        assert!(!world.path("x.roster").exists() && !world.path("x.roster.key").exists(), "{name}");
    }
}

#[test]
fn ragged_rows_and_doubled_headings_are_read() {
    let world = World::new();
    world.file(
        "people.csv",
        "Employee ID,Email,Email,Legal Name\n900017,jane@example.org,jane.private@example.org,Jane Doe\n900018\n\
         900019,max@example.org,,Max Roe,beyond\n",
    );
    let said = world.run(&["roster", "build", "people.csv", "-o", "p.roster", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let info: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(info["rows"], 3, "{}", said.out);
    assert_eq!(info["fields"]["EMAIL_ADDRESS"], 3, "{}", said.out);
}

#[test]
fn without_a_roster_every_command_says_so() {
    let world = World::new();
    world.file("a.log", "nothing here\n");
    for args in [&["scan", "a.log"][..], &["redact", "a.log", "-o", "out"]] {
        let said = world.run(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        assert!(said.err.contains("no roster"), "{args:?}: {}", said.err);
    }
    assert!(world.pipe(&["redact", "-"], b"nothing\n").err.contains("no roster"));
    assert!(world.manifest("out")["roster_people"].is_null());
}
