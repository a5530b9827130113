//! A file that fails: short writes, errors at every step, a sync that fails once, a device that lies; and tails
//! torn at every byte.

use crate::independent;
use crate::support::{borders, framed, intent, key, new_ledger, open, outcome, write_acts};
use custody_retention::ledger::*;
use std::cell::Cell;
use std::fs;
use std::io;
use std::path::Path;

/// A file on disk with something between that fails once.
#[derive(Debug)]
struct Faulty {
    file: LockedFile,
    /// Operations until the failing one; none fails after it.
    until: Cell<Option<u32>>,
    /// Which operations count.
    counts: fn(&str) -> bool,
    /// Bytes written at once.
    write_bytes_max: usize,
    /// Changes a byte of what is written at this offset, and says nothing.
    lie_at: Option<u64>,
    syncs: u32,
}

impl Faulty {
    fn new(folder: &Path) -> Self {
        let file = LockedFile::open_writer(&Ledger::entries_file(folder)).expect("it exists");
        Self {
            file,
            until: Cell::new(None),
            counts: |_| true,
            write_bytes_max: usize::MAX,
            lie_at: None,
            syncs: 0,
        }
    }

    fn step(&self, what: &str) -> io::Result<()> {
        match self.until.get() {
            Some(left) if (self.counts)(what) => {
                self.until.set(left.checked_sub(1));
                if left == 0 { Err(io::Error::other("injected")) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }
}

impl LogFile for Faulty {
    fn size_bytes(&self) -> io::Result<u64> {
        self.step("size").and_then(|()| self.file.size_bytes())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.step("read").and_then(|()| self.file.read_at(bytes, offset))
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut bytes = bytes[..bytes.len().min(self.write_bytes_max)].to_vec();
        if let Err(error) = self.step("write") {
            // Half of it got there.
            self.file.write_at(&bytes[..bytes.len() / 2], offset)?;
            return Err(error);
        }
        let lie = self.lie_at.and_then(|at| at.checked_sub(offset)).and_then(|at| bytes.get_mut(at as usize));
        if let Some(byte) = lie {
            *byte ^= 1;
        }
        self.file.write_at(&bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncs += 1;
        self.step("sync")?;
        self.file.sync()
    }

    fn truncate(&mut self, size_bytes: u64) -> io::Result<()> {
        self.step("truncate").and_then(|()| self.file.truncate(size_bytes))
    }

    fn forget_cached(&self) -> io::Result<()> {
        self.step("forget").and_then(|()| self.file.forget_cached())
    }
}

fn check_independently(folder: &Path) -> usize {
    let seen = independent::check_folder(folder, &key().verifier().to_string(), &[]);
    seen.expect("the second verifier is content").entries.len()
}

#[test]
fn short_writes_are_continued() {
    let (_dir, folder) = new_ledger();
    let file = Faulty { write_bytes_max: 7, ..Faulty::new(&folder) };
    let (mut ledger, _) = Ledger::open_with(&folder, key().verifier(), file).expect("it can be opened");
    write_acts(&mut ledger, 3);
    ledger.checkpoint(&key()).expect("a checkpoint");
    let size = ledger.size();
    drop(ledger);
    assert_eq!(check_independently(&folder) as u64, size);
}

#[test]
fn a_failed_sync_is_fatal_and_never_repeated() {
    let (_dir, folder) = new_ledger();
    let file = Faulty { counts: |what| what == "sync", until: Cell::new(Some(1)), ..Faulty::new(&folder) };
    let (mut ledger, _) = Ledger::open_with(&folder, key().verifier(), file).expect("it can be opened");
    let index = ledger.append(&intent(1)).expect("an entry");
    assert!(matches!(ledger.commit(), Err(LedgerError::Io { what: "syncing", .. })));
    for _ in 0..3 {
        assert!(matches!(ledger.commit(), Err(LedgerError::Poisoned)));
        assert!(matches!(ledger.append(&intent(2)), Err(LedgerError::Poisoned)));
        assert!(matches!(ledger.append(&outcome(index, 1)), Err(LedgerError::Poisoned)));
        assert!(matches!(ledger.checkpoint(&key()), Err(LedgerError::Poisoned)));
    }
    let shown = format!("{ledger:?}");
    assert!(shown.contains("syncs: 2"), "one when opened, one that failed: {shown}");
    drop(ledger);
    assert!(open(&folder).size() >= 1);
}

#[test]
fn an_error_at_any_step_loses_nothing_that_was_durable() {
    for until in 0..200 {
        let (_dir, folder) = new_ledger();
        let file = Faulty { until: Cell::new(Some(until)), write_bytes_max: 40, ..Faulty::new(&folder) };
        let mut durable = 1;
        let result = (|| -> Result<(), LedgerError> {
            let (mut ledger, opened) = Ledger::open_with(&folder, key().verifier(), file)?;
            assert_eq!(opened.torn_tail, None);
            for number in 0..4 {
                let index = ledger.append(&intent(number))?;
                durable = ledger.commit()?;
                ledger.append(&outcome(index, number))?;
                durable = ledger.commit()?;
                ledger.checkpoint(&key())?;
            }
            Ok(())
        })();
        if result.is_ok() {
            assert!(until > 50, "only {until} steps could fail");
            return;
        }
        let (ledger, opened) = Ledger::open(&folder, key().verifier()).expect("recovery");
        assert!(ledger.size() >= durable, "step {until}");
        drop(ledger);
        let (again, second) = Ledger::open(&folder, key().verifier()).expect("recovery, once more");
        assert_eq!(second.torn_tail, None, "step {until}, first {opened:?}");
        drop(again);
        assert!(check_independently(&folder) as u64 >= durable, "step {until}");
    }
    panic!("200 steps were not enough");
}

#[test]
fn nothing_is_signed_that_reads_back_differently() {
    let (_dir, folder) = new_ledger();
    let end = fs::metadata(Ledger::entries_file(&folder)).expect("a file").len();
    for at in [0, 5, 30, 60, 85, 89] {
        let file = Faulty { lie_at: Some(end + at), ..Faulty::new(&folder) };
        let (mut ledger, _) = Ledger::open_with(&folder, key().verifier(), file).expect("it can be opened");
        ledger.append(&intent(1)).expect("an entry");
        ledger.commit().expect("the device says so");
        assert!(matches!(ledger.checkpoint(&key()), Err(LedgerError::ReadBack)), "byte {at}");
        assert!(matches!(ledger.commit(), Err(LedgerError::Poisoned)));
        drop(ledger);
        assert_eq!(fs::read_dir(folder.join("checkpoints")).expect("a folder").count(), 1);
        let (_, opened) = Ledger::open(&folder, key().verifier()).expect("the tail is set aside");
        assert!(opened.torn_tail.is_some());
    }
}

#[test]
fn nothing_is_signed_over_an_entry_that_somebody_exchanged() {
    use std::os::unix::fs::FileExt;
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let end = fs::metadata(Ledger::entries_file(&folder)).expect("a file").len();
    ledger.append(&intent(1)).expect("an entry");
    ledger.commit().expect("durable");
    let mut other = Vec::new();
    intent(2).encode(&mut other).expect("a valid entry");
    let file = fs::OpenOptions::new().write(true).open(Ledger::entries_file(&folder)).expect("a file");
    file.write_all_at(&framed(&other, 1, 1), end).expect("it can be written");
    assert!(
        verify_entries(&fs::read(Ledger::entries_file(&folder)).expect("a file"), key().verifier(), &[])
            .expect("memory can be read")
            .is_clean()
    );
    assert!(matches!(ledger.checkpoint(&key()), Err(LedgerError::ReadBack)));
}

/// Cuts a ledger at every byte of its last batch, puts `rest` there, and lets it recover twice.
fn tear(rest: impl Fn(usize) -> Vec<u8>) {
    let (_dir, folder) = new_ledger();
    write_acts(&mut open(&folder), 1);
    let path = Ledger::entries_file(&folder);
    let bytes = fs::read(&path).expect("the entries");
    let borders = borders(&bytes);
    // The last batch is an outcome and two intents.
    let start = borders[borders.len() - 4];
    for cut in start..bytes.len() {
        let torn = [&bytes[..cut], &rest(bytes.len() - cut)].concat();
        fs::write(&path, &torn).expect("it can be written");
        let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
        let (ledger, opened) = Ledger::open(&folder, key().verifier()).expect("recovery");
        let whole = borders.iter().rev().find(|border| **border <= cut).copied().expect("a border");
        assert_eq!(ledger.size() as usize, borders.iter().filter(|border| **border <= cut).count() - 1);
        assert_eq!(opened.torn_tail.is_some(), torn.len() > whole, "cut at {cut}");
        assert_eq!(report.is_clean(), opened.torn_tail.is_none());
        if let Some(tail) = opened.torn_tail {
            assert_eq!(
                fs::read(folder.join("quarantine").join(&tail.name)).expect("it was set aside"),
                torn[whole..]
            );
            assert_eq!((tail.offset as usize, tail.size_bytes as usize), (whole, torn.len() - whole));
        }
        drop(ledger);
        assert_eq!(fs::read(&path).expect("the entries"), bytes[..whole]);
        drop(open(&folder));
        check_independently(&folder);
    }
}

#[test]
fn a_record_torn_at_any_byte_is_set_aside_and_reported() {
    tear(|_| Vec::new());
}

#[test]
fn a_tail_of_zeroes_or_of_something_else_is_set_aside_and_reported() {
    tear(|size_bytes| vec![0; size_bytes + 1]);
    tear(|size_bytes| vec![0xC5; size_bytes + 1]);
}

#[test]
fn a_crash_while_a_tail_is_set_aside_is_no_trouble() {
    let (_dir, folder) = new_ledger();
    write_acts(&mut open(&folder), 1);
    let path = Ledger::entries_file(&folder);
    let bytes = fs::read(&path).expect("the entries");
    let torn = &bytes[..bytes.len() - 9];
    // The copy is there, the cut is not: once more the same copy.
    for _ in 0..2 {
        fs::write(&path, torn).expect("it can be written");
        let (_, opened) = Ledger::open(&folder, key().verifier()).expect("recovery");
        assert!(opened.torn_tail.is_some());
    }
    assert_eq!(verify(&folder, key().verifier(), &[]).expect("it can be read").quarantined, 1);
    fs::write(&path, torn).expect("it can be written");
    let file =
        Faulty { counts: |what| what == "truncate", until: Cell::new(Some(0)), ..Faulty::new(&folder) };
    assert!(Ledger::open_with(&folder, key().verifier(), file).is_err());
    let (_, opened) = Ledger::open(&folder, key().verifier()).expect("recovery");
    assert!(opened.torn_tail.is_some());
}
