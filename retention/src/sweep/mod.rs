//! Carrying out what was planned: items are marked or purged in batches, each batch after it was looked at again. What
//! goes is written into a record of the sweep first, so that the certificate can say what it was when it is gone.

mod record;

use crate::ItemId;
use crate::catalog::{SweepFacts, exit_code};
use crate::certificate::Presence;
use crate::clock;
use crate::due::Verdict;
use crate::ledger::{ActKind, Ending, Subject, SubjectKind};
use crate::plan::verdict;
use crate::policy::PolicySet;
use crate::purge::{BATCH_MAX, Purged, purge};
use crate::store::{Store, StoreError, Who};
use serde::{Deserialize, Serialize};

pub(crate) use record::write_place;
pub use record::{RecordHead, RecordLine, RecordMember, RecordPlace, RecordSeen, read_records, record_ids};

/// Units that are looked at and purged together.
const BATCH: usize = if BATCH_MAX < 500 { BATCH_MAX } else { 500 };

/// Why a unit is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Cause {
    /// Its policy says so.
    Policy {
        /// The policy's ID.
        policy: String,
        /// The bound that decided.
        rule: String,
        /// When its time ended, in milliseconds since 1970-01-01T00:00:00Z.
        since_ms: u64,
    },
    /// Somebody asked for it, with a reason.
    Request {
        /// What was asked for.
        kind: crate::request::RequestKind,
        /// The reason, in the words of who asked.
        reason: String,
    },
}

/// What is to be done with one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is marked; its grace begins.
    Mark(ItemId),
    /// It is purged.
    Purge(ItemId, Cause),
}

/// What a sweep is made under.
#[derive(Debug)]
pub struct Warrant {
    /// What was planned or asked for, as people approved it.
    pub plan: Subject,
    /// The policies in force.
    pub policies: Subject,
    /// The approvals that are spent by it.
    pub approvals: Vec<Subject>,
    /// User IDs of who approved.
    pub approvers: Vec<String>,
}

/// What a caller does between batches: shows progress, or stops.
pub type Between<'a> = dyn FnMut(&mut Store, &SweepReport) -> Result<bool, StoreError> + 'a;

/// How a caller shows a place outside of the store, and what is there now: the text must not name a person, since the
/// sweep's record outlives what it tells of.
pub type Look<'a> = dyn FnMut(&Store, &RecordPlace) -> (String, Presence) + 'a;

/// Who sweeps, by which clock, under which policies.
pub struct Sweeper<'a> {
    /// Who.
    pub user: crate::ledger::UserId,
    /// Tells the time in milliseconds since 1970-01-01T00:00:00Z.
    pub clock_ms: &'a mut dyn FnMut() -> u64,
    /// The policies in force; none for a request, which no policy decides.
    pub policies: Option<&'a PolicySet>,
    /// Looks at files outside of the store.
    pub look: &'a mut Look<'a>,
    /// Called after each batch; `false` stops the sweep.
    pub between: &'a mut Between<'a>,
}

impl std::fmt::Debug for Sweeper<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sweeper").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What a sweep did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepReport {
    /// Its ID in the ledger.
    pub sweep: Subject,
    /// Entry of its intent.
    pub intent: u64,
    /// When it began.
    pub started_ms: u64,
    /// Units that were marked.
    pub marked: u64,
    /// Units that were purged.
    pub purged: u64,
    /// Items of them, copies included.
    pub items: u64,
    /// Bytes of their blobs.
    pub stored_bytes: u64,
    /// Units that stay, since a hold is on them.
    pub held: u64,
    /// Units that stay, since their verdict changed.
    pub not_due: u64,
    /// Units that were gone already.
    pub already_gone: u64,
    /// Units whose blob is not the file that was written; it is never touched. Where it was exchanged while the unit was
    /// purged, its keys are gone all the same, and the unit is counted as purged too.
    pub odd: Vec<ItemId>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl SweepReport {
    /// Whether everything was done that was planned.
    pub fn is_whole(&self) -> bool {
        self.held == 0 && self.not_due == 0 && self.odd.is_empty() && !self.stopped
    }
}

/// Carries out steps that come in any number. Nothing is held in memory but one batch.
///
/// # Errors
/// What was done until then is done, and noted. [`StoreError::Clock`] for a clock that jumped, and those of steps and
/// caller, leave a store that can be used; after any other one it has to be opened anew.
pub fn sweep(
    store: &mut Store,
    sweeper: &mut Sweeper<'_>,
    warrant: &Warrant,
    steps: &mut dyn Iterator<Item = Result<Step, StoreError>>,
) -> Result<SweepReport, StoreError> {
    let started_ms = now_ms(store, sweeper)?;
    let who = Who { user: sweeper.user, time_ms: started_ms };
    let mut name = warrant.plan.id.to_vec();
    name.extend(started_ms.to_le_bytes());
    let sweep = store.ids().subject(SubjectKind::Sweep, &name);
    let subjects = [&[sweep, warrant.plan, warrant.policies][..], &warrant.approvals].concat();
    let begun = store.begin(ActKind::Sweep, who, subjects)?;
    let mut report = SweepReport {
        sweep,
        intent: begun.intent,
        started_ms,
        marked: 0,
        purged: 0,
        items: 0,
        stored_bytes: 0,
        held: 0,
        not_due: 0,
        already_gone: 0,
        odd: Vec::new(),
        stopped: false,
    };
    let carried_out = run_batches(store, sweeper, warrant, steps, &mut report);
    if carried_out.is_err() {
        if !store.is_usable() {
            return carried_out.map(|()| report);
        }
        report.stopped = true;
    }
    let ending = if report.is_whole() { Ending::Done } else { Ending::Partial };
    let facts = SweepFacts {
        started_ms,
        exit_code: exit_code(ending),
        items: report.items,
        size_bytes: report.stored_bytes,
    };
    let seen_ms = store.catalog().meta()?.clock_ms;
    let ended_ms = now_ms(store, sweeper).unwrap_or(seen_ms);
    store.end_with(begun, ending, ended_ms, Some(facts))?;
    carried_out.map(|()| report)
}

fn run_batches(
    store: &mut Store,
    sweeper: &mut Sweeper<'_>,
    warrant: &Warrant,
    steps: &mut dyn Iterator<Item = Result<Step, StoreError>>,
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    loop {
        let batch: Vec<Step> = (&mut *steps).take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            return Ok(());
        }
        run_batch(store, sweeper, warrant, &batch, report)?;
        if !(sweeper.between)(store, report)? {
            report.stopped = true;
            return Ok(());
        }
    }
}

/// The time, if it can be believed: a clock that jumps stops a sweep wherever it is.
fn now_ms(store: &Store, sweeper: &mut Sweeper<'_>) -> Result<u64, StoreError> {
    let now_ms = (sweeper.clock_ms)();
    clock::check(now_ms, store.catalog().meta()?.clock_ms, 0)?;
    Ok(now_ms)
}

fn run_batch(
    store: &mut Store,
    sweeper: &mut Sweeper<'_>,
    warrant: &Warrant,
    batch: &[Step],
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    let who = Who { user: sweeper.user, time_ms: now_ms(store, sweeper)? };
    let policies = sweeper.policies;
    let mut marks = Vec::new();
    let mut purges: Vec<(ItemId, &Cause)> = Vec::new();
    for step in batch {
        match step {
            Step::Mark(id) => match still(store, policies, id, who.time_ms)? {
                Some(Verdict::Mark { .. }) => marks.push(*id),
                Some(Verdict::Held) => report.held += 1,
                Some(_) => report.not_due += 1,
                None => report.already_gone += 1,
            },
            Step::Purge(id, cause) => purges.push((*id, cause)),
        }
    }
    if !marks.is_empty() {
        store.mark(who, &marks)?;
        report.marked += marks.len() as u64;
    }
    if purges.is_empty() {
        return Ok(());
    }
    // What is gone by now does not even get into the record; what is held does, as an exception.
    let going = purges.iter().filter_map(|(id, cause)| {
        let item = store.catalog().item(id);
        item.map(|item| item.filter(|item| !item.is_purged()).map(|item| (item, *cause))).transpose()
    });
    let going: Vec<_> = going.collect::<Result<_, _>>()?;
    if !going.is_empty() {
        record::write(store, who, (report.sweep, warrant), (&going, sweeper.look))?;
    }
    let roots: Vec<ItemId> = purges.iter().map(|(id, _)| *id).collect();
    let mut recheck = |view: &crate::catalog::View, item: &crate::catalog::ItemRow| {
        let Some(policies) = policies else { return Ok(true) };
        let judged = verdict(view, policies, &item.id, who.time_ms)?;
        Ok(judged.is_some_and(|judged| matches!(judged.verdict, Verdict::Purge { .. })))
    };
    for (root, done) in roots.iter().zip(purge(store, who, &roots, &mut recheck)?) {
        report.count(*root, done);
    }
    Ok(())
}

impl SweepReport {
    fn count(&mut self, root: ItemId, done: Purged) {
        match done {
            Purged::Done { items, stored_bytes } => {
                self.purged += 1;
                self.items += u64::from(items);
                self.stored_bytes += stored_bytes;
            }
            Purged::AlreadyGone => self.already_gone += 1,
            Purged::Held => self.held += 1,
            Purged::NotDue => self.not_due += 1,
            Purged::Odd => self.odd.push(root),
            Purged::Left { items, stored_bytes } => {
                self.count(root, Purged::Done { items, stored_bytes });
                self.odd.push(root);
            }
        }
    }
}

/// What is to become of an item now; `None` when it is gone. Without policies nothing is ever marked.
fn still(
    store: &Store,
    policies: Option<&PolicySet>,
    id: &ItemId,
    now_ms: u64,
) -> Result<Option<Verdict>, StoreError> {
    let Some(policies) = policies else { return Ok(Some(Verdict::Ungoverned)) };
    Ok(verdict(store.catalog(), policies, id, now_ms)?.map(|judged| judged.verdict))
}
