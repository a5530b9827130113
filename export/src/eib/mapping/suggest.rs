//! Suggests which report columns fill which fields, by their names. Nothing follows from a suggestion until a person has
//! taken it over: the file that is written has every one commented out.

use crate::CellFormat;
use crate::template::{Address, Template};
use custody_rules::normalise_label;
use std::fmt::Write;

/// Below this score nothing is suggested.
const SCORE_MIN: f32 = 0.5;
/// Suggestions for one report column at most.
const PER_COLUMN_MAX: usize = 3;

/// Words that reports and templates write shorter.
const ABBREVIATIONS: [(&str, &str); 24] = [
    ("acct", "account"),
    ("addr", "address"),
    ("amt", "amount"),
    ("cat", "category"),
    ("comp", "compensation"),
    ("curr", "currency"),
    ("dept", "department"),
    ("dob", "birth"),
    ("ee", "employee"),
    ("eff", "effective"),
    ("emp", "employee"),
    ("freq", "frequency"),
    ("fte", "fulltime"),
    ("loc", "location"),
    ("mgr", "manager"),
    ("no", "number"),
    ("num", "number"),
    ("org", "organization"),
    ("organisation", "organization"),
    ("pct", "percent"),
    ("%", "percent"),
    ("pos", "position"),
    ("sup", "supervisory"),
    ("wid", "id"),
];
/// Words that tell nothing apart.
const FILLERS: [&str; 9] = ["the", "of", "a", "for", "worker", "current", "proposed", "new", "reference"];

/// Columns of Workday's standard reports, and the EIB labels that ask for the same: normalised names.
const KNOWN: [(&str, &str); 22] = [
    ("employee id", "employee"),
    ("employee id", "worker"),
    ("worker", "employee"),
    ("worker", "worker"),
    ("legal name first name", "first name"),
    ("legal name last name", "last name"),
    ("first name", "first name"),
    ("last name", "last name"),
    ("total base pay amount", "amount"),
    ("base pay", "amount"),
    ("salary", "amount"),
    ("currency", "currency"),
    ("frequency", "frequency"),
    ("compensation grade", "compensation grade"),
    ("grade", "compensation grade"),
    ("effective date", "compensation change date"),
    ("business title", "business title"),
    ("job title", "business title"),
    ("supervisory organization", "organization"),
    ("cost center", "cost center assignments"),
    ("company", "company assignments"),
    ("position id", "position"),
];

/// A report column that may fill a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The field.
    pub address: Address,
    /// The report's column.
    pub column: String,
    /// How alike they are, up to 1.
    pub score: f32,
    /// What speaks for it.
    pub why: &'static str,
}

/// The best suggestions for every report column, the best first.
pub fn suggest(template: &Template, columns: &[String]) -> Vec<Suggestion> {
    let mut all = Vec::new();
    for column in columns {
        let mut own: Vec<Suggestion> = Vec::new();
        let (name, tokens) = (normalise_label(column), words(column));
        for (sheet, data) in template.sheets.iter().enumerate() {
            for (at, field) in data.columns.iter().enumerate() {
                if field.hidden || data.groups.iter().any(|group| group.key == Some(at)) {
                    continue;
                }
                let Some((mut score, why)) = alike(&name, &tokens, &field.label, &field.format) else {
                    continue;
                };
                // Of two fields that fit as well, the main sheet's is meant more often.
                score -= if sheet == 0 { 0.0 } else { 0.05 };
                let Some(address) = template.address(sheet, at).filter(|_| score >= SCORE_MIN) else {
                    continue;
                };
                own.push(Suggestion { address, column: column.clone(), score, why });
            }
        }
        own.sort_by(|a, b| b.score.total_cmp(&a.score));
        own.truncate(PER_COLUMN_MAX);
        all.extend(own);
    }
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.column.cmp(&b.column)));
    all
}

/// The beginning of a mapping file: every suggestion with its score, commented out.
pub fn suggest_toml(template: &Template, fingerprint: &str, columns: &[String]) -> String {
    let mut out = String::new();
    // On one line, whatever is in it: a mark in front comments one line out. JSON's texts are TOML's.
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let _ = writeln!(out, "operation = {}", text(&template.operation));
    let _ = writeln!(out, "fingerprint = {}", text(fingerprint));
    let _ = writeln!(out, "# key = [\"...\"]    # columns whose values make one transaction");
    let _ = writeln!(
        out,
        "\n# Suggestions by name alone: take the marks away from what is right, delete the rest."
    );
    for suggestion in suggest(template, columns) {
        let Address { sheet, area, label, occurrence } = &suggestion.address;
        let _ = writeln!(out, "\n# score {:.2}: {}\n# [[field]]", suggestion.score, suggestion.why);
        for (key, value) in [("sheet", sheet), ("area", area), ("label", label)] {
            if !value.is_empty() {
                let _ = writeln!(out, "# {key} = {}", text(value));
            }
        }
        if *occurrence > 0 {
            let _ = writeln!(out, "# occurrence = {occurrence}");
        }
        let _ = writeln!(out, "# column = {}", text(&suggestion.column));
    }
    out
}

fn alike(name: &str, tokens: &[String], label: &str, format: &CellFormat) -> Option<(f32, &'static str)> {
    let other = normalise_label(label);
    if !name.is_empty() && name == other {
        return Some((1.0, "the same name"));
    }
    if KNOWN.iter().any(|(report, field)| *report == name && *field == other) {
        return Some((0.9, "a standard report's column for this field"));
    }
    let theirs = words(label);
    let shared = tokens.iter().filter(|word| theirs.contains(word)).count();
    if shared == 0 {
        return None;
    }
    let mut score = 2.0 * shared as f32 / (tokens.len() + theirs.len()) as f32 * 0.85;
    let mut why = "words in common";
    if let CellFormat::Reference(id_type) = format
        && words(id_type) == tokens
    {
        (score, why) = (score.max(0.8), "named as the field's ID type");
    }
    Some((score, why))
}

/// The words of a name that tell it apart, written out.
fn words(name: &str) -> Vec<String> {
    let normal = normalise_label(&name.replace('_', " "));
    let mut words: Vec<String> = normal
        .split_whitespace()
        .map(|word| ABBREVIATIONS.iter().find(|(short, _)| *short == word).map_or(word, |(_, long)| long))
        .map(|word| word.strip_suffix('s').filter(|rest| rest.len() > 3).unwrap_or(word).to_owned())
        .collect();
    let telling: Vec<String> =
        words.iter().filter(|word| !FILLERS.contains(&word.as_str())).cloned().collect();
    if !telling.is_empty() {
        words = telling;
    }
    words.sort();
    words.dedup();
    words
}
