//! `custody ledger`: the audit trail, shown, verified, proved, remembered and certified.

mod certificate;
mod log;
mod ocsf;

use super::App;
use crate::cli::LedgerCommand;
use crate::exit::Exit;
use crate::store::remember;
use crate::store::show::count;
use crate::terminal::out;
use anyhow::Context as _;
use custody_retention::ledger::{
    Checkpoint, LedgerFolder, Prover, Remembered, VerifierKey, read_memory, verify,
};
use custody_retention::store::{StoreError, StorePlace};
use serde_json::json;
use std::path::Path;

pub(super) fn run(app: &App, command: &LedgerCommand) -> anyhow::Result<Exit> {
    match command {
        LedgerCommand::Log { kind, item, last, format } => {
            let wanted = log::Wanted { kind: kind.as_deref(), item: item.as_deref(), last: *last };
            log::run(app, &wanted, *format)
        }
        LedgerCommand::Verify { since } => check(app, since.as_deref()),
        LedgerCommand::Prove { entry, out } => prove(app, *entry, out.as_deref()),
        LedgerCommand::Checkpoint { to, command } => checkpoint(app, to.as_deref(), command),
        LedgerCommand::Certificate { sweep, out } => certificate::run(app, sweep, out),
    }
}

/// The ledger's folder and key: no secret is needed to read it.
pub(super) fn place(app: &App) -> anyhow::Result<(LedgerFolder, VerifierKey)> {
    let folder = app.wanted()?.folder;
    let place = StorePlace::real(&folder).with_context(|| folder.display().to_string())?;
    let key = place.config()?.verifier;
    Ok((LedgerFolder::on(place.disk, "ledger"), key))
}

fn check(app: &App, since: Option<&Path>) -> anyhow::Result<Exit> {
    let (folder, key) = place(app)?;
    let remembered: Vec<Checkpoint> = match since {
        Some(path) => read_memory(path, &key).with_context(|| path.display().to_string())?,
        None => Vec::new(),
    };
    let report = verify(folder, &key, &remembered).map_err(StoreError::from)?;
    if app.global.json {
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        let object = json!({
            "schema": 1, "entries": report.size, "covered": report.covered, "checkpoints": report.kept_checkpoints,
            "remembered": remembered.len(), "quarantined": report.quarantined,
            "open_intents": report.open_intents.len(), "findings": findings, "verifier": key.to_string(),
        });
        out(&object.to_string());
    } else {
        out(&format!("entries      {}, {} under a checkpoint", report.size, report.covered));
        out(&format!(
            "checkpoints  {} kept, {} remembered elsewhere",
            report.kept_checkpoints,
            remembered.len()
        ));
        out(&format!("open         {}", count(report.open_intents.len() as u64, "act", "acts")));
        if report.quarantined > 0 {
            out(&format!("set aside    {}", count(report.quarantined as u64, "torn tail", "torn tails")));
        }
        out(&format!("verifier     {key}"));
        report.findings.iter().for_each(|finding| app.terminal.tagged("error", &finding.to_string()));
    }
    if !report.is_clean() {
        app.terminal.tagged(
            "error",
            "the ledger does not verify: it was damaged, cut or rewritten; keep a copy of it as it is",
        );
        return Ok(Exit::Internal);
    }
    if since.is_none() {
        app.terminal.say(
            "it agrees with itself; whether its end was cut off, or all of it replaced by an older copy, only a checkpoint tells \
             that is remembered elsewhere (--since)",
        );
    }
    Ok(Exit::Done)
}

fn prove(app: &App, entry: u64, to: Option<&Path>) -> anyhow::Result<Exit> {
    let (folder, key) = place(app)?;
    let proof =
        Prover::open(folder, &key).and_then(|mut prover| prover.prove(entry)).map_err(StoreError::from)?;
    let text = proof.to_string();
    match to {
        Some(path) => std::fs::write(path, &text).with_context(|| path.display().to_string())?,
        None => out(text.trim_end()),
    }
    Ok(Exit::Done)
}

fn checkpoint(app: &App, to: Option<&str>, command: &[String]) -> anyhow::Result<Exit> {
    // What is wrong with the place is said before anything is signed.
    let memory = remember::memory(to, command)?;
    let mut opened = app.open_store()?;
    let who = opened.who();
    let checkpoint = opened.store.heartbeat(who)?;
    let Some(_) = memory else {
        out(checkpoint.note().trim_end());
        app.terminal.say("signed and kept in the store only: --to FILE or git:DIR remembers it elsewhere");
        return Ok(Exit::Done);
    };
    let done = remember::remember(&opened.store, &checkpoint, to.unwrap_or_default(), command)?;
    if app.global.json {
        out(&json!({"schema": 1, "entries": checkpoint.size(), "note": checkpoint.note()}).to_string());
    }
    let entries = count(checkpoint.size(), "entry", "entries");
    app.terminal.say(&match done {
        Remembered::Written => format!("a checkpoint of {entries} is remembered"),
        Remembered::AlreadyThere => format!("the checkpoint of {entries} was remembered already"),
    });
    Ok(Exit::Done)
}
