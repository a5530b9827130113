//! Findings of `scan` as SARIF. Results hold places, never values.

use super::{Row, place};
use crate::commands::sarif::{self, uri};
use crate::pipeline::Run;
use custody_rules::{Decision, Place};
use serde_json::{Value, json};

pub(super) fn report(run: &Run, rows: &[Row]) -> String {
    let rules = run.detection.detector.rules();
    let described: Vec<Value> = rules
        .recognizers()
        .iter()
        .map(|r| json!({"id": r.syntax.id, "shortDescription": {"text": r.syntax.description}, "properties": {"entity": rules.entity_name(r.entity)}}))
        .collect();
    let results: Vec<Value> =
        rows.iter().filter(|r| r.finding.decision == Decision::Redact).map(|row| result(run, row)).collect();
    sarif::report(&described, &results)
}

fn result(run: &Run, row: &Row) -> Value {
    let rules = run.detection.detector.rules();
    let entity = rules.entity_name(row.finding.entity);
    let mut location = json!({"artifactLocation": {"uri": uri(&row.file)}});
    if let (Place::Span { start, end, .. }, Some(line)) = (row.finding.place, row.line) {
        location["region"] = json!({"startLine": line, "byteOffset": start, "byteLength": end - start});
    }
    json!({
        "ruleId": rules.recognizer_name(row.finding.recognizer),
        "level": "warning",
        "message": {"text": format!("{entity} at {}", place(row))},
        "locations": [{"physicalLocation": location}],
        "rank": f64::from(row.finding.score) * 100.0,
    })
}
