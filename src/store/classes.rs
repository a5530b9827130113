//! What the columns of a report hold: the entity that their heading or their values say, and whether they are to be
//! masked. Looks at the first rows only, and is careful: what is not known to be harmless is sensitive.
//!
//! - A column with an entity is sensitive, whatever it is called.
//! - A text or a number is harmless only under a heading that is known to be so: cost centre, company, location, job
//!   profile, currency, FTE, counts. Unknown ones, and free text, are sensitive.
//! - A day is harmless under such a heading too (effective, hire, start and end dates).
//! - Yes and no are harmless unless the heading names something special (disability, union membership) or private (leave).

use crate::cli::DetectArgs;
use crate::config;
use arrow_array::{Array, BooleanArray, RecordBatch};
use custody_export::eib::special_heading;
use custody_export::tables::{Tables, TablesError, quoted, texts};
use custody_redact::detect::{CellContext, ColumnClasses, Detector, cell_findings};
use custody_rules::table::{CELLS, CellKind, LINES, WORDS};
use custody_rules::{ArtifactKind, CellsBuilder, EntityId, Limits, Place, normalise_label};
use std::collections::HashMap;

/// Rows that are looked at.
const SAMPLE_ROWS: usize = 2_000;
/// Share of values, in percent, that make a column one of their entity.
const ENTITY_PERCENT: usize = 20;
/// Share of values, in percent, with anything in them that a harmless column may have.
const HARMLESS_PERCENT: usize = 2;
/// Texts in tables of other shapes than a report's; their other columns are numbers of places.
const OTHER_TEXTS: [&str; 4] = ["text", "raw", "heading", "level"];

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnClass {
    /// Its name.
    pub column: String,
    /// Kind of personal data, if it is one: `PERSON`.
    pub entity: Option<String>,
    /// Whether its values are masked unless somebody asks for them.
    pub sensitive: bool,
    /// Whether a value says by itself who is meant: a name, an ID, an address.
    pub identifies: bool,
}

impl ColumnClass {
    /// What stands for its values: `‹PERSON›`.
    pub fn mark(&self) -> Option<String> {
        self.sensitive.then(|| format!("‹{}›", self.entity.as_deref().unwrap_or("…")))
    }
}

/// Says what columns hold.
#[derive(Debug)]
pub struct Classifier(Detector);

impl Classifier {
    /// Puts the detection together: the shipped rules, no roster.
    ///
    /// # Errors
    /// When the key file that the environment names cannot be read.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self(config::detection(&DetectArgs::plain(), &Limits::default())?.detector))
    }

    /// What the columns of these rows hold; `first` says which columns there are, and may be without rows.
    ///
    /// # Errors
    /// For a type that has no text.
    pub fn classes(
        &self,
        first: &RecordBatch,
        more: &[RecordBatch],
    ) -> Result<Vec<ColumnClass>, TablesError> {
        let schema = first.schema();
        let seen = self.seen(std::iter::once(first).chain(more))?;
        let other = [&CELLS, &LINES, &WORDS].iter().any(|shape| {
            shape
                .fields()
                .iter()
                .map(|field| field.name())
                .eq(schema.fields().iter().map(|field| field.name()))
        });
        let classes = schema.fields().iter().zip(seen).enumerate().map(|(at, (field, seen))| {
            let entity = if other { None } else { seen.entity.or_else(|| self.said(field.name())) };
            let harmless = if other {
                !OTHER_TEXTS.contains(&field.name().as_str())
            } else {
                entity.is_none()
                    && seen.clean
                    && is_harmless(field.name(), Kind::of(first.column(at).as_ref()))
            };
            let name = entity.map(|entity| self.0.rules().entity_name(entity).to_owned());
            ColumnClass {
                column: field.name().clone(),
                identifies: name.as_deref().is_some_and(|name| !ATTRIBUTES.contains(&name)),
                entity: name,
                sensitive: !harmless,
            }
        });
        Ok(classes.collect())
    }

    /// What a heading alone says, also where no value is there.
    fn said(&self, heading: &str) -> Option<EntityId> {
        let hit = self.0.scanner.labels().lookup(heading)?;
        (!hit.weak).then_some(hit.entity)
    }

    fn seen<'a>(&self, batches: impl Iterator<Item = &'a RecordBatch>) -> Result<Vec<Seen>, TablesError> {
        let mut counts: Vec<Counts> = Vec::new();
        let mut scratch = self.0.lend();
        let none = ColumnClasses::default();
        for batch in batches {
            counts.resize_with(batch.num_columns(), Counts::default);
            let cells = cells(batch, &mut counts)?;
            let context = CellContext { classes: &none, kind: ArtifactKind::Workbook, collect: false };
            let (found, _) = cell_findings(&self.0, &cells, &context, &mut scratch);
            for finding in found.findings {
                if let Place::Cell { row, column, .. } = finding.place {
                    counts[column as usize].found(row, finding.entity);
                }
            }
        }
        Ok(counts.into_iter().map(Counts::seen).collect())
    }
}

/// What a table's columns hold, by its name in SQL.
///
/// # Errors
/// When there is no such table, or it cannot be read.
pub fn of(classifier: &Classifier, tables: &Tables, name: &str) -> anyhow::Result<Vec<ColumnClass>> {
    let empty = RecordBatch::new_empty(tables.columns(name)?);
    let rows = tables.query_stream(&format!("SELECT * FROM {} LIMIT {SAMPLE_ROWS}", quoted(name)))?;
    let sample: Vec<RecordBatch> = rows.collect::<Result<_, _>>()?;
    Ok(classifier.classes(&empty, &sample)?)
}

/// A batch's values as cells below their headings.
fn cells(batch: &RecordBatch, counts: &mut [Counts]) -> Result<RecordBatch, TablesError> {
    let columns = batch.columns().iter().map(texts).collect::<Result<Vec<_>, _>>()?;
    let schema = batch.schema();
    let mut cells = CellsBuilder::default();
    // Row by row: what a detector knows of a row's other cells helps it.
    for row in 0..batch.num_rows() {
        for (at, column) in columns.iter().enumerate() {
            if column.is_null(row) {
                continue;
            }
            counts[at].values += 1;
            let place = (0, row as u32, at as u32);
            cells.push_cell(place, CellKind::Value, Some(schema.field(at).name()), column.value(row));
        }
    }
    // Rows of the next batch have the same numbers.
    counts.iter_mut().for_each(|counts| counts.last = None);
    Ok(cells.finish())
}

/// What was seen of a column's values.
#[derive(Default)]
struct Counts {
    values: usize,
    /// Values with anything in them.
    touched: usize,
    entities: HashMap<EntityId, usize>,
    last: Option<(u32, Vec<EntityId>)>,
}

impl Counts {
    /// Each entity counts once a value.
    fn found(&mut self, row: u32, entity: EntityId) {
        let last = self.last.get_or_insert_with(|| (u32::MAX, Vec::new()));
        if last.0 != row {
            *last = (row, Vec::new());
            self.touched += 1;
        }
        if !last.1.contains(&entity) {
            last.1.push(entity);
            *self.entities.entry(entity).or_default() += 1;
        }
    }

    fn seen(self) -> Seen {
        let most = self.entities.iter().max_by_key(|(entity, count)| (**count, **entity));
        let enough = |count: usize| count * 100 >= self.values * ENTITY_PERCENT;
        Seen {
            entity: most.filter(|(_, count)| enough(**count)).map(|(entity, _)| *entity),
            clean: self.touched * 100 <= self.values * HARMLESS_PERCENT,
        }
    }
}

struct Seen {
    entity: Option<EntityId>,
    clean: bool,
}

/// What is asked of a heading depends on what stands below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    YesNo,
    Other,
}

impl Kind {
    fn of(values: &dyn Array) -> Self {
        if values.as_any().is::<BooleanArray>() {
            Self::YesNo
        } else if values.data_type().is_temporal() {
            Self::Day
        } else {
            Self::Other
        }
    }
}

/// Entities that many people share: a value of them says nothing of who is meant.
const ATTRIBUTES: [&str; 21] = [
    "AGE",
    "BLOOD_TYPE",
    "COMPENSATION",
    "DATE_OF_BIRTH",
    "DATE_TIME",
    "DE_PLZ",
    "DISABILITY",
    "ETHNICITY",
    "GENDER",
    "HEALTH_INFO",
    "IMMIGRATION_STATUS",
    "MARITAL_STATUS",
    "MILITARY_SERVICE",
    "NATIONALITY",
    "PERFORMANCE_RATING",
    "POLITICAL_AFFILIATION",
    "RELIGION",
    "SEXUAL_ORIENTATION",
    "TERMINATION_REASON",
    "UK_POSTCODE",
    "UNION_MEMBERSHIP",
];

/// Headings of what an organisation is made of, without the words that `core` takes away.
const HARMLESS: [&str; 62] = [
    "active",
    "business site",
    "business unit",
    "company",
    "contract type",
    "cost center",
    "cost centre",
    "count",
    "country",
    "country region",
    "currency",
    "currency code",
    "department",
    "division",
    "employee type",
    "employment type",
    "exempt",
    "fiscal year",
    "frequency",
    "fte",
    "fte %",
    "full time equivalent",
    "headcount",
    "hours",
    "job",
    "job category",
    "job classification",
    "job family",
    "job family group",
    "job profile",
    "job title",
    "legal entity",
    "location",
    "management level",
    "month",
    "number of openings",
    "openings",
    "pay frequency",
    "pay group",
    "pay rate type",
    "percent",
    "period",
    "position status",
    "quantity",
    "quarter",
    "region",
    "row",
    "scheduled weekly hours",
    "default weekly hours",
    "standard hours",
    "status",
    "time type",
    "version",
    "weekly hours",
    "work location",
    "work shift",
    "worker status",
    "worker sub type",
    "worker type",
    "year",
    "business process",
    "cost center hierarchy",
];
/// How headings of days end that say nothing of a person's life.
const HARMLESS_DAYS: [&str; 14] = [
    "effective date",
    "hire date",
    "start date",
    "end date",
    "as of date",
    "last updated",
    "last modified",
    "created",
    "created on",
    "created date",
    "due date",
    "posted date",
    "position start date",
    "fiscal period",
];
/// Words that make a day one of somebody's life again.
const PRIVATE: [&str; 12] = [
    "birth",
    "leave",
    "absence",
    "death",
    "marriage",
    "medical",
    "disability",
    "visa",
    "pregnancy",
    "parental",
    "sick",
    "benefit",
];
/// Words before and behind that change nothing.
const BEFORE: [&str; 8] =
    ["primary", "current", "proposed", "new", "previous", "default", "position", "worker"];
const BEHIND: [&str; 7] = ["id", "ids", "code", "name", "reference", "descriptor", "text"];

/// Whether a heading is known to stand above nothing that is somebody's.
fn is_harmless(heading: &str, kind: Kind) -> bool {
    if special_heading(heading).is_some() {
        return false;
    }
    let label = normalise_label(heading);
    match kind {
        Kind::YesNo => !label.split(' ').any(|word| PRIVATE.contains(&word)),
        Kind::Day => {
            let ends = |end: &&str| {
                label.strip_suffix(*end).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
            };
            HARMLESS_DAYS.iter().any(ends) && !label.split(' ').any(|word| PRIVATE.contains(&word))
        }
        Kind::Other => HARMLESS.contains(&core(&label)),
    }
}

/// A heading without the words that change nothing: `primary cost center id` is `cost center`.
fn core(label: &str) -> &str {
    let mut label = label;
    while !HARMLESS.contains(&label) {
        let before = label.split_once(' ').filter(|(word, _)| BEFORE.contains(word)).map(|(_, rest)| rest);
        let behind = label.rsplit_once(' ').filter(|(_, word)| BEHIND.contains(word)).map(|(rest, _)| rest);
        let Some(shorter) = behind.or(before) else { break };
        label = shorter;
    }
    label
}

#[cfg(test)]
mod tests;
