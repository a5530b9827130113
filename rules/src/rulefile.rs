//! One recognizer file, checked: every mistake in it with its line. What files have to be among each other
//! (no id twice) is checked by [`crate::RuleSet`].

use crate::checks::{self, Check};
use crate::recognizer::{Pattern, RecognizerSyntax};
use crate::tomlines::{self, Step};
use crate::{Entity, RuleError, RuleSource};
use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;

/// Bytes one pattern may compile to: counted repetitions inside counted repetitions multiply.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A file without mistakes of its own.
pub(crate) struct CheckedFile {
    /// As it stands there.
    pub(crate) syntax: RecognizerSyntax,
    /// What it finds.
    pub(crate) entity: Entity,
    /// Its check, looked up.
    pub(crate) check: Option<Check>,
}

/// Reads and checks a file.
pub(crate) fn check(source: &RuleSource<'_>) -> Result<CheckedFile, Vec<RuleError>> {
    let syntax: RecognizerSyntax = tomlines::parse(source.name, source.text).map_err(|error| vec![error])?;
    let mut file = Checked { source, errors: Vec::new() };
    if syntax.id.is_empty()
        || !syntax.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    {
        file.error(&[Step::Key("id")], "id must be a-z, 0-9 and _".to_owned());
    }
    let entity =
        Entity::new(&syntax.entity).map_err(|error| file.error(&[Step::Key("entity")], error.to_string()));
    if syntax.positive.len() < 3 || syntax.negative.len() < 2 {
        let key = if syntax.positive.len() < 3 { "positive" } else { "negative" };
        let message = format!(
            "at least 3 positive and 2 negative examples are needed, here are {} and {}",
            syntax.positive.len(),
            syntax.negative.len()
        );
        file.error(&[Step::Key(key)], message);
    }
    if syntax.patterns.is_empty() && syntax.labels.is_empty() {
        file.error(&[Step::Key("id")], "a recognizer needs a pattern or a label".to_owned());
    }
    for (at, pattern) in syntax.patterns.iter().enumerate() {
        file.pattern(at, pattern);
    }
    if !(0.0..=1.0).contains(&syntax.check_score) {
        file.error(&[Step::Key("check_score")], "check_score must be 0 to 1".to_owned());
    }
    let check = syntax.check.as_deref().and_then(|name| {
        let known = checks::by_name(name);
        if known.is_none() {
            file.error(&[Step::Key("check")], format!("unknown check {name}"));
        }
        known
    });
    match entity {
        Ok(entity) if file.errors.is_empty() => Ok(CheckedFile { syntax, entity, check }),
        _ => Err(file.errors),
    }
}

/// Says that a recognizer's id cannot be used.
pub(crate) fn id_error(source: &RuleSource<'_>, message: String) -> RuleError {
    let line = tomlines::line(source.text, &[Step::Key("id")]);
    RuleError { file: source.name.to_owned(), line, message }
}

struct Checked<'a> {
    source: &'a RuleSource<'a>,
    errors: Vec<RuleError>,
}

impl Checked<'_> {
    fn error(&mut self, path: &[Step<'_>], message: String) {
        let line = tomlines::line(self.source.text, path);
        self.errors.push(RuleError { file: self.source.name.to_owned(), line, message });
    }

    fn pattern(&mut self, at: usize, pattern: &Pattern) {
        let place = |key| [Step::Key("patterns"), Step::Item(at), Step::Key(key)];
        if !(0.0..=1.0).contains(&pattern.score) {
            self.error(&place("score"), format!("score of pattern {} must be 0 to 1", pattern.name));
        }
        if let Err(reason) = bounded(&pattern.regex) {
            self.error(&place("regex"), format!("regex of pattern {}: {reason}", pattern.name));
        }
    }
}

/// Compiles a pattern of a user's file, within bounds; the reason if it cannot be used.
pub(crate) fn bounded(pattern: &str) -> Result<Regex, String> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(PATTERN_BYTES_MAX)))
        .build(pattern)
        .map_err(|error| reason(&error))
}

fn reason(error: &BuildError) -> String {
    if error.size_limit().is_some() {
        return "it compiles to more than 1 MiB: use fewer or smaller counted repetitions".to_owned();
    }
    let Some(syntax) = error.syntax_error() else {
        return error.to_string().lines().next().unwrap_or("does not compile").to_owned();
    };
    let said = syntax.to_string();
    let last = said.lines().rev().find_map(|line| line.strip_prefix("error: "));
    let message = last.unwrap_or("does not parse");
    if message.contains("look-around") || message.contains("backreference") {
        return format!("{message}: a pattern must be matched in linear time");
    }
    message.to_owned()
}
