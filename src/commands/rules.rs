//! `custody rules`: what recognizers there are, whether their own examples hold, and why a text is found.

mod eval;
mod explain;

use super::App;
use crate::cli::RulesCommand;
use crate::exit::Exit;
use crate::terminal::out;
use crate::{embedded, rulebook};
use anyhow::bail;
use custody_rules::{RuleSet, RuleSource, Scanner};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) fn run(app: &App, command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::Ls { rules } => list(app, rules.as_deref()),
        RulesCommand::Test { files } => test(app, files),
        RulesCommand::Explain { text, label, detect } => explain::run(app, (text, label.as_deref()), detect),
        RulesCommand::Eval { cases, min_recall, detect } => eval::run(app, (cases, *min_recall), detect),
    }
}

fn list(app: &App, folder: Option<&Path>) -> anyhow::Result<Exit> {
    let rules = rulebook::load_rules(folder, false)?.rules;
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
