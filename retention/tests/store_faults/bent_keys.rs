//! A key file that is bent, cut, copied, or put together from two: found, and never repaired silently.

use crate::sim::SimDisk;
use crate::support::{MemoryHolder, data_key, item, key_file, same};
use custody_retention::keys::*;

const FILE: &str = "keys.custody";

/// A key file with a destroyed key among three live ones.
fn small() -> (SimDisk, MemoryHolder, Vec<u8>) {
    let disk = SimDisk::new();
    let (mut keys, holder) = key_file(&disk);
    for number in 0..4 {
        keys.add(&item(number), &data_key(number)).expect("added");
    }
    keys.destroy(Slot(1), &item(1)).expect("there");
    keys.sync().expect("durable");
    let bytes = disk.bytes(FILE);
    (disk, holder, bytes)
}

/// Whether anything tells that the file is not what was written. A key that is given out is the right one in any case.
fn is_found(disk: &SimDisk, holder: &MemoryHolder) -> bool {
    let Ok((keys, report)) = KeyFile::open(disk, holder) else { return true };
    for number in 0..4 {
        if let Ok(key) = keys.get(Slot(number), &item(number)) {
            assert!(number != 1 && same(&key, &data_key(number)));
        }
    }
    let damaged =
        keys.for_each(|_, state| if state == SlotState::Damaged { Err(KeyError::Lost) } else { Ok(()) });
    report.damaged_copy || damaged.is_err()
}

#[test]
fn a_flipped_bit_is_found_everywhere() {
    let (disk, holder, bytes) = small();
    assert!(!is_found(&disk, &holder));
    let before = bytes.clone();
    for at in 0..bytes.len() {
        let mut bent = bytes.clone();
        bent[at] ^= 1 << (at % 8);
        disk.put(FILE, &bent);
        assert!(is_found(&disk, &holder), "byte {at}");
        assert!(disk.bytes(FILE) == bent, "it was changed");
    }
    assert!(bytes == before);
}

#[test]
fn a_cut_is_found_everywhere() {
    let (disk, holder, bytes) = small();
    for length in 0..bytes.len() {
        disk.put(FILE, &bytes[..length]);
        assert!(matches!(KeyFile::open(&disk, &holder), Err(KeyError::Damaged { .. })), "{length} bytes");
        assert_eq!(disk.bytes(FILE).len(), length);
    }
}

#[test]
fn a_lost_file_is_not_made_anew() {
    let (disk, holder, _) = small();
    disk.take_away(FILE);
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::Lost);
    assert_eq!(KeyFile::open_read(&disk, &holder).unwrap_err(), KeyError::Lost);
    assert!(disk.paths().is_empty());
}

#[test]
fn a_file_that_was_doubled_is_found() {
    let (disk, holder, bytes) = small();
    disk.put(FILE, &bytes.repeat(2));
    assert!(is_found(&disk, &holder));
}

#[test]
fn an_old_file_shows_its_age_to_who_remembers() {
    let (disk, holder, bytes) = small();
    let (mut keys, _) = KeyFile::open(&disk, &holder).expect("opens");
    keys.destroy(Slot(2), &item(2)).expect("there");
    let remembered = keys.sync().expect("durable");
    disk.put(FILE, &bytes);
    let (old, report) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!((old.generation(), report.damaged_copy), (remembered - 1, false));
}

#[test]
fn slots_that_were_moved_or_swapped_open_nothing() {
    let (disk, holder, bytes) = small();
    let slot = |number: usize| 8192 + number * 128..8192 + (number + 1) * 128;
    for (from, to) in [(0, 2), (2, 0), (3, 1), (0, 9)] {
        let mut bent = bytes.clone();
        bent.copy_within(slot(from), slot(to).start);
        disk.put(FILE, &bent);
        let (keys, _) = KeyFile::open(&disk, &holder).expect("opens");
        let number = from as u64;
        assert_eq!(
            keys.get(Slot(to as u64), &item(number)).unwrap_err(),
            KeyError::DamagedSlot { slot: to as u64 }
        );
        assert!(same(&keys.get(Slot(number), &item(number)).expect("untouched"), &data_key(number)));
        assert!(is_found(&disk, &holder));
    }
}

#[test]
fn headers_of_two_files_do_not_go_together() {
    let (disk, holder, bytes) = small();
    let (_, _, other) = small();
    for copy in [0..4096, 4096..8192] {
        let mut bent = bytes.clone();
        bent[copy.clone()].copy_from_slice(&other[copy]);
        disk.put(FILE, &bent);
        assert!(matches!(KeyFile::open(&disk, &holder), Err(KeyError::Damaged { .. })));
    }
    // Both copies of another file: the store key is not theirs.
    let mut bent = bytes.clone();
    bent[..8192].copy_from_slice(&other[..8192]);
    disk.put(FILE, &bent);
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::WrongKey);
    let mut bent = bytes;
    let (even, odd) = bent[..8192].split_at_mut(4096);
    even.swap_with_slice(odd);
    disk.put(FILE, &bent);
    assert!(matches!(KeyFile::open(&disk, &holder), Err(KeyError::Damaged { .. })));
}

#[test]
fn a_header_that_somebody_else_made_is_found() {
    let (disk, holder, mut bytes) = small();
    // A generation and a checksum that fit, made without the store key.
    let (newest, other) = if bytes[16] > bytes[4096 + 16] { (0, 4096) } else { (4096, 0) };
    bytes[newest + 16] += 2;
    bytes[other + 16] += 2;
    for start in [newest, other] {
        let crc = crc32c::crc32c(&bytes[start..start + 508]).to_le_bytes();
        bytes[start + 508..start + 512].copy_from_slice(&crc);
    }
    disk.put(FILE, &bytes);
    assert!(matches!(KeyFile::open(&disk, &holder), Err(KeyError::Damaged { .. })));
}

#[test]
fn an_item_with_two_live_keys_is_found() {
    let (disk, holder, _) = small();
    let (mut keys, _) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!(keys.doubled(), Ok(vec![]));
    // Destroyed and added again is no doubling.
    keys.add(&item(1), &data_key(1)).expect("added");
    assert_eq!(keys.doubled(), Ok(vec![]));
    for number in 10..3000 {
        keys.add(&item(number), &data_key(number)).expect("added");
    }
    let (one, other) = (
        keys.add(&item(3), &data_key(9)).expect("added"),
        keys.add(&item(1500), &data_key(9)).expect("added"),
    );
    let first = Slot(5 + 1490);
    assert!(keys.get(first, &item(1500)).is_ok());
    assert_eq!(keys.doubled(), Ok(vec![Slot(3), first, one, other]));
}
