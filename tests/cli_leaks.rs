//! Ways in which a value once slipped through, or harmless text was lost: each is kept from coming back.

use crate::program::{World, files_below};
use std::process::Command;

const ROSTER: &str =
    "Employee ID,First Name,Last Name\n900017,Jane,Roe\n900018,Jürgen,Müller\n900019,Pat,O'Brien\n";

fn redacted(files: &[(&str, &str)], args: &[&str]) -> World {
    let world = World::new();
    world.file("roster.csv", ROSTER);
    for (name, text) in files {
        world.file(&format!("in/{name}"), text);
    }
    let mut all = vec!["redact", "in", "-o", "out", "--roster", "roster.csv"];
    all.extend(args);
    let said = world.run(&all);
    assert_eq!(said.code, 0, "{}", said.err);
    world
}

fn check(name: &str, before: &str, after: &str) {
    assert_eq!(redacted(&[(name, before)], &[]).read(&format!("out/{name}")), after);
}

#[test]
fn names_behind_the_dots_of_folders_and_files() {
    let world = redacted(&[("jane.roe/Juergen.log", "ok\n"), ("jürgen.müller", "ok\n")], &[]);
    let names: Vec<String> = files_below(&world.path("out"))
        .iter()
        .map(|file| file.strip_prefix(world.path("out")).expect("below").display().to_string())
        .collect();
    assert_eq!(names, ["PERSON_1/Juergen.log", "PERSON_2", "custody-manifest.json"]);
    let world = redacted(&[("jane_doe@example.org.log", "ok\n")], &[]);
    assert!(world.path("out/EMAIL_ADDRESS_1.log").exists(), "{:?}", world.entries());
}

#[test]
fn what_is_escaped_once_more_than_its_format_asks() {
    check(
        "a.log",
        "body={\"note\":\"call J\\u00fcrgen M\\u00fcller\"}\nGET /?q=jane%20roe&mail=max%40example.org\nlast\\nJane Roe\nPat O&#39;Brien\n",
        "body={\"note\":\"call <PERSON_1>\"}\nGET /?q=<PERSON_2>&mail=<EMAIL_ADDRESS_1>\nlast\\n<PERSON_2>\n<PERSON_3>\n",
    );
}

#[test]
fn quotes_inside_quoted_values() {
    check(
        "a.log",
        "Worker{firstName='Siobhan', lastName='O'Hara-Quill'} done\n",
        "Worker{firstName='<PERSON_1>', lastName='<PERSON_2>'} done\n",
    );
}

#[test]
fn keys_that_are_names() {
    check("a.json", r#"{"jane.roe":{"tier":7},"ok":1}"#, r#"{"<PERSON_1>":{"tier":7},"ok":1}"#);
    // A name in a tag cannot be replaced alone: the file is refused, not passed.
    let world = World::new();
    world.file("roster.csv", ROSTER);
    world.file("in/a.xml", "<?xml version=\"1.0\"?><staff><jane.roe grade=\"7\">x</jane.roe></staff>");
    world.file("in/b.txt", "ok\n");
    let said = world.run(&["redact", "in", "-o", "out", "--roster", "roster.csv"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(!world.path("out/a.xml").exists());
}

#[test]
fn files_inside_text() {
    let photo = "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoH";
    check("a.json", &format!("{{\"photo\":\"{photo}\"}}"), "{\"photo\":\"<EMBEDDED_FILE_1>\"}");
    check(
        "a.xml",
        &format!("<?xml version=\"1.0\"?><r><Image>{photo}\n{photo}=</Image></r>"),
        "<?xml version=\"1.0\"?><r><Image>&lt;EMBEDDED_FILE_1&gt;</Image></r>",
    );
    let world = World::new();
    world.file("in/a.xml", "<?xml version=\"1.0\"?><!-- x --><svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("SVG"), "{}", said.err);
}

#[test]
fn what_is_kept_does_not_shield_what_is_not() {
    let files = [("a.json", r#"{"client_ip":"192.0.2.7 (Jane Roe)"}"#)];
    let world = redacted(&files, &["--profile", "share-logs"]);
    let text = world.read("out/a.json");
    assert!(text.contains("192.0.2.7") && !text.contains("Roe"), "{text}");
}

#[test]
fn tokens_of_ours_are_no_labels_of_their_neighbours() {
    check(
        "a.csv",
        "Jane Roe,Finance,2024-01-01\nJürgen Müller,Finance,2024-01-02\nPat O'Brien,Legal,2024-01-03\n",
        "<PERSON_1>,Finance,2024-01-01\n<PERSON_2>,Finance,2024-01-02\n<PERSON_3>,Legal,2024-01-03\n",
    );
    check(
        "b.csv",
        "Tier,Team,Department,Jane Roe\n7,A,Ops,1\n8,B,Ops,2\n",
        "Tier,Team,Department,<PERSON_1>\n7,A,Ops,1\n8,B,Ops,2\n",
    );
}

#[test]
fn a_field_that_begins_with_a_quote_is_replaced_whole() {
    check(
        "a.csv",
        "No,Note,Unit\n12,\"Jane\" Roe,IT\n13,plain,HR\n14,plain,HR\n",
        "No,Note,Unit\n12,<PERSON_1>,IT\n13,plain,HR\n14,plain,HR\n",
    );
}

#[test]
fn a_bundle_can_be_redacted_again() {
    let world = redacted(&[("a.log", "by Jane Roe\n")], &[]);
    let said = world.run(&["redact", "out", "-o", "again", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = world.run(&["verify", "again", "--roster", "roster.csv"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(world.path("again/custody-manifest-2.json").exists());
}

#[test]
fn a_manifest_that_names_other_files_is_not_followed() {
    let world = redacted(&[("a.log", "by Jane Roe\n")], &[]);
    let manifest = world.read("out/custody-manifest.json");
    for path in ["/dev/zero", "../in/a.log", ""] {
        world.file("out/custody-manifest.json", manifest.replace("\"a.log\"", &format!("\"{path}\"")));
        let said = world.run(&["verify", "out", "--roster", "roster.csv"]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(said.err.contains("no file of the bundle"), "{}", said.err);
    }
}

#[test]
fn a_recording_that_moves_too_fast_is_covered_not_refused() {
    let world = World::new();
    std::fs::create_dir(world.path("in")).expect("folder");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=2:size=640x360:rate=25"])
        .args(["-vf", "scroll=h=0.03:v=0.02", "-pix_fmt", "yuv420p"])
        .arg(world.path("in/fast.mp4"))
        .status()
        .expect("ffmpeg");
    assert!(status.success());
    let said = world.run(&["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("UNREAD_REGION"), "{}", said.err);
}

#[test]
fn text_in_the_colours_of_a_terminal() {
    check(
        "ci.log",
        "\x1b[1mWorker:\x1b[0m Brannoc Tewfik\x1b[0m\nlastName=\x1b[33mQuillfeather\x1b[0m done\n\x1b[32mSSN\x1b[0m: \x1b[1m078-05-1120\x1b[0m\n",
        "\x1b[1mWorker:\x1b[0m <PERSON_1>\x1b[0m\nlastName=\x1b[33m<PERSON_2>\x1b[0m done\n\x1b[32mSSN\x1b[0m: \x1b[1m<US_SSN_1>\x1b[0m\n",
    );
}

#[test]
fn tables_whose_cells_are_all_words() {
    check(
        "a.csv",
        "Project,Manager,Status\nApollo,Brannoc Tewfik,Open\nZeus,Ysolde Wetherbeet,Closed\n",
        "Project,Manager,Status\nApollo,<PERSON_1>,Open\nZeus,<PERSON_2>,Closed\n",
    );
    check(
        "b.csv",
        "Abteilung;Nachname;Standort\nNord;Quillfeather;Ulm\nWest;Tewfik;Bonn\n",
        "Abteilung;Nachname;Standort\nNord;<PERSON_1>;Ulm\nWest;<PERSON_2>;Bonn\n",
    );
}

#[test]
fn marks_of_an_earlier_redaction_have_no_values_in_them() {
    let world = World::new();
    world.file("in/a.log", "the person is <PERSON_7>\n");
    world.file("deny.toml", "[[deny]]\nterms = ['person']\nentity = 'PERSON'\n");
    let said = world.run(&["redact", "in", "-o", "out", "--deny", "deny.toml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read("out/a.log"), "the <PERSON_1> is <PERSON_7>\n");
}

#[test]
fn a_number_is_one_in_every_grouping() {
    check(
        "a.log",
        "SSN: 078-05-1120\nSSN: 078 05 1120\nSSN=078051120\n",
        "SSN: <US_SSN_1>\nSSN: <US_SSN_1>\nSSN=<US_SSN_1>\n",
    );
}

#[test]
fn a_part_of_what_is_allowed_is_allowed_where_it_stands() {
    let world = World::new();
    world.file("in/a.log", "Worker: Tamsin Doe\nWorker: Tamsin Quillfeather\n");
    world.file("allow.toml", "[[allow]]\nterms = [\"Tamsin Doe\"]\n");
    let said = world.run(&["redact", "in", "-o", "out", "--allow", "allow.toml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.read("out/a.log"), "Worker: Tamsin Doe\nWorker: <PERSON_1>\n");
}
