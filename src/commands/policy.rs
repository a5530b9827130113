//! `custody policy`: whether policy files can be used, and what they keep.

use super::App;
use crate::cli::PolicyCommand;
use crate::exit::Exit;
use crate::store::policies;
use crate::store::show::{count, table};
use crate::terminal::out;
use anyhow::Context as _;
use custody_retention::policy::{From, Policy, PolicySet};
use custody_retention::store::StoreError;
use serde_json::json;
use std::path::Path;

pub(super) fn run(app: &App, command: &PolicyCommand) -> anyhow::Result<Exit> {
    match command {
        PolicyCommand::Check { folder } => check(app, folder.as_deref()),
        PolicyCommand::Ls => list(app),
    }
}

fn check(app: &App, folder: Option<&Path>) -> anyhow::Result<Exit> {
    let read = match folder {
        None => policies::load(&app.open_store()?.store),
        Some(folder) => {
            let files = files(folder)?;
            policies::parse(&files).map_err(|mistakes| StoreError::Refused(policies::listed(&mistakes)))
        }
    };
    let policies = match read {
        Ok(policies) => policies,
        Err(StoreError::Refused(mistakes)) => {
            mistakes.lines().for_each(|line| app.terminal.tagged("error", line));
            return Ok(Exit::Findings);
        }
        Err(error) => return Err(error.into()),
    };
    if app.global.json {
        out(&json!({"schema": 1, "policies": policies.policies().len(), "caps": policies.caps()}).to_string());
    }
    app.terminal.say(&format!(
        "{} without mistakes; a sweep takes at most {} items or {} % of all, and {} in any case",
        count(policies.policies().len() as u64, "policy", "policies"),
        policies.caps().max_items,
        policies.caps().max_percent,
        policies.caps().floor_items
    ));
    Ok(Exit::Done)
}

fn files(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let shown = || folder.display().to_string();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(shown)? {
        let path = entry.with_context(shown)?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).with_context(|| path.display().to_string())?));
        }
    }
    files.sort();
    Ok(files)
}

fn list(app: &App) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let policies: PolicySet = policies::load(&opened.store)?;
    if app.global.json {
        for policy in policies.policies() {
            let text = String::from_utf8(policy.canonical_bytes()).unwrap_or_default();
            let mut object: serde_json::Value = serde_json::from_str(&text)?;
            object["schema"] = json!(1);
            out(&object.to_string());
        }
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = policies.policies().iter().map(row).collect();
    let headings = ["POLICY", "KEEPS", "AT MOST", "GRACE", "UNATTENDED", "APPROVALS", "WHAT"];
    table(&headings, &rows, &[]).iter().for_each(|line| out(line));
    app.terminal
        .say(&format!("the ledger is kept {} days; nothing deletes its entries", policies.ledger().days));
    Ok(Exit::Done)
}

fn row(policy: &Policy) -> Vec<String> {
    let keep = policy.keep();
    let from = match keep.from {
        From::Event(event) => format!("{} d after {event}", keep.days),
        other => format!("{} d after {}", keep.days, other.name()),
    };
    let days = |days: Option<u32>| days.map_or_else(|| "-".to_owned(), |days| format!("{days} d"));
    let grace = if policy.grace_days() == 0 { "-".to_owned() } else { format!("{} d", policy.grace_days()) };
    vec![
        policy.id().to_owned(),
        from,
        days(keep.at_most_days),
        grace,
        if policy.unattended() { "yes" } else { "no" }.to_owned(),
        policy.approvals().to_string(),
        policy.describe().to_owned(),
    ]
}
