//! `custody erase`: all that holds one person's data, found by the roster's rules in what every item says; purged once a
//! second person has approved it.

mod redacted;

use super::App;
use super::approve::show_request;
use super::purge::dispose;
use crate::cli::{DetectArgs, EraseArgs, MediaArgs};
use crate::exit::Exit;
use crate::pipeline::Run;
use crate::store::search::Search;
use crate::store::show::{count, short};
use crate::store::{Opened, confirm, now_ms};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_retention::catalog::{Filter, ItemRow, Life};
use custody_retention::ledger::{IdKey, Subject};
use custody_retention::request::RequestKind;
use custody_retention::store::{PlanFile, SharedStore, StoreError, about};
use custody_retention::{ItemId, ItemKind};
use serde_json::json;
use std::path::Path;

/// The reason that certificates of erasures give. Who it was about stands nowhere.
const REASON: &str = "a person's request for erasure";

pub(super) fn run(app: &App, args: &EraseArgs) -> anyhow::Result<Exit> {
    match (&args.subject, &args.apply) {
        (Some(subject), None) => find(app, subject),
        (None, Some(plan)) => apply(app, plan, args),
        (Some(_), Some(plan)) if args.redact => apply(app, plan, args),
        _ => bail!("--subject FILE finds, --apply PLAN carries out; both go together with --redact"),
    }
}

fn find(app: &App, subject: &Path) -> anyhow::Result<Exit> {
    let detect = DetectArgs { roster: Some(subject.to_owned()), ..DetectArgs::plain() };
    let run: Run = app.run(&detect, &MediaArgs { no_sandbox: false })?;
    let people = run.detection.roster_people.unwrap_or(0);
    if people != 1 {
        bail!(
            "{}: a request for erasure is about one person, this is a table of {people}",
            subject.display()
        );
    }
    let Opened { store, user, lock } = app.open_store()?;
    let mut items: Vec<ItemRow> = Vec::new();
    let filter = Filter { life: Some(Life::Present), ..Filter::default() };
    store.catalog().list(&filter, |item| {
        if matches!(item.kind, ItemKind::Artifact | ItemKind::Workbook | ItemKind::Extract) {
            items.push(item);
        }
        Ok::<(), StoreError>(())
    })?;
    let shared = SharedStore::new(store);
    let search = Search::new(&run, shared.clone())?;
    let (mut hits, mut unread) = (Vec::new(), 0_u64);
    for item in items {
        if app.cancelled() {
            return Ok(Exit::Cancelled);
        }
        match search.holds(&item) {
            Ok(0) => {}
            Ok(places) => hits.push((item, places)),
            Err(error) => {
                unread += 1;
                app.terminal
                    .tagged("warning", &format!("{}: could not be searched: {error:#}", short(&item.id)));
            }
        }
    }
    drop(search);
    let store = shared.into_inner().context("the store is still in use")?;
    let mut opened = Opened { store, user, lock };
    if hits.is_empty() {
        app.terminal.say("no item holds this person's data");
        return Ok(if unread > 0 { Exit::Partly } else { Exit::Done });
    }
    let who = opened.who();
    let rows: Vec<ItemRow> = hits.iter().map(|(item, _)| item.clone()).collect();
    let about = about_subject(opened.store.ids(), subject)?;
    let (plan, request) = opened.store.request(who, RequestKind::Erase, about, &rows)?;
    opened.store.checkpoint()?;
    if app.global.json {
        let found: Vec<_> =
            hits.iter().map(|(item, places)| json!({"id": item.id, "places": places})).collect();
        out(&json!({"schema": 1, "plan": ItemId(plan.id), "items": found, "unread": unread}).to_string());
    } else {
        show_request(app, &opened.store, &request)?;
        for (item, places) in &hits {
            out(&format!("{}  {}", short(&item.id), count(*places, "place", "places")));
        }
    }
    app.terminal.say(&format!(
        "nothing was changed: a second person approves it (custody approve {0} --as SECOND), then custody erase --apply {0}",
        short(&ItemId(plan.id))
    ));
    Ok(if unread > 0 { Exit::Partly } else { Exit::Findings })
}

fn apply(app: &App, digits: &str, args: &EraseArgs) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let (plan, kind) = opened.store.find_plan(digits)?;
    match kind {
        PlanFile::Request => {}
        PlanFile::Retention => {
            bail!("that is a retention plan: custody retention sweep --apply carries it out")
        }
        PlanFile::Export => bail!("that is the plan of a workbook or an extract: custody eib build"),
    }
    let request = opened.store.read_request(&plan)?;
    if request.kind != RequestKind::Erase {
        bail!("that is a request of another kind: {}", request.kind.name());
    }
    show_request(app, &opened.store, &request)?;
    if !confirm::confirmed(app.wanted()?.may_ask, args.yes.as_deref(), &plan, "purge these items")? {
        app.terminal.say("nothing was purged");
        return Ok(Exit::Cancelled);
    }
    if let (true, Some(subject)) = (args.redact, &args.subject) {
        if ItemId(about_subject(opened.store.ids(), subject)?.id).to_string() != request.about {
            bail!("{}: the request was made with another file", subject.display());
        }
        opened.store.allowed_erasure(&plan, now_ms())?;
        redacted::keep(app, &mut opened, subject, &request)?;
    }
    dispose(app, &mut opened, (&plan, REASON), args.roster.as_deref())
}

/// What a request is about: the file that says who, by its hash.
fn about_subject(ids: &IdKey, subject: &Path) -> anyhow::Result<Subject> {
    let bytes = std::fs::read(subject).with_context(|| subject.display().to_string())?;
    Ok(about(ids, &blake3::hash(&bytes).to_hex()))
}
