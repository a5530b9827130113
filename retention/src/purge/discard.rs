//! What was never taken in: files of the staging folder, and blobs whose ingest was interrupted. Deleting them deletes
//! no artifact, since no outcome says that they are in custody; it is done under the same roof all the same.

use super::{destroy, unlink};
use crate::ItemId;
use crate::disk::{Disk, EntryKind, write_all_at};
use crate::keys::{KeyError, SlotState};
use crate::store::{Parts, StoreError};
use std::collections::BTreeSet;

/// Removes keys and blobs of items whose ingest has an intent and no outcome.
pub(crate) fn discard(parts: &mut Parts, items: &BTreeSet<ItemId>) -> Result<(), StoreError> {
    if items.is_empty() {
        return Ok(());
    }
    let (mut slots, mut damaged) = (Vec::new(), Vec::new());
    parts.keys.for_each(|slot, state| {
        match state {
            SlotState::Live(id) if items.contains(&id) => slots.push((Some(slot), id)),
            SlotState::Damaged => damaged.push(slot),
            _ => {}
        }
        Ok::<(), StoreError>(())
    })?;
    // One that was being written when the disk failed says of whom it is, and nothing but that.
    for slot in damaged {
        for id in items {
            match parts.keys.destroy(slot, id) {
                Ok(_) => break,
                Err(KeyError::DamagedSlot { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    destroy(parts, slots.into_iter())?;
    unlink(parts, items.iter().copied()).map(drop)
}

/// Empties the staging folder of what has the form of a staged blob; anything else stays, for `doctor` to report.
pub(crate) fn clear_staging(disk: &dyn Disk, folder: &str) -> Result<(), StoreError> {
    let failed = StoreError::io("clearing the staging folder");
    let mut cleared = false;
    for name in disk.list(folder).map_err(&failed)? {
        let path = format!("{folder}/{name}");
        if is_staged(&name)
            && disk.stat(&path).map_err(&failed)?.is_some_and(|s| s.kind == EntryKind::File && s.links == 1)
        {
            disk.unlink(&path).map_err(&failed)?;
            cleared = true;
        }
    }
    if cleared {
        disk.sync_folder(folder).map_err(&failed)?;
    }
    Ok(())
}

/// Overwrites and removes the files of a folder whose names are meant. A folder that is not there has none.
pub(crate) fn forget_files(
    disk: &dyn Disk,
    folder: &str,
    meant: &dyn Fn(&str) -> bool,
) -> Result<(), StoreError> {
    let failed = StoreError::io("forgetting a secret");
    if disk.stat(folder).map_err(&failed)?.is_none() {
        return Ok(());
    }
    let mut forgotten = false;
    for name in disk.list(folder).map_err(&failed)?.into_iter().filter(|name| meant(name)) {
        let path = format!("{folder}/{name}");
        if disk.stat(&path).map_err(&failed)?.is_some_and(|s| s.kind == EntryKind::File && s.links == 1) {
            let file = disk.open_write(&path).map_err(&failed)?;
            let size = file.size_bytes().map_err(&failed)?;
            write_all_at(&*file, &vec![0; size as usize], 0).map_err(&failed)?;
            file.sync().map_err(&failed)?;
            drop(file);
            disk.unlink(&path).map_err(&failed)?;
            forgotten = true;
        }
    }
    if forgotten {
        disk.sync_folder(folder).map_err(&failed)?;
    }
    Ok(())
}

/// Whether a name is one that a staged blob has.
pub(crate) fn is_staged(name: &str) -> bool {
    let stem = name.strip_suffix(".part").or_else(|| name.strip_suffix(".blob"));
    stem.is_some_and(|stem| matches!(stem.len(), 32 | 64) && stem.bytes().all(|b| b.is_ascii_hexdigit()))
}
