//! `custody scan`: what would be redacted, and where. Changes nothing and shows no value.

mod sarif;
mod why;

use super::witness::Witness;
use super::{App, folders, preview};
use crate::cleanup::{Staged, memory_folder};
use crate::cli::{ScanArgs, ScanFormat};
use crate::columns::column_name;
use crate::exit::Exit;
use crate::pipeline::{Bundle, Item, Run, has_lines};
use crate::terminal::{out, printable};
use custody_ingest::FileReader;
use custody_retention::ledger::ActKind;
use custody_rules::{Decision, Finding, Place, Reader};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::path::Path;

/// One finding with what people need to go there.
pub(super) struct Row {
    /// The artifact as the user named it.
    pub file: String,
    /// The finding.
    pub finding: Finding,
    /// Line from 1, for text.
    pub line: Option<u64>,
    /// Why it is there, if that was asked.
    reason: Option<why::Reason>,
}

impl Row {
    fn is_near_miss(&self) -> bool {
        self.reason.as_ref().is_some_and(|reason| reason.near_miss)
    }
}

pub(super) fn run(app: &App, args: &ScanArgs) -> anyhow::Result<Exit> {
    let format = if app.global.json { ScanFormat::Json } else { args.format };
    if args.explain && format == ScanFormat::Sarif {
        anyhow::bail!("--explain goes with the formats table and json");
    }
    let dir = args.preview.as_deref().map(|dir| folders::checked(dir, "DIR", &args.paths)).transpose()?;
    if dir.is_some() && args.paths.iter().any(|path| path == Path::new("-")) {
        anyhow::bail!("--preview is for files: standard input (-) has none");
    }
    let witness = Witness::begin(app)?;
    let mut run = app.run(&args.detect, &args.media)?;
    app.say_without_roster(&run.detection);
    let stdin = stdin_copy(app, args)?;
    let paths = stdin.as_ref().map_or_else(|| args.paths.clone(), |dir| vec![dir.path().join("stdin")]);
    let mut bundle = match run.detect(&paths, dir.as_deref()) {
        Ok(bundle) => bundle,
        Err(refusal) => {
            app.terminal.error(&format!("cancelled: {}", refusal.detail));
            return Ok(Exit::Cancelled);
        }
    };
    run.progress.finish();
    let rows = match rows(&run, &mut bundle, (stdin.is_some(), args.explain)) {
        Ok(rows) => rows,
        Err(error) => return Ok(app.failed(&error)),
    };
    let found = || rows.iter().filter(|row| !row.is_near_miss());
    let redact = found().filter(|row| row.finding.decision == Decision::Redact).count();
    match format {
        ScanFormat::Table => table(&run, &rows),
        ScanFormat::Json => rows.iter().for_each(|row| out(&json_row(&run, row).to_string())),
        ScanFormat::Sarif => out(&sarif::report(&run, &rows)),
    }
    let refused = refuse_lines(app, &bundle);
    if let Some(dir) = &dir
        && let Err(error) = preview::run(app, &run, &mut bundle, dir)
    {
        app.failed(&error);
    }
    let read = bundle.items.iter().filter(|item| item.state.is_ok()).count();
    app.terminal.say(&format!("{read} files read, {refused} refused, {redact} findings"));
    let exit = match (redact, read, refused) {
        (1.., _, _) => Exit::Findings,
        (0, 0, _) => Exit::Usage,
        (0, _, 0) => Exit::Done,
        _ => Exit::Partly,
    };
    Ok(witness.bundle(app, ActKind::Scan, &bundle, exit))
}

/// Standard input as a file in memory-backed staging, so that it is sniffed like any other.
fn stdin_copy(app: &App, args: &ScanArgs) -> anyhow::Result<Option<Staged>> {
    if !args.paths.iter().any(|p| p == Path::new("-")) {
        return Ok(None);
    }
    if args.paths.len() > 1 {
        anyhow::bail!("- stands alone: no other path beside it");
    }
    let dir = app.cleanup.stage(memory_folder()?);
    let mut file = std::fs::File::create(dir.path().join("stdin"))?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
    Ok(Some(dir))
}

pub(super) fn refuse_lines(app: &App, bundle: &Bundle) -> usize {
    let own = bundle.items.iter().filter_map(|item| Some((&item.found.display, item.state.as_ref().err()?)));
    let all: Vec<_> = own.chain(bundle.refused.iter().map(|(name, refusal)| (name, refusal))).collect();
    for (name, refusal) in &all {
        app.terminal.tagged("refused", &format!("{name}: {} ({})", refusal.detail, refusal.reason.as_str()));
    }
    all.len()
}

fn rows(run: &Run, bundle: &mut Bundle, (stdin, explain): (bool, bool)) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for item in &mut bundle.items {
        let file = if stdin { "-".to_owned() } else { item.found.display.clone() };
        let path_rows = item.path_findings.iter().map(|finding| Row {
            file: file.clone(),
            finding: *finding,
            line: None,
            reason: explain.then(why::Reason::default),
        });
        rows.extend(path_rows.filter(|_| !stdin));
        let Ok(content) = &mut item.state else { continue };
        let kind = content.sniffed.kind;
        let findings = content.store.rows()?.collect::<Result<Vec<Finding>, _>>()?;
        let (findings, reasons) = reasons(run, item, (findings, explain))?;
        let lines = if has_lines(kind) { line_numbers(item, &findings)? } else { vec![None; findings.len()] };
        let known = findings.into_iter().zip(lines).zip(reasons);
        rows.extend(known.map(|((finding, line), reason)| Row { file: file.clone(), finding, line, reason }));
        run.context().check_cancelled()?;
    }
    Ok(rows)
}

type Explained = (Vec<Finding>, Vec<Option<why::Reason>>);

/// The findings with their reasons, if that was asked: near misses are among them then.
fn reasons(run: &Run, item: &Item, (findings, explain): (Vec<Finding>, bool)) -> anyhow::Result<Explained> {
    let Some(content) = item.state.as_ref().ok().filter(|_| explain) else {
        let none = findings.iter().map(|_| None).collect();
        return Ok((findings, none));
    };
    let rows = why::reasons(run, (item, content), findings)?;
    Ok(rows.into_iter().map(|(finding, reason)| (finding, Some(reason))).unzip())
}

/// Line numbers of findings that stand in order of place.
fn line_numbers(item: &Item, findings: &[Finding]) -> anyhow::Result<Vec<Option<u64>>> {
    let Ok(content) = &item.state else { return Ok(Vec::new()) };
    if findings.is_empty() {
        return Ok(Vec::new());
    }
    let view = FileReader.utf8_view(item.found.source.open()?, content.sniffed.encoding)?;
    let mut bytes = BufReader::with_capacity(1 << 20, view).bytes();
    let (mut at, mut line) = (0, 1);
    let mut lines = Vec::with_capacity(findings.len());
    for finding in findings {
        let Place::Span { start, .. } = finding.place else {
            lines.push(None);
            continue;
        };
        while at < start
            && let Some(byte) = bytes.next()
        {
            line += u64::from(byte? == b'\n');
            at += 1;
        }
        lines.push(Some(line));
    }
    Ok(lines)
}

/// Where a finding is, for people.
pub(super) fn place(row: &Row) -> String {
    place_text(row.finding.place, row.line)
}

fn place_text(place: Place, line: Option<u64>) -> String {
    match (place, line) {
        (Place::Span { start, end, .. }, Some(line)) => format!("line {line}, bytes {start}..{end}"),
        (Place::Span { start, end, .. }, None) => format!("bytes {start}..{end}"),
        (Place::Cell { sheet, row, column, .. }, _) => {
            if column == custody_rules::table::SHEET_NAME_COLUMN {
                format!("sheet {} name", sheet + 1)
            } else {
                format!("sheet {}!{}{}", sheet + 1, column_name(column), row + 1)
            }
        }
        (Place::Region(r), _) if r.last_frame > 0 => {
            format!(
                "frames {}..={}, {}x{} at {},{}",
                r.first_frame, r.last_frame, r.width, r.height, r.left, r.top
            )
        }
        (Place::Region(r), _) => format!("{}x{} at {},{}", r.width, r.height, r.left, r.top),
        (Place::Path { component, .. }, _) => format!("path, part {}", component + 1),
    }
}

fn table(run: &Run, rows: &[Row]) {
    let rules = run.detection.detector.rules();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows {
        let entity = rules.entity_name(row.finding.entity);
        let (file, place) = (printable(&row.file), place(row));
        let why = row.reason.as_ref().map(|reason| why::sentence(run, row, reason)).unwrap_or_default();
        if row.is_near_miss() {
            out(&format!("near miss: {file}: {place}: {entity} {why}"));
            continue;
        }
        *counts.entry(entity).or_default() += 1;
        let keep = if row.finding.decision == Decision::Keep { " (kept)" } else { "" };
        out(&format!(
            "{file}: {place}: {entity} {:.2} {}{keep}",
            row.finding.score,
            rules.recognizer_name(row.finding.recognizer)
        ));
        if !why.is_empty() {
            out(&format!("    why: {why}"));
        }
    }
    for (entity, count) in counts {
        out(&format!("{count:>7} {entity}"));
    }
}

fn json_row(run: &Run, row: &Row) -> serde_json::Value {
    let rules = run.detection.detector.rules();
    let decision = if row.is_near_miss() { "none" } else { row.finding.decision.as_str() };
    let mut object = json!({"schema": 1, "file": row.file, "entity": rules.entity_name(row.finding.entity),
        "recognizer": rules.recognizer_name(row.finding.recognizer), "score": row.finding.score,
        "decision": decision, "place": place_json(row.finding.place, row.line)});
    if let Some(reason) = &row.reason {
        object["near_miss"] = json!(reason.near_miss);
        object["why"] = why::json(run, row, reason);
    }
    object
}

fn place_json(place: Place, line: Option<u64>) -> serde_json::Value {
    match place {
        Place::Span { start, end, .. } => json!({"start": start, "end": end, "line": line}),
        Place::Cell { sheet, row, column, start, end } => {
            json!({"sheet": sheet, "row": row, "column": column, "start": start, "end": end})
        }
        Place::Region(region) => json!(region),
        Place::Path { component, start, end } => json!({"component": component, "start": start, "end": end}),
    }
}
