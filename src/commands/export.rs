//! `custody export`: a filtered report for somebody else. No column leaves that was not named; planned, approved and
//! written like a workbook.

use super::App;
use super::eib::{
    FoundPlan, Reading, Shown, Target, carry_out, find_plan, keep_spec, key, record_reveal, write_new,
};
use crate::cli::ExportArgs;
use crate::environment::in_force;
use crate::exit::Exit;
use crate::exports::bounds::check_answer;
use crate::exports::build::{Made, check_free};
use crate::exports::file::{PlanText, SCHEMA};
use crate::exports::hashes::hash;
use crate::exports::load::check_fresh;
use crate::exports::spec::{ExtractSpec, Pinned, Spec};
use crate::exports::staged::Staged;
use crate::store::masks::TableMasks;
use crate::store::now_ms;
use crate::store::show::{count, short, size, table};
use crate::store::tables::{StoreTables, find};
use crate::terminal::{out, printable};
use anyhow::{Context as _, bail};
use custody_export::eib::{SheetDigest, condition, special_heading};
use custody_export::extract::{
    ExtractFormat, ExtractPlanned, ExtractRequest, GROUP_MIN, extract_sql, make_extract, plan_extract,
    small_groups,
};
use custody_retention::ItemId;
use custody_retention::store::StoreError;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn run(app: &App, args: &ExportArgs) -> anyhow::Result<Exit> {
    if let (Some(plan), Some(output)) = (&args.apply, &args.output) {
        return apply(app, plan, (output, args.confirm.as_deref()));
    }
    let name = args.table.as_deref().context("which table?")?;
    let select = &args.select;
    let reason = select.reason_for(args.allow_small || !args.allow_sensitive.is_empty())?;
    let (open, environment) = app.open_tables()?;
    if select.reveal {
        in_force(&open.store(), &environment)?.check_reveal()?;
    }
    let pinned = Pinned::from(find(&open.list, name)?);
    let columns = known_columns(&open, &pinned, &args.columns)?;
    let allowed = known_columns(&open, &pinned, &args.allow_sensitive)?;
    let filter =
        select.filter.as_deref().map(|text| condition(&open.tables, &pinned.name, text)).transpose()?;
    let spec = ExtractSpec {
        sql: extract_sql(&pinned.name, &columns, filter.as_deref(), select.limit),
        format: args.format.into(),
        tables: vec![pinned],
        sensitive: allowed.into_iter().map(|column| (column, reason.clone())).collect(),
        all_reason: select.all.then(|| reason.clone()),
        small_reason: args.allow_small.then(|| reason.clone()),
    };
    let wanted = Wanted {
        spec,
        environment: &environment,
        reading: Reading { rows: select.rows, reveal: select.reveal },
        output: args.output.as_deref(),
    };
    make(app, open, wanted)
}

/// What an extract's plan is made of.
pub(super) struct Wanted<'a> {
    pub(super) spec: ExtractSpec,
    pub(super) environment: &'a str,
    pub(super) reading: Reading,
    pub(super) output: Option<&'a Path>,
}

/// The table's own spelling of columns that were named.
fn known_columns(open: &StoreTables, table: &Pinned, asked: &[String]) -> anyhow::Result<Vec<String>> {
    let entry = find(&open.list, &table.name)?;
    let schema = open.tables.schema(&entry.table_id()?)?;
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let mut columns = Vec::new();
    let is_one = |asked: &str| names.iter().any(|name| name.to_lowercase() == asked.trim().to_lowercase());
    // A heading may hold commas itself.
    let parts = asked
        .iter()
        .flat_map(|asked| if is_one(asked) { vec![asked.as_str()] } else { asked.split(',').collect() });
    for asked in parts {
        let wanted = asked.trim().to_lowercase();
        let found = names.iter().find(|name| name.to_lowercase() == wanted).with_context(|| {
            format!("{}: there is no column {asked:?}; there are {}", table.name, names.join(", "))
        })?;
        let found = (*found).to_owned();
        if !columns.contains(&found) {
            columns.push(found);
        }
    }
    Ok(columns)
}

/// Something that speaks against an extract, or is worth knowing.
struct Remark {
    severity: &'static str,
    code: &'static str,
    text: String,
}

/// What is known of an extract's columns and groups.
fn remarks(
    open: &StoreTables,
    spec: &ExtractSpec,
    (planned, masks): (&ExtractPlanned, &TableMasks),
) -> anyhow::Result<Vec<Remark>> {
    let mut remarks = Vec::new();
    let mut people = Vec::new();
    // A condition tells as much of who is in the file as a column does.
    let special = planned.read.iter().chain(planned.columns.iter().flat_map(|(_, from)| from));
    let special: BTreeSet<&str> = special.map(|base| base.column.as_str()).collect();
    for (name, category) in special.iter().filter_map(|name| Some((name, special_heading(name)?))) {
        let allowed = spec.sensitive.iter().any(|(column, _)| column.eq_ignore_ascii_case(name));
        remarks.push(Remark {
            severity: if allowed { "note" } else { "error" },
            code: "special-category",
            text: format!("{name}: {category}; --allow-sensitive with --reason, or leave it out"),
        });
    }
    for (name, from) in &planned.columns {
        for base in from {
            if masks.class(base).is_some_and(|class| class.identifies) {
                people.push(name.clone());
            }
        }
    }
    people.dedup();
    if !people.is_empty() {
        remarks.push(Remark {
            severity: "note",
            code: "identifies",
            text: format!(
                "{}: every row tells who it is about; leave out what is not needed",
                people.join(", ")
            ),
        });
    } else if !planned.columns.is_empty() {
        let names: Vec<String> = planned.columns.iter().map(|(name, _)| name.clone()).collect();
        let groups = small_groups(&open.tables, &spec.sql, &names)?;
        if groups > 0 {
            remarks.push(Remark {
                severity: if spec.small_reason.is_some() { "note" } else { "error" },
                code: "small-groups",
                text: format!(
                    "{} of fewer than {GROUP_MIN} rows: somebody could be told by them; fewer columns, or --allow-small",
                    count(groups, "group", "groups")
                ),
            });
        }
    }
    if spec.all_reason.is_some() {
        remarks.push(Remark {
            severity: "note",
            code: "no-filter",
            text: "all rows leave: a filter would let fewer people out".to_owned(),
        });
    }
    Ok(remarks)
}

/// Evaluates, shows, and keeps the plan unless something speaks against it.
pub(super) fn make(app: &App, open: StoreTables, wanted: Wanted<'_>) -> anyhow::Result<Exit> {
    let Wanted { spec, environment, reading, output } = wanted;
    output.map_or(Ok(()), check_free)?;
    let key = key(&open.store());
    let request = ExtractRequest { tables: &open.tables, sql: &spec.sql, key: &key };
    let governed = in_force(&open.store(), environment)?;
    governed.check_hours(now_ms())?;
    let planned = plan_extract(&request, reading.rows)?;
    check_answer(&governed, &open.tables, (&spec.sql, planned.rows))?;
    let masks = masks_of(&open, &planned)?;
    if reading.reveal {
        record_reveal(&open, &spec.tables)?;
    }
    let remarks = remarks(&open, &spec, (&planned, &masks))?;
    let errors = remarks.iter().filter(|remark| remark.severity == "error").count() as u64;
    if !app.global.json {
        show_extract(&spec, &planned, (&masks, reading.reveal));
        remarks.iter().for_each(|remark| {
            out(&printable(&format!("{} {} {}", remark.severity, remark.code, remark.text)));
        });
    }
    let mut opened = open.close()?;
    let mut kept = None;
    if errors == 0 {
        let text = describe(&mut opened, environment, &spec, &planned)?;
        let pinned: Vec<ItemId> = spec.tables.iter().map(|table| table.artifact).collect();
        let who = opened.who();
        let subject = opened.store.plan_export(who, &text, &pinned)?;
        opened.store.used(who, &pinned)?;
        opened.store.checkpoint()?;
        if let Some(path) = output {
            write_new(path, &text)?;
        }
        kept = Some(ItemId(subject.id));
    }
    if app.global.json {
        let findings: Vec<_> = remarks
            .iter()
            .map(|remark| json!({"severity": remark.severity, "code": remark.code, "message": remark.text}))
            .collect();
        let names: Vec<&String> = planned.columns.iter().map(|(name, _)| name).collect();
        let object = json!({
            "schema": 1, "kind": "extract", "plan": kept, "environment": environment, "rows": planned.rows,
            "columns": names, "format": spec.format.name(), "findings": findings,
        });
        out(&object.to_string());
    }
    match kept {
        Some(plan) => {
            app.terminal.say(&format!(
                "nothing was written but the plan {0}; next: custody approve {0}, then custody export --apply {0} -o FILE",
                short(&plan)
            ));
            Ok(Exit::Done)
        }
        None => {
            app.terminal.tagged("refused", "there are errors: nothing can be written from this");
            Ok(Exit::Findings)
        }
    }
}

/// Classes of the columns that an extract reads, by the names that its query knows the tables by.
fn masks_of(open: &StoreTables, planned: &ExtractPlanned) -> anyhow::Result<TableMasks> {
    let columns = planned.columns.iter().flat_map(|(_, from)| from).chain(&planned.read);
    let names: BTreeSet<&str> = columns.map(|column| column.table.as_str()).collect();
    TableMasks::of(&open.tables, names)
}

fn describe(
    opened: &mut crate::store::Opened,
    environment: &str,
    spec: &ExtractSpec,
    planned: &ExtractPlanned,
) -> anyhow::Result<String> {
    let item = keep_spec(opened, environment, &Spec::Extract(spec.clone()))?;
    let ids = opened.store.ids();
    let names: Vec<&String> = planned.columns.iter().map(|(name, _)| name).collect();
    let sheet = SheetDigest {
        sheet: spec.format.name().to_owned(),
        rows: planned.rows,
        cells: planned.rows * planned.columns.len() as u64,
        digest: planned.digest.clone(),
    };
    let text = PlanText {
        schema: SCHEMA,
        kind: "extract".to_owned(),
        store: opened.store.store_digits(),
        environment: environment.to_owned(),
        created_ms: now_ms(),
        spec: item,
        sources: spec.tables.iter().map(Into::into).collect(),
        sources_hash: hash(ids, "sources", &serde_json::to_string(&spec.tables)?),
        target: spec.format.name().to_owned(),
        template: None,
        mapping_hash: hash(ids, "columns", &serde_json::to_string(&names)?),
        query_hash: hash(ids, "query", &serde_json::to_string(spec)?),
        rows_in: planned.rows,
        transactions: planned.rows,
        // Rows: what tells people apart is not asked of an extract.
        people: planned.rows,
        columns: planned.columns.len() as u64,
        sheets: vec![sheet],
        cells_hash: planned.digest.clone(),
        findings: BTreeMap::new(),
    };
    text.text()
}

fn show_extract(spec: &ExtractSpec, planned: &ExtractPlanned, (masks, reveal): (&TableMasks, bool)) {
    let names: Vec<&str> = planned.columns.iter().map(|(name, _)| name.as_str()).collect();
    let read: Vec<&str> = planned.read.iter().map(|base| base.column.as_str()).collect();
    let unread: Vec<&str> =
        masks.columns().map(|base| base.column.as_str()).filter(|column| !read.contains(column)).collect();
    out(&format!(
        "extract  {} of {}",
        spec.format.name(),
        spec.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ")
    ));
    out(&format!("rows     {}", planned.rows));
    out(&format!("columns  {}", printable(&names.join(", "))));
    out(&format!(
        "not read {}",
        if unread.is_empty() { "none".to_owned() } else { printable(&unread.join(", ")) }
    ));
    if !planned.preview.is_empty() {
        out("");
        preview_lines(planned, masks, reveal).iter().for_each(|line| out(line));
        out("");
    }
}

fn preview_lines(planned: &ExtractPlanned, masks: &TableMasks, reveal: bool) -> Vec<String> {
    let masks: Vec<Option<String>> = planned.columns.iter().map(|(_, from)| masks.mark(from)).collect();
    let rows: Vec<Vec<String>> = planned
        .preview
        .iter()
        .map(|row| {
            row.iter()
                .zip(&masks)
                .map(|(value, mask)| match (value, mask) {
                    (None, _) => String::new(),
                    (Some(_), Some(mask)) if !reveal => mask.clone(),
                    (Some(value), _) => printable(value),
                })
                .collect()
        })
        .collect();
    let names: Vec<String> = planned.columns.iter().map(|(name, _)| printable(name)).collect();
    let headings: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut lines = table(&headings, &rows, &[]);
    let left = planned.rows.saturating_sub(planned.preview.len() as u64);
    if left > 0 {
        lines.push(format!("… {} more", count(left, "row", "rows")));
    }
    lines
}

/// Shows a plan again.
pub(super) fn show(
    app: &App,
    open: StoreTables,
    found: &FoundPlan,
    reading: Reading,
) -> anyhow::Result<Exit> {
    let Spec::Extract(spec) = &found.spec else { bail!("that is the plan of a workbook") };
    let key = key(&open.store());
    let planned =
        plan_extract(&ExtractRequest { tables: &open.tables, sql: &spec.sql, key: &key }, reading.rows)?;
    let masks = masks_of(&open, &planned)?;
    if reading.reveal {
        record_reveal(&open, &spec.tables)?;
    }
    open.close()?;
    let same = planned.digest == found.text.cells_hash;
    if app.global.json {
        let names: Vec<&String> = planned.columns.iter().map(|(name, _)| name).collect();
        let object = json!({
            "schema": 1, "kind": "extract", "plan": ItemId(found.subject.id),
            "environment": found.text.environment, "rows": planned.rows, "columns": names,
            "format": spec.format.name(), "same": same,
        });
        out(&object.to_string());
    } else {
        show_extract(spec, &planned, (&masks, reading.reveal));
    }
    if same {
        return Ok(Exit::Done);
    }
    app.terminal.tagged("refused", "its rows are not those that were planned: make a new plan");
    Ok(Exit::Findings)
}

/// Shows an approver every row of an extract.
pub(super) fn show_records(
    open: &StoreTables,
    (found, spec): (&FoundPlan, &ExtractSpec),
) -> anyhow::Result<Shown> {
    let key = key(&open.store());
    let planned =
        plan_extract(&ExtractRequest { tables: &open.tables, sql: &spec.sql, key: &key }, usize::MAX)?;
    same(&planned.digest, found)?;
    let lines = preview_lines(&planned, &TableMasks::default(), true);
    lines.iter().for_each(|line| out(line));
    let mut hasher = blake3::Hasher::new();
    for line in lines {
        let line = Zeroizing::new(line);
        hasher.update(line.as_bytes()).update(b"\n");
    }
    Ok(Shown { count: planned.rows, hash: *hasher.finalize().as_bytes() })
}

fn same(digest: &str, found: &FoundPlan) -> anyhow::Result<()> {
    if digest != found.text.cells_hash {
        bail!(StoreError::Refused("the rows are not those that were planned: make a new plan".to_owned()));
    }
    Ok(())
}

fn apply(app: &App, asked: &str, (output, confirm): (&Path, Option<&str>)) -> anyhow::Result<Exit> {
    let (open, environment) = app.open_tables()?;
    let plan = find_plan(&open.store(), asked)?;
    plan.check_environment(&environment)?;
    let Spec::Extract(spec) = plan.spec.clone() else {
        bail!("that is the plan of a workbook: custody eib build");
    };
    check_fresh(&open, &spec.tables)?;
    let format = spec.format;
    if format_of(output) != Some(format) {
        bail!("{}: the plan is for a file that ends in .{}", output.display(), format.name());
    }
    let key = key(&open.store());
    let target = Target { output, confirm, class: "extract", format: format.name() };
    let mut neutralised = 0;
    let written = carry_out(app, open, &plan, &target, |open| {
        let file = Staged::beside(output)?;
        let request = ExtractRequest { tables: &open.tables, sql: &spec.sql, key: &key };
        let (written, digest) = make_extract(&request, format, file.writer()?)?;
        same(&digest, &plan)?;
        neutralised = written.neutralised;
        let said = json!(written);
        Ok((Made::one(file), vec![said]))
    })?;
    if neutralised > 0 {
        app.terminal.tagged(
            "warning",
            &format!(
                "{} would have run as formulas: an apostrophe stands in front",
                count(neutralised, "text", "texts")
            ),
        );
    }
    app.terminal.say(&format!(
        "{}: {}, {}, plan {}",
        output.display(),
        count(plan.text.rows_in, "row", "rows"),
        size(written.bytes),
        short(&ItemId(plan.subject.id)),
    ));
    Ok(Exit::Done)
}

/// The format that a file's ending says.
pub(super) fn format_of(output: &Path) -> Option<ExtractFormat> {
    ExtractFormat::of_ending(output.extension()?.to_str()?)
}
