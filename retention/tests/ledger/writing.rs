//! Writing: what is taken, what is refused, who may write, and what the purge's journal leaves behind.

use crate::independent;
use crate::support::{act, intent, key, new_ledger, open, outcome, write_acts};
use custody_retention::ledger::*;
use proptest::prelude::*;
use std::fs;

#[test]
fn a_new_ledger_has_one_entry_and_a_checkpoint() {
    let (_dir, folder) = new_ledger();
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    assert!(report.is_clean());
    assert_eq!((report.size, report.covered, report.kept_checkpoints), (1, 1, 1));
    assert!(matches!(Ledger::create(&folder, &key()), Err(LedgerError::Exists)));
    assert_eq!(verify(&folder, key().verifier(), &[]).expect("it can be read"), report);
}

#[test]
fn a_ledger_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, folder) = new_ledger();
    let mode = fs::metadata(&folder).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn entries_last_and_both_verifiers_agree() {
    let (_dir, folder) = new_ledger();
    let mut sizes = vec![1];
    for _ in 0..5 {
        let mut ledger = open(&folder);
        assert_eq!(ledger.size(), sizes[sizes.len() - 1]);
        write_acts(&mut ledger, 3);
        ledger.checkpoint(&key()).expect("a checkpoint");
        sizes.push(ledger.size());
    }
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    let seen = independent::check_folder(&folder, &key().verifier().to_string(), &[]).expect("it verifies");
    assert!(report.is_clean());
    assert_eq!((report.size, report.kept_checkpoints), (seen.entries.len() as u64, 6));
    assert_eq!((report.root, report.open_intents.len()), (seen.root, seen.open_intents));
}

#[test]
fn an_outcome_needs_a_durable_open_intent_of_its_kind() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let refused = |ledger: &mut Ledger, entry: &Entry| {
        assert!(matches!(ledger.append(entry), Err(LedgerError::NoIntent { .. })));
    };
    refused(&mut ledger, &outcome(0, 1));
    refused(&mut ledger, &outcome(9, 1));
    let index = ledger.append(&intent(1)).expect("an intent");
    refused(&mut ledger, &outcome(index, 1));
    ledger.commit().expect("durable");
    let other = Entry::Outcome { intent: index, ending: Ending::Done, act: act(ActKind::Hold, 1) };
    refused(&mut ledger, &other);
    assert_eq!(ledger.open_intents().collect::<Vec<_>>(), [(index, &act(ActKind::Purge, 1))]);
    ledger.append(&outcome(index, 1)).expect("an outcome");
    refused(&mut ledger, &outcome(index, 1));
    assert_eq!(ledger.open_intents().count(), 0);
    assert!(ledger.append(&Entry::Genesis { origin: "ledger.example/test".into() }).is_err());
    assert_eq!(ledger.size(), 3);
}

#[test]
fn an_entry_takes_so_many_subjects_and_no_more() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let mut many = act(ActKind::Plan, 1);
    many.subjects = vec![many.subjects[0]; SUBJECTS_MAX];
    ledger.append(&Entry::Intent(many.clone())).expect("the most there can be");
    many.subjects.push(many.subjects[0]);
    let error = ledger.append(&Entry::Intent(many)).expect_err("one more");
    assert!(matches!(error, LedgerError::InvalidEntry { .. }));
    ledger.checkpoint(&key()).expect("it was not harmed");
    drop(ledger);
    assert!(verify(&folder, key().verifier(), &[]).expect("it can be read").is_clean());
}

#[test]
fn a_batch_larger_than_memory_takes_is_one_batch() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    for number in 0..30_000 {
        ledger.append(&intent(number)).expect("an entry");
    }
    assert_eq!(ledger.commit().expect("durable"), 30_001);
    ledger.checkpoint(&key()).expect("a checkpoint");
    drop(ledger);
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    assert!(report.is_clean() && report.open_intents.len() == 30_000);
}

#[test]
fn there_is_one_writer_and_nobody_reads_meanwhile() {
    let (_dir, folder) = new_ledger();
    let ledger = open(&folder);
    let busy = |error: Option<LedgerError>| assert!(matches!(error, Some(LedgerError::Busy)), "{error:?}");
    busy(Ledger::open(&folder, key().verifier()).err());
    busy(verify(&folder, key().verifier(), &[]).err());
    busy(prove(&folder, key().verifier(), 0).err());
    drop(ledger);
    drop(open(&folder));
    assert!(verify(&folder, key().verifier(), &[]).expect("free again").is_clean());
}

#[test]
fn another_key_neither_opens_nor_signs() {
    let (_dir, folder) = new_ledger();
    let same_name = SignerKey::new("ledger.example/test", &[9; 32]).expect("a key");
    let other = SignerKey::new("ledger.example/other", &[7; 32]).expect("a key");
    for wrong in [&same_name, &other] {
        let error = Ledger::open(&folder, wrong.verifier()).expect_err("another's");
        assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
    }
    assert!(open(&folder).checkpoint(&other).is_err());
    assert!(Ledger::create(&folder.join("x"), &SignerKey::new("Jane", &[1; 32]).expect("a key")).is_err());
}

#[test]
fn a_heartbeat_dates_a_checkpoint_and_leaves_nothing_open() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let user = IdKey::new([8; 32]).user("timer");
    for day in 1..=3 {
        let checkpoint = ledger.heartbeat(&key(), user, day * 86_400_000).expect("a checkpoint");
        assert_eq!((checkpoint.size(), checkpoint.root()), (1 + 2 * day, &ledger.root()));
    }
    drop(ledger);
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    assert!(report.is_clean() && report.open_intents.is_empty());
    assert_eq!((report.kept_checkpoints, report.covered), (4, 7));
}

#[test]
fn opening_looks_at_the_newest_checkpoints_and_verification_at_all() {
    let (_dir, folder) = new_ledger();
    let user = IdKey::new([8; 32]).user("timer");
    let mut ledger = open(&folder);
    for time_ms in 0..1_001 {
        ledger.heartbeat(&key(), user, time_ms).expect("a checkpoint");
    }
    drop(ledger);
    let path = |size: u64| folder.join("checkpoints").join(format!("{size:020}.checkpoint"));
    // The oldest but one is the last that opening leaves out.
    fs::write(path(3), "x").expect("it can be written");
    drop(open(&folder));
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    assert_eq!(report.findings, [Finding::BadCheckpoint { checkpoint_size: Some(3) }]);
    assert_eq!(report.kept_checkpoints, 1_001);
    fs::write(path(5), "x").expect("it can be written");
    let error = Ledger::open(&folder, key().verifier()).expect_err("one of the newest 1,000");
    assert!(matches!(error, LedgerError::Damaged { .. }), "{error}");
}

#[test]
fn a_crash_while_a_ledger_is_made_leaves_none() {
    let (dir, folder) = new_ledger();
    // The checkpoint is kept first; without entries there is no ledger yet.
    fs::rename(Ledger::entries_file(&folder), dir.path().join("gone")).expect("a rename");
    assert!(Ledger::open(&folder, key().verifier()).is_err());
    Ledger::create(&folder, &key()).expect("made after all");
    assert!(verify(&folder, key().verifier(), &[]).expect("it can be read").is_clean());
    fs::rename(folder.join("checkpoints"), dir.path().join("lost")).expect("a rename");
    assert!(Ledger::open(&folder, key().verifier()).is_err(), "a ledger without any checkpoint");
}

proptest! {
    #[test]
    fn entries_have_one_encoding(
        kind in 0_usize..16, ending in 0_usize..5, index in any::<u64>(), time_ms in any::<u64>(),
        subjects in proptest::collection::vec((0_usize..11, any::<[u8; 32]>()), 0..9), outcome in any::<bool>(),
    ) {
        let subjects = subjects.into_iter().map(|(kind, id)| Subject { kind: SubjectKind::ALL[kind].0, id });
        let user = IdKey::new([1; 32]).user("x");
        let act = Act { kind: ActKind::ALL[kind], user, time_ms, subjects: subjects.collect() };
        let entry = if outcome {
            Entry::Outcome { intent: index, ending: Ending::ALL[ending], act }
        } else {
            Entry::Intent(act)
        };
        let mut bytes = Vec::new();
        entry.encode(&mut bytes).expect("a valid entry");
        prop_assert_eq!(Entry::decode(&bytes), Some(entry));
        prop_assert_eq!(Entry::decode(&bytes[..bytes.len() - 1]), None);
        bytes.push(0);
        prop_assert_eq!(Entry::decode(&bytes), None);
    }

    #[test]
    fn what_decodes_encodes_to_the_same(bytes in proptest::collection::vec(0_u8..20, 0..80)) {
        if let Some(entry) = Entry::decode(&bytes) {
            let mut again = Vec::new();
            entry.encode(&mut again).expect("it was one");
            prop_assert_eq!(again, bytes);
        }
    }
}
