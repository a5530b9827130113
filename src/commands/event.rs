//! `custody event`: what happened to items outside of the store, as far as their periods depend on it.

use super::App;
use crate::cli::{EventCommand, QueryArgs};
use crate::exit::Exit;
use crate::store::query;
use crate::store::show::count;
use custody_retention::ItemId;

pub(super) fn run(app: &App, command: &EventCommand) -> anyhow::Result<Exit> {
    let EventCommand::Add { event, ids } = command;
    let mut opened = app.open_store()?;
    let items = query::items(&opened.store, ids, &QueryArgs::default())?;
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    let who = opened.who();
    opened.store.event(who, event, &ids)?;
    opened.store.checkpoint()?;
    app.terminal.say(&format!("{event}: {}", count(ids.len() as u64, "item", "items")));
    Ok(Exit::Done)
}
