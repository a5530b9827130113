//! A clock that jumped: nothing is opened for writing by it, and a sweep stops wherever it is.

use crate::oracle;
use crate::support::*;
use custody_retention::clock::ClockError;
use custody_retention::ledger::{ActKind, Ending, Entry};
use custody_retention::store::{Store, StoreError, StorePlace};
use custody_retention::sweep::{SweepReport, Sweeper, Warrant, sweep};
use custody_retention::{ItemId, ledger::SubjectKind};

const HOUR_MS: u64 = 3_600_000;

#[test]
fn no_store_is_opened_at_a_time_that_cannot_be() {
    let (_dir, place, holder) = new_store();
    drop(open_at(&place, &holder, TIME_MS + DAY_MS));
    let opened = |time_ms, accept| Store::open_on(&place, &holder, time_ms, accept).map(drop);
    for time_ms in [0, 1, TIME_MS - 1, TIME_MS + DAY_MS - HOUR_MS] {
        assert!(matches!(opened(time_ms, true), Err(StoreError::Clock(_))), "{time_ms}");
    }
    let ahead = TIME_MS + 500 * DAY_MS;
    assert!(matches!(opened(ahead, false), Err(StoreError::Clock(ClockError::Ahead { .. }))));
    opened(TIME_MS + DAY_MS, false).expect("nothing was remembered of it");
    opened(ahead, true).expect("somebody says that it is right");
    assert!(matches!(opened(TIME_MS + DAY_MS, false), Err(StoreError::Clock(ClockError::Back { .. }))));
}

/// The ledger remembers the time as well: without its catalog a store is no younger.
#[test]
fn a_catalog_that_is_made_anew_knows_the_time() {
    let (_dir, place, holder) = new_store();
    let mut store = open_at(&place, &holder, TIME_MS + 9 * DAY_MS);
    ingest(&mut store, "text", TIME_MS + 9 * DAY_MS);
    drop(store);
    let rebuilt = Store::rebuild(&place, &holder, TIME_MS);
    assert!(matches!(rebuilt, Err(StoreError::Clock(ClockError::Back { .. }))));
    let (store, _) = Store::rebuild(&place, &holder, TIME_MS + 9 * DAY_MS).expect("made anew");
    oracle::check(&store, &place, &holder, &[]);
}

/// Sweeps two items by a clock that says one time after the other.
fn sweep_by(store: &mut Store, ids: [ItemId; 2], times_ms: &[u64]) -> Result<SweepReport, StoreError> {
    let (policies, user) = (policies(), user(store, "sweep"));
    let subject = |text: &[u8]| store.ids().subject(SubjectKind::Plan, text);
    let warrant = Warrant {
        plan: subject(b"plan"),
        policies: store.ids().subject(SubjectKind::Policy, b"policies"),
        approvals: Vec::new(),
        approvers: Vec::new(),
    };
    let mut times_ms = times_ms.iter().copied();
    let mut last_ms = 0;
    let mut clock_ms = || {
        last_ms = times_ms.next().unwrap_or(last_ms);
        last_ms
    };
    let mut sweeper = Sweeper {
        user,
        clock_ms: &mut clock_ms,
        policies: Some(&policies),
        look: &mut look,
        between: &mut |_, _| Ok(true),
    };
    sweep(store, &mut sweeper, &warrant, &mut ids.map(|id| Ok(purge_step(id))).into_iter())
}

fn swept(place: &StorePlace) -> Vec<(Ending, u64)> {
    let entries = oracle::entries(place).into_iter();
    let endings = entries.filter_map(|(_, entry)| match entry {
        Entry::Outcome { act, ending, .. } if act.kind == ActKind::Sweep => Some((ending, act.time_ms)),
        _ => None,
    });
    endings.collect()
}

#[test]
fn a_clock_that_jumps_stops_a_sweep_before_it_begins_and_in_its_middle() {
    let (_dir, place, holder) = new_store();
    let now_ms = TIME_MS + 8 * DAY_MS;
    let mut store = open(&place, &holder);
    let ids = ["one", "two"].map(|text| ingest(&mut store, text, TIME_MS).0);
    drop(store);
    let mut store = open_at(&place, &holder, now_ms);
    let entries = store.entries();
    for time_ms in [0, now_ms - HOUR_MS, now_ms + 500 * DAY_MS, u64::MAX] {
        let swept = sweep_by(&mut store, ids, &[time_ms]);
        assert!(matches!(swept, Err(StoreError::Clock(_))), "{time_ms}: {swept:?}");
        assert_eq!(store.entries(), entries, "{time_ms}");
    }
    for time_ms in [now_ms - HOUR_MS, now_ms + 500 * DAY_MS] {
        let swept = sweep_by(&mut store, ids, &[now_ms, time_ms]);
        assert!(matches!(swept, Err(StoreError::Clock(_))), "{time_ms}: {swept:?}");
    }
    assert_eq!(swept(&place), [(Ending::Partial, now_ms); 2]);
    oracle::check(&store, &place, &holder, &[]);
    let done = sweep_by(&mut store, ids, &[now_ms]).expect("the clock is right again");
    assert_eq!((done.purged, done.items), (2, 4));
    oracle::check(&store, &place, &holder, &[]);
}

/// What the caller cannot go on with ends a sweep as well, and what was done until then is noted.
#[test]
fn a_plan_that_ends_in_an_error_ends_the_sweep() {
    let (_dir, place, holder) = new_store();
    let now_ms = TIME_MS + 8 * DAY_MS;
    let mut store = open(&place, &holder);
    let ids = ["one", "two"].map(|text| ingest(&mut store, text, TIME_MS).0);
    drop(store);
    let mut store = open_at(&place, &holder, now_ms);
    let mut between = |_: &mut Store, report: &SweepReport| {
        assert_eq!(report.purged, 2);
        Err(StoreError::Refused("no more".to_owned()))
    };
    let done = sweep_at(&mut store, now_ms, ids.map(purge_step).to_vec(), &mut between);
    assert!(matches!(done, Err(StoreError::Refused(_))));
    assert_eq!(swept(&place), [(Ending::Partial, now_ms)]);
    oracle::check(&store, &place, &holder, &[]);
}
