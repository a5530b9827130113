//! The roster at scale: an index of a million people from a seed, and a log read with it. CPU seconds, each
//! beside a peer measured in the same run. Prints a table; asserts nothing. `benches/roster.rs` is this as a bench.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../tests/support/log.rs"]
mod log;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../tests/support/people.rs"]
mod people;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../tests/support/planted.rs"]
mod planted;
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the tests need more of it")]
#[allow(clippy::missing_errors_doc, clippy::missing_panics_doc, reason = "test support fails by panicking")]
#[path = "../../tests/support/seed.rs"]
mod seed;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use custody_rules::{Roster, RosterBuilder, RosterColumn, RosterScratch, RuleSet};
use log::stream_log;
use people::{Cast, people};
use seed::Seed;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// People of the roster.
const PEOPLE: usize = 1_000_000;
/// Bytes of the log.
const LOG_BYTES: u64 = 128 << 20;
/// Names the peer looks for: with a million it would need gigabytes.
const PEER_NAMES: usize = 100_000;
/// Syllables that made-up names are put together of.
const SYLLABLES: [&str; 40] = [
    "ba", "bel", "cor", "da", "den", "el", "fa", "fin", "ga", "gor", "ha", "hil", "is", "jo", "ka", "kel",
    "la", "lin", "ma", "mar", "na", "nor", "o", "pa", "per", "qui", "ra", "ros", "sa", "sel", "ta", "tor",
    "u", "va", "ven", "wil", "xa", "yo", "za", "zen",
];
/// Names that are ordinary words too: they stand in every log.
const ORDINARY: [&str; 16] = [
    "May", "Will", "Long", "Price", "Mark", "Page", "Field", "Read", "Post", "Grant", "Young", "White",
    "Case", "Key", "Rose", "Hunter",
];

/// One row: ID, given name, surname, e-mail, phone.
type Row = [String; 5];

pub(crate) fn main() {
    let seed = Seed::new(4711);
    let rows = rows(&seed);
    let rules = RuleSet::load(&[]).expect("the entities that are built in");
    let key = [7; 32];
    println!("| stage | figure |\n|---|---|");
    let cpu = cpu_s();
    let bytes = build(&rows, &rules, &key);
    println!(
        "| build, {PEOPLE} people x 4 fields | {:.2} CPU s, peak {:.0} MB resident |",
        cpu_s() - cpu,
        peak_mb()
    );
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("people.roster");
    fs::write(&path, &bytes).expect("written");
    drop(bytes);
    let wall = Instant::now();
    let roster = Roster::map(&fs::File::open(&path).expect("there"), &key, &rules).expect("sound");
    let load_ms = wall.elapsed().as_secs_f64() * 1e3;
    let info = roster.info();
    println!("| load: map, checksum, filters | {load_ms:.0} ms |");
    println!("| size | {:.1} MB, {} keys |", info.size_bytes as f64 / 1e6, info.keys);
    let log = log(&rows, &seed);
    search(&roster, &log);
    ripgrep(&rows, &log, dir.path());
    peers(&rows, &log);
}

/// CPU seconds of this process from the kernel's accounts.
fn cpu_s() -> f64 {
    ticks(11..13)
}

/// CPU seconds of the processes it has run and waited for.
fn children_cpu_s() -> f64 {
    ticks(13..15)
}

fn ticks(fields: std::ops::Range<usize>) -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("proc");
    let all: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
    all[fields].iter().map(|f| f.parse::<f64>().expect("ticks")).sum::<f64>() / 100.0
}

fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).expect("number") / 1e3
}

fn rows(seed: &Seed) -> Vec<Row> {
    let mut seed = seed.fork("roster");
    (0..PEOPLE).map(|number| row(&mut seed, number)).collect()
}

fn row(seed: &mut Seed, number: usize) -> Row {
    let given = name(seed, 2);
    let family = name(seed, 3);
    let email = format!("{}.{}{number}@example.com", given.to_lowercase(), family.to_lowercase());
    let phone = format!("+1 ({}) 555-{:04}", 200 + number / 10_000 % 800, number % 10_000);
    [format!("{}", 3_000_000 + number * 3), given, family, email, phone]
}

fn name(seed: &mut Seed, syllables: usize) -> String {
    if seed.percent(1) {
        return (*seed.pick(&ORDINARY)).to_owned();
    }
    let mut name: String = (0..syllables).map(|_| *seed.pick(&SYLLABLES)).collect();
    name[..1].make_ascii_uppercase();
    name
}

fn build(rows: &[Row], rules: &RuleSet, key: &[u8; 32]) -> Vec<u8> {
    let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
    let columns = [
        ("Employee ID", Some(id)),
        ("First Name", Some(RosterColumn::GivenName)),
        ("Last Name", Some(RosterColumn::FamilyName)),
        ("Email", Some(RosterColumn::Email)),
        ("Phone", Some(RosterColumn::Phone)),
    ];
    let mut builder = RosterBuilder::new(&columns, rules, key, [9; 16]).expect("columns");
    for row in rows {
        builder.add(&row.each_ref().map(String::as_str), rules).expect("room");
    }
    builder.finish().expect("sound")
}

/// The runner's log with two hundred people of the roster in it; every third line in capitals.
fn log(rows: &[Row], seed: &Seed) -> String {
    let mut cast = people(seed, 200);
    for (person, row) in cast.iter_mut().zip(rows.iter().step_by(4_999)) {
        let [id, given, family, email, phone] = row.clone();
        *person = people::Person { employee_id: id, given, family, email, phone, ..person.clone() };
    }
    let cast = Cast { people: cast, roster_count: 200 };
    let mut log = Vec::new();
    stream_log(&mut log, &cast, LOG_BYTES, seed).expect("memory");
    for line in log.split_mut(|&byte| byte == b'\n').step_by(3) {
        line.make_ascii_uppercase();
    }
    String::from_utf8(log).expect("text")
}

fn search(roster: &Roster, log: &str) {
    let megabytes = log.len() as f64 / 1e6;
    let (mut scratch, mut hits) = (RosterScratch::default(), Vec::new());
    for round in ["first", "second"] {
        hits.clear();
        let cpu = cpu_s();
        roster.find(log, &mut scratch, &mut hits);
        let speed = megabytes / (cpu_s() - cpu);
        let strong = hits.iter().filter(|hit| hit.score >= 0.5).count();
        println!(
            "| whole buffer of {megabytes:.0} MB, {round} | {speed:.0} MB/s of CPU, {strong} finds, {} weak |",
            hits.len() - strong
        );
    }
    hits.clear();
    let cpu = cpu_s();
    log.lines().for_each(|line| roster.find(line, &mut scratch, &mut hits));
    println!("| line by line | {:.0} MB/s of CPU, {} finds |", megabytes / (cpu_s() - cpu), hits.len());
    let clean: String = log
        .lines()
        .filter(|line| !line.contains("INFO") && !line.contains("loaded"))
        .flat_map(|line| [line, "\n"])
        .collect();
    hits.clear();
    let cpu = cpu_s();
    roster.find(&clean, &mut scratch, &mut hits);
    let speed = clean.len() as f64 / 1e6 / (cpu_s() - cpu);
    println!(
        "| lines without people, {:.0} MB | {speed:.0} MB/s of CPU, {} finds |",
        clean.len() as f64 / 1e6,
        hits.len()
    );
}

/// ripgrep with a list of names, letters in the case they have, where it is installed.
fn ripgrep(rows: &[Row], log: &str, dir: &Path) {
    let (list, file) = (dir.join("names"), dir.join("log"));
    let names: String = rows.iter().take(PEER_NAMES).map(|row| format!("{} {}\n", row[1], row[2])).collect();
    fs::write(&list, names).expect("written");
    fs::write(&file, log).expect("written");
    let cpu = children_cpu_s();
    let peer = Command::new("rg").args(["-F", "-c", "-f"]).arg(&list).arg(&file).output();
    let Ok(peer) = peer else { return println!("| peer: ripgrep | not installed |") };
    let seconds = children_cpu_s() - cpu;
    println!(
        "| peer: rg -F -c -f, {PEER_NAMES} names only, in their own case | {:.0} MB/s of CPU with its start, {} lines |",
        log.len() as f64 / 1e6 / seconds,
        String::from_utf8_lossy(&peer.stdout).trim()
    );
}

fn peers(rows: &[Row], log: &str) {
    let megabytes = log.len() as f64 / 1e6;
    let cpu = cpu_s();
    let names = rows.iter().take(PEER_NAMES).map(|row| format!("{} {}", row[1], row[2]));
    let peer = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(names)
        .expect("fits");
    let built = cpu_s() - cpu;
    let cpu = cpu_s();
    let found = peer.find_iter(log).count();
    let speed = megabytes / (cpu_s() - cpu);
    println!(
        "| peer: aho-corasick, {PEER_NAMES} names only | {speed:.0} MB/s of CPU, {found} finds, {built:.1} CPU s and {:.0} MB |",
        peer.memory_usage() as f64 / 1e6
    );
    let cpu = cpu_s();
    let lines = log.bytes().filter(|&byte| byte == b'\n').count();
    println!(
        "| peer: counting {lines} line ends | {:.0} MB/s of CPU |",
        megabytes / (cpu_s() - cpu).max(0.01)
    );
}
