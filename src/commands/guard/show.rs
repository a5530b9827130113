//! What the guard found, for people, for programs (one JSON object a line) and for code scanning (SARIF).

use super::Result;
use crate::cli::ScanFormat;
use crate::commands::sarif::{self, uri};
use crate::guard::assets::AssetKind;
use crate::guard::{Hit, Note, What};
use crate::pipeline::Run;
use crate::terminal::out;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What a redacted path has in place of what was found in it.
const MARK: char = '‹';

pub(super) fn result(run: &Run, result: &Result, format: ScanFormat) {
    match format {
        ScanFormat::Table => table(result),
        ScanFormat::Json => json_lines(result),
        ScanFormat::Sarif => out(&report(run, result)),
    }
}

/// Findings in the order they were found in, those of one file together, and how each file is mended.
fn table(result: &Result) {
    let mut hits = result.hits.iter().peekable();
    let mut rules = BTreeSet::new();
    while let Some(hit) = hits.next() {
        out(&row(hit));
        rules.insert(hit.rule.as_str());
        let same = hits.peek().is_some_and(|next| {
            next.blob == hit.blob && next.content == hit.content && next.commit == hit.commit
        });
        if !same {
            mend(hit, &rules);
            rules.clear();
        }
    }
    result.notes.iter().for_each(|note| out(&note_text(note)));
}

/// `path:line:column: ENTITY 0.95 recognizer`.
fn row(hit: &Hit) -> String {
    let mut row = match hit.line {
        Some((line, column)) => format!("{}:{line}:{column}: {}", hit.path, hit.rule),
        None => format!("{}: {}", hit.path, hit.rule),
    };
    if let (Some(score), Some(recognizer)) = (hit.score, &hit.recognizer) {
        let _ = write!(row, " {score:.2} {recognizer}");
    }
    let more: Vec<&str> = [hit.place.as_deref().unwrap_or_default(), &hit.detail]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    if !more.is_empty() {
        let _ = write!(row, " ({})", more.join("; "));
    }
    if let Some(commit) = hit.commit {
        let _ = write!(row, " [commit {}]", commit.short());
    }
    row
}

/// How what was found is mended.
fn mend(hit: &Hit, rules: &BTreeSet<&str>) {
    let rule = rules.first().copied().unwrap_or_default();
    let file = hit.path.split('!').next().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    let named = !file.is_empty() && !file.starts_with('-') && file.chars().all(plain);
    // By its hash alone: a path may stand for another content by then, and a name or a message has none.
    let allow = hit.content.map(|content| {
        let content = content.to_hex();
        format!("custody guard allow --content {content} --rule {rule} --reason WHY --expires DAY")
    });
    let first = match (hit.what, hit.commit) {
        (What::Expired, _) => {
            return out("    mend: take the entry out, or look again and give it a new day");
        }
        (_, Some(_)) => {
            "it is in history: change what it gives away, then rewrite the commits that are not shared yet"
        }
        _ if hit.blob.is_none() => "take it out, or redact it (custody redact)",
        _ if named => &format!("git restore --staged -- {file}; or redact it (custody redact {file} -o OUT)"),
        _ => "git restore --staged what is named here; or redact it (custody redact)",
    };
    out(&format!("    mend: {first}"));
    if let Some(allow) = allow {
        out(&format!("    if it may stay: {allow}"));
    }
}

fn note_text(note: &Note) -> String {
    match &note.path {
        Some(path) => format!("note: {path}: {}", note.text),
        None => format!("note: {}", note.text),
    }
}

fn json_lines(result: &Result) {
    for hit in &result.hits {
        let (line, column) = hit.line.map_or((None, None), |(line, column)| (Some(line), Some(column)));
        out(&json!({
            "schema": 1, "type": "finding", "what": hit.what, "rule": hit.rule, "path": hit.path,
            "path_redacted": hit.path.contains(MARK),
            "commit": hit.commit.map(|id| id.to_string()), "blob": hit.blob.map(|id| id.to_string()),
            "content": hit.content.map(|hash| hash.to_hex().to_string()),
            "recognizer": hit.recognizer, "score": hit.score, "line": line, "column": column,
            "place": hit.place, "detail": hit.detail,
        })
        .to_string());
    }
    for note in &result.notes {
        out(&json!({"schema": 1, "type": "note", "path": note.path, "detail": note.text}).to_string());
    }
    out(&json!({
        "schema": 1, "type": "summary", "findings": result.hits.len() as u64 + result.more,
        "allowed": result.tally.allowed, "files": result.tally.files, "bytes": result.tally.bytes,
        "commits": result.tally.commits, "gone": result.seen.gone, "mode_only": result.seen.mode_only,
        "allow_list_changed": result.seen.allow_list,
    })
    .to_string());
}

fn report(run: &Run, result: &Result) -> String {
    let rules = run.detection.detector.rules();
    let mut described: Vec<Value> = rules
        .entities()
        .iter()
        .map(|entity| json!({"id": entity.as_str(), "shortDescription": {"text": format!("{} in Git", entity.as_str())}}))
        .collect();
    let others = [
        ("unread", "what cannot be read"),
        ("people", "many people"),
        ("expired", "an allow-list entry that is over"),
    ];
    let others = others.map(|(id, text)| (id.to_owned(), text.to_owned())).into_iter();
    let kinds =
        AssetKind::ALL.iter().map(|kind| (kind.rule(), format!("a file of the kind {}", kind.as_str())));
    described
        .extend(others.chain(kinds).map(|(id, text)| json!({"id": id, "shortDescription": {"text": text}})));
    let results: Vec<Value> = result.hits.iter().map(sarif_result).collect();
    sarif::report(&described, &results)
}

fn sarif_result(hit: &Hit) -> Value {
    let file = hit.path.split('!').next().unwrap_or_default();
    let mut location = json!({"artifactLocation": {"uri": uri(file)}});
    if let Some((line, column)) = hit.line.filter(|_| file == hit.path) {
        location["region"] = json!({"startLine": line, "startColumn": column});
    }
    let mut result = json!({
        "ruleId": hit.rule,
        "level": "error",
        "message": {"text": row(hit)},
        "locations": [{"physicalLocation": location}],
    });
    if let Some(score) = hit.score {
        result["rank"] = json!(f64::from(score) * 100.0);
    }
    if let Some(content) = hit.content {
        // Of the content and the rule, never of a value.
        result["partialFingerprints"] =
            json!({"contentAndRule/v1": format!("{}:{}", &content.to_hex()[..32], hit.rule)});
    }
    if let Some(commit) = hit.commit {
        result["properties"] = json!({"commit": commit.to_string()});
    }
    result
}
