//! The gate of the triggers: what every pattern finds when it is searched for alone, the engine finds too.

use super::engine::Stretch;
use super::*;
use crate::RuleSource;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::fs;
use std::path::Path;

/// Strings generated for each pattern; `CUSTODY_TRIGGER_STRINGS` asks for more or fewer.
const STRINGS: usize = 3_000;
/// Strings generated for each pattern to compare shapes with.
const SHAPES: usize = 60;
/// Copies of an open repetition beyond the least.
const COPIES_MAX: u64 = 4;

pub(super) fn shipped(floor: f32) -> Scanner {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recognizers");
    let mut files: Vec<_> = fs::read_dir(folder).expect("folder").map(|e| e.expect("entry").path()).collect();
    files.sort();
    let texts: Vec<(String, String)> =
        files.iter().map(|f| (f.display().to_string(), fs::read_to_string(f).expect("UTF-8"))).collect();
    let sources: Vec<_> = texts.iter().map(|(name, text)| RuleSource { name, text }).collect();
    Scanner::with_floor(Arc::new(RuleSet::load(&sources).expect("good")), floor).expect("compiles")
}

/// xorshift64*: the same strings at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Writes something the expression may match; borders are left to chance.
fn generate(hir: &Hir, random: &mut Random, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            // Bytes that are not ASCII come in pairs, as in UTF-8, where the pattern allows it.
            let ranges = class.ranges();
            let range = ranges[random.below(ranges.len() as u64) as usize];
            let width = u64::from(range.end() - range.start()) + 1;
            out.push(range.start() + random.below(width) as u8);
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            let range = ranges[random.below(ranges.len() as u64) as usize];
            let width = range.end() as u64 - range.start() as u64 + 1;
            let code = range.start() as u32 + random.below(width) as u32;
            let c = char::from_u32(code).unwrap_or(range.start());
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        HirKind::Repetition(repetition) => {
            let least = u64::from(repetition.min);
            let most =
                repetition.max.map_or(least + COPIES_MAX, |max| u64::from(max).min(least + COPIES_MAX));
            let copies = least + random.below(most - least + 1);
            (0..copies).for_each(|_| generate(&repetition.sub, random, out));
        }
        HirKind::Capture(capture) => generate(&capture.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| generate(part, random, out)),
        HirKind::Alternation(parts) => {
            generate(&parts[random.below(parts.len() as u64) as usize], random, out);
        }
    }
}

const AROUND: [&str; 22] = [
    "", " ", "  ", "(", ")", "=", "\"", "'", ":", ": ", ",", ".", "-", "_", "x", "9", "ä", "“", "\t", "<",
    ">", "/",
];

fn around(random: &mut Random, words: &[String], out: &mut Vec<u8>) {
    for _ in 0..random.below(3) {
        if !words.is_empty() && random.below(2) == 0 {
            out.extend_from_slice(words[random.below(words.len() as u64) as usize].as_bytes());
        }
        out.extend_from_slice(random.pick(&AROUND).as_bytes());
    }
}

/// What a pattern finds alone and what it finds at the places the engine tells, from the floor up.
fn both(scanner: &Scanner, at: u16, text: &str, scratch: &mut Scratch) -> [Vec<Candidate>; 2] {
    let subject = Subject { text, label: None };
    let Scratch { tried, caches, .. } = scratch;
    let (mut alone, mut told) = (Vec::new(), Vec::new());
    let take = |out: &mut Vec<Candidate>, pattern: &CompiledPattern, span| {
        out.extend(scanner.weigh(pattern, subject, span).filter(|c| c.score >= scanner.floor.max(0.01)));
    };
    scanner.for_matches(at, text, caches, &mut |pattern, span| take(&mut alone, pattern, span));
    if !alone.is_empty() {
        scanner.engine.walk(Stretch { bytes: text.as_bytes(), start: 0, end: text.len() }, None, tried);
        tried.places.sort_unstable();
        tried.places.dedup();
        let starts: Vec<usize> = tried.places.iter().filter(|p| p.0 == at).map(|p| p.1 as usize).collect();
        if tried.lines.contains(&at) {
            scanner.for_matches(at, text, caches, &mut |pattern, span| take(&mut told, pattern, span));
        } else {
            let starts = starts.into_iter();
            scanner
                .for_places((at, starts), text, caches, &mut |pattern, span| take(&mut told, pattern, span));
        }
    }
    [alone, told]
}

/// Generates strings for every pattern; gives what was missed, and how many strings were found alone.
fn missed(scanner: &Scanner, strings: usize) -> (Vec<String>, usize) {
    let mut scratch = scanner.scratch();
    let (mut missed, mut found) = (Vec::new(), 0);
    for (at, pattern) in scanner.patterns.iter().enumerate() {
        let hir = syntax::parse_with(&pattern.source, &pattern_syntax()).expect("compiles");
        let words = &scanner.rules.recognizers()[pattern.recognizer.0 as usize].syntax.context;
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ at as u64);
        for _ in 0..strings {
            let mut bytes = Vec::new();
            around(&mut random, words, &mut bytes);
            generate(&hir, &mut random, &mut bytes);
            around(&mut random, words, &mut bytes);
            let text = String::from_utf8_lossy(&bytes);
            let [alone, told] = both(scanner, at as u16, &text, &mut scratch);
            found += usize::from(!alone.is_empty());
            if alone != told {
                let id = scanner.rules.recognizer_name(pattern.recognizer);
                missed.push(format!("{id}/{}: {text:?}: {} of {}", pattern.name, told.len(), alone.len()));
                break;
            }
        }
    }
    (missed, found)
}

#[test]
fn the_engine_misses_nothing_that_a_pattern_finds_alone() {
    let strings =
        std::env::var("CUSTODY_TRIGGER_STRINGS").ok().and_then(|n| n.parse().ok()).unwrap_or(STRINGS);
    let scanner = shipped(0.5);
    let (missed, found) = missed(&scanner, strings);
    assert!(missed.is_empty(), "{} patterns:\n{}", missed.len(), missed.join("\n"));
    assert!(found > scanner.patterns.len() * strings / 10, "only {found} strings were found at all");
}

/// The same text with other digits in the place of its digits, and other letters in hexadecimal numbers.
fn with_other_digits(text: &str, random: &mut Random) -> String {
    let digit = |random: &mut Random| char::from(b'0' + random.below(10) as u8);
    text.chars().map(|c| if c.is_ascii_digit() { digit(random) } else { c }).collect()
}

/// What is found in a text from the floor up, in order.
fn found(scanner: &Scanner, text: &str, scratch: &mut Scratch) -> Vec<Candidate> {
    let mut out = Vec::new();
    scanner.scan(text, None, scratch, &mut out);
    out.retain(|candidate| candidate.score >= scanner.floor);
    out.sort_by_key(|c| (c.start, c.end, c.recognizer.0, c.entity.0));
    out
}

#[test]
fn a_known_shape_tells_what_a_walk_over_the_line_tells() {
    const HEADS: [&str; 8] = [
        "",
        "a first line of 12 words\nand ",
        "Name:\n",
        "2025-06-10T07:20:00.123Z INFO  [worker-1] runner.session - ",
        "{\"ts\":1749542400000,\"requestId\":\"0e4a3b1c-9d7c-40e4-a3b1-c9d7c0e4a3b1\",\"name\":\"",
        "trace_id=8dcdbb10dfe5c336 span 3F9A20C1 address line 1: ",
        "worker 1 id: ",
        "12 main street, ",
    ];
    let scanner = shipped(0.5);
    let (mut walking, mut knowing) = (scanner.scratch(), scanner.scratch());
    let (mut compared, mut with_finds) = (0, 0);
    for (at, pattern) in scanner.patterns.iter().enumerate() {
        let hir = syntax::parse_with(&pattern.source, &pattern_syntax()).expect("compiles");
        let words = &scanner.rules.recognizers()[pattern.recognizer.0 as usize].syntax.context;
        let mut random = Random(0xd134_2543_de82_ef95 ^ at as u64);
        for _ in 0..SHAPES {
            let mut bytes = random.pick(&HEADS).as_bytes().to_vec();
            around(&mut random, words, &mut bytes);
            generate(&hir, &mut random, &mut bytes);
            around(&mut random, words, &mut bytes);
            bytes.retain(|byte| byte.is_ascii() && (*byte >= b' ' || *byte == b'\n'));
            let text = String::from_utf8(bytes).expect("ASCII");
            // By now the shape is known.
            (0..shape::SEEN_ENOUGH).for_each(|_| drop(found(&scanner, &text, &mut knowing)));
            for text in [with_other_digits(&text, &mut random), text] {
                let told = found(&scanner, &text, &mut knowing);
                let expected = found(&scanner, &text, &mut walking);
                walking.shapes.forget();
                assert_eq!(told, expected, "{}/{}: {text:?}", pattern.recognizer.0, pattern.name);
                compared += 1;
                with_finds += usize::from(!told.is_empty());
            }
        }
    }
    assert!(with_finds > compared / 4, "{with_finds} of {compared}");
}

#[test]
fn parts_give_the_value_that_groups_give() {
    let scanner = shipped(0.5);
    let (mut compared, mut with_parts) = (0, 0);
    for (at, pattern) in scanner.patterns.iter().enumerate() {
        let Some(parts) = &pattern.parts else { continue };
        with_parts += 1;
        let hir = syntax::parse_with(&pattern.source, &pattern_syntax()).expect("compiles");
        let (regex, group) = pattern.regex();
        let group = group.expect("a pattern with parts has a value");
        let mut captures = regex.create_captures();
        let mut random = Random(0xa076_1d64_78bd_642f ^ at as u64);
        for _ in 0..200 {
            let mut bytes = Vec::new();
            around(&mut random, &[], &mut bytes);
            generate(&hir, &mut random, &mut bytes);
            around(&mut random, &[], &mut bytes);
            regex.captures(&bytes, &mut captures);
            let Some(whole) = captures.get_match() else { continue };
            let Some(told) = parts.value((whole.start(), whole.end()), &bytes) else { continue };
            let span = captures.get_group(group).expect("the value is in every match");
            assert_eq!(
                told,
                (span.start, span.end),
                "{}: {:?}",
                pattern.source,
                String::from_utf8_lossy(&bytes)
            );
            compared += 1;
        }
    }
    assert!(with_parts > 100 && compared > 5_000, "{with_parts} patterns, {compared} compared");
}
