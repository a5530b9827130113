//! The holds that the ledger tells of, against those of the catalog. Holds beat everything, so nothing is purged by a
//! catalog that has lost one: SQLite keeps no checksums of what stands in its pages.

use super::StoreError;
use crate::catalog::View;
use crate::ledger::{ActKind, Ending, Entry};
use crate::{ItemId, ItemKind};
use std::collections::BTreeSet;

/// Holds that stand: matter and item. There are few of them, whatever the number of items.
#[derive(Debug, Default)]
pub(super) struct Standing(BTreeSet<([u8; 32], ItemId)>);

impl Standing {
    /// Takes note of an entry; all of a ledger have to come, in order.
    pub(super) fn passes(&mut self, entry: &Entry) {
        let Entry::Outcome { act, ending: Ending::Done | Ending::AlreadyDone | Ending::Partial, .. } = entry
        else {
            return;
        };
        let Some((matter, rest)) = act.subjects.split_first() else { return };
        let holds = rest.iter().filter_map(ItemKind::of_subject).map(|(_, id)| (matter.id, id));
        match act.kind {
            ActKind::Hold => self.0.extend(holds),
            ActKind::Unhold => holds.for_each(|hold| {
                self.0.remove(&hold);
            }),
            _ => {}
        }
    }

    /// # Errors
    /// [`StoreError::Contradiction`] when the catalog has other holds, or finds them at other items.
    pub(super) fn compare(&self, catalog: &View) -> Result<(), StoreError> {
        let lost = StoreError::Contradiction("the catalog's holds are not the ledger's: make it anew");
        let mut known = 0;
        let mut same = true;
        catalog.each_hold(|matter, id, in_unit| {
            known += 1;
            same &= in_unit && self.0.contains(&(matter, id));
            Ok::<(), StoreError>(())
        })?;
        if same && known == self.0.len() { Ok(()) } else { Err(lost) }
    }
}
