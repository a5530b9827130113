//! Makes a plan, and the rows of one.

use super::advice::Watch;
use super::show::PreviewMaker;
use super::{
    ColumnUse, Digester, Digests, PlanError, Planned, Preview, PreviewColumn, PreviewRow, Request, Why,
};
use crate::Restriction;
use crate::eib::engine::{Rows, Spec};
use crate::eib::finding::{Code, Finding, Severity};
use crate::eib::sensitive::{special_category, special_heading};
use crate::eib::validate::{Checker, label_cell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The rows of a request, as a writer takes them: the same ones that [`plan`] hashed, as long as the tables are the
/// same. Nothing is checked.
///
/// # Errors
/// A [`PlanError`] when the mapping, the filter or a table does not fit.
pub fn rows(request: &Request<'_>) -> Result<Rows, PlanError> {
    let spec = Arc::new(Spec::new(request)?);
    start(request, &spec)
}

fn start(request: &Request<'_>, spec: &Arc<Spec>) -> Result<Rows, PlanError> {
    let source = request.tables.query_stream(&spec.sql)?;
    Ok(Rows::new(Arc::clone(spec), source, request.only))
}

/// Evaluates a request and checks everything; every finding is handed over as it is found. The preview has so many
/// transactions at most.
///
/// # Errors
/// A [`PlanError`] when there is nothing to plan with; what is wrong with cells are findings.
pub fn plan(
    request: &Request<'_>,
    findings: &mut dyn FnMut(Finding),
    preview_rows: usize,
) -> Result<Planned, PlanError> {
    let spec = Arc::new(Spec::new(request)?);
    let mut by_severity: BTreeMap<Severity, u64> = BTreeMap::new();
    let mut by_code: BTreeMap<Code, u64> = BTreeMap::new();
    let mut sink = |finding: Finding| {
        *by_severity.entry(finding.severity).or_default() += 1;
        *by_code.entry(finding.code).or_default() += 1;
        findings(finding);
    };
    let sensitive = sensitive(request, &spec, &mut sink)?;
    let mut rows = start(request, &spec)?;
    let mut checker = Checker::new(request, &spec);
    let mut digester = Digester::new(request.key, request.template);
    let mut watch = Watch::new(&spec);
    let mut preview = PreviewMaker::new(request, &spec);
    let mut shown = Vec::new();
    let (mut rows_in, mut transactions) = (0, 0);
    while let Some(made) = rows.next_made()? {
        checker.block(&made, &mut sink);
        digester.update(&made.block);
        watch.block(&made);
        // Broken off or not: the rest is counted.
        let _ = preview.block(&spec, &made, &mut |row| {
            if shown.len() < preview_rows {
                shown.push(row);
            }
            if shown.len() < preview_rows { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        rows_in += made.rows_in;
        transactions += made.transactions.len() as u64;
    }
    checker.finish(&mut sink);
    let digests = digester.finish();
    let columns = columns(request, &checker, &sensitive);
    let advice = watch.advice(request, (&spec, &columns), transactions);
    let replaced = checker.counts().flat_map(|(_, columns, _)| columns).map(|column| column.replaced).sum();
    let names = |sheet: usize| request.template.sheets[sheet].name.clone();
    let rows_out = checker.counts().filter(|(.., rows)| *rows > 0).map(|(at, _, rows)| (names(at), rows));
    Ok(Planned {
        rows_in,
        rows_out: rows_out.collect(),
        transactions,
        people: checker.people().unwrap_or(transactions),
        columns_of_template: request.template.sheets.iter().map(|sheet| sheet.columns.len() as u64).sum(),
        read: spec.read.clone(),
        unread: spec.unread.clone(),
        advice,
        by_severity,
        by_code,
        digests: digests.sheets,
        cells_digest: digests.cells,
        cleared: columns.iter().map(|column| column.cleared).sum(),
        replaced,
        columns,
        preview: Preview {
            left_off: transactions - shown.len() as u64,
            columns: preview.columns,
            rows: shown,
        },
    })
}

/// Hands every transaction over, current and new, unmasked, until `each` breaks: for an approver, who sees all of them.
/// The hashes say whether that was what a plan planned; none if `each` broke.
///
/// # Errors
/// A [`PlanError`]; what was handed over before it shows no plan.
pub fn show(
    request: &Request<'_>,
    each: &mut dyn FnMut(&[PreviewColumn], PreviewRow) -> ControlFlow<()>,
) -> Result<Option<Digests>, PlanError> {
    let spec = Arc::new(Spec::new(request)?);
    let mut rows = start(request, &spec)?;
    let mut digester = Digester::new(request.key, request.template);
    let mut preview = PreviewMaker::new(request, &spec);
    let columns = preview.columns.clone();
    while let Some(made) = rows.next_made()? {
        digester.update(&made.block);
        if preview.block(&spec, &made, &mut |row| each(&columns, row)).is_break() {
            return Ok(None);
        }
    }
    Ok(Some(digester.finish()))
}

/// Special categories by field; those that nobody allowed are findings.
fn sensitive(
    request: &Request<'_>,
    spec: &Spec,
    sink: &mut dyn FnMut(Finding),
) -> Result<BTreeMap<(usize, usize), &'static str>, PlanError> {
    let mut allowed = BTreeSet::new();
    for (address, reason) in &request.allow.sensitive {
        let place = request.template.find(address).map_err(|error| PlanError::Allow(error.to_string()))?;
        if reason.trim().is_empty() {
            return Err(PlanError::Allow(format!("{:?} has no reason", address.label)));
        }
        allowed.insert(place);
    }
    let mut found = BTreeMap::new();
    for field in &spec.fields {
        let target = special_category(request.template, field.sheet, field.column);
        // What it is called there does not make it harmless.
        let source = field.from.iter().chain(&field.current_from).find_map(|name| special_heading(name));
        let Some(category) = target.or(source) else { continue };
        found.insert((field.sheet, field.column), category);
        if !allowed.contains(&(field.sheet, field.column)) {
            let sheet = &request.template.sheets[field.sheet];
            let column = &sheet.columns[field.column];
            let cell = Some(label_cell(column.index));
            let finding = Finding::new(Code::Sensitive, &sheet.name, cell, &column.label);
            sink(finding.saying(format!("data of a special category: {category}")));
        }
    }
    let may_filter = |name: &str| {
        let mut columns = request.allow.columns.iter();
        columns.any(|(allowed, reason)| allowed.eq_ignore_ascii_case(name) && !reason.trim().is_empty())
    };
    // Who is in the workbook tells what the filter asked for.
    for name in spec.filtered.iter().filter(|name| !may_filter(name)) {
        if let (Some(category), Some(main)) = (special_heading(name), request.template.sheets.first()) {
            let finding = Finding::new(Code::Sensitive, &main.name, None, name);
            sink(finding.saying(format!("the filter looks at data of a special category: {category}")));
        }
    }
    Ok(found)
}

fn columns(
    request: &Request<'_>,
    checker: &Checker,
    sensitive: &BTreeMap<(usize, usize), &'static str>,
) -> Vec<ColumnUse> {
    let mut all = Vec::new();
    for (at, columns, rows) in checker.counts() {
        let sheet = &request.template.sheets[at];
        for counted in columns {
            let column = &sheet.columns[counted.column];
            let key = sheet.groups.iter().any(|group| group.key == Some(counted.column));
            let why = match column.restriction {
                _ if key => Why::Key,
                Restriction::Required | Restriction::RequiredMultiple => Why::Required,
                _ => Why::Mapped,
            };
            let Some(address) = request.template.address(at, counted.column) else { continue };
            all.push(ColumnUse {
                address,
                cell: label_cell(column.index),
                sheet: sheet.name.clone(),
                why,
                filled: counted.filled,
                blank: rows - counted.filled,
                cleared: counted.cleared,
                sensitive: sensitive.get(&(at, counted.column)).copied(),
            });
        }
    }
    all
}
