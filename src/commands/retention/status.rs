//! `custody retention status`: for monitoring. Changes nothing, and says nothing personal.

use super::App;
use crate::exit::Exit;
use crate::store::show::{rfc3339, short, time};
use crate::store::{now_ms, policies};
use crate::terminal::out;
use custody_retention::ItemId;
use custody_retention::plan::{self, Head, PlanWriter, Scope};
use serde_json::json;

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
    let last = store.catalog().last_sweeps(1)?.into_iter().next();
    let late = last.is_none_or(|last| now_ms.saturating_sub(last.ended_ms) > LATE_MS);
    let failed = last.is_some_and(|last| last.exit_code != 0);
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
            "last_sweep": last.map(|last| json!({
                "sweep": last.id, "ended": rfc3339(last.ended_ms), "exit_code": last.exit_code, "items": last.items,
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
                "last sweep   {} ended {} with exit code {}, {} items",
                short(&ItemId(last.id.0)),
                time(last.ended_ms),
                last.exit_code,
                last.items
            )),
            None => out("last sweep   none yet"),
        }
        reasons.iter().for_each(|reason| out(&format!("attention    {reason}")));
    }
    Ok(if reasons.is_empty() { Exit::Done } else { Exit::Findings })
}
