//! The key file: where keys are put, found and destroyed. Takes no memory per slot. Rotation is in a file of its own.

use super::header::{COPY_BYTES, Header, SLOTS_AT, Sealed};
use super::slot::{self, Raw, SLOT_BYTES, SlotBytes, Wrapper};
use super::{Kdf, KeyError, KeyHolder, Made, Secrets, Slot, SlotState, StoreId, StoreKey, Which};
use crate::blob::DataKey;
use crate::disk::{Disk, DiskFile, read_exact_at, read_full_at, write_all_at};
use crate::item::ItemId;
use std::fmt;
use std::io;

pub(super) const FILE: &str = "keys.custody";
pub(super) const NEW_FILE: &str = "keys.custody.new";

/// Slots of a new file, and fewest that it grows by.
const GROW_MIN: u64 = 64;
/// Most slots that it grows by: 1 MiB.
const GROW_MAX: u64 = 8 * 1024;
/// Bytes that are read at once when all slots are.
const WINDOW_BYTES: usize = 1024 * 1024;
/// Bytes that are read at once when a free slot is looked for.
const SEARCH_BYTES: usize = 64 * 1024;

/// What opening a key file found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenReport {
    /// What became of a rotation that a crash had ended.
    pub rotation: Rotation,
    /// One of the two copies of the header cannot be read: a crash while it was written, or damage. The generation is
    /// the other copy's.
    pub damaged_copy: bool,
}

/// What became of a rotation that had not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// There was none.
    None,
    /// The key file was the new one already: the next key is the current one now.
    Finished,
    /// The key file is the old one: what there was of the new one is gone.
    Undone,
}

/// What destroying a key did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destroyed {
    /// The key is gone, durably after the next sync.
    Done,
    /// It was gone already.
    AlreadyGone,
}

/// The open key file of a store.
pub struct KeyFile {
    pub(super) file: Box<dyn DiskFile>,
    pub(super) header: Header,
    pub(super) key: StoreKey,
    pub(super) secrets: Secrets,
    pub(super) wrapper: Wrapper,
    writable: bool,
    changed: bool,
    pub(super) poisoned: bool,
}

impl KeyFile {
    /// Makes the key file of a new store, with no keys in it.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::Io`], [`KeyError::NoRandom`].
    pub fn create(disk: &dyn Disk, store: StoreId, made: &Made, secrets: &Secrets) -> Result<Self, KeyError> {
        if disk.stat(FILE).map_err(KeyError::io("looking for the key file"))?.is_some() {
            return Err(KeyError::Exists);
        }
        remove_new(disk)?;
        let keys = Self::write_new(disk, Header::new(store, 0, made, GROW_MIN), &made.key, secrets)?;
        keys.file.sync().map_err(KeyError::io("making the key file durable"))?;
        let renamed = disk.rename_new(NEW_FILE, FILE).and_then(|()| disk.sync_folder(""));
        renamed.map_err(KeyError::io("naming the key file"))?;
        Ok(keys)
    }

    /// Opens the key file for writing, and finishes or undoes a rotation that a crash ended. The caller holds the
    /// store's exclusive lock.
    ///
    /// # Errors
    /// [`KeyError::Lost`], [`KeyError::NoStoreKey`], [`KeyError::WrongKey`], [`KeyError::Damaged`],
    /// [`KeyError::Holder`], [`KeyError::Io`]; nothing was changed then.
    pub fn open(disk: &dyn Disk, holder: &dyn KeyHolder) -> Result<(Self, OpenReport), KeyError> {
        let file = disk.open_write(FILE).map_err(lost)?;
        // What a killed process wrote may be in the system's memory only, and what a failed sync lost may still be
        // seen there: what is read from here on is what the device has.
        let durable = file.sync().and_then(|()| file.forget_cached());
        durable.map_err(KeyError::io("making the key file durable"))?;
        let (mut keys, which, damaged_copy) = Self::opened(file, holder)?;
        keys.writable = true;
        let leftover = remove_new(disk)?;
        let rotation = match which {
            Which::Next => {
                // The old key goes for good: so must the old file's name have gone.
                disk.sync_folder("").map_err(KeyError::io("naming the key file"))?;
                holder.promote()?;
                Rotation::Finished
            }
            Which::Current => {
                holder.forget_next()?;
                if leftover { Rotation::Undone } else { Rotation::None }
            }
        };
        Ok((keys, OpenReport { rotation, damaged_copy }))
    }

    /// Opens the key file for reading; changes nothing, in the middle of a rotation either.
    ///
    /// # Errors
    /// As [`KeyFile::open`].
    pub fn open_read(disk: &dyn Disk, holder: &dyn KeyHolder) -> Result<Self, KeyError> {
        let file = disk.open_read(FILE).map_err(lost)?;
        Self::opened(file, holder).map(|(keys, ..)| keys)
    }

    fn opened(file: Box<dyn DiskFile>, holder: &dyn KeyHolder) -> Result<(Self, Which, bool), KeyError> {
        let (sealed, damaged_copy) = read_header(file.as_ref())?;
        let mut header = sealed.header.clone();
        header.slots = slots_there(file.as_ref(), &header)?;
        let (key, which) = find_key(&header, holder)?;
        let secrets = sealed.secrets(&key)?;
        Ok((Self::new(file, header, key, secrets), which, damaged_copy))
    }

    fn new(file: Box<dyn DiskFile>, header: Header, key: StoreKey, secrets: Secrets) -> Self {
        let wrapper = Wrapper::new(&key, header.store, header.epoch);
        Self { file, header, key, secrets, wrapper, writable: false, changed: false, poisoned: false }
    }

    /// Writes a new file with both copies of a header and free slots; it is not durable and has not its name yet.
    pub(super) fn write_new(
        disk: &dyn Disk,
        mut header: Header,
        key: &StoreKey,
        secrets: &Secrets,
    ) -> Result<Self, KeyError> {
        let failed = KeyError::io("making the key file");
        let file = disk.create_new(NEW_FILE).map_err(&failed)?;
        let bytes = header.file_bytes().ok_or(KeyError::Damaged { what: "it has too many slots" })?;
        file.set_size(bytes).map_err(&failed)?;
        for _ in 0..2 {
            header.generation += 1;
            let copy = header.seal(key, secrets)?;
            write_all_at(file.as_ref(), &copy, header.offset()).map_err(&failed)?;
        }
        let mut keys = Self::new(file, header, key.clone(), secrets.clone());
        keys.writable = true;
        Ok(keys)
    }

    /// The secrets that outlive every store key.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The store it belongs to.
    pub fn store(&self) -> StoreId {
        self.header.store
    }

    /// Rises with every sync that made something durable, and with every rotation.
    pub fn generation(&self) -> u64 {
        self.header.generation
    }

    /// Rises with every rotation.
    pub fn epoch(&self) -> u32 {
        self.header.epoch
    }

    /// How the store key comes from a passphrase, if it does.
    pub fn kdf(&self) -> Option<&Kdf> {
        self.header.kdf.as_ref()
    }

    /// Puts the key of a new item into a free slot, durably after the next sync. Does not look whether the item has a
    /// key already.
    ///
    /// # Errors
    /// [`KeyError::Io`]; what is durable is unknown then, and nothing more is written. [`KeyError::Poisoned`],
    /// [`KeyError::ReadOnly`], [`KeyError::NoRandom`].
    pub fn add(&mut self, item: &ItemId, key: &DataKey) -> Result<Slot, KeyError> {
        self.may_write()?;
        let slot = match self.find_free()? {
            Some(slot) => slot,
            None => self.grow()?,
        };
        let bytes = self.wrapper.wrap(slot, item, key)?;
        self.write_slot(slot, &bytes)?;
        self.header.maybe_free = slot.0 + 1;
        Ok(slot)
    }

    /// The key of an item.
    ///
    /// # Errors
    /// [`KeyError::Destroyed`], [`KeyError::NoKey`], [`KeyError::OtherItem`], [`KeyError::DamagedSlot`],
    /// [`KeyError::Io`].
    pub fn get(&self, slot: Slot, item: &ItemId) -> Result<DataKey, KeyError> {
        let bytes = self.read_slot(slot)?;
        match slot::read(&bytes) {
            Raw::Live(there, wrapped) if there == *item => {
                self.wrapper.unwrap(slot, item, &wrapped).ok_or(KeyError::DamagedSlot { slot: slot.0 })
            }
            Raw::Destroyed(there) if there == *item => Err(KeyError::Destroyed),
            Raw::Live(..) | Raw::Destroyed(_) => Err(KeyError::OtherItem),
            Raw::Free => Err(KeyError::NoKey),
            Raw::Damaged => Err(KeyError::DamagedSlot { slot: slot.0 }),
        }
    }

    /// Overwrites the key of an item, durably after the next sync. An old copy of the file still has it until the
    /// store key is rotated.
    ///
    /// # Errors
    /// [`KeyError::OtherItem`], [`KeyError::DamagedSlot`]; [`KeyError::Io`]: what is durable is unknown then, and
    /// nothing more is written. [`KeyError::Poisoned`], [`KeyError::ReadOnly`].
    pub fn destroy(&mut self, slot: Slot, item: &ItemId) -> Result<Destroyed, KeyError> {
        self.may_write()?;
        let bytes = self.read_slot(slot)?;
        match slot::read(&bytes) {
            Raw::Live(there, _) if there == *item => self.overwrite(slot, item),
            Raw::Destroyed(there) if there == *item => Ok(Destroyed::AlreadyGone),
            // Freed by a rotation since.
            Raw::Free => Ok(Destroyed::AlreadyGone),
            Raw::Live(..) | Raw::Destroyed(_) => Err(KeyError::OtherItem),
            // A write that failed halfway; what it still says is enough for this.
            Raw::Damaged if slot::claimed(&bytes) == *item => self.overwrite(slot, item),
            Raw::Damaged => Err(KeyError::DamagedSlot { slot: slot.0 }),
        }
    }

    fn overwrite(&mut self, slot: Slot, item: &ItemId) -> Result<Destroyed, KeyError> {
        let bytes = slot::destroyed(item, self.header.epoch);
        self.write_slot(slot, &bytes).map(|()| Destroyed::Done)
    }

    /// Makes all that was added and destroyed durable. Returns the generation to remember.
    ///
    /// # Errors
    /// [`KeyError::Io`]; what is durable is unknown then, and nothing more is written. [`KeyError::Poisoned`],
    /// [`KeyError::ReadOnly`], [`KeyError::NoRandom`].
    pub fn sync(&mut self) -> Result<u64, KeyError> {
        self.may_write()?;
        if self.changed {
            let mut next = self.header.clone();
            next.generation += 1;
            let copy = next.seal(&self.key, &self.secrets)?;
            self.durably(|file| write_all_at(file, &copy, next.offset()).and_then(|()| file.sync()))?;
            self.header = next;
            self.changed = false;
        }
        Ok(self.header.generation)
    }

    /// Shows every slot that is not free, and verifies every key. Reads 1 MiB at a time.
    ///
    /// # Errors
    /// The first of `see`; [`KeyError::Io`].
    pub fn for_each<E: From<KeyError>>(
        &self,
        mut see: impl FnMut(Slot, SlotState) -> Result<(), E>,
    ) -> Result<(), E> {
        self.for_each_raw(|slot, bytes| {
            let state = match slot::read(bytes) {
                Raw::Free => return Ok(()),
                Raw::Live(item, wrapped) if self.wrapper.unwrap(slot, &item, &wrapped).is_some() => {
                    SlotState::Live(item)
                }
                Raw::Destroyed(item) => SlotState::Destroyed(item),
                Raw::Live(..) | Raw::Damaged => SlotState::Damaged,
            };
            see(slot, state)
        })
    }

    pub(super) fn for_each_raw<E: From<KeyError>>(
        &self,
        mut see: impl FnMut(Slot, &SlotBytes) -> Result<(), E>,
    ) -> Result<(), E> {
        let all_bytes = self.header.slots.saturating_mul(SLOT_BYTES as u64);
        let mut window = vec![0; usize::try_from(all_bytes).unwrap_or(usize::MAX).min(WINDOW_BYTES)];
        let mut first = 0;
        while first < self.header.slots {
            let read = self.read_window(&mut window, first)?;
            for (number, bytes) in (first..).zip(window[..read].as_chunks::<SLOT_BYTES>().0) {
                see(Slot(number), bytes)?;
            }
            first += (read / SLOT_BYTES) as u64;
        }
        Ok(())
    }

    /// Fills a window with slots; returns how many bytes.
    fn read_window(&self, window: &mut [u8], first: u64) -> Result<usize, KeyError> {
        let left = (self.header.slots - first).saturating_mul(SLOT_BYTES as u64);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(window.len());
        let read = read_exact_at(self.file.as_ref(), &mut window[..wanted], offset(Slot(first)));
        read.map(|()| wanted).map_err(KeyError::io("reading the key file"))
    }

    fn find_free(&mut self) -> Result<Option<Slot>, KeyError> {
        let mut first = self.header.maybe_free;
        // The next one is mostly free: one slot is looked at, then many.
        let mut window_bytes = SLOT_BYTES;
        while first < self.header.slots {
            let mut window = vec![0; window_bytes];
            let read = self.read_window(&mut window, first)?;
            let slots = window[..read].as_chunks::<SLOT_BYTES>().0;
            if let Some(at) = slots.iter().position(|bytes| matches!(slot::read(bytes), Raw::Free)) {
                return Ok(Some(Slot(first + at as u64)));
            }
            first += slots.len() as u64;
            self.header.maybe_free = first;
            window_bytes = SEARCH_BYTES;
        }
        Ok(None)
    }

    /// Makes room, durably: no header tells of slots that a crash could take away. Returns the first new slot.
    fn grow(&mut self) -> Result<Slot, KeyError> {
        let first = Slot(self.header.slots);
        let mut grown = self.header.clone();
        grown.slots += grown.slots.clamp(GROW_MIN, GROW_MAX);
        let bytes = grown.file_bytes().ok_or(KeyError::Damaged { what: "it has too many slots" })?;
        self.durably(|file| file.set_size(bytes).and_then(|()| file.sync()))?;
        self.header = grown;
        Ok(first)
    }

    fn read_slot(&self, slot: Slot) -> Result<SlotBytes, KeyError> {
        let mut bytes = [0; SLOT_BYTES];
        if slot.0 < self.header.slots {
            let read = read_exact_at(self.file.as_ref(), &mut bytes, offset(slot));
            read.map_err(KeyError::io("reading the key file"))?;
        }
        Ok(bytes)
    }

    fn write_slot(&mut self, slot: Slot, bytes: &SlotBytes) -> Result<(), KeyError> {
        let before = self.read_slot(slot)?;
        self.changed = true;
        self.durably(|file| {
            write_all_at(file, bytes, offset(slot)).inspect_err(|_| {
                // A part of it may be there; with luck it can be taken back.
                let _ = write_all_at(file, &before, offset(slot));
            })
        })
    }

    /// Writes; after a failure nobody knows what is there, so nothing is written any more.
    fn durably(&mut self, write: impl FnOnce(&dyn DiskFile) -> io::Result<()>) -> Result<(), KeyError> {
        write(self.file.as_ref()).map_err(|error| {
            self.poisoned = true;
            KeyError::io("writing the key file")(error)
        })
    }

    pub(super) fn may_write(&self) -> Result<(), KeyError> {
        match (self.writable, self.poisoned) {
            (false, _) => Err(KeyError::ReadOnly),
            (_, true) => Err(KeyError::Poisoned),
            _ => Ok(()),
        }
    }
}

impl Header {
    pub(super) fn new(store: StoreId, epoch: u32, made: &Made, slots: u64) -> Self {
        let check = super::header::check(&made.key, store, epoch);
        Self { generation: 0, store, epoch, kdf: made.kdf, slots, maybe_free: 0, check }
    }
}

/// Shows no key.
impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyFile")
            .field("store", &self.header.store)
            .field("generation", &self.header.generation)
            .field("epoch", &self.header.epoch)
            .finish_non_exhaustive()
    }
}

pub(super) fn offset(slot: Slot) -> u64 {
    SLOTS_AT.saturating_add(slot.0.saturating_mul(SLOT_BYTES as u64))
}

/// Removes a new key file that never got its name; says whether there was one.
pub(super) fn remove_new(disk: &dyn Disk) -> Result<bool, KeyError> {
    match disk.unlink(NEW_FILE) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(KeyError::io("removing an unfinished key file")(error)),
    }
}

fn lost(error: io::Error) -> KeyError {
    if error.kind() == io::ErrorKind::NotFound {
        KeyError::Lost
    } else {
        KeyError::io("opening the key file")(error)
    }
}

/// The newest header that can be read, and whether the other copy cannot.
fn read_header(file: &dyn DiskFile) -> Result<(Sealed, bool), KeyError> {
    let mut copies = [[0; COPY_BYTES]; 2];
    for (number, copy) in copies.iter_mut().enumerate() {
        let read = read_full_at(file, copy, (number * COPY_BYTES) as u64);
        if read.map_err(KeyError::io("reading the key file"))? < COPY_BYTES {
            return Err(KeyError::Damaged { what: "it ends too early" });
        }
    }
    match copies.each_ref().map(Sealed::read) {
        [None, None] => Err(KeyError::Damaged { what: "no header can be read" }),
        [Some(one), None] if one.header.generation.is_multiple_of(2) => Ok((one, true)),
        [None, Some(one)] if !one.header.generation.is_multiple_of(2) => Ok((one, true)),
        [Some(even), Some(odd)] if follow(&even.header, &odd.header) => {
            Ok((if even.header.generation > odd.header.generation { even } else { odd }, false))
        }
        _ => Err(KeyError::Damaged { what: "its headers do not belong together" }),
    }
}

fn follow(even: &Header, odd: &Header) -> bool {
    let same = |header: &Header| (header.store, header.epoch, header.kdf, header.check);
    even.generation.is_multiple_of(2)
        && even.generation.abs_diff(odd.generation) == 1
        && same(even) == same(odd)
}

/// Slots that the file has: those of its header, or more after a crash in the middle of growing.
fn slots_there(file: &dyn DiskFile, header: &Header) -> Result<u64, KeyError> {
    let bytes = file.size_bytes().map_err(KeyError::io("asking the key file's size"))?;
    let slot_bytes = bytes.saturating_sub(SLOTS_AT);
    if header.file_bytes().is_none_or(|promised| bytes < promised)
        || !slot_bytes.is_multiple_of(SLOT_BYTES as u64)
    {
        return Err(KeyError::Damaged { what: "its length is not that of its header" });
    }
    Ok(slot_bytes / SLOT_BYTES as u64)
}

fn find_key(header: &Header, holder: &dyn KeyHolder) -> Result<(StoreKey, Which), KeyError> {
    let mut none = true;
    for which in [Which::Current, Which::Next] {
        match holder.get(which, header.kdf.as_ref())? {
            Some(key) if header.opened_by(&key) => return Ok((key, which)),
            Some(_) => none = false,
            None => {}
        }
    }
    Err(if none { KeyError::NoStoreKey } else { KeyError::WrongKey })
}
