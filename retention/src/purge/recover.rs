//! Purges that a crash interrupted: finished where a key of the unit is gone already, ended as not begun elsewhere.

use super::{destroy, live_slots, unlink};
use crate::catalog::{ItemRow, View};
use crate::keys::{KeyError, Slot};
use crate::ledger::{Act, Ending, Entry};
use crate::store::{Parts, Store, StoreError, fold_pending};
use crate::{ItemId, ItemKind};
use std::collections::{BTreeMap, BTreeSet};

/// An intent to purge that has no outcome yet.
struct Open<'a> {
    intent: u64,
    act: &'a Act,
    row: ItemRow,
}

/// Ends the open intents to purge; how many were finished, and how many had not begun.
pub(crate) fn recover(store: &mut Store, open: &[(u64, Act)], now_ms: u64) -> Result<(u64, u64), StoreError> {
    if open.is_empty() {
        return Ok((0, 0));
    }
    store.run(|store| {
        let Store { catalog, parts, .. } = store;
        catalog.write(|tx| {
            let open =
                open.iter().map(|(intent, act)| opened(tx, *intent, act)).collect::<Result<Vec<_>, _>>()?;
            let begun = begun(parts, &open)?;
            let (mut finish, undo): (Vec<_>, Vec<_>) =
                open.iter().partition(|open| begun.contains(&open.row.root));
            finish.sort_by_key(|open| !open.row.kind.is_copy());
            destroy(parts, finish.iter().map(|open| (open.row.key_slot(), open.row.id)))?;
            unlink(parts, finish.iter().map(|open| open.row.id))?;
            let ended = |open: &Open<'_>, ending| Entry::Outcome {
                intent: open.intent,
                ending,
                act: Act { time_ms: now_ms.max(open.act.time_ms), ..open.act.clone() },
            };
            let mut outcomes: Vec<Entry> = finish.iter().map(|open| ended(open, Ending::Done)).collect();
            outcomes.extend(undo.iter().map(|open| ended(open, Ending::Refused)));
            parts.append(&outcomes)?;
            let counts = (finish.len() as u64, undo.len() as u64);
            fold_pending(tx, parts, BTreeMap::new(), None)?;
            Ok(counts)
        })
    })
}

fn opened<'a>(view: &View, intent: u64, act: &'a Act) -> Result<Open<'a>, StoreError> {
    let id = act.subjects.first().and_then(ItemKind::of_subject).map(|(_, id)| id);
    let row = id.map(|id| view.item(&id)).transpose()?.flatten();
    let row = row.ok_or(StoreError::Contradiction("a purge of what was never ingested"))?;
    Ok(Open { intent, act, row })
}

/// Whether the key of an item is still in its slot.
fn holds(parts: &Parts, slot: Slot, id: &ItemId) -> Result<bool, StoreError> {
    match parts.keys.get(slot, id) {
        Ok(_) => Ok(true),
        Err(KeyError::Destroyed | KeyError::NoKey | KeyError::OtherItem) => Ok(false),
        // It was being overwritten when the disk failed.
        Err(KeyError::DamagedSlot { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Roots of units of which a key is gone.
fn begun(parts: &Parts, open: &[Open<'_>]) -> Result<BTreeSet<ItemId>, StoreError> {
    let mut begun = BTreeSet::new();
    let unknown = open.iter().filter(|open| open.row.key_slot().is_none()).map(|open| open.row.id).collect();
    let found = live_slots(parts, &unknown)?;
    for Open { row, .. } in open {
        let gone = match row.key_slot() {
            Some(slot) => !holds(parts, slot, &row.id)?,
            None => !found.iter().any(|(_, id)| *id == row.id),
        };
        if gone || row.is_purged() {
            begun.insert(row.root);
        }
    }
    Ok(begun)
}
