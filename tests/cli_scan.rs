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
fn clean_input_and_standard_input() {
    let world = World::new();
    world.file("in/a.txt", "all is well\n");
    assert_eq!(world.run(&["scan", "in"]).code, 0);
    let said = world.pipe(&["scan", "-"], b"call jane.roe@example.org\n");
    assert_eq!(said.code, 1);
    assert!(said.out.starts_with("-: line 1"), "{}", said.out);
}
