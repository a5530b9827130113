//! The roster at scale: an index of a million people from a seed, and a log read with it. CPU seconds, each
//! beside a peer measured in the same run. Prints a table; asserts nothing. `benches/roster.rs` is this as a bench.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

#[path = "bench_support/mod.rs"]
mod bench_support;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use bench_support::{KEY, PEOPLE, Row, Seed, children_cpu_s, cpu_s, log_of, peak_mb, roster_index, rows};
use custody_rules::{Roster, RosterScratch, RuleSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Names the peer looks for: with a million it would need gigabytes.
const PEER_NAMES: usize = 100_000;
pub(crate) fn main() {
    let seed = Seed::new(4711);
    let rows = rows(&seed);
    let rules = RuleSet::load(&[]).expect("the entities that are built in");
    println!("| stage | figure |\n|---|---|");
    let cpu = cpu_s();
    let bytes = roster_index(&rows, &rules);
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
    let roster = Roster::map(&fs::File::open(&path).expect("there"), &KEY, &rules).expect("sound");
    let load_ms = wall.elapsed().as_secs_f64() * 1e3;
    let info = roster.info();
    println!("| load: map, checksum, filters | {load_ms:.0} ms |");
    println!("| size | {:.1} MB, {} keys |", info.size_bytes as f64 / 1e6, info.keys);
    let log = mixed_case_log(&rows, &seed);
    search(&roster, &log);
    ripgrep(&rows, &log, dir.path());
    peers(&rows, &log);
}

/// The log with every third line in capitals.
fn mixed_case_log(rows: &[Row], seed: &Seed) -> String {
    let mut log = log_of(rows, seed).into_bytes();
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
