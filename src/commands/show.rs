//! `custody show`: one item, what it came from, what was made of it, and what keeps it until when.

use super::App;
use super::ls::said;
use crate::cli::ShowArgs;
use crate::exit::Exit;
use crate::store::show::{due_ms, item_json, rfc3339, short, size, time, verdict};
use crate::store::{Opened, now_ms, policies};
use crate::terminal::{out, printable};
use custody_retention::ItemKind;
use custody_retention::PolicySet;
use custody_retention::catalog::ItemRow;
use custody_retention::store::Store;
use serde_json::json;

pub(super) fn run(app: &App, args: &ShowArgs) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let item = opened.store.find(&args.id)?;
    let policies = policies::load_or_say(&opened.store, app.terminal);
    if app.global.json {
        json_object(&opened, &item, policies.as_ref())?;
    } else {
        text(&opened, &item, policies.as_ref())?;
    }
    Ok(Exit::Done)
}

fn text(opened: &Opened, item: &ItemRow, policies: Option<&PolicySet>) -> anyhow::Result<()> {
    let store = &opened.store;
    let line = |label: &str, value: &str| out(&format!("{label:<12} {value}"));
    line("id", &item.id.to_string());
    line("content", &item.content.to_string());
    if !item.is_purged() {
        let (name, origin) = store.name_of(item)?;
        line("name", &printable(&name));
        if let Some(origin) = origin {
            line("origin", &printable(&origin));
        }
    }
    line("kind", &format!("{} ({}), {}", item.kind.name(), item.format, item.exposure.name()));
    line("class", &item.class);
    line("environment", &item.environment);
    line("owner", &item.owner);
    line("source", &item.source);
    line("state", &item.state);
    line("size", &format!("{}, {} encrypted", size(item.size_bytes), size(item.stored_bytes)));
    line("ingested", &time(item.ingested_ms));
    line("last used", &time(item.last_used_ms));
    for (event, ms) in store.catalog().events(&item.root)? {
        line("event", &format!("{event} {}", time(ms)));
    }
    if let Some(ms) = item.purged_ms {
        line("purged", &time(ms));
        return Ok(());
    }
    if let Some(policies) = policies
        && let Some(judged) = custody_retention::plan::verdict(store.catalog(), policies, &item.id, now_ms())?
    {
        line("policy", judged.policy.map_or("none governs it", custody_retention::Policy::id));
        line("retention", &verdict(&judged.verdict, now_ms()));
    }
    for hold in store.catalog().unit_holds(&item.id)? {
        line("hold", &format!("matter {} since {}", digits(&hold.matter), time(hold.placed_ms)));
    }
    for pin in store.catalog().pins(&item.id)? {
        line("pinned by", &format!("{} since {}", digits(&pin.by), time(pin.pinned_ms)));
    }
    relatives(store, item, &line)
}

/// Parents, copies and what else was derived.
fn relatives(store: &Store, item: &ItemRow, line: &dyn Fn(&str, &str)) -> anyhow::Result<()> {
    let described = |id| -> anyhow::Result<String> {
        let row = store.catalog().item(&id)?;
        Ok(row.map_or_else(String::new, |row| {
            let gone = if row.is_purged() { ", purged" } else { "" };
            format!("{} {} ({}), {}{gone}", short(&row.id), row.kind.name(), row.format, row.exposure.name())
        }))
    };
    for parent in store.catalog().parents(&item.id)? {
        line("from", &described(parent)?);
    }
    for child in store.catalog().children(&item.id)? {
        line("made of it", &described(child)?);
    }
    for copy in store.catalog().unit(&item.id)?.iter().filter(|copy| copy.kind == ItemKind::Location) {
        if !copy.is_purged()
            && let (what, Some(path)) = store.name_of(copy)?
        {
            line("outside", &format!("{what}: {}", printable(&path)));
        }
    }
    let same = store.catalog().duplicates(&item.content)?;
    for other in same.iter().filter(|other| other.id != item.id && other.kind == item.kind) {
        line("same content", &short(&other.id));
    }
    Ok(())
}

fn digits(id: &[u8; 32]) -> String {
    short(&custody_retention::ItemId(*id))
}

fn json_object(opened: &Opened, item: &ItemRow, policies: Option<&PolicySet>) -> anyhow::Result<()> {
    let store = &opened.store;
    let mut object = item_json(item);
    if !item.is_purged() {
        let (name, origin) = store.name_of(item)?;
        object["name"] = json!(name);
        object["origin"] = json!(origin);
    }
    if let Some(said) = said(opened, policies, item)? {
        object["due"] = json!(due_ms(&said).and_then(rfc3339));
        object["retention"] = json!(verdict(&said, now_ms()));
    }
    let holds = store.catalog().unit_holds(&item.id)?;
    object["holds"] = holds.iter().map(|hold| json!(custody_retention::ItemId(hold.matter))).collect();
    object["parents"] = json!(store.catalog().parents(&item.id)?);
    object["children"] = json!(store.catalog().children(&item.id)?);
    out(&object.to_string());
    Ok(())
}
