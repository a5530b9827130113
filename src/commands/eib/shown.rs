//! How a plan is shown: what leaves and why, what could be left out, every finding, and current → new. Values are masked
//! unless whoever looks has asked for them, which the ledger records.

use super::{App, FoundPlan, find_plan, key};
use crate::exit::Exit;
use crate::exports::load::{Load, check_same};
use crate::exports::spec::{EibSpec, Pinned};
use crate::exports::staged::Staged;
use crate::store::masks::TableMasks;
use crate::store::show::{count, table};
use crate::store::tables::StoreTables;
use crate::store::{Who, now_ms, templates};
use crate::terminal::{out, printable};
use anyhow::{Context as _, bail};
use custody_export::eib::{
    Change, Finding, Planned, Preview, PreviewCell, PreviewColumn, PreviewRow, Why, plan, rows, show,
};
use custody_export::tables::{BaseColumn, Tables};
use custody_export::workbook::{Remark, annotate as write_annotated};
use custody_retention::ItemId;
use custody_retention::ledger::{ActKind, Subject, SubjectKind};
use custody_retention::store::StoreError;
use serde_json::json;
use std::ops::ControlFlow;
use std::path::Path;
use zeroize::Zeroizing;

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Reading {
    /// Transactions.
    pub(in crate::commands) rows: usize,
    /// Values as they are.
    pub(in crate::commands) reveal: bool,
}

/// What stands for the values of a load's columns on a screen: the report's, and those of its lookups.
pub(in crate::commands) fn masks_of(open: &StoreTables, spec: &EibSpec) -> anyhow::Result<TableMasks> {
    TableMasks::of(&open.tables, spec.tables.iter().map(|table| table.name.as_str()))
}

/// A value as it is shown: a constant is the analyst's own word, and what comes from harmless columns only is harmless.
fn shown(masks: &TableMasks, from: &[BaseColumn], value: &str) -> String {
    masks.mark(from).unwrap_or_else(|| printable(value))
}

pub(super) fn run(app: &App, asked: &str, (rows, reveal): (usize, bool)) -> anyhow::Result<Exit> {
    let (open, environment) = app.open_tables()?;
    let found = find_plan(&open.store(), asked)?;
    found.check_environment(&environment)?;
    if reveal {
        crate::environment::in_force(&open.store(), &environment)?.check_reveal()?;
    }
    if let crate::exports::spec::Spec::Extract(_) = found.spec {
        return crate::commands::export::show(app, open, &found, Reading { rows, reveal });
    }
    let spec = found.eib()?;
    let key = key(&open.store());
    let load = Load::new(&open.store(), spec, key)?;
    let mut findings = Vec::new();
    let planned = plan(&load.request(&open.tables), &mut |finding| findings.push(finding), rows)?;
    let masks = masks_of(&open, spec)?;
    if reveal {
        record_reveal(&open, &spec.tables)?;
    }
    open.close()?;
    let same = planned.cells_digest == found.text.cells_hash;
    if app.global.json {
        let object = json!({
            "schema": 1, "kind": "eib", "plan": ItemId(found.subject.id), "environment": environment,
            "template": load.loaded.name, "fingerprint": load.loaded.fingerprint,
            "planned": planned, "findings": findings, "same": same,
        });
        out(&object.to_string());
    } else {
        show_planned(app, &load, &planned, (&findings, &masks, Reading { rows, reveal }));
    }
    if same {
        app.terminal.say(&format!("plan {}", ItemId(found.subject.id)));
        Ok(Exit::Done)
    } else {
        app.terminal.tagged("refused", "its cells are not those that were planned: make a new plan");
        Ok(Exit::Findings)
    }
}

/// What an approver was shown.
pub(in crate::commands) struct Shown {
    /// Records.
    pub(in crate::commands) count: u64,
    /// Hash of every line of it; the lines are not kept.
    pub(in crate::commands) hash: [u8; 32],
}

/// Shows an approver every target record of a load, current and new. Refuses a plan whose cells are other ones by now.
pub(in crate::commands) fn show_records(
    app: &App,
    open: &StoreTables,
    (found, spec): (&FoundPlan, &EibSpec),
) -> anyhow::Result<Shown> {
    let key = key(&open.store());
    let load = Load::new(&open.store(), spec, key)?;
    let environment = &found.text.environment;
    check_same(&open.store(), spec, environment, found.text.template.as_deref().unwrap_or_default())?;
    let mut findings = Vec::new();
    let request = load.request(&open.tables);
    let planned = plan(&request, &mut |finding| findings.push(finding), 0)?;
    same(&planned.cells_digest, found)?;
    let masks = TableMasks::default();
    show_planned(app, &load, &planned, (&findings, &masks, Reading { rows: 0, reveal: true }));
    out("");
    let (mut shown, mut hasher, mut cancelled) = (0_u64, blake3::Hasher::new(), false);
    let digests = show(&request, &mut |columns, row| {
        let first = if shown == 0 { constants(columns, &row) } else { Vec::new() };
        for line in first.into_iter().chain([record(columns, &row, (&masks, true))]) {
            let line = Zeroizing::new(line);
            hasher.update(line.as_bytes()).update(b"\n");
            out(&line);
        }
        shown += 1;
        cancelled = app.cancelled();
        if cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let digests = digests.context("cancelled: not every record was seen")?;
    // What was seen is what was planned.
    same(&digests.cells, found)?;
    Ok(Shown { count: shown, hash: *hasher.finalize().as_bytes() })
}

fn same(digest: &str, found: &FoundPlan) -> anyhow::Result<()> {
    if digest != found.text.cells_hash {
        bail!(StoreError::Refused("the cells are not those that were planned: make a new plan".to_owned()));
    }
    Ok(())
}

/// Fields that say the same in every record, which no column of the report does.
fn constants(columns: &[PreviewColumn], row: &PreviewRow) -> Vec<String> {
    let said = columns.iter().zip(&row.cells).filter(|(column, cell)| is_constant(column, cell));
    said.map(|(column, cell)| {
        let new = if cell.change == Change::Cleared { Some("{empty}") } else { cell.new.as_deref() };
        format!("every record  {} = {}", named(column), printable(new.unwrap_or_default()))
    })
    .collect()
}

fn is_constant(column: &PreviewColumn, cell: &PreviewCell) -> bool {
    column.from.is_empty() && !column.has_current && cell.change != Change::Left
}

/// A field's label, with its sheet where that is not the main one.
fn named(column: &PreviewColumn) -> String {
    if column.address.sheet.is_empty() {
        printable(&column.address.label)
    } else {
        printable(&format!("{}!{}", column.sheet, column.address.label))
    }
}

/// A transaction on one line: every field that it writes, but those of [`constants`].
fn record(columns: &[PreviewColumn], row: &PreviewRow, (masks, reveal): (&TableMasks, bool)) -> String {
    let mut fields = Vec::new();
    for (column, cell) in columns.iter().zip(&row.cells) {
        if cell.change == Change::Left || is_constant(column, cell) {
            continue;
        }
        let [current, new] = texts(column, cell, (masks, reveal));
        fields.push(match cell.change {
            Change::Cleared => format!("{} {current} ✗ cleared", named(column)),
            Change::Same => format!("{} {new} (as now)", named(column)),
            _ if column.has_current => format!("{} {current} → {new}", named(column)),
            _ => format!("{} {new}", named(column)),
        });
    }
    format!("{:>12}  {}", row.transaction, fields.join("; "))
}

/// What stands in a preview's cell, current and new.
fn texts(column: &PreviewColumn, cell: &PreviewCell, (masks, reveal): (&TableMasks, bool)) -> [String; 2] {
    let text = |value: &Option<String>, from: &[BaseColumn]| match value {
        None => String::new(),
        Some(value) if reveal => printable(value),
        Some(value) => shown(masks, from, value),
    };
    let current = if column.has_current { text(&cell.current, &column.current_from) } else { "?".to_owned() };
    let new =
        if cell.change == Change::Cleared { "{empty}".to_owned() } else { text(&cell.new, &column.from) };
    [current, new]
}

/// Records that values of tables are shown as they are, before they are.
pub(in crate::commands) fn record_reveal(open: &StoreTables, tables: &[Pinned]) -> anyhow::Result<()> {
    let subjects: Vec<Subject> =
        tables.iter().map(|table| Subject { kind: SubjectKind::Table, id: table.item.0 }).collect();
    let items: Vec<ItemId> = tables.iter().map(|table| table.item).collect();
    let who = Who { user: open.user(), time_ms: now_ms() };
    let mut store = open.store();
    store.witnessed(ActKind::Reveal, who, &subjects)?;
    store.used(who, &items)?;
    store.checkpoint()?;
    Ok(())
}

/// Writes all that is known of a planned load.
pub(in crate::commands) fn show_planned(
    app: &App,
    load: &Load,
    planned: &Planned,
    (findings, masks, reading): (&[Finding], &TableMasks, Reading),
) {
    let template = &load.loaded.template;
    out(&format!(
        "{}  {} ({}), fingerprint {}",
        load.loaded.name,
        printable(&template.operation),
        templates::provenance(template),
        &load.loaded.fingerprint[..12]
    ));
    let sheets: Vec<String> =
        planned.rows_out.iter().map(|(sheet, rows)| format!("{rows} on {}", printable(sheet))).collect();
    out(&format!(
        "rows     {} of the report → {}",
        planned.rows_in,
        if sheets.is_empty() { "none".to_owned() } else { sheets.join(", ") }
    ));
    out(&format!(
        "people   {}, {}",
        planned.people,
        count(planned.transactions, "transaction", "transactions")
    ));
    out(&format!("columns  {} of {} filled", planned.columns.len(), planned.columns_of_template));
    out(&format!(
        "report   {} read{}",
        count(planned.read.len() as u64, "column", "columns"),
        if planned.unread.is_empty() {
            String::new()
        } else {
            format!(", {} not read: {}", planned.unread.len(), printable(&planned.unread.join(", ")))
        }
    ));
    if planned.cleared + planned.replaced > 0 {
        out(&format!(
            "clears   {} with {{empty}}; replaces or deletes in {}",
            count(planned.cleared, "cell", "cells"),
            count(planned.replaced, "row", "rows")
        ));
    }
    out("");
    columns(planned);
    if !planned.advice.is_empty() {
        out("");
        for advice in &planned.advice {
            out(&printable(&format!("advice   {}", advice.message)));
        }
    }
    if reading.rows > 0 {
        out("");
        preview_lines(&planned.preview, masks, reading.reveal).iter().for_each(|line| out(line));
    }
    if !findings.is_empty() {
        out("");
        findings.iter().for_each(|finding| out(&printable(&finding.to_string())));
    }
    let parts: Vec<String> =
        planned.by_severity.iter().rev().map(|(severity, number)| format!("{number} {severity}")).collect();
    app.terminal.say(&if parts.is_empty() {
        "no findings".to_owned()
    } else {
        format!("found: {}", parts.join(", "))
    });
}

fn columns(planned: &Planned) {
    let rows: Vec<Vec<String>> = planned
        .columns
        .iter()
        .map(|column| {
            let why = match column.why {
                Why::Key => "key",
                Why::Required => "required",
                Why::Mapped => "mapped",
            };
            vec![
                format!("{}!{}", printable(&column.sheet), column.cell),
                printable(&column.address.label),
                why.to_owned(),
                column.filled.to_string(),
                column.blank.to_string(),
                column.cleared.to_string(),
                column.sensitive.unwrap_or("").to_owned(),
            ]
        })
        .collect();
    let headings = ["CELL", "FIELD", "WHY", "FILLED", "BLANK", "CLEARED", "SPECIAL CATEGORY"];
    table(&headings, &rows, &[3, 4, 5]).iter().for_each(|line| out(line));
}

/// Current → new, transaction by transaction.
fn preview_lines(preview: &Preview, masks: &TableMasks, reveal: bool) -> Vec<String> {
    let mut lines = preview.rows.first().map_or_else(Vec::new, |row| constants(&preview.columns, row));
    lines.extend(preview.rows.iter().map(|row| record(&preview.columns, row, (masks, reveal))));
    if preview.left_off > 0 {
        lines.push(format!("… {} more", count(preview.left_off, "transaction", "transactions")));
    }
    lines
}

/// Writes the annotated copy: every row with every finding at its cell.
pub(super) fn annotate(
    load: &Load,
    tables: &Tables,
    findings: &[Finding],
    path: &Path,
) -> anyhow::Result<()> {
    let severities: Vec<String> = findings.iter().map(|finding| finding.severity.to_string()).collect();
    let remarks: Vec<Remark<'_>> = findings
        .iter()
        .zip(&severities)
        .map(|(finding, severity)| Remark {
            severity,
            code: finding.code.name(),
            sheet: &finding.sheet,
            cell: finding.cell.as_deref(),
            field: &finding.field,
            message: &finding.message,
            fix: finding.fix,
        })
        .collect();
    let file = Staged::beside(path)?;
    let mut source = rows(&load.request(tables))?;
    write_annotated(&load.loaded.template, &mut source, &remarks, file.writer()?)?;
    let placed = file.place(path).with_context(|| path.display().to_string())?;
    Ok(placed.keep().map(drop)?)
}
