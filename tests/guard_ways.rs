//! More ways past the guard: one content under several names, what stands in headers, comments and tags, what lies behind
//! pointers, objects that are not here yet or not here any more.

use crate::cli_guard::{Repo, pairs, rows, secret, workbook, zip};
use crate::support::pen::{Face, Ink, Palette, Pen};
use image::RgbImage;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn one_content_is_judged_under_each_of_its_names() {
    let repo = Repo::started();
    let start = repo.git(&["rev-parse", "HEAD"]);
    let people = "Employee ID,Legal Name,Email\n21072,Jane Penrose,jane@penrose.io\n";
    // Where authors are named, nothing of it counts.
    repo.add("AUTHORS", people);
    assert_eq!(repo.found(&[]), []);
    repo.add("deep/a.csv", people);
    repo.add("deep/b.csv", people);
    let rules = repo.rules(&[]);
    assert!(rules.contains(&("PERSON".to_owned(), "deep/a.csv".to_owned())), "{rules:?}");
    assert!(!rules.iter().any(|(_, path)| path == "deep/b.csv"), "told once: {rules:?}");
    repo.commit("people");
    let rules = repo.rules(&["--range", &format!("{start}..")]);
    assert!(rules.contains(&("PERSON".to_owned(), "deep/a.csv".to_owned())), "{rules:?}");
    let repo = Repo::started();
    repo.add("a.txt", "nothing of note\n");
    repo.add("server.p12", "nothing of note\n");
    assert_eq!(repo.rules(&[]), pairs(&[("asset-key", "server.p12")]));
}

#[test]
fn lists_that_hold_below_a_path_do_not_hold_elsewhere() {
    let repo = Repo::started();
    repo.world.file(
        "own.toml",
        "[[deny]]\nentity = \"PERSON\"\npaths = [\"b/**\"]\nterms = [\"Project Zephyrine\"]\n",
    );
    repo.add("a/x.md", "about Project Zephyrine\n");
    repo.add("b/x.md", "about Project Zephyrine\n");
    assert_eq!(repo.rules(&[]), []);
    assert_eq!(repo.rules(&["--deny", "../own.toml"]), pairs(&[("PERSON", "b/x.md")]));
}

#[test]
fn a_message_has_no_comments_when_git_keeps_them() {
    let repo = Repo::started();
    assert_eq!(repo.guard(&["install"]).code, 0);
    repo.add("a.txt", "fine\n");
    let said = repo.try_git(&["commit", "-q", "-m", &format!("fine\n\n# {}", secret())]);
    assert!(!said.status.success(), "a line that git keeps");
    repo.git(&["commit", "-q", "-m", "fine\n\n# see #12"]);
    let below = format!(
        "fine\n# ------------------------ >8 ------------------------\n# Do not modify or remove the line above.\n-x = '{}'\n",
        secret()
    );
    repo.world.file("r/m", below);
    assert_eq!(repo.guard(&["--message", "m"]).code, 0, "what git shows below is none of it");
}

#[test]
fn trailers_headers_and_tags_are_texts() {
    let repo = Repo::started();
    repo.world.file("r/m", "fine\n\nSigned-off-by: Jane Penrose <jane@penrose.io>\nCc: John Miller\n");
    let said = repo.guard(&["--message", "m"]);
    assert_eq!(
        (said.code, said.err.contains("58 bytes") || said.err.contains("bytes")),
        (0, true),
        "{}",
        said.out
    );
    repo.world.file("r/m", format!("fine\n\nReviewed-by: {}\n", secret()));
    assert_eq!(repo.guard(&["--message", "m"]).code, 1, "a secret behind a trailer's name");
    repo.add("a.txt", "fine\n");
    let author = format!("{} <jane@penrose.io>", secret());
    repo.git(&["commit", "-q", "--no-verify", "-m", "fine", "--author", &author]);
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), pairs(&[("API_KEY", "(header)")]));
    repo.git(&["commit", "-q", "--amend", "--reset-author", "-m", "fine"]);
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), []);
    repo.git(&["tag", "-a", "-m", &format!("release\n\nwith {}", secret()), "v1"]);
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), pairs(&[("API_KEY", "(message)")]));
    repo.git(&["tag", "-a", "-m", "a tag of a tag", "v2", "v1"]);
    repo.git(&["tag", "-d", "v1"]);
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), pairs(&[("API_KEY", "(message)")]));
}

#[test]
fn a_message_is_looked_at_to_its_end() {
    let repo = Repo::started();
    let line = "this line says nothing of note and is there to be long\n";
    let message = line.repeat((3 << 19) / line.len()) + &secret() + "\n";
    repo.world.file("r/m", &message);
    assert_eq!(repo.guard(&["--message", "m"]).code, 1);
    repo.add("a.txt", "fine\n");
    repo.git(&["commit", "-q", "--no-verify", "-F", "m"]);
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), pairs(&[("API_KEY", "(message)")]));
}

/// Base64 of bytes.
fn base64(bytes: &[u8]) -> String {
    let mut child = Command::new("base64")
        .args(["-w", "0"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("base64 runs");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(bytes).expect("taken");
    drop(pipe);
    String::from_utf8(child.wait_with_output().expect("ends").stdout).expect("digits")
}

#[test]
fn an_archive_in_an_output_of_a_notebook_is_opened() {
    let repo = Repo::started();
    let of = |packed: &[u8]| {
        let packed = base64(packed);
        serde_json::json!({"cells": [{"cell_type": "code", "source": "x", "outputs": [
            {"output_type": "display_data", "data": {"application/zip": packed}}]}], "nbformat": 4})
        .to_string()
    };
    repo.add("a.ipynb", of(&zip(&[("ok.txt", b"fine\n")])));
    assert_eq!(repo.found(&[]), []);
    let bad = zip(&[("list.txt", format!("key {}\n", secret()).as_bytes())]);
    repo.add("a.ipynb", of(&bad));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "a.ipynb!cell 1 output 1.zip!list.txt")]));
    // Notebooks in notebooks end somewhere, and not in silence.
    let mut deep = of(&bad);
    for _ in 0..3 {
        deep = of(&zip(&[("in.ipynb", deep.as_bytes())]));
    }
    repo.add("a.ipynb", deep);
    let rules: Vec<String> = repo.rules(&[]).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(rules, ["unread"]);
}

#[test]
fn what_says_that_it_is_empty_is_looked_at_by_somebody() {
    for (name, bytes) in [("a.zip", zip(&[])), ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec())] {
        let repo = Repo::started();
        repo.add(name, [bytes.as_slice(), b""].concat());
        let rules: Vec<String> = repo.rules(&[]).into_iter().map(|(rule, _)| rule).collect();
        assert!(
            rules.contains(&"unread".to_owned()) || rules.iter().any(|r| r.starts_with("asset-")),
            "{name}: {rules:?}"
        );
    }
    let repo = Repo::started();
    repo.add("a.zip", zip(&[("empty.txt", b"")]));
    repo.add("empty.bin", "");
    assert_eq!(repo.rules(&[]), [], "nothing is nothing");
}

#[test]
fn a_kind_that_is_let_through_is_read_all_the_same() {
    let repo = Repo::started();
    repo.add(".custodyguard.toml", "[assets]\nkey = \"allow\"\ncustody = \"allow\"\n");
    repo.add("server.p12", format!("k = '{}'\n", secret()));
    repo.add("plan.txt", format!("custody-plan 1\nk = '{}'\n", secret()));
    assert_eq!(repo.rules(&[]), pairs(&[("API_KEY", "plan.txt"), ("API_KEY", "server.p12")]));
}

#[test]
fn a_pointer_is_a_text_too_and_an_entry_for_it_holds_for_it_alone() {
    let repo = Repo::started();
    let pointer = |digits: &str, more: &str| {
        format!(
            "version https://git-lfs.github.com/spec/v1\n{more}oid sha256:{}\nsize 30\n",
            digits.repeat(32)
        )
    };
    repo.add("big.csv", pointer("ab", &format!("ext-0-{} sha256:00\n", secret())));
    let mut rules = repo.rules(&[]);
    rules.sort();
    assert_eq!(rules, pairs(&[("API_KEY", "big.csv"), ("unread", "big.csv")]));
    let unread = |digits: &str| {
        repo.add("big.csv", pointer(digits, ""));
        let said = repo.guard(&["--json"]);
        let rows = rows(&said);
        rows[0]["content"].as_str().expect("a hash").to_owned()
    };
    assert_ne!(unread("ab"), unread("cd"), "another content is another matter");
}

#[test]
fn the_allow_list_is_the_one_at_the_top_wherever_the_top_is() {
    let repo = Repo::started();
    repo.world.file("r/sub/.custodyguard.toml", "[assets]\nworkbook = \"allow\"\n");
    repo.git(&["config", "core.worktree", &repo.path("sub").display().to_string()]);
    let run = |folder: &str| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_custody"), folder);
        let output = command.args(["guard", "--staged"]).output().expect("custody runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    std::fs::write(repo.path("sub/a.xlsx"), workbook(&["fine"])).expect("a file");
    let add = |files: &[&str]| {
        let mut command = repo.command("git", "r/sub");
        command.args(["add", "--force"]).args(files).env("GIT_DIR", "../.git").env("GIT_WORK_TREE", ".");
        assert!(command.status().expect("git runs").success());
    };
    add(&["a.xlsx"]);
    let env_dir = |folder: &str| {
        let mut command = repo.command(env!("CARGO_BIN_EXE_custody"), folder);
        let git = repo.path(".git").display().to_string();
        command.args(["guard", "--staged"]).env("GIT_DIR", git).output().expect("custody runs").status.code()
    };
    assert_eq!(run("r").0, Some(1), "it is not staged");
    assert_eq!(env_dir("r/sub"), Some(1));
    add(&[".custodyguard.toml"]);
    let (code, said) = run("r");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(env_dir("r/sub"), Some(0));
}

#[test]
fn links_in_folders_and_folders_themselves() {
    let repo = Repo::started();
    std::fs::create_dir_all(repo.path("in/down")).expect("folders");
    std::os::unix::fs::symlink(format!("/srv/{}/x", secret()), repo.path("in/link")).expect("a link");
    repo.world.file("r/in/down/a.txt", "fine\n");
    assert_eq!(repo.rules(&["in"]), pairs(&[("API_KEY", "in/link (target of the link)")]));
    let allow = |path: &str| {
        let args = ["allow", path, "--rule", "API_KEY", "--reason", "nobody has it", "--expires"];
        repo.guard(&[&args[..], &[crate::cli_guard::soon().as_str()]].concat())
    };
    let said = allow("in");
    assert!(said.code == 2 && said.err.contains("folder"), "{}", said.err);
    assert_eq!(allow("in/link").code, 0);
    assert_eq!(repo.rules(&["in"]), [], "of a link, its target");
}

#[test]
fn a_partial_clone_fetches_nothing() {
    let repo = Repo::started();
    repo.add("a.py", format!("x = '{}'\n", secret()));
    repo.commit("bad");
    repo.git(&["rm", "-q", "a.py"]);
    repo.commit("gone");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    repo.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let url = format!("file://{}", repo.path("").display());
    repo.git(&["clone", "-q", "--filter=blob:none", &url, "../partial"]);
    // The repository says that this protocol may be used.
    let git =
        |args: &[&str]| assert!(repo.command("git", "partial").args(args).status().expect("git").success());
    git(&["config", "protocol.file.allow", "always"]);
    let objects = || {
        let output = repo.command("git", "partial").args(["count-objects", "-v"]).output().expect("git");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let before = objects();
    let mut command = repo.command(env!("CARGO_BIN_EXE_custody"), "partial");
    let output = command.args(["guard", "--range", "HEAD", "--json"]).output().expect("custody runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("\"rule\":\"unread\"") && said.contains("a.py"), "{said}");
    assert_eq!(objects(), before, "nothing was fetched");
}

#[test]
fn a_push_is_looked_at_before_it_is_taken() {
    let repo = Repo::started();
    repo.git(&["clone", "-q", "--bare", ".", "../server"]);
    let hook = format!(
        "#!/bin/sh\nwhile read -r old new name; do '{}' guard --range \"$old..$new\" || exit 1; done\n",
        env!("CARGO_BIN_EXE_custody")
    );
    let hook = repo.world.file("server/hooks/pre-receive", hook);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).expect("permissions");
    repo.add("a.py", "x = 1\n");
    repo.commit("fine");
    repo.git(&["push", "-q", "../server", "main"]);
    repo.add("a.py", format!("x = '{}'\n", secret()));
    repo.commit("bad");
    let said = repo.try_git(&["push", "-q", "../server", "main"]);
    let text = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!said.status.success() && text.contains("API_KEY") && !text.contains(&secret()), "{text}");
    let said = repo.try_git(&["push", "-q", "../server", "main:refs/heads/new"]);
    assert!(!said.status.success(), "a new branch, from nothing on");
}

#[test]
fn a_secret_in_two_lines_of_a_commit_and_in_a_file_of_a_folder() {
    let repo = Repo::started();
    let secret = secret();
    let (one, two) = secret.split_at(11);
    repo.add("a.js", format!("const k = '{one}' +\n  '{two}';\n"));
    repo.commit("bad");
    assert_eq!(repo.rules(&["--range", "HEAD~1.."]), pairs(&[("API_KEY", "a.js")]));
    assert_eq!(repo.rules(&["a.js"]), pairs(&[("API_KEY", "a.js")]));
    repo.world.file("r/m", format!("use {one}\n{two}\n"));
    assert_eq!(repo.guard(&["--message", "m"]).code, 1, "in a message");
}

/// A small screen with somebody's name on it.
fn screen() -> RgbImage {
    let mut pen = Pen::new((640, 240), 1.0, Palette::LIGHT.paper);
    let ink = Ink { face: Face::Liberation, size: 17.0, colour: Palette::LIGHT.ink, value: None };
    for (y, text) in [(60.0, "Hire Reason  New position"), (100.0, "Employee  Maren Korsan")] {
        pen.text(30.0, y, ink, text);
    }
    pen.image
}

#[test]
fn screenshots_and_recordings_are_read() {
    let repo = Repo::started();
    repo.world.file("people.csv", "Employee ID,First Name,Last Name\n900017,Maren,Korsan\n");
    let mut png = std::io::Cursor::new(Vec::new());
    screen().write_to(&mut png, image::ImageFormat::Png).expect("a PNG");
    repo.add("docs/a.png", png.into_inner());
    let roster = ["--roster", "../people.csv"];
    let rules = repo.rules(&roster);
    assert!(rules.contains(&("PERSON".to_owned(), "docs/a.png".to_owned())), "{rules:?}");
    repo.git(&["rm", "-q", "--cached", "docs/a.png"]);
    let mut child = Command::new("ffmpeg")
        .args([
            "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "640x240", "-r", "10", "-i",
            "-",
        ])
        .args(["-c:v", "libx264", "-crf", "14", "-pix_fmt", "yuv420p"])
        .arg(repo.path("a.mp4"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("ffmpeg");
    let mut pipe = child.stdin.take().expect("a pipe");
    (0..10).for_each(|_| pipe.write_all(screen().as_raw()).expect("taken"));
    drop(pipe);
    assert!(child.wait().expect("ends").success());
    repo.git(&["add", "a.mp4"]);
    assert_eq!(repo.rules(&roster), pairs(&[("asset-recording", "a.mp4")]), "refused by kind, and not read");
    repo.add(".custodyguard.toml", "[assets]\nrecording = \"allow\"\n");
    let rules = repo.rules(&roster);
    assert!(rules.contains(&("PERSON".to_owned(), "a.mp4".to_owned())), "{rules:?}");
}
