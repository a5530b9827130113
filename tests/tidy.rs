//! Small text checks of the whole repository; each failure says `file:line: what, use what instead`.
//! Not a linter of Rust: clippy and rustfmt are that.

use custody_rules::{RuleSet, RuleSource};
use std::fs;
use std::path::Path;

/// Lines of one file; 200 are aimed at.
const LINES_MAX: usize = 600;
/// Bytes of a file that is not text.
const BLOB_BYTES_MAX: usize = 20 << 10;
/// Folders that are not the repository's own.
const FOREIGN: [&str; 5] = [".git", "target", "demo", "corpus", "artifacts"];
/// Crates of the stages, which may depend on `custody-rules` alone.
const STAGES: [&str; 4] = ["ingest", "redact", "export", "retention"];

/// One file: its path with `/` from the root, and its bytes.
struct Source {
    path: String,
    bytes: Vec<u8>,
}

impl Source {
    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|text| !text.contains('\0'))
    }

    fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|e| e == ending)
    }
}

fn repository() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut sources, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the repository can be read") {
            let path = entry.expect("the repository can be read").path();
            let name = path.file_name().and_then(|n| n.to_str()).expect("file names are UTF-8");
            if path.is_dir() {
                if !FOREIGN.contains(&name) {
                    folders.push(path);
                }
            } else {
                let relative = path.strip_prefix(root).expect("it is below the root");
                let path_text = relative.to_string_lossy().into_owned();
                sources.push(Source { path: path_text, bytes: fs::read(&path).expect("files can be read") });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

/// Runs one check over files and joins what it says.
fn complaints(sources: &[Source], check: impl Fn(&Source) -> Vec<String>) -> String {
    sources.iter().flat_map(check).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_repository_is_tidy() {
    let sources = repository();
    assert!(sources.len() > 40, "the walk found {} files only", sources.len());
    let checks = [header, length, machine_paths, blob, edges, heavy_dependencies];
    let all: Vec<String> = checks.iter().map(|check| complaints(&sources, check)).collect();
    let all = all.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join("\n");
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn every_test_file_is_listed_in_the_one_test_binary() {
    let sources = repository();
    let main =
        sources.iter().find(|s| s.path == "tests/main.rs").and_then(Source::text).expect("tests/main.rs");
    let all = complaints(&sources, |source| unlisted(source, main));
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn every_recognizer_file_loads_and_brings_its_examples() {
    let sources = repository();
    let files = sources.iter().filter(|s| s.path.starts_with("rules/recognizers/"));
    let files: Vec<_> = files
        .map(|s| RuleSource { name: s.path.as_str(), text: s.text().expect("recognizers are text") })
        .collect();
    assert!(files.len() >= 25, "{} recognizers", files.len());
    if let Err(errors) = RuleSet::load(&files) {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        panic!("\n{}", lines.join("\n"));
    }
}

fn header(source: &Source) -> Vec<String> {
    let bare = source.has_ending("rs") && !source.bytes.starts_with(b"//! ");
    let what = || format!("{}:1: no header; open with `//!`: what it is, what it is not", source.path);
    bare.then(what).into_iter().collect()
}

fn length(source: &Source) -> Vec<String> {
    let lines = source.text().filter(|_| source.has_ending("rs")).map_or(0, |text| text.lines().count());
    let what = || format!("{}:{lines}: {lines} lines; split it (at most {LINES_MAX})", source.path);
    (lines > LINES_MAX).then(what).into_iter().collect()
}

fn machine_paths(source: &Source) -> Vec<String> {
    // Spelled in two parts, so that this file does not hold them.
    let banned = [["/wo", "rk/"], ["/ho", "me/"], ["/ro", "ot/"], ["../sh", "ared"], ["/Us", "ers/"]];
    // Recognizers find user names in such paths and show it by examples.
    let text = source.text().filter(|_| !source.path.starts_with("rules/recognizers/"));
    let Some(text) = text else { return Vec::new() };
    let lines = text.lines().enumerate();
    let hits = lines.filter_map(|(i, line)| {
        let path = banned.iter().map(|parts| parts.concat()).find(|path| line.contains(path))?;
        Some(format!(
            "{}:{}: a path of one machine ({path}); use one relative to the repository",
            source.path,
            i + 1
        ))
    });
    hits.collect()
}

fn blob(source: &Source) -> Vec<String> {
    let written_by_hand = ["rs", "toml", "md", "sh"].iter().any(|ending| source.has_ending(ending));
    // The lists of names are data of the product; rules/names/SOURCES.md says where they come from.
    let lists = source.path.starts_with("rules/names/") && source.has_ending("txt");
    // So are the bundled layouts: one line a column; `export/examples/derive_bundled.rs` makes them.
    let layouts = source.path.starts_with("export/templates/") && source.has_ending("json");
    let exempt =
        written_by_hand && source.text().is_some() || source.path.ends_with("Cargo.lock") || lists || layouts;
    let large = !exempt && source.bytes.len() > BLOB_BYTES_MAX;
    let what = || {
        format!(
            "{}:1: {} bytes of data; make it in code (at most {BLOB_BYTES_MAX})",
            source.path,
            source.bytes.len()
        )
    };
    large.then(what).into_iter().collect()
}

/// Lines of a manifest below `[dependencies]` and its like, with the name of the crate.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(manifest.lines()) {
        if line.starts_with('[') {
            inside = line.trim_end().ends_with("dependencies]") && !line.starts_with("[workspace");
        } else if inside {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            found.extend((!name.is_empty() && !name.starts_with('#')).then_some((number, name)));
        }
    }
    found
}

/// The folder of a crate's manifest: `ingest` for `ingest/Cargo.toml`.
fn crate_of(source: &Source) -> Option<&str> {
    source.path.strip_suffix("Cargo.toml").map(|folder| folder.trim_end_matches('/'))
}

fn edges(source: &Source) -> Vec<String> {
    let Some(stage) = crate_of(source).filter(|folder| STAGES.contains(folder) || *folder == "rules") else {
        return Vec::new();
    };
    let allowed = |name: &str| stage != "rules" && name == "custody-rules";
    let manifest = source.text().unwrap_or_default();
    let wrong = dependencies(manifest).into_iter().filter(|(_, n)| n.starts_with("custody") && !allowed(n));
    wrong
        .map(|(line, name)| {
            format!(
                "{}:{line}: {name}; stages depend on custody-rules only, the root hands the rest across",
                source.path
            )
        })
        .collect()
}

fn heavy_dependencies(source: &Source) -> Vec<String> {
    let homes: [(&str, &[&str]); 5] = [
        ("datafusion", &["", "export"]),
        ("ffmpeg-next", &["ingest", "redact"]),
        // Elsewhere it is DataFusion's own, re-exported.
        ("object_store", &["retention"]),
        ("parquet", &["ingest"]),
        ("tesseract", &["ingest"]),
    ];
    let Some(folder) = crate_of(source) else { return Vec::new() };
    let manifest = source.text().unwrap_or_default();
    let mut wrong = Vec::new();
    for (line, name) in dependencies(manifest) {
        let home = homes.iter().find(|(heavy, _)| name == *heavy || name.starts_with(&format!("{heavy}-")));
        if let Some((heavy, homes)) = home.filter(|(_, homes)| !homes.contains(&folder)) {
            let homes = homes.iter().map(|h| if h.is_empty() { "the root" } else { h }).collect::<Vec<_>>();
            wrong.push(format!(
                "{}:{line}: {heavy}; it belongs in {} only",
                source.path,
                homes.join(" and ")
            ));
        }
    }
    wrong
}

fn unlisted(source: &Source, main: &str) -> Vec<String> {
    let name = source.path.strip_prefix("tests/").and_then(|p| p.strip_suffix(".rs"));
    let Some(name) = name.filter(|n| *n != "main" && !n.contains('/')) else { return Vec::new() };
    let listed = main.lines().any(|line| line.trim() == format!("mod {name};"));
    let what = || format!("{}:1: never run; add `mod {name};` to tests/main.rs", source.path);
    (!listed).then(what).into_iter().collect()
}

mod tests {
    use super::*;

    fn fake(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    fn check(check: impl Fn(&Source) -> Vec<String>, source: &Source, expected: &[&str]) {
        assert_eq!(check(source), expected);
    }

    #[test]
    fn headers_and_lengths_are_asked_for() {
        let bare = "a.rs:1: no header; open with `//!`: what it is, what it is not";
        check(header, &fake("a.rs", "fn a() {}"), &[bare]);
        check(header, &fake("a.rs", "//! A thing.\n"), &[]);
        check(header, &fake("a.toml", "a = 1"), &[]);
        check(length, &fake("a.rs", &"\n".repeat(601)), &["a.rs:601: 601 lines; split it (at most 600)"]);
        check(length, &fake("a.rs", &"\n".repeat(600)), &[]);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        let line = format!("ok\nsee {}x\n", ["/ho", "me/"].concat());
        assert!(machine_paths(&fake("a.md", &line))[0].starts_with("a.md:2: a path of one machine"));
        check(machine_paths, &fake("a.md", "https://hr.example.com/d/home.htmld"), &[]);
    }

    #[test]
    fn blobs_are_found_and_long_sources_are_none() {
        let large = "x".repeat(BLOB_BYTES_MAX + 1);
        assert_eq!(blob(&fake("a.csv", &large)).len(), 1);
        assert_eq!(blob(&fake("a.md", &format!("{large}\0"))).len(), 1);
        check(blob, &fake("a.md", &large), &[]);
        check(blob, &fake("fuzz/Cargo.lock", &large), &[]);
    }

    #[test]
    fn edges_between_stages_are_found() {
        let manifest = "[package]\nname = \"custody-redact\"\n[dependencies]\ncustody-rules.workspace = true\n\
                        [dev-dependencies]\ncustody-ingest = { path = \"../ingest\" }\n";
        let wrong = "redact/Cargo.toml:6: custody-ingest; stages depend on custody-rules only, \
                     the root hands the rest across";
        check(edges, &fake("redact/Cargo.toml", manifest), &[wrong]);
        check(edges, &fake("Cargo.toml", manifest), &[]);
        assert_eq!(edges(&fake("rules/Cargo.toml", manifest)).len(), 2);
    }

    #[test]
    fn heavy_crates_stay_where_they_are() {
        let manifest =
            "[workspace.dependencies]\ntesseract = \"1\"\n[dependencies]\ndatafusion-expr = \"1\"\n";
        let wrong = "rules/Cargo.toml:4: datafusion; it belongs in the root and export only";
        check(heavy_dependencies, &fake("rules/Cargo.toml", manifest), &[wrong]);
        check(heavy_dependencies, &fake("export/Cargo.toml", manifest), &[]);
    }

    #[test]
    fn unlisted_tests_are_found() {
        let main = "mod cli_redact;\n";
        let wrong = "tests/cli_scan.rs:1: never run; add `mod cli_scan;` to tests/main.rs";
        check(|s| unlisted(s, main), &fake("tests/cli_scan.rs", ""), &[wrong]);
        check(|s| unlisted(s, main), &fake("tests/cli_redact.rs", ""), &[]);
        check(|s| unlisted(s, main), &fake("tests/support/mod.rs", ""), &[]);
    }
}
