//! Changing the store key: every data key is wrapped anew into a new file, which replaces the old one in one step.
//! After that, an old copy of the key file opens nothing without the old store key, and the old store key is gone.

use super::header::Header;
use super::key_file::{FILE, KeyFile, NEW_FILE, offset, remove_new};
use super::slot::{self, Raw, SLOT_BYTES};
use super::{KeyError, KeyHolder, Made, Slot, Which};
use crate::disk::{Disk, DiskFile, write_all_at};
use std::io;

/// Bytes that are written at once.
const BATCH_BYTES: usize = 1024 * 1024;

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The new epoch.
    pub epoch: u32,
    /// The new generation.
    pub generation: u64,
    /// Keys that were wrapped anew.
    pub rewrapped: u64,
    /// Slots of destroyed keys that are free now.
    pub freed: u64,
    /// The old file's bytes were overwritten before they were given up. A file system or a device may keep them
    /// elsewhere; what they hold opens with the old store key only.
    pub old_wiped: bool,
}

impl KeyFile {
    /// Changes the store key: the holder makes a next one, all keys are wrapped with it into a new file, the new file
    /// takes the old one's place, and the holder forgets the old key. Slots keep their numbers; those of destroyed
    /// keys become free. A crash at any point leaves the old state or the new one, whole.
    ///
    /// # Errors
    /// [`KeyError::DamagedSlot`] for a key that cannot be read: it is not dropped, and nothing is changed.
    /// [`KeyError::Holder`], [`KeyError::Io`], [`KeyError::NoRandom`]: nothing is changed, except when the handle is
    /// poisoned then; open it anew to finish or undo it. [`KeyError::Poisoned`], [`KeyError::ReadOnly`].
    pub fn rotate(&mut self, disk: &dyn Disk, holder: &dyn KeyHolder) -> Result<Rotated, KeyError> {
        self.sync()?;
        remove_new(disk)?;
        let made = holder.make(Which::Next)?;
        let (new, mut rotated) = self.rewrapped(disk, &made).inspect_err(|_| {
            // Opening anew does the same.
            let _ = remove_new(disk).and_then(|_| holder.forget_next());
        })?;
        // From here on it is unknown which file has the name, until it is opened anew.
        self.poisoned = true;
        let renamed = disk.rename(NEW_FILE, FILE).and_then(|()| disk.sync_folder(""));
        renamed.map_err(KeyError::io("replacing the key file"))?;
        holder.promote()?;
        rotated.old_wiped = wipe(self.file.as_ref()).is_ok();
        *self = new;
        Ok(rotated)
    }

    /// Writes the new file, durably, and reads it back.
    fn rewrapped(&self, disk: &dyn Disk, made: &Made) -> Result<(Self, Rotated), KeyError> {
        let epoch =
            self.header.epoch.checked_add(1).ok_or(KeyError::Damaged { what: "its epochs are used up" })?;
        let mut header = Header::new(self.header.store, epoch, made, self.header.slots);
        header.generation = self.header.generation;
        let new = Self::write_new(disk, header, &made.key, &self.secrets)?;
        let generation = new.header.generation;
        let mut rotated = Rotated { epoch, generation, rewrapped: 0, freed: 0, old_wiped: false };
        let mut batch =
            Batch { file: new.file.as_ref(), first: Slot(0), bytes: Vec::with_capacity(BATCH_BYTES) };
        self.for_each_raw(|slot, bytes| {
            let damaged = KeyError::DamagedSlot { slot: slot.0 };
            let rewrapped = match slot::read(bytes) {
                Raw::Free => [0; SLOT_BYTES],
                Raw::Destroyed(_) => {
                    rotated.freed += 1;
                    [0; SLOT_BYTES]
                }
                Raw::Live(item, wrapped) => {
                    let key = self.wrapper.unwrap(slot, &item, &wrapped).ok_or(damaged)?;
                    rotated.rewrapped += 1;
                    new.wrapper.wrap(slot, &item, &key)?
                }
                Raw::Damaged => return Err(damaged),
            };
            batch.push(&rewrapped)
        })?;
        batch.write()?;
        let durable = new.file.sync().and_then(|()| new.file.forget_cached());
        durable.map_err(KeyError::io("making the new key file durable"))?;
        self.compare(&new, rotated.rewrapped)?;
        Ok((new, rotated))
    }

    /// Reads the new file back: it has every key, and each is the old one.
    fn compare(&self, new: &Self, rewrapped: u64) -> Result<(), KeyError> {
        let other = KeyError::Damaged { what: "the new one reads back differently than it was written" };
        let mut same = 0;
        new.for_each_raw(|slot, bytes| {
            let Raw::Live(item, wrapped) = slot::read(bytes) else { return Ok(()) };
            let key = new.wrapper.unwrap(slot, &item, &wrapped).ok_or(other)?;
            if self.get(slot, &item)?.bytes() != key.bytes() {
                return Err(other);
            }
            same += 1;
            Ok(())
        })?;
        if same == rewrapped { Ok(()) } else { Err(other) }
    }
}

/// Slots in a row that are written together.
struct Batch<'a> {
    file: &'a dyn DiskFile,
    first: Slot,
    bytes: Vec<u8>,
}

impl Batch<'_> {
    fn push(&mut self, slot: &[u8; SLOT_BYTES]) -> Result<(), KeyError> {
        self.bytes.extend_from_slice(slot);
        if self.bytes.len() < BATCH_BYTES { Ok(()) } else { self.write() }
    }

    fn write(&mut self) -> Result<(), KeyError> {
        let written = write_all_at(self.file, &self.bytes, offset(self.first));
        written.map_err(KeyError::io("writing the new key file"))?;
        self.first.0 += (self.bytes.len() / SLOT_BYTES) as u64;
        self.bytes.clear();
        Ok(())
    }
}

/// Overwrites the old file, which has no name any more.
fn wipe(file: &dyn DiskFile) -> io::Result<()> {
    let size_bytes = file.size_bytes()?;
    let zeros = vec![0; BATCH_BYTES];
    for at in (0..size_bytes).step_by(BATCH_BYTES) {
        let length = (size_bytes - at).min(BATCH_BYTES as u64) as usize;
        write_all_at(file, &zeros[..length], at)?;
    }
    file.sync()
}
