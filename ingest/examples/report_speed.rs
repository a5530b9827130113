//! Measures scans of made-up reports, three of forty columns and a filter on one of them that takes 5 % of the rows:
//! `cargo run --release -p custody-ingest --example report_speed -- make FOLDER [MEGABYTES] [ROWS]` writes `plain.csv`,
//! `quoted.csv` (one field of each row in quotes) and `book.xlsx`; `… -- scan FILE [whole]` reads one of them, in a process
//! of its own for its memory's sake. `benches/peers/report_query.py` asks the same of others.
#![allow(clippy::print_stdout, reason = "a tool for developers prints")]

use arrow_array::cast::AsArray;
use arrow_array::types::Decimal128Type;
use custody_ingest::report::{Typing, open_report};
use custody_rules::{Limits, TableSource};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

const COLUMNS: usize = 40;
/// Employee ID, Cost Center, Total Base Pay - Amount.
const WANTED: [usize; 3] = [0, 11, 19];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", folder, rest @ ..] => {
            let number = |at: usize, otherwise: u64| {
                rest.get(at).map_or(otherwise, |digits| digits.parse().expect("a number"))
            };
            let folder = Path::new(folder);
            make_csv(&folder.join("plain.csv"), number(0, 1_000) << 20, false);
            make_csv(&folder.join("quoted.csv"), number(0, 1_000) << 20, true);
            make_book(&folder.join("book.xlsx"), number(1, 100_000) as u32);
        }
        ["scan", file, how @ ..] => scan(Path::new(file), how.contains(&"whole")),
        _ => println!("make FOLDER [MEGABYTES] [ROWS], or scan FILE [whole]"),
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn heading(column: usize) -> String {
    match column {
        0 => "Employee ID".to_owned(),
        1 => "Worker".to_owned(),
        11 => "Cost Center".to_owned(),
        19 => "Total Base Pay - Amount".to_owned(),
        column if column % 5 == 2 => format!("Date {column}"),
        column if column % 5 == 3 => format!("Quantity {column}"),
        column => format!("Organization {column}"),
    }
}

fn value(numbers: &mut Numbers, row: u64, column: usize, quoted: bool) -> String {
    let number = numbers.next();
    match column {
        0 => format!("{:07}", row + 1),
        1 if quoted => format!("\"Doe{}, Jane\"", number % 9_000),
        1 => format!("Jane Doe{}", number % 9_000),
        11 => format!("CC-{:02}", number % 20),
        19 => format!("{}.{:02}", 20_000 + number % 100_000, number % 97),
        column if column % 5 == 2 => {
            format!("20{:02}-{:02}-{:02}", number % 25, 1 + number % 12, 1 + number % 28)
        }
        column if column % 5 == 3 => (number % 1_000).to_string(),
        _ if number.is_multiple_of(8) => String::new(),
        _ => format!("Unit {:03} North", number % 500),
    }
}

fn make_csv(path: &Path, bytes: u64, quoted: bool) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    let headings: Vec<String> = (0..COLUMNS).map(heading).collect();
    writeln!(out, "{}", headings.join(",")).expect("room for it");
    let (mut numbers, mut written, mut row) = (Numbers(88_172_645_463_325_252), 0, 0);
    while written < bytes {
        let values: Vec<String> =
            (0..COLUMNS).map(|column| value(&mut numbers, row, column, quoted)).collect();
        let line = values.join(",");
        writeln!(out, "{line}").expect("room for it");
        written += line.len() as u64 + 1;
        row += 1;
    }
    out.flush().expect("room for it");
}

fn make_book(path: &Path, rows: u32) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_low_memory().expect("a sheet");
    for column in 0..COLUMNS {
        sheet.write_string(0, column as u16, heading(column)).expect("a text");
    }
    let mut numbers = Numbers(88_172_645_463_325_252);
    for row in 0..rows {
        for column in 0..COLUMNS {
            let text = value(&mut numbers, u64::from(row), column, false);
            if column == 19 || column % 5 == 3 {
                sheet
                    .write_number(row + 1, column as u16, text.parse::<f64>().expect("a number"))
                    .expect("a number");
            } else if !text.is_empty() {
                sheet.write_string(row + 1, column as u16, text).expect("a text");
            }
        }
    }
    book.save(path).expect("room for it");
}

fn scan(path: &Path, whole: bool) {
    let file = Arc::new(File::open(path).expect("a file"));
    let limits = Limits::default();
    let sniffed = custody_ingest::sniff(&file, &limits).expect("a kind that is known");
    let after_sniffing = cpu_s();
    let how = if whole { Typing::Whole } else { Typing::Sample { rows: 1_000 } };
    let opened = Arc::clone(&file);
    let tables =
        open_report(Arc::new(move || Ok(opened.try_clone()?)), sniffed, &limits, how).expect("a report");
    let after_opening = cpu_s();
    let mut source = tables[0].scan(&WANTED).expect("a scan");
    let (mut rows, mut taken, mut sum) = (0_usize, 0_usize, 0_i128);
    while let Some(batch) = source.next_batch().expect("a sound report") {
        let centers = batch.column(1).as_string::<i32>();
        let pay = batch.column(2).as_primitive::<Decimal128Type>();
        for row in (0..batch.num_rows()).filter(|&row| centers.value(row) == "CC-07") {
            taken += 1;
            sum += pay.value(row);
        }
        rows += batch.num_rows();
    }
    println!(
        "{rows} rows, {taken} taken, sum {sum}; CPU s: sniffing {after_sniffing:.2}, opening {:.2}, scanning {:.2}; peak {} MiB",
        after_opening - after_sniffing,
        cpu_s() - after_opening,
        peak_kib() / 1024
    );
}

/// CPU seconds of this process, from the kernel's own accounts.
fn cpu_s() -> f64 {
    let usage = std::fs::read_to_string("/proc/self/schedstat").expect("proc");
    let on_cpu = usage.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok());
    on_cpu.expect("nanoseconds") / 1e9
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).expect("KiB")
}
