//! The store key is changed: with a power cut or a fault at every step, the old state or the new one is there, whole.

use crate::sim::{EIO, SimDisk};
use crate::support::{DiskHolder, data_key, item, same};
use custody_retention::disk::Disk;
use custody_retention::keys::*;

const LIVE: [u64; 5] = [0, 1, 3, 4, 6];
const DESTROYED: [u64; 2] = [2, 5];

/// A key file with five live keys and two destroyed ones; the store key lies on the same disk.
fn store() -> (SimDisk, KeyFile) {
    let disk = SimDisk::new();
    let holder = DiskHolder(disk.clone());
    let made = holder.make(Which::Current).expect("made");
    let mut keys =
        KeyFile::create(&disk, StoreId([7; 16]), &made, &Secrets::random().expect("random")).expect("made");
    for number in 0..7 {
        assert_eq!(keys.add(&item(number), &data_key(number)), Ok(Slot(number)));
    }
    for number in DESTROYED {
        keys.destroy(Slot(number), &item(number)).expect("there");
    }
    keys.sync().expect("durable");
    (disk, keys)
}

fn check(keys: &KeyFile) {
    for number in LIVE {
        assert!(same(&keys.get(Slot(number), &item(number)).expect("live"), &data_key(number)));
    }
    let gone = if keys.epoch() == 0 { KeyError::Destroyed } else { KeyError::NoKey };
    for number in DESTROYED {
        assert_eq!(keys.get(Slot(number), &item(number)).expect_err("destroyed"), gone);
    }
}

/// Opens, checks, opens again: nothing is left to do then.
fn recover(disk: &SimDisk) -> (u32, Rotation) {
    let holder = DiskHolder(disk.clone());
    check(&KeyFile::open_read(disk, &holder).expect("opens for reading"));
    let (keys, report) = KeyFile::open(disk, &holder).expect("opens");
    check(&keys);
    let (again, second) = KeyFile::open(disk, &holder).expect("opens");
    assert_eq!(second.rotation, Rotation::None);
    assert_eq!((again.epoch(), again.generation()), (keys.epoch(), keys.generation()));
    assert_eq!(disk.stat("keys.custody.new").expect("asked"), None);
    assert!(holder.get(Which::Next, None).expect("asked").is_none());
    (keys.epoch(), report.rotation)
}

#[test]
fn a_rotation_keeps_keys_and_frees_slots() {
    let (disk, mut keys) = store();
    let holder = DiskHolder(disk.clone());
    let (generation, id_key) = (keys.generation(), keys.secrets().id_key());
    let old = disk.copy();
    let rotated = keys.rotate(&disk, &holder).expect("rotated");
    assert_eq!((rotated.epoch, rotated.rewrapped, rotated.freed, rotated.old_wiped), (1, 5, 2, true));
    assert!(rotated.generation > generation && keys.generation() == rotated.generation);
    check(&keys);
    assert_eq!(recover(&disk), (1, Rotation::None));
    assert_eq!(keys.secrets().id_key(), id_key);
    // The freed slots are used again, and what is looked for in them is not found.
    assert_eq!(keys.add(&item(7), &data_key(7)), Ok(Slot(2)));
    assert_eq!(keys.get(Slot(2), &item(2)).unwrap_err(), KeyError::OtherItem);
    assert_eq!(keys.destroy(Slot(5), &item(5)), Ok(Destroyed::AlreadyGone));

    // An old copy of the key file opens with the old store key only, and shows its age to who remembers.
    disk.put("keys.custody", &old.bytes("keys.custody"));
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::WrongKey);
    let (copy, _) = KeyFile::open(&old, &DiskHolder(old.clone())).expect("opens");
    assert!(copy.generation() < rotated.generation);
}

#[test]
fn a_power_cut_at_any_step_leaves_the_old_state_or_the_new_one() {
    let mut seen = std::collections::BTreeSet::new();
    for n in 0.. {
        let (disk, mut keys) = store();
        disk.keep_at(n);
        keys.rotate(&disk, &DiskHolder(disk.clone())).expect("rotated");
        let Some(cut) = disk.kept() else { break };
        for seed in 0..24 {
            // At first only the process ends, and the system has what it wrote; else the power goes at once.
            let after = if seed < 8 { cut.copy() } else { cut.crash(seed) };
            // The power goes, or goes again, while this is put right.
            for m in 0..20 {
                let again = after.copy();
                again.keep_at(m);
                drop(KeyFile::open(&again, &DiskHolder(again.clone())).expect("opens"));
                let Some(cut) = again.kept() else {
                    recover(&again.crash(seed));
                    break;
                };
                recover(&cut.crash(seed + m));
            }
            let (epoch, rotation) = recover(&after);
            seen.insert((epoch, rotation == Rotation::None));
        }
    }
    // Undone, finished, not begun, done.
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn a_fault_at_any_step_leaves_the_old_state_or_the_new_one() {
    for for_good in [false, true] {
        for n in 0.. {
            let (disk, mut keys) = store();
            let calls = disk.calls();
            if for_good {
                disk.fail_from(n, EIO);
            } else {
                disk.fail_at(n, EIO);
            }
            let result = keys.rotate(&disk, &DiskHolder(disk.clone()));
            let reached = disk.calls() - calls > n;
            disk.heal();
            match &result {
                Err(error) if *error != KeyError::Poisoned && keys.sync().is_ok() => check(&keys),
                Err(_) => {}
                Ok(rotated) => assert_eq!(recover(&disk).0, rotated.epoch),
            }
            recover(&disk);
            for seed in 0..6 {
                recover(&disk.crash(seed));
            }
            if !reached {
                result.expect("no call failed");
                break;
            }
        }
    }
}

#[test]
fn a_damaged_slot_stops_a_rotation_before_anything_is_changed() {
    let (disk, keys) = store();
    drop(keys);
    let mut bytes = disk.bytes("keys.custody");
    bytes[8192 + 3 * 128 + 70] ^= 4;
    disk.put("keys.custody", &bytes);
    let holder = DiskHolder(disk.clone());
    let (mut keys, _) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!(keys.rotate(&disk, &holder).unwrap_err(), KeyError::DamagedSlot { slot: 3 });
    assert_eq!(disk.bytes("keys.custody"), bytes);
    assert!(holder.get(Which::Next, None).expect("asked").is_none());
    assert!(same(&keys.get(Slot(4), &item(4)).expect("live"), &data_key(4)));
    assert_eq!(keys.sync().expect("still usable"), keys.generation());
}

#[test]
fn a_power_cut_while_the_key_file_is_made_leaves_it_whole_or_not_at_all() {
    let mut opened = 0;
    for n in 0.. {
        let disk = SimDisk::new();
        let holder = DiskHolder(disk.clone());
        let made = holder.make(Which::Current).expect("made");
        let secrets = Secrets::random().expect("random");
        disk.keep_at(n);
        drop(KeyFile::create(&disk, StoreId([7; 16]), &made, &secrets).expect("made"));
        let cut = disk.kept();
        for seed in 0..24 {
            let after = cut.as_ref().unwrap_or(&disk).crash(seed);
            match KeyFile::open(&after, &DiskHolder(after.clone())) {
                Ok((keys, _)) => {
                    assert_eq!(keys.secrets().id_key(), secrets.id_key());
                    opened += 1;
                }
                Err(error) => {
                    assert_eq!(error, KeyError::Lost);
                    KeyFile::create(&after, StoreId([7; 16]), &made, &secrets).expect("made anew");
                }
            }
        }
        if cut.is_none() {
            assert!(opened >= 24, "{opened} times it was whole");
            break;
        }
    }
}

#[test]
fn after_a_power_cut_the_old_passphrase_opens_or_the_new_one() {
    const OLD: &str = "correct horse battery";
    const NEW: &str = "staple them all together";
    let says = |current: &'static str| {
        let cost = KdfCost { memory_kib: 8, passes: 1, lanes: 1 };
        let answer = move |what| Some(if what == Ask::New { NEW } else { current }.to_owned().into());
        PassphraseHolder::new(answer).with_cost(cost)
    };
    let first = PassphraseHolder::new(|_| Some(OLD.to_owned().into()));
    let made =
        first.with_cost(KdfCost { memory_kib: 8, passes: 1, lanes: 1 }).make(Which::Current).expect("made");
    let mut seen = std::collections::BTreeSet::new();
    for n in 0.. {
        let disk = SimDisk::new();
        let mut keys =
            KeyFile::create(&disk, StoreId([7; 16]), &made, &Secrets::random().unwrap()).expect("made");
        keys.add(&item(1), &data_key(1)).expect("added");
        keys.sync().expect("durable");
        disk.keep_at(n);
        keys.rotate(&disk, &says(OLD)).expect("rotated");
        let Some(cut) = disk.kept() else { break };
        for seed in 0..12 {
            let after = cut.crash(seed);
            let opened = [OLD, NEW].map(|passphrase| KeyFile::open(&after, &says(passphrase)));
            assert_eq!(opened.iter().filter(|result| result.is_ok()).count(), 1);
            for (keys, _) in opened.into_iter().flatten() {
                assert!(same(&keys.get(Slot(0), &item(1)).expect("live"), &data_key(1)));
                seen.insert(keys.epoch());
            }
        }
    }
    assert_eq!(seen.len(), 2);
}
