//! `custody rules explain`: every match in a text the caller gave, with check, context, scores and fate.

use super::super::App;
use crate::cli::DetectArgs;
use crate::exit::Exit;
use crate::terminal::out;
use custody_redact::Span;
use custody_redact::detect::{Detector, Fate, Why};
use custody_rules::{ContextWord, Limits, context_words};
use serde_json::{Value, json};
use std::io::Read;

pub(super) fn run(
    app: &App,
    (text, label): (&str, Option<&str>),
    detect: &DetectArgs,
) -> anyhow::Result<Exit> {
    let text = if text == "-" {
        let mut input = String::new();
        std::io::stdin().take(1 << 20).read_to_string(&mut input)?;
        input
    } else {
        text.to_owned()
    };
    let detection = app.detection(detect, &Limits::default())?;
    let detector = &detection.detector;
    let mut scratch = detector.scratch();
    let mut found = false;
    for line in text.lines() {
        let (spans, whys) = detector.why(line, label, &mut scratch);
        for why in &whys {
            let words = context_words(&detector.scanner, (line, label), &why.explanation);
            if app.global.json {
                out(&row(detector, why, &words).to_string());
            } else {
                // The caller typed or piped the text: showing it back gives nothing away.
                let value = &line[why.explanation.start..why.explanation.end];
                out(&sentence(detector, (why, value), &words));
            }
        }
        let ids = detector.ids();
        for span in spans.iter().filter(|s| [ids.roster, ids.deny].contains(&s.recognizer)) {
            out(&listed(app, detector, span));
        }
        found |= !spans.is_empty();
    }
    if let Some(hit) = label.and_then(|label| detector.scanner.labels().lookup(label)) {
        if !app.global.json {
            let entity = detector.rules().entity_name(hit.entity);
            out(&format!("the label alone makes the whole value {entity}"));
        }
        found = true;
    }
    if !found && !app.global.json {
        out("nothing is found");
    }
    Ok(if found { Exit::Findings } else { Exit::Done })
}

/// One match as JSON; without its value.
fn row(detector: &Detector, why: &Why, words: &[ContextWord]) -> Value {
    let rules = detector.rules();
    let item = &why.explanation;
    let syntax = &rules.recognizers()[item.recognizer.0 as usize].syntax;
    let words: Vec<Value> = words.iter().map(|w| json!({"word": w.word, "where": w.side})).collect();
    let lost_to = match &why.fate {
        Fate::Lost(span) => {
            json!({"entity": rules.entity_name(span.entity), "start": span.start, "end": span.end,
            "recognizer": rules.recognizer_name(span.recognizer), "score": span.score})
        }
        _ => Value::Null,
    };
    json!({"schema": 1, "start": item.start, "end": item.end, "entity": rules.entity_name(why.entity),
        "recognizer": syntax.id, "pattern": item.pattern, "check": item.check, "check_name": syntax.check,
        "context": item.context, "context_words": words, "base_score": item.base_score, "score": item.score,
        "verdict": why.fate.as_str(), "near_miss": why.is_near_miss(), "lost_to": lost_to})
}

fn sentence(detector: &Detector, (why, value): (&Why, &str), words: &[ContextWord]) -> String {
    let rules = detector.rules();
    let item = &why.explanation;
    let syntax = &rules.recognizers()[item.recognizer.0 as usize].syntax;
    let check = match (item.check, &syntax.check) {
        (Some(passed), Some(name)) => format!(", check {name} {}", if passed { "passed" } else { "failed" }),
        _ => String::new(),
    };
    let words: Vec<String> = words.iter().map(|w| format!("{:?} {}", w.word, w.side)).collect();
    let context = if words.is_empty() { String::new() } else { format!(", context {}", words.join(", ")) };
    let near = if why.is_near_miss() { " (near miss)" } else { "" };
    let winner = match &why.fate {
        Fate::Lost(span) => format!(
            ": {} {}..{} of {}, score {:.2}",
            rules.entity_name(span.entity),
            span.start,
            span.end,
            rules.recognizer_name(span.recognizer),
            span.score
        ),
        _ => String::new(),
    };
    format!(
        "{:<24} {}..{} {value:?} {}/{}{check}{context}, score {:.2} -> {:.2}: {}{winner}{near}",
        rules.entity_name(why.entity),
        item.start,
        item.end,
        syntax.id,
        item.pattern,
        item.base_score,
        item.score,
        why.fate.as_str()
    )
}

/// What the roster or a deny-list found.
fn listed(app: &App, detector: &Detector, span: &Span) -> String {
    let rules = detector.rules();
    let (entity, id) = (rules.entity_name(span.entity), rules.recognizer_name(span.recognizer));
    if app.global.json {
        return json!({"schema": 1, "start": span.start, "end": span.end, "entity": entity, "recognizer": id,
            "score": span.score, "verdict": "found"})
        .to_string();
    }
    format!("{entity:<24} {}..{} {id}, score {:.2}: found", span.start, span.end, span.score)
}
