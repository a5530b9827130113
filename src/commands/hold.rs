//! `custody hold`: what is kept whatever policies and requests say, and how it is let go.

use super::App;
use crate::cli::HoldCommand;
use crate::exit::Exit;
use crate::store::query;
use crate::store::show::{count, rfc3339, short, time};
use crate::terminal::out;
use anyhow::bail;
use custody_retention::ItemId;
use custody_retention::catalog::ItemRow;
use custody_retention::store::matter_id;
use serde_json::json;

pub(super) fn run(app: &App, command: &HoldCommand) -> anyhow::Result<Exit> {
    match command {
        HoldCommand::Add { matter, ids, query } => {
            let mut opened = app.open_store()?;
            let items = query::items(&opened.store, ids, query)?;
            let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
            let who = opened.who();
            opened.store.hold(who, named(matter)?, &ids)?;
            opened.store.checkpoint()?;
            say(app, matter, &opened.store, &items, "held");
            Ok(Exit::Done)
        }
        HoldCommand::Release { matter, ids } => release(app, named(matter)?, ids),
        HoldCommand::Ls => list(app),
    }
}

fn named(matter: &str) -> anyhow::Result<&str> {
    let matter = matter.trim();
    if matter.is_empty() {
        bail!("--matter says why: a case, an audit");
    }
    Ok(matter)
}

fn say(app: &App, matter: &str, store: &custody_retention::store::Store, items: &[ItemRow], what: &str) {
    if app.global.json {
        let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
        let matter = ItemId(matter_id(store.ids(), matter));
        out(&json!({"schema": 1, "matter": matter, "items": ids, "state": what}).to_string());
    } else {
        app.terminal.say(&format!("{} {what}", count(items.len() as u64, "item", "items")));
    }
}

fn release(app: &App, matter: &str, ids: &[String]) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let store = &opened.store;
    let wanted: Vec<ItemRow> = if ids.is_empty() {
        let mut held = Vec::new();
        store.catalog().holds_of(&matter_id(store.ids(), matter), |hold| {
            held.push(hold.item);
            Ok::<(), custody_retention::store::StoreError>(())
        })?;
        held.iter().filter_map(|id| store.catalog().item(id).transpose()).collect::<Result<_, _>>()?
    } else {
        query::items(store, ids, &crate::cli::QueryArgs::default())?
    };
    if wanted.is_empty() {
        bail!("the matter holds nothing: it is named as it was when the hold was placed (custody hold ls)");
    }
    let who = opened.who();
    let (plan, released) = opened.store.release(who, matter, &wanted)?;
    opened.store.checkpoint()?;
    let digits = short(&ItemId(plan.id));
    if let Some(released) = released {
        app.terminal
            .say(&format!("{} released; periods begin anew", count(released as u64, "item", "items")));
        if app.global.json {
            out(&json!({"schema": 1, "plan": ItemId(plan.id), "released": released}).to_string());
        }
        return Ok(Exit::Done);
    }
    app.terminal.say(&format!(
        "{} stay held until a second person approves it: custody approve {digits} --as SECOND; then say the same again",
        count(wanted.len() as u64, "item", "items")
    ));
    if app.global.json {
        out(&json!({"schema": 1, "plan": ItemId(plan.id), "released": 0}).to_string());
    }
    Ok(Exit::Findings)
}

fn list(app: &App) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let store = &opened.store;
    let matters = store.catalog().matters()?;
    for matter in &matters {
        if app.global.json {
            let object = json!({
                "schema": 1, "matter": ItemId(matter.matter), "items": matter.items, "since": rfc3339(matter.first_ms),
            });
            out(&object.to_string());
            continue;
        }
        out(&format!(
            "matter {}  {}  since {}",
            short(&ItemId(matter.matter)),
            count(matter.items, "item", "items"),
            time(matter.first_ms)
        ));
        store.catalog().holds_of(&matter.matter, |hold| {
            out(&format!("  {}  since {} by {}", short(&hold.item), time(hold.placed_ms), hold.placed_by));
            Ok::<(), custody_retention::store::StoreError>(())
        })?;
    }
    if matters.is_empty() {
        app.terminal.say("nothing is held");
    }
    Ok(Exit::Done)
}
