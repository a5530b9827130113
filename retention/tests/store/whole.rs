//! One store from its making to its last purge.

use crate::oracle::oddities;
use crate::support::*;
use custody_retention::catalog::Filter;
use custody_retention::ledger::verify;
use custody_retention::store::{Store, StoreError};
use std::io::Read;

#[test]
fn what_goes_in_comes_out_and_lies_nowhere_in_the_clear() {
    let (dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let text = "Planted Content 4711".repeat(10_000);
    let (report, table) = ingest(&mut store, &text, TIME_MS);
    store.checkpoint().expect("a checkpoint");
    drop(store);
    let store = open(&place, &holder);
    for id in [report, table] {
        let opened = store.open_item(&id).expect("it can be opened");
        let mut read = String::new();
        opened.content.reader().read_to_string(&mut read).expect("it decrypts");
        assert_eq!((read == text, opened.meta.name.as_str()), (true, "Planted Name.csv"));
    }
    for planted in ["Planted Content", "Planted Name", "an.account"] {
        assert!(!anywhere(dir.path(), planted.as_bytes()), "{planted}");
    }
    assert_eq!(oddities(&store), []);
}

#[test]
fn a_sweep_takes_what_is_due_with_its_copies_and_nothing_else() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (old, old_table) = ingest(&mut store, "old", TIME_MS);
    let (young, _) = ingest(&mut store, "young", TIME_MS + 5 * DAY_MS);
    let (held, held_table) = ingest(&mut store, "held", TIME_MS);
    let who = who(&store, "counsel", TIME_MS + DAY_MS);
    store.hold(who, "Case 1", &[held_table]).expect("held");
    let steps = vec![purge_step(old), purge_step(young), purge_step(held)];
    let report = sweep_at(&mut store, TIME_MS + 8 * DAY_MS, steps, &mut |_, _| Ok(true)).expect("swept");
    assert_eq!((report.purged, report.items, report.held, report.not_due), (1, 2, 1, 1));
    for id in [old, old_table] {
        assert!(matches!(store.open_item(&id), Err(StoreError::Purged(_))));
    }
    for id in [young, held, held_table] {
        store.open_item(&id).expect("it is still here");
    }
    assert_eq!(oddities(&store), []);
    store.checkpoint().expect("a checkpoint");
    let key = store.config().verifier.clone();
    drop(store);
    let verified = verify(&place.folder.join("ledger"), &key, &[]).expect("it can be read");
    assert!(verified.is_clean() && verified.open_intents.is_empty(), "{verified:?}");
    drop(open_at(&place, &holder, TIME_MS + 8 * DAY_MS));
}

#[test]
fn the_catalog_is_made_anew_from_the_rest() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (gone, _) = ingest(&mut store, "gone", TIME_MS);
    let (held, _) = ingest(&mut store, "held", TIME_MS);
    let (used, _) = ingest(&mut store, "used", TIME_MS);
    store.hold(who(&store, "counsel", TIME_MS + 1), "Case 1", &[held]).expect("held");
    store.used(who(&store, "an.account", TIME_MS + DAY_MS), &[used]).expect("used");
    store.event(who(&store, "an.account", TIME_MS + DAY_MS), "ticket-closed", &[used]).expect("an event");
    let steps = vec![purge_step(gone), purge_step(held)];
    sweep_at(&mut store, TIME_MS + 8 * DAY_MS, steps, &mut |_, _| Ok(true)).expect("swept");
    let rows = |store: &Store| {
        let mut rows = Vec::new();
        store
            .catalog()
            .list(&Filter::default(), |mut row| {
                // Sealed anew, with another nonce; and of what is purged nothing but the ledger tells.
                row.sealed = None;
                if !row.is_purged() {
                    rows.push(format!("{row:?}"));
                }
                Ok::<(), StoreError>(())
            })
            .expect("rows");
        rows
    };
    let before = (rows(&store), store.catalog().counts().expect("counts"));
    drop(store);
    for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
        let path = place.folder.join(name);
        if path.exists() {
            std::fs::rename(&path, path.with_extension("lost")).expect("a rename");
        }
    }
    assert!(
        Store::open_on(&place, &holder, TIME_MS + 8 * DAY_MS, false).is_err(),
        "a store without a catalog"
    );
    let (store, _) = Store::rebuild(&place, &holder, TIME_MS + 8 * DAY_MS).expect("made anew");
    assert_eq!(rows(&store), before.0);
    assert_eq!(store.catalog().counts().expect("counts").present, before.1.present);
    assert_eq!(store.catalog().counts().expect("counts").purged, before.1.purged);
    assert!(matches!(store.open_item(&gone), Err(StoreError::Purged(_))));
}

/// Killed between the outcome of a sweep and the catalog, which knew of the sweep's beginning and of its purges already.
#[test]
fn a_sweep_that_the_catalog_learns_of_when_it_is_opened_is_told_as_it_was() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    let due_ms = TIME_MS + 8 * DAY_MS;
    let files = ["catalog.sqlite", "catalog.sqlite-wal"].map(|name| place.folder.join(name));
    let mut known = Vec::new();
    let mut copied = |_: &mut Store, _: &custody_retention::sweep::SweepReport| {
        known = files.iter().map(|file| std::fs::read(file).unwrap_or_default()).collect();
        Ok(true)
    };
    sweep_at(&mut store, due_ms, vec![purge_step(report)], &mut copied).expect("swept");
    let sweeps = store.catalog().last_sweeps(9).expect("sweeps");
    assert_eq!((sweeps.len(), sweeps[0].items), (1, 2), "the report and its table");
    drop(store);
    for (file, bytes) in files.iter().zip(known) {
        std::fs::write(file, bytes).expect("put back");
    }
    let (store, opened) = Store::open_on(&place, &holder, due_ms, false).expect("it opens");
    assert!(opened.folded > 0, "the catalog did not know of the outcome");
    let now = store.catalog().last_sweeps(9).expect("sweeps");
    // How many bytes they were is told by the process that swept, and by nothing afterwards.
    assert_eq!(now, vec![custody_retention::catalog::SweepRow { size_bytes: 0, ..sweeps[0] }]);
    assert_eq!(oddities(&store), vec![]);
}
