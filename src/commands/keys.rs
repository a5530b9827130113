//! `custody keys`: a new store key for all that is still here.

use super::App;
use crate::cli::KeysCommand;
use crate::exit::Exit;
use crate::store::holder;
use crate::store::show::count;
use crate::terminal::out;
use serde_json::json;

pub(super) fn run(app: &App, command: &KeysCommand) -> anyhow::Result<Exit> {
    let KeysCommand::Rotate = command;
    let mut opened = app.open_store()?;
    let holder = holder(opened.store.config(), app.wanted()?.may_ask)?;
    let who = opened.who();
    let rotated = opened.store.rotate(who, &*holder)?;
    opened.store.checkpoint()?;
    if app.global.json {
        let object = json!({
            "schema": 1, "epoch": rotated.epoch, "rewrapped": rotated.rewrapped, "freed": rotated.freed,
            "old_wiped": rotated.old_wiped,
        });
        out(&object.to_string());
    }
    app.terminal.say(&format!(
        "a new store key is in force: {} wrapped anew; what was purged before is crypto-erased, unless somebody has both an old \
         copy of the key file and the old store key",
        count(rotated.rewrapped, "key", "keys")
    ));
    Ok(Exit::Done)
}
