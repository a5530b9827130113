//! `custody guard install` and `uninstall`: words around the hooks.

use super::App;
use crate::exit::Exit;
use crate::guard::git::Git;
use crate::guard::hook::{self, Done};
use crate::terminal::out;
use anyhow::Context as _;
use serde_json::json;
use std::path::Path;

pub(super) fn install(app: &App, chain: bool) -> anyhow::Result<Exit> {
    let program = std::env::current_exe().context("where custody lies is not known")?;
    let done = hook::install(&Git::find(Path::new("."))?, &program, chain)?;
    said(app, &done, ("installed", "kept, and run first"));
    Ok(Exit::Done)
}

pub(super) fn uninstall(app: &App) -> anyhow::Result<Exit> {
    let done = hook::uninstall(&Git::find(Path::new("."))?)?;
    said(app, &done, ("taken away", "back in its place"));
    Ok(Exit::Done)
}

fn said(app: &App, done: &Done, (hooks, kept): (&str, &str)) {
    let folder = done.folder.to_string_lossy();
    if app.global.json {
        let row =
            json!({"schema": 1, "folder": folder, "hooks": done.hooks, "kept": done.kept, "what": hooks});
        return out(&row.to_string());
    }
    done.hooks.iter().for_each(|name| out(&format!("{name}: {hooks} in {folder}")));
    done.kept.iter().for_each(|name| out(&format!("{name}: the hook that was there is {kept}")));
}
