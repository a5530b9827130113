//! Runs every recognizer file's own examples through the real scanner, and checks the files as a set:
//! unique ids, enough examples, checks that exist and are used, profiles that fit.

use custody_rules::{Candidate, Profile, RecognizerSyntax, RuleSet, RuleSource, Scanner, checks};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Score from which a finding counts, as in the `balanced` profile.
const THRESHOLD: f32 = 0.5;
/// Entities there must be at least.
const ENTITIES_MIN: usize = 50;

fn files(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("folder is there") {
        let path = entry.expect("entry").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_name().expect("name").to_string_lossy().into_owned();
            files.insert(name, fs::read_to_string(&path).expect("UTF-8"));
        }
    }
    files
}

fn rules() -> Arc<RuleSet> {
    let files = files("recognizers");
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let set = RuleSet::load(&sources).unwrap_or_else(|errors| {
        panic!("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    Arc::new(set)
}

/// What a scan of one line finds of one entity, above the threshold.
fn found<'t>(scanner: &Scanner, text: &'t str, entity: &str) -> Vec<(&'t str, f32)> {
    let mut out: Vec<Candidate> = Vec::new();
    scanner.scan(text, None, &mut scanner.scratch(), &mut out);
    out.iter()
        .filter(|c| c.score >= THRESHOLD && scanner.rules().entity_name(c.entity) == entity)
        .map(|c| (&text[c.start..c.end], c.score))
        .collect()
}

#[test]
fn every_example_holds() {
    let scanner = Scanner::new(rules()).expect("patterns fit the automaton");
    let mut wrong = Vec::new();
    let written = scanner.rules().recognizers().iter().map(|r| &r.syntax).filter(|s| s.source != "built in");
    for RecognizerSyntax { id, entity, positive, negative, .. } in written {
        for example in positive {
            let all = found(&scanner, &example.text, entity);
            if !all.iter().any(|(value, _)| *value == example.find) {
                wrong.push(format!("{id}: {:?} is not found in {:?}: {all:?}", example.find, example.text));
            }
        }
        for text in negative {
            let all = found(&scanner, text, entity);
            if !all.is_empty() {
                wrong.push(format!("{id}: {all:?} is found in {text:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_files_fit_each_other() {
    let rules = rules();
    assert!(rules.entities().len() >= ENTITIES_MIN, "{} entities", rules.entities().len());
    let used: BTreeSet<&str> = rules.recognizers().iter().filter_map(|r| r.syntax.check.as_deref()).collect();
    let known: BTreeSet<&str> = checks::names().collect();
    assert_eq!(used, known, "checks that are used, and checks there are");
    for (file, text) in files("recognizers") {
        let syntax: RecognizerSyntax = toml::from_str(&text).expect("loaded above");
        assert_eq!(file, format!("{}.toml", syntax.id), "a file is named after its recognizer");
        assert!(syntax.labels.iter().all(|l| *l == l.to_lowercase()), "{file}: labels are lower case");
    }
}

#[test]
fn profiles_fit() {
    let rules = rules();
    let profiles = files("profiles");
    for (file, text) in &profiles {
        let profile = Profile::parse(file, text, &rules).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(*file, format!("{}.toml", profile.name));
    }
    assert!(profiles.contains_key("balanced.toml"));
}

/// Lines a log or a report is full of: nothing in them is personal.
#[test]
fn harmless_lines_stay() {
    let scanner = Scanner::new(rules()).expect("patterns fit the automaton");
    let mut scratch = scanner.scratch();
    for line in HARMLESS.lines().filter(|line| !line.is_empty()) {
        let mut out = Vec::new();
        scanner.scan(line, None, &mut scratch, &mut out);
        let all: Vec<_> = out
            .iter()
            .filter(|c| c.score >= THRESHOLD)
            .map(|c| (scanner.rules().recognizer_name(c.recognizer), &line[c.start..c.end]))
            .collect();
        assert!(all.is_empty(), "{all:?} in {line:?}");
    }
}

const HARMLESS: &str = r#"
2024-01-15T10:30:00.123+01:00 INFO  [pool-3-thread-7] c.w.runner.IntegrationRunner - Started job id=4711 name=Payroll_Export
2024-01-15 10:30:00,123 DEBUG com.example.hr.sync.WorkerSyncService:214 - fetched 1200 rows in 345 ms (page 3 of 17)
Jan 15 10:30:00 host-12 sshd[2211]: Server listening on port 22.
10:30:00.001 WARN request_id=550e8400-e29b-41d4-a716-446655440000 status=504 duration_ms=30012 retry=2
[2024-01-15T10:30:00Z] ERROR trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7 code=E0425 exit=1
GET /ccx/service/tenant/Human_Resources/v41.0 HTTP/1.1 200 18234 0.231
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36
	at java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)
Caused by: java.net.SocketTimeoutException: Read timed out after 30000 ms
commit 9fceb02d0ae598e95dc970b74767f19372d61af8 merged into release/2024.01.15-rc3
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 pulled in 12.4 s
Cache-Control: max-age=3600, public
memory used 1,234,567,890 of 8,589,934,592 bytes (14.4 %)
/var/lib/custody/runs/2024/01/15/run-000123456789/output.csv written (1,204 rows)
Loaded Supervisory Organization hierarchy: 214 nodes, depth 9, Cost Center 41000
epoch=1705312200123 seq=000123456789 pid=2211 tid=140233445566
Integration Event "INT042 Payroll Outbound" Completed with Warnings at 10:31:17
thread-12 acquired lock 0x00007f8a1c003800 after 00:00:12.345
Effective Date 2024-01-01, Company Global Modern Services, Currency USD, Location San Francisco
java.lang.IllegalStateException: Expected BEGIN_OBJECT but was STRING at line 1 column 42 path $.Report_Entry[17]
"#;
