//! What is left readable and what is covered needlessly on generated pages, and what that costs: layouts × light
//! and dark × scales × PNG and JPEG through the built program, a third of the people not on the roster. The scorer
//! looks at pixels alone. `pages [SEED]`; `KEEP=DIR` keeps the pages and what became of them; `PRESIDIO=PYTHON` names
//! a Python that has presidio-image-redactor, as a peer. Asserts nothing.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod process;
#[allow(unused_imports, reason = "without the test harness its own tests are empty")]
#[path = "../tests/support/mod.rs"]
mod support;

use process::{custody, measure};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::page::{Artist, Layout, Look, draw};
use support::pen::{Face, Ink};
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
    presidio(&dir, &truth, took.0);
    let read = custody(&[&["scan", "in", "-q", "-j", "1", "--format", "sarif"][..], &roster].concat(), &dir);
    let beside = format!("the same peer, ratio {:.2}", read.0 / peer);
    println!("| reading alone | | | {:.2} | {:.2} | {beside} |", read.0 / count, read.1 / count);
    dense(&dir, &Seed::new(seed));
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

/// The same pages by presidio-image-redactor, if there is one.
fn presidio(dir: &Path, truth: &Truth, own: f64) {
    let Some(python) = std::env::var_os("PRESIDIO") else {
        println!("| presidio-image-redactor: name a Python that has it in PRESIDIO | | | | | |");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/presidio_image.py");
    let (cpu, wall) = measure(&python.to_string_lossy(), &[script, "in", "peer", "roster.csv"], dir);
    let count = truth.files.len() as f64;
    let peer = score(truth, &dir.join("in"), &dir.join("peer"));
    let beside = format!("custody takes {:.2} times that", own / cpu);
    let took = Some((cpu / count, wall / count));
    row("presidio-image-redactor, roster as deny-lists", &peer[&Kind::Picture], took, &beside);
}

/// Pages of 1920×1080 with some 500 words, read once; and the same page again, and again with another word.
fn dense(dir: &Path, seed: &Seed) {
    let cast = Cast::new(seed, PEOPLE);
    for (layout, dark) in [(Layout::Console, false), (Layout::Console, true), (Layout::Table, false)] {
        let folder = dir.join(format!("dense-{layout:?}-{dark}"));
        let page = |clock: u32| {
            let look = Look { dark, size: 15.0, scale: 1.0, face: Face::Liberation };
            let mut artist = Artist::new((1920, 1080), look, &cast, &seed.fork("dense"));
            artist.screen(layout);
            let ink = Ink { face: Face::Liberation, size: 15.0, colour: image::Rgb([128; 3]), value: None };
            artist.pen.text(1840.0, 1070.0, ink, &format!("10:{clock:02}"));
            artist.finish()
        };
        let read = |name: &str, pages: &[u32]| {
            let within = folder.join(name);
            fs::create_dir_all(&within).expect("a folder");
            if pages.is_empty() {
                image::RgbImage::new(64, 64).save(within.join("blank.png")).expect("a page");
            }
            for &clock in pages {
                fs::write(within.join(format!("{clock:02}.png")), page(clock).png()).expect("a page");
            }
            let median = |mut runs: Vec<f64>| {
                runs.sort_by(f64::total_cmp);
                runs[runs.len() / 2]
            };
            median((0..3).map(|_| custody(&["scan", name, "-q", "-j", "1"], &folder).0).collect())
        };
        let clocks: Vec<u32> = (10..31).collect();
        let (nothing, once, often) = (read("none", &[]), read("one", &clocks[..1]), read("many", &clocks));
        let again = (often - once) / (clocks.len() - 1) as f64;
        let peer = measure("tesseract", &["one/10.png", "-", "--psm", "3", "tsv"], &folder).0;
        println!(
            "| {} words, 1920×1080, {layout:?}{}: reading alone | | | {:.2} | | `tesseract --psm 3` {peer:.2} CPU s, ratio {:.2} (without the program's start-up of {nothing:.2} s: {:.2}) |",
            page(10).words.len(),
            if dark { ", dark" } else { "" },
            once,
            once / peer,
            (once - nothing) / peer,
        );
        println!("| the same page with another clock, each of twenty | | | {again:.3} | | |");
    }
}

/// CPU seconds of `tesseract --psm 3` on all pages, one after the other.
fn tesseract(dir: &Path, truth: &Truth) -> f64 {
    let run = |file: &String| measure("tesseract", &[&format!("in/{file}"), "-", "--psm", "3", "tsv"], dir).0;
    truth.files.iter().map(run).sum()
}
