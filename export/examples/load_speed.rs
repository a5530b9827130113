//! How long planning takes: a report of made-up rows through a mapping of 40 columns, evaluated, checked and hashed;
//! then its rows made anew, as a build does. `load_speed [ROWS] [key]` prints CPU seconds and resident memory.

use custody_export::eib::{Allow, Mapping, Request, RowSource, plan, rows};
use custody_export::tables::{QueryLimits, Tables};
use custody_export::template::{Column, Group, Marks, Provenance, Sheet, Template};
use custody_export::{CellFormat, Restriction};
use custody_rules::{BatchSource, Refusal, TableSource};
use datafusion::arrow::array::{ArrayRef, Date32Array, Decimal128Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::fmt::Write;
use std::fs;
use std::sync::Arc;

/// Rows of a batch.
const BATCH: usize = 8_192;
/// Columns that are filled.
const COLUMNS: usize = 40;

/// A report without a file: the workers' IDs count, everything else repeats.
struct Report {
    rows: usize,
    batch: RecordBatch,
}

struct Batches {
    rows: usize,
    done: usize,
    columns: Vec<usize>,
    batch: RecordBatch,
}

impl BatchSource for Batches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Refusal> {
        let rows = BATCH.min(self.rows - self.done);
        if rows == 0 {
            return Ok(None);
        }
        let ids: StringArray = (self.done..self.done + rows).map(|id| Some(format!("{id:07}"))).collect();
        let part = self.batch.slice(0, rows);
        let columns: Vec<ArrayRef> = self
            .columns
            .iter()
            .map(|&at| if at == 0 { Arc::new(ids.clone()) } else { Arc::clone(part.column(at)) })
            .collect();
        self.done += rows;
        let schema = self.batch.schema().project(&self.columns).expect("columns of the report");
        Ok(Some(RecordBatch::try_new(Arc::new(schema), columns).expect("columns of the report")))
    }
}

impl TableSource for Report {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn scan(&self, columns: &[usize]) -> Result<Box<dyn BatchSource>, Refusal> {
        let (columns, batch) = (columns.to_vec(), self.batch.clone());
        Ok(Box::new(Batches { rows: self.rows, done: 0, columns, batch }))
    }
}

fn report(rows: usize) -> Report {
    let (mut fields, mut columns) = (Vec::new(), Vec::<ArrayRef>::new());
    for at in 0..COLUMNS {
        let column: ArrayRef = match at % 4 {
            1 => Arc::new(
                (0..BATCH).map(|row| i32::try_from(19_000 + row % 900).ok()).collect::<Date32Array>(),
            ),
            2 => Arc::new(
                (0..BATCH)
                    .map(|row| Some(row as i128 * 12_345))
                    .collect::<Decimal128Array>()
                    .with_precision_and_scale(38, 2)
                    .expect("a decimal"),
            ),
            _ => Arc::new(
                (0..BATCH).map(|row| Some(format!("Value {} of {at}", row % 500))).collect::<StringArray>(),
            ),
        };
        fields.push(Field::new(format!("Column {at}"), column.data_type().clone(), true));
        columns.push(column);
    }
    fields[0] = Field::new("Column 0", DataType::Utf8, true);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("columns of one length");
    Report { rows, batch }
}

fn template() -> Template {
    let column = |index: usize| {
        let format = match index {
            0 => CellFormat::Text,
            1 => CellFormat::Reference("Employee_ID".to_owned()),
            _ => match (index - 1) % 4 {
                1 => CellFormat::Date,
                2 => CellFormat::Number(Some((18, 2))),
                _ => CellFormat::Text,
            },
        };
        let label = match index {
            0 => "Spreadsheet Key".to_owned(),
            1 => "Worker".to_owned(),
            _ => format!("Field {}", index - 1),
        };
        let required = index < 12;
        Column {
            index: index as u32 + 1,
            area: "All".to_owned(),
            restriction: if required { Restriction::Required } else { Restriction::Optional },
            format,
            label,
            marks: Marks { required, ..Marks::default() },
            id_types: Vec::new(),
            as_text: true,
            hidden: false,
            group: 0,
        }
    };
    let columns = (0..=COLUMNS).map(column).collect();
    let groups = vec![Group { key: Some(0), parent: None, required: false }];
    let sheet = Sheet { name: "Load".to_owned(), title: "Load".to_owned(), columns, groups };
    Template {
        operation: "Load".to_owned(),
        version: None,
        provenance: Provenance::Bundled,
        overview: None,
        sheets: vec![sheet],
    }
}

fn mapping(key: bool) -> Mapping {
    let mut text = "operation = \"Load\"\n".to_owned();
    if key {
        text.push_str("key = [\"Column 0\"]\n");
    }
    for at in 0..COLUMNS {
        let label = if at == 0 { "Worker".to_owned() } else { format!("Field {at}") };
        let _ = write!(text, "[[field]]\nlabel = \"{label}\"\ncolumn = \"Column {at}\"\n");
    }
    Mapping::parse(&text).expect("a mapping")
}

/// CPU seconds of this process so far, and its largest resident memory in MiB.
fn used() -> (f64, u64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<u64> = stat
        .rsplit(')')
        .next()
        .map(|rest| rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect())
        .unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
    (ticks.iter().sum::<u64>() as f64 / 100.0, peak.unwrap_or(0) / 1_024)
}

#[expect(clippy::print_stdout, reason = "a measurement for the terminal")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows_in = arguments.first().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let key = arguments.iter().any(|text| text == "key");
    let tables = Tables::without_store(QueryLimits::default()).expect("threads");
    tables.add_source("report", Arc::new(report(rows_in)));
    let (template, mapping, allow) = (template(), mapping(key), Allow::default());
    let request = Request {
        template: &template,
        fingerprint: "",
        mapping: &mapping,
        tables: &tables,
        from: "report",
        filter: None,
        limit: None,
        allow: &allow,
        key: &[1; 32],
        only: None,
    };
    let before = used();
    let mut findings = 0_u64;
    let planned = plan(&request, &mut |_| findings += 1, 20).expect("a plan");
    let after = used();
    let cells: u64 = planned.digests.iter().map(|digest| digest.cells).sum();
    println!(
        "plan: {cells} cells, {findings} findings, {:.2} CPU-s, peak {} MiB",
        after.0 - before.0,
        after.1
    );
    let mut source = rows(&request).expect("rows");
    let mut again = 0;
    while let Some(block) = source.next_block().expect("a block") {
        again += block.sheets.iter().map(|sheet| sheet.rows.num_rows() as u64).sum::<u64>();
    }
    let end = used();
    println!("rows alone: {again} rows, {:.2} CPU-s, peak {} MiB", end.0 - after.0, end.1);
}
