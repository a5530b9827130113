//! A second verifier, written from docs/ledger-format.md and the public specifications alone: nothing of the
//! crate's own code is used by it. It is plain, and keeps everything in memory. The tests hold it against the crate;
//! the example `ledger-verify` is its command line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// A SHA-256 hash.
pub(crate) type Hash = [u8; 32];

/// What it read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) root: Hash,
    pub(crate) open_intents: usize,
}

/// Verifies a ledger's folder with a verifier key `name+hash+key`.
pub(crate) fn check_folder(folder: &Path, vkey: &str, remembered: &[&str]) -> Result<Seen, String> {
    let read = |path: &Path| fs::read(path).map_err(|e| e.to_string());
    let bytes = read(&folder.join("entries.ledger"))?;
    let mut notes = Vec::new();
    for file in fs::read_dir(folder.join("checkpoints")).map_err(|e| e.to_string())? {
        let path = file.map_err(|e| e.to_string())?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or("a checkpoint's name")?;
        if name.starts_with('.') {
            continue;
        }
        let note = String::from_utf8(read(&path)?).map_err(|_| "a checkpoint that is no text")?;
        if name != format!("{:020}.checkpoint", checkpoint(&note, vkey)?.0) {
            return Err("a checkpoint under another's name".into());
        }
        notes.push(note);
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
    let tree = Tree::new(entries.iter().map(|(entry, _)| sha(&[&[0], entry])).collect());
    for note in notes {
        let (size, root) = checkpoint(note, vkey)?;
        if size > entries.len() {
            return Err(format!("{} entries of {size}", entries.len()));
        }
        if tree.root(0, size) != root {
            return Err(format!("the first {size} entries were rewritten"));
        }
    }
    let root = tree.root(0, entries.len());
    let entries = entries.into_iter().map(|(entry, _)| entry).collect();
    Ok(Seen { entries, root, open_intents })
}

/// Verifies a text of c2sp.org/tlog-proof whose `extra` line is the entry; returns its index, the entry, and the
/// number of entries under the checkpoint.
pub(crate) fn check_proof(text: &str, vkey: &str) -> Result<(usize, Vec<u8>, usize), String> {
    let bad = || "proof".to_owned();
    let (head, note) = text.split_once("\n\n").ok_or_else(bad)?;
    let (size, root) = checkpoint(note, vkey)?;
    let mut lines = head.split('\n');
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err(bad());
    }
    let entry = lines.next().and_then(|line| line.strip_prefix("extra ")).ok_or_else(bad)?;
    let entry = STANDARD.decode(entry).map_err(|_| bad())?;
    let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
    let index = index.filter(|index| *index < size).ok_or_else(bad)?;
    let path: Option<Vec<Hash>> = lines.map(hash).collect();
    let found = climb(sha(&[&[0], &entry]), index, size, &path.ok_or_else(bad)?);
    if found == Some(root) { Ok((index, entry, size)) } else { Err("the entry is not in the tree".into()) }
}

/// The root that a path leads to: the definition of PATH in RFC 6962, section 2.1.1, read backwards.
fn climb(leaf: Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    if size == 1 {
        return path.is_empty().then_some(leaf);
    }
    let (sibling, path) = path.split_last()?;
    let k = left_half(size);
    Some(if index < k {
        sha(&[&[1], &climb(leaf, index, k, path)?, sibling])
    } else {
        sha(&[&[1], sibling, &climb(leaf, index - k, size - k, path)?])
    })
}

fn sha(parts: &[&[u8]]) -> Hash {
    parts.iter().fold(Sha256::new(), Digest::chain_update).finalize().into()
}

fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// The largest power of two below a number that is at least 2.
fn left_half(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// The hashes of all complete subtrees: of one leaf, of two, of four, …
struct Tree(Vec<Vec<Hash>>);

impl Tree {
    fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while levels[levels.len() - 1].len() > 1 {
            let pairs = levels[levels.len() - 1].chunks_exact(2);
            levels.push(pairs.map(|pair| sha(&[&[1], &pair[0], &pair[1]])).collect());
        }
        Self(levels)
    }

    /// MTH of RFC 6962, section 2.1, of the `size` leaves from `first` on.
    fn root(&self, first: usize, size: usize) -> Hash {
        if size == 0 {
            return sha(&[]);
        }
        if size.is_power_of_two() {
            return self.0[size.ilog2() as usize][first / size];
        }
        let k = left_half(size);
        sha(&[&[1], &self.root(first, k), &self.root(first + k, size - k)])
    }
}

/// CRC-32C by a table of bytes: reflected polynomial 0x82F63B78.
fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let (mut crc, mut bit) = (at as u32, 0);
            while bit < 8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82F6_3B78 } else { crc >> 1 };
                bit += 1;
            }
            table[at] = crc;
            at += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, byte| (crc >> 8) ^ TABLE[usize::from(crc as u8 ^ byte)])
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
        if length > 33_830 {
            return Err(bad());
        }
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
        if !valid || subjects.chunks(33).any(|subject| !(1..=19).contains(&subject[0])) {
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

fn decimal(text: &str) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Verifies a checkpoint; returns its size and root.
pub(crate) fn checkpoint(note: &str, vkey: &str) -> Result<(usize, Hash), String> {
    let bad = || "checkpoint".to_owned();
    let mut parts = vkey.splitn(3, '+');
    let (name, id, key) = (parts.next(), parts.next(), parts.next());
    let (Some(name), Some(id), Some(key)) = (name, id, key) else { return Err("verifier key".into()) };
    let key = STANDARD.decode(key).ok().filter(|key| key.len() == 33 && key[0] == 1);
    let key = key.ok_or("verifier key")?;
    let key_id = sha(&[name.as_bytes(), b"\n", &key]);
    if id != key_id[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>() {
        return Err("verifier key".into());
    }
    let public = VerifyingKey::from_bytes(key[1..].try_into().map_err(|_| bad())?).map_err(|_| bad())?;
    if note.len() > 64 << 10 || note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(bad());
    }
    let (text, signatures) = note.rsplit_once("\n\n").ok_or_else(bad)?;
    let text = format!("{text}\n");
    let signatures: Vec<&str> = signatures.strip_suffix('\n').ok_or_else(bad)?.split('\n').collect();
    let mut signed = false;
    for line in &signatures {
        let (who, blob) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')).ok_or_else(bad)?;
        let named =
            !who.is_empty() && !who.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+');
        let blob = STANDARD.decode(blob).ok().filter(|blob| blob.len() >= 4 && named).ok_or_else(bad)?;
        if who == name && blob[..4] == key_id[..4] {
            let signature = Signature::from_slice(&blob[4..]).map_err(|_| bad())?;
            public.verify_strict(text.as_bytes(), &signature).map_err(|_| bad())?;
            signed = true;
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    let [origin, size, root, more @ ..] = &lines[..] else { return Err(bad()) };
    if !signed || signatures.len() > 100 || *origin != name || more.contains(&"") {
        return Err(bad());
    }
    decimal(size).zip(hash(root)).ok_or_else(bad)
}

/// Takes apart the notes that stand in one text.
pub(crate) fn notes_in(text: &str) -> Vec<String> {
    let (mut notes, mut note, mut signed) = (Vec::new(), String::new(), false);
    for line in text.split_inclusive('\n') {
        let signature = line.starts_with("— ") && (signed || note.ends_with("\n\n"));
        if signed && !signature {
            notes.push(std::mem::take(&mut note));
        }
        signed = signature;
        if !(note.is_empty() && line == "\n") {
            note.push_str(line);
        }
    }
    notes.extend(Some(note).filter(|note| !note.is_empty()));
    notes
}

#[test]
fn its_checksum_is_that_of_the_specification() {
    // RFC 3720, B.4: 32 bytes of zeroes.
    assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA);
    assert_eq!(crc32c(b"123456789"), 0xE306_9283);
}
