//! Ways past the guard, each of which must lead nowhere: where a secret hides, what Git says of itself, what a foreign
//! repository could run.

use crate::cli_guard::{Repo, pairs, rows, secret, workbook, zip};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_secret_in_two_lines() {
    let secret = secret();
    let (one, two) = secret.split_at(9);
    for text in [
        format!("key = \"{one}\" +\n      \"{two}\"\n"),
        format!("key = (\"{one}\"\n       \"{two}\")\n"),
        format!("KEY={one}\\\n{two}\n"),
        format!("key: {one}\n{two}\n"),
    ] {
        let repo = Repo::started();
        repo.add("src/app.py", format!("import os\n{text}"));
        let found = repo.found(&[]);
        assert_eq!(found, [("API_KEY".to_owned(), "src/app.py".to_owned(), 2)], "{text}");
    }
}

#[test]
fn a_secret_in_a_notebook() {
    let repo = Repo::started();
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
    let notebook = |source: &str, output: &str, picture: &str| {
        serde_json::json!({"cells": [{"cell_type": "code", "metadata": {}, "source": [source, "\n"], "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["ok\n", output]},
            {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}]}],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        .to_string()
    };
    repo.add("a.ipynb", notebook("print(x)", "fine", png));
    assert_eq!(repo.found(&[]), [], "a small picture and a harmless output");
    let secret = secret();
    repo.add("a.ipynb", notebook("print(x)", &format!("got {secret}\n"), png));
    assert_eq!(repo.found(&[]), [("API_KEY".to_owned(), "a.ipynb!cell 1 output 1".to_owned(), 2)]);
    repo.add("a.ipynb", notebook(&format!("x = '{secret}'"), "fine", png));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "a.ipynb!cell 1")]));
    // A picture that is none: nobody knows what it is.
    repo.add("a.ipynb", notebook("print(x)", "fine", "AAECAwAA"));
    assert_eq!(repo.rules(&[]), pairs(&[("asset-binary", "a.ipynb!cell 1 output 2.png")]));
}

#[test]
fn a_secret_in_a_workbook_in_a_zip_in_a_zip() {
    let repo = Repo::started();
    let book = workbook(&["fine", &format!("key {}", secret())]);
    repo.add(
        "docs/samples.zip",
        zip(&[("deep/inner.zip", &zip(&[("list.xlsx", &book)])), ("ok.txt", b"fine\n")]),
    );
    let path = "docs/samples.zip!deep/inner.zip/list.xlsx";
    assert_eq!(repo.rules(&[]), pairs(&[("asset-workbook", path), ("API_KEY", path)]));
    // One that cannot be opened hides anything.
    let whole = zip(&[("a.txt", b"fine\n")]);
    repo.add("docs/samples.zip", &whole[..whole.len() - 10]);
    assert_eq!(repo.rules(&[]).len(), 1);
}

#[test]
fn a_secret_in_names() {
    let repo = Repo::started();
    repo.add(&format!("keys/{}.txt", secret()), "fine\n");
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "keys/‹API_KEY›.txt")]));
    let said = repo.guard(&[]);
    assert!(said.out.contains("guard allow --content "), "{}", said.out);
    assert!(!said.out.contains(&secret()), "{}", said.out);
    let repo = Repo::started();
    repo.git(&["checkout", "-q", "-b", &format!("fix-{}", secret())]);
    repo.add("a.txt", "fine\n");
    assert_eq!(repo.rules(&[]).first().map(|(rule, _)| rule.clone()), Some("API_KEY".to_owned()));
    repo.commit("fine");
    assert_eq!(repo.rules(&["--range", "HEAD~1..HEAD"]).len(), 1, "the branch at the end of the range");
}

#[test]
fn a_secret_in_a_message() {
    let repo = Repo::started();
    let start = repo.git(&["rev-parse", "HEAD"]);
    repo.add("a.txt", "fine\n");
    repo.commit(&format!("use {}\n\nSigned-off-by: Jane Penrose <jane@penrose.io>", secret()));
    assert_eq!(repo.rules(&["--range", &format!("{start}..")]), pairs(&[("API_KEY", "(message)")]));
    repo.world.file("r/m", format!("# {}\nfine\n", secret()));
    assert_eq!(repo.guard(&["--message", "m"]).code, 1, "git commit -m keeps such lines");
    repo.world.file("r/m", format!("use {}\n", secret()));
    assert_eq!(repo.guard(&["--message", "m"]).code, 1);
}

#[test]
fn a_blob_that_was_deleted_or_restored_later() {
    let repo = Repo::started();
    let start = repo.git(&["rev-parse", "HEAD"]);
    repo.add("a.py", format!("x = '{}'\n", secret()));
    let bad = repo.commit("one");
    repo.git(&["rm", "-q", "a.py"]);
    repo.commit("two");
    let range = format!("{start}..HEAD");
    let commits = || {
        let said = repo.guard(&["--range", &range, "--json"]);
        let rows = rows(&said);
        let of = |row: &serde_json::Value| row["commit"].as_str().map(str::to_owned);
        rows.iter().filter(|row| row["type"] == "finding").filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(commits(), std::slice::from_ref(&bad), "deleted");
    repo.add("b.py", format!("x = '{}'\n", secret()));
    repo.commit("three");
    assert_eq!(commits(), [bad], "restored under another name: once, where it came in");
    assert_eq!(repo.guard(&["--range", "HEAD~1..HEAD"]).code, 1, "restored");
    assert_eq!(repo.guard(&["--range", "HEAD"]).code, 1, "all of history");
    let zero = "0".repeat(40);
    assert_eq!(
        repo.guard(&["--range", &format!("{zero}..HEAD")]).code,
        1,
        "as a push of a new branch says it"
    );
}

#[test]
fn a_merge_that_brings_in_what_no_parent_has() {
    let repo = Repo::started();
    let start = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.add("side.txt", "fine\n");
    repo.commit("side");
    repo.git(&["checkout", "-q", "main"]);
    repo.add("main.txt", "fine\n");
    repo.commit("main");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.add("evil.py", format!("x = '{}'\n", secret()));
    let merge = repo.commit("merge");
    let said = repo.guard(&["--range", &format!("{start}..HEAD"), "--json"]);
    let rows = rows(&said);
    let found: Vec<_> = rows.iter().filter(|row| row["type"] == "finding").collect();
    assert_eq!(found.len(), 1, "{}", said.out);
    assert_eq!(
        (found[0]["commit"].as_str(), found[0]["path"].as_str()),
        (Some(merge.as_str()), Some("evil.py"))
    );
    assert_eq!(rows.last().map(|row| row["commits"].clone()), Some(3.into()));
}

#[test]
fn renames_permissions_and_intentions() {
    let repo = Repo::new();
    repo.add("a.py", format!("x = '{}'\n", secret()));
    repo.commit("before there was a guard");
    repo.git(&["mv", "a.py", "b.py"]);
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "b.py")]), "a rename is a new place");
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["update-index", "--chmod=+x", "a.py"]);
    let said = repo.guard(&[]);
    assert_eq!(said.code, 0, "permissions bring nothing in: {}{}", said.out, said.err);
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["rm", "-q", "a.py"]);
    assert_eq!(repo.guard(&[]).code, 0, "what goes brings nothing in");
    repo.git(&["reset", "-q", "--hard"]);
    repo.world.file("r/c.py", format!("y = '{}'\n", secret()));
    repo.git(&["add", "-N", "c.py"]);
    assert_eq!(repo.guard(&[]).code, 2, "what is only meant to be added is in no commit");
    repo.git(&["add", "c.py"]);
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "c.py")]));
}

#[test]
fn names_with_line_feeds_and_bytes_that_are_no_text() {
    let repo = Repo::started();
    for name in [
        b"a\nb.py".as_slice(),
        b"\xff\xfe.py",
        b":(glob)*.py",
        b"-x.py",
        b" \t.py",
        "\u{202e}yp.x".as_bytes(),
    ] {
        let path = repo.path("").join(OsStr::from_bytes(name));
        std::fs::write(path, format!("x = '{}'\n", secret())).expect("a file");
    }
    repo.git(&["add", "--all"]);
    let said = repo.guard(&[]);
    assert_eq!(said.code, 1, "{}", said.err);
    let found = said.out.lines().filter(|line| line.contains(": API_KEY ")).count();
    assert_eq!(found, 1, "one blob, six names: {}", said.out);
    for (number, name) in
        [b"a\nb.py".as_slice(), b"\xff\xfe.py", "\u{202e}yp.x".as_bytes()].iter().enumerate()
    {
        let path = repo.path("").join(OsStr::from_bytes(name));
        std::fs::write(path, format!("x{number} = '{}'\n", secret())).expect("a file");
    }
    repo.git(&["add", "--all"]);
    let said = repo.guard(&[]);
    assert_eq!(said.out.lines().filter(|line| line.contains(": API_KEY ")).count(), 4, "{}", said.out);
    assert!(!said.out.contains('\u{202e}'), "{}", said.out);
}

#[test]
fn links_submodules_and_pointers() {
    let repo = Repo::started();
    std::os::unix::fs::symlink(format!("/srv/{}/x", secret()), repo.path("link")).expect("a link");
    repo.git(&["add", "link"]);
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "link (target of the link)")]));
    repo.git(&["rm", "-q", "--cached", "link"]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},vendor/other")]);
    repo.git(&["config", "submodule.vendor/other.ignore", "all"]);
    let said = repo.guard(&[]);
    assert!(said.out.contains("note: vendor/other: a submodule"), "{}", said.out);
    let digits = "ab".repeat(32);
    repo.add(
        "big.csv",
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digits}\nsize 30\n"),
    );
    assert_eq!(repo.rules(&[]), pairs(&[("unread", "big.csv")]), "what it stands for is not here");
    repo.world.file(&format!("r/.git/lfs/objects/ab/ab/{digits}"), format!("key,{}\n", secret()));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "big.csv")]), "what it stands for leaves with a push");
}

/// A program that leaves a trace when it is run.
fn trap(repo: &Repo, name: &str) -> String {
    let sprung = repo.world.path("sprung");
    let text = format!("#!/bin/sh\necho {name} >> '{}'\ncat >/dev/null\n", sprung.display());
    let path = repo.world.file(&format!("traps/{name}"), text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    path.display().to_string()
}

#[test]
fn a_repositorys_own_settings_run_nothing_and_hide_nothing() {
    let repo = Repo::started();
    let start = repo.git(&["rev-parse", "HEAD"]);
    repo.add("a.py", format!("x = '{}'\n", secret()));
    repo.add(".gitattributes", "*.py diff=trap filter=trap -text\n* export-ignore\n");
    repo.git(&["commit", "-q", "--no-verify", "-m", "bad"]);
    let bad = repo.git(&["rev-parse", "HEAD"]);
    // What replaces it is harmless.
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.add("a.py", "x = 1\n");
    repo.commit("fine");
    let fine = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["checkout", "-q", "-f", "main"]);
    repo.git(&["replace", &bad, &fine]);
    let blobs = |commit: &str| repo.git(&["--no-replace-objects", "rev-parse", &format!("{commit}:a.py")]);
    repo.git(&["replace", &blobs(&bad), &blobs(&fine)]);
    for (setting, name) in [
        ("core.fsmonitor", "fsmonitor"),
        ("diff.external", "external"),
        ("diff.trap.textconv", "textconv"),
        ("diff.trap.command", "command"),
        ("filter.trap.clean", "clean"),
        ("filter.trap.smudge", "smudge"),
        ("core.pager", "pager"),
        ("core.sshCommand", "ssh"),
        ("core.editor", "editor"),
        ("gpg.program", "gpg"),
        ("core.alternateRefsCommand", "refs"),
    ] {
        let path = trap(&repo, name);
        repo.git(&["config", setting, &path]);
    }
    for (setting, value) in [
        ("diff.relative", "true"),
        ("diff.renames", "copies"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.orderFile", "/dev/null"),
        ("core.quotePath", "true"),
        ("log.showSignature", "true"),
        ("color.ui", "always"),
        ("core.abbrev", "4"),
    ] {
        repo.git(&["config", setting, value]);
    }
    let hook = trap(&repo, "hook");
    std::fs::create_dir_all(repo.path(".git/hooks")).expect("a folder");
    for name in ["post-index-change", "pre-commit", "reference-transaction", "fsmonitor-watchman"] {
        std::fs::copy(&hook, repo.path(&format!(".git/hooks/{name}"))).expect("a hook");
    }
    // The set-up itself has sprung some.
    let sprung = repo.world.path("sprung");
    if sprung.exists() {
        repo.world.away("sprung");
    }
    assert_eq!(repo.rules(&["--range", &format!("{start}..{bad}")]), pairs(&[("API_KEY", "a.py")]));
    repo.world.file("index.py", format!("y = '{}'\n", secret()));
    let id = repo.git(&["hash-object", "-w", "--no-filters", "../index.py"]);
    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},sub/b.py")]);
    if sprung.exists() {
        repo.world.away("sprung");
    }
    let rules = repo.rules(&["--staged"]);
    assert!(rules.contains(&("API_KEY".to_owned(), "sub/b.py".to_owned())), "{rules:?}");
    let variables = [
        ("GIT_EXTERNAL_DIFF", trap(&repo, "variable")),
        ("GIT_PAGER", trap(&repo, "pager")),
        ("GIT_SSH_COMMAND", trap(&repo, "ssh")),
    ];
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(repo.guard_with(&["--staged"], &variables).code, 1);
    assert!(!sprung.exists(), "{}", std::fs::read_to_string(&sprung).unwrap_or_default());
}

#[test]
fn variables_of_git_lead_to_no_other_repository() {
    let (repo, other) = (Repo::started(), Repo::started());
    repo.add("a.py", format!("x = '{}'\n", secret()));
    let theirs = other.path(".git").display().to_string();
    let said = repo.guard_with(&["--staged"], &[("GIT_DIR", &theirs)]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("GIT_DIR"), "{}", said.err);
    let index = other.path(".git/index").display().to_string();
    let said = repo.guard_with(&["--staged"], &[("GIT_INDEX_FILE", &index)]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("GIT_INDEX_FILE"), "{}", said.err);
    let objects = other.path(".git/objects").display().to_string();
    for (name, value) in [
        ("GIT_DIR", ".git"),
        ("GIT_INDEX_FILE", ".git/index"),
        ("GIT_OBJECT_DIRECTORY", objects.as_str()),
        ("GIT_WORK_TREE", "/"),
        ("GIT_COMMON_DIR", &theirs),
        ("GIT_NAMESPACE", "x"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_str()),
        ("GIT_DIFF_OPTS", "-u0"),
        ("GIT_LITERAL_PATHSPECS", "0"),
    ] {
        let said = repo.guard_with(&["--staged"], &[(name, value)]);
        assert_eq!(said.code, 1, "{name}: {}", said.err);
    }
    // A repository beside its work tree is known by its variables alone.
    std::fs::create_dir_all(repo.world.path("beside")).expect("a folder");
    let own = repo.path(".git").display().to_string();
    let mut command = repo.command(env!("CARGO_BIN_EXE_custody"), "beside");
    let output = command.args(["guard", "--staged"]).env("GIT_DIR", own).env("GIT_WORK_TREE", ".").output();
    assert_eq!(output.expect("custody runs").status.code(), Some(1));
}

#[test]
fn shallow_clones_work_trees_and_bare_repositories() {
    let repo = Repo::started();
    for number in 0..3 {
        repo.add("a.py", format!("x{number} = '{}'\n", secret()));
        repo.commit("more");
    }
    let url = format!("file://{}", repo.path("").display());
    repo.git(&["clone", "-q", "--depth", "1", &url, "../shallow"]);
    let run = |folder: &str, args: &[&str]| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_custody"), folder);
        let output = command.arg("guard").args(args).output().expect("custody runs");
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap_or(-1), said)
    };
    let (code, said) = run("shallow", &["--range", "HEAD"]);
    assert!(code == 1 && said.contains("note: a shallow clone"), "{said}");
    assert_eq!(run("shallow", &["--range", "HEAD~2..HEAD"]).0, 2, "what is not here is no beginning");
    repo.git(&["clone", "-q", "--bare", ".", "../bare"]);
    let (code, said) = run("bare", &["--staged"]);
    assert!(code == 2 && said.contains("bare"), "{said}");
    assert_eq!(run("bare", &["--range", "HEAD~1..HEAD"]).0, 1);
    repo.git(&["worktree", "add", "-q", "../tree"]);
    assert_eq!(run("tree", &["--staged"]).0, 2, "its own index is as its HEAD is");
    repo.world.file("tree/b.py", format!("y = '{}'\n", secret()));
    let added = repo.command("git", "tree").args(["add", "b.py"]).status().expect("git runs");
    assert!(added.success());
    assert_eq!(run("tree", &["--staged"]).0, 1);
    // From a folder further down, what is staged elsewhere counts too.
    std::fs::create_dir_all(repo.world.path("tree/deep/down")).expect("folders");
    assert_eq!(run("tree/deep/down", &["--staged"]).0, 1);
    // An object that is missing is not taken for an empty one.
    let blob = repo.git(&["rev-parse", "HEAD:a.py"]);
    let object = format!("r/.git/objects/{}/{}", &blob[..2], &blob[2..]);
    repo.world.away(&object);
    let rules = repo.rules(&["--range", "HEAD~1..HEAD"]);
    assert_eq!(rules, pairs(&[("unread", "a.py")]));
}

#[test]
fn repositories_with_longer_ids() {
    let repo = Repo { world: crate::program::World::new() };
    std::fs::create_dir_all(repo.world.path("r")).expect("a folder");
    repo.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    repo.add("a.py", format!("x = '{}'\n", secret()));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "a.py")]), "before the first commit");
    repo.commit("one");
    assert_eq!(repo.rules(&["--range", "HEAD"]), pairs(&[("API_KEY", "a.py")]));
}
