//! Findings in file names and folders: names in paths are redacted like names in text.

use super::Found;
use super::text::{Detector, TextScratch};
use custody_rules::Place;

/// Finds everything in the components of a relative path. The ending of the last one stays.
pub fn path_findings(
    detector: &Detector,
    components: &[String],
    collect: bool,
    scratch: &mut TextScratch,
) -> Found {
    let mut found = Found::new(detector, collect);
    for (component, name) in components.iter().enumerate() {
        let stem = name
            .rsplit_once('.')
            .filter(|(stem, ending)| !stem.is_empty() && ending.len() <= 5)
            .map_or(name.as_str(), |(s, _)| s);
        // Underscores join words in file names; a copy with spaces of the same length keeps the offsets.
        let spaced = stem.replace(['_', '+'], " ");
        for span in detector.text(&spaced, None, scratch) {
            let place =
                Place::Path { component: component as u32, start: span.start as u32, end: span.end as u32 };
            found.push(detector, &span, &spaced[span.start..span.end], place);
        }
    }
    found
}
