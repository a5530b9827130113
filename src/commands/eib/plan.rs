//! `custody eib plan`: what a workbook would hold, and everything that is wrong with it. What was asked for goes into the
//! store, encrypted; the plan's file says counts and hashes.

use super::shown::{Reading, show_planned};
use super::{App, key};
use crate::cli::EibPlanArgs;
use crate::commands::template::mapping_name;
use crate::environment::{Load as Bounds, in_force};
use crate::exit::Exit;
use crate::exports::bounds::rows_of;
use crate::exports::build::check_free;
use crate::exports::file::{PlanText, SCHEMA};
use crate::exports::hashes::hash;
use crate::exports::load::{Load, tables_of};
use crate::exports::spec::{EibSpec, Spec};
use crate::exports::staged::{Staged, sync_folder_of};
use crate::store::now_ms;
use crate::store::show::short;
use crate::store::tables::{StoreTables, find};
use crate::store::templates::{self, Loaded};
use crate::terminal::out;
use anyhow::{Context as _, bail};
use custody_export::eib::{Finding, Mapping, Planned, plan};
use custody_export::template::{Address, Template, cell_name};
use custody_retention::store::ItemSpec;
use custody_retention::{Exposure, ItemId, ItemKind};
use serde_json::json;
use std::path::Path;

/// A mapping's bytes.
const MAPPING_BYTES_MAX: u64 = 1 << 20;

pub(super) fn run(app: &App, args: &EibPlanArgs) -> anyhow::Result<Exit> {
    let select = &args.select;
    let reason = select.reason_for(!args.allow_sensitive.is_empty() || args.no_sandbox_run)?;
    let no_sandbox_reason = reason.clone();
    let (open, environment) = app.open_tables()?;
    let governed = in_force(&open.store(), &environment)?;
    if select.reveal || args.annotated.is_some() {
        governed.check_reveal()?;
    }
    governed.check_hours(now_ms())?;
    let loaded = templates::load(&open.store(), &args.template, &environment)?;
    governed.check_template((&loaded.template.operation, &loaded.fingerprint))?;
    let (mapping_name, mapping) = mapping_text(&open, &loaded, &environment, &args.map)?;
    let parsed = Mapping::parse(&mapping).with_context(|| args.map.clone())?;
    let tables = tables_of(&open.list, &args.from, &parsed)?;
    let report = find(&open.list, &args.from)?.table_id()?;
    let columns: Vec<String> =
        open.tables.schema(&report)?.fields().iter().map(|field| field.name().clone()).collect();
    let allowed = allowed(&loaded.template, &columns, (&args.allow_sensitive, &reason))?;
    let spec = EibSpec {
        template: loaded.name.clone(),
        template_item: loaded.id,
        mapping_name,
        mapping,
        tables,
        filter: select.filter.clone(),
        all_reason: select.all.then_some(reason),
        limit: select.limit,
        sensitive: allowed.fields,
        sensitive_columns: allowed.columns,
        clear: args.allow_clear,
        replace: args.allow_replace,
        only: None,
        no_sandbox_reason: args.no_sandbox_run.then_some(no_sandbox_reason),
    };
    let reading = Reading { rows: select.rows, reveal: select.reveal };
    make(
        app,
        open,
        &environment,
        Wanted { spec, reading, output: args.output.as_deref(), annotated: args.annotated.as_deref() },
    )
}

/// What a plan is made of, and how it is shown.
pub(super) struct Wanted<'a> {
    pub(super) spec: EibSpec,
    pub(super) reading: Reading,
    pub(super) output: Option<&'a Path>,
    pub(super) annotated: Option<&'a Path>,
}

/// Evaluates, shows, and keeps the plan unless something is wrong with it.
pub(super) fn make(
    app: &App,
    open: StoreTables,
    environment: &str,
    wanted: Wanted<'_>,
) -> anyhow::Result<Exit> {
    let Wanted { spec, reading, output, annotated } = wanted;
    output.map_or(Ok(()), check_free)?;
    let key = key(&open.store());
    let load = Load::new(&open.store(), &spec, key)?;
    let mut findings: Vec<Finding> = Vec::new();
    let planned = plan(&load.request(&open.tables), &mut |finding| findings.push(finding), reading.rows)?;
    // Nothing is shown or written of what is out of bounds.
    let governed = in_force(&open.store(), environment)?;
    governed.check_hours(now_ms())?;
    governed.check_load(&Bounds {
        rows: rows_of(&planned),
        columns: planned.columns.len() as u64,
        template: Some((&load.loaded.template.operation, &load.loaded.fingerprint)),
    })?;
    if reading.reveal || annotated.is_some() {
        super::shown::record_reveal(&open, &spec.tables)?;
    }
    if let Some(file) = annotated {
        super::shown::annotate(&load, &open.tables, &findings, file)?;
        app.terminal.tagged(
            "warning",
            &format!("{}: UNMASKED, for your eyes only and never for upload", file.display()),
        );
    }
    let fine = !planned.has_errors();
    let mut kept = None;
    let classes = super::shown::masks_of(&open, &spec)?;
    let mut opened = open.close()?;
    if fine {
        let (subject, text) = keep(&mut opened, environment, &spec, (&planned, &load))?;
        opened.store.checkpoint()?;
        if let Some(path) = output {
            write_new(path, &text)?;
        }
        kept = Some(ItemId(subject.id));
    }
    if app.global.json {
        let object = json!({
            "schema": 1, "kind": "eib", "plan": kept, "environment": environment,
            "template": load.loaded.name, "fingerprint": load.loaded.fingerprint,
            "planned": planned, "findings": findings,
        });
        out(&object.to_string());
    } else {
        show_planned(app, &load, &planned, (&findings, &classes, reading));
    }
    match kept {
        Some(plan) => {
            app.terminal.say(&format!(
                "nothing was written but the plan {0}; next: custody approve {0}, then custody eib build {0} -o OUT.xlsx",
                short(&plan)
            ));
            Ok(Exit::Done)
        }
        None => {
            app.terminal.tagged("refused", "there are errors: nothing can be built from this");
            Ok(Exit::Findings)
        }
    }
}

/// Keeps the spec and the plan's text in the store, and pins what it was made from.
fn keep(
    opened: &mut crate::store::Opened,
    environment: &str,
    spec: &EibSpec,
    (planned, load): (&Planned, &Load),
) -> anyhow::Result<(custody_retention::ledger::Subject, String)> {
    let mut text = described(opened, environment, spec, (planned, load))?;
    super::governed::sandbox_first(&opened.store, spec, &text)?;
    // The mapping is kept beside the template: later versions of the template are held against it.
    templates::keep_mapping(opened, (&spec.template, &spec.mapping_name), environment, &spec.mapping)?;
    text.spec = keep_spec(opened, environment, &Spec::Eib(spec.clone()))?;
    let text = text.text()?;
    let pinned: Vec<ItemId> = spec.tables.iter().map(|table| table.artifact).collect();
    let who = opened.who();
    let subject = opened.store.plan_export(who, &text, &pinned)?;
    // Who plans with them still works with them: their periods after last use begin anew.
    let used: Vec<ItemId> = pinned.into_iter().chain(spec.template_item).collect();
    opened.store.used(who, &used)?;
    Ok((subject, text))
}

fn described(
    opened: &crate::store::Opened,
    environment: &str,
    spec: &EibSpec,
    (planned, load): (&Planned, &Load),
) -> anyhow::Result<PlanText> {
    let ids = opened.store.ids();
    let query = serde_json::to_string(&(
        &spec.filter,
        &spec.all_reason,
        spec.limit,
        (&spec.sensitive, &spec.sensitive_columns),
        (spec.clear, spec.replace),
        (&spec.only, &spec.no_sandbox_reason),
    ))?;
    Ok(PlanText {
        schema: SCHEMA,
        kind: "eib".to_owned(),
        store: opened.store.store_digits(),
        environment: environment.to_owned(),
        created_ms: now_ms(),
        spec: ItemId([0; 32]),
        sources: spec.tables.iter().map(Into::into).collect(),
        sources_hash: hash(ids, "sources", &serde_json::to_string(&spec.tables)?),
        target: load.loaded.template.operation.clone(),
        template: Some(load.loaded.fingerprint.clone()),
        mapping_hash: hash(ids, "mapping", &load.mapping.canonical_text()),
        query_hash: hash(ids, "query", &query),
        rows_in: planned.rows_in,
        transactions: planned.transactions,
        people: planned.people,
        columns: planned.columns.len() as u64,
        sheets: planned.digests.clone(),
        cells_hash: planned.cells_digest.clone(),
        findings: planned
            .by_severity
            .iter()
            .map(|(severity, count)| (severity.to_string(), *count))
            .collect(),
    })
}

/// Keeps what was asked for as an item of its own, made from the reports.
pub(in crate::commands) fn keep_spec(
    opened: &mut crate::store::Opened,
    environment: &str,
    spec: &Spec,
) -> anyhow::Result<ItemId> {
    let item = ItemSpec {
        kind: ItemKind::Plan,
        format: "json".to_owned(),
        class: "plan".to_owned(),
        environment: environment.to_owned(),
        source: "derived".to_owned(),
        exposure: Exposure::Raw,
        owner: None,
        parents: spec.tables().iter().map(|table| table.artifact).collect(),
        name: spec.kind().to_owned(),
        origin: None,
    };
    let bytes = serde_json::to_vec(spec)?;
    let who = opened.who();
    let mut batch = opened.store.begin_ingest(who)?;
    batch.stage(item, &mut bytes.as_slice())?;
    let done = batch.commit()?;
    Ok(done.first().context("an item was taken in")?.id)
}

/// Writes a new file, whole or not at all; what is there stays.
pub(in crate::commands) fn write_new(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let write = || -> std::io::Result<()> {
        let staged = Staged::beside(path)?;
        staged.writer()?.write_all(text.as_bytes())?;
        staged.place(path)?.keep()?;
        sync_folder_of(path)
    };
    write().with_context(|| path.display().to_string())
}

/// The mapping's name and text: a file, or one that is kept with the template.
fn mapping_text(
    open: &StoreTables,
    loaded: &Loaded,
    environment: &str,
    asked: &str,
) -> anyhow::Result<(String, String)> {
    let path = Path::new(asked);
    let is_file = path.extension().is_some_and(|ending| ending == "toml") || path.components().count() > 1;
    if is_file {
        let size = std::fs::metadata(path).with_context(|| asked.to_owned())?.len();
        if size > MAPPING_BYTES_MAX {
            bail!("{asked}: larger than {MAPPING_BYTES_MAX} bytes");
        }
        let text = std::fs::read_to_string(path).with_context(|| asked.to_owned())?;
        return Ok((mapping_name(path, None)?, text));
    }
    let kept = templates::mappings(&open.store(), &loaded.name, environment)?;
    let names: Vec<&str> = kept.iter().map(|(kept, _)| kept.name.as_str()).collect();
    let missing = || {
        format!(
            "there is no mapping {asked:?} with this template ({}); a file ends in .toml",
            names.join(", ")
        )
    };
    let found = kept.iter().find(|(kept, _)| kept.name == asked).with_context(missing)?;
    Ok((found.0.name.clone(), found.1.clone()))
}

/// The fields that were allowed, and the columns of the report that the filter may look at, each with the reason.
fn allowed(
    template: &Template,
    columns: &[String],
    (asked, reason): (&[String], &str),
) -> anyhow::Result<Allowed> {
    let mut allowed = Allowed::default();
    for asked in asked {
        let column = columns.iter().find(|column| column.eq_ignore_ascii_case(asked.trim()));
        match (address(template, asked), column) {
            (Ok(address), _) => allowed.fields.push((address, reason.to_owned())),
            (Err(error), None) => return Err(error),
            (Err(_), Some(_)) => {}
        }
        allowed.columns.extend(column.map(|column| (column.clone(), reason.to_owned())));
    }
    Ok(allowed)
}

/// What may be filled or looked at although it is of a special category.
#[derive(Default)]
struct Allowed {
    fields: Vec<(Address, String)>,
    columns: Vec<(String, String)>,
}

/// A field by `LABEL`, `SHEET!LABEL` or `SHEET!CELL`, as findings name it.
fn address(template: &Template, asked: &str) -> anyhow::Result<Address> {
    let (sheet, rest) = asked.split_once('!').unwrap_or(("", asked));
    let (sheet, rest) = (sheet.trim(), rest.trim());
    let letters: String = rest.chars().take_while(char::is_ascii_uppercase).collect();
    let number = &rest[letters.len()..];
    let is_cell = !letters.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if is_cell {
        let named = |data: &custody_export::template::Sheet| data.name.eq_ignore_ascii_case(sheet);
        let at = if sheet.is_empty() { Some(0) } else { template.sheets.iter().position(named) };
        let found = at.and_then(|sheet| {
            let columns = &template.sheets.get(sheet)?.columns;
            let column =
                columns.iter().position(|column| cell_name(4, column.index) == format!("{letters}5"))?;
            template.address(sheet, column)
        });
        return found.with_context(|| format!("{asked}: the template has no such column"));
    }
    let address =
        Address { sheet: sheet.to_owned(), area: String::new(), label: rest.to_owned(), occurrence: 0 };
    let (sheet, column) = template.find(&address)?;
    template.address(sheet, column).context("a field that was found")
}
