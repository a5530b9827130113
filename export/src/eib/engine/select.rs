//! Everything a mapping asks of a report, as one query, and where its answers go.

use super::sheets::{SheetPlan, sheets};
use crate::CellFormat;
use crate::Restriction;
use crate::eib::expression::{Expression, Expressions};
use crate::eib::lookup::Lookup;
use crate::eib::mapping::{FieldMapping, FieldSource, Part, column_of, repeats};
use crate::eib::plan::{PlanError, Request};
use crate::eib::text::{Style, has_texts, is_number};
use crate::tables::{TablesError, quoted};
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use std::collections::BTreeSet;

/// A field that is filled.
#[derive(Clone)]
pub(in crate::eib) struct Field {
    pub(in crate::eib) sheet: usize,
    pub(in crate::eib) column: usize,
    /// The same text in every row.
    pub(in crate::eib) constant: Option<String>,
    /// Position in the answer, where it is no constant.
    pub(super) at: usize,
    pub(super) style: Style,
    pub(super) part: Option<Part>,
    /// Position among the lookups.
    pub(super) lookup: Option<usize>,
    pub(super) split: Option<String>,
    /// Whether further rows may add values.
    pub(super) repeats: bool,
    pub(in crate::eib) clears: bool,
    /// Position in the answer of what Workday holds now.
    pub(super) current: Option<usize>,
    /// Whether its new texts are wanted beside the cells.
    pub(super) watch: Watch,
    /// Report columns that it comes from.
    pub(in crate::eib) from: BTreeSet<String>,
    /// Report columns that what Workday holds now comes from.
    pub(in crate::eib) current_from: BTreeSet<String>,
    /// Whether the report holds it as a number, or says that zeros in front may be lost.
    pub(in crate::eib) was_number: bool,
}

/// What is wanted of a field beside its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// Nothing.
    Nothing,
    /// Its new texts: to compare them with what is there, or since they change what nobody compares.
    New,
}

/// A request that was looked through: a query and what becomes of its answer. Holds constants and literals: it has no
/// `Debug`.
pub(in crate::eib) struct Spec {
    pub(in crate::eib) fields: Vec<Field>,
    pub(in crate::eib) sheets: Vec<SheetPlan>,
    pub(super) lookups: Vec<Lookup>,
    /// Positions in the answer of the key's columns.
    pub(super) key: Vec<usize>,
    /// Position in the answer of the hire date.
    pub(super) hired: Option<usize>,
    pub(super) limit: Option<u64>,
    pub(in crate::eib) sql: String,
    /// The report's columns that are read, and those that are not.
    pub(in crate::eib) read: Vec<String>,
    pub(in crate::eib) unread: Vec<String>,
    /// Those that the filter reads.
    pub(in crate::eib) filtered: BTreeSet<String>,
}

/// What the query asks for, each expression once.
#[derive(Default)]
struct Select {
    expressions: Vec<String>,
    read: BTreeSet<String>,
}

impl Select {
    fn add(&mut self, expression: &Expression) -> usize {
        self.read.extend(expression.columns.iter().cloned());
        let known = self.expressions.iter().position(|sql| *sql == expression.sql);
        known.unwrap_or_else(|| {
            self.expressions.push(expression.sql.clone());
            self.expressions.len() - 1
        })
    }
}

impl Spec {
    /// Looks a request through and loads its lookup tables.
    pub(in crate::eib) fn new(request: &Request<'_>) -> Result<Self, PlanError> {
        let from = quoted(request.from);
        let report = request.tables.query_stream(&format!("SELECT * FROM {from} LIMIT 0"))?.schema();
        let resolved = request.mapping.resolve(request.template, request.fingerprint, &report);
        let resolved = resolved.map_err(PlanError::Mapping)?;
        let reader = Expressions::new(request.tables, request.from, &report);
        let reader = reader.map_err(|_| TablesError::Failed)?;
        let filter = request.filter.map(|text| reader.filter(text)).transpose().map_err(PlanError::Filter)?;
        let names: Vec<&String> = request.mapping.lookups.keys().collect();
        let mut select = Select::default();
        let mut fields = Vec::with_capacity(resolved.places.len());
        for (mapping, &place) in request.mapping.fields.iter().zip(&resolved.places) {
            let mut field = field(request, &report, &reader, (mapping, place), &mut select)?;
            field.lookup = mapping.lookup.as_ref().and_then(|name| names.iter().position(|n| *n == name));
            fields.push(field);
        }
        let mut key = Vec::with_capacity(resolved.key.len());
        for name in &resolved.key {
            let column = reader.column(name).map_err(PlanError::Filter)?;
            if !has_texts(&column.kind) {
                return Err(PlanError::Filter(crate::eib::ExpressionError::Types));
            }
            key.push(select.add(&column));
        }
        let hired = hire_date(request, &report, &resolved.places).and_then(|name| reader.column(&name).ok());
        let hired = hired.map(|column| select.add(&column));
        if let Some(filter) = &filter {
            select.read.extend(filter.columns.iter().cloned());
        }
        let mut lookups = Vec::with_capacity(names.len());
        for (name, mapping) in &request.mapping.lookups {
            lookups.push(Lookup::load(request.tables, name, mapping)?);
        }
        let sheets = sheets(request.template, &fields);
        let all = report.fields().iter().map(|field| field.name().clone());
        let (read, unread) = all.partition(|name| select.read.contains(name));
        let sql = query(&select.expressions, &from, filter.as_ref().map(|f| f.sql.as_str()), &key);
        let filtered = filter.map(|filter| filter.columns).unwrap_or_default();
        Ok(Self { fields, sheets, lookups, key, hired, limit: request.limit, sql, read, unread, filtered })
    }

    /// Whether several rows may make one transaction, or one row several.
    pub(super) fn is_grouped(&self) -> bool {
        !self.key.is_empty() || self.fields.iter().any(|field| field.split.is_some())
    }
}

/// The query. Without a key, rows come in the report's order; with one, rows of the same key are neighbours, and the
/// report's order decides among them.
fn query(expressions: &[String], from: &str, filter: Option<&str>, key: &[usize]) -> String {
    let mut list: Vec<String> =
        expressions.iter().enumerate().map(|(at, sql)| format!("{sql} AS c{at}")).collect();
    let outer: Vec<String> = (0..expressions.len()).map(|at| format!("c{at}")).collect();
    let filter = filter.map(|sql| format!(" WHERE {sql}")).unwrap_or_default();
    if key.is_empty() {
        // A load of constants alone still has a row for every row of the report.
        list.push("1 AS one".to_owned());
        return format!("SELECT {} FROM {from}{filter}", list.join(", "));
    }
    let order: Vec<String> = key.iter().map(|at| format!("c{at} NULLS LAST")).collect();
    format!(
        "SELECT {} FROM (SELECT {}, row_number() OVER () AS place FROM {from}{filter}) ORDER BY {}, place",
        outer.join(", "),
        list.join(", "),
        order.join(", ")
    )
}

fn field(
    request: &Request<'_>,
    report: &SchemaRef,
    reader: &Expressions,
    (mapping, (sheet, column)): (&FieldMapping, (usize, usize)),
    select: &mut Select,
) -> Result<Field, PlanError> {
    let wrong = |error| PlanError::Field { line: mapping.line, error };
    let target = &request.template.sheets[sheet].columns[column];
    let mut read = |source: &FieldSource| -> Result<Option<(usize, Expression)>, PlanError> {
        let expression = match source {
            FieldSource::Value(_) => return Ok(None),
            FieldSource::Column(name) => {
                let name = column_of(report, name);
                let name = name.map_err(crate::eib::ExpressionError::NoColumn).map_err(wrong)?;
                reader.column(&name).map_err(wrong)?
            }
            FieldSource::Sql(text) => reader.parse(text).map_err(wrong)?,
        };
        if !has_texts(&expression.kind) {
            return Err(wrong(crate::eib::ExpressionError::Types));
        }
        Ok(Some((select.add(&expression), expression)))
    };
    let source = read(&mapping.source)?;
    let current = mapping.current.as_ref().map(&mut read).transpose()?.flatten();
    let required = matches!(target.restriction, Restriction::Required | Restriction::RequiredMultiple);
    let watch = if current.is_some() || source.is_some() && !required { Watch::New } else { Watch::Nothing };
    let (at, from, kind) = match source {
        Some((at, expression)) => (at, expression.columns, expression.kind),
        None => (0, BTreeSet::new(), DataType::Utf8),
    };
    let is_id = matches!(target.format, CellFormat::Reference(_) | CellFormat::Iid);
    let noted = from.iter().any(|name| {
        let note = report.field_with_name(name).ok().and_then(|field| field.metadata().get("custody.note"));
        note.is_some_and(|note| note.contains("lead_zeros_possible"))
    });
    let constant = match &mapping.source {
        FieldSource::Value(text) => Some(text.clone()),
        _ => None,
    };
    Ok(Field {
        sheet,
        column,
        constant,
        at,
        style: Style::of(&target.format),
        part: mapping.part,
        lookup: None,
        split: mapping.split.clone(),
        repeats: repeats(target),
        clears: mapping.clears,
        watch,
        current: current.as_ref().map(|(at, _)| *at),
        current_from: current.map(|(_, expression)| expression.columns).unwrap_or_default(),
        from,
        was_number: is_id && mapping.lookup.is_none() && (is_number(&kind) || noted),
    })
}

/// The report's hire date, where a date is mapped that must not be before it.
fn hire_date(request: &Request<'_>, report: &SchemaRef, places: &[(usize, usize)]) -> Option<String> {
    let effective = places.iter().any(|&(sheet, column)| {
        sheet == 0 && crate::eib::validate::is_effective_date(&request.template.sheets[0].columns[column])
    });
    let name = |field: &&std::sync::Arc<datafusion::arrow::datatypes::Field>| {
        custody_rules::normalise_label(field.name()) == "hire date" && has_texts(field.data_type())
    };
    report.fields().iter().filter(|_| effective).find(name).map(|field| field.name().clone())
}
