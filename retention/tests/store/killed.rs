//! A process that is killed while it does everything that can be done to a store, again and again: this test binary
//! starts itself as the victim.

use crate::oracle;
use crate::support::*;
use crate::world::NOW_MS;
use custody_retention::ItemId;
use custody_retention::keys::FileHolder;
use custody_retention::request::RequestKind;
use custody_retention::store::*;
use custody_rules::approval::Approved;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Says to the victim where the store is.
const FOLDER: &str = "CUSTODY_TEST_STORE_KILLED";
const ROUNDS: u64 = 40;

/// Reports that are there, the oldest first, and whether they are held.
fn reports(store: &Store) -> Vec<(ItemId, bool)> {
    let rows = oracle::rows(store).into_iter();
    rows.filter(|row| row.root == row.id && row.class == "report" && !row.is_purged())
        .map(|row| (row.id, row.held))
        .collect()
}

fn deed(store: &mut Store, holder: &FileHolder, number: u64) -> Result<(), StoreError> {
    let (me, counsel) = (who(store, "an.account", NOW_MS), who(store, "counsel", NOW_MS));
    let there = reports(store);
    match number % 7 {
        0 | 1 | 3 => {
            for text in 0..3 {
                ingest(store, &format!("{number} {text}"), TIME_MS);
            }
            Ok(())
        }
        2 => {
            let (held, _) = ingest(store, &format!("held {number}"), TIME_MS);
            store.hold(counsel, "Case 1", &[held])
        }
        4 => {
            // Everything, what is held as well.
            let steps = there.iter().map(|(id, _)| purge_step(*id)).collect();
            sweep_at(store, NOW_MS, steps, &mut |_, _| Ok(true)).map(drop)
        }
        5 => {
            let held: Vec<ItemId> =
                there.iter().filter(|(_, held)| *held).map(|(id, _)| *id).take(1).collect();
            let items = item_rows(store, &held);
            let Ok((plan, None)) = store.release(me, "Case 1", &items) else { return Ok(()) };
            // Who was killed behind an approval finds it given and goes on with it.
            let _ = store.approve(counsel, plan, Approved::HoldRelease);
            store.release(me, "Case 1", &items)?;
            let reason = about(store.ids(), "a reason");
            let (plan, _) = store.request(me, RequestKind::Purge, reason, &items)?;
            dispose_at(store, NOW_MS, &plan).map(drop)
        }
        _ => store.rotate(me, holder).map(drop),
    }
}

#[test]
#[ignore = "the victim: started by the test below"]
fn victim() {
    let folder = std::env::var_os(FOLDER).expect("started by the other test");
    let folder = Path::new(&folder);
    let holder = FileHolder::new(&folder.with_extension("key")).expect("a key");
    let (_lock, mut store, _) = Store::open(folder, &holder, NOW_MS, false).expect("it opens");
    let begin = store.entries();
    let mut out = std::io::stdout();
    for number in begin.. {
        deed(&mut store, &holder, number).expect("done");
        if number % 3 == 0 {
            store.checkpoint().expect("a checkpoint");
        }
        writeln!(out, "did {}", store.entries()).expect("somebody listens");
    }
}

/// Lets a victim work for so many deeds and a moment, kills it, and returns how many entries it had last called
/// durable.
fn run_and_kill(folder: &Path, deeds: u64, moment: Duration) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args(["--exact", "killed::victim", "--ignored", "--nocapture"]).env(FOLDER, folder);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let (mut durable, mut seen) = (0, 0);
    for line in stdout.lines() {
        let line = line.expect("the pipe can be read");
        let Some(entries) = line.strip_prefix("did ").and_then(|entries| entries.parse().ok()) else {
            continue;
        };
        (durable, seen) = (entries, seen + 1);
        if seen == deeds {
            std::thread::sleep(moment);
            child.kill().expect("it can be killed");
        }
    }
    let status = child.wait().expect("it ends");
    assert!(!status.success() && seen >= deeds, "killed, after {seen} deeds");
    durable
}

#[test]
fn killed_in_a_loop_it_recovers_twice_and_loses_nothing() {
    let (_dir, folder, holder) = shared_store();
    let place = StorePlace::real(&folder).expect("the store");
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let moment = Duration::from_micros(round * 977 % 7_000);
        let durable = run_and_kill(&folder, 1 + round * 5 % 9, moment);
        let (lock, store, first) = Store::open(&folder, &holder, NOW_MS, false).expect("recovery");
        interrupted += first.finished + first.undone + u64::from(first.torn_tail.is_some());
        let entries = store.entries();
        assert!(entries >= durable, "round {round}");
        drop((store, lock));
        let (_lock, store, second) = Store::open(&folder, &holder, NOW_MS, false).expect("once more");
        let again = (second.finished, second.undone, second.folded, second.torn_tail, second.rotation);
        assert_eq!(again, (0, 0, 0, None, None), "round {round}");
        assert_eq!(store.entries(), entries, "round {round}");
        if round % 8 == 7 || round + 1 == ROUNDS {
            oracle::check(&store, &place, &Memory::of(&holder), &[]);
        }
    }
    assert!(interrupted > 0, "it was killed in the middle of nothing");
}
