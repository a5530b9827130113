//! The syntax of a recognizer file: plain data as it stands in `recognizers/*.toml`, before it is checked
//! and compiled by [`crate::RuleSet`].

use serde::Deserialize;

/// One recognizer file: one entity, its patterns and their proof.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecognizerSyntax {
    /// Unique, `snake_case`: `us_ssn`.
    pub id: String,
    /// The entity it finds: `US_SSN`.
    pub entity: String,
    /// One line for people.
    pub description: String,
    /// Law, standard or page the shape and the checksum come from.
    pub source: String,
    /// Name of a check in [`crate::checks`] that every match must pass.
    #[serde(default)]
    pub check: Option<String>,
    /// Score of a match that passed the check (without a check: unused).
    #[serde(default = "default_check_score")]
    pub check_score: f32,
    /// Words that raise the score when they stand near (folded, matched at word starts).
    #[serde(default)]
    pub context: Vec<String>,
    /// Labels: column headings, JSON keys, form labels whose value *is* this entity, whatever its text.
    /// Written in lower case with single spaces: `legal name`.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Labels that elsewhere are ordinary words: `user`, `base`. They count over columns and as keys of records, and
    /// only where the value looks right; in running text they do not.
    #[serde(default)]
    pub headings: Vec<String>,
    /// Whether yes and no are values behind its labels: `Veteran: No`.
    #[serde(default)]
    pub answers: bool,
    /// What a labelled value looks like in running text, that is, where it ends.
    #[serde(default)]
    pub value: ValueShape,
    /// Patterns; may be empty when labels alone find it.
    #[serde(default)]
    pub patterns: Vec<Pattern>,
    /// Texts in which it must be found: at least 3.
    pub positive: Vec<Example>,
    /// Texts in which it must not be found: at least 2.
    pub negative: Vec<String>,
}

/// One pattern of a recognizer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// For `explain`: `dashed`.
    pub name: String,
    /// Linear-time regular expression. ASCII classes and ASCII `\b` unless `(?u:…)`; a group named `value`
    /// makes that group the finding.
    pub regex: String,
    /// Score of a bare match, 0 to 1.
    pub score: f32,
    /// Whether the match counts only with a context word near (or under a label of this entity).
    #[serde(default)]
    pub needs_context: bool,
}

/// A text and the part of it that must be found.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text, scanned as one line.
    pub text: String,
    /// The exact part that must be found.
    pub find: String,
}

/// What a labelled value looks like, so that its end is known in running text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueShape {
    /// One to five words that look like a name.
    Name,
    /// One token without spaces.
    #[default]
    Token,
    /// A number with punctuation, currency signs and codes.
    Amount,
    /// A date, in figures or with a month's name.
    Date,
    /// Digits and letters with single spaces or punctuation between: `12-34-56`, `AB 12 34 56 C`.
    Code,
    /// Everything up to the end of the field or line.
    Line,
}

fn default_check_score() -> f32 {
    0.9
}
