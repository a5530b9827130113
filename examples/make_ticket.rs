//! Makes a synthetic ticket folder for the demo, the soak run and the benches:
//! `make_ticket DIR [--seed N] [--log-bytes N] [--pages N] [--people N] [--recording-seconds N]`, and says
//! afterwards what a redaction of it left: `make_ticket score DIR OUT`.
//!
//! Writes `DIR/ticket-4711/`, `DIR/roster.csv` and `DIR/truth.json`. A log of more than 64 MiB is streamed
//! beside the ticket as `DIR/large.log`, without its truth.

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use support::people::Cast;
use support::planted::Truth;
use support::seed::Seed;
use support::ticket::{FOLDER, Size, make_ticket};

/// Bytes up to which a log and its truth are kept in memory.
const PLANTED_LOG_BYTES_MAX: u64 = 64 << 20;

struct Options {
    dir: PathBuf,
    seed: u64,
    log_bytes: u64,
    size: Size,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).peekable();
    if args.next_if_eq("score").is_some() {
        let dir = args.next().ok_or("score DIR OUT")?;
        return show_score(Path::new(&dir), Path::new(&args.next().ok_or("score DIR OUT")?));
    }
    let options = options(args)?;
    std::fs::create_dir_all(&options.dir)?;
    let mut size = options.size;
    if options.log_bytes <= PLANTED_LOG_BYTES_MAX {
        size.log_bytes = options.log_bytes as usize;
    }
    let truth = make_ticket(&options.dir, options.seed, size);
    let mut out = io::stdout().lock();
    writeln!(out, "{} files, {} hidden values", truth.files.len(), truth.planted.len())?;
    if options.log_bytes > PLANTED_LOG_BYTES_MAX {
        let (events, hidden) = large_log(&options)?;
        writeln!(out, "large.log: {events} events, {hidden} hidden values")?;
    }
    Ok(())
}

/// Prints what is left of the hidden values and what is gone of the rest, by kind of artifact; the values
/// themselves are made up, so the first ones left are named.
fn show_score(dir: &Path, out_dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let truth: Truth = serde_json::from_str(&std::fs::read_to_string(dir.join("truth.json"))?)?;
    let mut out = io::stdout().lock();
    for (kind, score) in support::score::score(&truth, &dir.join(FOLDER), out_dir) {
        writeln!(out, "{:<10} {}", format!("{kind:?}"), score.summary())?;
        for leak in score.leaks.iter().take(10) {
            writeln!(out, "    left: {leak}")?;
        }
        // The same word is gone from many lines: once is enough.
        let losses: BTreeSet<_> = score.losses.iter().collect();
        for loss in losses.iter().take(5) {
            writeln!(out, "    gone: {loss}")?;
        }
    }
    Ok(())
}

fn large_log(options: &Options) -> io::Result<(u64, u64)> {
    let seed = Seed::new(options.seed);
    let cast = Cast::new(&seed, options.size.people);
    let mut file = std::fs::File::create(Path::new(&options.dir).join("large.log"))?;
    support::log::stream_log(&mut file, &cast, options.log_bytes, &seed)
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, Box<dyn std::error::Error>> {
    let dir = args.next().ok_or("say where: make_ticket DIR [--seed N] [--log-bytes N] [--pages N]")?;
    let mut options = Options { dir: dir.into(), seed: 4711, log_bytes: 200_000, size: Size::default() };
    while let Some(name) = args.next() {
        let value: u64 = args.next().ok_or("every option takes a number")?.parse()?;
        match name.as_str() {
            "--seed" => options.seed = value,
            "--log-bytes" => options.log_bytes = value,
            "--pages" => options.size.more_pages = usize::try_from(value)?,
            "--people" => options.size.people = usize::try_from(value)?,
            "--recording-seconds" => options.size.take.seconds = u32::try_from(value)?,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    // Tickets name single people by their place in the cast.
    options.size.people = options.size.people.max(12);
    Ok(options)
}
