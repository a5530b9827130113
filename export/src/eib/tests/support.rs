//! A template, a report and lookup tables of made-up people, in memory.

use crate::eib::{Allow, Finding, Mapping, PlanError, Planned, Request, RowSource, plan, rows};
use crate::tables::{QueryLimits, Tables};
use crate::template::{Column, Group, Marks, Overview, Process, Provenance, Sheet, Template};
use crate::{CellFormat, Restriction};
use custody_rules::{BatchSource, Refusal, TableSource};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub(super) const KEY: [u8; 32] = [7; 32];

/// A table in memory, handed over some rows at a time.
pub(super) struct Memory {
    pub(super) batch: RecordBatch,
    pub(super) rows: usize,
}

struct Batches {
    batches: std::vec::IntoIter<RecordBatch>,
}

impl BatchSource for Batches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        Ok(self.batches.next())
    }
}

impl TableSource for Memory {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal> {
        let all = self.batch.project(columns).expect("the test's own columns");
        let starts = (0..all.num_rows()).step_by(self.rows.max(1));
        let batches: Vec<_> = starts.map(|at| all.slice(at, self.rows.min(all.num_rows() - at))).collect();
        Ok(Box::new(Batches { batches: batches.into_iter() }))
    }
}

/// A table out of lines of `|`-separated texts, the first one the headings; `-` is a blank.
pub(super) fn table(text: &str) -> RecordBatch {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let split = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let headings = split(lines.next().expect("headings"));
    let rows: Vec<Vec<String>> = lines.map(split).collect();
    let columns = headings.iter().enumerate().map(|(at, heading)| {
        let cells = rows.iter().map(|row| Some(row[at].replace("\\n", "\n")).filter(|cell| cell != "-"));
        let cells: StringArray = cells.collect();
        (heading.clone(), Arc::new(cells) as ArrayRef)
    });
    typed(columns.collect())
}

pub(super) fn typed(columns: Vec<(String, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| {
            let heading = HashMap::from([("custody.heading".to_owned(), name.clone())]);
            Field::new(name, array.data_type().clone(), true).with_metadata(heading)
        })
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("the test's own columns")
}

pub(super) fn tables(named: &[(&str, RecordBatch)]) -> Tables {
    let limits = QueryLimits { memory_mib: 256, threads: 2, batch_rows: 1_000 };
    let tables = Tables::without_store(limits).expect("threads");
    for (name, batch) in named {
        tables.add_source(name, Arc::new(Memory { batch: batch.clone(), rows: 700 }));
    }
    tables
}

/// A sheet out of `area | restriction | format | label with marks` lines. `Row ID` opens a group inside the one that
/// `in N` at the end of its line says (the transaction, if nothing).
pub(super) fn sheet(name: &str, lines: &str) -> Sheet {
    let mut sheet = Sheet { name: name.into(), title: name.into(), columns: Vec::new(), groups: Vec::new() };
    sheet.groups.push(Group { key: None, parent: None, required: false });
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (label, marks) = label(cells[3]);
        let index = sheet.columns.len() as u32 + 1;
        let mut group = cells.get(4).map_or_else(
            || sheet.columns.last().map_or(0, |left| left.group),
            |group| group.parse().expect("a group"),
        );
        match label.as_str() {
            "Spreadsheet Key" => sheet.groups[0].key = Some(sheet.columns.len()),
            "Row ID" => {
                let parent = cells.get(4).map_or(0, |parent| parent.parse().expect("a group"));
                let required = marks.group_required;
                sheet.groups.push(Group { key: Some(sheet.columns.len()), parent: Some(parent), required });
                group = sheet.groups.len() - 1;
            }
            _ => {}
        }
        let format = CellFormat::parse(cells[2]).expect("a format");
        let id_types = match &format {
            CellFormat::Reference(own) => vec!["WID".to_owned(), own.clone(), "Other_ID".to_owned()],
            CellFormat::Lookup => vec!["Employee_ID".to_owned(), "WID".to_owned()],
            _ => Vec::new(),
        };
        let restriction = Restriction::parse(cells[1]).expect("a restriction");
        let area = cells[0].to_owned();
        let (as_text, hidden) = (true, false);
        sheet.columns.push(Column {
            index,
            area,
            restriction,
            format,
            label,
            marks,
            id_types,
            as_text,
            hidden,
            group,
        });
    }
    sheet
}

fn label(text: &str) -> (String, Marks) {
    let marks = Marks {
        required: text.ends_with('*') && !text.ends_with("**"),
        repeating: text.ends_with('+') || text.ends_with("+*"),
        group_required: text.ends_with("**"),
    };
    (text.trim_end_matches(['*', '+']).to_owned(), marks)
}

/// A business process with a group, a nested group, a column that repeats, and a sub-process.
pub(super) fn template() -> Template {
    let main = sheet(
        "Change Thing",
        "All | Required | Text | Spreadsheet Key*
         All | Required | Employee_ID | Worker*
         All | Required | YYYY-MM-DD | Effective Date*
         Thing Data (All) | Required | Thing_Reason_ID | Reason*
         Thing Data (All) | Optional | Text | Title
         Thing Data (All) | Optional | Number (12,2) | Amount
         Thing Data (All) | Optional. May have multiples | Tag_ID | Tag+
         Plan Data+ (All > Thing Data) | Required | Text | Row ID*
         Plan Data+ (All > Thing Data) | Optional | Y/N | Replace
         Plan Data+ (All > Thing Data) | Required | Plan_ID | Plan*
         Share Data+ (All > Thing Data > Plan Data) | Required | Text | Row ID* | 1
         Share Data+ (All > Thing Data > Plan Data) | Optional | Number | Share
         Share Data+ (All > Thing Data > Plan Data) | Optional | DateTime | From
         Owner (All) | Optional | Lookup | ID Type | 0
         Owner (All) | Optional | Text | ID Value
         Owner (All) | Conditionally Required | Text | Parent ID Type
         Owner (All) | Conditionally Required | Text | Parent ID Value
         Health Data (All) | Optional | Text | Blood Type",
    );
    let sub = sheet(
        "Propose Pay",
        "All | Required | Text | Spreadsheet Key
         Pay Data (Propose Pay Sub Process) | Optional | Grade_ID | Grade
         Pay Data (Propose Pay Sub Process) | Optional | Currency_ID | Currency",
    );
    let process = |row, name: &str, sheet| Process {
        row,
        name: name.to_owned(),
        sheet: Some(sheet),
        instructions: Vec::new(),
        instruction: None,
    };
    let processes = vec![process(7, "Change Thing", 0), process(8, "Propose Pay", 1)];
    let overview = Overview {
        name: "Overview".to_owned(),
        title: "Change Thing".to_owned(),
        discards: false,
        processes,
    };
    Template {
        operation: "Change Thing".to_owned(),
        version: None,
        provenance: Provenance::Imported,
        overview: Some(overview),
        sheets: vec![main, sub],
    }
}

/// A request over `report`.
pub(super) struct Case {
    pub(super) template: Template,
    pub(super) tables: Tables,
    pub(super) mapping: Mapping,
    pub(super) allow: Allow,
    pub(super) filter: Option<String>,
    pub(super) limit: Option<u64>,
    pub(super) only: Option<BTreeSet<u64>>,
}

impl Case {
    pub(super) fn new(report: &str, mapping: &str) -> Self {
        Self::with(&[("report", table(report))], mapping)
    }

    pub(super) fn with(named: &[(&str, RecordBatch)], mapping: &str) -> Self {
        let mapping = if mapping.contains("operation") {
            mapping.to_owned()
        } else {
            format!("operation = \"Change Thing\"\n{mapping}")
        };
        Self {
            template: template(),
            tables: tables(named),
            mapping: Mapping::parse(&mapping).unwrap_or_else(|error| panic!("{error}\n{mapping}")),
            allow: Allow::default(),
            filter: None,
            limit: None,
            only: None,
        }
    }

    pub(super) fn request(&self) -> Request<'_> {
        Request {
            template: &self.template,
            fingerprint: "f",
            mapping: &self.mapping,
            tables: &self.tables,
            from: "report",
            filter: self.filter.as_deref(),
            limit: self.limit,
            allow: &self.allow,
            key: &KEY,
            only: self.only.as_ref(),
        }
    }

    pub(super) fn planned(&self) -> Result<(Planned, Vec<Finding>), PlanError> {
        let mut findings = Vec::new();
        let planned = plan(&self.request(), &mut |finding| findings.push(finding), usize::MAX)?;
        Ok((planned, findings))
    }

    pub(super) fn plan(&self) -> Planned {
        self.planned().unwrap_or_else(|error| panic!("{error}")).0
    }

    /// `code cell` of every finding, sorted; the sheet stands before the cell where it is not the main one.
    pub(super) fn codes(&self) -> Vec<String> {
        let (_, findings) = self.planned().unwrap_or_else(|error| panic!("{error}"));
        let mut codes: Vec<String> = findings
            .iter()
            .map(|finding| {
                let cell = finding.cell.as_deref().unwrap_or("-");
                let sheet = if finding.sheet == "Change Thing" { "" } else { finding.sheet.as_str() };
                format!("{} {sheet}{}{cell}", finding.code, if sheet.is_empty() { "" } else { "!" })
            })
            .collect();
        codes.sort();
        codes
    }

    pub(super) fn refused(&self) -> String {
        self.planned().err().map_or_else(|| panic!("it was planned"), |error| error.to_string())
    }

    /// The rows of a sheet: `B=1 C=100`, without blanks.
    pub(super) fn rows(&self, sheet: usize) -> Vec<String> {
        let mut rows = rows(&self.request()).unwrap_or_else(|error| panic!("{error}"));
        let mut out = Vec::new();
        while let Some(block) = rows.next_block().expect("rows") {
            for block in block.sheets.iter().filter(|block| block.sheet == sheet) {
                assert_eq!(block.transactions.len(), block.rows.num_rows());
                for row in 0..block.rows.num_rows() {
                    let cells = block.columns.iter().zip(block.rows.columns()).filter_map(|(&at, array)| {
                        let texts = array.as_any().downcast_ref::<StringArray>().expect("texts");
                        let text = crate::eib::engine::text_at(texts, row)?;
                        Some(format!("{}={text}", crate::template::column_letters(at as u32 + 1)))
                    });
                    out.push(cells.collect::<Vec<_>>().join(" "));
                }
            }
        }
        out
    }
}

/// Lines of a field of the main sheet.
pub(super) fn field(label: &str, rest: &str) -> String {
    format!("[[field]]\nlabel = \"{label}\"\n{rest}\n")
}

/// Worker and reason as in `Employee ID` and `Reason`, and a day.
pub(super) fn basics() -> String {
    field("Worker", "column = \"Employee ID\"")
        + &field("Effective Date", "value = \"2026-01-01\"")
        + &field("Reason", "value = \"Thing_Change_1\"")
}
