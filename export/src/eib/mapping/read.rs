//! Reads mapping files. Unknown keys are refused: a misspelt one would be left out in silence.

use super::{FieldMapping, FieldSource, LookupMapping, Mapping, MappingError, Part, ProcessMapping};
use crate::template::Address;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Bytes of a mapping file.
const FILE_BYTES_MAX: usize = 1 << 20;
/// Fields of a mapping; templates have less than a thousand columns.
const FIELDS_MAX: usize = 2_000;
/// Lookups of a mapping.
const LOOKUPS_MAX: usize = 100;
/// Columns of a key.
const KEY_COLUMNS_MAX: usize = 16;
/// Bytes of one text.
const TEXT_BYTES_MAX: usize = 32 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    operation: String,
    fingerprint: Option<String>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    field: Vec<Spanned<Field>>,
    #[serde(default)]
    lookup: BTreeMap<String, Spanned<Lookup>>,
    #[serde(default)]
    process: BTreeMap<String, Process>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    label: String,
    #[serde(default)]
    sheet: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    occurrence: u32,
    column: Option<String>,
    value: Option<String>,
    sql: Option<String>,
    id_type: Option<String>,
    part: Option<String>,
    lookup: Option<String>,
    split: Option<String>,
    current: Option<String>,
    current_sql: Option<String>,
    blank: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lookup {
    table: String,
    name: String,
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    is: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Process {
    instruction: Option<String>,
    comment: Option<String>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// A [`MappingError`] with the line.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        within(text.len(), FILE_BYTES_MAX, "bytes")?;
        let file: File = toml::from_str(text).map_err(|error| syntax(text, &error))?;
        within(file.field.len(), FIELDS_MAX, "fields")?;
        within(file.lookup.len(), LOOKUPS_MAX, "lookups")?;
        within(file.key.len(), KEY_COLUMNS_MAX, "key columns")?;
        let mut lookups = BTreeMap::new();
        for (name, lookup) in file.lookup {
            let line = line_of(text, lookup.span().start);
            lookups.insert(name, lookup_mapping(lookup.into_inner(), line)?);
        }
        let mut fields = Vec::with_capacity(file.field.len());
        for field in file.field {
            let line = line_of(text, field.span().start);
            let field = field_mapping(field.into_inner(), line)?;
            if field.lookup.as_ref().is_some_and(|name| !lookups.contains_key(name)) {
                return Err(MappingError::Field { line, what: "the file has no such lookup" });
            }
            fields.push(field);
        }
        let processes = file.process.into_iter().map(|(name, process)| {
            (name, ProcessMapping { instruction: process.instruction, comment: process.comment })
        });
        let processes: BTreeMap<_, _> = processes.collect();
        let comments = processes.values().filter_map(|process| process.comment.as_deref());
        for comment in comments {
            within(comment.len(), TEXT_BYTES_MAX, "bytes of a comment")?;
        }
        Ok(Self {
            operation: file.operation,
            fingerprint: file.fingerprint,
            key: file.key,
            fields,
            lookups,
            processes,
        })
    }
}

fn within(size: usize, limit: usize, what: &'static str) -> Result<(), MappingError> {
    if size > limit { Err(MappingError::TooLarge { limit, what }) } else { Ok(()) }
}

fn field_mapping(field: Field, line: usize) -> Result<FieldMapping, MappingError> {
    let wrong = |what| MappingError::Field { line, what };
    let texts = [&field.column, &field.value, &field.sql, &field.current, &field.current_sql, &field.split];
    for text in texts.into_iter().flatten() {
        within(text.len(), TEXT_BYTES_MAX, "bytes of a text")?;
        if text.is_empty() {
            return Err(wrong("an empty text; leave the key out"));
        }
    }
    let source = match (field.column, field.value, field.sql) {
        (Some(column), None, None) => FieldSource::Column(column),
        (None, Some(value), None) => FieldSource::Value(value),
        (None, None, Some(sql)) => FieldSource::Sql(sql),
        _ => return Err(wrong("exactly one of column, value and sql")),
    };
    let constant = matches!(source, FieldSource::Value(_));
    if constant && (field.part.is_some() || field.lookup.is_some() || field.split.is_some()) {
        return Err(wrong("a value is written as it stands: no part, lookup or split"));
    }
    let current = match (field.current, field.current_sql) {
        (None, None) => None,
        (Some(column), None) => Some(FieldSource::Column(column)),
        (None, Some(sql)) => Some(FieldSource::Sql(sql)),
        _ => return Err(wrong("one of current and current_sql")),
    };
    let part = match field.part.as_deref() {
        None => None,
        Some("id") => Some(Part::Id),
        Some("name") => Some(Part::Name),
        Some(_) => return Err(wrong("part is \"id\" or \"name\"")),
    };
    let clears = match field.blank.as_deref() {
        None | Some("leave") => false,
        Some("clear") => true,
        Some(_) => return Err(wrong("blank is \"clear\" or \"leave\"")),
    };
    if clears && (constant || field.split.is_some()) {
        return Err(wrong("blank = \"clear\" needs a column or sql, and no split"));
    }
    let (label, sheet, area, occurrence) = (field.label, field.sheet, field.area, field.occurrence);
    Ok(FieldMapping {
        address: Address { sheet, area, label, occurrence },
        source,
        id_type: field.id_type,
        part,
        lookup: field.lookup,
        split: field.split,
        current,
        clears,
        line,
    })
}

fn lookup_mapping(lookup: Lookup, line: usize) -> Result<LookupMapping, MappingError> {
    let only = match (lookup.kind, lookup.is) {
        (None, None) => None,
        (Some(column), Some(is)) => Some((column, is)),
        _ => return Err(MappingError::Field { line, what: "type and is belong together" }),
    };
    Ok(LookupMapping { table: lookup.table, name: lookup.name, id: lookup.id, only })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// What the reader says, as far as it names keys; its other words may repeat values.
fn syntax(text: &str, error: &toml::de::Error) -> MappingError {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    let said = error.message();
    let names_keys = ["unknown field `", "missing field `", "duplicate key"];
    let what = if names_keys.iter().any(|start| said.starts_with(start)) {
        said.lines().next().unwrap_or_default().to_owned()
    } else if said.starts_with("invalid type") || said.starts_with("invalid value") {
        "a value of another kind than this key takes".to_owned()
    } else {
        "not TOML".to_owned()
    };
    MappingError::Syntax { line, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
operation = "Change Thing"
key = ["Employee ID"]

[[field]]
label = "Worker"
column = "Employee ID"
part = "id"

[[field]]
sheet = "Details"
label = "Grade"
sql = "upper(grade)"
lookup = "grades"
blank = "clear"
current = "Grade"

[lookup.grades]
table = "ids"
name = "Name"
id = "ID"
type = "Type"
is = "Grade_ID"

[process."Details"]
instruction = "Automatic Processing"
"#;

    fn refused(text: &str) -> String {
        Mapping::parse(text).expect_err("refused").to_string()
    }

    #[test]
    fn what_the_file_says_is_there() {
        let mapping = Mapping::parse(SMALL).expect("a mapping");
        assert_eq!(mapping.fields.len(), 2);
        assert_eq!(mapping.fields[0].part, Some(Part::Id));
        assert_eq!((mapping.fields[1].line, mapping.fields[1].clears), (10, true));
        assert_eq!(mapping.lookups["grades"].only, Some(("Type".to_owned(), "Grade_ID".to_owned())));
        assert_eq!(mapping.addresses()[1].sheet, "Details");
    }

    #[test]
    fn layout_and_comments_do_not_change_the_canonical_text() {
        let mapping = Mapping::parse(SMALL).expect("a mapping");
        let other =
            format!("# a comment\n\n{}", SMALL.replace("part = \"id\"", "part   =  'id' # the number"));
        let other = Mapping::parse(&other).expect("a mapping");
        assert_eq!(mapping.canonical_text(), other.canonical_text());
        let changed = Mapping::parse(&SMALL.replace("upper(", "lower(")).expect("a mapping");
        assert_ne!(mapping.canonical_text(), changed.canonical_text());
    }

    #[test]
    fn wrong_files_are_refused_with_the_line() {
        for (from, to, expected) in [
            ("part = \"id\"", "parts = \"id\"", "line 8: unknown field `parts`"),
            ("part = \"id\"", "part = \"number\"", "line 5: part is"),
            ("part = \"id\"", "value = \"x\"", "line 5: exactly one of column, value and sql"),
            ("column = \"Employee ID\"", "value = \"x\"", "line 5: a value is written as it stands"),
            ("sql = \"upper(grade)\"", "", "line 10: exactly one of"),
            ("lookup = \"grades\"", "lookup = \"others\"", "line 10: the file has no such lookup"),
            ("blank = \"clear\"", "blank = \"yes\"", "line 10: blank is"),
            ("is = \"Grade_ID\"", "", "type and is belong together"),
            ("label = \"Worker\"", "label = 7", "line 6: a value of another kind"),
            ("operation = \"Change Thing\"", "operation = ", "line 2: not TOML"),
            ("operation = \"Change Thing\"", "", "missing field `operation`"),
        ] {
            let said = refused(&SMALL.replace(from, to));
            assert!(said.contains(expected), "{said} / {expected}");
        }
        let fields = "[[field]]\nlabel='a'\nvalue='b'\n".repeat(FIELDS_MAX + 1);
        assert_eq!(refused(&format!("operation='x'\n{fields}")), "larger than 2000 fields");
    }

    #[test]
    fn nothing_shows_constants() {
        let text = SMALL.replace("column = \"Employee ID\"\npart = \"id\"", "value = \"Planted Person\"");
        let mapping = Mapping::parse(&text).expect("a mapping");
        assert!(!format!("{mapping:?}").contains("Planted"));
        let error = refused(&text.replace("\"Planted Person\"", "[\"Planted Person\"]"));
        assert!(!error.contains("Planted"), "{error}");
    }
}
