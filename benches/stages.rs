//! One bench a stage, through the built program: CPU seconds of the whole process tree, each beside a peer or
//! a limit of the machine measured in the same run. Prints a table; nothing is asserted.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod process;
#[allow(unused_imports, reason = "without the test harness its own tests are empty")]
#[path = "../tests/support/mod.rs"]
mod support;

use custody_ingest::FileReader;
use custody_rules::{Limits, Reader};
use process::{cpu_s, custody, measure};
use std::fs;
use std::path::Path;
use std::time::Instant;
use support::page::{Layout, Look, draw};
use support::pen::Face;
use support::people::Cast;
use support::planted::{Kind, Truth};
use support::recording::{Take, record};
use support::seed::Seed;

/// Bytes of the log, and of what the readers alone read.
const LOG_BYTES: u64 = 64 << 20;
const READ_BYTES: usize = 256 << 20;
/// Seconds of the recording.
const RECORDING_SECONDS: u32 = 20;

fn main() {
    // `cargo test --benches` runs benches too: only `cargo bench` measures.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary folder");
    let seed = Seed::new(4711);
    let cast = Cast::new(&seed, 200);
    fs::write(dir.path().join("roster.csv"), cast.roster_csv()).expect("roster");
    println!("| stage | figure | CPU s | wall s | beside it |\n|---|---|---|---|---|");
    readers(dir.path());
    text(dir.path(), &cast, &seed);
    page(dir.path(), &cast, &seed);
    recording(dir.path(), &cast, &seed);
}

fn row(stage: &str, figure: &str, (cpu, wall): (f64, f64), beside: &str) {
    println!("| {stage} | {figure} | {cpu:.2} | {wall:.2} | {beside} |");
}

/// Readers alone: text into record batches, nothing looked for.
fn readers(dir: &Path) {
    let line = "2026-11-23T20:41:58.123Z INFO  worker-7 run finished for batch 4711 in 92 ms, 8 rows\n";
    let record =
        "E-100042,\"Example, Ann\",ann.example@example.com,2026-11-23,Engineering,52000.00,EUR,Berlin\n";
    let heading = "ID,Name,Email,Hire Date,Department,Pay,Currency,City\n";
    for (name, first, more) in [("read.log", line, line), ("read.csv", heading, record)] {
        let path = dir.join(name);
        fs::write(&path, first.to_owned() + &more.repeat(READ_BYTES / more.len())).expect("written");
        let megabytes = fs::metadata(&path).expect("there").len() as f64 / 1e6;
        let limits = Limits::default();
        let ([cpu, _], wall) = (cpu_s(), Instant::now());
        let file = fs::File::open(&path).expect("there");
        let sniffed = FileReader.sniff(&file, &limits).expect("text");
        let mut source = FileReader.open(file, sniffed, &limits).expect("text");
        let mut rows = 0;
        while let Some(batch) = source.next_batch().expect("sound") {
            rows += batch.num_rows();
        }
        let took = (cpu_s()[0] - cpu, wall.elapsed().as_secs_f64());
        let (cpu, wall) = (cpu_s(), Instant::now());
        let lines = fs::read(&path).expect("there").iter().filter(|&&byte| byte == b'\n').count();
        let peer = (cpu_s()[0] - cpu[0], wall.elapsed().as_secs_f64());
        let figure = format!("{:.0} MB/s of CPU, {rows} rows", megabytes / took.0);
        let beside = format!("reading it and counting {lines} line ends: {:.0} MB/s", megabytes / peer.0);
        row(&format!("{} of {megabytes:.0} MB into batches", sniffed.kind.as_str()), &figure, took, &beside);
    }
}

fn text(dir: &Path, cast: &Cast, seed: &Seed) {
    let path = dir.join("app.log");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("log"));
    support::log::stream_log(&mut file, cast, LOG_BYTES, seed).expect("written");
    drop(file);
    let megabytes = fs::metadata(&path).expect("log").len() as f64 / 1e6;
    let blake3 = Instant::now();
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut fs::File::open(&path).expect("log"), &mut hasher).expect("read");
    let hashed = megabytes / blake3.elapsed().as_secs_f64();
    let grep = measure(
        "grep",
        &["-c", "-E", "[0-9]{3}-[0-9]{2}-[0-9]{4}|[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", "app.log"],
        dir,
    );
    let beside =
        format!("grep -cE, 2 patterns: {:.0} MB/s; BLAKE3 and reading: {hashed:.0} MB/s", megabytes / grep.0);
    for (name, args) in [
        ("scan, no roster", &["scan", "app.log", "-j", "1", "-q", "--format", "sarif"][..]),
        ("redact and verify", &["redact", "app.log", "-o", "out-a", "-j", "1", "-q"]),
        (
            "the same, roster of 200",
            &["redact", "app.log", "-o", "out-b", "-j", "1", "-q", "--roster", "roster.csv"],
        ),
        (
            "the same, 2 threads",
            &["redact", "app.log", "-o", "out-c", "-j", "2", "-q", "--roster", "roster.csv"],
        ),
    ] {
        let took = custody(args, dir);
        let figure = format!("{:.1} MB/s of CPU, {:.1} MB/s of wall", megabytes / took.0, megabytes / took.1);
        row(&format!("log of {megabytes:.0} MB: {name}"), &figure, took, &beside);
    }
}

fn page(dir: &Path, cast: &Cast, seed: &Seed) {
    fs::create_dir_all(dir.join("pages")).expect("folder");
    for (name, dark) in [("light", false), ("dark", true)] {
        let look = Look { dark, size: 14.0, scale: 1.5, face: Face::Liberation };
        let drawn = draw(Layout::ALL[2], look, cast, seed);
        let file = format!("{name}.png");
        fs::write(dir.join("pages").join(&file), drawn.png()).expect("page");
        let path = format!("pages/{file}");
        let peer = measure("tesseract", &[&path, "-", "--psm", "3", "tsv"], dir);
        let took =
            custody(&["redact", &path, "-o", &format!("out-{name}"), "-q", "--roster", "roster.csv"], dir);
        let (words, size) = (drawn.words.len(), drawn.image.dimensions());
        let figure = format!("{:.1} pages a minute ({}x{}, {words} words)", 60.0 / took.1, size.0, size.1);
        let beside = format!("tesseract --psm 3 alone: {:.2} CPU s, ratio {:.1}", peer.0, took.0 / peer.0);
        row(&format!("{name} page: read, paint, verify"), &figure, took, &beside);
    }
}

fn recording(dir: &Path, cast: &Cast, seed: &Seed) {
    let take = Take { seconds: RECORDING_SECONDS, fps: 25, ..Take::default() };
    for name in ["take.mp4", "take.webm"] {
        let mut truth = Truth::default();
        record(&dir.join(name), take, cast, seed, &mut truth.planter(name, Kind::Recording));
        let peer = measure(
            "ffmpeg",
            &["-v", "error", "-y", "-i", name, "-an", "-preset", "veryfast", &format!("peer-{name}")],
            dir,
        );
        let took =
            custody(&["redact", name, "-o", &format!("out-{name}"), "-q", "--roster", "roster.csv"], dir);
        let figure = format!("{:.2} video seconds a second of wall", f64::from(RECORDING_SECONDS) / took.1);
        let beside = format!("ffmpeg transcode alone: {:.2} CPU s, ratio {:.1}", peer.0, took.0 / peer.0);
        row(
            &format!("{name}, {RECORDING_SECONDS} s of 1280x720 at 25: read, paint, verify"),
            &figure,
            took,
            &beside,
        );
    }
}
