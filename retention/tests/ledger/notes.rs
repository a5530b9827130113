//! Notes, checkpoints and proofs against what other tools publish, and against everything that is almost one.

use crate::support::{key, new_ledger, open, sample, write_acts};
use custody_retention::ledger::*;

/// From the tests of golang.org/x/mod/sumdb/note.
const GO_VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_SKEY: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                       then you don't know what your problem is.\n";
const GO_SIGNATURE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn notes_of_the_go_tools_verify_and_are_made_alike() {
    use base64::Engine as _;
    let vkey = VerifierKey::parse(GO_VKEY).expect("a key");
    let note = format!("{GO_TEXT}\n{GO_SIGNATURE}");
    assert_eq!(vkey.to_string(), GO_VKEY);
    assert_eq!(vkey.open(&note).expect("it is signed"), GO_TEXT);
    let seed = base64::engine::general_purpose::STANDARD.decode(GO_SKEY).expect("base64");
    let signer = SignerKey::new("PeterNeumann", seed[1..].try_into().expect("32 bytes")).expect("a key");
    assert_eq!(signer.verifier(), &vkey);
    assert_eq!(signer.sign(GO_TEXT).expect("lines of text"), note);
    let cosigned = format!("{GO_TEXT}\n— witness.example AAAAAA==\n{GO_SIGNATURE}");
    assert_eq!(vkey.open(&cosigned).expect("other signatures are ignored"), GO_TEXT);
}

#[test]
fn what_is_almost_a_key_is_none() {
    for at in 0..GO_VKEY.len() {
        let mut bytes = GO_VKEY.as_bytes().to_vec();
        bytes[at] += 1;
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(VerifierKey::parse(&changed).is_err(), "{changed}");
        assert!(VerifierKey::parse(&GO_VKEY[..at]).is_err());
    }
    // Another algorithm, with a hash that fits it; a key that is too long.
    for text in [
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    ] {
        assert!(VerifierKey::parse(text).is_err(), "{text}");
    }
    assert!(SignerKey::new("a b", &[1; 32]).is_err() && SignerKey::new("a+b", &[1; 32]).is_err());
}

#[test]
fn notes_with_any_byte_changed_do_not_verify() {
    let vkey = VerifierKey::parse(GO_VKEY).expect("a key");
    let note = format!("{GO_TEXT}\n{GO_SIGNATURE}");
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            assert!(String::from_utf8(bytes).map_or(true, |changed| vkey.open(&changed).is_err()), "{at}");
        }
    }
    for cut in 0..note.len() {
        assert!(note.get(..cut).is_none_or(|part| vkey.open(part).is_err()), "{cut}");
    }
    for odd in ["", "\n", "\n\n", "a\n\n", "a\n\n— \n", "a\n\n— x y\n", "\u{1}\n\n"] {
        assert!(vkey.open(odd).is_err(), "{odd:?}");
    }
}

#[test]
fn a_secret_key_is_not_shown() {
    let shown = format!("{:?}", key());
    assert!(shown.contains("ledger.example/test") && !shown.contains("7, 7, 7"), "{shown}");
}

#[test]
fn checkpoints_say_origin_size_and_root() {
    let (_dir, folder, _, checkpoint) = sample(3);
    let report = verify(&folder, key().verifier(), &[]).expect("it can be read");
    let lines: Vec<&str> = checkpoint.note().lines().collect();
    assert_eq!((lines[0], lines[1]), ("ledger.example/test", report.size.to_string().as_str()));
    assert_eq!((report.covered, &report.root), (checkpoint.size(), checkpoint.root()));
    assert_eq!(Checkpoint::parse(checkpoint.note(), key().verifier()).expect("its own"), checkpoint);
    for text in ["o\n1\n", "ledger.example/test\n01\nAA==\n", "ledger.example/test\n-1\nAA==\n", "x\ny\nz\n"]
    {
        let note = key().sign(text).expect("lines of text");
        assert!(Checkpoint::parse(&note, key().verifier()).is_err(), "{text}");
    }
    let elsewhere = checkpoint.note().split_once("\n\n").expect("a note").0.replace("/test", "/else") + "\n";
    let note = key().sign(&elsewhere).expect("lines of text");
    assert!(key().verifier().open(&note).is_ok() && Checkpoint::parse(&note, key().verifier()).is_err());
    let other = SignerKey::new("ledger.example/test", &[9; 32]).expect("a key");
    assert!(Checkpoint::parse(checkpoint.note(), other.verifier()).is_err());
}

#[test]
fn every_entry_is_proved_by_a_text_that_stands_alone() {
    let (_dir, folder, _, checkpoint) = sample(6);
    for index in 0..checkpoint.size() {
        let text = prove(&folder, key().verifier(), index).expect("covered").to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "), "{text}");
        let proof = TlogProof::parse(&text).expect("a proof");
        let (proved, entry, under) = proof.verify(key().verifier()).expect("it verifies");
        assert_eq!((proved, &under), (index, &checkpoint));
        assert_eq!(matches!(entry, Entry::Genesis { .. }), index == 0);
    }
    let beyond = prove(&folder, key().verifier(), checkpoint.size());
    assert!(matches!(beyond, Err(LedgerError::NotCovered { .. })));
}

#[test]
fn proofs_with_any_byte_changed_do_not_verify() {
    let (_dir, folder, _, _) = sample(3);
    let text = prove(&folder, key().verifier(), 4).expect("covered").to_string();
    let verifies = |text: &str| TlogProof::parse(text).and_then(|p| p.verify(key().verifier())).is_ok();
    assert!(verifies(&text));
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            assert!(!String::from_utf8(bytes).is_ok_and(|changed| verifies(&changed)), "byte {at}");
        }
        assert!(!text.get(..at).is_some_and(verifies), "cut at {at}");
    }
}

#[test]
fn checkpoints_follow_from_each_other() {
    let (_dir, folder) = new_ledger();
    let mut ledger = open(&folder);
    let mut checkpoints = Vec::new();
    for _ in 0..6 {
        write_acts(&mut ledger, 1);
        checkpoints.push(ledger.checkpoint(&key()).expect("a checkpoint"));
    }
    drop(ledger);
    for (i, old) in checkpoints.iter().enumerate() {
        for new in &checkpoints[i..] {
            let proof = prove_consistency(&folder, old, new).expect("both are its own");
            let at = |checkpoint: &Checkpoint| (checkpoint.size(), *checkpoint.root());
            let ((old_size, old_root), (new_size, new_root)) = (at(old), at(new));
            assert!(verify_consistency((old_size, &old_root), (new_size, &new_root), &proof));
        }
        assert!(i == 0 || prove_consistency(&folder, old, &checkpoints[0]).is_err());
    }
}
