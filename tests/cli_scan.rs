//! `custody scan`: places, never values.

use crate::program::World;

fn world() -> World {
    let world = World::new();
    world.file("in/a.log", "start\nmail jane.roe@example.org now\n");
    world.file("in/b.csv", "Employee ID,Legal Name,Grade\n900017,Jane Roe,A\n900018,Max Penrose,B\n");
    world
}

#[test]
fn a_table_for_people() {
    let said = world().run(&["scan", "in"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("a.log: line 2, bytes 11..31: EMAIL_ADDRESS"), "{}", said.out);
    for value in ["jane.roe", "Jane", "Penrose", "900017"] {
        assert!(!said.out.contains(value) && !said.err.contains(value), "{value}: {}", said.out);
    }
}

#[test]
fn json_and_sarif() {
    let said = world().run(&["scan", "in", "--json"]);
    let rows: Vec<serde_json::Value> =
        said.out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert!(rows.len() >= 5 && rows.iter().all(|r| r["schema"] == 1 && r["score"].as_f64() >= Some(0.5)));
    let said = world().run(&["scan", "in", "--format", "sarif"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let results = report["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), rows.len());
    let known: Vec<&serde_json::Value> = report["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("rules")
        .iter()
        .map(|r| &r["id"])
        .collect();
    assert!(results.iter().all(|r| known.contains(&&r["ruleId"])));
}

#[test]
fn explain_says_why_and_what_nearly_was() {
    let world = world();
    world.file(
        "in/c.log",
        "start\nrouting number 121000358 here\nsee https://www.example.org/docs\nref 121042882 done\n",
    );
    let said = world.run(&["scan", "in", "--explain"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    let at = lines.iter().position(|l| l.contains("c.log: line 2, bytes 21..30: ABA")).expect("it is found");
    for part in ["    why: ", "/", ", check ", " passed", "context \"routing\" before", ", score 0.", " -> "]
    {
        assert!(lines[at + 1].contains(part), "{part}: {}", lines[at + 1]);
    }
    assert!(said.out.contains("    why: its heading, key"), "{}", said.out);
    let near: Vec<_> = lines.iter().filter(|l| l.starts_with("near miss: ")).collect();
    let of_line = |line: &str| near.iter().filter(move |l| l.contains(line)).collect::<Vec<_>>();
    assert!(
        of_line("c.log: line 4, ").iter().any(|l| l.contains(": it needs a context word near")),
        "{near:?}"
    );
    assert!(of_line("c.log: line 4, ").len() <= 3, "a few plausible ones: {near:?}");
    assert!(of_line("c.log: line 2, ").is_empty(), "what is found has no near misses: {near:?}");
    assert!(
        of_line("c.log: line 3, ").iter().any(|l| l.contains(": under the profile's threshold")),
        "{near:?}"
    );
    for value in ["jane.roe", "Jane", "Penrose", "900017", "121000358", "www.example"] {
        assert!(!said.out.contains(value) && !said.err.contains(value), "{value}: {}", said.out);
    }
}

#[test]
fn explain_for_programs_changes_no_finding() {
    let world = world();
    world.file("in/c.log", "start\nrouting number 121000358 here\nsee https://www.example.org/docs\n");
    let parse = |out: &str| -> Vec<serde_json::Value> {
        out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let plain = parse(&world.run(&["scan", "in", "--json"]).out);
    let mut told = parse(&world.run(&["scan", "in", "--json", "--explain"]).out);
    assert!(told.iter().any(|row| row["near_miss"] == true && row["decision"] == "none"));
    told.retain(|row| row["near_miss"] == false);
    let routing = told.iter().find(|row| row["entity"] == "ABA_ROUTING_NUMBER").expect("found");
    let why = &routing["why"];
    assert!(
        why["pattern"].is_string() && why["check"] == true && why["recognizer"] == "aba_routing_number",
        "{why}"
    );
    assert!(why["base_score"].as_f64() < why["score"].as_f64(), "{why}");
    assert_eq!(why["context_words"][0]["where"], "before", "{why}");
    assert!(why["over"].is_array());
    for row in &mut told {
        let row = row.as_object_mut().expect("an object");
        assert!(row.remove("why").is_some() && row.remove("near_miss").is_some());
    }
    assert_eq!(told, plain);
    assert_eq!(world.run(&["scan", "in", "--explain", "--format", "sarif"]).code, 2);
}

#[test]
fn clean_input_and_standard_input() {
    let world = World::new();
    world.file("in/a.txt", "all is well\n");
    assert_eq!(world.run(&["scan", "in"]).code, 0);
    let said = world.pipe(&["scan", "-"], b"call jane.roe@example.org\n");
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("-: line 1"), "{}", said.out);
}

#[test]
fn nothing_of_standard_input_is_left_after_a_second_ctrl_c() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let secret = format!("left-behind-{}", std::process::id());
    let left = || {
        let folders = std::fs::read_dir("/dev/shm").into_iter().flatten().flatten();
        folders
            .filter(|f| std::fs::read_to_string(f.path().join("stdin")).is_ok_and(|t| t.contains(&secret)))
            .count()
    };
    let world = World::new();
    let mut child = world
        .command()
        .args(["scan", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("runs");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(secret.as_bytes()).expect("written");
    let patient = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        left() == 1
    });
    assert!(patient || !std::path::Path::new("/dev/shm").is_dir(), "it is staged in memory");
    for _ in 0..2 {
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    assert_eq!(left(), 0);
    drop(input);
}
