//! `custody doctor` against what the machine has.

use crate::program::World;

#[test]
fn doctor_names_engines_and_languages() {
    let said = World::new().run(&["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(report["languages"].as_array().expect("list").iter().any(|l| l == "eng"));
    assert!(report["tesseract"].as_str().expect("version").starts_with(['4', '5']));
    assert!(!report["ffmpeg"].as_str().expect("version").is_empty());
    assert_eq!(report["ready"], true);
}
