//! Measures the ledger: appending in batches, verifying, proving, and the memory all of it takes. A number as
//! argument is the number of entries (1,000,000). The ledger is made in a temporary folder on `TMPDIR`.
#![allow(clippy::print_stdout, reason = "an example talks on the terminal")]

use custody_retention::ledger::{
    Act, ActKind, Ending, Entry, IdKey, Ledger, LedgerError, SignerKey, SubjectKind, prove, verify,
};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::slice;
use std::time::{Duration, Instant};

/// Entries of a batch: an intent or an outcome each.
const BATCH: u64 = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let entries: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    let folder = dir.path().join("ledger");
    let key = SignerKey::new("ledger.example/speed", &[7; 32])?;
    Ledger::create(&folder, &key)?;
    println!("{:<42} {:>9} {:>9} {:>14} {:>9}", "step", "wall s", "CPU s", "entries/s", "MiB now");
    step("append, batches of 1,000, synced each", entries, || append(&folder, &key, entries))?;
    let checkpoint = step("open, read back, sign a checkpoint", entries, || {
        let (mut ledger, _) = Ledger::open(&folder, key.verifier())?;
        ledger.checkpoint(&key)
    })?;
    let report = step("verify", entries, || verify(&folder, key.verifier(), slice::from_ref(&checkpoint)))?;
    assert!(report.is_clean() && report.open_intents.is_empty(), "{:?}", report.findings);
    step("prove one entry", entries, || prove(&folder, key.verifier(), entries / 3))?
        .verify(key.verifier())?;
    let bytes = fs::metadata(Ledger::entries_file(&folder))?.len();
    println!(
        "\n{} entries, {} bytes each; most memory ever: {} MiB",
        report.size,
        bytes / report.size,
        memory_mib("VmHWM")
    );
    Ok(())
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

/// Runs a step and prints its line.
fn step<T>(
    name: &str,
    entries: u64,
    work: impl FnOnce() -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let (started, cpu) = (Instant::now(), cpu_time());
    let result = work()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), cpu_time().saturating_sub(cpu).as_secs_f64());
    let rate = entries as f64 / wall;
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
