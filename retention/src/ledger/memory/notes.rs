//! Reads remembered checkpoints: one or several in a file, or in the files of a folder. Those of other ledgers may
//! stand beside them; what is no note at all may not.

use super::MemoryError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::VerifierKey;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes of the largest memory that is read.
const MEMORY_BYTES_MAX: u64 = 64 << 20;

/// Reads all checkpoints of the key's ledger from a file, or from the files of a folder whose names end in
/// `.checkpoint` or `.checkpoints`.
///
/// # Errors
/// [`MemoryError::Nothing`] when there is none, [`MemoryError::NotOurs`] when one says that it is this ledger's and
/// does not verify, or a file holds anything but notes; [`MemoryError::Io`].
pub fn read_memory(path: &Path, key: &VerifierKey) -> Result<Vec<Checkpoint>, MemoryError> {
    let reading = MemoryError::io("reading what is remembered");
    let files =
        if fs::metadata(path).map_err(&reading)?.is_dir() { files_in(path)? } else { vec![path.into()] };
    let mut checkpoints = Vec::new();
    for file in files {
        checkpoints.extend(parse(&read(&file)?, key)?);
    }
    if checkpoints.is_empty() { Err(MemoryError::Nothing) } else { Ok(checkpoints) }
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>, MemoryError> {
    let reading = MemoryError::io("reading what is remembered");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(&reading)? {
        let path = entry.map_err(&reading)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let ending = path.extension().is_some_and(|ending| ending == "checkpoint" || ending == "checkpoints");
        if ending && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn read(path: &Path) -> Result<String, MemoryError> {
    let reading = MemoryError::io("reading what is remembered");
    let mut text = String::new();
    let file = File::open(path).map_err(&reading)?;
    let read = file.take(MEMORY_BYTES_MAX + 1).read_to_string(&mut text).map_err(reading)?;
    if read as u64 > MEMORY_BYTES_MAX {
        return Err(MemoryError::NotOurs { why: "too long" });
    }
    Ok(text)
}

/// The checkpoints of the key's ledger among the notes of a text.
pub(super) fn parse(text: &str, key: &VerifierKey) -> Result<Vec<Checkpoint>, MemoryError> {
    let mut checkpoints = Vec::new();
    for note in notes(text)? {
        if note.lines().next() == Some(key.name()) {
            let checkpoint = Checkpoint::parse(note, key);
            checkpoints.push(checkpoint.map_err(|_| MemoryError::NotOurs { why: "it does not verify" })?);
        }
    }
    Ok(checkpoints)
}

/// Takes notes apart that stand one behind the other, with or without empty lines between.
pub(super) fn notes(text: &str) -> Result<Vec<&str>, MemoryError> {
    let (mut notes, mut rest) = (Vec::new(), text.trim_start_matches('\n'));
    while !rest.is_empty() {
        let signatures = rest.find("\n\n— ").ok_or(MemoryError::NotOurs { why: "not a signed note" })? + 2;
        let lines = rest[signatures..].split_inclusive('\n').take_while(|line| line.starts_with("— "));
        let (note, behind) = rest.split_at(signatures + lines.map(str::len).sum::<usize>());
        notes.push(note);
        rest = behind.trim_start_matches('\n');
    }
    Ok(notes)
}
