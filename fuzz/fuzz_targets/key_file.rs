//! Key files as somebody else may hand them in: any bytes alone, and laid over a sound key file with the checksums of
//! headers and slots made to fit again, so that their fields are reached as well.
#![no_main]

use custody_retention::ItemId;
use custody_retention::blob::{DataKey, open, seal};
use custody_retention::keys::*;
use libfuzzer_sys::fuzz_target;
use sim::SimDisk;
use std::sync::LazyLock;

#[path = "../../retention/tests/support/sim.rs"]
mod sim;

const FILE: &str = "keys.custody";
const SLOTS_AT: usize = 8192;

/// Gives one store key, whatever it is asked.
struct Holder;

impl KeyHolder for Holder {
    fn get(&self, which: Which, _: Option<&Kdf>) -> Result<Option<StoreKey>, KeyError> {
        Ok((which == Which::Current).then(|| StoreKey::new([9; 32])))
    }

    fn make(&self, _: Which) -> Result<Made, KeyError> {
        Ok(Made { key: StoreKey::new([9; 32]), kdf: None })
    }

    fn promote(&self) -> Result<(), KeyError> {
        Ok(())
    }

    fn forget_next(&self) -> Result<(), KeyError> {
        Ok(())
    }
}

fn item(number: u8) -> ItemId {
    ItemId([number + 1; 32])
}

fn data_key(number: u8) -> DataKey {
    DataKey::new([number + 100; 32])
}

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let disk = SimDisk::new();
    let made = Holder.make(Which::Current).expect("made");
    let secrets = Secrets::random().expect("random");
    let mut keys = KeyFile::create(&disk, StoreId([7; 16]), &made, &secrets).expect("made");
    for number in 0..4 {
        keys.add(&item(number), &data_key(number)).expect("added");
    }
    keys.destroy(Slot(2), &item(2)).expect("there");
    keys.sync().expect("durable");
    disk.bytes(FILE)
});

/// Puts what is given over the sound file, at a header or a slot, and makes the checksum there fit.
fn lay_over(data: &[u8]) -> Vec<u8> {
    let mut bytes = SOUND.clone();
    let Some((&[place, at], rest)) = data.split_first_chunk() else { return bytes };
    let (start, length) = match place % 8 {
        0 => (0, 512),
        1 => (4096, 512),
        slot => (SLOTS_AT + (usize::from(slot) - 2) * 128, 128),
    };
    let part = &mut bytes[start..start + length];
    part.iter_mut().skip(usize::from(at)).zip(rest).for_each(|(byte, new)| *byte = *new);
    let sum = crc32c::crc32c(&part[..length - 4]).to_le_bytes();
    part[length - 4..].copy_from_slice(&sum);
    bytes
}

fuzz_target!(|data: &[u8]| {
    let disk = SimDisk::new();
    for bytes in [data.to_vec(), lay_over(data)] {
        disk.put(FILE, &bytes);
        let Ok((keys, _)) = KeyFile::open(&disk, &Holder) else { continue };
        for number in 0..4 {
            let Ok(key) = keys.get(Slot(number.into()), &item(number)) else { continue };
            let text = seal(&data_key(number), "same", b"").expect("sealed");
            assert!(number != 2 && open(&key, "same", &text).is_ok(), "another key passes as this item's");
        }
        let seen = keys.for_each(|slot, state| match state {
            SlotState::Live(there) if slot.0 > 3 || there != item(slot.0 as u8) => Err(KeyError::OtherItem),
            _ => Ok(()),
        });
        assert_eq!(seen, Ok(()), "a key that was never put there");
        assert!(disk.bytes(FILE) == bytes, "opening changed it");
    }
});
