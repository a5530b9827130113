//! The scanner's speed: `scan_speed [LOG] [ROUNDS]` scans a log, or one made from a seed, with all recognizers, names and
//! structure; then with a roster of a million people; with two threads; and in chunks. CPU seconds, each beside
//! `rg` and the machine's limit in the same run. Prints a table; asserts nothing. `benches/scanner.rs` is this as a bench.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

#[path = "bench_support/mod.rs"]
mod bench_support;

use bench_support::{
    KEY, PEOPLE, Seed, children_cpu_s, cpu_s, log_of, peak_mb, roster_index, rows, shipped_rules,
};
use custody_rules::{Candidate, Roster, RosterPass, RosterScratch, RuleSet, ScanStream, Scanner};
use regex_syntax::ParserBuilder;
use std::fs::{self, File};
use std::io::Read as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

/// Score from which a candidate counts, as in the `balanced` profile.
const THRESHOLD: f32 = 0.5;
/// Rounds that count, behind one that fills the caches.
const ROUNDS: usize = 5;
/// Bytes of a chunk of the stream, and of a block that the roster is looked for in.
const CHUNK_BYTES: usize = 1 << 20;
/// With this argument it streams a file, with a roster or without, and says what memory that took.
pub(crate) const STREAM: &str = "--stream";

/// What the rows are put beside.
struct Peers {
    /// MB a second of CPU; `None` without ripgrep.
    rg: Option<f64>,
    lines: f64,
}

/// What all rounds read.
struct Bench<'a> {
    scanner: &'a Scanner,
    roster: &'a Roster,
    log: &'a str,
    rounds: usize,
    peers: Peers,
}

pub(crate) fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().is_some_and(|arg| arg == STREAM) {
        return stream(Path::new(&args[1]), args.get(2).map(Path::new));
    }
    let rounds = args.get(1).map_or(ROUNDS, |rounds| rounds.parse().expect("a number of rounds"));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let seed = Seed::new(4711);
    let rows = rows(&seed);
    let (path, log) = match args.first() {
        Some(path) => (PathBuf::from(path), fs::read_to_string(path).expect("a log in UTF-8")),
        None => (dir.path().join("log"), log_of(&rows, &seed)),
    };
    if args.is_empty() {
        fs::write(&path, &log).expect("written");
    }
    println!("| what | figure | over `rg` | of counting lines |\n|---|---|---|---|");
    let cpu = cpu_s();
    let scanner = Scanner::with_floor(Arc::new(shipped_rules()), THRESHOLD).expect("compiles");
    plain("start-up: recognizers read and compiled", &format!("{:.0} ms of CPU", (cpu_s() - cpu) * 1e3));
    let index = dir.path().join("people.roster");
    fs::write(&index, roster_index(&rows, scanner.rules())).expect("written");
    drop(rows);
    let roster = Roster::map(&File::open(&index).expect("there"), &KEY, scanner.rules()).expect("sound");
    let megabytes = log.len() as f64 / 1e6;
    let peers = Peers {
        rg: ripgrep(scanner.rules(), &path, dir.path()).map(|seconds| megabytes / seconds),
        lines: line_ends(&log),
    };
    let bench = Bench { scanner: &scanner, roster: &roster, log: &log, rounds, peers };
    bench.alone();
    bench.with_roster();
    bench.threads();
    memory(&path, None);
    memory(&path, Some(&index));
}

/// A row without ratios.
fn plain(what: &str, figure: &str) {
    println!("| {what} | {figure} | | |");
}

impl Bench<'_> {
    /// A row of a speed: best and median of the rounds, the first one apart.
    fn row(&self, what: &str, mut round: impl FnMut() -> usize) {
        let mut measured = || {
            let cpu = cpu_s();
            let found = round();
            (self.log.len() as f64 / 1e6 / (cpu_s() - cpu), found)
        };
        let (first, _) = measured();
        let mut rounds: Vec<_> = (0..self.rounds.max(1)).map(|_| measured()).collect();
        rounds.sort_by(|left, right| right.0.total_cmp(&left.0));
        let ((best, found), (median, _)) = (rounds[0], rounds[rounds.len() / 2]);
        let over = self.peers.rg.map_or("-".to_owned(), |rg| format!("{:.2}×", best / rg));
        println!(
            "| {what} | {best:.0} MB/s of CPU (median {median:.0}, first {first:.0}), {found} candidates | {over} | {:.3} |",
            best / self.peers.lines
        );
    }

    fn alone(&self) {
        let (mut scratch, mut found) = (self.scanner.scratch(), Vec::new());
        self.row("all recognizers, names and structure, lines of one buffer", || {
            found.clear();
            self.scanner.scan_lines(self.log, &mut scratch, &mut found);
            sure(&found)
        });
        self.row("the same, as bytes in chunks of 1 MiB", || {
            found.clear();
            let mut stream = ScanStream::new(self.scanner, &mut scratch);
            self.log.as_bytes().chunks(CHUNK_BYTES).for_each(|chunk| stream.push(chunk, &mut found));
            stream.finish(&mut found);
            sure(&found)
        });
        let ends = memchr::memchr_iter(b'\n', self.log.as_bytes()).map(|at| at + 1);
        let offsets: Vec<i64> =
            [0].into_iter().chain(ends).map(|at| i64::try_from(at).expect("memory has room")).collect();
        let mut elements = Vec::new();
        self.row("the same, as an Arrow array of lines", || {
            elements.clear();
            let buffers = (self.log.as_bytes(), offsets.as_slice());
            self.scanner.scan_values(buffers, None, &mut scratch, &mut elements).expect("an array");
            elements.iter().filter(|(_, candidate)| candidate.score >= THRESHOLD).count()
        });
    }

    /// The roster is asked with each line, as redaction does, and block by block behind it.
    fn with_roster(&self) {
        let (mut scratch, mut found) = (self.scanner.scratch(), Vec::new());
        let (mut space, mut hits) = (RosterScratch::default(), Vec::new());
        for (how, by_line) in [("line by line", true), ("in blocks of 1 MiB", false)] {
            self.row(&format!("the same + roster of {PEOPLE} × 4, any case, {how}"), || {
                found.clear();
                hits.clear();
                for block in blocks(self.log) {
                    if by_line {
                        let mut people =
                            RosterPass { roster: self.roster, scratch: &mut space, hits: &mut hits };
                        self.scanner.scan_lines_with_roster(block, &mut scratch, &mut found, &mut people);
                    } else {
                        self.scanner.scan_lines(block, &mut scratch, &mut found);
                        self.roster.find_in(block, false, &mut space, &mut hits);
                    }
                }
                sure(&found) + hits.iter().filter(|hit| hit.score >= THRESHOLD).count()
            });
        }
    }

    fn threads(&self) {
        let (mut scratches, mut found) = (Vec::new(), Vec::new());
        let mut round = |threads: usize, best: &mut (f64, f64)| {
            let threads = NonZeroUsize::new(threads).expect("one or two");
            found.clear();
            let (cpu, wall) = (cpu_s(), Instant::now());
            self.scanner.scan_lines_parallel(self.log, (threads, &mut scratches), &mut found);
            *best = (best.0.min(wall.elapsed().as_secs_f64()), best.1.min(cpu_s() - cpu));
        };
        // One after the other, so that what else the machine does is the same for both.
        let (mut one, mut two) = ((f64::MAX, f64::MAX), (f64::MAX, f64::MAX));
        round(2, &mut (0.0, 0.0));
        for _ in 0..self.rounds.max(1) {
            round(1, &mut one);
            round(2, &mut two);
        }
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let figure = format!(
            "{:.2}× by wall time, {:.2}× the CPU time ({cores} cores here; {:.0} and {:.0} MB/s of wall time)",
            one.0 / two.0,
            two.1 / one.1,
            self.log.len() as f64 / 1e6 / one.0,
            self.log.len() as f64 / 1e6 / two.0
        );
        plain("two threads over one", &figure);
    }
}

fn sure(found: &[Candidate]) -> usize {
    found.iter().filter(|candidate| candidate.score >= THRESHOLD).count()
}

/// Whole lines, about a chunk at a time.
fn blocks(log: &str) -> impl Iterator<Item = &str> {
    let mut rest = log;
    std::iter::from_fn(move || {
        let from = rest.len().min(CHUNK_BYTES);
        let end = memchr::memchr(b'\n', &rest.as_bytes()[from..]).map_or(rest.len(), |at| from + at + 1);
        let (block, behind) = rest.split_at(end);
        rest = behind;
        (!block.is_empty()).then_some(block)
    })
}

/// Streams a file as a process of its own does, and prints what memory that took.
fn stream(path: &Path, index: Option<&Path>) {
    let scanner = Scanner::with_floor(Arc::new(shipped_rules()), THRESHOLD).expect("compiles");
    let roster = index
        .map(|index| Roster::map(&File::open(index).expect("there"), &KEY, scanner.rules()).expect("sound"));
    let (mut scratch, mut space) = (scanner.scratch(), RosterScratch::default());
    let (mut found, mut hits, mut count) = (Vec::new(), Vec::new(), 0);
    let mut file = File::open(path).expect("the log");
    let mut chunk = vec![0; CHUNK_BYTES];
    let before = peak_mb();
    let mut stream = ScanStream::new(&scanner, &mut scratch);
    loop {
        let read = file.read(&mut chunk).expect("the log");
        if read == 0 {
            break;
        }
        stream.push(&chunk[..read], &mut found);
        if let Some(roster) = &roster {
            // What lies over the chunk's borders does not matter for memory.
            String::from_utf8_lossy(&chunk[..read])
                .lines()
                .for_each(|line| roster.find_in(line, false, &mut space, &mut hits));
        }
        count += sure(&found) + hits.iter().filter(|hit| hit.score >= THRESHOLD).count();
        found.clear();
        hits.clear();
    }
    stream.finish(&mut found);
    println!("{before:.0} {:.0} {}", peak_mb(), count + sure(&found));
}

fn memory(path: &Path, index: Option<&Path>) {
    let program = std::env::current_exe().expect("this program");
    let done = Command::new(program).arg(STREAM).arg(path).args(index).output().expect("runs");
    assert!(done.status.success(), "streaming failed");
    let said = String::from_utf8_lossy(&done.stdout);
    let numbers: Vec<&str> = said.split_whitespace().collect();
    let [before, after, count] = numbers[..] else { panic!("three numbers") };
    let what = match index {
        None => "peak memory of a process that streams the log in chunks of 1 MiB",
        Some(_) => "the same with the roster, mapped",
    };
    plain(what, &format!("{after} MB resident, {before} of it before the first chunk; {count} candidates"));
}

/// CPU seconds of ripgrep counting lines with the alternation of all patterns; `None` where it is not installed.
fn ripgrep(rules: &RuleSet, log: &Path, dir: &Path) -> Option<f64> {
    let what = "peer: `rg -c` with the alternation of all patterns";
    let file = dir.join("patterns");
    let patterns: Vec<String> =
        rules.recognizers().iter().flat_map(|r| &r.syntax.patterns).map(|p| peer_pattern(&p.regex)).collect();
    fs::write(&file, patterns.join("\n") + "\n").expect("written");
    let cpu = children_cpu_s();
    let limits = ["--no-config", "--regex-size-limit=2G", "--dfa-size-limit=2G"];
    let peer = Command::new("rg").args(limits).args(["-c", "-f"]).arg(&file).arg(log).output();
    let Ok(peer) = peer else {
        plain(what, "`rg` is not installed: no ratio");
        return None;
    };
    let seconds = children_cpu_s() - cpu;
    if !peer.status.success() {
        let said = String::from_utf8_lossy(&peer.stderr);
        plain(what, &format!("no ratio: {}", said.lines().last().unwrap_or("`rg` failed")));
        return None;
    }
    let megabytes = fs::metadata(log).expect("the log").len() as f64 / 1e6;
    let lines = String::from_utf8_lossy(&peer.stdout);
    let (count, speed) = (patterns.len(), megabytes / seconds);
    plain(what, &format!("{speed:.1} MB/s of CPU with its start, {count} patterns, {} lines", lines.trim()));
    Some(seconds)
}

/// A pattern in words that every version of ripgrep knows, without the name of its group, which may stand once only. Line
/// ends, which a search of lines never meets, become carriage returns.
fn peer_pattern(pattern: &str) -> String {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).multi_line(true).build();
    let parsed = parser.parse(pattern).expect("it was compiled before");
    format!("(?:{parsed})").replace("(?P<value>", "(?:").replace(['\r', '\n'], "\\r")
}

/// Counting line ends, MB a second of CPU: what the machine can do at most.
fn line_ends(log: &str) -> f64 {
    let rounds = (0..5).map(|_| {
        let cpu = cpu_s();
        let lines = memchr::memchr_iter(b'\n', log.as_bytes()).count();
        (log.len() as f64 / 1e6 / (cpu_s() - cpu), lines)
    });
    let (speed, lines) = rounds.max_by(|left, right| left.0.total_cmp(&right.0)).expect("five rounds");
    plain("limit: `memchr` counting line ends", &format!("{speed:.0} MB/s of CPU, {lines} lines"));
    speed
}
