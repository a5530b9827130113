//! Synthetic ledgers for the tests: keys, acts, folders.

use custody_retention::ledger::*;
use std::path::{Path, PathBuf};

/// The clock's start in all tests, in milliseconds.
pub(crate) const TIME_MS: u64 = 1_767_225_600_000;

pub(crate) fn key() -> SignerKey {
    SignerKey::new("ledger.example/test", &[7; 32]).expect("a valid name")
}

pub(crate) fn act(kind: ActKind, number: u64) -> Act {
    let ids = IdKey::new([8; 32]);
    Act {
        kind,
        user: ids.user("account"),
        time_ms: TIME_MS + number,
        subjects: vec![ids.subject(SubjectKind::Artifact, &number.to_le_bytes())],
    }
}

pub(crate) fn intent(number: u64) -> Entry {
    Entry::Intent(act(ActKind::Purge, number))
}

pub(crate) fn outcome(intent: u64, number: u64) -> Entry {
    Entry::Outcome { intent, ending: Ending::Done, act: act(ActKind::Purge, number) }
}

/// A folder in memory, where there is such a file system: a test that syncs thousands of times needs no device.
fn fast_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a temporary folder")
}

/// A folder with a new ledger; it lasts as long as the first value.
pub(crate) fn new_ledger() -> (tempfile::TempDir, PathBuf) {
    let dir = fast_folder();
    let folder = dir.path().join("ledger");
    Ledger::create(&folder, &key()).expect("a new ledger");
    (dir, folder)
}

/// Opens a ledger that needs no recovery.
pub(crate) fn open(folder: &Path) -> Ledger {
    let (ledger, opened) = Ledger::open(folder, key().verifier()).expect("it can be opened");
    assert_eq!(opened.torn_tail, None);
    ledger
}

/// Writes `acts` acts of an intent and an outcome each; four entries a batch at most.
pub(crate) fn write_acts(ledger: &mut Ledger<impl LogFile>, acts: u64) {
    for number in 0..acts {
        let index = ledger.append(&intent(number)).expect("an entry");
        ledger.commit().expect("it is durable");
        ledger.append(&outcome(index, number)).expect("an entry");
        if number % 2 == 0 {
            ledger.append(&intent(1_000 + number)).expect("an entry");
            ledger.append(&intent(2_000 + number)).expect("an entry");
        }
        ledger.commit().expect("it is durable");
    }
}

/// A ledger of some acts under a checkpoint: its folder, its entries' bytes, the checkpoint.
pub(crate) fn sample(acts: u64) -> (tempfile::TempDir, PathBuf, Vec<u8>, Checkpoint) {
    let (dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    write_acts(&mut ledger, acts);
    let checkpoint = ledger.checkpoint(&key()).expect("a checkpoint");
    drop(ledger);
    let bytes = std::fs::read(Ledger::entries_file(&folder)).expect("the entries");
    (dir, folder, bytes, checkpoint)
}

/// A record by docs/ledger-format.md, for entries that the ledger itself would not write.
pub(crate) fn framed(entry: &[u8], index: u64, batch: u64) -> Vec<u8> {
    let mut record = vec![0xC5, b'L', b'R', 1];
    record.extend((entry.len() as u32).to_le_bytes());
    record.extend(index.to_le_bytes());
    record.extend(batch.to_le_bytes());
    record.extend(entry);
    record.extend(crc32c::crc32c(&record).to_le_bytes());
    record
}

/// Where records begin, and where the last one ends, found by what docs/ledger-format.md says.
pub(crate) fn borders(bytes: &[u8]) -> Vec<usize> {
    let mut borders = vec![16];
    while let Some(length) = bytes.get(borders[borders.len() - 1] + 4..).and_then(|rest| rest.first_chunk()) {
        borders.push(borders[borders.len() - 1] + 28 + u32::from_le_bytes(*length) as usize);
    }
    borders
}
