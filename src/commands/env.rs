//! `custody env`: named environments and what may be done in them. Every change is in the ledger, and a record that was
//! changed outside of the program is refused.

use super::App;
use crate::cli::{EnvBounds, EnvCommand, HoursChoice};
use crate::environment::{ANY, Environment, Kind, all, find, in_force, put, remove, set_own, stored_own};
use crate::exit::Exit;
use crate::store::show::{table, time};
use crate::terminal::{out, printable};
use anyhow::{Context as _, bail};
use custody_retention::store::{RecordKind, Store};
use serde_json::{Value, json};

pub(super) fn run(app: &App, command: &EnvCommand) -> anyhow::Result<Exit> {
    match command {
        EnvCommand::Add { name, kind, bounds } => add(app, (name, *kind), bounds),
        EnvCommand::Set { name, bounds } => set(app, name, bounds),
        EnvCommand::Ls => ls(app),
        EnvCommand::Show { name } => show(app, name),
        EnvCommand::Use { name } => {
            let mut opened = app.open_store()?;
            set_own(&mut opened, name)?;
            app.terminal.say(&format!("where no environment is named, {name} is meant"));
            Ok(Exit::Done)
        }
        EnvCommand::Rm { name } => rm(app, name),
    }
}

fn add(app: &App, (name, kind): (&str, Kind), bounds: &EnvBounds) -> anyhow::Result<Exit> {
    let mut made = Environment::new(name, kind)?;
    apply(&mut made, bounds)?;
    made.check()?;
    let mut opened = app.open_store()?;
    // Whatever the record says that is there: it is not replaced unseen.
    let subject = opened.store.record_subject(RecordKind::Environment, name);
    if opened.store.catalog().governed(&subject)?.is_some() {
        bail!(
            "there is an environment {name}: custody env set changes it; where its record cannot be believed, custody env rm {name} \
             comes first"
        );
    }
    put(&mut opened, &made)?;
    said(app, &made, "added");
    Ok(Exit::Done)
}

fn set(app: &App, name: &str, bounds: &EnvBounds) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    let Some(mut found) = find(&opened.store, name)? else {
        bail!("there is no record of {name}: custody env add {name} --kind KIND makes one");
    };
    apply(&mut found, bounds)?;
    put(&mut opened, &found)?;
    said(app, &found, "set");
    Ok(Exit::Done)
}

fn said(app: &App, environment: &Environment, done: &str) {
    if app.global.json {
        out(&object(environment).to_string());
    }
    app.terminal.say(&format!("{done}: {} ({})", environment.name, environment.kind.name()));
    if environment.kind == Kind::Production && environment.approvals == 0 {
        app.terminal.tagged("warning", "nobody else has to approve what goes into production here");
    }
    if environment.kind == Kind::Production && environment.reveal {
        app.terminal.tagged("warning", "--reveal shows values of production here");
    }
}

/// A list as it was asked for; `any` empties it.
fn list(asked: &[String], into: &mut Vec<String>) {
    if asked.is_empty() {
        return;
    }
    *into = asked.iter().filter(|entry| *entry != ANY).map(|entry| entry.trim().to_owned()).collect();
    into.sort();
    into.dedup();
}

fn apply(environment: &mut Environment, bounds: &EnvBounds) -> anyhow::Result<()> {
    if let Some(url) = &bounds.base_url {
        environment.base_url = Some(url.clone());
    }
    environment.rows_max = bounds.rows_max.unwrap_or(environment.rows_max);
    environment.columns_max = bounds.columns_max.unwrap_or(environment.columns_max);
    environment.approvals = bounds.approvals.unwrap_or(environment.approvals);
    environment.reveal = bounds.reveal.unwrap_or(environment.reveal);
    environment.retention_percent = bounds.retention_percent.unwrap_or(environment.retention_percent);
    if !bounds.template.is_empty() {
        environment.templates.clone_from(&bounds.template);
        environment.templates.sort();
        environment.templates.dedup();
    }
    list(&bounds.operation, &mut environment.operations);
    list(&bounds.user, &mut environment.users);
    match bounds.hours {
        None => {}
        Some(HoursChoice::Any) => environment.hours = None,
        Some(HoursChoice::Only(hours)) => environment.hours = Some(hours),
    }
    for variable in &bounds.variables {
        let (key, value) = variable.split_once('=').context("--var takes KEY=VALUE")?;
        let key = key.trim().to_owned();
        if value.is_empty() {
            environment.variables.remove(&key);
        } else {
            environment.variables.insert(key, value.to_owned());
        }
    }
    environment.check()
}

fn object(environment: &Environment) -> Value {
    json!({
        "schema": 1, "name": environment.name, "kind": environment.kind.name(), "base_url": environment.base_url,
        "rows_max": environment.rows_max, "columns_max": environment.columns_max,
        "approvals": environment.approvals, "reveal": environment.reveal, "templates": environment.templates,
        "operations": environment.operations, "users": environment.users,
        "hours": environment.hours.map(|hours| hours.to_string()),
        "retention_percent": environment.retention_percent, "variables": environment.variables,
    })
}

/// Those with a record, and the kinds that have none.
fn known(store: &Store) -> anyhow::Result<Vec<(Environment, bool)>> {
    let mut known: Vec<(Environment, bool)> =
        all(store)?.into_iter().map(|(_, environment)| (environment, true)).collect();
    for kind in Kind::ALL {
        if !known.iter().any(|(environment, _)| environment.name == kind.name()) {
            known.push((Environment::new(kind.name(), kind)?, false));
        }
    }
    known.sort_by(|one, other| (one.0.kind, &one.0.name).cmp(&(other.0.kind, &other.0.name)));
    Ok(known)
}

fn ls(app: &App) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let own = stored_own(&opened.store)?.or_else(|| opened.store.config().environment.clone());
    let mut rows = Vec::new();
    for (environment, recorded) in known(&opened.store)? {
        let is_own = own.as_deref() == Some(environment.name.as_str());
        if app.global.json {
            let mut object = object(&environment);
            object["recorded"] = json!(recorded);
            object["own"] = json!(is_own);
            out(&object.to_string());
            continue;
        }
        let templates = if environment.templates.iter().any(|template| template == ANY) {
            ANY.to_owned()
        } else {
            format!("{} reviewed", environment.templates.len())
        };
        rows.push(vec![
            environment.name.clone(),
            environment.kind.name().to_owned(),
            environment.rows_max.to_string(),
            environment.columns_max.to_string(),
            environment.approvals.to_string(),
            if environment.reveal { "yes" } else { "no" }.to_owned(),
            templates,
            environment.hours.map_or_else(|| ANY.to_owned(), |hours| hours.to_string()),
            match (is_own, recorded) {
                (true, _) => "meant where none is named",
                (false, true) => "",
                (false, false) => "as its kind",
            }
            .to_owned(),
        ]);
    }
    if !app.global.json {
        let headings = ["NAME", "KIND", "ROWS", "COLUMNS", "APPROVALS", "REVEAL", "TEMPLATES", "HOURS", ""];
        table(&headings, &rows, &[2, 3, 4]).iter().for_each(|line| out(line));
    }
    Ok(Exit::Done)
}

fn show(app: &App, name: &str) -> anyhow::Result<Exit> {
    let opened = app.open_store()?;
    let environment = in_force(&opened.store, name)?;
    let subject = opened.store.record_subject(RecordKind::Environment, name);
    let row = opened.store.catalog().governed(&subject)?;
    if app.global.json {
        let mut object = object(&environment);
        object["set_ms"] = json!(row.as_ref().map(|row| row.changed_ms));
        object["set_by"] = json!(row.as_ref().map(|row| row.changed_by.clone()));
        out(&object.to_string());
        return Ok(Exit::Done);
    }
    let listed = |entries: &[String]| {
        if entries.is_empty() { ANY.to_owned() } else { printable(&entries.join(", ")) }
    };
    let mut lines = vec![
        ("kind", environment.kind.name().to_owned()),
        ("base URL", environment.base_url.as_deref().map_or_else(|| "none".to_owned(), printable)),
        ("rows", format!("{} of a plan at most", environment.rows_max)),
        ("columns", format!("{} filled at most", environment.columns_max)),
        (
            "approvals",
            match environment.approvals {
                0 => "whoever made a plan confirms it".to_owned(),
                needed => {
                    format!("{needed}, of others than its maker, its builder and the owners of its reports")
                }
            },
        ),
        ("reveal", if environment.reveal { "yes" } else { "no, values are for approvers" }.to_owned()),
        ("templates", listed(&environment.templates)),
        ("operations", listed(&environment.operations)),
        ("accounts", listed(&environment.users)),
        ("hours", environment.hours.map_or_else(|| ANY.to_owned(), |hours| format!("{hours} (UTC)"))),
        ("retention", format!("{} % of a policy's period", environment.retention_percent)),
    ];
    if environment.kind == Kind::Production {
        lines.push(("also", "built in a sandbox first, and its name is typed".to_owned()));
    }
    for (key, value) in &environment.variables {
        lines.push(("variable", printable(&format!("{key}={value}"))));
    }
    lines.push((
        "set",
        match &row {
            Some(row) => format!("{} by {}", time(row.changed_ms), row.changed_by),
            None => "never: these are the bounds of its kind".to_owned(),
        },
    ));
    lines.iter().for_each(|(what, value)| out(&format!("{what:<11}{value}")));
    Ok(Exit::Done)
}

fn rm(app: &App, name: &str) -> anyhow::Result<Exit> {
    let mut opened = app.open_store()?;
    remove(&mut opened, name)?;
    let rest = match Kind::ALL.into_iter().find(|kind| kind.name() == name) {
        Some(_) => "the bounds of its kind are in force",
        None => "nothing can be done in it any more; what it holds stays",
    };
    app.terminal.say(&format!("taken away: {name}; {rest}"));
    Ok(Exit::Done)
}
