//! Measures the writing of workbooks: `eib_speed fill ROWS TEMPLATE.xlsx` fills 40 columns of a template's main sheet,
//! `eib_speed generate ROWS` makes workbooks of 20 columns. `--no-readback` measures the writing
//! alone. Prints cells, files, CPU seconds and the peak of memory; the files are thrown away. Linux only.

#![allow(clippy::print_stdout, reason = "an example talks to the terminal")]

use custody_export::eib::{Block, RowError, RowSource, SheetBlock};
use custody_export::template::{Column, Group, Marks, Provenance, Sheet, Template};
use custody_export::workbook::{Check, Limits, ROWS_MAX, Settings, Source, Target, write};
use custody_export::{CellFormat, Restriction};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use std::error::Error;
use std::fs;
use std::sync::Arc;

/// Rows of a block.
const BLOCK_ROWS: u64 = 8_192;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    let check =
        if arguments.iter().any(|word| word == "--no-readback") { Check::WriteOnly } else { Check::ReadBack };
    let (rows, columns, package) = match words.as_slice() {
        ["fill", rows, package] => (rows.parse()?, 40, Some(fs::read(package)?)),
        ["generate", rows] => (rows.parse()?, 20, None),
        _ => return Err("usage: eib_speed fill ROWS TEMPLATE.xlsx | generate ROWS [--no-readback]".into()),
    };
    let name = match &package {
        Some(bytes) => main_sheet(bytes)?,
        None => "Put Something".to_owned(),
    };
    let template = template(&name, columns);
    let limits = Limits { rows_max: ROWS_MAX, file_bytes_max: 300 << 20 };
    let source = package.as_deref().map_or(Source::Generate, Source::Fill);
    let settings = Settings::default();
    let target = Target { template: &template, source, settings: &settings, limits, check };
    let mut made = Made { rows, next: 0, columns, schema: schema(columns) };
    let made_before = cpu_seconds()?;
    while made.next_block()?.is_some() {}
    let making = cpu_seconds()? - made_before;
    made.next = 0;
    let before = cpu_seconds()?;
    let written = write(&target, &mut made, &mut |_| tempfile::tempfile())?;
    let used = cpu_seconds()? - before - making;
    let bytes: u64 = written.files.iter().map(|file| file.bytes).sum();
    println!(
        "{} cells in {} files of {bytes} bytes: {used:.2} CPU-s, {:.2} M cells/CPU-s (making the rows, taken off: \
         {making:.2} CPU-s); peak {} MiB",
        written.cells(),
        written.files.len(),
        written.cells() as f64 / used / 1e6,
        peak_kib()? >> 10,
    );
    Ok(())
}

/// The name of the first sheet that is no overview.
fn main_sheet(bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    use calamine::Reader;
    let book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes))?;
    book.sheet_names().into_iter().find(|name| name != "Overview").ok_or_else(|| "no sheet".into())
}

/// A model of one sheet; its labels matter to a generated header only.
fn template(name: &str, columns: u32) -> Template {
    let column = |index: u32| Column {
        index,
        area: format!("Area {}", index / 5),
        restriction: Restriction::Optional,
        format: CellFormat::Text,
        label: format!("Field {index}"),
        marks: Marks::default(),
        id_types: Vec::new(),
        as_text: true,
        hidden: false,
        group: 0,
    };
    let sheet = Sheet {
        name: name.to_owned(),
        title: name.to_owned(),
        columns: (1..=columns).map(column).collect(),
        groups: vec![Group { key: Some(0), parent: None, required: false }],
    };
    Template {
        operation: name.to_owned(),
        version: None,
        provenance: Provenance::Imported,
        overview: None,
        sheets: vec![sheet],
    }
}

fn schema(columns: u32) -> Arc<Schema> {
    Arc::new(Schema::new(
        (0..columns).map(|n| Field::new(format!("c{n}"), DataType::Utf8, true)).collect::<Vec<_>>(),
    ))
}

/// Rows like a report's: of five columns one is unique, one a day, one an amount, two of few values.
struct Made {
    rows: u64,
    next: u64,
    columns: u32,
    schema: Arc<Schema>,
}

impl RowSource for Made {
    fn next_block(&mut self) -> Result<Option<Block>, RowError> {
        let rows = self.next..self.rows.min(self.next + BLOCK_ROWS);
        if rows.is_empty() {
            return Ok(None);
        }
        self.next = rows.end;
        let arrays: Vec<ArrayRef> = (0..self.columns)
            .map(|column| {
                Arc::new(rows.clone().map(|row| Some(text(row, column))).collect::<StringArray>()) as ArrayRef
            })
            .collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays);
        let batch = batch.map_err(|_| RowError::Stopped("the rows are odd".to_owned()))?;
        let columns: Arc<[usize]> = (0..self.columns as usize).collect();
        let transactions = rows.map(|row| row + 1).collect();
        Ok(Some(Block { sheets: vec![SheetBlock { sheet: 0, columns, rows: batch, transactions }] }))
    }
}

fn text(row: u64, column: u32) -> String {
    let mixed = (row * 64 + u64::from(column)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    match column % 5 {
        0 => format!("EMP-{row:07}-{column}"),
        1 => format!("{:04}-{:02}-{:02}", 1990 + mixed % 35, 1 + mixed / 64 % 12, 1 + mixed / 4096 % 28),
        2 => format!("{}.{:02}", 30_000 + mixed % 200_000, mixed % 100),
        3 => format!("Cost Center {:03}", mixed % 300),
        _ => if mixed.is_multiple_of(2) { "Y" } else { "N" }.to_owned(),
    }
}

/// User and system time of this process.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 =
        fields.get(11).ok_or("no time")?.parse::<f64>()? + fields.get(12).ok_or("no time")?.parse::<f64>()?;
    Ok(ticks / 100.0)
}

fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no peak")?;
    Ok(line.split_whitespace().nth(1).ok_or("no peak")?.parse()?)
}
