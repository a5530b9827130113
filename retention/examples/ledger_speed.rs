//! Measures the ledger: appending in batches, opening, verifying, proving, and the memory all of it takes; and in the
//! same run what it is made of: bare writes and syncs, bare hashes, and another implementation of the tree. A number
//! as argument is the number of entries (1,000,000). All is made in a temporary folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use custody_retention::ledger::{
    Act, ActKind, Checkpoint, Ending, Entry, IdKey, Ledger, LedgerError, Prover, SignerKey, SubjectKind,
    TlogProof, leaf_hash, node_hash, prove, verify,
};
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::slice;
use std::time::{Duration, Instant};

/// Entries of a batch: an intent or an outcome each.
const BATCH: u64 = 1_000;
/// Checkpoints kept in a long life.
const CHECKPOINTS: u64 = 5_000;

type Step<T> = Result<T, Box<dyn Error>>;

fn main() -> Step<()> {
    let entries: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("ledger");
    let key = SignerKey::new("ledger.example/speed", &[7; 32])?;
    Ledger::create(&folder, &key)?;
    println!("{:<42} {:>9} {:>9} {:>14} {:>9}", "step", "wall s", "CPU s", "a second", "MiB now");
    step("append, batches of 1,000, synced each", entries, || Ok(append(&folder, &key, entries)?))?;
    let bytes = fs::read(Ledger::entries_file(&folder))?;
    step("  bare write and sync of the same bytes", entries, || bare(dir.path(), &bytes, entries))?;
    drop(bytes);
    let checkpoint = step("open, read back, sign a checkpoint", entries, || {
        let (mut ledger, _) = Ledger::open(&folder, key.verifier())?;
        Ok(ledger.checkpoint(&key)?)
    })?;
    let report =
        step("verify", entries, || Ok(verify(&folder, key.verifier(), slice::from_ref(&checkpoint))?))?;
    assert!(report.is_clean() && report.open_intents.is_empty(), "{:?}", report.findings);
    step("prove one entry", entries, || Ok(prove(&folder, key.verifier(), entries / 3)?))?
        .verify(key.verifier())?;
    step("prove a tenth of them, in order", entries / 10, || {
        let mut prover = Prover::open(&folder, key.verifier())?;
        (0..entries / 10).try_for_each(|index| prover.prove(index).map(drop))?;
        Ok(())
    })?;
    let text = prove(&folder, key.verifier(), entries / 3)?.to_string();
    step("read and check as many proofs", entries / 10, || {
        let check = |_| TlogProof::parse(&text)?.verify_under(&checkpoint).map(drop);
        Ok((0..entries / 10).try_for_each(check)?)
    })?;
    peers(entries, &checkpoint, &folder)?;
    step("keep checkpoints, one an act", CHECKPOINTS, || Ok(heartbeats(&folder, &key)?))?;
    let (_, opened) = step("open with all of those", entries, || Ok(Ledger::open(&folder, key.verifier())?))?;
    assert_eq!(opened.torn_tail, None);
    println!(
        "\n{} bytes an entry; most memory ever: {} MiB",
        bytes_each(&folder, &report)?,
        memory_mib("VmHWM")
    );
    Ok(())
}

fn bytes_each(folder: &Path, report: &custody_retention::ledger::Report) -> Step<u64> {
    Ok(fs::metadata(Ledger::entries_file(folder))?.len() / report.size)
}

fn append(folder: &Path, key: &SignerKey, entries: u64) -> Result<(), LedgerError> {
    let (mut ledger, _) = Ledger::open(folder, key.verifier())?;
    let ids = IdKey::new([8; 32]);
    let user = ids.user("sweep");
    let mut act = Act { kind: ActKind::Purge, user, time_ms: 0, subjects: Vec::new() };
    for batch in 0..entries / BATCH / 2 {
        let mut intents = Vec::new();
        for number in batch * BATCH..(batch + 1) * BATCH {
            act.subjects = vec![ids.subject(SubjectKind::Artifact, &number.to_le_bytes())];
            intents.push(ledger.append(&Entry::Intent(act.clone()))?);
        }
        ledger.commit()?;
        for intent in intents {
            ledger.append(&Entry::Outcome { intent, ending: Ending::Done, act: act.clone() })?;
        }
        ledger.commit()?;
    }
    Ok(())
}

/// Writes bytes in as many batches as the ledger does.
fn bare(dir: &Path, bytes: &[u8], entries: u64) -> Step<()> {
    let mut file = File::create(dir.join("bare"))?;
    for batch in bytes.chunks(bytes.len().div_ceil((entries / BATCH).max(1) as usize)) {
        file.write_all(batch)?;
        file.sync_data()?;
    }
    Ok(())
}

/// What the tree costs by itself, and another implementation of it over the same entries.
fn peers(entries: u64, checkpoint: &Checkpoint, folder: &Path) -> Step<()> {
    let entry = [1; 64];
    step("  bare hashes: a leaf and a node an entry", entries, || {
        let mut hash = leaf_hash(&entry);
        (0..entries).for_each(|_| hash = node_hash(&hash, &leaf_hash(&entry)));
        assert_ne!(hash, [0; 32]);
        Ok(())
    })?;
    let mut leaves = Vec::new();
    custody_retention::ledger::for_each_entry(folder, |_, entry| leaves.push(entry))?;
    step("  ct-merkle: the tree in memory, its root", entries, || {
        let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for entry in &leaves {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes)?;
            tree.push(bytes);
        }
        assert_eq!(tree.root().as_bytes()[..], checkpoint.root()[..]);
        Ok(())
    })
}

fn heartbeats(folder: &Path, key: &SignerKey) -> Result<(), LedgerError> {
    let (mut ledger, _) = Ledger::open(folder, key.verifier())?;
    let user = IdKey::new([8; 32]).user("timer");
    (0..CHECKPOINTS).try_for_each(|time_ms| ledger.heartbeat(key, user, time_ms).map(drop))
}

/// Runs a step and prints its line.
fn step<T>(name: &str, things: u64, work: impl FnOnce() -> Step<T>) -> Step<T> {
    let (started, cpu) = (Instant::now(), cpu_time());
    let result = work()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_time().saturating_sub(cpu).as_secs_f64());
    let rate = things as f64 / wall;
    println!("{name:<42} {wall:>9.2} {cpu:>9.2} {rate:>14.0} {:>9}", memory_mib("VmRSS"));
    Ok(result)
}

/// CPU time of this process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// A line of the kernel's account of this process, in MiB.
fn memory_mib(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(':'));
    let kib = value.and_then(|value| value.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() >> 10
}
