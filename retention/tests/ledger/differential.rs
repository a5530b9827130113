//! Two verifiers with nothing in common but the description of the format: whatever is done to a ledger, they say
//! the same of it.

use crate::independent;
use crate::support::{act, framed, key, new_ledger, open};
use crate::verifier::{End, run};
use custody_retention::ledger::*;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Something that is done to a ledger's folder. Numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Tampering {
    Nothing,
    Flip {
        at: usize,
        bit: u8,
    },
    Cut {
        at: usize,
    },
    Insert {
        at: usize,
        byte: u8,
    },
    Remove {
        record: usize,
    },
    Repeat {
        record: usize,
    },
    Swap {
        record: usize,
    },
    /// Another byte in an entry, and the checksum that fits it.
    Forge {
        record: usize,
        at: usize,
        byte: u8,
    },
    /// Another batch, and the checksum that fits it.
    Rebatch {
        record: usize,
        batch: u64,
    },
    FlipNote {
        note: usize,
        at: usize,
        bit: u8,
    },
    RenameNote {
        note: usize,
        size: u64,
    },
    ForgetNote {
        note: usize,
    },
    Stray {
        name: &'static str,
    },
    /// The ledger as it was when an earlier checkpoint was made.
    RollBack {
        note: usize,
    },
}

fn tampering() -> impl Strategy<Value = Tampering> {
    use Tampering as T;
    let n = any::<u16>().prop_map(usize::from);
    prop_oneof![
        Just(T::Nothing),
        (n, 0_u8..8).prop_map(|(at, bit)| T::Flip { at, bit }),
        any::<u16>().prop_map(|at| T::Cut { at: at.into() }),
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| T::Insert { at: at.into(), byte }),
        any::<u16>().prop_map(|record| T::Remove { record: record.into() }),
        any::<u16>().prop_map(|record| T::Repeat { record: record.into() }),
        any::<u16>().prop_map(|record| T::Swap { record: record.into() }),
        (any::<u16>(), 0_usize..70, 0_u8..27)
            .prop_map(|(record, at, byte)| { T::Forge { record: record.into(), at, byte } }),
        (any::<u16>(), 0_u64..30).prop_map(|(record, batch)| T::Rebatch { record: record.into(), batch }),
        (any::<u16>(), any::<u16>(), 0_u8..8)
            .prop_map(|(note, at, bit)| { T::FlipNote { note: note.into(), at: at.into(), bit } }),
        (any::<u16>(), 0_u64..30).prop_map(|(note, size)| T::RenameNote { note: note.into(), size }),
        any::<u16>().prop_map(|note| T::ForgetNote { note: note.into() }),
        prop_oneof![Just(".x"), Just("x"), Just("1.checkpoint"), Just("00000000000000000001.checkpoint")]
            .prop_map(|name| T::Stray { name }),
        any::<u16>().prop_map(|note| T::RollBack { note: note.into() }),
    ]
}

/// The entries of a file with the first indices of their batches.
fn records(bytes: &[u8]) -> Vec<(Vec<u8>, u64)> {
    let borders = crate::support::borders(bytes);
    let record = |pair: &[usize]| {
        let record = &bytes[pair[0]..pair[1]];
        let batch = u64::from_le_bytes(record[16..24].try_into().expect("8 bytes"));
        (record[24..record.len() - 4].to_vec(), batch)
    };
    // What an earlier tampering broke is left out.
    let whole = |pair: &&[usize]| pair[1] <= bytes.len() && pair[1] - pair[0] > 28;
    borders.windows(2).take_while(whole).map(record).collect()
}

fn file_of(records: &[(Vec<u8>, u64)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    (0..).zip(records).for_each(|(index, (entry, batch))| bytes.extend(framed(entry, index, *batch)));
    bytes
}

fn tamper(folder: &Path, what: &Tampering, kept: &[Checkpoint]) {
    use Tampering as T;
    let path = Ledger::entries_file(folder);
    let mut bytes = fs::read(&path).expect("the entries");
    let mut records = records(&bytes);
    let (length, count) = (bytes.len(), records.len());
    let note = |note: usize| {
        let checkpoint = &kept[note % kept.len()];
        folder.join("checkpoints").join(format!("{:020}.checkpoint", checkpoint.size()))
    };
    match what {
        T::Nothing => {}
        T::Flip { at, bit } => bytes[at % length] ^= 1 << bit,
        T::Cut { at } => bytes.truncate(at % length),
        T::Insert { at, byte } => bytes.insert(at % length, *byte),
        T::Remove { record } => {
            records.remove(record % count);
            bytes = file_of(&records);
        }
        T::Repeat { record } => {
            records.insert(record % count, records[record % count].clone());
            bytes = file_of(&records);
        }
        T::Swap { record } => {
            records.swap(record % count, (record + 1) % count);
            bytes = file_of(&records);
        }
        T::Forge { record, at, byte } => {
            let entry = &mut records[record % count].0;
            let at = at % entry.len();
            entry[at] = *byte;
            bytes = file_of(&records);
        }
        T::Rebatch { record, batch } => {
            records[record % count].1 = *batch;
            bytes = file_of(&records);
        }
        T::FlipNote { note: number, at, bit } => {
            let mut text = fs::read(note(*number)).expect("it is kept");
            let at = at % text.len();
            text[at] ^= 1 << bit;
            fs::write(note(*number), text).expect("it can be written");
        }
        T::RenameNote { note: number, size } => {
            let other = folder.join("checkpoints").join(format!("{size:020}.checkpoint"));
            fs::rename(note(*number), other).expect("a rename");
        }
        T::ForgetNote { note: number } => {
            fs::rename(note(*number), folder.join("gone")).expect("a rename");
        }
        T::Stray { name } => {
            fs::copy(note(0), folder.join("checkpoints").join(name)).expect("a copy");
        }
        T::RollBack { note: number } => {
            let size = kept[number % kept.len()].size();
            records.truncate(size as usize);
            bytes = file_of(&records);
            for later in kept.iter().filter(|checkpoint| checkpoint.size() > size) {
                let name = format!("{:020}.checkpoint", later.size());
                fs::rename(folder.join("checkpoints").join(&name), folder.join(name)).expect("a rename");
            }
        }
    }
    fs::write(path, bytes).expect("the entries can be written");
}

/// Writes a ledger of some acts, and returns its checkpoints.
fn write(folder: &Path, acts: &[(usize, bool, bool, bool)]) -> Vec<Checkpoint> {
    let (mut ledger, mut kept) = (open(folder), Vec::new());
    let mut before: Vec<(u64, Act)> = Vec::new();
    for (number, (kind, commit, end, checkpoint)) in (0..).zip(acts) {
        let act = act(ActKind::ALL[kind % ActKind::ALL.len()], number);
        let index = ledger.append(&Entry::Intent(act.clone())).expect("an entry");
        if *commit {
            ledger.commit().expect("durable");
            before.push((index, act));
        }
        if let Some((intent, act)) = before.pop().filter(|_| *end) {
            let ending = Ending::ALL[kind % Ending::ALL.len()];
            ledger.append(&Entry::Outcome { intent, ending, act }).expect("an entry");
        }
        if *checkpoint {
            kept.push(ledger.checkpoint(&key()).expect("a checkpoint"));
        }
    }
    kept.push(ledger.checkpoint(&key()).expect("a checkpoint"));
    kept.dedup();
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_a_ledger_both_say_the_same_of_it(
        acts in proptest::collection::vec((0_usize..50, any::<bool>(), any::<bool>(), any::<bool>()), 1..9),
        done in proptest::collection::vec(tampering(), 0..3), remembers in any::<bool>(), pick in any::<u64>(),
    ) {
        let (_dir, folder) = new_ledger();
        let kept = write(&folder, &acts);
        let vkey = key().verifier().to_string();
        let known = if remembers { &kept[..] } else { &[] };
        // One tampering may have taken away what the next one is to work on.
        for what in &done {
            let all_kept = kept.iter().all(|checkpoint| {
                folder.join("checkpoints").join(format!("{:020}.checkpoint", checkpoint.size())).exists()
            });
            if all_kept && !records(&fs::read(Ledger::entries_file(&folder))?).is_empty() {
                tamper(&folder, what, &kept);
            }
        }
        let ours = verify(&folder, key().verifier(), known).expect("it can be read");
        let notes: Vec<&str> = known.iter().map(Checkpoint::note).collect();
        let theirs = independent::check_folder(&folder, &vkey, &notes);
        prop_assert_eq!(ours.is_clean(), theirs.is_ok(), "{:?}\n{:?}", ours.findings, theirs);
        if let Ok(seen) = theirs {
            let both = (ours.size, ours.root, ours.open_intents.len());
            prop_assert_eq!(both, (seen.entries.len() as u64, seen.root, seen.open_intents));
            let covered = ours.covered.max(1);
            let proof = prove(&folder, key().verifier(), pick % covered).expect("covered").to_string();
            let (index, entry, size) = independent::check_proof(&proof, &vkey).expect("it verifies");
            prop_assert_eq!((index as u64, size as u64), (pick % covered, covered));
            prop_assert_eq!(&entry, &seen.entries[index]);
        }
    }

    #[test]
    fn a_changed_proof_verifies_for_neither(
        acts in proptest::collection::vec((0_usize..50, any::<bool>(), any::<bool>(), any::<bool>()), 1..9),
        pick in any::<u64>(), at in any::<u16>(), byte in any::<u8>(),
    ) {
        let (_dir, folder) = new_ledger();
        let kept = write(&folder, &acts);
        let index = pick % kept[kept.len() - 1].size();
        let mut text = prove(&folder, key().verifier(), index).expect("covered").to_string().into_bytes();
        let at = usize::from(at) % text.len();
        let same = text[at] == byte;
        text[at] = byte;
        if let Ok(text) = String::from_utf8(text) {
            let ours = TlogProof::parse(&text).and_then(|proof| proof.verify(key().verifier()));
            let theirs = independent::check_proof(&text, &key().verifier().to_string());
            prop_assert_eq!(ours.is_ok(), same, "{}", text);
            prop_assert_eq!(theirs.is_ok(), same, "{}", text);
        }
    }
}

#[test]
fn the_command_line_says_how_it_ended() {
    let (dir, folder) = new_ledger();
    let kept = write(&folder, &[(9, true, true, true), (10, true, false, false)]);
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (ledger, vkey) = (path("ledger"), key().verifier().to_string());
    let write = |name: &str, text: &str| fs::write(path(name), text).expect("it can be written");
    write("key", &format!("{vkey}\n"));
    write("since", &kept.iter().map(Checkpoint::note).collect::<Vec<_>>().join("\n"));
    write("proof", &prove(&folder, key().verifier(), 2).expect("covered").to_string());
    let end = |words: &[&str]| run(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let verified = |words: &[&str], expected: &str| {
        let ended = end(words);
        assert!(matches!(&ended, End::Verified(said) if said.contains(expected)), "{words:?}: {ended:?}");
    };
    verified(&["--key", &vkey, &ledger], "4 entries");
    verified(&["--key", &path("key"), &ledger, "--since", &path("since")], "2 remembered");
    verified(&["--since", &path("ledger/checkpoints"), &ledger, "--key", &vkey], "3 remembered");
    verified(
        &["--key", &vkey, "--proof", &path("proof")],
        "purge: outcome of 1, partial, at 1767225600000 ms",
    );
    for words in [
        &[][..],
        &["--key"],
        &[&ledger],
        &["--key", &vkey],
        &["--key", &vkey, &ledger, "--proof", &path("proof")],
        &["--key", &vkey, &path("nothing")],
        &["--key", &vkey, "--proof", &path("nothing")],
        &["--key", &vkey, &ledger, "--since", &path("key")],
        &["--key", &vkey, &ledger, "--sinse", &path("since")],
    ] {
        assert!(matches!(end(words), End::Unchecked(_)), "{words:?}");
    }
    let entries = Ledger::entries_file(&folder);
    let bytes = fs::read(&entries).expect("the entries");
    fs::write(&entries, &bytes[..bytes.len() - 1]).expect("it can be written");
    let other = SignerKey::new("ledger.example/test", &[9; 32]).expect("a key").verifier().to_string();
    for words in [&["--key", &vkey, &ledger][..], &["--key", &other, "--proof", &path("proof")]] {
        assert!(matches!(end(words), End::Wrong(_)), "{words:?}");
    }
}
