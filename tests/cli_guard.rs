//! `custody guard` in repositories made for it: what is looked at, what is found, what is let through, hooks, formats.

use crate::program::{Said, World};
use serde_json::Value;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::process::{Command, Output};

/// A key that nobody has, in two parts: this file must not hold it.
pub(crate) fn secret() -> String {
    ["AKIA", "Q3EGRITXJ5KM7ZPW"].concat()
}

/// A repository in a world, with nobody's settings.
pub(crate) struct Repo {
    pub(crate) world: World,
}

impl Repo {
    /// An empty one, without a commit.
    pub(crate) fn new() -> Self {
        let repo = Self { world: World::new() };
        std::fs::create_dir_all(repo.world.path("r")).expect("a folder");
        repo.git(&["init", "-q", "-b", "main"]);
        repo
    }

    /// One with a commit of one harmless file.
    pub(crate) fn started() -> Self {
        let repo = Self::new();
        repo.add("README.md", "# A project\n");
        repo.commit("start");
        repo
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.world.path(&format!("r/{name}"))
    }

    pub(crate) fn command(&self, program: &str, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.world.path(folder));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", self.world.path(""));
        for variable in ["CUSTODY_KEY_FILE", "CUSTODY_STORE", "CUSTODY_ENV", "CUSTODY_USER"] {
            command.env_remove(variable);
        }
        command.env("XDG_DATA_HOME", self.world.path("data"));
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "A U Thor")
                .env(format!("GIT_{role}_EMAIL"), "a@example.org");
        }
        command
    }

    /// Runs git; it has to succeed.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {err}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    pub(crate) fn try_git(&self, args: &[&str]) -> Output {
        self.command("git", "r").args(args).output().expect("git runs")
    }

    /// Writes a file and stages it.
    pub(crate) fn add(&self, name: &str, bytes: impl AsRef<[u8]>) {
        self.world.file(&format!("r/{name}"), bytes);
        self.git(&["add", "--force", "--", name]);
    }

    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["commit", "-q", "--no-verify", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs `custody guard` at the top.
    pub(crate) fn guard(&self, args: &[&str]) -> Said {
        self.guard_with(args, &[])
    }

    /// The same with variables of the environment.
    pub(crate) fn guard_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = self.command(env!("CARGO_BIN_EXE_custody"), "r");
        command.arg("guard").args(args).envs(variables.iter().copied());
        command.output().expect("custody runs").into()
    }

    /// Findings as `--json` tells them: rule, path, line.
    pub(crate) fn found(&self, args: &[&str]) -> Vec<(String, String, u64)> {
        let said = self.guard(&[args, &["--json"]].concat());
        assert!(
            !said.out.contains(&secret()) && !said.err.contains(&secret()),
            "a value is shown: {}",
            said.out
        );
        let rows = rows(&said);
        assert_eq!(rows.last().map(|row| row["type"].clone()), Some("summary".into()), "{}", said.err);
        let findings: Vec<&Value> = rows.iter().filter(|row| row["type"] == "finding").collect();
        assert_eq!(said.code, i32::from(!findings.is_empty()), "{}{}", said.out, said.err);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        findings
            .iter()
            .map(|r| (text(&r["rule"]), text(&r["path"]), r["line"].as_u64().unwrap_or(0)))
            .collect()
    }

    /// Rules and paths alone.
    pub(crate) fn rules(&self, args: &[&str]) -> Vec<(String, String)> {
        self.found(args).into_iter().map(|(rule, path, _)| (rule, path)).collect()
    }
}

pub(crate) fn rows(said: &Said) -> Vec<Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

pub(crate) fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(rule, path)| ((*rule).to_owned(), (*path).to_owned())).collect()
}

pub(crate) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        writer.write_all(bytes).expect("in memory");
    }
    writer.finish().expect("an archive").into_inner()
}

pub(crate) fn workbook(cells: &[&str]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, text) in (0..).zip(cells) {
        sheet.write_string(row, 0, *text).expect("a cell");
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn what_is_staged_is_looked_at_and_nothing_beside_it() {
    let repo = Repo::started();
    repo.add("src/app.py", format!("import os\n\nKEY = \"{}\"\n", secret()));
    let said = repo.guard(&[]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("src/app.py:3:8: API_KEY 0.95 cloud_token"), "{}", said.out);
    for part in [
        "git restore --staged -- src/app.py",
        "custody redact src/app.py",
        "custody guard allow --content ",
        " --rule API_KEY --reason",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains("Q3EG"), "{}", said.out);
    // The file beside the index is mended; the index is not.
    repo.world.file("r/src/app.py", "import os\n");
    assert_eq!(repo.rules(&["--staged"]), pairs(&[("API_KEY", "src/app.py")]));
    // And the other way round.
    repo.git(&["add", "src/app.py"]);
    repo.world.file("r/src/app.py", secret());
    repo.world.file("r/notes.txt", secret());
    assert_eq!(repo.rules(&["--staged"]), []);
}

#[test]
fn source_code_and_documents_of_every_day_pass() {
    let repo = Repo::new();
    repo.add("package.json", "{\n  \"name\": \"x\",\n  \"author\": \"Jane Penrose <jane@penrose.io>\"\n}\n");
    repo.add("AUTHORS", "Jane Penrose <jane@penrose.io>\nJohn Miller <john@miller.io>\n".repeat(20));
    repo.add("LICENSE", "Copyright (c) 2026 Jane Penrose\n");
    repo.add("index.html", "<!DOCTYPE html><html><body>hi</body></html>\n");
    repo.add("logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0 0\"/></svg>\n");
    repo.add("tsconfig.json", "{\n  // a comment\n  \"strict\": true,\n}\n");
    repo.add("pom.xml", "<!DOCTYPE project [<!ENTITY a \"b\">]>\n<project><a>&a;</a></project>\n");
    repo.add(
        "src/a.py",
        "# Written by Jane Penrose <jane@penrose.io>\nhost = \"10.0.0.1\"\nargs = 1, 2, 3\nmore = 4, 5, 6\n",
    );
    repo.add("tests/users.json", "[{\"email\": \"jane@example.com\"}]\n");
    repo.add("empty/__init__.py", "");
    repo.add(".env.example", "PASSWORD=changeme\nDATABASE_URL=postgres://user:password@localhost/x\n");
    repo.add("Cargo.lock", format!("checksum = \"{}\"\n", "0123456789abcdef".repeat(4)));
    assert_eq!(repo.found(&[]), []);
}

#[test]
fn people_count_in_data_and_in_crowds() {
    let repo = Repo::started();
    repo.add("data/people.csv", "Employee ID,Legal Name,National ID\n21072,Jane Penrose,536-22-8915\n");
    let rules: Vec<String> = repo.found(&[]).into_iter().map(|(rule, ..)| rule).collect();
    assert!(rules.contains(&"PERSON".to_owned()), "{rules:?}");
    let repo = Repo::started();
    let names = ["Jane Penrose", "John Miller", "Maria Garcia", "Peter Schmidt", "Anna Kowalski"];
    let list = |count: u32| -> String {
        (0..count).map(|n| format!("- {} <user{n}@penrose.io>\n", names[n as usize % 5])).collect()
    };
    repo.add("docs/team.md", list(4));
    assert_eq!(repo.found(&[]), []);
    repo.add("docs/team.md", list(40));
    assert_eq!(repo.rules(&[]), pairs(&[("people", "docs/team.md")]));
}

#[test]
fn the_roster_says_who_counts_in_code() {
    let repo = Repo::started();
    repo.world.file(
        "people.csv",
        "Employee ID,First Name,Last Name,Email\n900017,Jolanda,Quistorp,jq@penrose.io\n",
    );
    repo.add("src/a.rs", "// ask Jolanda Quistorp\n");
    repo.add("MAINTAINERS", "Jolanda Quistorp\n");
    assert_eq!(repo.found(&[]), []);
    assert_eq!(repo.rules(&["--roster", "../people.csv"]), pairs(&[("PERSON", "src/a.rs")]));
}

#[test]
fn kinds_of_files_are_refused_by_content_whatever_their_names_are() {
    let repo = Repo::started();
    repo.add("a.txt", workbook(&["fine"]));
    repo.add("b.dat", b"SQLite format 3\0\x10\0");
    repo.add("c.har", "{\"log\": {\"version\": \"1.2\", \"creator\": {}, \"entries\": []}}");
    repo.add("d.zip", zip(&[("trace.trace", b"{}\n{}\n"), ("trace.network", b"{}\n")]));
    repo.add("e.bin", [0_u8, 1, 2, 3, 0]);
    repo.add("f.gz", b"\x1f\x8b\x08\0\0");
    repo.add("g.pdf", "%PDF-1.7\n%\u{e2}\n");
    repo.add("h.p12", b"0\x82\x01");
    repo.add("i.parquet", b"PAR1\x15\0\x15");
    repo.add("j.ledger", "custody-ledger 1");
    repo.add("k.woff2", b"wOF2\0\0");
    let expected = [
        ("asset-workbook", "a.txt"),
        ("asset-database", "b.dat"),
        ("asset-har", "c.har"),
        ("asset-trace", "d.zip"),
        ("asset-binary", "e.bin"),
        ("asset-packed", "f.gz"),
        ("asset-document", "g.pdf"),
        ("asset-key", "h.p12"),
        ("asset-database", "i.parquet"),
        ("asset-custody", "j.ledger"),
    ];
    assert_eq!(repo.rules(&[]), pairs(&expected));
    // The repository decides otherwise; what is in it is looked at all the same.
    repo.add(".custodyguard.toml", "[assets]\nworkbook = \"allow\"\nfont = \"refuse\"\n");
    repo.add("a.txt", workbook(&["fine", &format!("key {}", secret())]));
    let rules = repo.rules(&[]);
    assert!(!rules.contains(&("asset-workbook".to_owned(), "a.txt".to_owned())), "{rules:?}");
    for (rule, path) in [("API_KEY", "a.txt"), ("asset-font", "k.woff2")] {
        assert!(rules.contains(&(rule.to_owned(), path.to_owned())), "{rule}: {rules:?}");
    }
}

#[test]
fn an_entry_of_the_allow_list_lets_one_rule_in_one_content_through() {
    let repo = Repo::started();
    repo.add("src/app.py", format!("KEY = \"{}\"\n", secret()));
    let day = "2099-01-01";
    let allow = |day: &str| {
        repo.guard(&[
            "allow",
            "src/app.py",
            "--rule",
            "API_KEY",
            "--reason",
            "a key that nobody has",
            "--expires",
            day,
        ])
    };
    assert_eq!(allow(day).code, 2, "too far off");
    let soon = soon();
    let said = allow(&soon);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains(&secret()));
    let list = repo.world.read("r/.custodyguard.toml");
    assert!(list.contains("rule = \"API_KEY\"") && !list.contains(&secret()), "{list}");
    // What is not staged does not count.
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "src/app.py")]));
    repo.git(&["add", ".custodyguard.toml"]);
    let said = repo.guard(&[]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.err.contains("1 allowed"), "{}", said.err);
    assert!(said.out.contains("note: .custodyguard.toml: the allow-list itself is changed"), "{}", said.out);
    // An entry is for a content: another one is another matter.
    repo.add("src/app.py", format!("KEY = \"{}\"\n\n", secret()));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "src/app.py")]));
}

/// A day in four weeks.
pub(crate) fn soon() -> String {
    let output = Command::new("date").args(["-u", "-d", "+28 days", "+%F"]).output().expect("date runs");
    String::from_utf8(output.stdout).expect("a day").trim().to_owned()
}

#[test]
fn an_entry_that_is_over_is_a_finding_and_a_mistake_ends_the_run() {
    let repo = Repo::started();
    repo.add("src/app.py", format!("KEY = \"{}\"\n", secret()));
    let content = blake3::hash(format!("KEY = \"{}\"\n", secret()).as_bytes()).to_hex();
    let list = |day: &str| {
        format!(
            "[[allow]]\ncontent = \"{content}\"\nrule = \"API_KEY\"\nreason = \"a key that nobody has\"\nexpires = {day}\n"
        )
    };
    repo.add(".custodyguard.toml", list("2026-01-31"));
    assert_eq!(
        repo.found(&[]),
        [
            ("expired".to_owned(), ".custodyguard.toml".to_owned(), 1),
            ("API_KEY".to_owned(), "src/app.py".to_owned(), 1)
        ]
    );
    for (bad, line) in [
        (list("2026-01-31").replace("rule", "rules"), 3),
        (list("2099-01-31"), 1),
        (list("2026-01-31").replace("reason = \"a key that nobody has\"\n", ""), 1),
    ] {
        repo.add(".custodyguard.toml", &bad);
        let said = repo.guard(&[]);
        assert_eq!(said.code, 2, "{bad}");
        assert!(said.err.contains(&format!(".custodyguard.toml:{line}:")), "{}", said.err);
    }
    std::fs::rename(repo.path(".custodyguard.toml"), repo.path("other.toml")).expect("moved");
    std::os::unix::fs::symlink("other.toml", repo.path(".custodyguard.toml")).expect("a link");
    repo.git(&["add", ".custodyguard.toml"]);
    assert_eq!(repo.guard(&[]).code, 2, "a link is no allow-list");
}

#[test]
fn sarif_has_places_rules_and_fingerprints_and_no_value() {
    let repo = Repo::started();
    repo.add("src/app.py", format!("\nKEY = \"{}\"\n", secret()));
    repo.add("a.xlsx", workbook(&["fine"]));
    let said = repo.guard(&["--format", "sarif"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let run = &report["runs"][0];
    let known: Vec<&Value> =
        run["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|r| &r["id"]).collect();
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|r| known.contains(&&r["ruleId"]) && r["level"] == "error"));
    assert!(results.iter().all(|r| r["partialFingerprints"]["contentAndRule/v1"].is_string()));
    let place = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/app.py");
    assert_eq!(
        (place["region"]["startLine"].as_u64(), place["region"]["startColumn"].as_u64()),
        (Some(2), Some(8))
    );
    assert!(!said.out.contains(&secret()));
}

#[test]
fn folders_are_looked_at_without_git() {
    let world = World::new();
    world.file("in/a.py", format!("x = '{}'\n", secret()));
    world.file("in/.git/config", secret());
    world.file("in/ok.py", "x = 1\n");
    std::os::unix::fs::symlink("a.py", world.path("in/link")).expect("a link");
    let said = world.run(&["guard", "in", "--json"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let found: Vec<Value> = rows(&said).into_iter().filter(|row| row["type"] == "finding").collect();
    assert_eq!(found.len(), 1, "{}", said.out);
    assert_eq!(found[0]["path"], "in/a.py");
    assert_eq!(world.run(&["guard", "in/ok.py"]).code, 0);
    assert_eq!(world.run(&["guard"]).code, 2, "no repository");
    assert_eq!(world.run(&["guard", "nowhere"]).code, 1, "what cannot be read is a finding");
}

#[test]
fn nothing_to_look_at_is_a_mistake_unless_it_is_said_to_be_none() {
    let repo = Repo::new();
    assert_eq!(repo.guard(&[]).code, 2, "an empty index before the first commit");
    let repo = Repo::started();
    let said = repo.guard(&["--staged"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("not one byte"), "{}", said.err);
    let said = repo.guard(&["--staged", "--allow-empty"]);
    assert_eq!(said.code, 0);
    assert!(said.err.contains("not one byte"), "{}", said.err);
    assert_eq!(repo.guard(&["--range", "HEAD..HEAD"]).code, 2);
    assert_eq!(repo.guard(&["--range", "HEAD...HEAD"]).code, 2);
    assert_eq!(repo.guard(&["--range", "nowhere..HEAD"]).code, 2);
    assert_eq!(repo.guard(&["--range", "--all..HEAD"]).code, 2);
    assert_eq!(repo.guard(&["--staged", "--range", "HEAD..HEAD"]).code, 2);
}

#[test]
fn hooks_are_written_refuse_commits_and_are_taken_away() {
    let repo = Repo::started();
    assert_eq!(repo.guard(&["uninstall"]).code, 2, "there is none");
    let said = repo.guard(&["install"]);
    assert_eq!(said.code, 0, "{}", said.err);
    repo.world.file("r/a.py", format!("x = '{}'\n", secret()));
    repo.git(&["add", "a.py"]);
    let refused = |args: &[&str]| {
        let output = repo.try_git(args);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{args:?}: {said}");
        assert!(said.contains("API_KEY") && !said.contains(&secret()), "{args:?}: {said}");
    };
    refused(&["commit", "-q", "-m", "x"]);
    repo.git(&["rm", "-q", "--cached", "a.py"]);
    // What a commit takes from beside the index is in an index of its own.
    repo.world.file("r/README.md", format!("# {}\n", secret()));
    refused(&["commit", "-q", "-am", "x"]);
    refused(&["commit", "-q", "-m", "x", "README.md"]);
    repo.world.file("r/README.md", "# Other\n");
    refused(&["commit", "-q", "-am", &format!("use {}", secret())]);
    repo.git(&["commit", "-q", "-am", "fine"]);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "nothing"]);
    assert_eq!(repo.guard(&["install"]).code, 0, "again");
    assert_eq!(repo.guard(&["uninstall"]).code, 0);
    assert!(!repo.path(".git/hooks/pre-commit").exists() && !repo.path(".git/hooks/commit-msg").exists());
}

#[test]
fn hooks_of_others_are_kept_or_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let repo = Repo::started();
    let hook = repo.world.file("r/.git/hooks/pre-commit", "#!/bin/sh\necho theirs >> ran\n");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let said = repo.guard(&["install"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--chain"), "{}", said.err);
    assert_eq!(repo.world.read("r/.git/hooks/pre-commit"), "#!/bin/sh\necho theirs >> ran\n");
    assert!(!repo.path(".git/hooks/commit-msg").exists(), "all or nothing");
    assert_eq!(repo.guard(&["install", "--chain"]).code, 0);
    repo.add("a.py", format!("x = '{}'\n", secret()));
    assert!(!repo.try_git(&["commit", "-q", "-m", "x"]).status.success());
    assert_eq!(repo.world.read("r/ran"), "theirs\n", "theirs ran first");
    assert_eq!(repo.guard(&["uninstall"]).code, 0);
    assert_eq!(repo.world.read("r/.git/hooks/pre-commit"), "#!/bin/sh\necho theirs >> ran\n");
    // A folder of hooks that the user has set.
    repo.git(&["config", "core.hooksPath", "hooks"]);
    assert_eq!(repo.guard(&["install"]).code, 0);
    assert!(repo.path("hooks/pre-commit").exists());
    assert!(!repo.try_git(&["commit", "-q", "-m", "x"]).status.success());
}
