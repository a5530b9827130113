//! A credential that the store keeps is found in what is redacted, in every form, and shown by no command: not in the
//! store, in no output, in no temporary file.

use crate::cli_store::{custody, new_store, objects};
use crate::program::{Said, World, files_below};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

/// No rule finds it by its form.
const CANARY: &str = "marsh lantern/copper+ümber";

/// What each command is run with; a command that is not here fails the test.
const COMMANDS: &[(&str, &[&str])] = &[
    ("approve", &["00000000"]),
    ("completions", &["bash"]),
    ("doctor", &["--contents"]),
    ("erase", &["--subject", "none.csv", "--reason", "request"]),
    ("export", &[]),
    ("guard", &["in"]),
    ("hold ls", &[]),
    ("ingest", &["clean.csv"]),
    ("init", &["--key", "file:keys/other.key"]),
    ("keys rotate", &[]),
    ("ledger checkpoint", &[]),
    ("ledger log", &[]),
    ("ledger verify", &[]),
    ("ls", &["--names"]),
    ("policy check", &[]),
    ("redact", &["in", "-o", "out"]),
    ("retention plan", &[]),
    ("retention status", &[]),
    ("retention sweep", &["--auto"]),
    ("roster build", &["clean.csv", "-o", "roster.index"]),
    ("rules ls", &[]),
    ("scan", &["in", "--explain"]),
    ("secret ls", &[]),
    ("secret rm", &["other"]),
    ("secret rotate", &["raas-token", "--no-input"]),
    ("secret set", &["raas-token", "--stdin"]),
    ("verify", &["out"]),
];

/// Commands whose arguments are not worth more here than none.
const BARE: &[&str] = &[
    "eib", "env", "event", "guard", "hold", "ledger", "policy", "profile", "purge", "roster", "rules",
    "show", "sql", "template",
];

pub(crate) fn with_input(world: &World, args: &[&str], input: &str) -> Said {
    let mut command = world.command();
    command.args(["--store", "store"]).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // What is refused before it is read closes the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends").into()
}

/// The subcommands below one, as its help lists them.
fn below(world: &World, path: &[String]) -> Vec<Vec<String>> {
    let mut args = path.to_vec();
    args.push("--help".to_owned());
    let said = world.run(&args);
    let listed =
        said.out.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names =
        listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|name| !name.is_empty()));
    let paths = names.filter(|name| *name != "help").map(|name| [path, &[name.to_owned()]].concat());
    let all: Vec<Vec<String>> = paths.flat_map(|path| below(world, &path)).collect();
    if all.is_empty() { vec![path.to_vec()] } else { all }
}

fn forms() -> Vec<Vec<u8>> {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect();
    let wide: Vec<u8> = CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let address = "marsh%20lantern%2Fcopper%2B%C3%BCmber".to_owned();
    // What is the same wherever it begins in what was encoded.
    let basic = STANDARD.encode(format!("user:{CANARY}"));
    vec![
        CANARY.as_bytes().to_vec(),
        STANDARD.encode(CANARY).trim_end_matches('=').as_bytes().to_vec(),
        basic.as_bytes()[8..30].to_vec(),
        hex.into_bytes(),
        address.into_bytes(),
        wide,
    ]
}

fn holds(bytes: &[u8]) -> bool {
    forms().iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_slice()))
}

/// Nothing below the world but what was planted on purpose.
fn check(world: &World, said: &Said, what: &str) {
    assert!(!holds(said.out.as_bytes()) && !holds(said.err.as_bytes()), "{what} shows it");
    for path in files_below(&world.path("")) {
        if !path.starts_with(world.path("in")) {
            let bytes = std::fs::read(&path).unwrap_or_default();
            assert!(!holds(&bytes), "{what} leaves it in {}", path.display());
        }
    }
}

fn planted() -> World {
    let world = World::new();
    new_store(&world);
    let said = with_input(&world, &["secret", "set", "raas-token", "--stdin"], &format!("{CANARY}\n"));
    assert_eq!(said.code, 0, "{}", said.err);
    check(&world, &said, "secret set");
    // But for a fragment, and UTF-16: lines of a log.
    let texts: Vec<String> =
        [0, 1, 3, 4].iter().map(|at| String::from_utf8_lossy(&forms()[*at]).into_owned()).collect();
    let basic = STANDARD.encode(format!("user:{CANARY}"));
    world.file(
        "in/a.log",
        format!("x{}y\nAuthorization: Basic {basic}\n{}\n", texts[0], texts[1..].join("\n")),
    );
    world.file("in/b.json", format!("{{\"note\":\"{CANARY}\"}}"));
    world.file("clean.csv", "Employee ID,First Name,Last Name\n900017,Jane,Roe\n");
    world
}

#[test]
fn no_command_shows_a_credential_or_leaves_it_anywhere() {
    let world = planted();
    std::fs::create_dir_all(world.path("tmp")).expect("a folder");
    let known: BTreeSet<&str> = COMMANDS.iter().map(|(path, _)| *path).collect();
    for path in below(&world, &[]) {
        let name = path.join(" ");
        assert!(known.contains(name.as_str()) || BARE.contains(&path[0].as_str()), "{name} is not looked at");
    }
    let tree = below(&world, &[]);
    for path in tree.iter().filter(|path| path[0] != "init" && path.join(" ") != "keys rotate") {
        let name = path.join(" ");
        let given = COMMANDS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, args)| *args);
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.extend(given);
        let mut command = world.command();
        command.args(["--store", "store", "--no-input"]).args(&args).env("TMPDIR", world.path("tmp"));
        let said = Said::from(command.output().expect("it runs"));
        assert_ne!(said.code, 4, "{name}: {}", said.err);
        check(&world, &said, &name);
    }
    // A new store key, and what stands in the records then.
    let said = custody(&world, &["keys", "rotate"]);
    assert_eq!(said.code, 0, "{}", said.err);
    check(&world, &said, "keys rotate");
    assert_eq!(custody(&world, &["scan", "in/b.json"]).code, 1, "it is still found");
}

#[test]
fn what_is_kept_is_found_in_every_form_by_scan_redact_verify_and_guard() {
    let world = planted();
    assert_eq!(custody(&world, &["scan", "in/b.json"]).code, 1);
    assert_eq!(custody(&world, &["guard", "in/b.json"]).code, 1);
    let said = custody(&world, &["redact", "in", "-o", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let log = world.read("out/a.log");
    assert!(log.starts_with("x<API_KEY_1>y\n"), "{log}");
    check(&world, &said, "redact");
    assert_eq!(custody(&world, &["verify", "out"]).code, 0);
    // A bundle that was made without it: verification finds it.
    let said = custody(&world, &["--no-store", "redact", "in/b.json", "-o", "other"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(custody(&world, &["--no-store", "verify", "other"]).code, 0);
    assert_eq!(custody(&world, &["verify", "other"]).code, 1);
    // A store that does not open is no reason to find less in silence.
    std::fs::rename(world.path("keys/store.key"), world.path("keys/away.key")).expect("it moves");
    let said = custody(&world, &["verify", "other"]);
    assert!(said.err.contains("credentials are not looked for"), "{}", said.err);
}

#[test]
fn credentials_are_set_listed_rotated_and_removed() {
    let world = World::new();
    new_store(&world);
    let set = |args: &[&str], value: &str| with_input(&world, args, value).code;
    assert_eq!(set(&["secret", "set", "raas-token", "--stdin"], "first-value-31\r\n"), 0);
    assert_eq!(set(&["secret", "set", "raas-token", "--stdin"], "second-value-47\n"), 1, "there is one");
    assert_eq!(set(&["secret", "rotate", "raas-user", "--stdin"], "second-value-47\n"), 2, "there is none");
    assert_eq!(set(&["secret", "rotate", "raas-token", "--stdin"], "first-value-31"), 1, "the same");
    assert_eq!(set(&["secret", "rotate", "raas-token", "--stdin"], "second-value-47"), 0);
    for wrong in ["short", "two\nlines of it", ""] {
        let said = with_input(&world, &["secret", "set", "other", "--stdin"], wrong);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(wrong.is_empty() || wrong == "short" || !said.err.contains(wrong), "{}", said.err);
    }
    assert_eq!(set(&["--env", "production", "secret", "set", "raas-token", "--stdin"], "third-value-53"), 0);
    let said = custody(&world, &["secret", "set", "other", "--no-input"]);
    assert_eq!(said.code, 2, "{}", said.err);
    assert_eq!(set(&["secret", "set", "a-value-as-argument", "first-value-31"], ""), 2, "never an argument");
    let listed = objects(&world, &["secret", "ls"]);
    let names: Vec<_> =
        listed.iter().map(|one| (one["environment"].as_str(), one["name"].as_str())).collect();
    assert_eq!(names, [(Some("production"), Some("raas-token")), (Some("sandbox"), Some("raas-token"))]);
    assert_eq!(listed[0]["age_days"], 0);
    let keys: BTreeSet<&str> = listed[0].as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["age_days", "by", "environment", "name", "schema", "set"]));
    assert_eq!(objects(&world, &["--env", "sandbox", "secret", "ls"]).len(), 1);
    assert_eq!(custody(&world, &["secret", "rm", "raas-token"]).code, 0);
    assert_eq!(custody(&world, &["secret", "rm", "raas-token"]).code, 2);
    assert_eq!(objects(&world, &["secret", "ls"]).len(), 1);
    assert_eq!(custody(&world, &["doctor"]).code, 0);
}
