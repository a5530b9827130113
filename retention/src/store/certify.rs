//! The certificate of a sweep, a purge or an erasure: put together from the records that the sweep left, the ledger, and
//! what the store is now.

use super::{LEDGER, Store, StoreError, blob_path};
use crate::certificate::{
    Approver, Body, Certificate, CertificateError, DerivedCopy, Exception, HoldCheck, Occasion, PolicyUsed,
    PurgedItem, Recorded, Remaining, Rotation, Written, write,
};
use crate::keys::Slot;
use crate::ledger::{
    ActKind, Checkpoint, Ending, Entry, Filter, LedgerFolder, Prover, Subject, SubjectKind, UserId,
    for_each_matching,
};
use crate::request::RequestKind;
use crate::sweep::{Cause, RecordHead, RecordLine, read_records, record_ids};
use crate::{ContentId, ItemId, ItemKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::io::Write;
use std::ops::ControlFlow;

/// What the ledger tells of a sweep.
#[derive(Default)]
struct Told {
    intent: Option<(u64, u64, UserId)>,
    outcome: Option<(u64, u64)>,
    plan: Option<[u8; 32]>,
    policies: Option<[u8; 32]>,
    approvals: Vec<[u8; 32]>,
    approved: Vec<(UserId, u64, u64)>,
    rotation: Option<(u64, u64)>,
    purges: HashMap<ItemId, Purge>,
}

#[derive(Clone, Copy)]
struct Purge {
    intent: u64,
    outcome: Option<(u64, u64)>,
}

impl Store {
    /// The sweep whose ID begins with these digits.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, or more than one.
    pub fn find_sweep(&self, digits: &str) -> Result<Subject, StoreError> {
        let mut found = Vec::new();
        let filter = Filter { acts: vec![ActKind::Sweep], ..Filter::default() };
        for_each_matching(self.ledger_folder(), &filter, |_, entry| {
            if let Entry::Intent(act) = entry {
                let sweep = act.subjects.first().filter(|subject| subject.kind == SubjectKind::Sweep);
                found.extend(sweep.filter(|sweep| ItemId(sweep.id).to_string().starts_with(digits)));
            }
            ControlFlow::Continue(())
        })?;
        match found[..] {
            [one] if digits.len() >= 4 => Ok(one),
            [] => Err(StoreError::NotFound(format!("no sweep begins with {digits}"))),
            _ => Err(StoreError::NotFound(format!("give more digits of the sweep's ID than {digits}"))),
        }
    }

    /// The ledger's folder, for reading.
    pub fn ledger_folder(&self) -> LedgerFolder {
        LedgerFolder::on(self.parts.disk.clone(), LEDGER)
    }

    /// Signs a certificate with the ledger's key.
    ///
    /// # Errors
    /// As [`Written::sign`].
    pub fn sign_certificate(&self, written: &Written) -> Result<String, StoreError> {
        Ok(written.sign(self.parts.config.verifier.name(), &self.parts.signer)?)
    }

    /// Writes the certificate of a sweep under a checkpoint that covers it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a sweep of which nothing is known, and what records and ledger say.
    pub fn certify(
        &self,
        sweep: Subject,
        (checkpoint, issued_ms): (&Checkpoint, u64),
        (json, html): (&mut dyn Write, &mut dyn Write),
    ) -> Result<Written, StoreError> {
        let told = self.told(sweep)?;
        let records = record_ids(self, sweep)?;
        let mut prover = Prover::under(self.ledger_folder(), checkpoint.clone())?;
        let unknown = || StoreError::NotFound("the ledger does not tell of this sweep".to_owned());
        let (intent, began_ms, user) = told.intent.ok_or_else(unknown)?;
        let (outcome, ended_ms) =
            told.outcome.ok_or_else(|| StoreError::Refused("the sweep has not ended".to_owned()))?;
        let lines = || Lines { store: self, records: records.iter(), batch: VecDeque::new() };
        let decided = decided(lines())?;
        let approvers = told
            .approved
            .iter()
            .map(|(user, approved_ms, entry)| {
                let outcome = recorded(&mut prover, *entry)?;
                Ok(Approver { user: *user, approved_ms: *approved_ms, outcome })
            })
            .collect::<Result<_, StoreError>>()?;
        let rotation = match told.rotation {
            Some((entry, rotated_ms)) => {
                Some(Rotation { rotated_ms, outcome: recorded(&mut prover, entry)? })
            }
            None => None,
        };
        let hash = ContentId(told.policies.unwrap_or_default());
        let policies = decided.policies.into_iter().map(|name| PolicyUsed { name, hash }).collect();
        let certificate = Certificate {
            occasion: decided.occasion,
            sweep: ItemId(sweep.id),
            plan: told.plan.map(ItemId),
            store: self.store_digits(),
            verifier_key: self.parts.config.verifier.clone(),
            checkpoint: checkpoint.clone(),
            issued_ms,
            began_ms,
            ended_ms,
            user,
            intent: recorded(&mut prover, intent)?,
            outcome: recorded(&mut prover, outcome)?,
            approvers,
            policies,
            rotation,
        };
        let purged = |line: &RecordLine| told.purges.get(&line.id).and_then(|p| Some((p.intent, p.outcome?)));
        let mut items = lines().filter_map(|line| match line {
            Ok((head, line)) => {
                let purge = purged(&line)?;
                Some(self.purged_item(&head, line, purge, &mut prover).map_err(told_to))
            }
            Err(error) => Some(Err(told_to(error))),
        });
        let mut exceptions = lines().filter_map(|line| match line {
            Ok((_, line)) if purged(&line).is_some() => None,
            Ok((_, line)) => Some(self.kept(&line, told.purges.contains_key(&line.id)).map_err(told_to)),
            Err(error) => Some(Err(told_to(error))),
        });
        // Only of what went: the rest is still in custody.
        let mut remaining = lines().flat_map(|line| match line {
            Ok((_, line)) if purged(&line).is_some() => places(line),
            Ok(_) => Vec::new(),
            Err(error) => vec![Err(told_to(error))],
        });
        let body = Body { items: &mut items, exceptions: &mut exceptions, remaining: &mut remaining };
        Ok(write(&certificate, body, json, html)?)
    }

    fn purged_item(
        &self,
        head: &RecordHead,
        line: RecordLine,
        (intent, (outcome, purged_ms)): (u64, (u64, u64)),
        prover: &mut Prover,
    ) -> Result<PurgedItem, StoreError> {
        let (policy, rule, due_ms) = match line.cause {
            Cause::Policy { policy, rule, since_ms } => (policy, rule, Some(since_ms)),
            Cause::Request { kind, reason } => (kind.name().to_owned(), reason, None),
        };
        let (unlinked, key_destroyed) = self.gone(&line.id)?;
        let mut copies = Vec::with_capacity(line.copies.len());
        for copy in &line.copies {
            let (unlinked, key_destroyed) = self.gone(&copy.id)?;
            copies.push(DerivedCopy {
                id: copy.id,
                kind: copy.kind,
                size_bytes: copy.size_bytes,
                content: copy.content,
                unlinked,
                key_destroyed,
            });
        }
        Ok(PurgedItem {
            id: line.id,
            kind: line.kind,
            class: line.class,
            environment: line.environment,
            exposure: line.exposure,
            size_bytes: line.size_bytes,
            content: line.content,
            ingested_ms: line.ingested_ms,
            last_used_ms: Some(line.last_used_ms),
            due_ms,
            purged_ms,
            policy,
            rule,
            copies,
            hold_check: HoldCheck { checked_ms: head.checked_ms, holds: 0 },
            unlinked,
            key_destroyed,
            intent: recorded(prover, intent)?,
            outcome: recorded(prover, outcome)?,
        })
    }

    /// Why something that was to go is still here.
    fn kept(&self, line: &RecordLine, begun: bool) -> Result<Exception, StoreError> {
        let held = self.catalog.is_held(&line.id)?;
        let reason = match (begun, held) {
            (true, _) => "its purge did not end",
            (false, true) => "held",
            (false, false) => "used, pinned or changed since the plan was made",
        };
        let (reason, detail) = (reason.to_owned(), String::new());
        Ok(Exception { id: line.id, kind: line.kind, reason, detail, outcome: None })
    }

    /// Whether blob and key of an item are gone, by looking.
    fn gone(&self, id: &ItemId) -> Result<(bool, bool), StoreError> {
        let failed = StoreError::io("looking at a blob");
        let unlinked = self.parts.disk.stat(&blob_path(id)).map_err(failed)?.is_none();
        let slot = self.catalog.item(id)?.and_then(|item| item.slot);
        let key_destroyed = slot.is_none_or(|slot| self.parts.keys.get(Slot(slot), id).is_err());
        Ok((unlinked, key_destroyed))
    }

    /// One pass over the ledger.
    fn told(&self, sweep: Subject) -> Result<Told, StoreError> {
        let mut told = Told::default();
        let acts = vec![ActKind::Sweep, ActKind::Purge, ActKind::Approve, ActKind::Rotate];
        let mut approved: BTreeMap<[u8; 32], (UserId, u64, u64)> = BTreeMap::new();
        for_each_matching(self.ledger_folder(), &Filter { acts, ..Filter::default() }, |index, entry| {
            told.entry(sweep, index, &entry);
            if let Entry::Outcome { ending: Ending::Done, act, .. } = &entry
                && act.kind == ActKind::Approve
                && let Some(approval) = act.subjects.get(1)
            {
                approved.insert(approval.id, (act.user, act.time_ms, index));
            }
            ControlFlow::Continue(())
        })?;
        told.approved = told.approvals.iter().filter_map(|id| approved.get(id).copied()).collect();
        Ok(told)
    }
}

impl Told {
    fn entry(&mut self, sweep: Subject, index: u64, entry: &Entry) {
        match entry {
            Entry::Intent(act) if act.kind == ActKind::Sweep && act.subjects.first() == Some(&sweep) => {
                self.intent = Some((index, act.time_ms, act.user));
                for subject in &act.subjects {
                    match subject.kind {
                        SubjectKind::Plan => self.plan = Some(subject.id),
                        SubjectKind::Policy => self.policies = Some(subject.id),
                        SubjectKind::Approval => self.approvals.push(subject.id),
                        _ => {}
                    }
                }
            }
            Entry::Outcome { intent, act, .. }
                if act.kind == ActKind::Sweep && self.intent.is_some_and(|(own, ..)| own == *intent) =>
            {
                self.outcome = Some((index, act.time_ms));
            }
            // What is purged between them is the sweep's: nobody else has the store open meanwhile.
            Entry::Intent(act)
                if act.kind == ActKind::Purge && self.intent.is_some() && self.outcome.is_none() =>
            {
                if let Some((_, id)) = act.subjects.first().and_then(ItemKind::of_subject) {
                    self.purges.insert(id, Purge { intent: index, outcome: None });
                }
            }
            Entry::Outcome { intent, ending: Ending::Done | Ending::AlreadyDone, act }
                if act.kind == ActKind::Purge =>
            {
                if let Some((_, id)) = act.subjects.first().and_then(ItemKind::of_subject)
                    && let Some(purge) = self.purges.get_mut(&id).filter(|purge| purge.intent == *intent)
                {
                    purge.outcome = Some((index, act.time_ms));
                }
            }
            Entry::Outcome { ending: Ending::Done, act, .. } if act.kind == ActKind::Rotate => {
                self.rotation = Some((index, act.time_ms));
            }
            _ => {}
        }
    }
}

/// The units of a sweep's records, one batch in memory at a time.
struct Lines<'a> {
    store: &'a Store,
    records: std::slice::Iter<'a, ItemId>,
    batch: VecDeque<(RecordHead, RecordLine)>,
}

impl Iterator for Lines<'_> {
    type Item = Result<(RecordHead, RecordLine), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(line) = self.batch.pop_front() {
                return Some(Ok(line));
            }
            let record = self.records.next()?;
            let batch = &mut self.batch;
            let read = read_records(self.store, record, |head, line| {
                batch.push_back((head.clone(), line));
                Ok(())
            });
            if let Err(error) = read {
                return Some(Err(error));
            }
        }
    }
}

/// What decided, over all units.
struct Decided {
    occasion: Occasion,
    policies: BTreeSet<String>,
}

fn decided(lines: Lines<'_>) -> Result<Decided, StoreError> {
    let mut decided = Decided { occasion: Occasion::Sweep, policies: BTreeSet::new() };
    for line in lines {
        match line?.1.cause {
            Cause::Policy { policy, .. } => {
                decided.policies.insert(policy);
            }
            Cause::Request { kind: RequestKind::Erase, .. } => decided.occasion = Occasion::Erasure,
            Cause::Request { .. } => decided.occasion = Occasion::Purge,
        }
    }
    Ok(decided)
}

fn places(line: RecordLine) -> Vec<Result<Remaining, CertificateError>> {
    let item = line.id;
    let remaining = line.places.into_iter().map(|place| {
        Ok(Remaining {
            item,
            location: place.location,
            content: place.content,
            presence: place.presence,
            looked_ms: place.looked_ms,
        })
    });
    remaining.collect()
}

fn told_to(error: StoreError) -> CertificateError {
    match error {
        StoreError::Ledger(error) => CertificateError::Ledger(error),
        StoreError::Certificate(error) => error,
        _ => CertificateError::Source { why: "the store cannot be read" },
    }
}

fn recorded(prover: &mut Prover, entry: u64) -> Result<Recorded, StoreError> {
    Ok(Recorded { entry, proof: prover.prove(entry)?.to_string() })
}
