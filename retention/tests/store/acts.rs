//! Acts in an order that nobody planned for: nothing of them may leave a store that does not open.

use crate::oracle;
use crate::support::*;
use custody_retention::catalog::Life;
use custody_retention::request::RequestKind;
use custody_retention::store::{Oddity, Store, StoreError, about};
use custody_retention::{ItemId, ItemKind};
use custody_rules::approval::Approved;

fn refused<T: std::fmt::Debug>(done: Result<T, StoreError>) {
    match done {
        Err(StoreError::Refused(_) | StoreError::Purged(_) | StoreError::NoItem(_)) => {}
        other => panic!("{other:?}"),
    }
}

/// What the catalog would not take has to be refused before the ledger says that it was taken in.
#[test]
fn an_item_that_no_catalog_takes_is_refused_before_anything_is_written() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let entries = store.entries();
    let who = who(&store, "an.account", TIME_MS);
    for (format, source) in [("c++ source", "file"), ("csv", "my file"), ("", "file"), ("csv", "")] {
        let mut batch = store.begin_ingest(who).expect("a batch");
        let mut odd = spec(ItemKind::Artifact, "a.csv", vec![]);
        (odd.format, odd.source) = (format.to_owned(), source.to_owned());
        refused(batch.stage(odd, &mut &b"text"[..]));
    }
    let mut batch = store.begin_ingest(who).expect("a batch");
    let orphan = spec(ItemKind::Table, "a.csv", vec![ItemId([7; 32])]);
    let staged = batch.stage(orphan, &mut &b"text"[..]);
    refused(staged.and_then(|_| batch.commit()));
    assert_eq!(store.entries(), entries);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    let steps = vec![purge_step(report)];
    sweep_at(&mut store, TIME_MS + 8 * DAY_MS, steps, &mut |_, _| Ok(true)).expect("swept");
    let who = who_at(&store, TIME_MS + 8 * DAY_MS);
    let mut batch = store.begin_ingest(who).expect("a batch");
    let late = spec(ItemKind::Table, "a.csv", vec![report]);
    let staged = batch.stage(late, &mut &b"text"[..]);
    refused(staged.and_then(|_| batch.commit()));
    drop(store);
    let store = open_at(&place, &holder, TIME_MS + 8 * DAY_MS);
    oracle::check(&store, &place, &holder, &[]);
}

fn who_at(store: &Store, time_ms: u64) -> custody_retention::store::Who {
    who(store, "an.account", time_ms)
}

#[test]
fn what_is_derived_from_an_item_that_was_taken_back_is_not_taken_in() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let who = who(&store, "an.account", TIME_MS);
    let mut batch = store.begin_ingest(who).expect("a batch");
    let report = batch.stage(spec(ItemKind::Artifact, "a.csv", vec![]), &mut &b"text"[..]).expect("staged");
    batch.stage(spec(ItemKind::Table, "a.csv", vec![report]), &mut &b"text"[..]).expect("staged");
    batch.unstage(&report);
    refused(batch.commit());
    ingest(&mut store, "another", TIME_MS);
    drop(store);
    oracle::check(&open(&place, &holder), &place, &holder, &[]);
}

/// The same hold can be placed and released more than once, and each release takes an approval of its own.
#[test]
fn a_hold_that_was_released_can_be_placed_and_released_again() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    for round in 1..4 {
        let time_ms = TIME_MS + round * DAY_MS;
        let counsel = who(&store, "counsel", time_ms);
        store.hold(counsel, "Case 1", &[report]).expect("held");
        let items = item_rows(&store, &[report]);
        let (plan, released) = store.release(counsel, "Case 1", &items).expect("asked for");
        assert_eq!(released, None, "round {round}");
        let (_, released) = store.release(counsel, "Case 1", &items).expect("asked for again");
        assert_eq!(released, None, "round {round}: nobody has approved");
        // Two people approve; one approval is spent, and the other one is not good for the next round.
        for account in ["second", "third"] {
            let second = who(&store, account, time_ms);
            store.approve(second, plan, Approved::HoldRelease).expect("approved");
        }
        let (_, released) = store.release(counsel, "Case 1", &items).expect("released");
        assert_eq!(released, Some(1), "round {round}");
        assert!(!store.catalog().is_held(&report).expect("known"));
    }
    same_when_rebuilt(store, &place, &holder, TIME_MS + 4 * DAY_MS);
}

#[test]
fn what_was_held_when_its_purge_was_asked_for_can_be_asked_for_again() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    let (counsel, second) = (who(&store, "counsel", TIME_MS), who(&store, "second", TIME_MS));
    store.hold(counsel, "Case 1", &[report]).expect("held");
    let items = item_rows(&store, &[report]);
    let reason = about(store.ids(), "a reason");
    let (plan, _) = store.request(counsel, RequestKind::Purge, reason, &items).expect("asked for");
    let report_one = dispose_at(&mut store, TIME_MS, &plan).expect("tried");
    assert_eq!((report_one.held, report_one.purged), (1, 0));
    refused(dispose_at(&mut store, TIME_MS, &plan));
    let (release, _) = store.release(counsel, "Case 1", &items).expect("asked for");
    store.approve(second, release, Approved::HoldRelease).expect("approved");
    assert_eq!(store.release(counsel, "Case 1", &items).expect("released").1, Some(1));
    let (again, _) = store.request(counsel, RequestKind::Purge, reason, &items).expect("asked for again");
    let done = dispose_at(&mut store, TIME_MS, &again).expect("done");
    assert_eq!((done.purged, done.items), (1, 2));
    same_when_rebuilt(store, &place, &holder, TIME_MS);
}

/// Closes a store, makes its catalog anew, and compares the two.
fn same_when_rebuilt(
    store: Store,
    place: &custody_retention::store::StorePlace,
    holder: &Memory,
    time_ms: u64,
) {
    oracle::check(&store, place, holder, &[]);
    let live = oracle::dump(&store, place);
    drop(store);
    let (store, _) = Store::rebuild(place, holder, time_ms).expect("made anew");
    oracle::same(&live, &oracle::dump(&store, place), "made anew");
    oracle::check(&store, place, holder, &[]);
}

/// A copy without its blob goes with its root, and so does its key, of which the new catalog does not know.
#[test]
fn what_has_lost_a_copy_can_be_purged_after_a_rebuild() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, table) = ingest(&mut store, "text", TIME_MS);
    let (other, _) = ingest(&mut store, "other", TIME_MS);
    drop(store);
    let digits = table.to_string();
    let blob = place.folder.join("blobs").join(&digits[..2]).join(format!("{digits}.blob"));
    std::fs::rename(&blob, place.folder.with_extension("lost")).expect("moved");
    let now_ms = TIME_MS + 8 * DAY_MS;
    let (mut store, _) = Store::rebuild(&place, &holder, now_ms).expect("made anew");
    let row = store.catalog().item(&table).expect("read").expect("known");
    assert_eq!((row.life, row.slot), (Life::Missing, None));
    assert!(oracle::oddities(&store).contains(&Oddity::MissingBlob(table)));
    let steps = [report, other].map(purge_step).to_vec();
    let done = sweep_at(&mut store, now_ms, steps, &mut |_, _| Ok(true)).expect("swept");
    assert_eq!((done.purged, done.items), (2, 4));
    oracle::check(&store, &place, &holder, &[]);
    drop(store);
    oracle::check(&open_at(&place, &holder, now_ms), &place, &holder, &[]);
}

/// What a sweep did stands in the catalog as it does in one that is made anew.
#[test]
fn a_sweep_is_remembered_with_what_it_did() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    let (held, _) = ingest(&mut store, "held", TIME_MS);
    let counsel = who(&store, "counsel", TIME_MS);
    store.hold(counsel, "Case 1", &[held]).expect("held");
    let steps = vec![purge_step(report), purge_step(held)];
    sweep_at(&mut store, TIME_MS + 8 * DAY_MS, steps, &mut |_, _| Ok(true)).expect("swept");
    let sweeps = store.catalog().last_sweeps(9).expect("sweeps");
    assert_eq!(sweeps.iter().map(|sweep| (sweep.items, sweep.exit_code)).collect::<Vec<_>>(), [(2, 3)]);
    assert_eq!(sweeps[0].started_ms, TIME_MS + 8 * DAY_MS);
    same_when_rebuilt(store, &place, &holder, TIME_MS + 8 * DAY_MS);
}

#[test]
fn a_purge_has_the_reason_that_was_confirmed() {
    let (_dir, place, holder) = new_store();
    let mut store = open(&place, &holder);
    let (report, _) = ingest(&mut store, "text", TIME_MS);
    let counsel = who(&store, "counsel", TIME_MS);
    let (items, other) = (item_rows(&store, &[report]), about(store.ids(), "another reason"));
    let (plan, _) = store.request(counsel, RequestKind::Purge, other, &items).expect("asked for");
    // `dispose_at` gives "a reason".
    refused(dispose_at(&mut store, TIME_MS, &plan));
    store.open_item(&report).expect("it is still here");
    let reason = about(store.ids(), "a reason");
    let (plan, _) = store.request(counsel, RequestKind::Purge, reason, &items).expect("asked for");
    assert_eq!(dispose_at(&mut store, TIME_MS, &plan).expect("done").purged, 1);
}
