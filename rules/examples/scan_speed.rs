//! How fast the scanner is: `scan_speed LOG [ROUNDS]` scans a file's lines with all recognizers of this folder and
//! prints MB a second of CPU time, round by round. Not a test: nothing is asserted.

use custody_rules::{Candidate, RuleSet, RuleSource, Scanner};
use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::{env, fs};

/// Score from which a candidate counts, as in the `balanced` profile.
const THRESHOLD: f32 = 0.5;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: scan_speed LOG [ROUNDS]")?;
    let rounds: usize = env::args().nth(2).map_or(Ok(3), |rounds| rounds.parse())?;
    let text = fs::read_to_string(path)?;
    let mut out = std::io::stdout().lock();
    let before = cpu_ms()?;
    let scanner = Scanner::with_floor(Arc::new(rules()?), THRESHOLD)?;
    writeln!(out, "rules compiled in {} ms of CPU", cpu_ms()? - before)?;
    let mut scratch = scanner.scratch();
    for _ in 0..rounds {
        let mut found: Vec<Candidate> = Vec::new();
        let before = cpu_ms()?;
        scanner.scan_lines(&text, &mut scratch, &mut found);
        let took = (cpu_ms()? - before).max(1);
        let count = found.iter().filter(|candidate| candidate.score >= THRESHOLD).count();
        let speed = text.len() as f64 / 1e3 / took as f64;
        writeln!(out, "{count} candidates, {speed:.1} MB/s of CPU")?;
    }
    Ok(())
}

fn rules() -> Result<RuleSet, Box<dyn Error>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recognizers");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        files.push((path.display().to_string(), fs::read_to_string(&path)?));
    }
    files.sort();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    RuleSet::load(&sources).map_err(|errors| errors[0].to_string().into())
}

/// Milliseconds of CPU of this process: fields 14 and 15 of proc(5), in ticks of 10 ms.
fn cpu_ms() -> Result<u64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
    Ok((fields[11].parse::<u64>()? + fields[12].parse::<u64>()?) * 10)
}
