//! What may be said of a query that cannot be run. The planner's own words repeat parts of the query, which may hold
//! values ("no field named "Jane Doe""); here is what is known to be safe: places, kinds of mistakes, names of columns.

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;
use std::fmt;

/// Columns that are named at most.
const NAMED_MAX: usize = 12;

/// What the planner says of a query's text. It repeats parts of that text, which may hold values: `Display` and `Debug`
/// show nothing of it, except what is safe; [`words`](Self::words) are for the terminal of who typed the query, and for
/// no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    words: String,
    safe: String,
}

impl Told {
    /// The planner's words.
    pub fn words(&self) -> &str {
        &self.words
    }

    pub(super) fn syntax(error: &ParserError) -> Self {
        let words = error.to_string();
        let safe = match error {
            ParserError::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
            _ => {
                place(&words).map_or_else(|| "it ends too early".to_owned(), |place| format!("near {place}"))
            }
        };
        Self { words, safe }
    }

    pub(super) fn schema(error: &SchemaError) -> Self {
        let safe = match error {
            SchemaError::FieldNotFound { field, valid_fields } => not_found(field, valid_fields),
            SchemaError::AmbiguousReference { field } => {
                format!("{} is the name of several columns: say which table's", typed(&field.name))
            }
            SchemaError::DuplicateQualifiedField { .. } | SchemaError::DuplicateUnqualifiedField { .. } => {
                "two columns would have the same name: give one of them another (AS)".to_owned()
            }
        };
        Self { words: error.to_string(), safe }
    }

    pub(super) fn plan(words: &str) -> Self {
        Self { words: words.to_owned(), safe: kind(words).to_owned() }
    }

    pub(super) fn not_implemented(words: &str) -> Self {
        Self { words: words.to_owned(), safe: "it uses something that queries here do not know".to_owned() }
    }

    /// The column that a query names and that is not there, if that is what is wrong.
    pub(super) fn is_missing_column(error: &DataFusionError) -> bool {
        match error.find_root() {
            DataFusionError::SchemaError(inner, _) => matches!(**inner, SchemaError::FieldNotFound { .. }),
            DataFusionError::Diagnostic(_, inner) => Self::is_missing_column(inner),
            DataFusionError::Collection(all) => all.iter().any(Self::is_missing_column),
            _ => false,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.safe)
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told(..)")
    }
}

/// The place that a parser's words end in: ` at Line: 1, Column: 24`.
fn place(words: &str) -> Option<String> {
    let (_, place) = words.rsplit_once("Line: ")?;
    let (line, rest) = place.split_once(", Column: ")?;
    let number = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
    let (line, column) = (number(line), number(rest));
    (!line.is_empty() && !column.is_empty()).then(|| format!("line {line}, column {column}"))
}

/// A name that was typed, if it can be nothing but one: what stands in double quotes may be a value.
pub(crate) fn typed(name: &str) -> String {
    let plain = name.len() <= 40
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && name.bytes().any(|byte| byte.is_ascii_lowercase());
    if plain { format!("\"{name}\"") } else { "a name in quotes".to_owned() }
}

fn not_found(field: &Column, valid: &[Column]) -> String {
    let headings = valid.iter().filter(|column| !is_made_of_a_query(&column.name));
    let mut names: Vec<String> = headings.map(|column| format!("\"{}\"", column.name)).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED_MAX);
    names.truncate(NAMED_MAX);
    let there = match (names.is_empty(), more) {
        (true, _) => "there are no columns".to_owned(),
        (false, 0) => format!("there are {}", names.join(", ")),
        (false, more) => format!("there are {} and {more} more", names.join(", ")),
    };
    let quotes = "names with spaces or capitals stand in double quotes, texts in single ones";
    format!("{} is no column; {there} ({quotes})", typed(&field.name))
}

/// Whether a column is named after an expression, as the planner does: `t.name = Utf8("Jane")`.
fn is_made_of_a_query(name: &str) -> bool {
    let mut before = ' ';
    name.chars().any(|sign| {
        let call = sign == '(' && before.is_alphanumeric();
        before = sign;
        call || sign == '"' || sign == '\''
    })
}

/// What kind of mistake a planner's words tell of; the words themselves may hold parts of the query.
fn kind(words: &str) -> &'static str {
    const KINDS: [(&str, &str); 13] = [
        ("too many unions and joins", "it has too many unions and joins: 200 at most"),
        (
            "too many operators",
            "it has too many operators: 3000 at most; many values go into one list: IN ('a', 'b')",
        ),
        ("not found", "it names a table that is not there"),
        ("Invalid function", "it names a function that is not there"),
        ("there is no such function", "it names a function that is not there"),
        ("GROUP BY", "a column is neither grouped by nor put into a function such as min, max or count"),
        (
            "must appear in the",
            "a column is neither grouped by nor put into a function such as min, max or count",
        ),
        ("coerc", "types do not fit each other: cast one of them"),
        ("ommon type", "types do not fit each other: cast one of them"),
        ("No function matches", "a function gets arguments of other types than it takes, or too many"),
        ("not supported: ", "it is no question: only SELECT is answered"),
        ("DDL", "it is no question: only SELECT is answered"),
        ("Projections require unique", "two columns would have the same name: give one of them another (AS)"),
    ];
    let known = KINDS.iter().find(|(sign, _)| words.contains(sign));
    known.map_or("it asks for something that cannot be done", |(_, said)| said)
}
