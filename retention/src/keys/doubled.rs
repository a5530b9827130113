//! Looks for items that have two live keys, which no writer leaves behind. Takes a few passes over the file rather
//! than memory for every slot.

use super::slot::{self, Raw};
use super::{KeyError, KeyFile, Slot};
use crate::item::ItemId;

/// Slots that are compared in one pass, about: 16 bytes each.
const PASS_SLOTS: u64 = 256 * 1024;

impl KeyFile {
    /// The slots of all items that have more than one live key, in order; none in a store that is whole.
    ///
    /// # Errors
    /// [`KeyError::Io`].
    pub fn doubled(&self) -> Result<Vec<Slot>, KeyError> {
        self.doubled_in_passes(PASS_SLOTS)
    }

    fn doubled_in_passes(&self, pass_slots: u64) -> Result<Vec<Slot>, KeyError> {
        let passes = self.header.slots.div_ceil(pass_slots).max(1);
        let mut doubled = Vec::new();
        for pass in 0..passes {
            // IDs are hashes: a part of one tells them apart, and spreads them evenly.
            let mut seen = Vec::new();
            self.for_each_live(|slot, item| {
                let part = part(item);
                if part % passes == pass {
                    seen.push((part, slot));
                }
            })?;
            seen.sort_unstable();
            let same = seen.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1);
            doubled.extend(same.flatten().map(|(_, slot)| *slot));
        }
        doubled.sort_unstable();
        Ok(doubled)
    }

    /// Keys are not verified here: a slot that was copied is no live key, and is found as well.
    fn for_each_live(&self, mut see: impl FnMut(Slot, &ItemId)) -> Result<(), KeyError> {
        self.for_each_raw(|slot, bytes| {
            if let Raw::Live(item, _) = slot::read(bytes) {
                see(slot, &item);
            }
            Ok(())
        })
    }
}

fn part(item: &ItemId) -> u64 {
    item.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::DataKey;
    use crate::disk::RealDisk;
    use crate::keys::{Made, Secrets, StoreId, StoreKey};

    #[test]
    fn the_number_of_passes_does_not_matter() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = RealDisk::create(&folder.path().join("store")).expect("made");
        let made = Made { key: StoreKey::new([1; 32]), kdf: None };
        let secrets = Secrets::random().expect("random");
        let mut keys = KeyFile::create(&disk, StoreId([7; 16]), &made, &secrets).expect("made");
        let numbers: Vec<u64> = (0..100).chain([5, 17, 17]).collect();
        for number in numbers {
            let item = ItemId(*blake3::hash(&number.to_le_bytes()).as_bytes());
            keys.add(&item, &DataKey::new([2; 32])).expect("added");
        }
        for pass_slots in [1, 7, 64, 1000] {
            let doubled = keys.doubled_in_passes(pass_slots).expect("reads");
            assert_eq!(doubled, [5, 17, 100, 101, 102].map(Slot), "{pass_slots}");
        }
    }
}
