//! The second verifier's command line: what it is told, what it says, and how it ends. The example `ledger-verify`
//! is nothing but this; it needs no store, no secret and none of the crate's code.

use crate::independent::{check_folder, check_proof, checkpoint, notes_in};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::{Path, PathBuf};

/// How to call it.
pub(crate) const USAGE: &str = "\
usage: ledger-verify --key VKEY|FILE LEDGER_FOLDER [--since FILE|FOLDER]...
       ledger-verify --key VKEY|FILE --proof FILE.tlog-proof

Verifies a ledger, or one entry by its proof, with the ledger's verifier key (name+hash+base64).
--since compares it to checkpoints that were remembered elsewhere; it can be given more than once.
Exit code: 0 it verifies, 1 it does not, 2 it could not be checked.";

/// The names of acts, by number.
const ACTS: [&str; 24] = [
    "ingest",
    "reveal",
    "redact",
    "release",
    "plan",
    "approve",
    "export",
    "hold",
    "unhold",
    "purge",
    "erase",
    "event",
    "rotate",
    "govern",
    "recover",
    "heartbeat",
    "use",
    "sweep",
    "mark",
    "pin",
    "unpin",
    "scan",
    "roster",
    "init",
];

/// How it ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It verifies.
    Verified(String),
    /// It does not.
    Wrong(String),
    /// It could not be checked.
    Unchecked(String),
}

#[derive(Default)]
struct Told {
    key: Option<String>,
    folder: Option<PathBuf>,
    since: Vec<PathBuf>,
    proof: Option<PathBuf>,
}

/// Does what the arguments say.
pub(crate) fn run(arguments: &[String]) -> End {
    match told(arguments).and_then(prepare) {
        Ok(work) => work(),
        Err(why) => End::Unchecked(why),
    }
}

fn told(arguments: &[String]) -> Result<Told, String> {
    let mut told = Told::default();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().cloned().ok_or_else(|| USAGE.to_owned());
        match argument.as_str() {
            "--key" => told.key = Some(value()?),
            "--since" => told.since.push(value()?.into()),
            "--proof" => told.proof = Some(value()?.into()),
            folder if !folder.starts_with('-') && told.folder.is_none() => told.folder = Some(folder.into()),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(told)
}

type Work = Box<dyn FnOnce() -> End>;

fn prepare(told: Told) -> Result<Work, String> {
    let key = told.key.ok_or(USAGE)?;
    let key = if Path::new(&key).is_file() { read(Path::new(&key))?.trim().to_owned() } else { key };
    match (told.folder, told.proof) {
        (Some(folder), None) => {
            fs::metadata(folder.join("entries.ledger")).map_err(|e| format!("no ledger there: {e}"))?;
            let mut notes = Vec::new();
            for path in told.since {
                notes.extend(remembered(&path, &key)?);
            }
            Ok(Box::new(move || ledger(&folder, &key, &notes)))
        }
        (None, Some(path)) if told.since.is_empty() => {
            let text = read(&path)?;
            Ok(Box::new(move || proof(&text, &key)))
        }
        _ => Err(USAGE.to_owned()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The checkpoints of the key's ledger in a file, or in the files of a folder.
fn remembered(path: &Path, key: &str) -> Result<Vec<String>, String> {
    let origin = key.split('+').next().unwrap_or_default();
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        let listed = fs::read_dir(path).map_err(|e| e.to_string())?;
        files = listed.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == "checkpoint" || e == "checkpoints"));
    }
    let mut notes = Vec::new();
    for file in files {
        notes.extend(notes_in(&read(&file)?).into_iter().filter(|note| note.lines().next() == Some(origin)));
    }
    if notes.is_empty() { Err("no checkpoint of this ledger is remembered there".into()) } else { Ok(notes) }
}

fn ledger(folder: &Path, key: &str, notes: &[String]) -> End {
    let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
    match check_folder(folder, key, &notes) {
        Err(why) => End::Wrong(format!("does not verify: {why}")),
        Ok(seen) => End::Verified(format!(
            "verified: {} entries, root {}, {} intents without an outcome, {} remembered checkpoints",
            seen.entries.len(),
            STANDARD.encode(seen.root),
            seen.open_intents,
            notes.len()
        )),
    }
}

fn proof(text: &str, key: &str) -> End {
    match check_proof(text, key) {
        Err(why) => End::Wrong(format!("does not verify: {why}")),
        Ok((index, entry, size)) => {
            let note = text.split_once("\n\n").map_or("", |(_, note)| note);
            let root = checkpoint(note, key).map(|(_, root)| STANDARD.encode(root)).unwrap_or_default();
            End::Verified(format!("verified: entry {index} of {size}, root {root}\n{}", words(&entry)))
        }
    }
}

/// An entry in words.
fn words(entry: &[u8]) -> String {
    let (form, act) = match entry {
        [1, 1, act @ ..] => ("intent".to_owned(), act),
        [1, 2, ending, rest @ ..] if rest.len() >= 8 => {
            let ending =
                ["done", "already done", "refused", "failed", "partial"].get(usize::from(*ending) - 1);
            let intent = rest[..8].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            (format!("outcome of {intent}, {}", ending.unwrap_or(&"?")), &rest[8..])
        }
        _ => return "the first entry".to_owned(),
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (Some(kind), Some(time), Some(user)) = (act.first(), act.get(1..9), act.get(9..25)) else {
        return form;
    };
    let kind = ACTS.get(usize::from(*kind).wrapping_sub(1)).unwrap_or(&"?");
    let time = time.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let subjects = act.get(27..).unwrap_or_default().chunks_exact(33);
    let subjects: String =
        subjects.map(|subject| format!("\n  subject {} {}", subject[0], hex(&subject[1..]))).collect();
    format!("{kind}: {form}, at {time} ms, by u-{}{subjects}", hex(user))
}
