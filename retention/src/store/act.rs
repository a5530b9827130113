//! Acts that change what the store knows and nothing that it holds: holds, events, use, marks, pins, plans, approvals.
//! Their effect on the catalog is that of folding their outcome, here as in a rebuild.

use super::fold::fold_pending;
use super::statements::NewRecord;
use super::{Store, StoreError, act};
use crate::ItemId;
use crate::catalog::SweepFacts;
use crate::ledger::{Act, ActKind, Ending, Entry, IdKey, SUBJECTS_MAX, Subject, SubjectKind, UserId};
use crate::policy::EVENTS;
use std::collections::BTreeMap;

/// Who acts, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    /// The user's ID.
    pub user: UserId,
    /// The time, in milliseconds since 1970-01-01T00:00:00Z.
    pub time_ms: u64,
}

/// The subject that an event's name is in the ledger.
pub(crate) fn event_subject(ids: &IdKey, event: &str) -> Subject {
    ids.subject(SubjectKind::Event, event.as_bytes())
}

/// The subject that a matter's name is in the ledger.
pub(crate) fn matter_subject(ids: &IdKey, matter: &str) -> Subject {
    ids.subject(SubjectKind::Matter, matter.trim().as_bytes())
}

/// The ID that a matter has in catalog and ledger, by its name.
pub fn matter_id(ids: &IdKey, matter: &str) -> [u8; 32] {
    matter_subject(ids, matter).id
}

/// Names of events by their subjects' IDs.
pub(crate) fn event_names(ids: &IdKey) -> BTreeMap<[u8; 32], &'static str> {
    EVENTS.iter().map(|event| (event_subject(ids, event).id, *event)).collect()
}

impl Store {
    /// Records an act whose whole effect is on the catalog, in as many acts as it has subjects for. `head` comes first in each.
    fn recorded(
        &mut self,
        kind: ActKind,
        who: Who,
        head: &[Subject],
        items: &[Subject],
    ) -> Result<(), StoreError> {
        // One place is the statement's.
        let room = SUBJECTS_MAX - 1 - head.len();
        let chunks: Vec<&[Subject]> =
            if items.is_empty() { vec![items] } else { items.chunks(room).collect() };
        for chunk in chunks {
            let subjects = [head, chunk].concat();
            self.act_now(act(kind, who.user, who.time_ms, subjects))?;
        }
        Ok(())
    }

    /// Intent, outcome and fold of an act that needs nothing between.
    pub(crate) fn act_now(&mut self, act: Act) -> Result<u64, StoreError> {
        let Begun { intent, act } = self.intent(act, None)?;
        self.finish(intent, Ending::Done, act, None)?;
        Ok(intent)
    }

    /// The one place where an act begins, and where it is signed by who does it.
    pub(super) fn intent(&mut self, act: Act, record: Option<&NewRecord<'_>>) -> Result<Begun, StoreError> {
        self.usable()?;
        let act = self.stated(act, record)?;
        let intent = self.run(|store| Ok(store.parts.append(&[Entry::Intent(act.clone())])?[0]))?;
        Ok(Begun { intent, act })
    }

    /// The outcome of an intent, and its fold.
    pub(crate) fn finish(
        &mut self,
        intent: u64,
        ending: Ending,
        act: Act,
        sweep: Option<SweepFacts>,
    ) -> Result<u64, StoreError> {
        self.run(|store| {
            let index = store.parts.append(&[Entry::Outcome { intent, ending, act }])?[0];
            let Store { catalog, parts, .. } = store;
            catalog.write(|tx| fold_pending(tx, parts, BTreeMap::new(), sweep))?;
            Ok(index)
        })
    }

    /// Begins an act that takes its time; end it with [`Store::end`].
    ///
    /// # Errors
    /// As the ledger's.
    pub fn begin(&mut self, kind: ActKind, who: Who, subjects: Vec<Subject>) -> Result<Begun, StoreError> {
        let act = act(kind, who.user, who.time_ms, subjects);
        self.intent(act, None)
    }

    /// Ends an act at `time_ms`.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn end(&mut self, begun: Begun, ending: Ending, time_ms: u64) -> Result<(), StoreError> {
        self.end_with(begun, ending, time_ms, None)
    }

    /// As [`Store::end`], of a sweep that knows what it did.
    pub(crate) fn end_with(
        &mut self,
        begun: Begun,
        ending: Ending,
        time_ms: u64,
        sweep: Option<SweepFacts>,
    ) -> Result<(), StoreError> {
        let Begun { intent, act } = begun;
        self.finish(intent, ending, Act { time_ms, ..act }, sweep).map(drop)
    }

    fn subjects(&self, ids: &[ItemId]) -> Result<Vec<Subject>, StoreError> {
        ids.iter()
            .map(|id| {
                let item = self.catalog.item(id)?.ok_or(StoreError::NoItem(*id))?;
                if item.is_purged() {
                    return Err(StoreError::Purged(*id));
                }
                Ok(item.kind.subject(*id))
            })
            .collect()
    }

    /// Records that items were read: their periods after last use begin anew.
    ///
    /// # Errors
    /// [`StoreError::NoItem`], [`StoreError::Purged`], or as the ledger's.
    pub fn used(&mut self, who: Who, ids: &[ItemId]) -> Result<(), StoreError> {
        let subjects = self.subjects(ids)?;
        self.recorded(ActKind::Use, who, &[], &subjects)
    }

    /// Places a hold on items.
    ///
    /// # Errors
    /// [`StoreError::NoItem`], [`StoreError::Purged`], or as the ledger's.
    pub fn hold(&mut self, who: Who, matter: &str, ids: &[ItemId]) -> Result<(), StoreError> {
        let (head, subjects) = (matter_subject(&self.parts.ids, matter), self.subjects(ids)?);
        self.recorded(ActKind::Hold, who, &[head], &subjects)
    }

    /// Releases a matter's hold on items, with the approval of a second person.
    pub(crate) fn unhold(&mut self, who: Who, head: &[Subject], ids: &[ItemId]) -> Result<(), StoreError> {
        let subjects = self.subjects(ids)?;
        self.recorded(ActKind::Unhold, who, head, &subjects)
    }

    /// Records an event of items.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an event that no policy could name, otherwise as [`Store::used`].
    pub fn event(&mut self, who: Who, event: &str, ids: &[ItemId]) -> Result<(), StoreError> {
        if !EVENTS.contains(&event) {
            return Err(StoreError::NotFound(format!("events are {}", EVENTS.join(", "))));
        }
        let (head, subjects) = (event_subject(&self.parts.ids, event), self.subjects(ids)?);
        self.recorded(ActKind::Event, who, &[head], &subjects)
    }

    /// Marks items that are due: they are purged once their grace has ended.
    pub(crate) fn mark(&mut self, who: Who, ids: &[ItemId]) -> Result<(), StoreError> {
        let subjects = self.subjects(ids)?;
        self.recorded(ActKind::Mark, who, &[], &subjects)
    }

    /// Pins items to something open, named by a subject; until [`Store::unpin`] they are kept to their maximum.
    ///
    /// # Errors
    /// As [`Store::used`].
    pub fn pin(&mut self, who: Who, by: Subject, ids: &[ItemId]) -> Result<(), StoreError> {
        let subjects = self.subjects(ids)?;
        self.recorded(ActKind::Pin, who, &[by], &subjects)
    }

    /// Gives up what is pinned to something.
    ///
    /// # Errors
    /// As [`Store::used`].
    pub fn unpin(&mut self, who: Who, by: Subject, ids: &[ItemId]) -> Result<(), StoreError> {
        let subjects = self.subjects(ids)?;
        self.recorded(ActKind::Unpin, who, &[by], &subjects)
    }

    /// Records an act of a stage on contents that need not be in the store: `scan`, `redact`, `roster`.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn witnessed(&mut self, kind: ActKind, who: Who, contents: &[Subject]) -> Result<(), StoreError> {
        self.recorded(kind, who, &[], contents)
    }

    /// Signs a checkpoint that dates the ledger, even when nothing else happened.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn heartbeat(&mut self, who: Who) -> Result<crate::ledger::Checkpoint, StoreError> {
        self.act_now(act(ActKind::Heartbeat, who.user, who.time_ms, Vec::new()))?;
        self.checkpoint()
    }
}

/// An act whose intent is durable.
#[derive(Debug)]
#[must_use = "an act that is not ended stays open in the ledger"]
pub struct Begun {
    pub(crate) intent: u64,
    pub(crate) act: Act,
}
