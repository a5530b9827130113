//! Makes a plan: one pass over the units that are there, of one moment, with each combination of what policies look at
//! resolved once. What it needs of memory does not grow with the number of items.

use super::tally::{KeptBy, Tally};
use super::write::{PlanWriter, Planned};
use super::{Act, Header, PlanError, PlanItem, SCHEMA, Scope, UNGOVERNED_DAYS};
use crate::catalog::{CatalogError, EventKind, FacetId, FacetRow, RootRow, View};
use crate::policy::{Facet, Policy, PolicySet};
use crate::{Guards, Times, Verdict, due};
use std::borrow::Cow;
use std::collections::HashMap;

const DAY_MS: u64 = 86_400_000;

/// What a plan is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<'a> {
    /// Now, in milliseconds since 1970-01-01T00:00:00Z, from a clock that was checked.
    pub now_ms: u64,
    /// ID of the store.
    pub store: &'a str,
    /// Hash of the policies' [`canonical_bytes`](PolicySet::canonical_bytes).
    pub policies: [u8; 32],
    /// Whose items it takes.
    pub scope: Scope,
}

/// Says what is to be marked and purged now, and what is kept and why, into `writer`. Changes nothing.
///
/// # Errors
/// [`PlanError::Catalog`] and [`PlanError::Io`]; what was written is no plan then.
pub fn evaluate(
    view: &View,
    policies: &PolicySet,
    head: &Head<'_>,
    mut writer: PlanWriter<'_>,
) -> Result<Planned, PlanError> {
    view.snapshot(|view| {
        let header = Header {
            schema: SCHEMA.to_owned(),
            created_ms: head.now_ms,
            store: head.store.to_owned(),
            policies: blake3::Hash::from_bytes(head.policies).to_hex().to_string(),
            ledger_size: view.meta()?.ledger_size,
            scope: head.scope,
        };
        writer.header(&header)?;
        let facets = view.facets()?;
        let resolved = resolve(view, policies, &facets)?;
        let mut pass = Pass { view, head, tally: Tally::new(policies), writer };
        view.for_each_root(|root| {
            let governed = resolved.get(&root.facet);
            pass.root(root, governed.ok_or(CatalogError::Unreadable { why: "an item is of no known facet" })?)
        })?;
        pass.writer.finish(header, pass.tally.summary())
    })
}

/// What follows from a combination of what policies look at.
struct Governed<'a> {
    facet: &'a FacetRow,
    /// Its policy, and the policy's place in the set.
    policy: Option<(usize, &'a Policy)>,
    /// The event that the policy counts from; none when no such event ever happened.
    event: Option<EventKind>,
}

fn resolve<'a>(
    view: &View,
    policies: &'a PolicySet,
    facets: &'a [FacetRow],
) -> Result<HashMap<FacetId, Governed<'a>>, PlanError> {
    let mut resolved = HashMap::with_capacity(facets.len());
    for facet in facets {
        let policy = policies.govern(&Facet::from(facet));
        let place =
            policy.and_then(|policy| policies.policies().iter().position(|known| known.id() == policy.id()));
        let event = match policy.and_then(|policy| policy.keep().from.event()) {
            Some(name) => view.event_kind(name)?,
            None => None,
        };
        resolved.insert(facet.id, Governed { facet, policy: place.zip(policy), event });
    }
    Ok(resolved)
}

struct Pass<'a, 'w> {
    view: &'a View,
    head: &'a Head<'a>,
    tally: Tally<'a>,
    writer: PlanWriter<'w>,
}

impl Pass<'_, '_> {
    fn root(&mut self, root: &RootRow<'_>, governed: &Governed<'_>) -> Result<(), PlanError> {
        self.tally.present(root.pinned);
        if root.held {
            self.tally.held();
            return Ok(());
        }
        let Some((place, policy)) = governed.policy else {
            let age_ms = self.head.now_ms.saturating_sub(root.ingested_ms);
            self.tally.ungoverned(root.id, age_ms > UNGOVERNED_DAYS * DAY_MS);
            return Ok(());
        };
        let times = Times {
            ingested_ms: root.ingested_ms,
            last_used_ms: root.last_used_ms,
            event_ms: governed.event.and_then(|kind| root.event_ms(kind)),
            marked_ms: root.marked_ms,
            restarted_ms: root.restarted_ms,
        };
        let guards = Guards { held: root.held, pinned: root.pinned };
        let (act, since_ms, rule) = match due(policy, &times, guards, self.head.now_ms) {
            Verdict::Held => {
                self.tally.held();
                return Ok(());
            }
            Verdict::Ungoverned => {
                self.tally.ungoverned(root.id, false);
                return Ok(());
            }
            Verdict::Kept { rule, .. } => {
                self.tally.kept(place, rule.into());
                return Ok(());
            }
            Verdict::InGrace { .. } => {
                self.tally.kept(place, KeptBy::Grace);
                return Ok(());
            }
            Verdict::Mark { since_ms, rule } => (Act::Mark, since_ms, rule),
            Verdict::Purge { since_ms, rule } => (Act::Purge, since_ms, rule),
        };
        if self.head.scope == Scope::Unattended && !policy.unattended() {
            self.tally.kept(place, KeptBy::Attended);
            return Ok(());
        }
        let copies = self.view.copies(root.row)?;
        self.tally.taken(act, policy, (root.size_bytes, copies));
        self.writer.item(&PlanItem {
            act,
            id: root.id,
            kind: governed.facet.kind,
            class: Cow::Borrowed(&governed.facet.class),
            environment: Cow::Borrowed(&governed.facet.environment),
            policy: Cow::Borrowed(policy.id()),
            rule,
            since_ms,
            size_bytes: root.size_bytes,
            copies,
        })
    }
}
