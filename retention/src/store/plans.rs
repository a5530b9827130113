//! Retention plans in a store: made and recorded, and carried out only as they were made, under the policies that they
//! were made under, with the approvals that they need.

use super::files::{FileReader, FileWriter};
use super::{PLANS, Store, StoreError, Who};
use crate::approval;
use crate::catalog::{ApprovalRow, PlanState};
use crate::ledger::{Ending, Subject, SubjectKind};
use crate::plan::{self, Act, Head, PlanError, PlanReader, PlanWriter, Planned, Scope};
use crate::policy::PolicySet;
use crate::sweep::{Cause, Step, SweepReport, Sweeper, Warrant, sweep};
use crate::{ItemId, hex};
use custody_rules::approval::Approved;
use std::io::{BufReader, BufWriter, Write};

/// How long a plan can be carried out, in milliseconds: 7 days.
pub(super) const VALID_MS: u64 = 7 * 86_400_000;
/// A plan that is being written.
pub(super) const NEW_PLAN: &str = ".plan.new";

/// What a plan's file in the store plans. The endings of files stand in `docs/store-format.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFile {
    /// What is due.
    Retention,
    /// Purges, erasures and releases that a person asked for.
    Request,
    /// A workbook or an extract.
    Export,
}

impl PlanFile {
    const ALL: [Self; 3] = [Self::Retention, Self::Request, Self::Export];

    /// The ending of its file.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Retention => "plan",
            Self::Request => "request",
            Self::Export => "export",
        }
    }
}

impl Store {
    /// Policies as the ledger names them: by what they say.
    pub fn policies_subject(&self, policies: &PolicySet) -> Subject {
        self.ids().subject(SubjectKind::Policy, &policies.canonical_bytes())
    }

    /// Says what is due now, writes it down and records it. The plan's file has its hash for a name.
    ///
    /// # Errors
    /// What catalog, disk and ledger say.
    pub fn plan(
        &mut self,
        who: Who,
        policies: &PolicySet,
        scope: Scope,
    ) -> Result<(Subject, Planned), StoreError> {
        let failed = StoreError::io("writing the plan");
        let staged = format!("{PLANS}/{NEW_PLAN}");
        if self.parts.disk.stat(&staged).map_err(&failed)?.is_some() {
            self.parts.disk.unlink(&staged).map_err(&failed)?;
        }
        let file = self.parts.disk.create_new(&staged).map_err(&failed)?;
        let store = self.store_digits();
        let head =
            Head { now_ms: who.time_ms, store: &store, policies: self.policies_subject(policies).id, scope };
        let mut out = BufWriter::with_capacity(1 << 20, FileWriter::new(&*file));
        let writer = PlanWriter::new(&mut out, self.ids().hasher(SubjectKind::Plan));
        let planned = plan::evaluate(&self.catalog, policies, &head, writer)?;
        out.flush().map_err(&failed)?;
        drop(out);
        file.sync().map_err(&failed)?;
        let subject = Subject { kind: SubjectKind::Plan, id: planned.hash };
        self.parts.disk.rename(&staged, &plan_path(&subject)).map_err(&failed)?;
        self.parts.disk.sync_folder(PLANS).map_err(&failed)?;
        if self.catalog.plan(&subject.id)?.is_none() {
            self.planned(who, subject)?;
        }
        Ok((subject, planned))
    }

    /// The store's ID, 32 hexadecimal digits.
    pub fn store_digits(&self) -> String {
        hex::digits(&self.parts.config.id)
    }

    /// The plan or request whose hash begins with these digits, and what it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none, or more than one.
    pub fn find_plan(&self, digits: &str) -> Result<(Subject, PlanFile), StoreError> {
        let mut found = self.plan_files()?;
        found.retain(|(plan, _)| ItemId(plan.id).to_string().starts_with(digits));
        match found[..] {
            [one] if digits.len() >= 4 => Ok(one),
            [] => Err(StoreError::NotFound(format!("no plan begins with {digits}"))),
            _ => Err(StoreError::NotFound(format!("give more digits of the plan's hash than {digits}"))),
        }
    }

    /// All plans and requests that were written down, in the order of their hashes.
    ///
    /// # Errors
    /// What the disk says.
    pub fn plan_files(&self) -> Result<Vec<(Subject, PlanFile)>, StoreError> {
        let mut found = Vec::new();
        for name in self.parts.disk.list(PLANS).map_err(StoreError::io("listing the plans"))? {
            let Some((stem, ending)) = name.split_once('.') else { continue };
            if let Some(kind) = PlanFile::ALL.into_iter().find(|kind| kind.ending() == ending)
                && let Some(id) = hex::parse(stem)
            {
                found.push((Subject { kind: SubjectKind::Plan, id }, kind));
            }
        }
        Ok(found)
    }

    /// Reads a plan to its end, and whatever `each` wants to know of its items.
    ///
    /// # Errors
    /// [`StoreError::Plan`] when it is none, or was changed.
    pub fn read_plan(
        &self,
        subject: &Subject,
        mut each: impl FnMut(plan::PlanItem<'_>),
    ) -> Result<Planned, StoreError> {
        let file = self.open_plan(subject)?;
        let input = BufReader::with_capacity(1 << 20, FileReader::new(&*file));
        let mut reader = PlanReader::new(input, self.ids().hasher(SubjectKind::Plan))?;
        while let Some(item) = reader.next_item()? {
            each(item);
        }
        let planned = reader.check()?;
        if planned.hash == subject.id { Ok(planned) } else { Err(PlanError::Hash.into()) }
    }

    fn open_plan(&self, subject: &Subject) -> Result<Box<dyn crate::disk::DiskFile>, StoreError> {
        let failed = StoreError::io("reading the plan");
        let path = plan_path(subject);
        if self.parts.disk.stat(&path).map_err(&failed)?.is_none() {
            return Err(StoreError::NotFound("there is no such plan".to_owned()));
        }
        self.parts.disk.open_read(&path).map_err(failed)
    }

    /// Carries a plan out, item by item, as far as each is still due.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a plan that was carried out, is too old, was made under other policies or for another
    /// store, takes more than the caps allow, or lacks an approval. [`StoreError::Plan`] when it was changed.
    pub fn apply(
        &mut self,
        subject: &Subject,
        policies: &PolicySet,
        sweeper: &mut Sweeper<'_>,
    ) -> Result<SweepReport, StoreError> {
        let who = Who { user: sweeper.user, time_ms: (sweeper.clock_ms)() };
        let planned = self.read_plan(subject, |_| ())?;
        let approvals = self.allowed(who, subject, policies, &planned)?;
        let warrant = Warrant {
            plan: *subject,
            policies: self.policies_subject(policies),
            approvals: approvals.iter().map(approval::subject).collect(),
            approvers: approvals.into_iter().map(|row| row.approver).collect(),
        };
        let file = self.open_plan(subject)?;
        let input = BufReader::with_capacity(1 << 20, FileReader::new(&*file));
        let mut reader = PlanReader::new(input, self.ids().hasher(SubjectKind::Plan))?;
        let mut steps = std::iter::from_fn(|| match reader.next_item() {
            Ok(Some(item)) => Some(Ok(match item.act {
                Act::Mark => Step::Mark(item.id),
                Act::Purge => Step::Purge(
                    item.id,
                    Cause::Policy {
                        policy: item.policy.into_owned(),
                        rule: item.rule.name().to_owned(),
                        since_ms: item.since_ms,
                    },
                ),
            })),
            Ok(None) => None,
            Err(error) => Some(Err(error.into())),
        });
        sweep(self, sweeper, &warrant, &mut steps)
    }

    /// What lets a plan through, or why nothing does. A refusal is recorded.
    fn allowed(
        &mut self,
        who: Who,
        subject: &Subject,
        policies: &PolicySet,
        planned: &Planned,
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        let checked = self.check_plan(who, subject, policies, planned);
        if let Err(StoreError::Refused(_)) = checked {
            let act = super::act(crate::ledger::ActKind::Sweep, who.user, who.time_ms, vec![*subject]);
            let begun = self.begin(act.kind, who, act.subjects)?;
            self.end(begun, Ending::Refused, who.time_ms)?;
        }
        checked
    }

    fn check_plan(
        &self,
        who: Who,
        subject: &Subject,
        policies: &PolicySet,
        planned: &Planned,
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        let refused = |why: String| Err(StoreError::Refused(why));
        let header = &planned.header;
        let row = self.catalog.plan(&subject.id)?;
        let Some(row) = row else { return refused("the plan is not recorded in this store".to_owned()) };
        if row.state != PlanState::Open {
            return refused("the plan was carried out before: make a new one".to_owned());
        }
        if header.store != self.store_digits() || header.ledger_size > self.entries() {
            return refused("the plan is another store's".to_owned());
        }
        if hex::parse(&header.policies) != Some(self.policies_subject(policies).id) {
            return refused("the policies were changed since the plan was made: make a new one".to_owned());
        }
        let age = who.time_ms.checked_sub(header.created_ms);
        if age.is_none_or(|age| age > VALID_MS) {
            return refused("the plan is older than 7 days, or from the future: make a new one".to_owned());
        }
        let mut approvals = Vec::new();
        let needed = planned.summary.approvals as usize;
        if needed > 0 {
            approvals = self.usable_approvals(who, *subject, Approved::Purge)?;
            if approvals.len() < needed {
                return refused(format!(
                    "{needed} approvals of others are needed, {} are there: custody approve PLAN",
                    approvals.len()
                ));
            }
        }
        if let Some(exceeded) = policies.caps().check(planned.summary.purge.items, planned.summary.present) {
            let exceptions = self.usable_approvals(who, *subject, Approved::CapException)?;
            let Some(exception) = exceptions.into_iter().next() else {
                return refused(format!(
                    "the plan takes {} of {} items, more than {} allows: look at it, and let it through with custody approve PLAN \
                     --cap-exception, or change caps.toml",
                    planned.summary.purge.items,
                    planned.summary.present,
                    exceeded.name()
                ));
            };
            approvals.push(exception);
        }
        Ok(approvals)
    }
}

pub(crate) fn plan_path(plan: &Subject) -> String {
    format!("{PLANS}/{}.plan", ItemId(plan.id))
}
