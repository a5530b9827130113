//! What is written can be asked.

use crate::support::{DAY_MS, Place, artifacts, content, id, insert, meta, user, write};
use custody_retention::catalog::{
    ApprovalRow, Catalog, CatalogError, Counts, Filter, Life, Meta, PlanRow, PlanState, STATE_INGESTED,
    SweepRow,
};
use custody_retention::{ItemId, ItemKind};

/// What a plan looks at, of one root.
#[derive(Debug, PartialEq)]
struct Root {
    id: ItemId,
    held: bool,
    pinned: bool,
    loaded_ms: Option<u64>,
    marked_ms: Option<u64>,
    restarted_ms: Option<u64>,
}

fn root(number: u32) -> Root {
    Root { id: id(number), held: false, pinned: false, loaded_ms: None, marked_ms: None, restarted_ms: None }
}

fn roots(catalog: &Catalog) -> Vec<Root> {
    let loaded = catalog.event_kind("load-confirmed").expect("a catalog");
    let mut found = Vec::new();
    let read = catalog.for_each_root(|row| {
        found.push(Root {
            id: row.id,
            held: row.held,
            pinned: row.pinned,
            loaded_ms: loaded.and_then(|kind| row.event_ms(kind)),
            marked_ms: row.marked_ms,
            restarted_ms: row.restarted_ms,
        });
        Ok::<(), CatalogError>(())
    });
    read.expect("a catalog");
    found
}

fn listed(catalog: &Catalog, filter: &Filter) -> Vec<ItemId> {
    let mut found = Vec::new();
    let listed = catalog.list(filter, |item| {
        found.push(item.id);
        Ok::<(), CatalogError>(())
    });
    listed.expect("a catalog");
    found
}

/// An artifact (1) with a table (2) and a location (3), its redacted version (4) with a table (5), and a stranger (6).
fn family(catalog: &mut Catalog) {
    artifacts(catalog, [1]);
    let members = [
        (2, ItemKind::Table, vec![id(1)]),
        (3, ItemKind::Location, vec![id(2), id(1)]),
        (4, ItemKind::Artifact, vec![id(1)]),
        (5, ItemKind::Table, vec![id(4)]),
    ];
    for (number, kind, parents) in members {
        write(catalog, |tx| insert(tx, number, &meta(number, kind, &parents, u64::from(number) * DAY_MS)));
    }
    artifacts(catalog, [6]);
}

#[test]
fn an_item_is_read_as_it_was_written() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, [1]);
    drop(catalog);
    let item = place.open().item(&id(1)).expect("a catalog").expect("the item");
    assert_eq!((item.id, item.content, item.root, item.life), (id(1), content(1), id(1), Life::Present));
    assert_eq!((item.kind, item.format.as_str(), item.class.as_str()), (ItemKind::Artifact, "csv", "report"));
    assert_eq!((item.environment.as_str(), item.source.as_str()), ("sandbox", "file"));
    assert_eq!((item.owner, item.state.as_str()), (user(1).to_string(), STATE_INGESTED));
    assert_eq!((item.slot, item.size_bytes, item.stored_bytes), (Some(1), 1_001, 1_201));
    assert_eq!((item.ingested_ms, item.last_used_ms), (DAY_MS, DAY_MS));
    assert_eq!((item.marked_ms, item.restarted_ms, item.purged_ms), (None, None, None));
    assert_eq!((item.held, item.pinned, item.sealed.as_deref()), (false, false, Some(&b"sealed"[..])));
    assert_eq!(place.open().item(&id(2)), Ok(None));
}

#[test]
fn beginnings_of_ids_find_items_and_show_when_they_are_of_several() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, 0..40);
    let find = |prefix: &str, limit| -> Vec<ItemId> {
        catalog.find(prefix, limit).expect("digits").into_iter().map(|item| item.id).collect()
    };
    for number in 0..40 {
        let (own, of_content) = (id(number).to_string(), content(number).to_string());
        assert_eq!(find(&own, 2), [id(number)]);
        assert_eq!(find(&of_content[..33], 2), [id(number)], "an odd number of digits, of the content");
        let first = find(&own[..1], 100);
        let expected: Vec<ItemId> = (0..40)
            .filter(|n| {
                [id(*n).to_string(), content(*n).to_string()].iter().any(|text| text[..1] == own[..1])
            })
            .map(id)
            .collect();
        assert_eq!(first, expected);
    }
    assert_eq!(find("0", 1).len(), 1);
    assert_eq!(find(&"0".repeat(64), 2), []);
    for none in ["", "x", "AB", "%", &"0".repeat(65)] {
        assert_eq!(
            catalog.find(none, 2),
            Err(CatalogError::Invalid { what: "beginning of an ID" }),
            "{none}"
        );
    }
}

#[test]
fn copies_stand_in_the_unit_of_their_root_and_derived_roots_in_their_own() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    let unit = |number| -> Vec<ItemId> {
        catalog.unit(&id(number)).expect("a catalog").into_iter().map(|item| item.id).collect()
    };
    for number in 1..=3 {
        assert_eq!(unit(number), [id(1), id(2), id(3)], "{number}");
    }
    assert_eq!((unit(4), unit(5)), (vec![id(4), id(5)], vec![id(4), id(5)]));
    assert_eq!((unit(6), unit(99)), (vec![id(6)], vec![]));
    let row = catalog.item(&id(1)).expect("a catalog").expect("the item").row;
    assert_eq!(catalog.copies(row), Ok(2));
    assert_eq!(catalog.parents(&id(3)), Ok(vec![id(2), id(1)]));
    assert_eq!(catalog.children(&id(1)), Ok(vec![id(2), id(3), id(4)]));
    assert_eq!(catalog.descendants(&id(1)), Ok(vec![id(2), id(3), id(4), id(5)]));
    assert_eq!(catalog.descendants(&id(6)), Ok(vec![]));
    assert_eq!(roots(&catalog), [root(1), root(4), root(6)]);
}

#[test]
fn a_copy_needs_a_parent_that_is_there() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, [1]);
    let mut table = |parents: &[ItemId]| {
        let meta = meta(2, ItemKind::Table, parents, 0);
        catalog.write(|tx| insert(tx, 2, &meta)).map(drop)
    };
    assert_eq!(table(&[]), Err(CatalogError::Invalid { what: "copy without a parent" }));
    assert_eq!(table(&[id(9)]), Err(CatalogError::UnknownItem));
    assert_eq!(table(&[id(1)]), Ok(()));
    assert_eq!(table(&[id(1)]), Err(CatalogError::KnownItem));
    write(&mut catalog, |tx| tx.purged(&id(1), 5));
    let meta = meta(3, ItemKind::Table, &[id(1)], 0);
    let late = catalog.write(|tx| insert(tx, 3, &meta)).map(drop);
    assert_eq!(late, Err(CatalogError::Invalid { what: "copy of what was purged" }));
}

#[test]
fn a_hold_on_any_member_holds_the_unit_until_the_last_is_released() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    let (one, two) = ([1; 32], [2; 32]);
    write(&mut catalog, |tx| {
        assert!(tx.hold(&one, &id(2), 7, user(2))?);
        assert!(!tx.hold(&one, &id(2), 8, user(3))?, "the same again");
        assert!(tx.hold(&two, &id(1), 9, user(2))?);
        assert_eq!(tx.hold(&two, &id(99), 9, user(2)), Err(CatalogError::UnknownItem));
        tx.mark(&id(1), 10)
    });
    let held = |catalog: &Catalog| -> Vec<bool> {
        (1..=6).map(|number| catalog.is_held(&id(number)).expect("a catalog")).collect()
    };
    assert_eq!(held(&catalog), [true, true, true, false, false, false]);
    assert_eq!(roots(&catalog)[0], Root { held: true, marked_ms: Some(10), ..root(1) });
    assert_eq!(listed(&catalog, &Filter { held: Some(true), ..Filter::default() }), [id(1), id(2), id(3)]);
    let holds = catalog.unit_holds(&id(3)).expect("a catalog");
    let seen: Vec<_> = holds.iter().map(|hold| (hold.matter, hold.item, hold.placed_ms)).collect();
    assert_eq!(seen, [(one, id(2), 7), (two, id(1), 9)]);
    assert_eq!(holds[0].placed_by, user(2).to_string());
    assert_eq!(catalog.holds(&id(3)), Ok(vec![]));
    assert_eq!(
        catalog.matters().expect("a catalog").iter().map(|m| (m.matter, m.items)).collect::<Vec<_>>(),
        [(one, 1), (two, 1)]
    );
    write(&mut catalog, |tx| {
        assert!(tx.release(&two, &id(1), 20)?);
        assert!(!tx.release(&two, &id(1), 30)?, "released before");
        Ok(())
    });
    assert_eq!(held(&catalog), [true, true, true, false, false, false]);
    write(&mut catalog, |tx| tx.release(&one, &id(2), 15));
    assert_eq!(held(&catalog), [false; 6]);
    assert_eq!(roots(&catalog)[0], Root { restarted_ms: Some(20), ..root(1) }, "the mark is void");
}

#[test]
fn nothing_held_can_be_noted_as_purged() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    write(&mut catalog, |tx| tx.hold(&[1; 32], &id(3), 7, user(2)));
    for number in 1..=3 {
        assert_eq!(catalog.write(|tx| tx.purged(&id(number), 8)), Err(CatalogError::Held), "{number}");
    }
    assert_eq!(catalog.counts().expect("a catalog").purged, 0);
    write(&mut catalog, |tx| tx.release(&[1; 32], &id(3), 8));
    assert!(write(&mut catalog, |tx| tx.purged(&id(1), 9)));
    assert!(!write(&mut catalog, |tx| tx.purged(&id(1), 10)), "a second time");
    assert!(!write(&mut catalog, |tx| tx.hold(&[1; 32], &id(1), 11, user(2))), "too late");
    write(&mut catalog, |tx| tx.touch(&id(1), 99 * DAY_MS));
    assert!(!write(&mut catalog, |tx| tx.mark(&id(1), 12)));
    let item = catalog.item(&id(1)).expect("a catalog").expect("its row stays");
    assert_eq!((item.life, item.purged_ms, item.sealed, item.slot), (Life::Purged, Some(9), None, Some(1)));
    assert_eq!((item.content, item.last_used_ms, item.marked_ms), (content(1), DAY_MS, None));
    assert_eq!(roots(&catalog), [root(4), root(6)]);
}

#[test]
fn use_and_events_of_a_copy_are_its_units() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    write(&mut catalog, |tx| {
        tx.touch(&id(2), 9 * DAY_MS)?;
        tx.touch(&id(2), 3 * DAY_MS)?;
        tx.event(&id(3), "load-confirmed", 50)?;
        tx.event(&id(1), "ticket-closed", 60)?;
        tx.event(&id(1), "load-confirmed", 40)
    });
    let item = catalog.item(&id(1)).expect("a catalog").expect("the item");
    assert_eq!((item.last_used_ms, item.state.as_str()), (9 * DAY_MS, "load-confirmed"));
    assert_eq!(roots(&catalog)[0], Root { loaded_ms: Some(50), ..root(1) }, "the latest counts");
    assert_eq!(catalog.event_ms(item.row, "ticket-closed"), Ok(Some(60)));
    assert_eq!(catalog.event_ms(item.row, "never"), Ok(None));
    let events = catalog.events(&id(2)).expect("a catalog");
    assert_eq!(events, [("load-confirmed".to_owned(), 50), ("ticket-closed".to_owned(), 60)]);
    let states: Vec<String> =
        catalog.facets().expect("a catalog").into_iter().map(|facet| facet.state).collect();
    assert_eq!(states.iter().filter(|state| *state == "load-confirmed").count(), 1);
}

#[test]
fn pins_and_marks_are_the_units_and_go_with_it() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    write(&mut catalog, |tx| {
        assert!(tx.pin(&[5; 32], &id(2), 100)?);
        assert!(!tx.pin(&[5; 32], &id(1), 200)?, "the same unit");
        tx.pin(&[6; 32], &id(6), 300)?;
        tx.mark(&id(3), 400)
    });
    assert_eq!(roots(&catalog)[0], Root { pinned: true, marked_ms: Some(400), ..root(1) });
    assert_eq!(catalog.pinned_by(&[5; 32]), Ok(vec![id(1)]));
    assert_eq!(catalog.pins(&id(3)).expect("a catalog").len(), 1);
    write(&mut catalog, |tx| {
        assert!(tx.unmark(&id(1))?);
        assert!(tx.unpin(&[5; 32], &id(2))?);
        assert!(!tx.unpin(&[5; 32], &id(2))?);
        tx.purged(&id(6), 500)
    });
    assert_eq!(roots(&catalog), [root(1), root(4)]);
    assert_eq!(catalog.pinned_by(&[6; 32]), Ok(vec![]));
}

#[test]
fn lists_are_filtered_by_everything_policies_look_at() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    let mut other = meta(7, ItemKind::Workbook, &[id(1)], 0);
    other.class = "workbook".to_owned();
    other.environment = "production".to_owned();
    write(&mut catalog, |tx| {
        insert(tx, 7, &other)?;
        tx.event(&id(6), "ticket-closed", 1)?;
        tx.purged(&id(5), 1)
    });
    let text = |text: &str| Some(text.to_owned());
    let base = Filter::default();
    let cases = [
        (Filter { kind: Some(ItemKind::Table), ..base.clone() }, vec![2, 5]),
        (Filter { kind: Some(ItemKind::Table), life: Some(Life::Present), ..base.clone() }, vec![2]),
        (Filter { class: text("workbook"), ..base.clone() }, vec![7]),
        (Filter { environment: text("production"), ..base.clone() }, vec![7]),
        (Filter { owner: text("u-0"), ..base.clone() }, vec![]),
        (Filter { source: text("file"), kind: Some(ItemKind::Location), ..base.clone() }, vec![3]),
        (Filter { state: text("ticket-closed"), ..base.clone() }, vec![6]),
        (Filter { life: Some(Life::Purged), ..base.clone() }, vec![5]),
        (base, vec![1, 2, 3, 4, 5, 6, 7]),
    ];
    for (filter, expected) in cases {
        let expected: Vec<ItemId> = expected.into_iter().map(id).collect();
        assert_eq!(listed(&catalog, &filter), expected, "{filter:?}");
    }
}

#[test]
fn duplicates_are_what_is_there_with_the_same_content() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, [1]);
    let mut same = meta(2, ItemKind::Artifact, &[], 0);
    same.content = content(1);
    write(&mut catalog, |tx| insert(tx, 2, &same));
    let ids = |catalog: &Catalog| -> Vec<ItemId> {
        catalog.duplicates(&content(1)).expect("a catalog").into_iter().map(|item| item.id).collect()
    };
    assert_eq!(ids(&catalog), [id(1), id(2)]);
    write(&mut catalog, |tx| tx.purged(&id(1), 1));
    assert_eq!(ids(&catalog), [id(2)]);
}

#[test]
fn counts_balance() {
    let place = Place::new();
    let mut catalog = place.create();
    assert_eq!(catalog.counts(), Ok(Counts::default()));
    family(&mut catalog);
    write(&mut catalog, |tx| {
        tx.hold(&[1; 32], &id(2), 1, user(1))?;
        tx.hold(&[2; 32], &id(3), 1, user(1))?;
        tx.pin(&[1; 32], &id(4), 1)?;
        tx.mark(&id(4), 1)?;
        tx.purged(&id(6), 1)
    });
    let counts = catalog.counts().expect("a catalog");
    assert_eq!((counts.present, counts.purged, counts.missing), (5, 1, 0));
    assert_eq!((counts.held, counts.pinned, counts.marked, counts.held_and_purged), (1, 1, 1, 0));
    assert_eq!(counts.by_kind, [2, 2, 0, 0, 0, 1, 0]);
    assert_eq!((counts.size_bytes, counts.stored_bytes), (5_015, 6_015));
}

#[test]
fn an_ingest_that_failed_leaves_no_row() {
    let place = Place::new();
    let mut catalog = place.create();
    family(&mut catalog);
    write(&mut catalog, |tx| tx.hold(&[1; 32], &id(6), 1, user(1)));
    assert_eq!(catalog.write(|tx| tx.forget_failed(&id(1))), Err(CatalogError::HasChildren));
    assert_eq!(catalog.write(|tx| tx.forget_failed(&id(6))), Err(CatalogError::Held));
    assert!(write(&mut catalog, |tx| tx.forget_failed(&id(5))));
    assert!(!write(&mut catalog, |tx| tx.forget_failed(&id(5))));
    assert_eq!(catalog.item(&id(5)), Ok(None));
    assert_eq!(catalog.children(&id(4)), Ok(vec![]));
}

#[test]
fn words_that_could_be_a_persons_name_are_refused() {
    let place = Place::new();
    let mut catalog = place.create();
    let mut refused = |change: fn(&mut custody_retention::ItemMeta), what| {
        let mut meta = meta(1, ItemKind::Artifact, &[], 0);
        change(&mut meta);
        let result = catalog.write(|tx| insert(tx, 1, &meta)).map(drop);
        assert_eq!(result, Err(CatalogError::Invalid { what }));
    };
    refused(|meta| meta.class = "Jane Doe".to_owned(), "class");
    refused(|meta| meta.environment = "a/b".to_owned(), "environment");
    refused(|meta| meta.source = "jane@example.com".to_owned(), "source");
    refused(|meta| meta.format = "x".repeat(65), "format");
    refused(|meta| meta.owner = "jane.doe".to_owned(), "user, it has to be an ID");
    artifacts(&mut catalog, [1]);
    for event in ["", "closed by Jane"] {
        let result = catalog.write(|tx| tx.event(&id(1), event, 1));
        assert_eq!(result, Err(CatalogError::Invalid { what: "event" }));
    }
}

#[test]
fn a_change_that_fails_leaves_nothing_of_itself() {
    let place = Place::new();
    let mut catalog = place.create();
    artifacts(&mut catalog, [1]);
    let failed = catalog.write(|tx| {
        tx.touch(&id(1), 99 * DAY_MS)?;
        insert(tx, 2, &meta(2, ItemKind::Artifact, &[], 0))?;
        tx.touch(&id(3), 1)
    });
    assert_eq!(failed, Err(CatalogError::UnknownItem));
    assert_eq!(catalog.item(&id(2)), Ok(None));
    assert_eq!(catalog.item(&id(1)).expect("a catalog").expect("the item").last_used_ms, DAY_MS);
    artifacts(&mut catalog, [2]);
}

#[test]
fn what_is_known_of_ledger_and_keys_never_goes_back() {
    let place = Place::new();
    let mut catalog = place.create();
    assert_eq!(catalog.meta(), Ok(Meta::default()));
    let meta = Meta { ledger_size: 10, key_generation: 3, clock_ms: 1_000 };
    write(&mut catalog, |tx| tx.set_meta(meta));
    let ledger = catalog.write(|tx| tx.set_meta(Meta { ledger_size: 9, ..meta }));
    assert_eq!(ledger, Err(CatalogError::Backwards { what: "ledger" }));
    let keys = catalog.write(|tx| tx.set_meta(Meta { key_generation: 2, ..meta }));
    assert_eq!(keys, Err(CatalogError::Backwards { what: "key file" }));
    write(&mut catalog, |tx| tx.set_meta(Meta { clock_ms: 1, ..meta }));
    drop(catalog);
    assert_eq!(place.open().meta(), Ok(Meta { clock_ms: 1, ..meta }));
}

#[test]
fn an_approval_is_spent_once() {
    let place = Place::new();
    let mut catalog = place.create();
    let approval = ApprovalRow {
        id: [3; 32],
        plan: [4; 32],
        what: "purge".to_owned(),
        approver: user(2).to_string(),
        approved_ms: 10,
        expires_ms: 20,
        spent_ms: None,
    };
    write(&mut catalog, |tx| tx.approved(&approval));
    assert!(!write(&mut catalog, |tx| tx.approval_spent(&[9; 32], 15)), "no approval");
    assert!(write(&mut catalog, |tx| tx.approval_spent(&[3; 32], 15)));
    assert!(!write(&mut catalog, |tx| tx.approval_spent(&[3; 32], 16)));
    write(&mut catalog, |tx| tx.approved(&approval));
    let spent = ApprovalRow { spent_ms: Some(15), ..approval };
    assert_eq!(catalog.approval(&[3; 32]), Ok(Some(spent.clone())), "approving again does not give it back");
    assert_eq!(catalog.approvals(&[4; 32]), Ok(vec![spent]));
}

#[test]
fn plans_are_open_until_they_are_applied_or_dropped() {
    let place = Place::new();
    let mut catalog = place.create();
    for number in 1..=3 {
        let plan = PlanRow {
            hash: [number; 32],
            what: "sweep".to_owned(),
            created_ms: u64::from(number),
            planned_by: user(1).to_string(),
            state: PlanState::Open,
        };
        write(&mut catalog, |tx| tx.plan_made(&plan));
    }
    write(&mut catalog, |tx| {
        assert!(tx.plan_dropped(&[1; 32])? && !tx.plan_dropped(&[1; 32])?);
        assert!(tx.plan_applied(&[2; 32])? && !tx.plan_dropped(&[2; 32])?);
        assert!(!tx.plan_applied(&[9; 32])?);
        Ok(())
    });
    let state = |number| catalog.plan(&[number; 32]).expect("a catalog").map(|plan| plan.state);
    let states = [state(1), state(2), state(3), state(9)];
    assert_eq!(states, [Some(PlanState::Dropped), Some(PlanState::Applied), Some(PlanState::Open), None]);
    assert_eq!(catalog.open_plans().expect("a catalog").len(), 1);
}

#[test]
fn the_last_sweeps_come_first() {
    let place = Place::new();
    let mut catalog = place.create();
    let sweep = |number| SweepRow {
        id: id(number),
        started_ms: u64::from(number),
        ended_ms: u64::from(number) + 5,
        exit_code: 3,
        items: 7,
        size_bytes: 8,
    };
    for number in [1, 2, 3, 2] {
        write(&mut catalog, |tx| tx.swept(&sweep(number)));
    }
    assert_eq!(catalog.last_sweeps(2), Ok(vec![sweep(3), sweep(2)]));
    assert_eq!(catalog.last_sweeps(9).expect("a catalog").len(), 3);
}
