//! What `custody doctor` says of the store, and the making anew of its catalog.

use super::super::App;
use crate::exit::Exit;
use crate::store::show::count;
use crate::store::{holder, now_ms, say_report};
use crate::terminal::out;
use anyhow::Context as _;
use custody_retention::disk::{RealDisk, StoreLock};
use custody_retention::store::{Store, StoreError, StorePlace};
use serde_json::json;
use std::time::Duration;

/// How long another process may take before nothing is rebuilt.
const WAIT: Duration = Duration::from_secs(10);

/// Looks at the store, where there is one: its files, its keys, its items.
pub(super) fn check(app: &App, contents: bool, otherwise: Exit) -> anyhow::Result<Exit> {
    let Some(opened) = app.store_if_there()? else { return Ok(otherwise) };
    let store = &opened.store;
    let mut oddities = Vec::new();
    store.check(contents, &mut |oddity| oddities.push(oddity))?;
    let counts = store.catalog().counts()?;
    if app.global.json {
        let shown: Vec<String> = oddities.iter().map(ToString::to_string).collect();
        let object = json!({
            "schema": 1, "present": counts.present, "purged": counts.purged, "missing": counts.missing,
            "held": counts.held, "entries": store.entries(), "oddities": shown,
        });
        out(&object.to_string());
    } else {
        out(&format!(
            "store      {} in custody, {} purged, {} held, {} in the ledger",
            count(counts.present, "item", "items"),
            counts.purged,
            counts.held,
            count(store.entries(), "entry", "entries")
        ));
        oddities.iter().for_each(|oddity| app.terminal.tagged("warning", &oddity.to_string()));
    }
    Ok(if oddities.is_empty() { otherwise } else { Exit::Internal })
}

/// Makes the catalog anew; the old one is set aside in the store's folder.
pub(super) fn rebuild(app: &App) -> anyhow::Result<Exit> {
    let wanted = app.wanted()?;
    let shown = || wanted.folder.display().to_string();
    let place = StorePlace::real(&wanted.folder).with_context(shown)?;
    let disk = RealDisk::open(&wanted.folder).map_err(StoreError::from)?;
    let _lock = StoreLock::exclusive(&disk, WAIT).map_err(StoreError::from)?;
    let holder = holder(&place.config()?, wanted.may_ask)?;
    let (mut store, report) = Store::rebuild(&place, &*holder, now_ms()).with_context(shown)?;
    say_report(&report, app.terminal);
    store.checkpoint()?;
    let counts = store.catalog().counts()?;
    app.terminal.say(&format!(
        "the catalog was made anew: {} in custody, {} purged, {} missing; the old one is set aside as catalog.sqlite.*.old: look at \
         it, then remove it yourself",
        count(counts.present, "item", "items"),
        counts.purged,
        counts.missing
    ));
    Ok(if counts.missing == 0 { Exit::Done } else { Exit::Internal })
}
