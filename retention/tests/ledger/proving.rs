//! Many proofs from one pass, and the entries that somebody asks for.

use crate::support::{TIME_MS, act, intent, key, new_ledger, open, outcome, sample};
use custody_retention::ledger::*;
use proptest::prelude::*;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A ledger of so many entries in one batch, under a checkpoint, and under those of the sizes before.
fn of_sizes(sizes: &[u64]) -> (tempfile::TempDir, PathBuf, Vec<Checkpoint>) {
    let (dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let mut checkpoints = Vec::new();
    for size in sizes {
        for number in ledger.size()..*size {
            ledger.append(&intent(number)).expect("an entry");
        }
        checkpoints.push(ledger.checkpoint(&key()).expect("a checkpoint"));
    }
    drop(ledger);
    (dir, folder, checkpoints)
}

fn check(folder: &Path, indices: &[u64]) {
    let proofs = prove_many(folder, key().verifier(), indices).expect("covered");
    assert_eq!(proofs.len(), indices.len());
    let mut entries = Vec::new();
    for_each_entry(folder, |_, entry| entries.push(entry)).expect("it can be read");
    for (proof, index) in proofs.iter().zip(indices) {
        let text = TlogProof::parse(&proof.to_string()).expect("a proof");
        let (proved, entry, _) = text.verify(key().verifier()).expect("it verifies");
        assert_eq!((proved, &entry), (*index, &entries[*index as usize]));
    }
}

#[test]
fn every_entry_around_the_borders_of_blocks_is_proved() {
    for size in [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 769] {
        let (_dir, folder, _) = of_sizes(&[size]);
        let near = |index: &u64| {
            index % 256 < 3 || index % 256 > 253 || size - index < 3 || index.is_multiple_of(37)
        };
        check(&folder, &(0..size).filter(near).collect::<Vec<_>>());
    }
}

#[test]
fn proofs_in_any_order_and_more_than_once() {
    let (_dir, folder, _) = of_sizes(&[256 * 11 + 5]);
    let indices: Vec<u64> = (0..400).map(|i| i * 7_919 % (256 * 11 + 5)).collect();
    check(&folder, &[&indices[..], &indices[..20], &[0, 0]].concat());
    let beyond = prove_many(&folder, key().verifier(), &[256 * 11 + 5]);
    assert!(matches!(beyond, Err(LedgerError::NotCovered { .. })));
}

#[test]
fn checkpoints_of_large_trees_follow_from_each_other() {
    let (_dir, folder, checkpoints) = of_sizes(&[1, 2, 255, 256, 257, 600, 1_024, 1_300]);
    for (i, new) in checkpoints.iter().enumerate() {
        let mut prover = Prover::under(&folder, new.clone()).expect("its own");
        assert_eq!(prover.checkpoint(), new);
        for old in &checkpoints[..=i] {
            let proof = prover.consistency(old).expect("both are its own");
            let (from, to) = ((old.size(), old.root()), (new.size(), new.root()));
            assert!(verify_consistency(from, to, &proof), "{} to {}", old.size(), new.size());
        }
        for newer in &checkpoints[i + 1..] {
            assert!(matches!(prover.consistency(newer), Err(LedgerError::NotCovered { .. })));
        }
    }
}

#[test]
fn what_was_changed_behind_a_prover_is_not_proved() {
    let (_dir, folder, _) = of_sizes(&[600]);
    let mut prover = Prover::open(&folder, key().verifier()).expect("it is good");
    prover.prove(10).expect("unchanged");
    let file = fs::OpenOptions::new().write(true).open(Ledger::entries_file(&folder)).expect("a file");
    let size = file.metadata().expect("a file").len();
    file.write_all_at(&[1], size - 60).expect("it can be written");
    prover.prove(10).expect("its block is unchanged");
    assert!(matches!(prover.prove(599), Err(LedgerError::Damaged { .. })));
    assert!(matches!(prover.entry(599), Err(LedgerError::Damaged { .. })));
    let error = Prover::open(&folder, key().verifier()).expect_err("damaged");
    assert!(matches!(error, LedgerError::Damaged { .. }));
}

/// The indices that a filter lets through.
fn listed(folder: &Path, filter: &Filter) -> Vec<u64> {
    let mut indices = Vec::new();
    for_each_matching(folder, filter, |index, _| {
        indices.push(index);
        ControlFlow::Continue(())
    })
    .expect("it can be read");
    indices
}

#[test]
fn a_filter_asks_for_index_act_subject_user_and_time() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let mut other = act(ActKind::Hold, 7);
    other.user = IdKey::new([8; 32]).user("another");
    for entry in [intent(1), Entry::Intent(other.clone()), intent(2)] {
        ledger.append(&entry).expect("an entry");
    }
    ledger.commit().expect("durable");
    ledger.append(&outcome(1, 1)).expect("an entry");
    ledger.commit().expect("durable");
    drop(ledger);
    let all = Filter::default();
    let subject = act(ActKind::Purge, 1).subjects[0].id;
    for (filter, expected) in [
        (all.clone(), vec![0, 1, 2, 3, 4]),
        (Filter { indices: Some(0..2), ..all.clone() }, vec![0, 1]),
        (Filter { indices: Some(3..99), ..all.clone() }, vec![3, 4]),
        (Filter { acts: vec![ActKind::Hold], ..all.clone() }, vec![2]),
        (Filter { acts: vec![ActKind::Hold, ActKind::Purge], ..all.clone() }, vec![1, 2, 3, 4]),
        (Filter { acts: vec![ActKind::Mark], ..all.clone() }, vec![]),
        (Filter { subjects: vec![subject], ..all.clone() }, vec![1, 4]),
        (Filter { users: vec![other.user], ..all.clone() }, vec![2]),
        (Filter { since_ms: Some(TIME_MS + 2), ..all.clone() }, vec![2, 3]),
        (Filter { until_ms: Some(TIME_MS + 2), ..all.clone() }, vec![1, 4]),
        (Filter { since_ms: Some(TIME_MS), until_ms: Some(TIME_MS), ..all.clone() }, vec![]),
        (Filter { subjects: vec![subject], indices: Some(2..9), ..all.clone() }, vec![4]),
    ] {
        assert_eq!(listed(&folder, &filter), expected, "{filter:?}");
    }
    let mut first = None;
    for_each_matching(&folder, &all, |index, _| {
        first = Some(index);
        ControlFlow::Break(())
    })
    .expect("it can be read");
    assert_eq!(first, Some(0));
}

#[test]
fn a_listing_says_a_torn_tail_from_damage_and_reads_no_further_than_asked() {
    let (_dir, folder, bytes, checkpoint) = sample(2);
    fs::write(Ledger::entries_file(&folder), &bytes[..bytes.len() - 1]).expect("it can be written");
    let torn = for_each_entry(&folder, |_, _| ()).expect_err("torn");
    let LedgerError::Damaged { findings } = torn else { panic!("{torn}") };
    assert!(matches!(findings[..], [Finding::TornTail { .. }]), "{findings:?}");
    let before = Filter { indices: Some(0..checkpoint.size() - 1), ..Filter::default() };
    assert_eq!(listed(&folder, &before).len() as u64, checkpoint.size() - 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_proved_is_what_another_implementation_proves(size in 1_u64..1_500, picks in proptest::collection::vec(any::<u64>(), 1..8)) {
        use ct_merkle::RootHash;
        use ct_merkle::mem_backed_tree::MemoryBackedTree;
        let (_dir, folder, checkpoints) = of_sizes(&[size]);
        let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for_each_entry(&folder, |_, entry| {
            let mut bytes = Vec::new();
            entry.encode(&mut bytes).expect("it was read");
            tree.push(bytes);
        }).expect("it can be read");
        let root: RootHash<sha2::Sha256> = tree.root();
        prop_assert_eq!(root.as_bytes().as_slice(), &checkpoints[0].root()[..]);
        let mut prover = Prover::open(&folder, key().verifier()).expect("it is good");
        for pick in picks {
            let index = pick % size;
            let text = prover.prove(index).expect("covered").to_string();
            let hashes = text.lines().skip(3).take_while(|line| !line.is_empty());
            use base64::Engine as _;
            let decode = |line| base64::engine::general_purpose::STANDARD.decode(line).expect("base64");
            let hashes: Vec<u8> = hashes.flat_map(decode).collect();
            let expected = tree.prove_inclusion(index as usize);
            prop_assert_eq!(hashes, expected.as_bytes());
        }
    }
}
