//! What is left readable and what is covered needlessly on generated pages, and what that costs: layouts × light
//! and dark × scales × PNG and JPEG through the built program, a third of the people not on the roster. The scorer
//! looks at pixels alone. `pages [SEED]`; `KEEP=DIR` keeps the pages and what became of them. Asserts nothing.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod process;
#[allow(unused_imports, reason = "without the test harness its own tests are empty")]
#[path = "../tests/support/mod.rs"]
mod support;

use process::{custody, measure};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::page::{Layout, Look, draw};
use support::pen::Face;
use support::people::Cast;
use support::planted::{Kind, Truth};
use support::score::{Score, score};
use support::seed::Seed;

/// Device pixels per CSS pixel.
const SCALES: [f32; 3] = [1.0, 1.25, 2.0];
/// People; two thirds of them are on the roster.
const PEOPLE: usize = 60;

fn main() {
    // `cargo test --benches` runs benches too: only `cargo bench` measures.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let seed = std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(4711);
    let own = tempfile::tempdir().expect("a temporary folder");
    let dir = std::env::var_os("KEEP").map_or_else(|| own.path().to_owned(), PathBuf::from);
    let (mut truth, mut groups) = (Truth { seed, ..Truth::default() }, BTreeMap::new());
    pages(&dir, &Seed::new(seed), &mut truth, &mut groups);
    println!("| what | left of planted | covered needlessly | CPU s a page | wall s a page | beside it |");
    println!("|---|---|---|---|---|---|");
    let count = truth.files.len() as f64;
    let peer = tesseract(&dir, &truth);
    let roster = ["--roster", "roster.csv"];
    let took = custody(&[&["redact", "in", "-o", "out", "-q", "-j", "1"][..], &roster].concat(), &dir);
    let all = score(&truth, &dir.join("in"), &dir.join("out"));
    let beside =
        format!("`tesseract --psm 3`, reading once: {:.2} CPU s, ratio {:.2}", peer / count, took.0 / peer);
    row(
        &format!("{count} pages: read, paint, verify"),
        &all[&Kind::Picture],
        Some((took.0 / count, took.1 / count)),
        &beside,
    );
    let read = custody(&[&["scan", "in", "-q", "-j", "1", "--format", "sarif"][..], &roster].concat(), &dir);
    let beside = format!("the same peer, ratio {:.2}", read.0 / peer);
    println!("| reading alone | | | {:.2} | {:.2} | {beside} |", read.0 / count, read.1 / count);
    for (group, files) in groups {
        let some = Truth {
            files: files.clone(),
            planted: truth.planted.iter().filter(|p| files.contains(&p.file)).cloned().collect(),
            pictures: truth.pictures.clone(),
            ..Truth::default()
        };
        row(&group, &score(&some, &dir.join("in"), &dir.join("out"))[&Kind::Picture], None, "");
    }
    for leak in &all[&Kind::Picture].leaks {
        println!("left: {leak}");
    }
    let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
    for loss in &all[&Kind::Picture].losses {
        *lost.entry(loss.split_once(": ").map_or(&**loss, |(_, word)| word)).or_default() += 1;
    }
    let mut lost: Vec<_> = lost.into_iter().collect();
    lost.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let most: Vec<String> = lost.iter().take(40).map(|(word, count)| format!("{count}× {word}")).collect();
    println!("covered needlessly most often: {}", most.join(", "));
}

/// Draws all pages; gives the files of each group that has a row of its own.
fn pages(dir: &Path, seed: &Seed, truth: &mut Truth, groups: &mut BTreeMap<String, Vec<String>>) {
    fs::create_dir_all(dir.join("in")).expect("a folder");
    let cast = Cast::new(seed, PEOPLE);
    fs::write(dir.join("roster.csv"), cast.roster_csv()).expect("a roster");
    for layout in Layout::ALL {
        for dark in [false, true] {
            for (number, scale) in SCALES.into_iter().enumerate() {
                let face =
                    if (number + usize::from(dark)) % 2 == 0 { Face::Liberation } else { Face::Dejavu };
                let look = Look { dark, size: [14.0, 13.0, 15.0][number], scale, face };
                let about = format!("{layout:?}-{}-{scale}", if dark { "dark" } else { "light" });
                let drawn = draw(layout, look, &cast, &seed.fork(&about));
                for (ending, bytes) in [("png", drawn.png()), ("jpg", drawn.jpeg())] {
                    let file = format!("{about}.{ending}");
                    fs::write(dir.join("in").join(&file), bytes).expect("a page");
                    drawn.plant(&mut truth.planter(&file, Kind::Picture));
                    let shade = if dark { "dark" } else { "light" };
                    for group in
                        [format!("{layout:?}"), shade.to_owned(), format!("{scale}×"), ending.to_owned()]
                    {
                        groups.entry(group).or_default().push(file.clone());
                    }
                }
            }
        }
    }
}

fn row(what: &str, score: &Score, took: Option<(f64, f64)>, beside: &str) {
    let (cpu, wall) = took
        .map_or((String::new(), String::new()), |(cpu, wall)| (format!("{cpu:.2}"), format!("{wall:.2}")));
    println!(
        "| {what} | {} of {} ({:.2} %) | {} of {} ({:.2} %) | {cpu} | {wall} | {beside} |",
        score.left,
        score.planted,
        100.0 * score.left_share(),
        score.removed,
        score.harmless,
        100.0 * score.removed_share(),
    );
}

/// CPU seconds of `tesseract --psm 3` on all pages, one after the other.
fn tesseract(dir: &Path, truth: &Truth) -> f64 {
    let run = |file: &String| measure("tesseract", &[&format!("in/{file}"), "-", "--psm", "3", "tsv"], dir).0;
    truth.files.iter().map(run).sum()
}
