//! What opening a store does about a run that was interrupted: every intent without an outcome gets one. Doing it twice
//! changes nothing. Nothing is purged here that was not being purged already.

use super::{LEDGER, OpenReport, STAGING, Store, StoreError};
use crate::catalog::{SweepFacts, exit_code};
use crate::ledger::{
    Act, ActKind, Ending, Entry, Filter, LedgerFolder, SubjectKind, UserId, for_each_matching,
};
use crate::{ItemId, ItemKind, purge};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

impl Store {
    /// Ends every act that was interrupted.
    pub(super) fn recover(&mut self, report: &mut OpenReport, now_ms: u64) -> Result<(), StoreError> {
        if let Some(tail) = &report.torn_tail {
            let subject = crate::ledger::Subject { kind: SubjectKind::Tail, id: tail.hash };
            self.act_now(super::act(ActKind::Recover, self.own_user(), now_ms, vec![subject]))?;
        }
        let open: Vec<(u64, Act)> =
            self.parts.ledger.open_intents().map(|(index, act)| (index, act.clone())).collect();
        let purging: Vec<(u64, Act)> =
            open.iter().filter(|(_, act)| act.kind == ActKind::Purge).cloned().collect();
        let (finished, undone) = purge::recover(self, &purging, now_ms)?;
        report.finished += finished;
        report.undone += undone;
        let ingesting: BTreeSet<ItemId> = open
            .iter()
            .filter(|(_, act)| act.kind == ActKind::Ingest)
            .filter_map(|(_, act)| act.subjects.first().and_then(ItemKind::of_subject).map(|(_, id)| id))
            .collect();
        self.run(|store| purge::discard(&mut store.parts, &ingesting))?;
        // Newest first: what happened inside a sweep ends before the sweep does.
        for (index, act) in open.into_iter().rev().filter(|(_, act)| act.kind != ActKind::Purge) {
            let ending = self.ending_of(&act);
            match ending {
                Ending::Done => report.finished += 1,
                _ => report.undone += 1,
            }
            let swept = self.swept(index, &act, ending)?;
            self.finish(index, ending, Act { time_ms: now_ms.max(act.time_ms), ..act }, swept)?;
        }
        self.forget_secrets()?;
        purge::clear_staging(&*self.parts.disk, STAGING)
    }

    /// What a sweep did before it was interrupted, as the ledger tells it.
    fn swept(&self, index: u64, act: &Act, ending: Ending) -> Result<Option<SweepFacts>, StoreError> {
        if act.kind != ActKind::Sweep {
            return Ok(None);
        }
        let (started_ms, exit_code) = (act.time_ms, exit_code(ending));
        let mut facts = SweepFacts { started_ms, exit_code, items: 0, size_bytes: 0 };
        let purges = Filter {
            indices: Some(index..self.parts.ledger.size()),
            acts: vec![ActKind::Purge],
            ..Filter::default()
        };
        let folder = LedgerFolder::on(Arc::clone(&self.parts.disk), LEDGER);
        for_each_matching(folder, &purges, |_, entry| {
            let done = matches!(entry, Entry::Outcome { ending: Ending::Done | Ending::AlreadyDone, .. });
            facts.items += u64::from(done);
            ControlFlow::Continue(())
        })?;
        Ok(Some(facts))
    }

    /// How an interrupted act ended, by what is there.
    fn ending_of(&self, act: &Act) -> Ending {
        match act.kind {
            // The key file says which epoch it is in.
            ActKind::Rotate if act.subjects.contains(&self.epoch_subject()) => Ending::Done,
            ActKind::Sweep | ActKind::Erase => Ending::Partial,
            _ => Ending::Failed,
        }
    }

    /// Who acts when nobody asked: the store itself.
    pub(crate) fn own_user(&self) -> UserId {
        self.parts.ids.user("custody")
    }
}
