//! Random acts, done in three ways at once: in a catalog that is kept live, in a ledger's entries, and in a model so
//! simple that it can be read. Nothing here looks into the catalog's code.

use crate::support::{content, id, meta, user};
use custody_retention::catalog::{
    ApprovalRow, BlobFacts, CatalogError, GovernedRow, NewItem, PlanRow, PlanState, Sources, Writes,
};
use custody_retention::ledger::{Act, ActKind, Ending, Entry, Subject, SubjectKind};
use custody_retention::{ItemId, ItemKind};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One act. Numbers choose among what is there.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Ingest { kind: usize, parents: Vec<usize>, fails: bool },
    Use(usize),
    Event { item: usize, event: u8 },
    Mark(usize),
    Hold { matter: u8, items: Vec<usize> },
    Release { matter: u8, item: usize },
    Pin { by: u8, item: usize },
    Unpin { by: u8, item: usize },
    Purge(usize),
    Plan(u8),
    Approve { plan: u8, approval: u8 },
    Carry { plan: u8, approval: u8, ends: u8 },
    Govern { record: u8, content: u8 },
    Heartbeat,
}

/// Any act, some more often than others.
pub(crate) fn op() -> impl Strategy<Value = Op> {
    let any = any::<u8>;
    let item = || 0..64_usize;
    prop_oneof![
        5 => (item(), prop::collection::vec(item(), 0..3), prop::bool::weighted(0.1))
            .prop_map(|(kind, parents, fails)| Op::Ingest { kind, parents, fails }),
        2 => item().prop_map(Op::Use),
        2 => (item(), any()).prop_map(|(item, event)| Op::Event { item, event }),
        2 => item().prop_map(Op::Mark),
        2 => (any(), prop::collection::vec(item(), 1..3)).prop_map(|(matter, items)| Op::Hold { matter, items }),
        3 => (any(), item()).prop_map(|(matter, item)| Op::Release { matter, item }),
        3 => (any(), item()).prop_map(|(by, item)| Op::Pin { by, item }),
        1 => (any(), item()).prop_map(|(by, item)| Op::Unpin { by, item }),
        3 => item().prop_map(Op::Purge),
        2 => any().prop_map(Op::Plan),
        2 => (any(), any()).prop_map(|(plan, approval)| Op::Approve { plan, approval }),
        3 => (any(), any(), any()).prop_map(|(plan, approval, ends)| Op::Carry { plan, approval, ends }),
        1 => (any(), any()).prop_map(|(record, content)| Op::Govern { record, content }),
        1 => Just(Op::Heartbeat),
    ]
}

/// An item as the model has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    pub(crate) root: usize,
    pub(crate) purged_ms: Option<u64>,
    pub(crate) ingested_ms: u64,
    pub(crate) used_ms: u64,
    pub(crate) state: String,
    pub(crate) events: BTreeMap<String, u64>,
    pub(crate) marked_ms: Option<u64>,
    pub(crate) restarted_ms: Option<u64>,
    pub(crate) matters: BTreeSet<u8>,
    pub(crate) pins: BTreeSet<u8>,
}

/// All three, and what the blobs say.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) items: Vec<Item>,
    pub(crate) entries: Vec<Entry>,
    blobs: BTreeMap<ItemId, BlobFacts>,
    plans: BTreeSet<u8>,
    approvals: BTreeSet<u8>,
    /// Records in force: their contents, and since when.
    pub(crate) records: BTreeMap<Subject, (u8, u64)>,
    failed: u32,
    now_ms: u64,
}

impl World {
    /// Does one act everywhere, at a later time.
    pub(crate) fn act(&mut self, tx: &Writes<'_>, op: &Op, later_ms: u64) -> Result<(), CatalogError> {
        self.now_ms += later_ms;
        match op {
            Op::Ingest { kind, parents, fails } => self.ingest(tx, *kind, parents, *fails),
            Op::Hold { matter, items } => self.hold(tx, matter % 3, items),
            Op::Plan(plan) => self.plan(tx, plan % 3),
            Op::Approve { plan, approval } => self.approve(tx, plan % 3, approval % 4),
            Op::Carry { plan, approval, ends } => self.carry(tx, plan % 3, approval % 4, *ends),
            Op::Govern { record, content } => self.govern(tx, *record, content % 4),
            Op::Heartbeat => {
                self.write(ActKind::Heartbeat, Ending::Done, Vec::new());
                Ok(())
            }
            Op::Use(item)
            | Op::Event { item, .. }
            | Op::Mark(item)
            | Op::Release { item, .. }
            | Op::Pin { item, .. }
            | Op::Unpin { item, .. }
            | Op::Purge(item) => {
                let Some(place) = item.checked_rem(self.items.len()) else { return Ok(()) };
                self.act_on(tx, op, place)
            }
        }
    }

    fn act_on(&mut self, tx: &Writes<'_>, op: &Op, place: usize) -> Result<(), CatalogError> {
        let (now_ms, item, root) = (self.now_ms, item_id(place), self.items[place].root);
        let there = self.items[place].purged_ms.is_none();
        let root_there = self.items[root].purged_ms.is_none();
        let subject = self.subject(place);
        match op {
            Op::Use(_) => {
                tx.touch(&item, now_ms)?;
                for used in [place, root] {
                    if self.items[used].purged_ms.is_none() {
                        self.items[used].used_ms = now_ms;
                    }
                }
                self.write(ActKind::Use, Ending::Done, vec![subject]);
            }
            Op::Event { event, .. } => {
                let event = event % 2;
                assert_eq!(tx.event(&item, event_name(event), now_ms)?, root_there);
                if root_there {
                    event_name(event).clone_into(&mut self.items[root].state);
                    self.items[root].events.insert(event_name(event).to_owned(), now_ms);
                }
                self.write(ActKind::Event, Ending::Done, vec![of(SubjectKind::Event, event), subject]);
            }
            Op::Mark(_) => {
                assert_eq!(tx.mark(&item, now_ms)?, root_there);
                if root_there {
                    self.items[root].marked_ms = Some(now_ms);
                }
                self.write(ActKind::Mark, Ending::Done, vec![subject]);
            }
            Op::Release { matter, .. } => {
                let matter = matter % 3;
                let was = self.items[place].matters.remove(&matter);
                assert_eq!(tx.release(&[matter; 32], &item, now_ms)?, was);
                if was && root_there {
                    self.items[root].restarted_ms = Some(now_ms);
                    self.items[root].marked_ms = None;
                }
                let ending = if was { Ending::Done } else { Ending::Refused };
                self.write(ActKind::Unhold, ending, vec![of(SubjectKind::Matter, matter), subject]);
            }
            Op::Pin { by, .. } => {
                let by = self.pins(*by);
                let new = root_there && self.items[root].pins.insert(by.id[0]);
                assert_eq!(tx.pin(&by.id, &item, now_ms)?, new);
                self.write(ActKind::Pin, Ending::Done, vec![by, subject]);
            }
            Op::Unpin { by, .. } => {
                let by = self.pins(*by);
                tx.plan_dropped(&by.id)?;
                assert_eq!(tx.unpin(&by.id, &item)?, self.items[root].pins.remove(&by.id[0]));
                self.write(ActKind::Unpin, Ending::Done, vec![by, subject]);
            }
            _ => self.purge(tx, place, there)?,
        }
        Ok(())
    }

    fn purge(&mut self, tx: &Writes<'_>, place: usize, there: bool) -> Result<(), CatalogError> {
        let subject = self.subject(place);
        let ending = match tx.purged(&item_id(place), self.now_ms) {
            Err(CatalogError::Held) => {
                assert!(self.is_held(self.items[place].root));
                Ending::Refused
            }
            done => {
                assert!(!self.is_held(self.items[place].root));
                assert_eq!(done?, there);
                if there { Ending::Done } else { Ending::AlreadyDone }
            }
        };
        if ending == Ending::Done {
            self.blobs.remove(&item_id(place));
            let item = &mut self.items[place];
            (item.purged_ms, item.marked_ms) = (Some(self.now_ms), None);
            item.pins.clear();
        }
        self.write(ActKind::Purge, ending, vec![subject]);
        Ok(())
    }

    fn ingest(
        &mut self,
        tx: &Writes<'_>,
        kind: usize,
        parents: &[usize],
        fails: bool,
    ) -> Result<(), CatalogError> {
        let kind = ItemKind::ALL[kind % ItemKind::ALL.len()];
        let parents: BTreeSet<usize> =
            parents.iter().filter_map(|n| n.checked_rem(self.items.len())).collect();
        let parents: Vec<usize> = parents.into_iter().collect();
        let root = parents.first().map(|parent| self.items[*parent].root);
        let place = self.items.len();
        let root = match (kind.is_copy(), root) {
            (false, _) => place,
            (true, Some(root)) if self.items[root].purged_ms.is_none() => root,
            (true, _) => return Ok(()),
        };
        // An ID of its own, also of one that fails.
        let number = if fails { 10_000 + self.failed } else { place as u32 };
        self.failed += u32::from(fails);
        let ids: Vec<ItemId> = parents.iter().map(|parent| item_id(*parent)).collect();
        let meta = meta(number, kind, &ids, self.now_ms);
        let facts = BlobFacts {
            slot: u64::from(number),
            meta,
            stored_bytes: 7,
            sealed: number.to_be_bytes().to_vec(),
        };
        let BlobFacts { slot, meta, stored_bytes, sealed } = &facts;
        tx.insert_item(&NewItem { id: id(number), slot: *slot, meta, sealed, stored_bytes: *stored_bytes })?;
        let mut subjects = vec![kind.subject(id(number))];
        subjects.push(Subject { kind: SubjectKind::Content, id: content(number).0 });
        subjects.extend(parents.iter().map(|parent| self.subject(*parent)));
        if fails {
            assert!(tx.forget_failed(&id(number))?);
            self.write(ActKind::Ingest, Ending::Failed, subjects);
            return Ok(());
        }
        self.blobs.insert(id(number), facts);
        self.items.push(Item {
            kind,
            root,
            purged_ms: None,
            ingested_ms: self.now_ms,
            used_ms: self.now_ms,
            state: "ingested".to_owned(),
            events: BTreeMap::new(),
            marked_ms: None,
            restarted_ms: None,
            matters: BTreeSet::new(),
            pins: BTreeSet::new(),
        });
        self.write(ActKind::Ingest, Ending::Done, subjects);
        Ok(())
    }

    fn hold(&mut self, tx: &Writes<'_>, matter: u8, items: &[usize]) -> Result<(), CatalogError> {
        let mut subjects = vec![of(SubjectKind::Matter, matter)];
        for place in items.iter().filter_map(|n| n.checked_rem(self.items.len())).collect::<Vec<_>>() {
            let new = self.items[place].purged_ms.is_none() && self.items[place].matters.insert(matter);
            assert_eq!(tx.hold(&[matter; 32], &item_id(place), self.now_ms, user(1))?, new);
            subjects.push(self.subject(place));
        }
        self.write(ActKind::Hold, Ending::Done, subjects);
        Ok(())
    }

    /// What pins: a plan that was made, or a review.
    fn pins(&self, by: u8) -> Subject {
        let plan = Some(by % 3).filter(|plan| self.plans.contains(plan));
        plan.map_or(of(SubjectKind::Bundle, 100 + by % 3), |plan| of(SubjectKind::Plan, plan))
    }

    /// Plans and approvals are made once: their IDs are hashes.
    fn plan(&mut self, tx: &Writes<'_>, plan: u8) -> Result<(), CatalogError> {
        if !self.plans.insert(plan) {
            return Ok(());
        }
        tx.plan_made(&PlanRow {
            hash: [plan; 32],
            what: "sweep".to_owned(),
            created_ms: self.now_ms,
            planned_by: user(1).to_string(),
            state: PlanState::Open,
        })?;
        self.write(ActKind::Plan, Ending::Done, vec![of(SubjectKind::Plan, plan)]);
        Ok(())
    }

    fn approve(&mut self, tx: &Writes<'_>, plan: u8, approval: u8) -> Result<(), CatalogError> {
        if !self.plans.contains(&plan) || !self.approvals.insert(approval) {
            return Ok(());
        }
        tx.approved(&ApprovalRow {
            id: [approval; 32],
            plan: [plan; 32],
            what: String::new(),
            approver: user(1).to_string(),
            approved_ms: self.now_ms,
            expires_ms: 0,
            spent_ms: None,
        })?;
        let subjects = vec![of(SubjectKind::Plan, plan), of(SubjectKind::Approval, approval)];
        self.write(ActKind::Approve, Ending::Done, subjects);
        Ok(())
    }

    /// Puts one of four records in force, or takes it away.
    fn govern(&mut self, tx: &Writes<'_>, record: u8, content: u8) -> Result<(), CatalogError> {
        let kinds = [SubjectKind::User, SubjectKind::Environment, SubjectKind::Secret];
        let record = of(kinds[usize::from(record % 3)], record / 3 % 2);
        if content == 0 {
            self.records.remove(&record);
            tx.ungoverned(&record)?;
            self.write(ActKind::Govern, Ending::Done, vec![record]);
            return Ok(());
        }
        self.records.insert(record, (content, self.now_ms));
        tx.governed(&GovernedRow {
            subject: record,
            content: [content; 32],
            changed_ms: self.now_ms,
            changed_by: user(1).to_string(),
        })?;
        self.write(ActKind::Govern, Ending::Done, vec![record, of(SubjectKind::Content, content)]);
        Ok(())
    }

    /// Carries a plan out under an approval, well or badly.
    fn carry(&mut self, tx: &Writes<'_>, plan: u8, approval: u8, ends: u8) -> Result<(), CatalogError> {
        if !self.plans.contains(&plan) || !self.approvals.contains(&approval) {
            return Ok(());
        }
        let kind = [ActKind::Sweep, ActKind::Erase, ActKind::Export][usize::from(ends % 3)];
        let ending = Ending::ALL[usize::from(ends / 3) % Ending::ALL.len()];
        let failed = matches!(ending, Ending::Refused | Ending::Failed);
        if kind != ActKind::Export || !failed {
            tx.approval_spent(&[approval; 32], self.now_ms)?;
        }
        if !failed {
            tx.plan_applied(&[plan; 32])?;
            // What a plan pinned, it needs no more.
            let units = self.items.iter_mut().map(|item| usize::from(item.pins.remove(&plan))).sum::<usize>();
            assert_eq!(tx.unpin_all(&[plan; 32])?, units);
        }
        self.write(kind, ending, vec![of(SubjectKind::Plan, plan), of(SubjectKind::Approval, approval)]);
        Ok(())
    }

    /// Appends an intent and its outcome.
    fn write(&mut self, kind: ActKind, ending: Ending, subjects: Vec<Subject>) {
        let act = Act { kind, user: user(1), time_ms: self.now_ms, subjects };
        let intent = self.entries.len() as u64;
        self.entries.push(Entry::Intent(act.clone()));
        self.entries.push(Entry::Outcome { intent, ending, act });
    }

    /// Whether a hold is on any member of a root's unit.
    pub(crate) fn is_held(&self, root: usize) -> bool {
        self.items.iter().any(|item| item.root == root && !item.matters.is_empty())
    }

    /// The time of the last entry.
    pub(crate) fn now_ms(&self) -> u64 {
        match self.entries.last() {
            Some(Entry::Intent(act) | Entry::Outcome { act, .. }) => act.time_ms,
            _ => 0,
        }
    }

    fn subject(&self, place: usize) -> Subject {
        self.items[place].kind.subject(item_id(place))
    }
}

/// The ID of the item at a place.
pub(crate) fn item_id(place: usize) -> ItemId {
    id(place as u32)
}

impl Sources for &World {
    fn blob(&mut self, item: &ItemId) -> Option<BlobFacts> {
        self.blobs.get(item).cloned()
    }

    fn event_name(&mut self, event: &[u8; 32]) -> Option<String> {
        Some(event_name(event[0]).to_owned())
    }

    fn plan_purpose(&mut self, _plan: &[u8; 32]) -> Option<String> {
        Some("sweep".to_owned())
    }
}

fn event_name(event: u8) -> &'static str {
    ["load-confirmed", "ticket-closed"][usize::from(event)]
}

fn of(kind: SubjectKind, number: u8) -> Subject {
    Subject { kind, id: [number; 32] }
}
