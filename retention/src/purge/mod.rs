//! The only door through which artifacts are deleted. No other code of the project removes a file that it did not make
//! itself a moment before.
//!
//! A purge takes units: an item and the copies that go with it. For a batch of units, inside one transaction of the
//! catalog: holds and verdicts are asked for again, the intents are made durable, the wrapped keys are destroyed and
//! that is made durable, the blobs are unlinked and that is made durable, the outcomes are made durable, and the
//! catalog learns of them. After a crash, opening the store finishes units of which a key is gone, and ends the others
//! as not begun.

mod discard;
mod recover;

use crate::catalog::{ItemRow, Life, View, Writes};
use crate::disk::{EntryKind, Stat};
use crate::keys::{Destroyed, Slot, SlotState};
use crate::ledger::{Act, ActKind, Ending, Entry};
use crate::store::{BLOBS, Parts, Store, StoreError, Who, blob_folder, blob_path, fold_pending};
use crate::{ItemId, ItemKind};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub(crate) use discard::{clear_staging, discard, forget_files};
pub(crate) use recover::recover;

/// Units of one batch, at most.
pub(crate) const BATCH_MAX: usize = 1_000;

/// What became of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purged {
    /// Key and blob are gone, and those of all copies.
    Done {
        /// Items of the unit.
        items: u32,
        /// Bytes of their blobs.
        stored_bytes: u64,
    },
    /// It had been purged before.
    AlreadyGone,
    /// A hold is on one of its items.
    Held,
    /// The verdict is another one now: it was used, pinned, or its policy changed.
    NotDue,
    /// Its blob is not the file it should be: a link, a folder, on another file system, or of another size.
    Odd,
    /// As done, but what lies in a blob's place at the last moment is not it, and stays.
    Left {
        /// Items of the unit.
        items: u32,
        /// Bytes of their blobs.
        stored_bytes: u64,
    },
}

/// Says whether a unit may go, asked for inside the transaction in which it goes.
pub(crate) type Recheck<'a> = dyn FnMut(&View, &ItemRow) -> Result<bool, StoreError> + 'a;

/// A unit that goes: its place among the roots, and its members, copies first and the root last.
struct Unit {
    at: usize,
    members: Vec<ItemRow>,
}

/// Purges a batch of units, named by their roots. What happened to each stands at its place.
///
/// # Errors
/// After any error the store has to be opened anew; that finishes what was begun.
pub(crate) fn purge(
    store: &mut Store,
    who: Who,
    roots: &[ItemId],
    recheck: &mut Recheck<'_>,
) -> Result<Vec<Purged>, StoreError> {
    if roots.len() > BATCH_MAX {
        return Err(StoreError::Contradiction("a batch of purges is too large"));
    }
    store.run(|store| {
        let Store { catalog, parts, .. } = store;
        catalog.write(|tx| {
            let (mut results, units) = judge_all(tx, parts, roots, recheck)?;
            let left = if units.is_empty() { BTreeSet::new() } else { carry_out(tx, parts, who, &units)? };
            for unit in &units {
                let items = unit.members.len() as u32;
                let stored_bytes = unit.members.iter().map(|item| item.stored_bytes).sum();
                results[unit.at] = if unit.members.iter().any(|item| left.contains(&item.id)) {
                    Purged::Left { items, stored_bytes }
                } else {
                    Purged::Done { items, stored_bytes }
                };
            }
            Ok(results)
        })
    })
}

fn judge_all(
    view: &View,
    parts: &Parts,
    roots: &[ItemId],
    recheck: &mut Recheck<'_>,
) -> Result<(Vec<Purged>, Vec<Unit>), StoreError> {
    let (mut results, mut units) = (Vec::with_capacity(roots.len()), Vec::new());
    let mut seen = BTreeSet::new();
    let home = parts.disk.stat(BLOBS).map_err(StoreError::io("looking at the blobs"))?;
    for (at, root) in roots.iter().enumerate() {
        let verdict = if seen.insert(*root) {
            judge(view, (parts, home), root, recheck)?
        } else {
            Err(Purged::AlreadyGone)
        };
        match verdict {
            Ok(members) => {
                units.push(Unit { at, members });
                results.push(Purged::NotDue);
            }
            Err(result) => results.push(result),
        }
    }
    Ok((results, units))
}

/// The members of a unit that may go, or why it stays.
fn judge(
    view: &View,
    (parts, home): (&Parts, Option<Stat>),
    root: &ItemId,
    recheck: &mut Recheck<'_>,
) -> Result<Result<Vec<ItemRow>, Purged>, StoreError> {
    let item = view.item(root)?.ok_or(StoreError::NoItem(*root))?;
    match item.life {
        Life::Purged => return Ok(Err(Purged::AlreadyGone)),
        Life::Missing => return Ok(Err(Purged::Odd)),
        Life::Present => {}
    }
    if item.kind.is_copy() {
        return Err(StoreError::Contradiction("a copy is purged with what it is a copy of"));
    }
    // Holds first: nothing that comes after could excuse having overlooked one.
    if view.is_held(root)? {
        return Ok(Err(Purged::Held));
    }
    if !recheck(view, &item)? {
        return Ok(Err(Purged::NotDue));
    }
    let mut members = view.unit(root)?;
    members.retain(|member| !member.is_purged());
    members.sort_by_key(|member| !member.kind.is_copy());
    for member in &members {
        if !is_own_blob(parts, home, member)? {
            return Ok(Err(Purged::Odd));
        }
    }
    Ok(Ok(members))
}

/// Whether a blob is a regular file with one name, on the store's file system, of the size that it was written with. One
/// that is missing may go: its key is what counts.
fn is_own_blob(parts: &Parts, home: Option<Stat>, item: &ItemRow) -> Result<bool, StoreError> {
    let failed = StoreError::io("looking at a blob");
    let stat = match parts.disk.stat(&blob_path(&item.id)) {
        Ok(stat) => stat,
        // Its folder is a link, or another file system is mounted on it.
        Err(error) if is_refused(&error) => return Ok(false),
        Err(error) => return Err(failed(error)),
    };
    let (Some(stat), Some(home)) = (stat, home) else { return Ok(home.is_some()) };
    Ok(stat.kind == EntryKind::File
        && stat.links == 1
        && stat.device == home.device
        && stat.size_bytes == item.stored_bytes)
}

/// Whether the disk refused a path because of what lies there.
pub(crate) fn is_refused(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::CrossesDevices
            | io::ErrorKind::PermissionDenied
    )
}

/// Purges units; gives the items whose blob was exchanged at the last moment.
fn carry_out(
    tx: &Writes<'_>,
    parts: &mut Parts,
    who: Who,
    units: &[Unit],
) -> Result<BTreeSet<ItemId>, StoreError> {
    let members: Vec<&ItemRow> = units.iter().flat_map(|unit| &unit.members).collect();
    let intents: Vec<Entry> =
        members.iter().map(|item| Entry::Intent(purge_act(item.kind, item.id, who))).collect();
    let indices = parts.append(&intents)?;
    destroy(parts, members.iter().map(|item| (item.key_slot(), item.id)))?;
    let left = unlink(parts, members.iter().map(|item| item.id))?;
    let outcomes: Vec<Entry> = members
        .iter()
        .zip(&indices)
        .map(|(item, intent)| Entry::Outcome {
            intent: *intent,
            ending: Ending::Done,
            act: purge_act(item.kind, item.id, who),
        })
        .collect();
    parts.append(&outcomes)?;
    fold_pending(tx, parts, BTreeMap::new(), None)?;
    Ok(left)
}

fn purge_act(kind: ItemKind, id: ItemId, who: Who) -> Act {
    crate::store::act(ActKind::Purge, who.user, who.time_ms, vec![kind.subject(id)])
}

/// Destroys wrapped keys, durably; those that are gone are fine. How many there were.
fn destroy(
    parts: &mut Parts,
    items: impl Iterator<Item = (Option<Slot>, ItemId)>,
) -> Result<u64, StoreError> {
    let (mut done, mut slots, mut unknown) = (0, Vec::new(), BTreeSet::new());
    for (slot, id) in items {
        match slot {
            Some(slot) => slots.push((slot, id)),
            // Its blob was missing when the catalog was made anew; its key need not be.
            None => drop(unknown.insert(id)),
        }
    }
    slots.extend(live_slots(parts, &unknown)?);
    for (slot, id) in slots {
        done += u64::from(parts.keys.destroy(slot, &id)? == Destroyed::Done);
    }
    parts.keys.sync()?;
    Ok(done)
}

/// Where the keys of items lie, of which the catalog does not say it.
fn live_slots(parts: &Parts, items: &BTreeSet<ItemId>) -> Result<Vec<(Slot, ItemId)>, StoreError> {
    let mut found = Vec::new();
    if items.is_empty() {
        return Ok(found);
    }
    parts.keys.for_each(|slot, state| {
        if let SlotState::Live(id) = state
            && items.contains(&id)
        {
            found.push((slot, id));
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

/// Unlinks blobs, durably; those that are gone are fine. What lies in a blob's place and is not the store's own file is
/// left there, and its item is given back: its key is destroyed, and it has to be reported.
fn unlink(parts: &Parts, items: impl Iterator<Item = ItemId>) -> Result<BTreeSet<ItemId>, StoreError> {
    let failed = StoreError::io("unlinking a blob");
    let gone = |result: io::Result<()>| match result {
        Ok(()) => Ok(true),
        // An earlier run may have unlinked it without living to make that durable.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if is_refused(&error) => Ok(false),
        Err(error) => Err(failed(error)),
    };
    let (mut folders, mut left) = (BTreeSet::new(), BTreeSet::new());
    for id in items {
        if gone(parts.disk.unlink(&blob_path(&id)))? {
            folders.insert(blob_folder(&id));
        } else {
            left.insert(id);
        }
    }
    gone(parts.disk.sync_folders(&mut folders.iter().map(|folder| &**folder)))?;
    Ok(left)
}
