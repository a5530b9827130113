//! Labelled cases: one JSON object a line. Every mistake is named with file and line, and never with the
//! text of the case.

use serde_json::{Map, Value};
use std::io::BufRead;
use std::io::Read;

/// Bytes of a line above which it is no case.
const LINE_BYTES_MAX: usize = 64 << 20;

/// A stretch of a case's text and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// The entity, as the case names it.
    pub entity: String,
}

/// What a text without labels must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// At least one secret.
    Secret,
    /// No secret.
    None,
}

/// One labelled text.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Line of the file, from 1.
    pub line: usize,
    /// The text.
    pub text: String,
    /// Labels; complete for the entities they name. `None`: the case has none to compare with.
    pub labels: Option<Vec<Label>>,
    /// Entities the recognizers are restricted to; then a finding of any score counts.
    pub only: Option<Vec<String>>,
    /// Whether there must be a secret.
    pub expect: Option<Expect>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case").field("line", &self.line).finish_non_exhaustive()
    }
}

/// Says which line of a file of cases is not one.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{file}:{line}: {message}")]
pub struct CaseError {
    /// File name.
    pub file: String,
    /// Line from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Reads cases one by one; empty lines are passed over. Gives back how many there were.
///
/// # Errors
/// The first line that is no case, or where reading stopped.
pub fn read_cases(
    file: &str,
    mut reader: impl BufRead,
    each: &mut dyn FnMut(Case),
) -> Result<usize, CaseError> {
    let (mut line, mut count, mut bytes) = (0, 0, Vec::new());
    loop {
        line += 1;
        bytes.clear();
        let fail = |message: String| CaseError { file: file.to_owned(), line, message };
        let read = reader
            .by_ref()
            .take(LINE_BYTES_MAX as u64 + 1)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| fail(format!("cannot be read on: {error}")))?;
        if read == 0 {
            break;
        }
        if read > LINE_BYTES_MAX {
            return Err(fail(format!("a line of more than {} MiB", LINE_BYTES_MAX >> 20)));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| fail("not UTF-8".to_owned()))?;
        let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        if text.trim().is_empty() {
            continue;
        }
        each(parse(line, text).map_err(fail)?);
        count += 1;
    }
    if count == 0 {
        return Err(CaseError { file: file.to_owned(), line: 1, message: "no case in it".to_owned() });
    }
    Ok(count)
}

fn parse(line: usize, text: &str) -> Result<Case, String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("not JSON at column {}: one case a line", error.column()))?;
    let Value::Object(fields) = value else { return Err("a case is a JSON object".to_owned()) };
    let Some(Value::String(text)) = fields.get("text") else {
        return Err("\"text\" must be there and be a string".to_owned());
    };
    let chars = text.chars().count();
    let labels = present(&fields, "spans").map(|spans| labels(spans, chars)).transpose()?;
    let only = present(&fields, "only").map(entities).transpose()?;
    let expect = present(&fields, "expect").map(expected).transpose()?;
    if labels.is_none() && expect.is_none() {
        return Err("a case needs \"spans\" or \"expect\"".to_owned());
    }
    Ok(Case { line, text: text.clone(), labels, only, expect })
}

fn present<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn labels(spans: &Value, chars: usize) -> Result<Vec<Label>, String> {
    let Value::Array(spans) = spans else { return Err("\"spans\" must be a list".to_owned()) };
    spans.iter().enumerate().map(|(at, span)| label(at + 1, span, chars)).collect()
}

fn label(number: usize, span: &Value, chars: usize) -> Result<Label, String> {
    let place = |name: &str| {
        let at = span.get(name).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
        at.ok_or_else(|| format!("span {number}: \"{name}\" must be a number of characters"))
    };
    let (start, end) = (place("start")?, place("end")?);
    if start >= end || end > chars {
        return Err(format!("span {number}: {start}..{end} is not within the text's {chars} characters"));
    }
    match span.get("entity").and_then(Value::as_str) {
        Some(entity) if !entity.is_empty() => Ok(Label { start, end, entity: entity.to_owned() }),
        _ => Err(format!("span {number}: \"entity\" must be a name")),
    }
}

fn entities(value: &Value) -> Result<Vec<String>, String> {
    let names = value.as_array().and_then(|names| {
        names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    names.ok_or_else(|| "\"only\" must be a list of entities".to_owned())
}

fn expected(value: &Value) -> Result<Expect, String> {
    match value.as_str() {
        Some("SECRET") => Ok(Expect::Secret),
        Some("none") => Ok(Expect::None),
        _ => Err("\"expect\" must be \"SECRET\" or \"none\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let error = read_cases("c.jsonl", text.as_bytes(), &mut |_| ()).expect_err("must be refused");
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn cases_are_read() {
        let mut cases = Vec::new();
        let text = "{\"text\":\"ü Jo\",\"spans\":[{\"start\":2,\"end\":4,\"entity\":\"PERSON\"}],\"only\":null}\n\n\
            {\"text\":\"x\",\"expect\":\"none\",\"min_score\":1}\n";
        assert_eq!(read_cases("c", text.as_bytes(), &mut |case| cases.push(case)), Ok(2));
        assert_eq!(cases[0].labels.as_ref().map(Vec::len), Some(1));
        assert_eq!((cases[1].line, cases[1].expect), (3, Some(Expect::None)));
    }

    #[test]
    fn mistakes_name_the_line_and_never_the_text() {
        let good = "{\"text\":\"x\",\"spans\":[]}\n";
        check("", "c.jsonl:1: no case in it");
        check(&format!("{good}{{\"text\":"), "c.jsonl:2: not JSON at column 8: one case a line");
        check("[1]", "c.jsonl:1: a case is a JSON object");
        check("{\"spans\":[]}", "c.jsonl:1: \"text\" must be there and be a string");
        check("{\"text\":\"x\"}", "c.jsonl:1: a case needs \"spans\" or \"expect\"");
        check(
            "{\"text\":\"x\",\"spans\":[{\"start\":0,\"end\":2,\"entity\":\"A\"}]}",
            "c.jsonl:1: span 1: 0..2 is not within the text's 1 characters",
        );
        check(
            "{\"text\":\"x\",\"spans\":[{\"start\":0,\"end\":1}]}",
            "c.jsonl:1: span 1: \"entity\" must be a name",
        );
        check("{\"text\":\"x\",\"expect\":\"x\"}", "c.jsonl:1: \"expect\" must be \"SECRET\" or \"none\"");
    }
}
