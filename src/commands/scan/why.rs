//! `custody scan --explain`: why a finding is one, what it won over, and what nearly was one. Names rules
//! and their words, never a value.

use super::{Row, place_text};
use crate::pipeline::{Content, Item, Run, artifact};
use custody_redact::detect::{CellContext, Explained, explain_artifact};
use custody_rules::{Decision, Finding, Place, RecognizerId, Refusal};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Why a row is there.
#[derive(Default)]
pub(super) struct Reason {
    /// The pattern behind it; `None`: no pattern, but a list, a roster, a heading, pixels.
    by: Option<Explained>,
    /// What overlaps it and lost.
    over: Vec<Explained>,
    /// Whether it is no finding, but little was missing.
    pub near_miss: bool,
}

/// Puts its reason to every finding of an artifact, and near misses between them, in order of place.
pub(super) fn reasons(
    run: &Run,
    (item, content): (&Item, &Content),
    findings: Vec<Finding>,
) -> Result<Vec<(Finding, Reason)>, Refusal> {
    let mut found: HashMap<(Place, RecognizerId), Explained> = HashMap::new();
    let mut lost: HashMap<Place, Vec<Explained>> = HashMap::new();
    let mut near = Vec::new();
    let cells = CellContext { classes: &content.classes, kind: content.sniffed.kind, collect: false };
    let open = || item.found.source.open();
    let context = run.context_at(&item.found.relative);
    explain_artifact(&context, &artifact(content, &open), &cells, &mut |explained| {
        if let Some(winner) = explained.lost_to {
            lost.entry(winner).or_default().push(explained);
        } else if explained.why.is_near_miss() {
            near.push(explained);
        } else {
            found.insert((explained.place, explained.why.explanation.recognizer), explained);
        }
    })?;
    let mut rows: Vec<(Finding, Reason)> = Vec::with_capacity(findings.len() + near.len());
    for finding in findings {
        let mut over = lost.remove(&finding.place).unwrap_or_default();
        let by = found.remove(&(finding.place, finding.recognizer)).or_else(|| {
            // It was cut to this place, or the rest of the bundle is surer of the same value.
            let cut = |e: &Explained| e.why.explanation.recognizer == finding.recognizer;
            let same = |e: &Explained| (e.place, e.why.entity) == (finding.place, finding.entity);
            let own = over.iter().position(cut).or_else(|| over.iter().position(same))?;
            Some(over.remove(own))
        });
        rows.push((finding, Reason { by, over, near_miss: false }));
    }
    rows.extend(near.into_iter().map(|explained| (nearly(&explained), near_miss(explained))));
    rows.sort_by_key(|(finding, _)| finding.place);
    Ok(rows)
}

/// A near miss as a row: it has a place and a score, and nothing becomes of it.
fn nearly(explained: &Explained) -> Finding {
    Finding {
        place: explained.place,
        entity: explained.why.entity,
        recognizer: explained.why.explanation.recognizer,
        score: explained.why.explanation.score,
        identity: 0,
        decision: Decision::Keep,
    }
}

fn near_miss(explained: Explained) -> Reason {
    Reason { by: Some(explained), over: Vec::new(), near_miss: true }
}

/// The line under a finding, or what stands behind a near miss.
pub(super) fn sentence(run: &Run, row: &Row, reason: &Reason) -> String {
    let rules = run.detection.detector.rules();
    let mut text = match &reason.by {
        Some(own) if own.why.explanation.recognizer != row.finding.recognizer => {
            format!("{}; {}", no_pattern(run, &row.finding), pattern(run, own))
        }
        Some(own) => pattern(run, own),
        None => no_pattern(run, &row.finding).to_owned(),
    };
    if let Some(explained) = reason.by.as_ref().filter(|_| reason.near_miss) {
        text = format!("{text}: {}", explained.why.fate.as_str());
    }
    for loser in &reason.over {
        text = format!(
            "{text}; won over {} at {} of {}",
            rules.entity_name(loser.why.entity),
            place_text(loser.place, None),
            pattern(run, loser)
        );
    }
    text
}

fn pattern(run: &Run, explained: &Explained) -> String {
    let item = &explained.why.explanation;
    let syntax = &run.detection.detector.rules().recognizers()[item.recognizer.0 as usize].syntax;
    let check = match (item.check, &syntax.check) {
        (Some(passed), Some(name)) => format!(", check {name} {}", if passed { "passed" } else { "failed" }),
        _ => String::new(),
    };
    let words: Vec<String> = explained.words.iter().map(|w| format!("{:?} {}", w.word, w.side)).collect();
    let context = if words.is_empty() { String::new() } else { format!(", context {}", words.join(", ")) };
    format!(
        "{}/{}{check}{context}, score {:.2} -> {:.2}",
        syntax.id, item.pattern, item.base_score, item.score
    )
}

/// What is known of a finding that no pattern explains.
fn no_pattern(run: &Run, finding: &Finding) -> &'static str {
    let detector = &run.detection.detector;
    let ids = detector.ids();
    let label = detector.rules().built_in_recognizer("label");
    match finding.recognizer {
        by if by == ids.roster => "the roster has it",
        by if by == ids.deny => "a deny-list names it",
        by if by == ids.bundle => "its value is found elsewhere in the bundle",
        by if by == ids.unread => "it cannot be read",
        _ if matches!(finding.place, Place::Region(_)) => "read from pixels",
        _ if matches!(finding.place, Place::Path { .. }) => "it stands in the path",
        by if by == label => "its heading, key, label or column says so",
        _ => "its heading, key or label says so, or it stands escaped",
    }
}

/// The same for programs.
pub(super) fn json(run: &Run, row: &Row, reason: &Reason) -> Value {
    let rules = run.detection.detector.rules();
    let over: Vec<Value> = reason
        .over
        .iter()
        .map(|loser| {
            let mut object = explained_json(run, loser);
            object["entity"] = json!(rules.entity_name(loser.why.entity));
            object["place"] = super::place_json(loser.place, None);
            object
        })
        .collect();
    let mut object = match &reason.by {
        Some(explained) => explained_json(run, explained),
        None => json!({"recognizer": rules.recognizer_name(row.finding.recognizer),
            "known": no_pattern(run, &row.finding), "score": row.finding.score}),
    };
    object["over"] = Value::Array(over);
    if reason.by.as_ref().is_some_and(|own| own.why.explanation.recognizer != row.finding.recognizer) {
        object["known"] = json!(no_pattern(run, &row.finding));
    }
    object
}

fn explained_json(run: &Run, explained: &Explained) -> Value {
    let item = &explained.why.explanation;
    let syntax = &run.detection.detector.rules().recognizers()[item.recognizer.0 as usize].syntax;
    let words: Vec<Value> =
        explained.words.iter().map(|w| json!({"word": w.word, "where": w.side})).collect();
    json!({"recognizer": syntax.id, "pattern": item.pattern, "check": item.check, "check_name": syntax.check,
        "context_words": words, "base_score": item.base_score, "score": item.score,
        "verdict": explained.why.fate.as_str()})
}
