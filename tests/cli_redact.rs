//! `custody redact` on small files: one seam, consistent numbers, formats kept, names in paths, zips, keys.

use crate::program::{World, files_below};
use std::io::{Cursor, Read, Write};

const ROSTER: &str = "Employee ID,First Name,Last Name,Email,Phone\n900017,Jane,Roe,jane.roe@example.org,+1 555 010 0123\n900018,Max,Penrose,,\n";

fn redact(world: &World, args: &[&str]) {
    world.file("roster.csv", ROSTER);
    let mut all = vec!["redact", "in", "-o", "out", "--roster", "roster.csv"];
    all.extend(args);
    let said = world.run(&all);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn the_same_person_is_the_same_number_across_the_bundle() {
    let world = World::new();
    world.file("in/a.log", "roe, jane did it; then JANE ROE (900017); Max Penrose watched\n");
    world.file("in/b.csv", "Worker;Note\r\n\"Roe, Jane\";\"asked Max Penrose \"\"why\"\"\"\r\n");
    world.file("in/c.json", r#"{"who": "Jane\u0020Roe", "pay": {"salary": 85000}, "n": [1, 2]}"#);
    world.file("in/d.xml", "<?xml version=\"1.0\"?><r><e a='Max &#80;enrose'>Jane Roe &amp; co</e></r>");
    redact(&world, &[]);
    assert_eq!(
        world.read("out/a.log"),
        "<PERSON_1> did it; then <PERSON_1> (<EMPLOYEE_ID_1>); <PERSON_2> watched\n"
    );
    assert_eq!(world.read("out/b.csv"), "Worker;Note\r\n\"<PERSON_1>\";\"asked <PERSON_2> \"\"why\"\"\"\r\n");
    assert_eq!(
        world.read("out/c.json"),
        r#"{"who": "<PERSON_1>", "pay": {"salary": "<COMPENSATION_1>"}, "n": [1, 2]}"#
    );
    assert_eq!(
        world.read("out/d.xml"),
        "<?xml version=\"1.0\"?><r><e a='&lt;PERSON_2&gt;'>&lt;PERSON_1&gt; &amp; co</e></r>"
    );
}

#[test]
fn what_one_file_gives_away_is_found_in_the_others() {
    let world = World::new();
    world.file("in/z.json", r#"{"legalName": "Ottoline Vexley"}"#);
    world.file("in/a.txt", "we saw ottoline  vexley there\n");
    redact(&world, &[]);
    assert_eq!(world.read("out/a.txt"), "we saw <PERSON_1> there\n");
}

#[test]
fn names_in_paths_are_redacted_stably() {
    let world = World::new();
    world.file("in/Jane Roe/Max_Penrose report.txt", "ok\n");
    redact(&world, &[]);
    let files = files_below(&world.path("out"));
    let names: Vec<String> = files
        .iter()
        .map(|f| f.strip_prefix(world.path("out")).expect("below").display().to_string())
        .collect();
    assert_eq!(names, ["PERSON_1/PERSON_2 report.txt", "custody-manifest.json"]);
    let manifest = world.read("out/custody-manifest.json");
    assert!(!manifest.contains("Roe") && !manifest.contains("Penrose"));
}

#[test]
fn encodings_and_line_ends_are_kept() {
    let world = World::new();
    let utf16: Vec<u8> = "\u{feff}Name\tBüro\r\nJane Roe\tKöln\r\nMax Penrose\tBonn\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    world.file("in/a.tsv", &utf16);
    world.file("in/b.txt", b"caf\xe9 with Jane Roe\r\nno end");
    redact(&world, &[]);
    let bytes = std::fs::read(world.path("out/a.tsv")).expect("there");
    let units: Vec<u16> = bytes.chunks(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
    let text = String::from_utf16(&units).expect("UTF-16");
    assert_eq!(text, "\u{feff}Name\tBüro\r\n<PERSON_1>\tKöln\r\n<PERSON_2>\tBonn\r\n");
    assert_eq!(std::fs::read(world.path("out/b.txt")).expect("there"), b"caf\xe9 with <PERSON_1>\r\nno end");
}

#[test]
fn the_same_input_and_key_give_the_same_bytes_whatever_the_threads() {
    let world = World::new();
    for at in 0..40 {
        world.file(
            &format!("in/{at:02}.log"),
            format!("Worker: Person Number{at}\nmail p{at}@example.org by Jane Roe\n").repeat(50),
        );
    }
    world.file("roster.csv", ROSTER);
    world.file("key", [7u8; 32]);
    let bundle = |out: &str, jobs: &str| {
        let said: crate::program::Said = world
            .command()
            .env("CUSTODY_KEY_FILE", "key")
            .args(["redact", "in", "-o", out, "--roster", "roster.csv", "-j", jobs, "--profile", "pseudonym"])
            .output()
            .expect("starts")
            .into();
        assert_eq!(said.code, 0, "{}", said.err);
        files_below(&world.path(out)).iter().map(|f| std::fs::read(f).expect("there")).collect::<Vec<_>>()
    };
    assert_eq!(bundle("one", "1"), bundle("two", "4"));
}

#[test]
fn a_zip_that_goes_in_comes_out_as_a_zip() {
    let world = World::new();
    let zip = |members: &[(&str, &[u8])]| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("member");
            writer.write_all(bytes).expect("bytes");
        }
        writer.finish().expect("zip").into_inner()
    };
    let inner = zip(&[("deep.txt", b"deep Jane Roe\n")]);
    world.file(
        "in/t.zip",
        zip(&[("logs/a.log", b"by Jane Roe\n"), ("Jane Roe.txt", b"x\n"), ("i.zip", &inner)]),
    );
    redact(&world, &[]);
    let mut archive =
        zip::ZipArchive::new(std::fs::File::open(world.path("out/t.zip")).expect("there")).expect("zip");
    let mut names: Vec<String> = archive.file_names().map(|name| name.expect("UTF-8").into_owned()).collect();
    names.sort();
    assert_eq!(names, ["PERSON_1.txt", "i.zip", "logs/a.log"]);
    let mut text = String::new();
    archive.by_name("logs/a.log").expect("there").read_to_string(&mut text).expect("text");
    assert_eq!(text, "by <PERSON_1>\n");
    let mut inner = Vec::new();
    archive.by_name("i.zip").expect("there").read_to_end(&mut inner).expect("bytes");
    let mut inner = zip::ZipArchive::new(Cursor::new(inner)).expect("zip in zip");
    text.clear();
    inner.by_name("deep.txt").expect("there").read_to_string(&mut text).expect("text");
    assert_eq!(text, "deep <PERSON_1>\n");
    let said = world.run(&["verify", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn operators_follow_the_profile() {
    let world = World::new();
    world.file("in/a.txt", "Jane Roe, jane.roe@example.org from 192.0.2.17\n");
    world.file(
        "p.toml",
        "name='p'\ndescription='d'\nthreshold=0.5\ndefault='drop'\n[operators]\nPERSON='mask'\nEMAIL_ADDRESS='hash'\nIP_ADDRESS='keep'\n",
    );
    redact(&world, &["--profile", "p.toml"]);
    let text = world.read("out/a.txt");
    assert!(text.starts_with("********, <EMAIL_ADDRESS_") && text.ends_with("> from 192.0.2.17\n"), "{text}");
    assert_eq!(world.manifest("out")["files"][0]["kept"]["IP_ADDRESS"], 1);
}

#[test]
fn without_a_roster_it_says_so() {
    let world = World::new();
    world.file("in/a.txt", "x\n");
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("no roster"), "{}", said.err);
    assert!(world.manifest("out")["roster_people"].is_null());
}

#[test]
fn output_folders_are_checked() {
    let world = World::new();
    world.file("in/a.txt", "x\n");
    world.file("full/x", "x");
    world.file("file", "x");
    for (args, expected) in [
        (&["redact", "in", "-o", "full"][..], "not empty"),
        (&["redact", "in", "-o", "file"], "no folder"),
        (&["redact", "in/a.txt", "-o", "in"], "not empty"),
        (&["redact", "missing", "-o", "out"], "missing"),
    ] {
        let said = world.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(expected), "{args:?}: {}", said.err);
    }
    std::fs::create_dir(world.path("empty")).expect("folder");
    assert_eq!(world.run(&["redact", "in", "-o", "empty"]).code, 0, "an empty OUT is fine");
    assert_eq!(
        world.run(&["redact", "in", "-o", "in/sub"]).code,
        0,
        "OUT inside the input is left out of it"
    );
    assert_eq!(world.entries(), ["empty", "file", "full", "in"], "no staging folder is left");
}

#[test]
fn an_input_inside_out_is_refused() {
    let world = World::new();
    std::fs::create_dir_all(world.path("out")).expect("folder");
    let said = world.run(&["redact", "out", "-o", "out"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("inside OUT"), "{}", said.err);
}
