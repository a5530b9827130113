//! Approvals in a store: recorded when they are given, good for one plan and one purpose, spent by what they let through.
//! What an approval is, is in `custody_rules::approval`.

use crate::catalog::ApprovalRow;
use crate::hex;
use crate::ledger::{ActKind, Subject, SubjectKind};
use crate::store::{PLANS, Store, StoreError, Who, act, write_plan};
use custody_rules::approval::{Approval, Approved};

/// How long an approval can be used, in milliseconds: 7 days.
pub const VALID_MS: u64 = 7 * 86_400_000;

/// Whose approval counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approver {
    /// Anybody's, also that of who made the plan: it says that somebody has looked.
    Anybody,
    /// That of a person who did not make the plan.
    Another,
}

impl Store {
    /// Records a plan or a request as made by somebody, so that others can approve it.
    ///
    /// # Errors
    /// As the ledger's.
    pub fn planned(&mut self, who: Who, plan: Subject) -> Result<(), StoreError> {
        self.act_now(act(ActKind::Plan, who.user, who.time_ms, vec![plan])).map(drop)
    }

    /// Approves a plan that somebody else has made. The approval is signed with the store's key, recorded, and good for 7
    /// days.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a plan that is not known or not open, and for one's own.
    pub fn approve(&mut self, who: Who, plan: Subject, what: Approved) -> Result<Subject, StoreError> {
        self.approve_as(who, plan, what, Approver::Another)
    }

    /// As [`Store::approve`], of a plan that may be one's own where `approver` says so.
    ///
    /// # Errors
    /// As of [`Store::approve`].
    pub fn approve_as(
        &mut self,
        who: Who,
        plan: Subject,
        what: Approved,
        approver: Approver,
    ) -> Result<Subject, StoreError> {
        self.may_approve(who, &plan, approver)?;
        let digits = plan.to_string();
        let digits = digits.strip_prefix("plan:").unwrap_or_default();
        let valid = who.time_ms..who.time_ms.saturating_add(VALID_MS);
        let made = Approval::new(digits, what, &who.user.to_string(), valid)
            .map_err(|_| StoreError::Contradiction("an approval cannot be made"))?;
        let bytes = made.canonical_bytes();
        let id = self.ids().subject(SubjectKind::Approval, &bytes);
        let signature = self.parts.signer.sign_bytes(&bytes);
        let signed =
            made.signed(&signature).map_err(|_| StoreError::Contradiction("a signature cannot be made"))?;
        let text = serde_json::to_string(&signed)
            .map_err(|_| StoreError::Contradiction("an approval cannot be written"))?;
        let failed = StoreError::io("writing the approval");
        let path = approval_path(&id.id);
        if self.parts.disk.stat(&path).map_err(&failed)?.is_none() {
            write_plan(&*self.parts.disk, &path, text.as_bytes()).map_err(&failed)?;
        }
        self.act_now(act(ActKind::Approve, who.user, who.time_ms, vec![plan, id]))?;
        Ok(id)
    }

    /// Whether somebody may approve a plan, before anything of it is shown.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the reason.
    pub fn may_approve(&self, who: Who, plan: &Subject, approver: Approver) -> Result<(), StoreError> {
        let refused = |why: &str| Err(StoreError::Refused(why.to_owned()));
        let Some(row) = self.catalog.plan(&plan.id)? else {
            return refused("there is no such plan");
        };
        if row.state != crate::catalog::PlanState::Open {
            return refused("the plan was carried out or given up: make a new one");
        }
        if approver == Approver::Another && row.planned_by == who.user.to_string() {
            return refused("who made a plan cannot approve it: a second person has to");
        }
        Ok(())
    }

    /// Approvals of a plan for a purpose that can be used now by `user`: not spent, not expired, and not the user's own.
    ///
    /// # Errors
    /// What the catalog says.
    pub fn usable_approvals(
        &self,
        who: Who,
        plan: Subject,
        what: Approved,
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        self.approvals_by(who, plan, what, Approver::Another)
    }

    /// As [`Store::usable_approvals`], with the user's own where `approver` says so.
    ///
    /// # Errors
    /// What the catalog says.
    pub fn approvals_by(
        &self,
        who: Who,
        plan: Subject,
        what: Approved,
        approver: Approver,
    ) -> Result<Vec<ApprovalRow>, StoreError> {
        let mut rows = self.catalog.approvals(&plan.id)?;
        // The same can be planned again once it was carried out: what was approved before that, was for that.
        let planned_ms = self.catalog.plan(&plan.id)?.map_or(u64::MAX, |row| row.created_ms);
        let user = who.user.to_string();
        let mut people = std::collections::BTreeSet::new();
        rows.retain(|row| {
            row.what == what.name()
                && row.spent_ms.is_none()
                && row.approved_ms >= planned_ms
                && (row.approved_ms..row.expires_ms).contains(&who.time_ms)
                && (approver == Approver::Anybody || row.approver != user)
                && people.insert(row.approver.clone())
        });
        for row in &rows {
            self.check_approval(row)?;
        }
        self.by_users(rows)
    }

    /// The catalog is an index: what lets something through is the signed text.
    fn check_approval(&self, row: &ApprovalRow) -> Result<(), StoreError> {
        let bad = StoreError::Contradiction("an approval's file is missing or was changed");
        let text = crate::store::read_text(&*self.parts.disk, &approval_path(&row.id))?;
        let approval: Option<Approval> = text.and_then(|text| serde_json::from_str(&text).ok());
        let Some(approval) = approval else { return Err(bad) };
        let bytes = approval.canonical_bytes();
        let same = self.ids().subject(SubjectKind::Approval, &bytes).id == row.id
            && hex::parse(approval.plan()) == Some(row.plan)
            && approval.approver() == row.approver
            && approval.what().name() == row.what;
        let signed = approval
            .signature()
            .is_some_and(|signature| self.parts.signer.verifier().verify_bytes(&bytes, signature));
        if same && signed { Ok(()) } else { Err(bad) }
    }
}

fn approval_path(id: &[u8; 32]) -> String {
    format!("{PLANS}/{}.approval", crate::ItemId(*id))
}

/// An approval as the subject of an act.
pub fn subject(row: &ApprovalRow) -> Subject {
    Subject { kind: SubjectKind::Approval, id: row.id }
}
