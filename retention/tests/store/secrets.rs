//! Credentials: what is set is read again, lies nowhere in the clear, and does not open in another's place.

use crate::oracle;
use crate::support::*;
use custody_retention::store::{RecordKind, SecretName, SecretText, Store, StoreError, StorePlace};
use std::fs;
use zeroize::Zeroizing;

const VALUE: &str = "Marsh-Lantern-77-copper";

fn name(environment: &str, name: &str) -> SecretName {
    SecretName::new(environment, name).expect("words")
}

fn value(text: &str) -> SecretText {
    SecretText::new(Zeroizing::new(text.to_owned())).map_err(|e| e.to_string()).expect("a value")
}

fn set(store: &mut Store, of: (&str, &str), text: &str) {
    let who = who(store, "an.account", TIME_MS);
    store.set_secret(who, &name(of.0, of.1), &value(text)).expect("it is set");
}

fn read(store: &Store, of: (&str, &str)) -> Option<String> {
    let found = store.secret(of.0, of.1).map_err(|e| e.to_string()).expect("it can be read");
    found.map(|value| value.expose().to_owned())
}

fn files(place: &StorePlace) -> Vec<std::path::PathBuf> {
    let folder = fs::read_dir(place.folder.join("governance")).expect("the folder");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == "secret"));
    files.sort();
    files
}

#[test]
fn what_is_set_is_read_by_its_environment_and_lies_nowhere_in_the_clear() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    set(&mut store, ("sandbox", "raas-token"), VALUE);
    set(&mut store, ("production", "raas-token"), "Other-Value-31");
    assert_eq!(read(&store, ("sandbox", "raas-token")).as_deref(), Some(VALUE));
    assert_eq!(read(&store, ("production", "raas-token")).as_deref(), Some("Other-Value-31"));
    assert_eq!(read(&store, ("sandbox", "raas-user")), None);
    set(&mut store, ("sandbox", "raas-token"), "Third-Value-49");
    store.checkpoint().expect("signed");
    drop(store);
    for text in [VALUE, "Other-Value-31", "Third-Value-49", "raas-token"] {
        assert!(!anywhere(&place.folder, text.as_bytes()), "{text}");
    }
    let sizes: Vec<u64> =
        files(&place).iter().map(|path| fs::metadata(path).expect("a file").len()).collect();
    assert_eq!(sizes, vec![16 + 24 + 256 + 16; 2], "sizes tell no length");
    let mut store = open(&place, &holder);
    let all = store.secrets().map_err(|e| e.to_string()).expect("they can be read");
    let names: Vec<_> = all.iter().map(|one| (one.name.environment(), one.name.name())).collect();
    assert_eq!(names, [("production", "raas-token"), ("sandbox", "raas-token")]);
    assert_eq!(all[1].value.expose(), "Third-Value-49");
    assert_eq!(all[1].changed_ms, TIME_MS);
    let who = who(&store, "an.account", TIME_MS);
    store.remove_secret(who, &name("sandbox", "raas-token")).expect("it goes");
    assert_eq!(read(&store, ("sandbox", "raas-token")), None);
    assert!(!store.has_secret(&name("sandbox", "raas-token")).expect("known"));
    assert_eq!(files(&place).len(), 1);
    oracle::check(&store, &place, &holder, &[]);
}

#[test]
fn a_new_store_key_leaves_credentials_readable() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    set(&mut store, ("sandbox", "raas-token"), VALUE);
    for _ in 0..2 {
        let who = who(&store, "an.account", TIME_MS);
        store.rotate(who, &holder).expect("a new key");
        assert_eq!(read(&store, ("sandbox", "raas-token")).as_deref(), Some(VALUE));
    }
    drop(store);
    assert_eq!(read(&open(&place, &holder), ("sandbox", "raas-token")).as_deref(), Some(VALUE));
}

#[test]
fn a_record_does_not_open_in_another_place_or_another_store() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    set(&mut store, ("sandbox", "raas-token"), VALUE);
    let sealed = fs::read(&files(&place)[0]).expect("a file");
    let acting = who(&store, "an.account", TIME_MS);
    // Whoever can act in the store, but not read the value, cannot move it to where it is sent elsewhere.
    store
        .put_record(acting, RecordKind::Secret, ("production/raas-token", &sealed))
        .expect("bytes are bytes");
    for wrong in [store.secret("production", "raas-token").err(), store.secrets().err()] {
        let said = wrong.map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains("does not open") && !said.contains(VALUE), "{said}");
    }
    assert_eq!(read(&store, ("sandbox", "raas-token")).as_deref(), Some(VALUE));
    let (_other_dir, other_place, other_holder) = new_store();
    let mut other = open(&other_place, &other_holder);
    let acting = who(&other, "an.account", TIME_MS);
    other.put_record(acting, RecordKind::Secret, ("sandbox/raas-token", &sealed)).expect("bytes are bytes");
    assert!(matches!(other.secret("sandbox", "raas-token"), Err(StoreError::Refused(_))));
    for cut in [0, 10, 16, 40, 60, sealed.len() - 1] {
        let acting = who(&store, "an.account", TIME_MS);
        store
            .put_record(acting, RecordKind::Secret, ("sandbox/cut", &sealed[..cut]))
            .expect("bytes are bytes");
        assert!(matches!(store.secret("sandbox", "cut"), Err(StoreError::Refused(_))), "{cut}");
    }
}

#[test]
fn values_that_cannot_be_told_apart_from_text_are_refused() {
    let long = "x".repeat(9 << 10);
    for text in
        ["", "short", "one\nline more", "nul\0nul\0", " leading", "trailing ", "------", long.as_str()]
    {
        let refused = SecretText::new(Zeroizing::new(text.to_owned())).err();
        let said = refused.map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains("credential"), "{said}");
        assert!(text.is_empty() || text == "short" || !said.contains(text), "{said}");
    }
    assert_eq!(value(&"ä".repeat(6)).expose().chars().count(), 6);
    for (environment, secret) in [("", "a"), ("a", ""), ("a/b", "c"), ("A", "b"), ("a", "../b")] {
        assert!(matches!(SecretName::new(environment, secret), Err(StoreError::Refused(_))));
    }
}
