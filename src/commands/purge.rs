//! `custody purge`: one wrong import, through the same door as every sweep.

use super::App;
use super::approve::show_request;
use super::retention::{After, finish};
use crate::cli::{PurgeArgs, QueryArgs};
use crate::exit::Exit;
use crate::store::{Opened, confirm, now_ms, query, seen};
use anyhow::bail;
use custody_retention::catalog::ItemRow;
use custody_retention::ledger::Subject;
use custody_retention::request::RequestKind;
use custody_retention::store::{Store, StoreError, about};
use custody_retention::sweep::{RecordPlace, SweepReport, Sweeper};
use std::path::Path;

pub(super) fn run(app: &App, args: &PurgeArgs) -> anyhow::Result<Exit> {
    if args.reason.trim().is_empty() {
        bail!("--reason says why they are purged before they are due");
    }
    let mut opened = app.open_store()?;
    let items = query::items(&opened.store, &args.ids, &QueryArgs::default())?;
    if let Some(held) = held(&opened, &items)? {
        return Err(StoreError::Refused(format!(
            "{held}: a hold is on it; holds are released by custody hold release"
        ))
        .into());
    }
    let who = opened.who();
    let about = about(opened.store.ids(), &args.reason);
    let (plan, request) = opened.store.request(who, RequestKind::Purge, about, &items)?;
    show_request(app, &opened.store, &request)?;
    let confirmed =
        confirm::confirmed(app.wanted()?.may_ask, args.yes.as_deref(), &plan, "purge these items");
    opened.store.checkpoint()?;
    if !confirmed? {
        app.terminal.say("nothing was purged");
        return Ok(Exit::Cancelled);
    }
    dispose(app, &mut opened, (&plan, &args.reason), args.roster.as_deref())
}

/// The first item that is held.
fn held(opened: &Opened, items: &[ItemRow]) -> anyhow::Result<Option<custody_retention::ItemId>> {
    for item in items {
        if opened.store.catalog().is_held(&item.id)? {
            return Ok(Some(item.id));
        }
    }
    Ok(None)
}

/// Purges what a request names.
pub(super) fn dispose(
    app: &App,
    opened: &mut Opened,
    (plan, reason): (&Subject, &str),
    roster: Option<&Path>,
) -> anyhow::Result<Exit> {
    let rules = After { remember: None, roster }.rules(app)?;
    let mut between = |_: &mut _, _: &SweepReport| Ok::<bool, StoreError>(!app.cancelled());
    let mut look = |store: &Store, place: &RecordPlace| seen::look(&rules, store, place);
    let mut sweeper = Sweeper {
        user: opened.user,
        clock_ms: &mut now_ms,
        policies: None,
        look: &mut look,
        between: &mut between,
    };
    let report = opened.store.dispose(plan, reason, &mut sweeper)?;
    finish(app, opened, &report, None)
}
