//! Requests in a store: written down and recorded when they are made, carried out once they were confirmed or approved.

use super::act::matter_subject;
use super::{PLANS, Store, StoreError, Who, config, write_plan};
use crate::approval;
use crate::catalog::{ApprovalRow, ItemRow, PlanRow, PlanState};
use crate::hex;
use crate::ledger::{Subject, SubjectKind, UserId};
use crate::request::{Request, RequestItem, RequestKind};
use crate::sweep::{Cause, Step, SweepReport, Sweeper, Warrant, sweep};
use crate::{ItemId, ledger::IdKey};
use custody_rules::approval::Approved;

/// What stands for the policies where a person asked instead.
pub fn request_policies(ids: &IdKey) -> Subject {
    ids.subject(SubjectKind::Policy, b"request")
}

/// Keyed hash of a reason or a person, for requests that are about them.
pub fn about(ids: &IdKey, text: &str) -> Subject {
    ids.subject(SubjectKind::Matter, text.trim().as_bytes())
}

impl Store {
    /// Writes a request down and records it. The same request made again while it is open is the same one.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for items that are gone, or copies.
    pub fn request(
        &mut self,
        who: Who,
        kind: RequestKind,
        about: Subject,
        items: &[ItemRow],
    ) -> Result<(Subject, Request), StoreError> {
        if items.iter().any(|item| item.kind.is_copy()) {
            return Err(StoreError::Refused(
                "a copy goes with what it is a copy of: name that one".to_owned(),
            ));
        }
        let items = items.iter().map(|item| RequestItem { id: item.id, content: item.content }).collect();
        let request = Request::new(&self.parts.config.id, kind, about, items)?;
        let plan = request.subject(self.ids())?;
        self.write_request(who, &plan, &request)?;
        Ok((plan, request))
    }

    /// Reads a request that was written down, and checks that it is the one of this hash.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not there, or was changed.
    pub fn read_request(&self, plan: &Subject) -> Result<Request, StoreError> {
        let text = config::read_text(&*self.parts.disk, &request_path(plan))?
            .ok_or_else(|| StoreError::Refused("there is no such request".to_owned()))?;
        let request = Request::parse(&text, &self.parts.config.id)?;
        if request.subject(self.ids())? != *plan {
            return Err(StoreError::Refused("the request was changed since it was made".to_owned()));
        }
        Ok(request)
    }

    /// Releases a matter's hold on items, once a second person has approved exactly that. `None`: it waits for approval.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the matter holds none of the items.
    pub fn release(
        &mut self,
        who: Who,
        matter: &str,
        items: &[ItemRow],
    ) -> Result<(Subject, Option<usize>), StoreError> {
        let matter = matter_subject(self.ids(), matter);
        let mut held = Vec::new();
        for item in items {
            if self.catalog.holds(&item.id)?.iter().any(|hold| hold.matter == matter.id) {
                held.push(item.clone());
            }
        }
        let mut items: Vec<RequestItem> =
            held.iter().map(|item| RequestItem { id: item.id, content: item.content }).collect();
        items.sort_unstable();
        let request = Request::new(&self.parts.config.id, RequestKind::HoldRelease, matter, items)
            .map_err(|_| StoreError::Refused("the matter holds none of these items".to_owned()))?;
        let plan = request.subject(self.ids())?;
        let approvals = match self.catalog.plan(&plan.id)? {
            Some(row) if row.state == PlanState::Open => {
                // Either of the two may carry it out: two people are needed in any case.
                let asker = Who { user: UserId::parse(&row.planned_by).unwrap_or(who.user), ..who };
                self.usable_approvals(asker, plan, Approved::HoldRelease)?
            }
            _ => Vec::new(),
        };
        let Some(first) = approvals.first() else {
            self.write_request(who, &plan, &request)?;
            return Ok((plan, None));
        };
        let head = [matter, plan, approval::subject(first)];
        let ids: Vec<ItemId> = request.items.iter().map(|item| item.id).collect();
        self.unhold(who, &head, &ids)?;
        Ok((plan, Some(ids.len())))
    }

    fn write_request(&mut self, who: Who, plan: &Subject, request: &Request) -> Result<(), StoreError> {
        let failed = StoreError::io("writing the request");
        let path = request_path(plan);
        if self.parts.disk.stat(&path).map_err(&failed)?.is_none() {
            write_plan(&*self.parts.disk, &path, request.to_text()?.as_bytes()).map_err(&failed)?;
        }
        if self.catalog.plan(&plan.id)?.is_none_or(|row| row.state != PlanState::Open) {
            self.planned(who, *plan)?;
        }
        Ok(())
    }

    /// The approval that lets an erasure be carried out now: the request is open, and a second person has approved it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] otherwise.
    pub fn allowed_erasure(&self, plan: &Subject, now_ms: u64) -> Result<ApprovalRow, StoreError> {
        let row = self.open_request(plan)?;
        let user = UserId::parse(&row.planned_by).ok_or(StoreError::Contradiction("a plan of nobody"))?;
        let usable = self.usable_approvals(Who { user, time_ms: now_ms }, *plan, Approved::Erase)?;
        let missing = || StoreError::Refused("an erasure needs the approval of a second person".to_owned());
        usable.into_iter().next().ok_or_else(missing)
    }

    fn open_request(&self, plan: &Subject) -> Result<PlanRow, StoreError> {
        let refused = |why: &str| StoreError::Refused(why.to_owned());
        let row = self.catalog.plan(&plan.id)?.ok_or_else(|| refused("there is no such request"))?;
        let open = (row.state == PlanState::Open).then_some(row);
        open.ok_or_else(|| refused("the request was carried out or given up: make a new one"))
    }

    /// Purges what a request names. An erasure needs the approval of a second person, a purge was confirmed by who asked
    /// for it, with its reason.
    ///
    /// # Errors
    /// [`StoreError::Refused`] without approval, for a request that was carried out, or a purge of another reason.
    pub fn dispose(
        &mut self,
        plan: &Subject,
        reason: &str,
        sweeper: &mut Sweeper<'_>,
    ) -> Result<SweepReport, StoreError> {
        let request = self.read_request(plan)?;
        self.open_request(plan)?;
        let refused = |why: &str| Err(StoreError::Refused(why.to_owned()));
        let approvals = match request.kind {
            RequestKind::HoldRelease => return refused("that is a request to release holds"),
            RequestKind::Purge if hex::parse(&request.about) != Some(about(self.ids(), reason).id) => {
                return refused("the request was confirmed with another reason");
            }
            RequestKind::Purge => Vec::new(),
            RequestKind::Erase => vec![self.allowed_erasure(plan, (sweeper.clock_ms)())?],
        };
        let warrant = Warrant {
            plan: *plan,
            policies: request_policies(self.ids()),
            approvals: approvals.iter().map(approval::subject).collect(),
            approvers: approvals.into_iter().map(|row| row.approver).collect(),
        };
        let cause = Cause::Request { kind: request.kind, reason: reason.trim().to_owned() };
        let mut steps = request.items.iter().map(|item| Ok(Step::Purge(item.id, cause.clone())));
        sweep(self, sweeper, &warrant, &mut steps)
    }
}

fn request_path(plan: &Subject) -> String {
    format!("{PLANS}/{}.request", ItemId(plan.id))
}
