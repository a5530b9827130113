//! A second verifier, written from docs/ledger-format.md and the public specifications alone: nothing of the
//! crate's own code is used by it. It is slow and plain, and keeps everything in memory.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// What it read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) root: [u8; 32],
    pub(crate) open_intents: usize,
}

/// Verifies a ledger's folder with a verifier key `name+hash+key`.
pub(crate) fn check_folder(folder: &Path, vkey: &str, remembered: &[&str]) -> Result<Seen, String> {
    let bytes = fs::read(folder.join("entries.ledger")).map_err(|e| e.to_string())?;
    let mut notes = Vec::new();
    for file in fs::read_dir(folder.join("checkpoints")).map_err(|e| e.to_string())? {
        let path = file.map_err(|e| e.to_string())?.path();
        if path.extension().is_some_and(|ending| ending == "checkpoint") {
            notes.push(fs::read_to_string(path).map_err(|e| e.to_string())?);
        }
    }
    if notes.is_empty() {
        return Err("no checkpoint".into());
    }
    notes.extend(remembered.iter().map(|note| (*note).to_owned()));
    check(&bytes, vkey, &notes)
}

/// Verifies the bytes of a file of entries against checkpoints.
pub(crate) fn check(bytes: &[u8], vkey: &str, notes: &[String]) -> Result<Seen, String> {
    let entries = records(bytes)?;
    let open_intents = meaning(&entries, vkey.split('+').next().unwrap_or_default())?;
    let leaves: Vec<[u8; 32]> = entries.iter().map(|(entry, _)| sha(&[&[0], entry])).collect();
    for note in notes {
        let (size, root) = checkpoint(note, vkey)?;
        let covered = leaves.get(..size).ok_or_else(|| format!("{} entries of {size}", leaves.len()))?;
        if tree(covered) != root {
            return Err(format!("the first {size} entries were rewritten"));
        }
    }
    let entries = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(Seen { entries, root: tree(&leaves), open_intents })
}

fn sha(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

/// MTH of RFC 6962, section 2.1, word for word.
fn tree(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => sha(&[]),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            sha(&[&[1], &tree(&leaves[..k]), &tree(&leaves[k..])])
        }
    }
}

/// CRC-32C bit by bit: reflected polynomial 0x82F63B78.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 };
        }
    }
    !crc
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The entries with the first index of each one's batch.
fn records(bytes: &[u8]) -> Result<Vec<(Vec<u8>, u64)>, String> {
    if !bytes.starts_with(b"custody-ledger 1") {
        return Err("not a ledger".into());
    }
    let (mut at, mut entries, mut batch) = (16, Vec::new(), 0);
    while at < bytes.len() {
        let bad = || format!("record {} at {at}", entries.len());
        let head = bytes.get(at..at + 24).ok_or_else(bad)?;
        let length = number(&head[4..8]) as usize;
        let framed = bytes.get(at..at + 24 + length).ok_or_else(bad)?;
        let check = bytes.get(at + 24 + length..at + 28 + length).ok_or_else(bad)?;
        let (index, first, expected) = (number(&head[8..16]), number(&head[16..24]), entries.len() as u64);
        let in_place = index == expected && (first == batch || first == index);
        if head[..4] != [0xC5, b'L', b'R', 1] || number(check) != u64::from(crc32c(framed)) || !in_place {
            return Err(bad());
        }
        batch = first;
        entries.push((framed[24..].to_vec(), batch));
        at += 28 + length;
    }
    Ok(entries)
}

/// Checks every entry's form, and outcomes against intents; returns how many intents are open.
fn meaning(entries: &[(Vec<u8>, u64)], origin: &str) -> Result<usize, String> {
    let mut open = HashMap::new();
    for (index, (entry, batch)) in (0..).zip(entries) {
        let bad = || format!("entry {index}");
        let (kind, act) = match entry.as_slice() {
            [1, 0, length, name @ ..] if index == 0 => {
                let same = name.len() == usize::from(*length) && name == origin.as_bytes();
                same.then_some(()).ok_or_else(bad)?;
                continue;
            }
            [1, 1, act @ ..] if index > 0 => (0, act),
            [1, 2, ending @ 1..=5, rest @ ..] if index > 0 && rest.len() >= 8 => (*ending, &rest[8..]),
            _ => return Err(bad()),
        };
        let count = act.get(25..27).map(number).ok_or_else(bad)? as usize;
        let subjects = &act[27..];
        let valid = (1..=24).contains(&act[0]) && count <= 1024 && subjects.len() == 33 * count;
        if !valid || subjects.chunks(33).any(|subject| !(1..=17).contains(&subject[0])) {
            return Err(bad());
        }
        if kind == 0 {
            open.insert(index, act[0]);
        } else {
            let intent = number(&entry[3..11]);
            if intent >= *batch || open.remove(&intent) != Some(act[0]) {
                return Err(bad());
            }
        }
    }
    if entries.is_empty() { Err("no entry".into()) } else { Ok(open.len()) }
}

/// Verifies a checkpoint; returns its size and root.
fn checkpoint(note: &str, vkey: &str) -> Result<(usize, [u8; 32]), String> {
    let bad = || "checkpoint".to_owned();
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    let (name, key) = (parts[0], STANDARD.decode(parts[2]).map_err(|e| e.to_string())?);
    let (text, signature) = note.rsplit_once("\n\n").ok_or_else(bad)?;
    let text = format!("{text}\n");
    let line = signature.strip_prefix(&format!("— {name} ")).and_then(|rest| rest.strip_suffix('\n'));
    let blob = line.and_then(|line| STANDARD.decode(line).ok()).filter(|b| b.len() == 68).ok_or_else(bad)?;
    if blob[..4] != sha(&[name.as_bytes(), b"\n", &key])[..4] || key[0] != 1 {
        return Err(bad());
    }
    let public = VerifyingKey::from_bytes(key[1..].try_into().map_err(|_| bad())?).map_err(|_| bad())?;
    let signature = Signature::from_slice(&blob[4..]).map_err(|_| bad())?;
    public.verify_strict(text.as_bytes(), &signature).map_err(|_| bad())?;
    let lines: Vec<&str> = text.lines().collect();
    let [origin, size, root] = lines[..] else { return Err(bad()) };
    let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok());
    let size: usize = size.parse().map_err(|_| bad())?;
    (origin == name).then(|| root.map(|root| (size, root))).flatten().ok_or_else(bad)
}

#[test]
fn its_checksum_is_that_of_the_specification() {
    // RFC 3720, B.4: 32 bytes of zeroes.
    assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
    assert_eq!(crc32c(b"123456789"), 0xE306_9283);
}
