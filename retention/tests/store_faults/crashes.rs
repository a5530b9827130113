//! An item is kept, its key destroyed: with a fault at every call, and with a power cut before every call. What was
//! promised holds, and nothing half done is taken for whole.

use crate::sim::{EIO, ENOSPC, SimDisk};
use crate::support::{content, data_key, item, key_file, read_blob, same};
use custody_retention::blob::{BlobWriter, CHUNK_BYTES};
use custody_retention::disk::Disk;
use custody_retention::keys::*;
use std::io::{self, Write};

/// What was promised, and the number of calls by then.
#[derive(Debug, Default)]
struct Promises {
    kept: Vec<(u64, u64, Slot)>,
    destroyed: Vec<(u64, u64, Slot)>,
    generations: Vec<(u64, u64)>,
}

fn path(number: u64) -> String {
    format!("blobs/{number}.blob")
}

fn bytes(number: u64) -> Vec<u8> {
    content(usize::try_from(number).expect("small") * CHUNK_BYTES / 3)
}

/// Keeps an item as the store does: blob in staging, key, then the name.
fn keep(disk: &dyn Disk, keys: &mut KeyFile, number: u64) -> io::Result<(Slot, u64)> {
    let staged = format!("staging/{number}.blob");
    let mut blob = BlobWriter::create(disk, &staged, &data_key(number)).map_err(io::Error::other)?;
    blob.write_all(&bytes(number))?;
    blob.finish(b"{}").map_err(io::Error::other)?;
    let slot = keys.add(&item(number), &data_key(number)).map_err(io::Error::other)?;
    let generation = keys.sync().map_err(io::Error::other)?;
    disk.rename_new(&staged, &path(number))?;
    disk.sync_folder("blobs")?;
    Ok((slot, generation))
}

/// Keeps five items and destroys the keys of two of them.
fn history(disk: &SimDisk, keys: &mut KeyFile, promises: &mut Promises) -> io::Result<()> {
    for number in 0..5 {
        let (slot, generation) = keep(disk, keys, number)?;
        promises.kept.push((disk.calls(), number, slot));
        promises.generations.push((disk.calls(), generation));
        if number % 2 == 1 {
            // From here on it may be gone, from the sync on it is.
            promises.kept.retain(|(_, kept, _)| *kept != number);
            keys.destroy(slot, &item(number)).map_err(io::Error::other)?;
            let generation = keys.sync().map_err(io::Error::other)?;
            promises.destroyed.push((disk.calls(), number, slot));
            promises.generations.push((disk.calls(), generation));
        }
    }
    Ok(())
}

fn new_store() -> (SimDisk, KeyFile, crate::support::MemoryHolder) {
    let disk = SimDisk::new();
    ["staging", "blobs"].into_iter().for_each(|folder| disk.make_folder(folder).expect("made"));
    disk.sync_folder("").expect("durable");
    let (keys, holder) = key_file(&disk);
    (disk, keys, holder)
}

/// Looks at a store anew: all that was promised before a call is there, and what lies in `blobs` is whole. Returns
/// how many slots are damaged: none by a power cut, the one being written by a write that failed halfway.
fn check(disk: &SimDisk, holder: &dyn KeyHolder, promises: &Promises, until: u64) -> u64 {
    let (keys, _) = KeyFile::open(disk, holder).expect("opens");
    for (at, number, slot) in &promises.kept {
        let key = keys.get(*slot, &item(*number));
        if *at <= until {
            assert!(same(&key.expect("kept"), &data_key(*number)));
            assert!(read_blob(disk, &path(*number), &data_key(*number)).expect("kept") == bytes(*number));
        }
    }
    for (_, number, slot) in promises.destroyed.iter().filter(|(at, ..)| *at <= until) {
        assert_eq!(keys.get(*slot, &item(*number)).expect_err("destroyed"), KeyError::Destroyed);
    }
    for (_, generation) in promises.generations.iter().filter(|(at, _)| *at <= until) {
        assert!(keys.generation() >= *generation);
    }
    for name in disk.list("blobs").expect("listed") {
        let number = name.trim_end_matches(".blob").parse().expect("its number");
        assert!(read_blob(disk, &path(number), &data_key(number)).expect("whole") == bytes(number));
    }
    let mut damaged = 0;
    let seen = keys.for_each(|_, state| {
        damaged += u64::from(state == SlotState::Damaged);
        Ok::<_, KeyError>(())
    });
    seen.map(|()| damaged).expect("reads")
}

#[test]
fn a_fault_at_any_call_loses_nothing_that_was_promised() {
    let mut failed = 0;
    for errno in [EIO, ENOSPC] {
        for for_good in [false, true] {
            for n in 0.. {
                let (disk, mut keys, holder) = new_store();
                if for_good {
                    disk.fail_from(n, errno);
                } else {
                    disk.fail_at(n, errno);
                }
                let calls = disk.calls();
                let mut promises = Promises::default();
                let result = history(&disk, &mut keys, &mut promises);
                if disk.calls() - calls <= n {
                    result.expect("no call failed");
                    break;
                }
                failed += u64::from(result.is_err());
                let now = disk.calls();
                disk.heal();
                drop(keys);
                assert!(check(&disk, &holder, &promises, now) <= u64::from(for_good));
                // The power goes as well.
                assert!((0..3).all(|seed| check(&disk.crash(seed), &holder, &promises, now) <= 1));
            }
        }
    }
    assert!(failed > 150, "{failed} histories ended early");
}

#[test]
fn short_writes_and_interruptions_change_nothing() {
    for (bytes_max, every) in [(1000, 3), (70_000, 2), (97, 50)] {
        let (disk, mut keys, holder) = new_store();
        disk.short(bytes_max);
        disk.interrupt_every(every);
        let mut promises = Promises::default();
        history(&disk, &mut keys, &mut promises).expect("no call failed");
        disk.heal();
        assert_eq!(check(&disk, &holder, &promises, u64::MAX), 0);
        assert_eq!(promises.kept.len() + promises.destroyed.len(), 5);
    }
}

#[test]
fn a_power_cut_before_any_call_loses_nothing_that_was_promised() {
    let (disk, mut keys, _) = new_store();
    let before = disk.calls();
    history(&disk, &mut keys, &mut Promises::default()).expect("no call failed");
    let calls = disk.calls() - before;
    for n in 0..=calls {
        let (disk, mut keys, holder) = new_store();
        let start = disk.calls();
        disk.keep_at(n);
        let mut promises = Promises::default();
        history(&disk, &mut keys, &mut promises).expect("no call failed");
        let kept = disk.kept().unwrap_or(disk);
        // What is destroyed later in this history had been kept by then.
        let until = start + n;
        assert!((0..12).all(|seed| check(&kept.crash(seed), &holder, &promises, until) == 0));
    }
    assert!(calls >= 50, "{calls} calls");
}

#[test]
fn a_poisoned_key_file_writes_nothing_more() {
    let (disk, mut keys, holder) = new_store();
    let slot = keys.add(&item(1), &data_key(1)).expect("added");
    disk.fail_at(1, EIO);
    assert_eq!(
        keys.sync().unwrap_err(),
        KeyError::Io { what: "writing the key file", kind: io::Error::from_raw_os_error(EIO).kind() }
    );
    let calls = disk.calls();
    assert_eq!(keys.sync(), Err(KeyError::Poisoned));
    assert_eq!(keys.add(&item(2), &data_key(2)), Err(KeyError::Poisoned));
    assert_eq!(keys.destroy(slot, &item(1)), Err(KeyError::Poisoned));
    assert_eq!(keys.rotate(&disk, &holder).unwrap_err(), KeyError::Poisoned);
    assert_eq!(disk.calls(), calls);
    drop(keys);
    // The device has nothing of it, whatever the system's memory shows.
    let (keys, _) = KeyFile::open(&disk.crash(0), &holder).expect("opens");
    assert_eq!(keys.get(slot, &item(1)).unwrap_err(), KeyError::NoKey);
}

#[test]
fn a_sync_of_the_key_file_is_one_sync() {
    let (disk, mut keys, _) = new_store();
    let syncs = disk.syncs();
    for number in 0..64 {
        keys.add(&item(number), &data_key(number)).expect("added");
    }
    for number in 0..32 {
        keys.destroy(Slot(number), &item(number)).expect("there");
    }
    assert_eq!(disk.syncs(), syncs);
    keys.sync().expect("durable");
    assert_eq!(disk.syncs(), syncs + 1);
    keys.add(&item(64), &data_key(64)).expect("added");
    assert_eq!(disk.syncs(), syncs + 2, "room is made durably");
}
