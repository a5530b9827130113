//! What the tests of detection share.

use super::Detector;
use custody_rules::{Profile, RuleSet, RuleSource, Scanner};
use std::sync::Arc;

/// A detector of one recognizer, given as TOML, that replaces whatever it finds.
pub(super) fn detector(recognizer: &str) -> Detector {
    let rules = RuleSet::load(&[RuleSource { name: "test.toml", text: recognizer }]).expect("a good rule");
    let profile =
        "name = \"test\"\ndescription = \"test\"\nthreshold = 0.5\ndefault = \"replace\"\n[operators]\n";
    let profile = Profile::parse("test.toml", profile, &rules).expect("a good profile");
    let scanner = Scanner::new(Arc::new(rules)).expect("compiles");
    Detector::new(Arc::new(scanner), None, profile, [7; 32])
}

/// A detector of everything that is shipped, with the profile `balanced` and no roster.
pub(super) fn shipped() -> Detector {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder.join("recognizers"))
        .expect("recognizers")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a recognizer"))
        })
        .collect();
    files.sort();
    let sources: Vec<RuleSource<'_>> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let rules = RuleSet::load(&sources).expect("good rules");
    let profile = std::fs::read_to_string(folder.join("profiles/balanced.toml")).expect("a profile");
    let profile = Profile::parse("balanced.toml", &profile, &rules).expect("a good profile");
    let scanner = Scanner::new(Arc::new(rules)).expect("compiles");
    Detector::new(Arc::new(scanner), None, profile, [7; 32])
}
