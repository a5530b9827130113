//! `custody retention status`: for monitoring. Changes nothing, and says nothing personal.

use super::App;
use crate::exit::Exit;
use crate::store::show::{rfc3339, short, time};
use crate::store::{now_ms, policies};
use crate::terminal::out;
use custody_retention::ItemId;
use custody_retention::catalog::exit_code;
use custody_retention::ledger::{ActKind, Entry, Filter, SubjectKind, for_each_matching};
use custody_retention::plan::{self, Head, PlanWriter, Scope};
use custody_retention::store::{Store, StoreError, request_policies};
use serde_json::json;
use std::ops::ControlFlow;

/// A sweep that is longer ago is late, in milliseconds: 36 hours, so that a daily one may be missed by some.
const LATE_MS: u64 = 36 * 3_600_000;

pub(super) fn run(app: &App) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let (store, now_ms) = (&opened.store, now_ms());
    let policies = policies::load(store)?;
    let head = Head {
        now_ms,
        store: &store.store_digits(),
        policies: store.policies_subject(&policies).id,
        scope: Scope::All,
    };
    let mut nowhere = std::io::sink();
    let writer = PlanWriter::new(&mut nowhere, blake3::Hasher::new());
    let summary = plan::evaluate(store.catalog(), &policies, &head, writer)?.summary;
    let last = last_sweep(store)?;
    let late = last.as_ref().is_none_or(|last| now_ms.saturating_sub(last.ended_ms) > LATE_MS);
    let failed = last.as_ref().is_some_and(|last| last.exit_code != 0);
    let overdue = summary.purge.items + summary.mark.items;
    let mut reasons = Vec::new();
    if overdue > 0 && late {
        reasons.push(format!("{overdue} items are overdue and no sweep has run for 36 hours"));
    }
    if failed {
        reasons.push("the last sweep did not end well".to_owned());
    }
    if summary.ungoverned.old_items > 0 {
        reasons.push(format!(
            "no policy governs {} items that are older than 7 days",
            summary.ungoverned.old_items
        ));
    }
    if let Some(exceeded) = summary.caps.exceeded {
        reasons.push(format!("what is due exceeds the caps ({})", exceeded.name()));
    }
    if app.global.json {
        let object = json!({
            "schema": 1,
            "overdue": overdue,
            "present": summary.present,
            "held": summary.held,
            "ungoverned": summary.ungoverned.items,
            "ungoverned_old": summary.ungoverned.old_ids,
            "last_sweep": last.as_ref().map(|last| json!({
                "sweep": last.sweep, "ended": rfc3339(last.ended_ms), "exit_code": last.exit_code,
            })),
            "attention": reasons,
        });
        out(&object.to_string());
    } else {
        out(&format!("overdue      {overdue}"));
        out(&format!("present      {}", summary.present));
        out(&format!("held         {}", summary.held));
        out(&format!("ungoverned   {}", summary.ungoverned.items));
        match last {
            Some(last) => out(&format!(
                "last sweep   {} ended {} with exit code {}",
                last.sweep.as_ref().map_or_else(|| "refused".to_owned(), short),
                time(last.ended_ms),
                last.exit_code
            )),
            None => out("last sweep   none yet"),
        }
        reasons.iter().for_each(|reason| out(&format!("attention    {reason}")));
    }
    Ok(if reasons.is_empty() { Exit::Done } else { Exit::Findings })
}

/// A sweep as the ledger tells of it.
struct LastSweep {
    /// Its ID; none for one that was refused as a whole.
    sweep: Option<ItemId>,
    ended_ms: u64,
    exit_code: u8,
}

/// The last sweep by policies. Purges and erasures that somebody asked for are none: they say nothing of the timer.
fn last_sweep(store: &Store) -> Result<Option<LastSweep>, StoreError> {
    let requests = request_policies(store.ids());
    let mut last = None;
    let filter = Filter { acts: vec![ActKind::Sweep], ..Filter::default() };
    for_each_matching(store.ledger_folder(), &filter, |_, entry| {
        if let Entry::Outcome { ending, act, .. } = entry
            && !act.subjects.contains(&requests)
        {
            let sweep = act.subjects.first().filter(|subject| subject.kind == SubjectKind::Sweep);
            last = Some(LastSweep {
                sweep: sweep.map(|sweep| ItemId(sweep.id)),
                ended_ms: act.time_ms,
                exit_code: exit_code(ending),
            });
        }
        ControlFlow::Continue(())
    })?;
    Ok(last)
}
