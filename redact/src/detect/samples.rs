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
