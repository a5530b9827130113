//! `custody ls`: what the store holds. Names are shown only when they are asked for.

use super::App;
use crate::cli::LsArgs;
use crate::exit::Exit;
use crate::store::show::{count, item_json, rfc3339, short, size, table, time, verdict};
use crate::store::{Opened, now_ms, policies, query::Query, show};
use crate::terminal::{out, printable};
use custody_retention::catalog::ItemRow;
use custody_retention::plan::verdict as verdict_of;
use custody_retention::{PolicySet, Verdict};
use serde_json::json;

pub(super) fn run(app: &App, args: &LsArgs) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let store = &opened.store;
    let query = Query::parse(&args.query, store)?;
    // A store whose policies have mistakes can be looked at all the same.
    let policies = policies::load_or_say(store, app.terminal);
    let (mut rows, mut bytes, mut items) = (Vec::new(), 0, 0_u64);
    query.each(store, args.purged, |item| {
        if item.kind.is_copy() && !args.copies {
            return Ok(());
        }
        items += 1;
        bytes += item.size_bytes;
        let said = said(&opened, policies.as_ref(), &item)?;
        let name = if args.names && !item.is_purged() { Some(store.name_of(&item)?.0) } else { None };
        if app.global.json {
            let mut object = item_json(&item);
            object["due"] = json!(said.as_ref().and_then(show::due_ms).and_then(rfc3339));
            if let Some(name) = name {
                object["name"] = json!(name);
            }
            out(&object.to_string());
        } else {
            rows.push(row(&item, said.as_ref(), name.as_deref()));
        }
        Ok(())
    })?;
    if app.global.json {
        return Ok(Exit::Done);
    }
    let mut headings = vec![
        "ID",
        "KIND",
        "FORMAT",
        "CLASS",
        "ENVIRONMENT",
        "SHOWS",
        "SIZE",
        "INGESTED",
        "STATE",
        "RETENTION",
    ];
    if args.names {
        headings.push("NAME");
    }
    if rows.is_empty() {
        app.terminal.say("nothing is here that was asked for");
        return Ok(Exit::Done);
    }
    table(&headings, &rows, &[6]).iter().for_each(|line| out(line));
    app.terminal.say(&format!("{}, {}", count(items, "item", "items"), size(bytes)));
    Ok(Exit::Done)
}

/// What is to become of an item; `None` where nobody can say.
pub(super) fn said(
    opened: &Opened,
    policies: Option<&PolicySet>,
    item: &ItemRow,
) -> Result<Option<Verdict>, custody_retention::store::StoreError> {
    let Some(policies) = policies else { return Ok(None) };
    if item.is_purged() {
        return Ok(None);
    }
    let judged = verdict_of(opened.store.catalog(), policies, &item.id, now_ms())?;
    Ok(judged.map(|judged| judged.verdict))
}

fn row(item: &ItemRow, said: Option<&Verdict>, name: Option<&str>) -> Vec<String> {
    let fate = match (item.purged_ms, said) {
        (Some(ms), _) => format!("purged {}", time(ms)),
        (None, Some(said)) => verdict(said, now_ms()),
        (None, None) => "policies have mistakes".to_owned(),
    };
    let mut row = vec![
        short(&item.id),
        item.kind.name().to_owned(),
        item.format.clone(),
        item.class.clone(),
        item.environment.clone(),
        item.exposure.name().to_owned(),
        size(item.size_bytes),
        time(item.ingested_ms),
        item.state.clone(),
        fate,
    ];
    if let Some(name) = name {
        row.push(printable(name));
    }
    row
}
