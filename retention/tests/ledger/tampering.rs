//! Damage and fraud: bits, bytes, cuts and whole histories that were changed, and how each is found.

use crate::independent;
use crate::support::{act, borders, framed, intent, key, new_ledger, open, outcome, sample, write_acts};
use custody_retention::ledger::*;
use std::fs;
use std::path::Path;
use std::slice::from_ref;

fn findings(bytes: &[u8], known: &[Checkpoint]) -> Vec<Finding> {
    verify_entries(&bytes.to_vec(), key().verifier(), known).expect("memory can be read").findings
}

fn overwrite(folder: &Path, bytes: &[u8]) {
    fs::write(Ledger::entries_file(folder), bytes).expect("the entries can be written");
}

#[test]
fn a_flipped_bit_is_found_everywhere() {
    let (_dir, _folder, bytes, checkpoint) = sample(3);
    let (vkey, notes) = (key().verifier().to_string(), [checkpoint.note().to_owned()]);
    assert!(findings(&bytes, &[]).is_empty() && independent::check(&bytes, &vkey, &notes).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(!findings(&changed, &[]).is_empty(), "bit {bit} of byte {at}");
        }
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(independent::check(&changed, &vkey, &notes).is_err(), "byte {at}");
    }
}

#[test]
fn a_flipped_bit_under_a_checkpoint_is_never_repaired() {
    let (_dir, folder, bytes, _) = sample(2);
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        overwrite(&folder, &changed);
        let error = Ledger::open(&folder, key().verifier()).expect_err("damaged");
        assert!(matches!(error, LedgerError::Damaged { .. }), "byte {at}: {error}");
        assert_eq!(fs::read(Ledger::entries_file(&folder)).expect("the entries"), changed);
        assert!(!verify(&folder, key().verifier(), &[]).expect("it can be read").is_clean());
    }
}

#[test]
fn damage_before_a_later_batch_is_no_torn_tail() {
    // No checkpoint covers the entries: only the first one is.
    let (_dir, folder) = new_ledger();
    write_acts(&mut open(&folder), 3);
    let bytes = fs::read(Ledger::entries_file(&folder)).expect("the entries");
    let last_batch = borders(&bytes)[borders(&bytes).len() - 4];
    for at in 16..last_batch {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        overwrite(&folder, &changed);
        let error = Ledger::open(&folder, key().verifier()).expect_err("damaged");
        assert!(matches!(error, LedgerError::Damaged { .. }), "byte {at}: {error}");
    }
}

#[test]
fn a_flipped_bit_of_a_kept_checkpoint_is_found() {
    let (_dir, folder, _, checkpoint) = sample(1);
    let path = folder.join("checkpoints").join(format!("{:020}.checkpoint", checkpoint.size()));
    let bytes = fs::read(&path).expect("it is kept");
    let expected = Finding::BadCheckpoint { checkpoint_size: Some(checkpoint.size()) };
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&path, &changed).expect("it can be written");
        let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
        assert_eq!(report.findings, [expected], "byte {at}");
    }
    fs::write(&path, &bytes).expect("it can be written");
    // A true checkpoint under another's name, and a file that is none.
    fs::copy(&path, folder.join("checkpoints/00000000000000000001.checkpoint")).expect("a copy");
    fs::write(folder.join("checkpoints/note.txt"), "x").expect("it can be written");
    let found = verify(&folder, key().verifier(), &[]).expect("it can be read").findings;
    assert_eq!(found.len(), 2, "{found:?}");
    fs::rename(folder.join("checkpoints"), folder.join("elsewhere")).expect("a rename");
    let found = verify(&folder, key().verifier(), &[]).expect("it can be read").findings;
    assert_eq!(found, [Finding::NoCheckpoint]);
}

#[test]
fn a_cut_anywhere_is_found_by_whoever_remembers_a_checkpoint() {
    let (_dir, _folder, bytes, checkpoint) = sample(3);
    let borders = borders(&bytes);
    let (vkey, notes) = (key().verifier().to_string(), [checkpoint.note().to_owned()]);
    for cut in 0..bytes.len() {
        let (alone, found) = (findings(&bytes[..cut], &[]), findings(&bytes[..cut], from_ref(&checkpoint)));
        let shorter = |finding: &Finding| matches!(finding, Finding::Shorter { .. } | Finding::NotALedger);
        assert!(found.iter().any(shorter), "cut at {cut}: {found:?}");
        // Without a memory only a cut between two records goes unseen.
        let unseen = borders[1..].contains(&cut);
        assert_eq!(alone.is_empty(), unseen, "cut at {cut}: {alone:?}");
        assert!(independent::check(&bytes[..cut], &vkey, &notes).is_err());
        assert_eq!(independent::check(&bytes[..cut], &vkey, &[]).is_ok(), unseen);
    }
}

#[test]
fn the_whole_folder_rolled_back_is_found_by_whoever_remembers() {
    let (_dir, folder, bytes, _) = sample(2);
    let kept = fs::read_dir(folder.join("checkpoints")).expect("checkpoints").count();
    let mut ledger = open(&folder);
    write_acts(&mut ledger, 2);
    let remembered = ledger.checkpoint(&key()).expect("a checkpoint");
    drop(ledger);
    assert!(verify(&folder, key().verifier(), from_ref(&remembered)).expect("readable").is_clean());
    let newest = folder.join("checkpoints").join(format!("{:020}.checkpoint", remembered.size()));
    fs::rename(newest, folder.join("forgotten")).expect("a rename");
    overwrite(&folder, &bytes);
    assert_eq!(fs::read_dir(folder.join("checkpoints")).expect("checkpoints").count(), kept);
    assert!(verify(&folder, key().verifier(), &[]).expect("readable").is_clean(), "the copy itself is good");
    let found = verify(&folder, key().verifier(), from_ref(&remembered)).expect("readable").findings;
    assert!(matches!(found[..], [Finding::Shorter { .. }]), "{found:?}");
    let seen = independent::check_folder(&folder, &key().verifier().to_string(), &[remembered.note()]);
    assert!(seen.is_err());
}

#[test]
fn a_history_rewritten_with_the_key_is_found_by_whoever_remembers() {
    let (_dir, _folder, _, remembered) = sample(2);
    // The same origin and key, other acts, as many entries and more.
    let (_other_dir, other) = new_ledger();
    let mut ledger = open(&other);
    write_acts(&mut ledger, 1);
    write_acts(&mut ledger, 3);
    ledger.checkpoint(&key()).expect("a checkpoint");
    drop(ledger);
    assert!(verify(&other, key().verifier(), &[]).expect("readable").is_clean());
    let found = verify(&other, key().verifier(), from_ref(&remembered)).expect("readable").findings;
    assert_eq!(found, [Finding::Rewritten { checkpoint_size: remembered.size() }]);
    let error = prove_consistency(&other, &remembered, &remembered).expect_err("not its own");
    assert!(matches!(error, LedgerError::Damaged { .. }));
}

#[test]
fn records_that_are_whole_but_wrong_are_found() {
    let (_dir, _folder, bytes, _) = sample(2);
    let borders = borders(&bytes);
    let record = |i: usize| &bytes[borders[i]..borders[i + 1]];
    let last = borders.len() - 2;
    // Twice the same, one left out, two exchanged.
    let twice = [&bytes[..], record(last)].concat();
    let without = [&bytes[..borders[2]], &bytes[borders[3]..]].concat();
    let swapped = [&bytes[..borders[2]], record(3), record(2), &bytes[borders[4]..]].concat();
    for (what, changed) in [("twice", twice), ("without", without), ("swapped", swapped)] {
        assert!(!findings(&changed, &[]).is_empty(), "{what}");
    }
    assert_eq!(findings(&MAGIC, &[]), [Finding::BadEntry { index: 0 }]);
    assert_eq!(findings(b"", &[]), [Finding::NotALedger]);
}

fn bytes_of(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    entry.encode(&mut bytes).expect("a valid entry");
    bytes
}

/// A ledger of the genesis entry and these, each with the first index of its batch.
fn forged(entries: &[(Vec<u8>, u64)]) -> Vec<u8> {
    let genesis = bytes_of(&Entry::Genesis { origin: "ledger.example/test".into() });
    let mut bytes = [&MAGIC[..], &framed(&genesis, 0, 0)].concat();
    (1..).zip(entries).for_each(|(index, (entry, batch))| bytes.extend(framed(entry, index, *batch)));
    bytes
}

#[test]
fn histories_that_cannot_have_happened_are_found_by_both_verifiers() {
    let (first, last) = (bytes_of(&intent(1)), bytes_of(&outcome(1, 1)));
    let hold = Entry::Outcome { intent: 1, ending: Ending::Done, act: act(ActKind::Hold, 1) };
    let genesis = bytes_of(&Entry::Genesis { origin: "ledger.example/test".into() });
    let changed = |at: usize, byte: u8| {
        let mut bytes = first.clone();
        bytes[at] = byte;
        bytes
    };
    let vkey = key().verifier().to_string();
    let check = |entries: &[(Vec<u8>, u64)], good: bool, what: &str| {
        let bytes = forged(entries);
        assert_eq!(findings(&bytes, &[]).is_empty(), good, "{what}: {:?}", findings(&bytes, &[]));
        assert_eq!(independent::check(&bytes, &vkey, &[]).is_ok(), good, "{what}, the second verifier");
    };
    check(&[(first.clone(), 1), (last.clone(), 2)], true, "an act");
    check(&[(first.clone(), 1), (last.clone(), 1)], false, "an outcome beside its intent");
    check(&[(last.clone(), 1)], false, "an outcome of nothing");
    check(&[(first.clone(), 1), (last.clone(), 2), (last.clone(), 3)], false, "two outcomes");
    check(&[(first.clone(), 1), (bytes_of(&hold), 2)], false, "an outcome of another kind");
    check(&[(first.clone(), 1), (genesis, 2)], false, "a second beginning");
    check(&[(first.clone(), 0), (first.clone(), 1)], false, "a batch that begins before the last record");
    check(&[(first.clone(), 2)], false, "a batch that begins later");
    check(&[(changed(0, 2), 1)], false, "another version");
    for (what, at, bytes) in [("form", 1, [3, 9]), ("act", 2, [0, 25]), ("subject", 29, [0, 20])] {
        bytes.iter().for_each(|byte| check(&[(changed(at, *byte), 1)], false, what));
    }
    check(&[(first[..first.len() - 1].to_vec(), 1)], false, "a short entry");
    check(&[([&first[..], &[0]].concat(), 1)], false, "a long entry");
    check(&[(Vec::new(), 1)], false, "an empty entry");
}

#[test]
fn neither_findings_nor_errors_say_more_than_numbers() {
    let (dir, folder, bytes, _) = sample(1);
    overwrite(&folder, &bytes[..bytes.len() - 3]);
    let error = Ledger::open(&folder, key().verifier()).expect_err("damaged");
    let name = dir.path().file_name().and_then(|name| name.to_str()).expect("UTF-8");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("no whole entry") && !shown.contains(name), "{shown}");
}
