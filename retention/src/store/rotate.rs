//! A new store key for all that is still here. After it, an old copy of the key file opens nothing, and what was purged
//! before may be called crypto-erased.

use super::{Store, StoreError, Who, act};
use crate::keys::{KeyHolder, Rotated};
use crate::ledger::{ActKind, Ending, SubjectKind};

impl Store {
    /// Changes the store key.
    ///
    /// # Errors
    /// Those of [`KeyFile::rotate`](crate::keys::KeyFile::rotate); the store has to be opened anew then, which finishes
    /// or undoes it.
    pub fn rotate(&mut self, who: Who, holder: &dyn KeyHolder) -> Result<Rotated, StoreError> {
        let next = u64::from(self.parts.keys.epoch()) + 1;
        let subject = self.epoch_of(next);
        let act = act(ActKind::Rotate, who.user, who.time_ms, vec![subject]);
        let begun = self.begin(act.kind, who, act.subjects)?;
        let rotated = self.run(|store| Ok(store.parts.keys.rotate(&*store.parts.disk, holder)?));
        match rotated {
            Ok(rotated) => {
                self.end(begun, Ending::Done, who.time_ms)?;
                Ok(rotated)
            }
            Err(error) => Err(error),
        }
    }

    fn epoch_of(&self, epoch: u64) -> crate::ledger::Subject {
        self.parts.ids.subject(SubjectKind::Secret, &epoch.to_le_bytes())
    }

    /// The store key that is in force, as the ledger names it.
    pub(crate) fn epoch_subject(&self) -> crate::ledger::Subject {
        self.epoch_of(u64::from(self.parts.keys.epoch()))
    }
}
