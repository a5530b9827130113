//! What stays visible and what is covered needlessly in recordings that move, and what that costs: a minute of work
//! and one recording of each kind of motion through the built program, a third of the people not on the roster. The
//! scorer looks at pixels alone. `recordings [SEED] [NAME…]`; `KEEP=DIR` keeps the files. Asserts nothing. `long`, ten
//! minutes of 1920×1080 for what is resident, is made only when it is named.
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

mod process;
#[allow(unused_imports, reason = "without the test harness its own tests are empty")]
#[path = "../tests/support/mod.rs"]
mod support;

use process::{Took, measure, watched};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::people::Cast;
use support::planted::{Kind, Truth};
use support::recording::Take;
use support::scenes::{Action, play};
use support::score::{Score, score};
use support::seed::Seed;

/// People; two thirds of them are on the roster.
const PEOPLE: usize = 60;
/// Frames a second.
const FPS: u32 = 25;

fn main() {
    // `cargo test --benches` runs benches too: only `cargo bench` measures.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let seed = Seed::new(arguments.iter().find_map(|arg| arg.parse().ok()).unwrap_or(4711));
    let wanted: Vec<&String> = arguments.iter().filter(|arg| arg.parse::<u64>().is_err()).collect();
    let own = tempfile::tempdir().expect("a temporary folder");
    let dir = std::env::var_os("KEEP").map_or_else(|| own.path().to_owned(), PathBuf::from);
    fs::create_dir_all(dir.join("in")).expect("a folder");
    let cast = Cast::new(&seed, PEOPLE);
    fs::write(dir.join("roster.csv"), cast.roster_csv()).expect("a roster");
    println!(
        "| recording | visible of looks | values left | covered needlessly | wall over length | CPU s | MiB at most | exit | repairs | boxes | beside it |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut details = Vec::new();
    let scenes =
        [("minute", Action::Still(support::page::Layout::Card, 0))].into_iter().chain(Action::MOVING);
    let short = Take { fps: FPS, seconds: 60, audio: false, ..Take::default() };
    for (name, action) in scenes.filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name)) {
        let actions = if name == "minute" { Action::MINUTE.to_vec() } else { vec![action] };
        details.extend(one((&dir, name), (short, &actions), &cast, &seed));
    }
    if wanted.iter().any(|wanted| *wanted == "long") {
        let long = Take { fps: 10, seconds: 600, size: (1920, 1080), ..short };
        details.extend(one((&dir, "long"), (long, &Action::MINUTE.repeat(11)), &cast, &seed));
    }
    details.iter().for_each(|line| println!("{line}"));
}

/// Records, redacts and scores one recording; prints its row and returns what is to be said below the table.
fn one(
    (dir, name): (&Path, &str),
    (take, actions): (Take, &[Action]),
    cast: &Cast,
    seed: &Seed,
) -> Vec<String> {
    let file = format!("{name}.mp4");
    let mut truth = Truth::default();
    let take = Take { dark: name.len() % 2 == 0, ..take };
    let input = dir.join("in").join(&file);
    play(&input, (take, actions), cast, &seed.fork(name), &mut truth.planter(&file, Kind::Recording));
    let frames = truth.recordings[&file].iter().map(|word| word.last_frame + 1).max().unwrap_or(0);
    let seconds = f64::from(frames) / f64::from(take.fps);
    let (from, out) = (format!("in/{file}"), format!("out-{name}"));
    let peer_args = ["-v", "error", "-y", "-i", &from, "-an", "-preset", "veryfast", "peer.mp4"];
    let peer = measure("ffmpeg", &peer_args, dir);
    let took = watched(&["redact", &from, "-o", &out, "-q", "--roster", "roster.csv"], dir);
    let all = score(&truth, &dir.join("in"), &dir.join(&out));
    let beside = format!("`ffmpeg` transcode: {:.2} of its length, {:.1} CPU s", peer.1 / seconds, peer.0);
    let score = &all[&Kind::Recording];
    row(&format!("{name}, {seconds:.0} s"), score, (took, seconds), &(manifest(&dir.join(out)), beside));
    let mut said: Vec<String> = score.looks.iter().map(|look| format!("visible: {look}")).collect();
    let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
    for loss in &score.losses {
        let word = loss.split_once(": ").map_or(&**loss, |(_, word)| word);
        *lost.entry(word.split(" at ").next().unwrap_or(word)).or_default() += 1;
    }
    let mut lost: Vec<_> = lost.into_iter().collect();
    lost.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let most: Vec<String> = lost.iter().take(25).map(|(word, count)| format!("{count}× {word}")).collect();
    said.push(format!("{name}: covered needlessly most often: {}", most.join(", ")));
    said
}

fn row(what: &str, score: &Score, (took, seconds): (Took, f64), (manifest, beside): &(String, String)) {
    println!(
        "| {what} | {} of {} ({:.2} %) | {} of {} | {} of {} ({:.2} %) | {:.2} | {:.1} | {} | {} | {manifest} | {beside} |",
        score.appearances_left,
        score.appearances,
        100.0 * score.appearances_left_share(),
        score.left,
        score.planted,
        score.removed,
        score.harmless,
        100.0 * score.removed_share(),
        took.wall / seconds,
        took.cpu,
        took.peak_mib,
        took.code,
    );
}

/// Repairs and boxes, as the manifest tells them.
fn manifest(out: &Path) -> String {
    let text = fs::read_to_string(out.join("custody-manifest.json")).unwrap_or_default();
    let Ok(all) = serde_json::from_str::<serde_json::Value>(&text) else { return "none | ".to_owned() };
    let file = &all["files"][0];
    let count = |name: &str| file[name].as_array().map_or(0, Vec::len);
    format!("{} | {} + {} unread", file["verdict"]["repairs"], count("boxes"), count("unread_boxes"))
}
