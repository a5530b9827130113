//! Counts findings in files that hold nothing to find: logs of builds, source code, metrics. For whoever tunes the
//! recognizers. Lines are scanned one by one, as logs are, blocks of lines included.
//!
//! `cargo run --release -p custody-rules --example clean -- FILE… [--show N]` prints findings per MB, and of the
//! first N of each recognizer the line.

#![allow(clippy::print_stdout, reason = "a tool for the terminal")]

use custody_rules::{BlockFinder, BlockState, Candidate, RuleSet, RuleSource, Scanner};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The threshold of the `balanced` profile.
const THRESHOLD: f32 = 0.5;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut files, mut show) = (Vec::new(), 0usize);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--show" {
            show = arguments.next().ok_or("--show N")?.parse()?;
        } else {
            files.push(argument);
        }
    }
    let scanner = Scanner::with_floor(Arc::new(rules()?), THRESHOLD)?;
    let finder = BlockFinder::new(&scanner);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut bytes, mut blocks_time) = (0, Duration::ZERO);
    for file in &files {
        let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
        bytes += text.len();
        let all = findings(&scanner, &finder, &text, &mut blocks_time)?;
        for (candidate, by_lines) in all {
            let rules = scanner.rules();
            let recognizer = rules.recognizer_name(candidate.recognizer);
            let name = format!(
                "{}{}/{recognizer}",
                if by_lines { "lines:" } else { "" },
                rules.entity_name(candidate.entity)
            );
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            if *count <= show {
                println!("{name} {file}: {}", around(&text, &candidate));
            }
        }
    }
    let megabytes = bytes as f64 / 1e6;
    let all: usize = counts.values().sum();
    counts.iter().for_each(|(name, count)| println!("{count:6} {name}"));
    println!("{all} findings in {megabytes:.1} MB: {:.1} per MB", all as f64 / megabytes);
    println!("blocks of lines: {:.0} MB/s", megabytes / blocks_time.as_secs_f64());
    Ok(())
}

/// Findings of a text, and whether the lines before told them.
fn findings(
    scanner: &Scanner,
    finder: &BlockFinder,
    text: &str,
    blocks_time: &mut Duration,
) -> Result<Vec<(Candidate, bool)>, Box<dyn Error>> {
    let mut alone = Vec::new();
    scanner.scan_lines(text, &mut scanner.scratch(), &mut alone);
    let mut all: Vec<(Candidate, bool)> = alone.into_iter().map(|c| (c, false)).collect();
    let before = cpu_time()?;
    let mut state = BlockState::default();
    let (mut out, mut earlier, mut start) = (Vec::new(), Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        finder.line(scanner.labels(), &mut state, bare, (&mut out, &mut earlier));
        all.extend(
            out.drain(..).map(|c| (Candidate { start: start + c.start, end: start + c.end, ..c }, true)),
        );
        start += line.len();
    }
    *blocks_time += cpu_time()?.saturating_sub(before);
    all.retain(|(candidate, _)| candidate.score >= THRESHOLD);
    let mut kept: Vec<(Candidate, bool)> = Vec::new();
    all.sort_by_key(|(c, by_lines)| (c.start, std::cmp::Reverse(c.end), *by_lines));
    for (candidate, by_lines) in all {
        if kept.last().is_none_or(|(last, _)| candidate.start >= last.end) {
            kept.push((candidate, by_lines));
        }
    }
    Ok(kept)
}

/// The finding in its line, `»` and `«` around it.
fn around(text: &str, candidate: &Candidate) -> String {
    let from = text[..candidate.start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[candidate.end..].find('\n').map_or(text.len(), |at| candidate.end + at);
    let from = text.ceil_char_boundary(from.max(candidate.start.saturating_sub(60)));
    let to = text.floor_char_boundary(to.min(candidate.end + 60));
    let value = &text[candidate.start..candidate.end];
    format!("{}»{value}«{}", &text[from..candidate.start], &text[candidate.end..to])
}

fn rules() -> Result<RuleSet, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recognizers");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.display().to_string(), fs::read_to_string(&path)?));
    }
    files.sort();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    RuleSet::load(&sources).map_err(|errors| errors[0].to_string().into())
}

/// CPU time of this process so far: the first field of proc(5) schedstat, in nanoseconds.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/schedstat")?;
    Ok(Duration::from_nanos(stat.split(' ').next().unwrap_or("0").parse()?))
}
