//! Findings in file names and folders: names in paths are redacted like names in text.

use super::Found;
use super::text::{Detector, TextScratch};
use crate::resolve::resolve;
use custody_rules::Place;

/// Endings that say what a file is; any other ending is part of the name.
const ENDINGS: [&str; 50] = [
    "7z", "avi", "bak", "bmp", "cfg", "conf", "csv", "db", "doc", "docx", "eml", "err", "gif", "gz", "htm",
    "html", "ini", "jpeg", "jpg", "json", "jsonl", "log", "m4v", "md", "mkv", "mov", "mp4", "msg", "ndjson",
    "ods", "odt", "out", "pdf", "png", "ppt", "pptx", "sql", "svg", "tif", "tiff", "tmp", "tsv", "txt",
    "webm", "webp", "xls", "xlsm", "xlsx", "xml", "zip",
];

/// Finds everything in the components of a relative path. The file's ending stays.
pub fn path_findings(
    detector: &Detector,
    components: &[String],
    collect: bool,
    scratch: &mut TextScratch,
) -> Found {
    let mut found = Found::new(detector, collect, scratch.scope());
    for (component, name) in components.iter().enumerate() {
        let stem = if component + 1 == components.len() { stem(name) } else { name };
        // Underscores join words in file names; a copy with spaces of the same length keeps the offsets.
        let spaced = stem.replace(['_', '+'], " ");
        let mut spans = detector.text(stem, None, scratch);
        if spaced != stem {
            spans.extend(detector.text(&spaced, None, scratch));
        }
        for span in resolve(stem, spans) {
            let place =
                Place::Path { component: component as u32, start: span.start as u32, end: span.end as u32 };
            found.push(detector, &span, &spaced[span.start..span.end], place);
        }
    }
    found
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    let known = |ending: &str| ENDINGS.contains(&ending.to_ascii_lowercase().as_str());
    name.rsplit_once('.').filter(|(stem, ending)| !stem.is_empty() && known(ending)).map_or(name, |(s, _)| s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_endings_are_no_part_of_a_name() {
        for (name, expected) in [
            ("a.b.log", "a.b"),
            ("Jane.Smith", "Jane.Smith"),
            ("x.XLSX", "x"),
            (".log", ".log"),
            ("log", "log"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }
}
