//! `custody redact -`: a pipe, in one pass.

use crate::program::World;
use std::fmt::Write as _;

#[test]
fn text_is_redacted_through_a_pipe() {
    let world = World::new();
    world.file("roster.csv", "Employee ID,Legal Name\n900017,Jane Doe\n");
    let input = "start\nby doe, jane (900017)\r\nmail j.roe@example.org\nno final newline jane doe";
    let said = world.pipe(&["redact", "-", "--roster", "roster.csv"], input.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    let expected =
        "start\nby <PERSON_1> (<EMPLOYEE_ID_1>)\r\nmail <EMAIL_ADDRESS_1>\nno final newline <PERSON_1>";
    assert_eq!(said.out, expected);
}

#[test]
fn a_name_known_once_is_found_later_and_numbers_go_on() {
    let mut input = String::from("Worker: Zoe Quill\n");
    for at in 0..60_000 {
        let _ = writeln!(input, "step {at} of the run is done");
    }
    input.push_str("seen: Zoe Quill\nWorker: Max Penrose\n");
    let said = World::new().pipe(&["redact", "-"], input.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.ends_with("seen: <PERSON_1>\nWorker: <PERSON_2>\n"),
        "{}",
        &said.out[said.out.len() - 80..]
    );
    assert_eq!(said.out.lines().count(), input.lines().count());
}

#[test]
fn private_keys_are_kept_together() {
    let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2\n".repeat(12);
    let input = format!("key:\n-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\nend\n");
    let said = World::new().pipe(&["redact", "-"], input.as_bytes());
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains("QUJDREVG"), "{}", said.out);
    assert!(said.out.ends_with("end\n"));
}

#[test]
fn what_is_no_text_is_refused() {
    for input in [&b"a\0b\n"[..], b"\xff\xfe\xfd\n", b"ok\n\xc3\x28\n"] {
        let said = World::new().pipe(&["redact", "-"], input);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("standard input") && said.err.contains("offset"), "{}", said.err);
    }
}

#[test]
fn the_result_does_not_depend_on_how_the_input_arrives() {
    use std::io::{Read, Write};
    use std::process::Stdio;
    let world = World::new();
    let lines = ["seen: Zoe Quill\n", "step 1\n", "Worker: Zoe Quill\n"];
    let whole = world.pipe(&["redact", "-"], lines.concat().as_bytes());
    assert_eq!(whole.out, "seen: <PERSON_1>\nstep 1\nWorker: <PERSON_1>\n");
    let mut slow = world.command();
    let mut child =
        slow.args(["redact", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("runs");
    let mut input = child.stdin.take().expect("piped");
    for line in lines {
        input.write_all(line.as_bytes()).expect("written");
        std::thread::sleep(std::time::Duration::from_millis(30));
    }
    drop(input);
    let mut out = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    assert!(child.wait().expect("ends").success());
    assert_eq!(out, whole.out);
}

#[test]
fn line_by_line_each_line_leaves_at_once() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::Stdio;
    let world = World::new();
    let mut child = world
        .command()
        .args(["redact", "-", "--line-buffered"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("runs");
    let mut input = child.stdin.take().expect("piped");
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    for (line, expected) in
        [("Worker: Zoe Quill\n", "Worker: <PERSON_1>\n"), ("by Zoe Quill\n", "by <PERSON_1>\n")]
    {
        input.write_all(line.as_bytes()).expect("written");
        let mut read = String::new();
        output.read_line(&mut read).expect("text");
        assert_eq!(read, expected);
    }
    drop(input);
    assert!(child.wait().expect("ends").success());
    let said = world.run(&["redact", "in", "-o", "out", "--line-buffered"]);
    assert_eq!(said.code, 2, "{}", said.err);
}
