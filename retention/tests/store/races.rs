//! More than one process at the same store: one writes at a time, and none of them loses what another one did.

use crate::oracle;
use crate::support::*;
use custody_retention::ItemId;
use custody_retention::catalog::{Filter, Life};
use custody_retention::disk::{DiskError, RealDisk, StoreLock};
use custody_retention::keys::FileHolder;
use custody_retention::store::{Store, StoreError};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

/// Says to a child where the store is.
const FOLDER: &str = "CUSTODY_TEST_STORE_SHARED";
const ROUNDS: u64 = 12;
const NOW_MS: u64 = TIME_MS + 8 * DAY_MS;

#[test]
fn two_writers_do_not_open_the_same_store() {
    let (_dir, place, _) = new_store();
    let disk = || RealDisk::open(&place.folder).expect("the store");
    let first = StoreLock::exclusive(&disk(), Duration::ZERO).expect("free");
    let second = StoreLock::exclusive(&disk(), Duration::ZERO);
    assert!(matches!(second, Err(DiskError::Busy)));
    drop(first);
    StoreLock::exclusive(&disk(), Duration::ZERO).expect("free again");
}

fn each_round(folder: &Path, act: impl Fn(&mut Store, u64)) {
    let holder = FileHolder::new(&folder.with_extension("key")).expect("a key");
    for round in 0..ROUNDS {
        let (lock, mut store, report) = Store::open(folder, &holder, NOW_MS, false).expect("it is opened");
        assert_eq!((report.finished, report.undone), (0, 0), "nobody is interrupted");
        act(&mut store, round);
        store.checkpoint().expect("a checkpoint");
        drop(store);
        drop(lock);
    }
}

#[test]
#[ignore = "a child: started by the test below"]
fn writer() {
    let folder = std::env::var_os(FOLDER).expect("started by the other test");
    each_round(Path::new(&folder), |store, round| {
        ingest(store, &format!("round {round}"), TIME_MS + DAY_MS);
        let (held, _) = ingest(store, &format!("held {round}"), TIME_MS);
        let counsel = who(store, "counsel", NOW_MS);
        store.hold(counsel, "Case 1", &[held]).expect("held");
    });
}

#[test]
#[ignore = "a child: started by the test below"]
fn sweeper() {
    let folder = std::env::var_os(FOLDER).expect("started by the other test");
    each_round(Path::new(&folder), |store, _| {
        let mut ids: Vec<ItemId> = Vec::new();
        let present = Filter { life: Some(Life::Present), ..Filter::default() };
        let listed = store.catalog().list(&present, |row| {
            if row.root == row.id && row.class == "report" {
                ids.push(row.id);
            }
            Ok::<(), StoreError>(())
        });
        listed.expect("listed");
        let steps = ids.into_iter().map(purge_step).collect();
        sweep_at(store, NOW_MS + 1, steps, &mut |_, _| Ok(true)).expect("swept");
    });
}

fn start(test: &str, folder: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", test, "--ignored"]).env(FOLDER, folder).stdout(std::process::Stdio::null());
    command.spawn().expect("it starts")
}

#[test]
fn a_writer_and_a_sweep_take_turns() {
    let (_dir, folder, holder) = shared_store();
    let children = ["races::writer", "races::sweeper"].map(|test| start(test, &folder));
    for mut child in children {
        assert!(child.wait().expect("it ends").success());
    }
    let (_lock, store, _) = Store::open(&folder, &holder, NOW_MS, false).expect("it opens");
    let place = custody_retention::store::StorePlace::real(&folder).expect("the store");
    let held = oracle::rows(&store).iter().filter(|row| row.held && !row.is_purged()).count() as u64;
    assert_eq!(held, 2 * ROUNDS);
    oracle::check(&store, &place, &Memory::of(&holder), &[]);
}
