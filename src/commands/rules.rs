//! `custody rules`: what recognizers there are, whether their own examples hold, and why a text is found.

use super::App;
use crate::cli::{DetectArgs, RulesCommand};
use crate::exit::Exit;
use crate::terminal::out;
use crate::{config, embedded, rulebook};
use anyhow::bail;
use custody_rules::{Explanation, Limits, RuleSet, RuleSource, Scanner, explain};
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(app: &App, command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::Ls { rules } => list(app, rules.as_deref()),
        RulesCommand::Test { files } => test(app, files),
        RulesCommand::Explain { text, label, detect } => why(app, (text, label.as_deref()), detect),
    }
}

fn list(app: &App, folder: Option<&Path>) -> anyhow::Result<Exit> {
    let (rules, _) = rulebook::load_rules(folder)?;
    for recognizer in rules.recognizers() {
        let syntax = &recognizer.syntax;
        let entity = rules.entity_name(recognizer.entity);
        if app.global.json {
            let patterns: Vec<&str> = syntax.patterns.iter().map(|p| p.name.as_str()).collect();
            let row = json!({"schema": 1, "id": syntax.id, "entity": entity, "description": syntax.description,
                "patterns": patterns, "labels": syntax.labels, "check": syntax.check, "source": syntax.source});
            out(&serde_json::to_string(&row)?);
        } else if syntax.source != "built in" {
            let check = syntax.check.as_deref().unwrap_or("-");
            out(&format!(
                "{:<24} {:<22} {:>2} patterns {:>3} labels  {check:<18} {}",
                syntax.id,
                entity,
                syntax.patterns.len(),
                syntax.labels.len(),
                syntax.description
            ));
        }
    }
    Ok(Exit::Done)
}

/// Runs examples: positives must be found with at least 0.5 at exactly that place, negatives not at all.
fn test(app: &App, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let own: Vec<(String, String)> =
        files.iter().map(|f| rulebook::read_file(f)).collect::<Result<_, _>>()?;
    let sources: Vec<RuleSource<'_>> = if own.is_empty() {
        embedded::RECOGNIZERS.iter().map(|&(name, text)| RuleSource { name, text }).collect()
    } else {
        own.iter().map(|(name, text)| RuleSource { name, text }).collect()
    };
    let rules = match RuleSet::load(&sources) {
        Ok(rules) => rules,
        Err(errors) => {
            errors.iter().for_each(|error| app.terminal.error(&error.to_string()));
            return Ok(Exit::Usage);
        }
    };
    let scanner = match Scanner::new(Arc::new(rules)) {
        Ok(scanner) => scanner,
        Err(message) => bail!("the rules do not compile together: {message}"),
    };
    let failures = scanner.test_examples();
    failures.iter().for_each(|failure| app.terminal.error(failure));
    let count = sources.len();
    if app.global.json {
        out(&serde_json::to_string(&json!({"schema": 1, "recognizers": count, "failures": failures}))?);
    } else {
        out(&format!("{count} recognizers, {} failed examples", failures.len()));
    }
    Ok(if failures.is_empty() { Exit::Done } else { Exit::Findings })
}

fn why(app: &App, (text, label): (&str, Option<&str>), detect: &DetectArgs) -> anyhow::Result<Exit> {
    let text = if text == "-" {
        let mut input = String::new();
        std::io::stdin().take(1 << 20).read_to_string(&mut input)?;
        input
    } else {
        text.to_owned()
    };
    let detection = config::detection(detect, &Limits::default())?;
    let detector = &detection.detector;
    let threshold = detector.profile.threshold;
    let mut found = false;
    for line in text.lines() {
        let spans = detector.text(line, label, &mut detector.scratch());
        for item in explain(&detector.scanner, line, label) {
            let won = spans
                .iter()
                .any(|s| (s.start, s.end, s.recognizer) == (item.start, item.end, item.recognizer));
            print(
                app,
                detector.rules(),
                (&item, &line[item.start..item.end]),
                verdict(&item, won, threshold),
            )?;
        }
        for span in spans.iter().filter(|s| s.recognizer == detector.ids().roster) {
            out(&format!(
                "{:<24} {}..{} roster, score {:.2}: found",
                detector.rules().entity_name(span.entity),
                span.start,
                span.end,
                span.score
            ));
        }
        found |= !spans.is_empty();
    }
    if let Some(hit) = label.and_then(|label| detector.scanner.labels().lookup(label)) {
        out(&format!("the label alone makes the whole value {}", detector.rules().entity_name(hit.entity)));
        found = true;
    }
    if !found && !app.global.json {
        out("nothing is found");
    }
    Ok(if found { Exit::Findings } else { Exit::Done })
}

fn verdict(item: &Explanation, won: bool, threshold: f32) -> &'static str {
    match item.dropped {
        Some(reason) => reason,
        None if item.score < threshold => "under the profile's threshold",
        None if won => "found",
        None => "another finding covers it",
    }
}

fn print(
    app: &App,
    rules: &RuleSet,
    (item, value): (&Explanation, &str),
    verdict: &str,
) -> anyhow::Result<()> {
    let recognizer = &rules.recognizers()[item.recognizer.0 as usize];
    let entity = rules.entity_name(recognizer.entity);
    if app.global.json {
        let row = json!({"schema": 1, "start": item.start, "end": item.end, "entity": entity, "recognizer": recognizer.syntax.id,
            "pattern": item.pattern, "check": item.check, "context": item.context, "base_score": item.base_score,
            "score": item.score, "verdict": verdict});
        out(&serde_json::to_string(&row)?);
        return Ok(());
    }
    let check = match (item.check, &recognizer.syntax.check) {
        (Some(passed), Some(name)) => format!(", check {name} {}", if passed { "passed" } else { "failed" }),
        _ => String::new(),
    };
    let context = if item.context { ", context near" } else { "" };
    // The caller typed or piped the text: showing it back gives nothing away.
    out(&format!(
        "{entity:<24} {}..{} {value:?} {}/{}{check}{context}, score {:.2} -> {:.2}: {verdict}",
        item.start, item.end, recognizer.syntax.id, item.pattern, item.base_score, item.score
    ));
    Ok(())
}
