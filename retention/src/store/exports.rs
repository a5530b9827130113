//! Plans of workbooks and extracts in a store: a text of hashes, written down and recorded when it is made, carried out
//! once somebody has approved exactly that. What such a plan says is the caller's; here it is bytes with a hash.

use super::plans::VALID_MS;
use super::{Begun, PLANS, Store, StoreError, Who, config, write_plan};
use crate::ItemId;
use crate::approval::{self, Approver};
use crate::catalog::{ApprovalRow, PlanState};
use crate::ledger::{ActKind, Ending, Subject, SubjectKind};
use custody_rules::approval::Approved;
use std::collections::BTreeSet;

/// Bytes of a plan's text: what can be written down can be read again.
const PLAN_BYTES_MAX: usize = config::BYTES_MAX as usize;

impl Store {
    /// Writes a plan down, records it, and keeps what it was made from to its maximum while it is open. The same text
    /// again while it is open is the same plan.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a text that is too long; [`StoreError::NoItem`], [`StoreError::Purged`].
    pub fn plan_export(&mut self, who: Who, text: &str, pinned: &[ItemId]) -> Result<Subject, StoreError> {
        if text.len() > PLAN_BYTES_MAX {
            return Err(StoreError::Refused(format!("a plan takes {PLAN_BYTES_MAX} bytes at most")));
        }
        let plan = self.export_subject(text);
        let failed = StoreError::io("writing the plan");
        let path = export_path(&plan);
        if self.parts.disk.stat(&path).map_err(&failed)?.is_none() {
            write_plan(&*self.parts.disk, &path, text.as_bytes()).map_err(&failed)?;
        }
        if self.catalog.plan(&plan.id)?.is_none_or(|row| row.state != PlanState::Open) {
            self.planned(who, plan)?;
        }
        // Those of a plan that a crash left without.
        let mut loose = Vec::new();
        for id in pinned {
            if !self.catalog.pins(id)?.iter().any(|pin| pin.by == plan.id) {
                loose.push(*id);
            }
        }
        if !loose.is_empty() {
            self.pin(who, plan, &loose)?;
        }
        Ok(plan)
    }

    /// The hash of a plan's text: what people confirm and approve.
    pub fn export_subject(&self, text: &str) -> Subject {
        self.ids().subject(SubjectKind::Plan, text.as_bytes())
    }

    /// The text of a plan that was written down; it is the one of this hash.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not there, or was changed.
    pub fn read_export(&self, plan: &Subject) -> Result<String, StoreError> {
        let text = config::read_text(&*self.parts.disk, &export_path(plan))?
            .ok_or_else(|| StoreError::Refused("there is no such plan".to_owned()))?;
        if self.export_subject(&text) != *plan {
            return Err(StoreError::Refused("the plan was changed since it was made".to_owned()));
        }
        Ok(text)
    }

    /// The approvals that let a plan be carried out now: it is open, not too old, and so many people have approved it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn allowed_export(
        &self,
        who: Who,
        plan: &Subject,
        needed: (usize, Approver),
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        self.allowed_export_of(who, plan, (needed, &BTreeSet::new()))
    }

    /// As [`Store::allowed_export`]; where it has to be others who approve, those of `owners` (user IDs) do not count.
    ///
    /// # Errors
    /// As of [`Store::allowed_export`].
    pub fn allowed_export_of(
        &self,
        who: Who,
        plan: &Subject,
        ((needed, approver), owners): ((usize, Approver), &BTreeSet<String>),
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        let refused = |why: String| Err(StoreError::Refused(why));
        let Some(row) = self.catalog.plan(&plan.id)? else {
            return refused("there is no such plan".to_owned());
        };
        match row.state {
            PlanState::Open => {}
            PlanState::Applied => {
                return refused(
                    "the plan was built: an approval is good for one build, make a new plan".to_owned(),
                );
            }
            PlanState::Dropped => return refused("the plan was given up: make a new one".to_owned()),
        }
        if who.time_ms >= row.created_ms.saturating_add(VALID_MS) {
            return refused("the plan is older than 7 days: make a new one".to_owned());
        }
        let usable = self.approvals_by(who, *plan, Approved::Export, approver)?;
        // Own approvals are told apart by who made the plan, whoever carries it out.
        let counts = |approval: &ApprovalRow| {
            approver == Approver::Anybody
                || approval.approver != row.planned_by && !owners.contains(&approval.approver)
        };
        let usable: Vec<ApprovalRow> = usable.into_iter().filter(counts).collect();
        if usable.len() < needed {
            return refused(match approver {
                Approver::Anybody => {
                    "nobody has approved the plan: custody approve shows it to whoever does".to_owned()
                }
                Approver::Another => format!(
                    "the plan needs approvals of people who neither made it, nor build it, nor own what it was made from: \
                     {needed} needed, {} there",
                    usable.len()
                ),
            });
        }
        Ok(usable)
    }

    /// Whether somebody may approve a plan of a workbook or an extract, before anything of it is shown: where others have
    /// to, `owners` (user IDs) of what it was made from may not.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the reason.
    pub fn may_approve_export(
        &self,
        who: Who,
        plan: &Subject,
        (approver, owners): (Approver, &BTreeSet<String>),
    ) -> Result<(), StoreError> {
        self.may_approve(who, plan, approver)?;
        if approver == Approver::Another && owners.contains(&who.user.to_string()) {
            return Err(StoreError::Refused(
                "who owns what a plan was made from cannot approve it: another person has to".to_owned(),
            ));
        }
        Ok(())
    }

    /// Records that an approver was shown every record of a plan as it is, with the keyed hash of what was shown.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn shown(&mut self, who: Who, plan: Subject, what: &[u8; 32]) -> Result<(), StoreError> {
        let shown = self.ids().subject(SubjectKind::Content, what);
        self.act_now(super::act(ActKind::Reveal, who.user, who.time_ms, vec![plan, shown])).map(drop)
    }

    /// Begins to write what a plan says. End it with [`Store::exported`] or [`Store::not_exported`].
    ///
    /// # Errors
    /// As the ledger's.
    pub fn begin_export(
        &mut self,
        who: Who,
        plan: Subject,
        approvals: &[ApprovalRow],
    ) -> Result<Begun, StoreError> {
        let mut subjects = vec![plan];
        subjects.extend(approvals.iter().map(approval::subject));
        self.begin(ActKind::Export, who, subjects)
    }

    /// Ends an export that was written: plan and approvals are spent, and what it was made from is let go, all by one entry.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn exported(&mut self, begun: Begun, who: Who) -> Result<(), StoreError> {
        self.end(begun, Ending::Done, who.time_ms)
    }

    /// Ends an export that failed: what it had put in place is taken back, and the approvals are good for another attempt.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn not_exported(&mut self, begun: Begun, time_ms: u64) -> Result<(), StoreError> {
        self.end(begun, Ending::Failed, time_ms)
    }

    /// Gives a plan up.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn drop_export(&mut self, who: Who, plan: Subject, pinned: &[ItemId]) -> Result<(), StoreError> {
        let mut there = Vec::new();
        for id in pinned {
            if self.catalog.item(id)?.is_some_and(|row| !row.is_purged()) {
                there.push(*id);
            }
        }
        self.unpin(who, plan, &there)
    }
}

fn export_path(plan: &Subject) -> String {
    format!("{PLANS}/{}.export", ItemId(plan.id))
}
