//! Single bits of a store that turn over, files that end too early, and older copies put back: each is found when the
//! store is opened or checked, or by whoever remembers a checkpoint, and none is put right in silence.

use crate::oracle;
use crate::support::*;
use crate::world::{NOW_MS, World};
use custody_retention::catalog::Catalog;
use custody_retention::ledger::{Checkpoint, Finding, LedgerFolder, verify};
use custody_retention::store::{Oddity, OpenReport, Store, StoreError};
use std::sync::Arc;

/// What opening and checking a store says of it; `None` when all is well.
fn found(world: &World) -> Option<String> {
    let (store, report) = match world.open() {
        Ok(opened) => opened,
        Err(error) => return Some(error.to_string()),
    };
    let OpenReport { torn_tail, rotation, damaged_key_header, finished, undone, folded, .. } = report;
    if torn_tail.is_some() || damaged_key_header {
        return Some("reported when it was opened".to_owned());
    }
    assert_eq!((rotation, finished, undone, folded), (None, 0, 0, 0), "it was closed");
    let mut seen = Vec::new();
    if let Err(error) = store.check(true, &mut |oddity: Oddity| seen.push(oddity.to_string())) {
        return Some(error.to_string());
    }
    seen.into_iter().next()
}

/// Turns over one bit of each byte that is asked for; returns the bytes at which nobody noticed.
fn flip(base: &World, path: &str, bytes: impl Iterator<Item = usize>) -> Vec<usize> {
    let whole = base.sim.bytes(path);
    let mut unnoticed = Vec::new();
    for at in bytes.filter(|at| *at < whole.len()) {
        let world = base.fork();
        let mut bent = whole.clone();
        bent[at] ^= 1 << (at % 8);
        world.sim.put(path, &bent);
        if found(&world).is_none() {
            unnoticed.push(at);
        }
    }
    unnoticed
}

#[test]
fn a_store_that_nobody_touched_is_well() {
    assert_eq!(found(&World::new().0.fork()), None);
}

#[test]
fn a_bit_of_the_key_file_does_not_turn_over_unnoticed() {
    let (base, _) = World::new();
    let size = base.sim.bytes("keys.custody").len();
    // The ends of each copy of the header, each kind of slot, and of the rest a part.
    let near = [0, 4096, 8192, 8192 + 14 * 128, size - 128];
    let bytes = near.into_iter().flat_map(|start| start..start + 128).step_by(3);
    assert_eq!(flip(&base, "keys.custody", bytes.chain((0..size).step_by(97))), [0_usize; 0]);
}

#[test]
fn a_bit_of_the_ledger_does_not_turn_over_unnoticed() {
    let (base, _) = World::new();
    let size = base.sim.bytes("ledger/entries.ledger").len();
    let bytes = (0..64).chain((64..size).step_by(61)).chain(size - 64..size);
    assert_eq!(flip(&base, "ledger/entries.ledger", bytes), [0_usize; 0]);
}

#[test]
fn a_bit_of_a_blob_does_not_turn_over_unnoticed() {
    let (base, _) = World::new();
    let blob = base.a_blob();
    let size = base.sim.bytes(&blob).len();
    assert_eq!(flip(&base, &blob, (0..size).step_by(3)), [0_usize; 0]);
}

/// What follows in `store.toml` is for people, or says where its key comes from and where new items belong: it is
/// read by whoever opens the store, and decides nothing about what is in it.
#[test]
fn what_turns_over_in_the_description_is_found_or_decides_nothing() {
    let (base, _) = World::new();
    let text = String::from_utf8(base.sim.bytes("store.toml")).expect("text");
    for at in flip(&base, "store.toml", 0..text.len()) {
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().expect("a line");
        let harmless = line.starts_with('#')
            || line.starts_with("environment = ")
            // A blank more or less, a quote of the other kind.
            || text.as_bytes()[at] == b' ';
        assert!(harmless, "byte {at}, in {line:?}");
    }
}

/// `cargo test --release -p custody-retention --test store -- --ignored no_bit`
#[test]
#[ignore = "takes minutes"]
fn no_bit_turns_over_unnoticed() {
    let (base, _) = World::new();
    for path in base.sim.paths() {
        let file = !matches!(&*path, "staging" | "blobs" | "ledger" | "policies" | "plans")
            && !path.starts_with("policies/")
            // Requests are read by their hash and approvals by their signature, when they are used.
            && !path.starts_with("plans/")
            && path != "store.toml"
            && path.contains('.');
        if file {
            assert_eq!(flip(&base, &path, 0..base.sim.bytes(&path).len()), [0_usize; 0], "{path}");
        }
    }
}

#[test]
fn a_file_that_ends_too_early_is_found() {
    let (base, _) = World::new();
    let blob = base.a_blob();
    for path in ["keys.custody", "ledger/entries.ledger", "store.toml", &blob] {
        let whole = base.sim.bytes(path);
        let step = (whole.len() / 60).max(1);
        for length in (0..whole.len()).step_by(step).chain([whole.len() - 2]) {
            let world = base.fork();
            world.sim.put(path, &whole[..length]);
            let quarantined = world.sim.paths().len();
            assert!(found(&world).is_some(), "{path}, {length} bytes");
            assert_eq!(world.sim.bytes(path).len(), length, "{path}: nothing is cut or mended");
            assert_eq!(world.sim.paths().len(), quarantined, "{path}: nothing is set aside");
        }
    }
}

/// Whoever cuts the ledger may put an older catalog beside it. A remembered checkpoint tells.
#[test]
fn an_older_copy_of_the_whole_folder_is_found_by_a_remembered_checkpoint() {
    let (base, cast) = World::new();
    let world = base.fork();
    let (mut store, _) = world.open().expect("it opens");
    sweep_at(&mut store, NOW_MS, vec![purge_step(cast.due)], &mut |_, _| Ok(true)).expect("swept");
    let remembered: Checkpoint = store.checkpoint().expect("a checkpoint");
    let key = store.config().verifier.clone();
    drop(store);
    let ledger = |world: &World| LedgerFolder::on(Arc::clone(&world.place.disk), "ledger");
    let now = verify(ledger(&world), &key, std::slice::from_ref(&remembered)).expect("it can be read");
    assert!(now.is_clean(), "{now:?}");
    let older = base.fork();
    assert_eq!(found(&older), None, "by itself it is whole");
    let report = verify(ledger(&older), &key, &[remembered]).expect("it can be read");
    assert!(matches!(report.findings[..], [Finding::Shorter { .. }]), "{report:?}");
}

#[test]
fn a_key_file_that_is_lost_or_older_opens_no_store() {
    let (base, cast) = World::new();
    let lost = base.fork();
    lost.sim.take_away("keys.custody");
    assert!(lost.open().is_err_and(|error| error.is_damage()), "lost");
    assert!(Store::rebuild(&lost.place, &lost.holder, NOW_MS).is_err(), "no catalog helps there");
    let old = base.sim.bytes("keys.custody");
    let purged = base.fork();
    let (mut store, _) = purged.open().expect("it opens");
    sweep_at(&mut store, NOW_MS, vec![purge_step(cast.due)], &mut |_, _| Ok(true)).expect("swept");
    drop(store);
    let entries = purged.sim.bytes("ledger/entries.ledger");
    purged.sim.put("keys.custody", &old);
    assert!(purged.open().is_err_and(|error| error.is_damage()), "older");
    assert_eq!(purged.sim.bytes("ledger/entries.ledger"), entries, "nothing is done");
    // A catalog that is made anew has never seen the newer one; the keys of what was purged tell.
    let (store, _) = rebuilt(&purged).expect("it can be made");
    assert!(oracle::oddities(&store).contains(&Oddity::KeyOfPurged(cast.due)));
    drop(store);
    // After a rotation it opens nothing.
    let rotated = base.fork();
    let (mut store, _) = rotated.open().expect("it opens");
    let me = who(&store, "an.account", NOW_MS);
    store.rotate(me, &rotated.holder).expect("rotated");
    drop(store);
    rotated.sim.put("keys.custody", &old);
    assert!(rotated.open().is_err(), "older than the store key");
    assert!(rebuilt(&rotated).is_err());
}

fn rebuilt(world: &World) -> Result<(Store, OpenReport), StoreError> {
    let catalog = world.place.folder.join("catalog.sqlite");
    std::fs::rename(&catalog, catalog.with_extension("lost")).expect("moved");
    Store::rebuild(&world.place, &world.holder, NOW_MS)
}

/// Puts the bytes of one slot into another one, whose place they do not fit.
#[test]
fn a_key_that_is_there_twice_is_found() {
    let (base, _) = World::new();
    let world = base.fork();
    let mut bytes = world.sim.bytes("keys.custody");
    let free = bytes.len() - 128;
    bytes.copy_within(8192..8192 + 128, free);
    world.sim.put("keys.custody", &bytes);
    assert!(found(&world).is_some());
}

/// The catalog is an index, and SQLite keeps no checksums of what stands in its pages. A check compares it with what
/// it is an index of.
#[test]
fn what_turns_over_in_the_catalog_is_found_or_decides_nothing() {
    const STEP: usize = 211;
    let (base, _) = World::new();
    let mut harmless = 0;
    let size = base.catalog.len();
    let (store, _) = base.open().expect("it opens");
    let whole = oracle::dump(&store, &base.place);
    drop(store);
    for at in (0..size).step_by(STEP) {
        let world = base.fork();
        let mut bent = base.catalog.clone();
        bent[at] ^= 1 << (at % 8);
        std::fs::write(world.place.folder.join("catalog.sqlite"), &bent).expect("written");
        if found(&world).is_none() {
            let (store, _) = world.open().expect("it opens");
            oracle::same(&whole, &oracle::dump(&store, &world.place), &format!("byte {at}"));
            harmless += 1;
        }
    }
    assert!(harmless * STEP < size, "free pages, and pages' free room");
}

/// The ledger is what holds are remembered by: a catalog that has lost one purges nothing.
#[test]
fn a_catalog_that_has_lost_a_hold_opens_no_store() {
    let (base, cast) = World::new();
    let (store, _) = base.open().expect("it opens");
    let held = store.catalog().unit_holds(&cast.held).expect("holds");
    drop(store);
    let world = base.fork();
    let mut catalog = Catalog::open(&world.place.folder.join("catalog.sqlite")).expect("it opens");
    let released = catalog.write(|tx| tx.release(&held[0].matter, &held[0].item, NOW_MS));
    assert!(released.expect("it is gone"));
    drop(catalog);
    let opened = world.open();
    assert!(opened.is_err_and(|error| error.is_damage()), "what the ledger holds is held");
    let (store, _) = rebuilt(&world).expect("made anew");
    assert!(store.catalog().is_held(&cast.held).expect("known"));
    assert_eq!(oracle::oddities(&store), []);
}
