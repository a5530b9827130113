//! Holds a mapping against a template and a report: every field and column it names has to be there, and what it asks of
//! a field has to be possible there. Cells are not looked at.

use super::{FieldMapping, FieldSource, Mapping};
use crate::template::{Column, Template, cell_name};
use crate::{CellFormat, Restriction};
use datafusion::arrow::datatypes::Schema;
use std::collections::BTreeMap;
use std::fmt;

/// Workday's word for "clear this value".
pub(in crate::eib) const CLEAR: &str = "{empty}";

/// What does not fit. Holds labels and names of columns, no constant and no expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingProblem {
    /// Line of the mapping file; 0 for the whole of it.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(&self.what)
    }
}

/// A mapping whose fields and columns were found.
#[derive(Debug, Clone)]
pub(in crate::eib) struct Resolved {
    /// Sheet and column of each field, in the mapping's order.
    pub(in crate::eib) places: Vec<(usize, usize)>,
    /// Names of the key's columns as the report has them.
    pub(in crate::eib) key: Vec<String>,
}

impl Mapping {
    /// Everything in it that this template or this report does not have. `fingerprint` is the template's.
    ///
    /// What SQL says is looked at when a plan is made.
    pub fn check(&self, template: &Template, fingerprint: &str, report: &Schema) -> Vec<MappingProblem> {
        self.resolve(template, fingerprint, report).err().unwrap_or_default()
    }

    pub(in crate::eib) fn resolve(
        &self,
        template: &Template,
        fingerprint: &str,
        report: &Schema,
    ) -> Result<Resolved, Vec<MappingProblem>> {
        let mut problems = Vec::new();
        let mut say = |line: usize, what: String| problems.push(MappingProblem { line, what });
        if !same(&self.operation, &template.operation) {
            say(
                0,
                format!("the mapping is for {:?}, the template for {:?}", self.operation, template.operation),
            );
        }
        if self.fingerprint.as_deref().is_some_and(|own| own != fingerprint) {
            let what = "the template has changed since the mapping was written; `template diff` says how, then \
                        bring the fingerprint up to date";
            say(0, what.to_owned());
        }
        if self.fields.is_empty() {
            say(0, "the mapping fills no field".to_owned());
        }
        let key = self.key.iter().filter_map(|name| {
            let found = column_of(report, name);
            found.map_err(|what| say(0, format!("key: {what}"))).ok()
        });
        let key: Vec<String> = key.collect();
        let mut taken: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut places = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            let place = match template.find(&field.address) {
                Ok(place) => place,
                Err(error) => {
                    say(field.line, error.to_string());
                    continue;
                }
            };
            if let Some(line) = taken.insert(place, field.line) {
                say(field.line, format!("{:?} is filled in line {line} already", field.address.label));
            }
            for what in against_template(field, template, place) {
                say(field.line, what);
            }
            for source in std::iter::once(&field.source).chain(&field.current) {
                let FieldSource::Column(name) = source else { continue };
                if let Err(what) = column_of(report, name) {
                    say(field.line, what);
                }
            }
            places.push(place);
        }
        for what in self.against_overview(template) {
            say(0, what);
        }
        if problems.is_empty() { Ok(Resolved { places, key }) } else { Err(problems) }
    }

    fn against_overview(&self, template: &Template) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, choice) in &self.processes {
            let lines = template.overview.iter().flat_map(|overview| &overview.processes);
            let Some(line) = lines.into_iter().find(|line| same(&line.name, name)) else {
                problems.push(format!("the overview has no process {name:?}"));
                continue;
            };
            let Some(instruction) = &choice.instruction else { continue };
            if !line.instructions.is_empty() && !line.instructions.contains(instruction) {
                problems.push(format!("process {name:?}: its list has no such instruction"));
            }
        }
        problems
    }
}

/// What a field asks for that its column does not do.
fn against_template(field: &FieldMapping, template: &Template, place: (usize, usize)) -> Vec<String> {
    let sheet = &template.sheets[place.0];
    let column = &sheet.columns[place.1];
    let cell = format!("{}!{}", sheet.name, cell_name(4, column.index));
    let mut problems = Vec::new();
    let mut say = |what: &str| problems.push(format!("{:?} ({cell}): {what}", field.address.label));
    if sheet.groups.iter().any(|group| group.key == Some(place.1)) {
        say("keys and Row IDs are generated and cannot be mapped");
    }
    if column.hidden {
        say("the template hides it");
    }
    let mut group = sheet.groups.get(column.group);
    if group.is_none() {
        say("the template does not say which group it belongs to");
    }
    if place.0 > 0 && sheet.groups.first().is_none_or(|first| first.key.is_none()) {
        say("its sheet has no spreadsheet key that would tie its rows to the main sheet");
    }
    let mut steps = 0;
    while let Some(here) = group {
        let Some(parent) = here.parent else { break };
        if here.key.is_none() || steps > sheet.groups.len() {
            say("its group has no Row ID");
            break;
        }
        group = sheet.groups.get(parent);
        steps += 1;
    }
    let clears = field.clears || matches!(&field.source, FieldSource::Value(text) if is_clear(text));
    if clears && column.format != CellFormat::Text {
        say("only Text columns can be cleared");
    }
    if field.split.is_some() && !repeats(column) {
        say("the column takes one value: no split");
    }
    if let Some(id_type) = &field.id_type {
        if !matches!(column.format, CellFormat::Reference(_) | CellFormat::Iid) {
            say("no reference, so that it has no ID type");
            return problems;
        }
        let listed = column.id_types.iter().any(|listed| listed == id_type);
        if !listed && (*id_type != column.format.to_string() || !column.id_types.is_empty()) {
            say("row 4 does not offer this ID type");
        }
    }
    problems
}

/// Whether further rows may add values.
pub(in crate::eib) fn repeats(column: &Column) -> bool {
    column.marks.repeating
        || matches!(column.restriction, Restriction::OptionalMultiple | Restriction::RequiredMultiple)
}

/// Whether a text is the word that clears.
pub(in crate::eib) fn is_clear(text: &str) -> bool {
    text.len() >= CLEAR.len() && text.trim().eq_ignore_ascii_case(CLEAR)
}

/// A column's name as the report has it: exactly so, by its heading, or the only one without regard to case.
pub(in crate::eib) fn column_of(report: &Schema, name: &str) -> Result<String, String> {
    let fields = report.fields();
    if let Some(exact) = fields.iter().find(|field| field.name() == name) {
        return Ok(exact.name().clone());
    }
    let heading = |of: &str| of.trim() == name.trim();
    let by_heading: Vec<_> = fields
        .iter()
        .filter(|field| field.metadata().get("custody.heading").is_some_and(|text| heading(text)))
        .collect();
    let found = if by_heading.is_empty() {
        fields.iter().filter(|field| same(field.name(), name)).collect()
    } else {
        by_heading
    };
    match found.as_slice() {
        [one] => Ok(one.name().clone()),
        [] => Err(format!("there is no column {name:?}")),
        _ => Err(format!("there is more than one column {name:?}; write it as `profile` does")),
    }
}

pub(in crate::eib) fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}
