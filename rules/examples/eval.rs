//! Measures the recognizers against labelled cases, for whoever tunes them: the table of `custody rules eval`
//! and, with `--missed N`, what was missed and what was false. Uses the scanner alone: no roster, no decoding.
//!
//! `cargo run --release -p custody-rules --example eval -- FILE… [--missed N] [--entity E]`

#![allow(clippy::print_stdout, reason = "a tool for the terminal")]

use custody_rules::eval::{Case, Evaluation, Hit, Mistakes, read_cases};
use custody_rules::{Candidate, EntityId, RuleSet, RuleSource, Scanner, Scratch};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The threshold of the `balanced` profile.
const THRESHOLD: f32 = 0.5;

struct Options {
    files: Vec<String>,
    missed: usize,
    entity: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let scanner = scanner()?;
    let mut scratch = scanner.scratch();
    let mut evaluation = Evaluation::new(scanner.rules());
    let mut shown = BTreeMap::new();
    for file in &options.files {
        read_cases(file, open(file)?, &mut |case| {
            let mistakes = evaluation.run(&case, &mut |line, only| find(&scanner, line, only, &mut scratch));
            show(&options, (file, &case), &mistakes, &mut shown);
        })?;
    }
    print!("{}", evaluation.report().table());
    Ok(())
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { files: Vec::new(), missed: 0, entity: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--missed" => options.missed = arguments.next().ok_or("--missed N")?.parse()?,
            "--entity" => options.entity = Some(arguments.next().ok_or("--entity E")?),
            _ => options.files.push(argument),
        }
    }
    if options.files.is_empty() { Err("FILE… [--missed N] [--entity E]".into()) } else { Ok(options) }
}

fn scanner() -> Result<Scanner, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recognizers");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push((path.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    files.sort();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let rules = RuleSet::load(&sources)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    Ok(Scanner::new(Arc::new(rules))?)
}

fn open(file: &str) -> Result<Box<dyn BufRead>, Box<dyn Error>> {
    let reader = BufReader::new(File::open(file).map_err(|error| format!("{file}: {error}"))?);
    let packed = Path::new(file).extension().is_some_and(|e| e == "gz");
    Ok(if packed {
        Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// What the product would find, or nearly: the longest of overlapping findings, then the surest.
fn find(scanner: &Scanner, line: &str, only: Option<&[EntityId]>, scratch: &mut Scratch) -> Vec<Hit> {
    let mut all: Vec<Candidate> = Vec::new();
    if let Some(only) = only {
        scanner.scan_any_score(line, only, scratch, &mut all);
    } else {
        scanner.scan(line, None, scratch, &mut all);
        all.retain(|candidate| candidate.score >= THRESHOLD);
    }
    all.sort_by(|a, b| {
        (b.end - b.start)
            .cmp(&(a.end - a.start))
            .then(b.score.total_cmp(&a.score))
            .then(a.start.cmp(&b.start))
    });
    let mut hits: Vec<Hit> = Vec::new();
    for Candidate { start, end, entity, score, .. } in all {
        if !hits.iter().any(|hit| hit.start <= start && end <= hit.end) {
            hits.push(Hit { start, end, entity, score });
        }
    }
    hits
}

fn show(
    options: &Options,
    (file, case): (&str, &Case),
    mistakes: &Mistakes,
    shown: &mut BTreeMap<(&'static str, String), usize>,
) {
    for (kind, all) in [("missed", &mistakes.missed), ("false", &mistakes.false_findings)] {
        for (entity, place) in all {
            if options.entity.as_ref().is_some_and(|wanted| wanted != entity) {
                continue;
            }
            let count = shown.entry((kind, entity.clone())).or_default();
            *count += 1;
            if *count <= options.missed {
                println!("{kind} {entity} {file}:{}: {}", case.line, around(&case.text, place));
            }
        }
    }
}

/// The place in its surroundings, `»` and `«` around it.
fn around(text: &str, place: &Range<usize>) -> String {
    let part =
        |from: usize, to: usize| text.chars().skip(from).take(to.saturating_sub(from)).collect::<String>();
    let before = part(place.start.saturating_sub(40), place.start);
    let value = part(place.start, place.end.min(place.start + 300));
    format!("{before}»{value}«{}", part(place.end, place.end + 30)).replace('\n', "⏎")
}
