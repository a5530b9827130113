//! Ledgers, notes and proofs as somebody else may hand them in: any bytes alone, and laid over a sound ledger with
//! the checksums of its records made to fit again, so that entries are reached as well.
#![no_main]

use custody_retention::ledger::{
    Act, ActKind, Checkpoint, Ending, Entry, IdKey, Ledger, SignerKey, SubjectKind, TlogProof, VerifierKey,
    prove, verify_entries,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Bytes before the first record.
const START: usize = 16;

struct Sound {
    entries: Vec<u8>,
    checkpoint: Checkpoint,
    proof: String,
    key: VerifierKey,
}

static SOUND: LazyLock<Sound> = LazyLock::new(|| {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("ledger");
    let key = SignerKey::new("ledger.example/fuzz", &[7; 32]).expect("a key");
    Ledger::create(&folder, &key).expect("a ledger");
    let (mut ledger, _) = Ledger::open(&folder, key.verifier()).expect("it opens");
    let ids = IdKey::new([8; 32]);
    for number in 0..4 {
        let subjects = vec![ids.subject(SubjectKind::Artifact, &[number])];
        let act = Act { kind: ActKind::Purge, user: ids.user("a"), time_ms: 1, subjects };
        let intent = ledger.append(&Entry::Intent(act.clone())).expect("an entry");
        ledger.commit().expect("durable");
        ledger.append(&Entry::Outcome { intent, ending: Ending::Done, act }).expect("an entry");
    }
    let checkpoint = ledger.checkpoint(&key).expect("a checkpoint");
    drop(ledger);
    let entries = std::fs::read(Ledger::entries_file(&folder)).expect("the entries");
    let proof = prove(&folder, key.verifier(), 3).expect("covered").to_string();
    Sound { entries, checkpoint, proof, key: key.verifier().clone() }
});

/// Makes every record's checksum fit, as far as lengths lead.
fn sum_again(bytes: &mut [u8]) {
    let mut at = START;
    while let Some(length) = bytes.get(at + 4..).and_then(|rest| rest.first_chunk()) {
        let end = at + 24 + u32::from_le_bytes(*length) as usize;
        if bytes.len() < end + 4 {
            return;
        }
        let sum = crc32c::crc32c(&bytes[at..end]);
        bytes[end..end + 4].copy_from_slice(&sum.to_le_bytes());
        at = end + 4;
    }
}

fn lay_over(sound: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    let at = data.first().map_or(0, |&first| usize::from(first) * 4 % bytes.len());
    bytes.iter_mut().skip(at).zip(data.iter().skip(1)).for_each(|(byte, new)| *byte = *new);
    bytes
}

fuzz_target!(|data: &[u8]| {
    let sound = &*SOUND;
    let mut laid_over = lay_over(&sound.entries, data);
    sum_again(&mut laid_over);
    for bytes in [data.to_vec(), laid_over] {
        let known = std::slice::from_ref(&sound.checkpoint);
        let report = verify_entries(&bytes, &sound.key, known).expect("memory can be read");
        // Batches are no part of the tree; whatever else differs is found.
        let same = report.root == *sound.checkpoint.root() && report.size == sound.checkpoint.size();
        assert!(!report.is_clean() || same, "another ledger passes as this one");
    }
    if let Some(entry) = Entry::decode(data) {
        let mut again = Vec::new();
        entry.encode(&mut again).expect("it was one");
        assert_eq!(again, data, "an entry has one encoding");
    }
    for text in [data.to_vec(), lay_over(sound.proof.as_bytes(), data)] {
        let Ok(text) = String::from_utf8(text) else { continue };
        let verified = TlogProof::parse(&text).and_then(|proof| proof.verify(&sound.key));
        assert!(verified.is_err() || text == sound.proof, "another proof verifies");
        assert!(Checkpoint::parse(&text, &sound.key).is_err(), "an unsigned checkpoint");
    }
});
