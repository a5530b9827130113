//! What a plan would say of one item, now: to show it, and to ask again right before it is purged.

use crate::catalog::{CatalogError, Life, View};
use crate::policy::{Facet, Policy, PolicySet};
use crate::{Guards, ItemId, Times, Verdict, due};

/// What is to become of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged<'p> {
    /// The root of its unit: what is purged, with all copies.
    pub root: ItemId,
    /// The policy that governs the unit.
    pub policy: Option<&'p Policy>,
    /// What is to become of the unit.
    pub verdict: Verdict,
}

/// Says what is to become of an item's unit at `now_ms`; `None` for an item that is not there, or not any more. Inside
/// a transaction of the catalog, what it says is true until the transaction ends.
///
/// # Errors
/// Those of the catalog.
pub fn verdict<'p>(
    view: &View,
    policies: &'p PolicySet,
    id: &ItemId,
    now_ms: u64,
) -> Result<Option<Judged<'p>>, CatalogError> {
    view.snapshot(|view| {
        let Some(item) = view.item(id)? else { return Ok(None) };
        let root = if item.root == item.id { Some(item) } else { view.item(&item.root)? };
        let Some(root) = root.filter(|root| root.life == Life::Present) else { return Ok(None) };
        let policy = policies.govern(&Facet::from(&root));
        let event = policy.and_then(|policy| policy.keep().from.event());
        let times = Times {
            ingested_ms: root.ingested_ms,
            last_used_ms: root.last_used_ms,
            event_ms: match event {
                Some(name) => view.event_ms(root.row, name)?,
                None => None,
            },
            marked_ms: root.marked_ms,
            restarted_ms: root.restarted_ms,
        };
        let guards = Guards { held: view.is_held(&root.id)?, pinned: root.pinned };
        let verdict = match policy {
            _ if guards.held => Verdict::Held,
            None => Verdict::Ungoverned,
            Some(policy) => due(policy, &times, guards, now_ms),
        };
        Ok(Some(Judged { root: root.id, policy, verdict }))
    })
}
