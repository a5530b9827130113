//! The whole folder of a ledger on a disk that fails or loses power at every single call: its file of entries, kept
//! checkpoints, and what is set aside.

use crate::independent;
use crate::sim::{EIO, ENOSPC, SimDisk};
use crate::support::{borders, intent, key, outcome};
use custody_retention::disk::Disk;
use custody_retention::ledger::*;
use std::sync::Arc;

const FOLDER: &str = "ledger";
const ENTRIES: &str = "ledger/entries.ledger";

/// What the ledger said was done, with the number of calls by then.
#[derive(Debug, Default)]
struct Said {
    created: Option<u64>,
    /// Durable entries and the root of their tree.
    durable: Vec<(u64, u64, Hash)>,
    checkpoints: Vec<(u64, Checkpoint)>,
}

fn arc(disk: &SimDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

/// Makes a ledger and writes into it, opening it twice, until something fails.
fn write(disk: &SimDisk, said: &mut Said) -> Result<(), LedgerError> {
    Ledger::create_on(arc(disk), FOLDER, &key())?;
    said.created = Some(disk.calls());
    for round in 0..2 {
        go_on(disk, said, round)?;
    }
    Ok(())
}

fn go_on(disk: &SimDisk, said: &mut Said, round: u64) -> Result<(), LedgerError> {
    let (mut ledger, _) = Ledger::open_on(arc(disk), FOLDER, key().verifier())?;
    for number in 0..2 {
        let index = ledger.append(&intent(10 * round + number))?;
        ledger.append(&intent(99))?;
        ledger.commit()?;
        said.durable.push((disk.calls(), ledger.size(), ledger.root()));
        ledger.append(&outcome(index, 10 * round + number))?;
        ledger.commit()?;
        said.durable.push((disk.calls(), ledger.size(), ledger.root()));
    }
    let checkpoint = ledger.checkpoint(&key())?;
    said.checkpoints.push((disk.calls(), checkpoint));
    // Appended and never committed: nobody may rely on it.
    ledger.append(&intent(77)).map(|_| ())
}

/// Recovers a disk on which so many calls had returned, twice, and holds it against what was said by then. Goes on
/// with the ledger afterwards. Returns what was set aside.
fn recover(disk: &SimDisk, said: &Said, calls: u64, what: &str) -> Option<TornTail> {
    if disk.stat(ENTRIES).expect("asked").is_none() {
        assert!(said.created.is_none_or(|at| at > calls), "{what}: the ledger is gone");
        let made = Ledger::create_on(arc(disk), FOLDER, &key());
        made.unwrap_or_else(|error| panic!("{what}: it cannot be made after all: {error}"));
    }
    let opened = Ledger::open_on(arc(disk), FOLDER, key().verifier());
    let (ledger, opened) = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
    let (size, root) = (ledger.size(), ledger.root());
    drop(ledger);
    let folder = LedgerFolder::on(arc(disk), FOLDER);
    let by_then = said.durable.iter().filter(|(at, ..)| *at <= calls);
    for (_, durable, expected) in by_then {
        assert!(size >= *durable, "{what}: {size} of {durable} entries");
        let covered = independent::check(&prefix(disk, *durable), &key().verifier().to_string(), &[]);
        assert_eq!(covered.expect("it verifies").root, *expected, "{what}");
    }
    let known: Vec<Checkpoint> =
        said.checkpoints.iter().filter(|(at, _)| *at <= calls).map(|(_, it)| it.clone()).collect();
    let report = verify(folder, key().verifier(), &known).expect("it can be read");
    assert!(report.is_clean(), "{what}: {:?}", report.findings);
    assert!(report.kept_checkpoints > known.len(), "{what}: a checkpoint was not kept");
    let (again, second) = Ledger::open_on(arc(disk), FOLDER, key().verifier()).expect("once more");
    assert_eq!((second.torn_tail, again.size(), again.root()), (None, size, root), "{what}");
    drop(again);
    go_on(disk, &mut Said::default(), 5).unwrap_or_else(|error| panic!("{what}: {error}"));
    let notes: Vec<String> = known.iter().map(|checkpoint| checkpoint.note().to_owned()).collect();
    let seen = independent::check(&disk.bytes(ENTRIES), &key().verifier().to_string(), &notes);
    assert!(seen.expect("it verifies").entries.len() as u64 > size, "{what}");
    opened.torn_tail
}

/// The file of the first entries only.
fn prefix(disk: &SimDisk, entries: u64) -> Vec<u8> {
    let bytes = disk.bytes(ENTRIES);
    bytes[..borders(&bytes)[entries as usize]].to_vec()
}

#[test]
fn an_error_of_any_call_loses_nothing_that_was_said() {
    type Fail = fn(&SimDisk, u64, i32);
    let (once, for_good): (Fail, Fail) = (SimDisk::fail_at, SimDisk::fail_from);
    for (errno, fail) in [(EIO, once), (ENOSPC, once), (ENOSPC, for_good)] {
        for bytes_max in [usize::MAX, 50] {
            let mut n = 0;
            loop {
                let (disk, mut said) = (SimDisk::new(), Said::default());
                disk.short(bytes_max);
                fail(&disk, n, errno);
                let result = write(&disk, &mut said);
                disk.heal();
                let what = format!("call {n}, error {errno}, {bytes_max} bytes a call");
                recover(&disk, &said, u64::MAX, &what);
                // What was half done before the error lasts as well, now that the ledger was opened.
                let mut later = Said { created: Some(0), ..Said::default() };
                go_on(&disk, &mut later, 6).expect("nothing fails");
                (0..2).for_each(|seed| drop(recover(&disk.crash(seed), &later, u64::MAX, &what)));
                if result.is_ok() {
                    assert!(n > 50, "only {n} calls could fail");
                    break;
                }
                n += 1;
            }
        }
    }
}

#[test]
fn a_power_cut_at_any_call_loses_nothing_that_was_said() {
    let mut tails = 0;
    for n in 0.. {
        let (disk, mut said) = (SimDisk::new(), Said::default());
        disk.keep_at(n);
        write(&disk, &mut said).expect("nothing fails");
        let Some(then) = disk.kept() else {
            assert!(n > 50 && tails > 5, "{n} calls, {tails} tails");
            return;
        };
        for seed in 0..24 {
            let what = format!("power cut before call {n}, seed {seed}");
            tails += u64::from(recover(&then.crash(seed), &said, n, &what).is_some());
        }
    }
}

/// A disk whose ledger has a torn tail, how many entries are whole, and the tail.
fn torn() -> (SimDisk, u64, Vec<u8>) {
    let (disk, mut said) = (SimDisk::new(), Said::default());
    write(&disk, &mut said).expect("nothing fails");
    let bytes = disk.bytes(ENTRIES);
    let whole = borders(&bytes);
    let (mut ledger, _) = Ledger::open_on(arc(&disk), FOLDER, key().verifier()).expect("it can be opened");
    for number in 0..40 {
        ledger.append(&intent(number)).expect("an entry");
    }
    ledger.commit().expect("durable");
    drop(ledger);
    let bytes = disk.bytes(ENTRIES);
    let all = borders(&bytes);
    // One entry of the batch is whole, the next one is not.
    let (start, end) = (all[whole.len()], all[all.len() - 1] - 9);
    let mut left = bytes[..end].to_vec();
    left[start + 40] ^= 1;
    disk.put(ENTRIES, &left);
    (disk, whole.len() as u64, left[start..].to_vec())
}

/// Whatever happened: the tail lies aside in the end, whole.
fn check_tail(disk: &SimDisk, entries: u64, tail: &[u8], what: &str) {
    let opened = Ledger::open_on(arc(disk), FOLDER, key().verifier());
    let (ledger, _) = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(ledger.size(), entries, "{what}");
    drop(ledger);
    let aside: Vec<String> =
        disk.paths().into_iter().filter(|path| path.starts_with("ledger/quarantine/0")).collect();
    // A cut that was lost in part leaves another tail, which is set aside as well.
    assert!(aside.iter().any(|path| disk.bytes(path) == tail), "{what}: {aside:?}");
    assert_eq!(disk.bytes(ENTRIES), prefix(disk, entries), "{what}");
}

#[test]
fn setting_a_tail_aside_can_fail_or_be_cut_off_at_any_call() {
    let (disk, entries, tail) = torn();
    for errno in [EIO, ENOSPC] {
        for n in 0.. {
            let disk = disk.copy();
            disk.short(700);
            disk.fail_at(n, errno);
            let failed = Ledger::open_on(arc(&disk), FOLDER, key().verifier()).is_err();
            disk.heal();
            check_tail(&disk, entries, &tail, &format!("call {n}, error {errno}"));
            if !failed {
                assert!(n > 20, "only {n} calls could fail");
                break;
            }
        }
    }
    for n in 0.. {
        let disk = disk.copy();
        disk.keep_at(n);
        let opened = Ledger::open_on(arc(&disk), FOLDER, key().verifier()).expect("nothing fails").1;
        assert_eq!(opened.torn_tail.expect("it was set aside").size_bytes, tail.len() as u64);
        let Some(then) = disk.kept() else {
            assert!(n > 20, "only {n} calls");
            return;
        };
        for seed in 0..24 {
            check_tail(&then.crash(seed), entries, &tail, &format!("power cut before call {n}, seed {seed}"));
        }
    }
}

#[test]
fn what_is_no_file_of_the_ledgers_is_never_written_through() {
    for path in ["ledger/checkpoints/.checkpoint.new", ENTRIES] {
        let (disk, mut said) = (SimDisk::new(), Said::default());
        write(&disk, &mut said).expect("nothing fails");
        disk.take_away(path);
        disk.put_other(path);
        let opened = Ledger::open_on(arc(&disk), FOLDER, key().verifier());
        let failed = opened.and_then(|(mut ledger, _)| {
            ledger.append(&intent(1))?;
            ledger.checkpoint(&key())
        });
        assert!(matches!(failed, Err(LedgerError::Io { .. })), "{path}: {failed:?}");
    }
}
