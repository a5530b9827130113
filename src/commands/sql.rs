//! `custody sql`: questions to the tables of reports. What is personal is masked unless somebody asks for it, which is
//! confirmed and recorded first.

mod mask;
mod open;
mod write;

use super::eib::Reading;
use super::{App, export};
use crate::cli::{SqlArgs, SqlFormat};
use crate::environment::{Environment, Kind, in_force};
use crate::exit::Exit;
use crate::exports::bounds::check_answer;
use crate::exports::spec::{ExtractSpec, Pinned};
use crate::store::show::count;
use anyhow::{Context as _, bail};
use arrow_array::RecordBatch;
use custody_export::tables::{Lineage, Masks, TablesError};
use custody_retention::ItemId;
use custody_retention::ledger::{ActKind, Subject, SubjectKind};
use custody_retention::store::{StoreError, Who};
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

pub(super) use open::{Asked, open};
use write::Answer;

pub(super) fn run(app: &App, args: &SqlArgs) -> anyhow::Result<Exit> {
    let format = format(app, args)?;
    if let (true, Some(output)) = (args.reveal, &args.output) {
        return extract(app, args, output);
    }
    let asked = open(app, &args.tables)?;
    match answer(app, args, (&asked, format)) {
        Err(error) => match error.downcast_ref::<TablesError>() {
            Some(TablesError::Cancelled) => {
                app.terminal.error("cancelled");
                Ok(Exit::Cancelled)
            }
            Some(TablesError::Plan(told)) if told.to_string().contains("names a table") => {
                bail!("the query cannot be run: {told}; there are {}", asked.names())
            }
            _ => Err(error),
        },
        done => done,
    }
}

/// Values leave the store under a plan only, which somebody approves: a query's answer is an extract like others.
fn extract(app: &App, args: &SqlArgs, output: &Path) -> anyhow::Result<Exit> {
    if !args.tables.file.is_empty() {
        bail!(StoreError::Refused(
            "values leave the store's tables only, under a plan: custody ingest first".to_owned()
        ));
    }
    let Some(format) = export::format_of(output) else {
        bail!("{}: extracts end in .xlsx, .csv or .parquet", output.display());
    };
    let said = args.format.map(|format| format!("{format:?}").to_lowercase());
    if said.is_some_and(|said| said != format.name()) {
        bail!("{}: --format says another format than the file's ending", output.display());
    }
    // Which rows a query leaves is not looked into: it has a reason, like all rows.
    let reason = args.reason.clone().filter(|reason| !reason.trim().is_empty());
    let reason = reason.context("--reveal -o lets rows out: --reason TEXT says why")?;
    let (open, environment) = app.open_tables()?;
    let lineage = open.tables.lineage(&args.query)?;
    let mut tables = Vec::new();
    for name in &lineage.tables {
        tables.push(Pinned::from(open.find(name)?));
    }
    if tables.is_empty() {
        bail!("the query reads no table");
    }
    let spec = ExtractSpec {
        sql: args.query.clone(),
        format,
        tables,
        sensitive: Vec::new(),
        all_reason: Some(reason),
        small_reason: None,
    };
    let reading = Reading { rows: 10, reveal: false };
    export::make(app, open, export::Wanted { spec, environment: &environment, reading, output: None })
}

fn format(app: &App, args: &SqlArgs) -> anyhow::Result<SqlFormat> {
    let otherwise = if app.global.json { SqlFormat::Json } else { SqlFormat::Table };
    let format = args.format.unwrap_or(otherwise);
    if app.global.json && format != SqlFormat::Json {
        bail!("--json is --format json");
    }
    let binary = matches!(format, SqlFormat::Parquet | SqlFormat::Arrow);
    if args.output.is_none() && (format == SqlFormat::Parquet || binary && std::io::stdout().is_terminal()) {
        bail!("this format is for a file: -o F");
    }
    Ok(format)
}

fn answer(app: &App, args: &SqlArgs, (asked, format): (&Asked, SqlFormat)) -> anyhow::Result<Exit> {
    let tables = asked.tables();
    let lineage = tables.lineage(&args.query)?;
    let items = items(asked, &lineage)?;
    let mut masks = mask::of(tables, &lineage)?;
    let mut revealed = false;
    if args.reveal && !masks.are_none() {
        if !confirmed(app, args, asked)? {
            app.terminal.say("nothing was shown");
            return Ok(Exit::Cancelled);
        }
        record(asked, &items)?;
        masks = Masks::new(vec![None; lineage.columns.len()]);
        revealed = true;
    }
    let mut rows = tables.query_stream(&args.query)?;
    let schema = rows.schema();
    let masked = masks.masked(&schema).join(", ");
    let columns = RecordBatch::new_empty(masks.schema(&schema)?);
    let answer = Answer { columns, rows: &mut rows, masks: &masks };
    let shown = write::write(answer, format, (args.output.as_deref(), args.limit_rows))?;
    let rest = match (masked.is_empty(), revealed, args.output.is_some()) {
        (true, true, _) => ", values as they are: recorded".to_owned(),
        (true, false, _) => String::new(),
        (false, _, true) => format!("; masked: {masked} (custody export writes values)"),
        (false, ..) => format!("; masked: {masked} (--reveal shows them)"),
    };
    app.terminal.say(&format!("{}{rest}", count(shown, "row", "rows")));
    Ok(Exit::Done)
}

/// Whether somebody said yes to values on the screen.
fn confirmed(app: &App, args: &SqlArgs, asked: &Asked) -> anyhow::Result<bool> {
    // Files beside a store are whoever's they are; a name that is production's is believed.
    let environment = match (asked.store(), asked.environment.as_deref()) {
        (Some(open), Some(name)) => Some(in_force(&open.store(), name)?),
        (None, Some("production")) => Some(Environment::new("production", Kind::Production)?),
        _ => None,
    };
    if let Some(environment) = &environment {
        environment.check_reveal()?;
        if let Some(open) = asked.store() {
            environment.check_hours(crate::store::now_ms())?;
            let rows = open.tables.query_stream(&args.query)?;
            let rows =
                rows.map(|batch| batch.map(|batch| batch.num_rows() as u64)).sum::<Result<u64, _>>()?;
            check_answer(environment, &open.tables, (&args.query, rows))?;
        }
    }
    if args.yes {
        return Ok(true);
    }
    let (stdin, mut stderr) = (std::io::stdin(), std::io::stderr());
    if app.global.no_input || !stdin.is_terminal() {
        bail!("--reveal asks first: where nobody can answer, --yes does");
    }
    write!(
        stderr,
        "values are shown as they are{}: type yes: ",
        if asked.has_store() { ", and that is recorded" } else { "" }
    )?;
    stderr.flush()?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}

/// The tables of the store that a query names, by whatever name. An ID reaches every table of the store: those of another
/// environment are refused.
fn items(asked: &Asked, lineage: &Lineage) -> anyhow::Result<Vec<ItemId>> {
    let Some(open) = asked.store() else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for table in lineage.tables.iter().filter(|table| !asked.files.contains(table)) {
        let named = open.list.iter().rfind(|entry| entry.name == *table || entry.versioned() == *table);
        let Some(entry) = named else {
            let item = open.store().find(table.strip_prefix('t').unwrap_or(table))?;
            if asked.environment.as_ref() != Some(&item.environment) {
                bail!(StoreError::Refused(format!("a table belongs to {} (--env)", item.environment)));
            }
            items.push(item.id);
            continue;
        };
        items.push(entry.id);
    }
    Ok(items)
}

/// Records which tables of the store are looked into, before anything of them is shown.
fn record(asked: &Asked, items: &[ItemId]) -> anyhow::Result<()> {
    let Some(open) = asked.store().filter(|_| !items.is_empty()) else { return Ok(()) };
    let mut store = open.store();
    let who = Who { user: open.user(), time_ms: crate::store::now_ms() };
    let subjects: Vec<Subject> =
        items.iter().map(|id| Subject { kind: SubjectKind::Table, id: id.0 }).collect();
    store.witnessed(ActKind::Reveal, who, &subjects)?;
    store.used(who, items)?;
    store.checkpoint()?;
    Ok(())
}
