//! The catalog is a fold of the ledger: kept live, brought up to date or made anew, it is the same.

use crate::model::{World, item_id, op};
use crate::support::{Place, content, id, insert, meta, rows, user, write};
use custody_retention::catalog::{
    BlobFacts, Catalog, CatalogError, Filter, Life, Meta, PlanState, Sources, SweepFacts, SweepRow, fold,
};
use custody_retention::ledger::{Act, ActKind, Ending, Entry, Subject, SubjectKind};
use custody_retention::{ItemId, ItemKind};
use proptest::prelude::*;

/// What a catalog says of everything, without the numbers that only it has. Of what was purged, only what the ledger
/// says.
fn said(catalog: &Catalog) -> Vec<String> {
    let mut said = Vec::new();
    let read = catalog.list(&Filter::default(), |item| {
        let parents = catalog.parents(&item.id)?;
        let (kind, life, times) = (item.kind, item.life, (item.purged_ms, item.held));
        said.push(format!(
            "{} {} {kind:?} {} {life:?} {times:?} {parents:?}",
            item.id, item.content, item.root
        ));
        if item.life != Life::Purged {
            let times = (item.ingested_ms, item.last_used_ms, item.marked_ms, item.restarted_ms);
            let words = (item.format, item.class, item.environment, item.owner, item.source, item.state);
            let rest =
                (item.exposure, item.slot, item.size_bytes, item.stored_bytes, item.pinned, item.sealed);
            let (pins, events) = (catalog.pins(&item.id)?, catalog.events(&item.id)?);
            let root_is_there = catalog.item(&item.root)?.is_some_and(|root| root.life == Life::Present);
            said.push(format!(
                "{times:?} {words:?} {rest:?} {:?} {:?}",
                pins,
                root_is_there.then_some(events)
            ));
        }
        said.push(format!("{:?}", catalog.holds(&item.id)?));
        Ok::<(), CatalogError>(())
    });
    read.expect("a catalog");
    for number in 0..4 {
        said.push(format!("{:?}", catalog.plan(&[number; 32]).expect("a catalog")));
        said.push(format!("{:?}", catalog.approval(&[number; 32]).expect("a catalog")));
    }
    for kind in [SubjectKind::User, SubjectKind::Environment, SubjectKind::Secret] {
        said.push(format!("{:?}", catalog.all_governed(kind)));
    }
    said.push(format!("{:?} {:?}", catalog.last_sweeps(99), catalog.counts()));
    said
}

/// Compares line by line, and shows the lines that differ.
fn same(found: &[String], expected: &[String]) {
    let of = |one: &[String], other: &[String]| -> Vec<String> {
        one.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    assert_eq!(of(found, expected), of(expected, found));
    assert_eq!(found.len(), expected.len());
}

/// Folds the entries from `from` on.
fn fold_all(catalog: &mut Catalog, entries: &[Entry], from: u64, mut sources: impl Sources) {
    write(catalog, |tx| {
        for (index, entry) in entries.iter().enumerate().skip(from as usize) {
            fold(tx, index as u64, entry, &mut sources)?;
        }
        Ok(())
    });
}

/// Holds the catalog against the model.
fn check_model(catalog: &Catalog, world: &World) {
    let mut roots = Vec::new();
    let walked = catalog.for_each_root(|row| {
        let mut events = Vec::new();
        for name in ["load-confirmed", "ticket-closed"] {
            if let Some(ms) = catalog.event_kind(name)?.and_then(|kind| row.event_ms(kind)) {
                events.push((name.to_owned(), ms));
            }
        }
        let times = (row.ingested_ms, row.last_used_ms, row.marked_ms, row.restarted_ms);
        roots.push((row.id, times, row.held, row.pinned, events));
        Ok::<(), CatalogError>(())
    });
    walked.expect("a catalog");
    let expected = world
        .items
        .iter()
        .enumerate()
        .filter(|(place, item)| item.root == *place && item.purged_ms.is_none());
    let expected: Vec<_> = expected
        .map(|(place, item)| {
            let times = (item.ingested_ms, item.used_ms, item.marked_ms, item.restarted_ms);
            let events = item.events.clone().into_iter().collect();
            (item_id(place), times, world.is_held(place), !item.pins.is_empty(), events)
        })
        .collect();
    assert_eq!(roots, expected);
    for (place, item) in world.items.iter().enumerate() {
        let row = catalog.item(&item_id(place)).expect("a catalog").expect("the item");
        assert_eq!((row.purged_ms, row.kind, row.root), (item.purged_ms, item.kind, item_id(item.root)));
        assert_eq!(catalog.is_held(&row.id), Ok(world.is_held(item.root)));
        if item.purged_ms.is_none() {
            assert_eq!((row.state, row.last_used_ms), (item.state.clone(), item.used_ms));
        }
    }
    for kind in [SubjectKind::User, SubjectKind::Environment, SubjectKind::Secret] {
        let rows = catalog.all_governed(kind).expect("a catalog");
        let found: Vec<_> = rows.iter().map(|row| (row.subject, (row.content[0], row.changed_ms))).collect();
        let expected: Vec<_> =
            world.records.iter().filter(|(record, _)| record.kind == kind).map(|(r, c)| (*r, *c)).collect();
        assert_eq!(found, expected);
    }
    let counts = catalog.counts().expect("a catalog");
    let purged = world.items.iter().filter(|item| item.purged_ms.is_some()).count() as u64;
    assert_eq!((counts.present + counts.purged, counts.purged), (world.items.len() as u64, purged));
    assert_eq!((counts.missing, counts.held_and_purged), (0, 0));
    assert_eq!(counts.by_kind.iter().sum::<u64>(), counts.present);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_catalog_kept_live_is_the_fold_of_its_ledger(
        acts in prop::collection::vec((op(), 0..3_u64), 1..80),
        noted in any::<prop::sample::Index>(),
    ) {
        let place = Place::new();
        let mut live = place.create();
        let mut world = World::default();
        let noted_after = noted.index(acts.len());
        write(&mut live, |tx| {
            for (number, (op, later_ms)) in acts.iter().enumerate() {
                world.act(tx, op, *later_ms)?;
                if number == noted_after {
                    // Up to here the catalog knew how far it was; then the power went.
                    let ledger_size = world.entries.len() as u64;
                    tx.set_meta(Meta { ledger_size, key_generation: 0, clock_ms: world.now_ms() })?;
                }
            }
            Ok(())
        });
        check_model(&live, &world);
        let (before, raw) = (said(&live), rows(&place));
        let noted = live.meta().expect("a catalog").ledger_size;

        // Brought up to date when it is opened next: nothing but what it notes of itself changes.
        fold_all(&mut live, &world.entries, noted, &world);
        same(&rows(&place), &raw);
        let meta = Meta { ledger_size: world.entries.len() as u64, key_generation: 0, clock_ms: world.now_ms() };
        prop_assert_eq!(live.meta(), Ok(meta));
        // A second time, from the first entry on.
        fold_all(&mut live, &world.entries, 0, &world);
        same(&rows(&place), &raw);

        // Made anew, with every entry folded twice.
        let anew = Place::new();
        let mut rebuilt = anew.create();
        write(&mut rebuilt, |tx| {
            for (index, entry) in world.entries.iter().enumerate() {
                fold(tx, index as u64, entry, &mut &world)?;
                fold(tx, index as u64, entry, &mut &world)?;
            }
            Ok(())
        });
        same(&said(&rebuilt), &before);
        prop_assert_eq!(rebuilt.meta(), Ok(meta));
        prop_assert_eq!((live.check(), rebuilt.check()), (Ok(()), Ok(())));
    }

    #[test]
    fn a_catalog_that_forgot_how_far_it_was_comes_to_the_same(
        acts in prop::collection::vec((op(), 0..3_u64), 1..80),
    ) {
        let place = Place::new();
        let mut live = place.create();
        let mut world = World::default();
        write(&mut live, |tx| acts.iter().try_for_each(|(op, later_ms)| world.act(tx, op, *later_ms)));
        let raw = rows(&place);
        fold_all(&mut live, &world.entries, 0, &world);
        same(&rows(&place), &raw);
        prop_assert_eq!(live.check(), Ok(()));
    }
}

/// An outcome of one act.
fn outcome(kind: ActKind, ending: Ending, time_ms: u64, subjects: Vec<Subject>) -> Entry {
    Entry::Outcome { intent: 0, ending, act: Act { kind, user: user(1), time_ms, subjects } }
}

fn of(kind: SubjectKind, number: u8) -> Subject {
    Subject { kind, id: [number; 32] }
}

fn ingested(number: u32, kind: ItemKind, parents: &[(ItemKind, u32)]) -> Entry {
    let mut subjects = vec![kind.subject(id(number))];
    subjects.push(Subject { kind: SubjectKind::Content, id: content(number).0 });
    subjects.extend(parents.iter().map(|(kind, number)| kind.subject(id(*number))));
    outcome(ActKind::Ingest, Ending::Done, u64::from(number), subjects)
}

fn no_blob(_: &ItemId) -> Option<BlobFacts> {
    None
}

fn item(catalog: &Catalog, number: u32) -> custody_retention::catalog::ItemRow {
    catalog.item(&id(number)).expect("a catalog").expect("the item")
}

#[test]
fn intents_change_nothing_but_the_clock() {
    let place = Place::new();
    let mut catalog = place.create();
    let Entry::Outcome { act, .. } = ingested(1, ItemKind::Artifact, &[]) else { unreachable!() };
    fold_all(&mut catalog, &[Entry::Genesis { origin: "x".to_owned() }, Entry::Intent(act)], 0, no_blob);
    assert_eq!(catalog.item(&id(1)), Ok(None));
    assert_eq!(catalog.meta(), Ok(Meta { ledger_size: 2, key_generation: 0, clock_ms: 1 }));
}

#[test]
fn entries_are_folded_in_their_order() {
    let place = Place::new();
    let mut catalog = place.create();
    let entry = ingested(1, ItemKind::Artifact, &[]);
    let skipped = catalog.write(|tx| fold(tx, 1, &entry, &mut no_blob));
    assert_eq!(skipped, Err(CatalogError::OutOfOrder { expected: 0, found: 1 }));
}

#[test]
fn what_cannot_be_read_any_more_is_missing_until_it_is_said_to_be_purged() {
    let place = Place::new();
    let mut catalog = place.create();
    let artifact = ItemKind::Artifact;
    let entries = [
        ingested(1, artifact, &[]),
        ingested(2, ItemKind::Table, &[(artifact, 1)]),
        outcome(
            ActKind::Hold,
            Ending::Done,
            7,
            vec![of(SubjectKind::Matter, 1), ItemKind::Table.subject(id(2))],
        ),
    ];
    fold_all(&mut catalog, &entries, 0, no_blob);
    let row = item(&catalog, 1);
    assert_eq!((row.life, row.slot, row.content, row.ingested_ms), (Life::Missing, None, content(1), 1));
    assert_eq!((row.class.as_str(), row.held), ("", true), "an empty class is governed by no policy");
    assert_eq!(item(&catalog, 2).root, id(1));
    let counts = catalog.counts().expect("a catalog");
    assert_eq!((counts.present, counts.missing, counts.held), (0, 2, 0));
    let mut roots = 0;
    let walked = catalog.for_each_root(|_| {
        roots += 1;
        Ok::<(), CatalogError>(())
    });
    assert_eq!((walked, roots), (Ok(()), 0), "nothing that is missing is due");
    let purged = [outcome(ActKind::Purge, Ending::Done, 9, vec![artifact.subject(id(1))])];
    write(&mut catalog, |tx| fold(tx, 3, &purged[0], &mut no_blob));
    assert_eq!((item(&catalog, 1).life, item(&catalog, 1).purged_ms), (Life::Purged, Some(9)));
}

#[test]
fn a_blob_that_contradicts_the_ledger_is_not_the_items() {
    let place = Place::new();
    let mut catalog = place.create();
    let facts = |number: u32| {
        move |_: &ItemId| {
            let meta = meta(number, ItemKind::Artifact, &[], 5);
            Some(BlobFacts { slot: 4, meta, stored_bytes: 9, sealed: vec![1] })
        }
    };
    fold_all(&mut catalog, &[ingested(1, ItemKind::Artifact, &[])], 0, facts(2));
    assert_eq!(item(&catalog, 1).life, Life::Missing);
    write(&mut catalog, |tx| fold(tx, 1, &ingested(2, ItemKind::Artifact, &[]), &mut facts(2)));
    assert_eq!((item(&catalog, 2).life, item(&catalog, 2).ingested_ms), (Life::Present, 5));
}

#[test]
fn an_ingest_that_recovery_finds_failed_loses_its_row() {
    let place = Place::new();
    let mut catalog = place.create();
    let artifact = ItemKind::Artifact;
    let Entry::Outcome { act, .. } = ingested(2, artifact, &[(artifact, 1)]) else { unreachable!() };
    let failed = Entry::Outcome { intent: 2, ending: Ending::Failed, act };
    write(&mut catalog, |tx| {
        fold(tx, 0, &ingested(1, artifact, &[]), &mut no_blob)?;
        // The row was written, and then the power went.
        insert(tx, 2, &meta(2, artifact, &[id(1)], 5))?;
        fold(tx, 1, &failed, &mut no_blob)
    });
    assert_eq!(catalog.item(&id(2)), Ok(None));
    assert_eq!(catalog.children(&id(1)), Ok(vec![]));
}

#[test]
fn a_mark_between_a_hold_and_its_release_stays_void_when_it_is_folded_again() {
    let place = Place::new();
    let mut catalog = place.create();
    let (matter, artifact) = (of(SubjectKind::Matter, 1), ItemKind::Artifact.subject(id(1)));
    let entries = [
        ingested(1, ItemKind::Artifact, &[]),
        outcome(ActKind::Hold, Ending::Done, 10, vec![matter, artifact]),
        outcome(ActKind::Mark, Ending::Done, 20, vec![artifact]),
        outcome(ActKind::Unhold, Ending::Done, 30, vec![matter, artifact]),
    ];
    // Two entries were noted when the power went; the mark and the release were done.
    fold_all(&mut catalog, &entries[..2], 0, no_blob);
    write(&mut catalog, |tx| {
        tx.mark(&id(1), 20)?;
        tx.release(&[1; 32], &id(1), 30)
    });
    fold_all(&mut catalog, &entries, 2, no_blob);
    let row = item(&catalog, 1);
    assert_eq!((row.marked_ms, row.restarted_ms, row.held), (None, Some(30), false));
}

#[test]
fn a_hold_on_what_was_never_ingested_stops_the_fold() {
    let place = Place::new();
    let mut catalog = place.create();
    let hold = vec![of(SubjectKind::Matter, 1), ItemKind::Artifact.subject(id(1))];
    let entry = outcome(ActKind::Hold, Ending::Done, 1, hold);
    assert_eq!(catalog.write(|tx| fold(tx, 0, &entry, &mut no_blob)), Err(CatalogError::UnknownItem));
    let without_matter = outcome(ActKind::Hold, Ending::Done, 1, vec![ItemKind::Artifact.subject(id(1))]);
    let refused = catalog.write(|tx| fold(tx, 0, &without_matter, &mut no_blob));
    assert!(matches!(refused, Err(CatalogError::Entry { index: 0, .. })), "{refused:?}");
    let refused = outcome(ActKind::Hold, Ending::Refused, 1, vec![of(SubjectKind::Matter, 1)]);
    fold_all(&mut catalog, &[refused], 0, no_blob);
}

#[test]
fn only_what_took_place_counts_and_a_purge_in_part_is_none() {
    let artifact = ItemKind::Artifact.subject(id(1));
    for (ending, purged, used) in [
        (Ending::Done, true, true),
        (Ending::AlreadyDone, true, true),
        (Ending::Partial, false, true),
        (Ending::Refused, false, false),
        (Ending::Failed, false, false),
    ] {
        let place = Place::new();
        let mut catalog = place.create();
        let entries = [
            ingested(1, ItemKind::Artifact, &[]),
            outcome(ActKind::Use, ending, 50, vec![artifact]),
            outcome(ActKind::Purge, ending, 60, vec![artifact]),
        ];
        fold_all(&mut catalog, &entries, 0, no_blob);
        let row = item(&catalog, 1);
        assert_eq!((row.life == Life::Purged, row.last_used_ms == 50), (purged, used), "{ending:?}");
    }
}

#[test]
fn what_the_ledger_says_was_purged_is_purged_and_a_hold_on_it_shows() {
    let place = Place::new();
    let mut catalog = place.create();
    let artifact = ItemKind::Artifact.subject(id(1));
    let entries = [
        ingested(1, ItemKind::Artifact, &[]),
        outcome(ActKind::Hold, Ending::Done, 50, vec![of(SubjectKind::Matter, 1), artifact]),
        outcome(ActKind::Purge, Ending::Done, 60, vec![artifact]),
    ];
    fold_all(&mut catalog, &entries, 0, no_blob);
    let counts = catalog.counts().expect("a catalog");
    assert_eq!((counts.purged, counts.held_and_purged), (1, 1));
}

#[test]
fn an_event_whose_name_nobody_knows_is_kept_under_its_id() {
    let place = Place::new();
    let mut catalog = place.create();
    let event = vec![of(SubjectKind::Event, 0xab), ItemKind::Artifact.subject(id(1))];
    let entries = [ingested(1, ItemKind::Artifact, &[]), outcome(ActKind::Event, Ending::Done, 50, event)];
    fold_all(&mut catalog, &entries, 0, no_blob);
    assert_eq!(item(&catalog, 1).state, "ab".repeat(32));
}

struct Facts;

impl Sources for Facts {
    fn blob(&mut self, _: &ItemId) -> Option<BlobFacts> {
        None
    }

    fn sweep(&mut self, record: &ItemId) -> Option<SweepFacts> {
        (record.0[0] == 8).then_some(SweepFacts { started_ms: 40, exit_code: 3, items: 5, size_bytes: 6 })
    }
}

#[test]
fn a_sweep_spends_its_approvals_closes_its_plan_and_is_listed() {
    let place = Place::new();
    let mut catalog = place.create();
    let (plan, approval) = (of(SubjectKind::Plan, 1), of(SubjectKind::Approval, 2));
    let sweep = |number, ending| {
        outcome(ActKind::Sweep, ending, 50, vec![plan, of(SubjectKind::Sweep, number), approval])
    };
    let before = [
        outcome(ActKind::Plan, Ending::Done, 10, vec![plan]),
        outcome(ActKind::Approve, Ending::Done, 20, vec![plan, approval]),
        sweep(7, Ending::Refused),
    ];
    fold_all(&mut catalog, &before, 0, Facts);
    let known = catalog.approval(&[2; 32]).expect("a catalog").expect("the approval");
    assert_eq!(
        (known.plan, known.expires_ms, known.spent_ms),
        ([1; 32], 0, Some(50)),
        "spent by the attempt"
    );
    let state = |catalog: &Catalog| catalog.plan(&[1; 32]).expect("a catalog").expect("the plan").state;
    assert_eq!(state(&catalog), PlanState::Open);
    write(&mut catalog, |tx| fold(tx, 3, &sweep(8, Ending::Partial), &mut Facts));
    assert_eq!(state(&catalog), PlanState::Applied);
    let row = |number, started_ms, exit_code, items, size_bytes| SweepRow {
        id: ItemId([number; 32]),
        started_ms,
        ended_ms: 50,
        exit_code,
        items,
        size_bytes,
    };
    assert_eq!(catalog.last_sweeps(9), Ok(vec![row(8, 40, 3, 5, 6), row(7, 50, 1, 0, 0)]));
}

#[test]
fn acts_of_the_stages_change_nothing() {
    let place = Place::new();
    let mut catalog = place.create();
    let content = Subject { kind: SubjectKind::Content, id: content(1).0 };
    for (index, kind) in [ActKind::Scan, ActKind::Redact, ActKind::Roster, ActKind::Rotate, ActKind::Init]
        .into_iter()
        .enumerate()
    {
        let entry = outcome(kind, Ending::Done, 5, vec![content]);
        write(&mut catalog, |tx| fold(tx, index as u64, &entry, &mut no_blob));
    }
    assert_eq!(catalog.counts(), Ok(custody_retention::catalog::Counts::default()));
}
