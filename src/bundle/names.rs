//! Names of outputs: endings that fit the content, no two alike.

use custody_rules::manifest;
use custody_rules::{ArtifactKind, Reason, Refusal, Sniffed};
use std::collections::{HashMap, HashSet};

/// Endings and the kind of content they promise. Endings that are not listed promise nothing.
const ENDINGS: [(&[&str], Family); 5] = [
    (&["txt", "log", "csv", "tsv", "json", "ndjson", "jsonl", "xml", "md", "out", "err"], Family::Text),
    (&["xlsx", "xlsm", "xls", "ods"], Family::Workbook),
    (&["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif"], Family::Image),
    (&["mp4", "m4v", "mov", "mkv", "webm"], Family::Video),
    (&["zip"], Family::Archive),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    Workbook,
    Image,
    Video,
    Archive,
}

fn family(kind: ArtifactKind) -> Family {
    match kind {
        ArtifactKind::Workbook => Family::Workbook,
        ArtifactKind::Image => Family::Image,
        ArtifactKind::Video => Family::Video,
        ArtifactKind::Archive => Family::Archive,
        _ => Family::Text,
    }
}

fn ending(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

/// Checks that a file's name does not promise another family of content: a picture named `.csv`.
///
/// # Errors
/// [`Reason::WrongExtension`].
pub fn check_name(name: &str, sniffed: Sniffed) -> Result<(), Refusal> {
    let promised = ending(name).and_then(|e| ENDINGS.iter().find(|(all, _)| all.contains(&e.as_str())));
    match promised {
        Some((_, promised)) if *promised != family(sniffed.kind) => Err(Refusal::new(
            Reason::WrongExtension,
            format!(
                "its content is {} ({}), its name says otherwise: rename it if that is right",
                sniffed.kind.as_str(),
                sniffed.format
            ),
        )),
        _ => Ok(()),
    }
}

/// The output's name: the same, unless its ending does not fit what is written (`report.xls` is written as
/// `report.xlsx`, a JPEG named `.png` as `.png.jpg`).
pub fn output_name(name: &str, sniffed: Sniffed) -> String {
    let fitting: &[&str] = match (sniffed.kind, sniffed.format) {
        (ArtifactKind::Workbook, _) => &["xlsx"],
        (ArtifactKind::Image, "jpg" | "jpeg") => &["jpg", "jpeg"],
        (ArtifactKind::Image, "tif" | "tiff") => &["tif", "tiff"],
        (ArtifactKind::Image, "png") => &["png"],
        (ArtifactKind::Image, "webp") => &["webp"],
        (ArtifactKind::Image, "bmp") => &["bmp"],
        (ArtifactKind::Image, "gif") => &["gif"],
        (ArtifactKind::Video, "mkv") => &["mkv"],
        (ArtifactKind::Video, "webm") => &["webm"],
        (ArtifactKind::Video, _) => &["mp4", "m4v"],
        _ => return name.to_owned(),
    };
    if ending(name).is_some_and(|e| fitting.contains(&e.as_str())) {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, "xls" | "xlsm" | "ods")) => format!("{stem}.xlsx"),
        _ => format!("{name}.{}", fitting[0]),
    }
}

/// Makes redacted paths distinct, component by component: the second of two alike gets `-2` before its
/// ending, and what was in one folder or archive stays in one.
#[derive(Debug)]
pub(super) struct Distinct {
    /// Redacted paths in use, in lower case: case does not tell files apart everywhere the bundle may go.
    taken: HashSet<String>,
    /// The redacted name of each original folder and archive.
    folders: HashMap<Vec<String>, String>,
}

impl Default for Distinct {
    fn default() -> Self {
        Self { taken: HashSet::from([format!("/{}", manifest::FILE_NAME)]), folders: HashMap::new() }
    }
}

impl Distinct {
    /// `original` and `redacted` have the same number of components.
    pub(super) fn make(&mut self, original: &[String], redacted: &mut [String]) {
        let mut parent = String::new();
        let last = redacted.len().saturating_sub(1);
        for (depth, name) in redacted.iter_mut().enumerate() {
            let known = self.folders.get(&original[..=depth]).filter(|_| depth < last);
            if let Some(known) = known {
                known.clone_into(name);
            } else {
                self.make_one(&parent, name);
                if depth < last {
                    self.folders.insert(original[..=depth].to_vec(), name.clone());
                }
            }
            parent = format!("{parent}/{}", name.to_lowercase());
        }
    }

    fn make_one(&mut self, parent: &str, name: &mut String) {
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem.to_owned(), format!(".{ending}")),
            _ => (name.clone(), String::new()),
        };
        let mut number = 1;
        while !self.taken.insert(format!("{parent}/{}", name.to_lowercase())) {
            number += 1;
            *name = format!("{stem}-{number}{ending}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use custody_rules::TextEncoding;

    fn sniffed(kind: ArtifactKind, format: &'static str) -> Sniffed {
        Sniffed { kind, encoding: TextEncoding::Utf8, format }
    }

    #[test]
    fn names_must_not_contradict_content() {
        let png = sniffed(ArtifactKind::Image, "png");
        assert!(check_name("a.PNG", png).is_ok());
        assert!(check_name("a.jpg", png).is_ok(), "one family");
        assert!(check_name("a", png).is_ok());
        assert_eq!(check_name("a.csv", png).expect_err("refused").reason, Reason::WrongExtension);
        assert!(check_name("a.png", sniffed(ArtifactKind::Text, "txt")).is_err());
    }

    #[test]
    fn endings_fit_what_is_written() {
        assert_eq!(output_name("r.xls", sniffed(ArtifactKind::Workbook, "xls")), "r.xlsx");
        assert_eq!(output_name("r.png", sniffed(ArtifactKind::Image, "jpg")), "r.png.jpg");
        assert_eq!(output_name("r.log", sniffed(ArtifactKind::Csv, "csv")), "r.log");
    }

    #[test]
    fn no_two_outputs_share_a_path() {
        let mut distinct = Distinct::default();
        let mut make = |original: &str, redacted: &str| {
            let split = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
            let mut components = split(redacted);
            distinct.make(&split(original), &mut components);
            components.join("/")
        };
        assert_eq!(make("x/a.png", "x/a.png"), "x/a.png");
        assert_eq!(make("x/A.png", "x/A.png"), "x/A-2.png");
        assert_eq!(make("x/a .png", "x/a.png"), "x/a-3.png");
        assert_eq!(make("Jane Doe.zip/1.log", "PERSON_1.zip/1.log"), "PERSON_1.zip/1.log");
        assert_eq!(make("Jane Doe.zip/2.log", "PERSON_1.zip/2.log"), "PERSON_1.zip/2.log");
        assert_eq!(make("Jane_Doe.zip/1.log", "PERSON_1.zip/1.log"), "PERSON_1-2.zip/1.log");
        assert_eq!(make("Jane Doe", "PERSON_1"), "PERSON_1");
        assert_eq!(make("Jane_Doe/a.txt", "PERSON_1/a.txt"), "PERSON_1-2/a.txt");
        assert_eq!(make("custody-manifest.json", "custody-manifest.json"), "custody-manifest-2.json");
    }
}
