//! Records of users, environments and secrets: in force as the ledger says, whatever somebody does to their files.

use crate::oracle::{self, oddities};
use crate::support::*;
use custody_retention::store::{Oddity, RecordKind, Store, StoreError, StorePlace};
use std::fs;
use std::path::PathBuf;

const PLACE: RecordKind = RecordKind::Environment;
const SECRET: RecordKind = RecordKind::Secret;

fn put(store: &mut Store, kind: RecordKind, (name, text): (&str, &str)) {
    let who = who(store, "an.account", TIME_MS);
    store.put_record(who, kind, (name, text.as_bytes())).expect("it is put in force");
}

fn text(store: &Store, kind: RecordKind, name: &str) -> Option<String> {
    let bytes = store.record(kind, name).expect("it can be read");
    bytes.map(|bytes| String::from_utf8(bytes).expect("a text"))
}

fn files(place: &StorePlace, ending: &str) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(place.folder.join("governance")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort();
    files
}

#[test]
fn the_last_record_of_a_name_is_in_force_also_after_a_rebuild() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    put(&mut store, PLACE, ("one", "first"));
    put(&mut store, PLACE, ("one", "second"));
    put(&mut store, PLACE, ("two", "other"));
    put(&mut store, SECRET, ("one", "not one"));
    let who = who(&store, "an.account", TIME_MS);
    store.remove_record(who, PLACE, "two").expect("it goes");
    let gone = store.remove_record(who, PLACE, "two");
    assert!(matches!(gone, Err(StoreError::NotFound(_))), "{gone:?}");
    drop(store);
    let store = open(&place, &holder);
    assert_eq!(text(&store, PLACE, "one").as_deref(), Some("second"));
    assert_eq!(text(&store, PLACE, "two"), None);
    assert_eq!(text(&store, SECRET, "one").as_deref(), Some("not one"));
    let all = store.records(PLACE).expect("they can be read");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].1, b"second");
    assert_eq!(files(&place, "environment").len(), 3, "what was in force stays readable");
    assert_eq!(oddities(&store), vec![]);
    oracle::check(&store, &place, &holder, &[]);
}

#[test]
fn a_record_that_was_edited_removed_or_put_there_outside_is_not_believed() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    put(&mut store, PLACE, ("one", "role = auditor"));
    put(&mut store, PLACE, ("one", "role = nobody"));
    let paths = files(&place, "environment");
    for path in &paths {
        let own = fs::read(path).expect("a file");
        for changed in [&b"role = administrator"[..], b"", &[0xff; 70 << 10]] {
            fs::write(path, changed).expect("it can be written");
            if own == b"role = nobody" {
                let read = store.record(PLACE, "one");
                assert!(matches!(read, Err(StoreError::Refused(_))), "{read:?}");
                let all = store.records(PLACE);
                assert!(matches!(all, Err(StoreError::Refused(_))), "{all:?}");
                assert!(matches!(oddities(&store)[..], [Oddity::ChangedRecord(_)]));
            } else {
                assert_eq!(
                    text(&store, PLACE, "one").as_deref(),
                    Some("role = nobody"),
                    "an old one has no say"
                );
            }
        }
        fs::write(path, own).expect("it can be written");
    }
    // The record that was in force before, in place of the one that is.
    let of = |wanted: &str| {
        paths.iter().find(|path| fs::read(path).expect("a file") == wanted.as_bytes()).expect("the record")
    };
    fs::copy(of("role = auditor"), of("role = nobody")).expect("it can be copied");
    assert!(matches!(store.record(PLACE, "one"), Err(StoreError::Refused(_))));
    put(&mut store, PLACE, ("one", "role = nobody"));
    assert_eq!(text(&store, PLACE, "one").as_deref(), Some("role = nobody"), "set anew");
    fs::write(place.folder.join("governance/two.environment"), "role = administrator")
        .expect("it can be written");
    assert_eq!(store.records(PLACE).expect("they can be read").len(), 1);
    assert!(matches!(oddities(&store)[..], [Oddity::Unknown { .. }]));
    let long = vec![b'x'; 65 << 10];
    let who = who(&store, "an.account", TIME_MS);
    let refused = store.put_record(who, PLACE, ("long", &long));
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

#[test]
fn files_of_secrets_go_when_they_are_replaced_or_taken_away_also_after_a_crash() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    put(&mut store, SECRET, ("sandbox/one", "sealed 1"));
    let first = files(&place, "secret");
    let copy = fs::read(&first[0]).expect("a file");
    put(&mut store, SECRET, ("sandbox/one", "sealed 2"));
    put(&mut store, SECRET, ("sandbox/two", "sealed 3"));
    assert_eq!(files(&place, "secret").len(), 2);
    assert!(!first[0].exists());
    // As a crash leaves it before the old one is gone.
    fs::write(&first[0], copy).expect("it can be written");
    drop(store);
    let mut store = open(&place, &holder);
    assert!(!first[0].exists());
    assert_eq!(text(&store, SECRET, "sandbox/one").as_deref(), Some("sealed 2"));
    let who = who(&store, "an.account", TIME_MS);
    store.remove_record(who, SECRET, "sandbox/one").expect("it goes");
    store.remove_record(who, SECRET, "sandbox/two").expect("it goes");
    assert_eq!(files(&place, "secret"), Vec::<PathBuf>::new());
    assert_eq!(oddities(&store), vec![]);
    oracle::check(&store, &place, &holder, &[]);
}
