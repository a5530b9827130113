//! `custody eib build`: writes the workbook of an approved plan. What leaves the store is an item in it, with the place of
//! its copy outside, and the ledger names plan and approvals.

use super::{App, FoundPlan, find_plan, governed, key};
use crate::exit::Exit;
use crate::exports::build::{Made, check_free, folder_of, make};
use crate::exports::load::{Load, check_fresh, check_same};
use crate::exports::staged::{Placed, Staged, sync_folder_of};
use crate::store::show::{count, short, size};
use crate::store::tables::StoreTables;
use crate::store::{Opened, now_ms};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_retention::store::{ItemSpec, StoreError};
use custody_retention::sweep::RecordPlace;
use custody_retention::{Exposure, ItemId, ItemKind};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

pub(super) fn run(app: &App, asked: &str, (output, confirm): (&Path, Option<&str>)) -> anyhow::Result<Exit> {
    let (open, environment) = app.open_tables()?;
    let plan = find_plan(&open.store(), asked)?;
    plan.check_environment(&environment)?;
    let spec = plan.eib()?.clone();
    let key = key(&open.store());
    check_fresh(&open, spec.tables.as_slice())?;
    let fingerprint = plan.text.template.clone().context("a plan without a template")?;
    check_same(&open.store(), &spec, &environment, &fingerprint)?;
    let load = Load::new(&open.store(), &spec, key)?;
    if load.loaded.fingerprint != fingerprint {
        bail!(StoreError::Contradiction("a plan's template is another one"));
    }
    let written = carry_out(
        app,
        open,
        &plan,
        &Target { output, confirm, class: "workbook", format: "xlsx" },
        |open| {
            let (made, written) = make(&load, &open.tables, &plan.text, (&key, output))?;
            let files = written.files.iter().map(|file| json!(file)).collect();
            Ok((made, files))
        },
    )?;
    say(app, &plan, &written);
    Ok(Exit::Done)
}

/// Where an export goes, and what it is.
pub(in crate::commands) struct Target<'a> {
    pub(in crate::commands) output: &'a Path,
    /// The environment's name, as it was typed.
    pub(in crate::commands) confirm: Option<&'a str>,
    pub(in crate::commands) class: &'a str,
    pub(in crate::commands) format: &'a str,
}

/// An export that is in place.
pub(in crate::commands) struct Written {
    pub(in crate::commands) receipt: Value,
    pub(in crate::commands) paths: Vec<PathBuf>,
    pub(in crate::commands) bytes: u64,
}

/// Carries a plan out: with the approvals that it needs, between an intent and an outcome in the ledger.
pub(in crate::commands) fn carry_out(
    app: &App,
    open: StoreTables,
    plan: &FoundPlan,
    target: &Target<'_>,
    make: impl FnOnce(&StoreTables) -> anyhow::Result<(Made, Vec<Value>)>,
) -> anyhow::Result<Written> {
    check_output(app, target.output)?;
    let who = crate::store::Who { user: open.user(), time_ms: now_ms() };
    let environment = governed::checked(&open, plan, who)?;
    let begun = {
        let mut store = open.store();
        let owners = governed::owners(&store, plan)?;
        let approvals =
            store.allowed_export_of(who, &plan.subject, (environment.approvals_needed(), &owners))?;
        governed::named(app, &environment, target.confirm)?;
        // Somebody may have let the question stand.
        environment.check_hours(now_ms())?;
        store.begin_export(who, plan.subject, &approvals)?
    };
    let made = make(&open);
    let mut opened = open.close()?;
    let placed = made.and_then(|(made, files)| place(&mut opened, plan, target, (made, files)));
    match placed {
        Ok((written, placed)) => {
            let who = opened.who();
            // What the ledger does not say was handed out, is taken back.
            opened.store.exported(begun, who)?;
            placed.into_iter().try_for_each(|file| file.keep().map(drop))?;
            opened.store.checkpoint()?;
            if app.global.json {
                out(&written.receipt.to_string());
            }
            Ok(written)
        }
        Err(error) => {
            opened.store.not_exported(begun, now_ms())?;
            opened.store.checkpoint()?;
            Err(error)
        }
    }
}

/// Refuses an output that cannot be put in place later, before anything is done for it.
fn check_output(app: &App, output: &Path) -> anyhow::Result<()> {
    let folder = folder_of(output);
    if !folder.is_dir() {
        bail!("{}: there is no such folder", folder.display());
    }
    let store = app.wanted()?.folder.canonicalize()?;
    if folder.canonicalize()?.starts_with(store) {
        bail!("{}: lies in the store, where nothing is put but by custody itself", folder.display());
    }
    check_free(output)?;
    check_free(&receipt_path(output))
}

/// The receipt's place: beside the first file.
fn receipt_path(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_os_string();
    name.push(".receipt.json");
    output.with_file_name(name)
}

/// Takes the files in, remembers where they are going to be, and puts them there; the receipt comes last.
fn place(
    opened: &mut Opened,
    plan: &FoundPlan,
    target: &Target<'_>,
    (made, files): (Made, Vec<Value>),
) -> anyhow::Result<(Written, Vec<Placed>)> {
    let paths = made.paths(target.output)?;
    let who = opened.who();
    let mut batch = opened.store.begin_ingest(who)?;
    for (index, path) in paths.iter().enumerate() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut parents = vec![plan.text.spec];
        parents.extend(plan.spec.tables().iter().map(|table| table.artifact));
        let spec = ItemSpec {
            kind: if target.class == "workbook" { ItemKind::Workbook } else { ItemKind::Extract },
            format: target.format.to_owned(),
            class: target.class.to_owned(),
            environment: plan.text.environment.clone(),
            source: "derived".to_owned(),
            exposure: Exposure::Raw,
            owner: None,
            parents,
            name,
            origin: None,
        };
        batch.stage(spec, &mut made.open(index)?)?;
    }
    let taken = batch.commit()?;
    let bytes = taken.iter().map(|item| item.size_bytes).sum();
    let mut places = Vec::new();
    for (item, path) in taken.iter().zip(&paths) {
        let path = std::path::absolute(path)?.to_string_lossy().into_owned();
        places.push((item.id, RecordPlace { path, what: target.class.to_owned(), content: item.content }));
    }
    // Known before it is there: a crash leaves no copy outside that nobody knows of.
    opened.store.locate(who, &places)?;
    let mut placed = made.place(&paths)?;
    let named: Vec<Value> = files
        .into_iter()
        .zip(paths.iter().zip(&taken))
        .map(|(mut file, (path, item))| {
            file["name"] = json!(path.file_name().unwrap_or_default().to_string_lossy());
            file["item"] = json!(item.id);
            file
        })
        .collect();
    let receipt = json!({
        "schema": 1, "kind": plan.text.kind, "plan": ItemId(plan.subject.id), "environment": plan.text.environment,
        "target": plan.text.target, "template": plan.text.template, "cells_hash": plan.text.cells_hash,
        "rows_in": plan.text.rows_in, "transactions": plan.text.transactions, "people": plan.text.people,
        "columns": plan.text.columns, "read_back": plan.text.kind == "eib", "files": named,
    });
    placed.push(place_receipt(&receipt, target.output)?);
    Ok((Written { receipt, paths, bytes }, placed))
}

fn place_receipt(receipt: &Value, output: &Path) -> anyhow::Result<Placed> {
    let path = receipt_path(output);
    let staged = Staged::beside(&path)?;
    staged.writer()?.write_all((serde_json::to_string_pretty(receipt)? + "\n").as_bytes())?;
    let placed = staged.place(&path).with_context(|| path.display().to_string())?;
    sync_folder_of(&path)?;
    Ok(placed)
}

fn say(app: &App, plan: &FoundPlan, written: &Written) {
    for path in &written.paths {
        app.terminal.say(&format!("{}: written, read back and as planned", path.display()));
    }
    app.terminal.say(&format!(
        "{}, {} of {}, plan {}; after the load: custody event add load-confirmed --ids {}",
        count(written.paths.len() as u64, "file", "files"),
        size(written.bytes),
        count(plan.text.transactions, "transaction", "transactions"),
        short(&ItemId(plan.subject.id)),
        items_of(&written.receipt).join(" "),
    ));
}

/// The first digits of the items that a receipt names.
fn items_of(receipt: &Value) -> Vec<String> {
    let files = receipt["files"].as_array().into_iter().flatten();
    files.filter_map(|file| Some(file["item"].as_str()?.get(..12)?.to_owned())).collect()
}
