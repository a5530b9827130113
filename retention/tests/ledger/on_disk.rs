//! The ledger in a store's folder: reached from the folder's descriptor, and read on from where somebody stopped.

use crate::independent;
use crate::support::{intent, key, outcome, write_acts};
use custody_retention::disk::{Disk, RealDisk};
use custody_retention::ledger::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;

const FOLDER: &str = "ledger";

fn new_store() -> (tempfile::TempDir, Arc<dyn Disk>) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let disk = RealDisk::create(&dir.path().join("store")).expect("a new store");
    let disk: Arc<dyn Disk> = Arc::new(disk);
    Ledger::create_on(disk.clone(), FOLDER, &key()).expect("a new ledger");
    (dir, disk)
}

/// Opens the ledger and lists the indices that it shows.
fn open_from(disk: &Arc<dyn Disk>, from: u64) -> (u64, Vec<u64>) {
    let mut seen = Vec::new();
    let opened = Ledger::open_on_with(disk.clone(), FOLDER, key().verifier(), from, &mut |index, _| {
        seen.push(index);
    });
    let (ledger, opened) = opened.expect("it can be opened");
    assert_eq!(opened.torn_tail, None);
    (ledger.size(), seen)
}

#[test]
fn a_ledger_in_a_store_is_one_like_any_other() {
    let (dir, disk) = new_store();
    let folder = LedgerFolder::on(disk.clone(), FOLDER);
    let path = dir.path().join("store/ledger");
    assert!(matches!(Ledger::create_on(disk.clone(), FOLDER, &key()), Err(LedgerError::Exists)));
    let (mut ledger, _) = Ledger::open_on(disk.clone(), FOLDER, key().verifier()).expect("it can be opened");
    write_acts(&mut ledger, 5);
    let checkpoint = ledger.checkpoint(&key()).expect("a checkpoint");
    // The store's lock is the only one: its owner may read meanwhile.
    let report = verify(folder.clone(), key().verifier(), &[checkpoint]).expect("it can be read");
    assert!(report.is_clean() && report.size == ledger.size());
    let proof = Prover::open(folder.clone(), key().verifier()).and_then(|mut prover| prover.prove(3));
    assert_eq!(proof.expect("covered").verify(key().verifier()).expect("it verifies").0, 3);
    drop(ledger);
    let seen = independent::check_folder(&path, &key().verifier().to_string(), &[]).expect("it verifies");
    assert_eq!(seen.entries.len() as u64, report.size);
    for file in [path.join("entries.ledger"), path.join("checkpoints/00000000000000000001.checkpoint")] {
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    for folder in [path.clone(), path.join("checkpoints"), path.join("quarantine")] {
        assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn opening_shows_all_entries_and_refuses_fewer_than_are_known() {
    let (_dir, disk) = new_store();
    let (mut ledger, _) = Ledger::open_on(disk.clone(), FOLDER, key().verifier()).expect("it can be opened");
    write_acts(&mut ledger, 4);
    let size = ledger.size();
    drop(ledger);
    for known in 0..=size {
        assert_eq!(open_from(&disk, known), (size, (0..size).collect()), "{known} known");
    }
    let cut = Ledger::open_on_with(disk, FOLDER, key().verifier(), size + 1, &mut |_, _| ());
    assert!(matches!(cut, Err(LedgerError::Damaged { .. })));
}

#[test]
fn a_torn_tail_is_never_shown() {
    let (dir, disk) = new_store();
    let (mut ledger, _) = Ledger::open_on(disk.clone(), FOLDER, key().verifier()).expect("it can be opened");
    let index = ledger.append(&intent(1)).expect("an entry");
    ledger.commit().expect("durable");
    ledger.append(&outcome(index, 1)).expect("an entry");
    ledger.commit().expect("durable");
    drop(ledger);
    let path = dir.path().join("store/ledger");
    let bytes = fs::read(path.join("entries.ledger")).expect("the entries");
    fs::write(path.join("entries.ledger"), &bytes[..bytes.len() - 1]).expect("it can be written");
    let mut seen = Vec::new();
    let opened = Ledger::open_on_with(disk.clone(), FOLDER, key().verifier(), 1, &mut |index, entry| {
        seen.push((index, entry.clone()));
    });
    let tail = opened.expect("recovery").1.torn_tail.expect("it was set aside");
    assert_eq!(seen[1..], [(1, intent(1))]);
    let aside = fs::read(path.join("quarantine").join(&tail.name)).expect("it was set aside");
    assert_eq!(aside.len() as u64, tail.size_bytes);
    assert_eq!(open_from(&disk, 2), (2, vec![0, 1]));
}

#[test]
fn no_link_leads_out_of_the_store() {
    let swap = |name: &str, store: &Path, elsewhere: &Path| {
        let path = store.join(name);
        fs::rename(&path, elsewhere).expect("a rename");
        symlink(elsewhere, &path).expect("a link");
    };
    for name in ["ledger", "ledger/entries.ledger", "ledger/checkpoints"] {
        let (dir, disk) = new_store();
        swap(name, &dir.path().join("store"), &dir.path().join("elsewhere"));
        let error = Ledger::open_on(disk.clone(), FOLDER, key().verifier()).expect_err("a link");
        assert!(matches!(error, LedgerError::Io { .. }), "{name}: {error}");
        assert!(verify(LedgerFolder::on(disk, FOLDER), key().verifier(), &[]).is_err(), "{name}");
    }
}
