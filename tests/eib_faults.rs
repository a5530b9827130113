//! What can go wrong between a plan and its workbook, through the built program: it is killed, two of it run at once, the
//! disk is full, what it was made from is gone. A workbook is there whole or not at all, and an approval is spent once.

use crate::cli_eib::{FILTER, MAIN, approve, cells, hash, plan, world};
use crate::cli_store::{custody, objects};
use crate::program::{Said, World, files_below};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A plan of some people that is approved.
fn approved(world: &World) -> String {
    let plan_hash = hash(&plan(world, &["--where", FILTER]));
    assert_eq!(approve(world, &plan_hash).code, 0);
    plan_hash
}

fn build(world: &World, plan_hash: &str, output: &str) -> Said {
    custody(world, &["eib", "build", plan_hash, "-o", output])
}

/// It can be built now, and it was not before.
fn builds(world: &World, plan_hash: &str, output: &str) {
    let said = build(world, plan_hash, output);
    assert_eq!(said.code, 0, "{output}: {}", said.err);
    assert!(world.path(output).is_file() && world.path(&format!("{output}.receipt.json")).is_file());
}

/// Names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let files = files_below(folder).into_iter();
    files.map(|path| path.strip_prefix(folder).expect("below").to_string_lossy().into_owned()).collect()
}

fn receipt(world: &World, output: &str) -> Value {
    serde_json::from_str(&world.read(&format!("{output}.receipt.json"))).expect("a receipt is whole")
}

/// Endings of the exports in the ledger.
fn endings(world: &World) -> Vec<String> {
    let log = objects(world, &["ledger", "log", "--kind", "export"]);
    let outcomes = log.iter().filter(|entry| entry["form"] == "outcome");
    outcomes.map(|entry| entry["ending"].as_str().expect("an ending").to_owned()).collect()
}

/// Starts a build and kills it: after a while, or as soon as something is there. Says whether it was still running.
fn killed(world: &World, plan_hash: &str, output: &str, when: &mut dyn FnMut() -> bool) -> bool {
    let mut command = world.command();
    command.args(["--store", "store", "eib", "build", plan_hash, "-o", output]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            assert!(status.success(), "it ended by itself: {status}");
            return false;
        }
        if when() {
            child.kill().expect("it can be killed");
            return !child.wait().expect("it ends").success();
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// What is in the folder of outputs is whole, and nothing else is there.
fn whole(world: &World, rows: usize, what: &str) -> usize {
    let mut books = 0;
    for name in names(&world.path("out")) {
        if name.ends_with(".receipt.json") {
            receipt(world, &format!("out/{}", name.trim_end_matches(".receipt.json")));
        } else {
            let is_workbook = Path::new(&name).extension().is_some_and(|ending| ending == "xlsx");
            assert!(is_workbook && !name.starts_with('.'), "{what}: {name} was left");
            let read = cells(world, &format!("out/{name}"), MAIN);
            assert_eq!(read.len(), rows, "{what}: {name}");
            assert!(read.iter().all(|row| row[1].len() == 6 && row[3] == "2026-01-01"), "{what}: {name}");
            books += 1;
        }
    }
    books
}

const PEOPLE: usize = 3_000;

#[test]
fn killed_at_any_moment_it_leaves_a_whole_workbook_or_none_and_can_be_repeated() {
    let world = world(PEOPLE);
    std::fs::create_dir(world.path("out")).expect("a folder");
    let plan_hash = approved(&world);
    let begin = Instant::now();
    assert_eq!(custody(&world, &["eib", "show", &plan_hash]).code, 0);
    // A build takes about as long as that.
    let step = begin.elapsed() / 24;
    let (mut interrupted, mut before) = (0, 0);
    for round in 0..24 {
        let (output, begin) = (format!("out/{round}.xlsx"), Instant::now());
        if !killed(&world, &plan_hash, &output, &mut || begin.elapsed() > step * round) {
            break;
        }
        interrupted += 1;
        let what = format!("killed after {:?}", step * round);
        let books = whole(&world, PEOPLE / 3, &what);
        let doctor = custody(&world, &["doctor", "--contents"]);
        assert_eq!(doctor.code, 0, "{what}: {}", doctor.err);
        let done = endings(&world).iter().filter(|ending| *ending == "done").count();
        assert!(done <= books && books <= before + 1, "{what}: {done} done, {books} workbooks");
        before = books;
        if done > 0 {
            break;
        }
    }
    assert!(interrupted >= 2, "killed {interrupted} times");
    finish(&world, &plan_hash);
}

/// Builds what no run has finished; whatever happened, that works once and no more.
fn finish(world: &World, plan_hash: &str) {
    if !endings(world).contains(&"done".to_owned()) {
        builds(world, plan_hash, "out/last.xlsx");
    }
    whole(world, PEOPLE / 3, "in the end");
    let again = build(world, plan_hash, "out/again.xlsx");
    assert_eq!(again.code, 1, "{}", again.err);
    assert!(again.err.contains("the plan was built"), "{}", again.err);
    assert_eq!(endings(world).iter().filter(|ending| *ending == "done").count(), 1);
}

/// The moments that count: the workbook is in place, and the ledger may or may not say so.
#[test]
fn killed_as_soon_as_the_workbook_is_there_the_store_knows_of_it() {
    let world = world(PEOPLE);
    std::fs::create_dir(world.path("out")).expect("a folder");
    let plan_hash = approved(&world);
    for (round, late) in [0, 200, 1_000, 5_000].into_iter().enumerate() {
        let output = format!("out/{round}.xlsx");
        let there = world.path(&output);
        let mut when = || there.exists() && (std::thread::sleep(Duration::from_micros(late)), true).1;
        if !killed(&world, &plan_hash, &output, &mut when) {
            break;
        }
        whole(&world, PEOPLE / 3, "killed as soon as it was there");
        let places = objects(&world, &["ls", "--copies", "--query", "kind=location"]);
        assert!(places.len() > round, "round {round}: a copy outside that nobody knows of: {places:?}");
        if endings(&world).contains(&"done".to_owned()) {
            break;
        }
    }
    finish(&world, &plan_hash);
}

#[test]
fn two_that_build_one_plan_at_once_build_it_once() {
    let world = world(300);
    let plan_hash = approved(&world);
    let start = |output: &str| {
        let mut command = world.command();
        command.args(["--store", "store", "eib", "build", &plan_hash, "-o", output]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let both = [start("one.xlsx"), start("other.xlsx")];
    let said = both.map(|child| Said::from(child.wait_with_output().expect("it ends")));
    let won = said.iter().filter(|said| said.code == 0).count();
    assert_eq!(won, 1, "{said:?}");
    let lost = said.iter().find(|said| said.code != 0).expect("the other one");
    let refused = lost.code == 1 && lost.err.contains("the plan was built");
    let waited = lost.code == 2 && lost.err.contains("another custody process");
    assert!(refused || waited, "{} {}", lost.code, lost.err);
    let there = ["one.xlsx", "other.xlsx"].iter().filter(|name| world.path(name).exists()).count();
    assert_eq!((there, endings(&world)), (1, vec!["done".to_owned()]));
}

#[test]
fn an_output_that_cannot_be_is_refused_and_costs_nothing() {
    let world = world(30);
    let plan_hash = approved(&world);
    world.file("there.xlsx", "theirs");
    world.file("free.xlsx.receipt.json", "theirs");
    std::fs::create_dir(world.path("folder.xlsx")).expect("a folder");
    std::os::unix::fs::symlink("nowhere", world.path("link.xlsx")).expect("a link");
    for (output, why) in [
        ("missing/out.xlsx", "no such folder"),
        ("workers.csv/out.xlsx", "no such folder"),
        ("there.xlsx", "exists already"),
        ("folder.xlsx", "exists already"),
        ("link.xlsx", "exists already"),
        ("free.xlsx", "free.xlsx.receipt.json: exists already"),
        ("store/out.xlsx", "lies in the store"),
        ("store/blobs/out.xlsx", "lies in the store"),
        ("/proc/out.xlsx", ""),
    ] {
        let said = build(&world, &plan_hash, output);
        assert_eq!(said.code, 2, "{output}: {}", said.err);
        assert!(said.err.contains(why), "{output}: {}", said.err);
    }
    assert_eq!(
        (world.read("there.xlsx"), world.read("free.xlsx.receipt.json")),
        ("theirs".to_owned(), "theirs".to_owned())
    );
    assert!(!world.path("free.xlsx").exists() && !world.path("nowhere").exists());
    assert_eq!(custody(&world, &["doctor"]).code, 0);
    builds(&world, &plan_hash, "out.xlsx");
}

/// In a mount namespace of its own, where the machine lets one make one.
#[test]
fn a_full_disk_leaves_nothing_and_costs_nothing() {
    let world = world(3_000);
    let plan_hash = approved(&world);
    std::fs::create_dir(world.path("full")).expect("a folder");
    let program = env!("CARGO_BIN_EXE_custody");
    let script = format!(
        "mount -t tmpfs -o size=16k,nr_inodes=20 t full || exit 77\n\
         {program} --store store eib build {plan_hash} -o full/out.xlsx\ncode=$?\nls -A full\nexit $code"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script]).current_dir(world.path(""));
    command.env("XDG_DATA_HOME", world.path("data"));
    let Ok(output) = command.output() else { return };
    let said = Said::from(output);
    if said.code == 77 || said.err.starts_with("unshare:") {
        return;
    }
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    assert_eq!(said.out.trim(), "", "something was left: {}", said.err);
    assert_eq!(endings(&world), ["failed"]);
    builds(&world, &plan_hash, "out.xlsx");
}

#[test]
fn what_a_plan_was_made_from_has_to_be_there() {
    let world = world(30);
    let plan_hash = approved(&world);
    let items = objects(&world, &["ls"]);
    let report = items.iter().find(|item| item["kind"] == "artifact").expect("the report");
    let id = report["id"].as_str().expect("an ID");
    let asked = custody(&world, &["purge", id, "--reason", "planted reason"]);
    let digits = asked.err.split("--yes ").nth(1).expect("the digits").trim()[..8].to_owned();
    let said = custody(&world, &["purge", id, "--reason", "planted reason", "--yes", &digits]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = build(&world, &plan_hash, "out.xlsx");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("make a new plan") && !world.path("out.xlsx").exists(), "{}", said.err);
    let late = approve(&world, &plan_hash);
    assert_eq!(late.code, 1, "{}", late.err);
    let said = custody(&world, &["eib", "show", &plan_hash]);
    assert_ne!(said.code, 0, "{}", said.out);
}

/// One bit of what a plan needs: the table, or what was asked for.
#[test]
fn a_damaged_blob_builds_nothing() {
    let world = world(300);
    let plan_hash = approved(&world);
    let items = objects(&world, &["ls", "--copies"]);
    for (kind, format) in [("table", "report"), ("plan", "json")] {
        let item = items.iter().find(|item| item["kind"] == kind && item["format"] == format);
        let id = item.unwrap_or_else(|| panic!("no {kind}: {items:?}"))["id"].as_str().expect("an ID");
        let blob = world.path(&format!("store/blobs/{}/{id}.blob", &id[..2]));
        let good = std::fs::read(&blob).expect("the blob");
        for place in 1..6 {
            let mut bytes = good.clone();
            let at = bytes.len() * place / 6;
            bytes[at] ^= 1 << place;
            std::fs::write(&blob, &bytes).expect("damaged");
            let said = build(&world, &plan_hash, "out.xlsx");
            assert_eq!(said.code, 4, "{kind}, byte {at} of {}: {}", good.len(), said.err);
            assert!(!said.err.contains("mistake in custody"), "{}", said.err);
            assert_eq!(names(&world.path("")).iter().filter(|name| name.contains("out.xlsx")).count(), 0);
        }
        std::fs::write(&blob, &good).expect("as it was");
    }
    builds(&world, &plan_hash, "out.xlsx");
}

#[test]
fn approved_twice_it_is_built_once() {
    let world = world(30);
    let plan_hash = approved(&world);
    let twice = approve(&world, &plan_hash);
    assert_eq!(twice.code, 0, "{}", twice.err);
    let other =
        custody(&world, &["--as", "second", "approve", &plan_hash, "--show", "--yes", &plan_hash[..8]]);
    assert_eq!(other.code, 0, "{}", other.err);
    let wrong = custody(&world, &["approve", &plan_hash, "--yes", "00000000"]);
    assert_eq!(wrong.code, 2, "another plan's digits: {}", wrong.err);
    builds(&world, &plan_hash, "out.xlsx");
    let again = build(&world, &plan_hash, "again.xlsx");
    assert_eq!(again.code, 1, "{}", again.err);
    let late = approve(&world, &plan_hash);
    assert_eq!(late.code, 1, "what was built cannot be approved: {}", late.err);
}

/// A sheet ends at row 32,000. No key may be in two files, nor missing.
#[test]
fn too_many_rows_for_a_sheet_go_into_numbered_files() {
    let world = world(40_000);
    let larger = ["env", "add", "sandbox", "--kind", "sandbox", "--rows-max", "40000"];
    assert_eq!(custody(&world, &larger).code, 0);
    let planned = plan(&world, &["--all", "--reason", "planted reason"]);
    let plan_hash = hash(&planned);
    assert_eq!(approve(&world, &plan_hash).code, 0);
    world.file("out-2.xlsx", "theirs");
    let said = build(&world, &plan_hash, "out.xlsx");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("out-2.xlsx: exists already"), "{}", said.err);
    assert!(!world.path("out-1.xlsx").exists() && !world.path("out.xlsx.receipt.json").exists());
    world.away("out-2.xlsx");
    let said = build(&world, &plan_hash, "out.xlsx");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!world.path("out.xlsx").exists());
    let receipt = receipt(&world, "out.xlsx");
    let files = receipt["files"].as_array().expect("files");
    let (mut keys, mut people) = (Vec::new(), Vec::new());
    for (file, name) in files.iter().zip(["out-1.xlsx", "out-2.xlsx"]) {
        assert_eq!(file["name"], name);
        let bytes = std::fs::read(world.path(name)).expect("the workbook");
        assert_eq!(file["blake3"].as_str(), Some(&*blake3::hash(&bytes).to_hex()));
        for row in cells(&world, name, MAIN) {
            keys.push(row[0].parse::<u32>().expect("a key"));
            people.push(row[1].clone());
        }
    }
    assert_eq!((files.len(), keys.len()), (2, 40_000));
    assert!(keys.iter().copied().eq(1..=40_000), "keys go on from file to file");
    let wanted: Vec<String> = (4_711..44_711).map(|number| format!("{number:06}")).collect();
    assert_eq!(people, wanted);
}
