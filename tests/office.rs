//! Other programs that read what was written: openpyxl, LibreOffice, and a comparison of packages part by part. Knows
//! nothing of how workbooks are made; where a label stands is looked up in the written file.

use crate::cli_store::custody;
use crate::program::World;
use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;

/// First row of data, as people count.
pub(crate) const FIRST_ROW: usize = 6;

/// What a workbook should hold below its headers.
pub(crate) struct Planned {
    book: Xlsx<BufReader<File>>,
    sheets: BTreeMap<String, BTreeMap<String, String>>,
}

impl Planned {
    /// Nothing, in a workbook whose labels say where things belong.
    pub(crate) fn new(world: &World, file: &str) -> Self {
        let book = calamine::open_workbook(world.path(file)).expect("a workbook");
        Self { book, sheets: BTreeMap::new() }
    }

    /// Letters of the column under a label without its marks; the `nth` one, from 1.
    pub(crate) fn column(&mut self, sheet: &str, label: &str, nth: usize) -> String {
        let range = self.book.worksheet_range(sheet).unwrap_or_else(|e| panic!("{sheet}: {e}"));
        let last = range.end().expect("a header").1;
        let bare = |column: u32| match range.get_value((4, column)) {
            Some(Data::String(text)) => text.trim_end_matches(['*', '+']) == label,
            _ => false,
        };
        let found = (1..=last).filter(|&column| bare(column)).nth(nth - 1);
        letters(found.unwrap_or_else(|| panic!("{sheet} has no {label} number {nth}")))
    }

    /// Adds a cell: the `row`-th of the data, from 0, under a label.
    pub(crate) fn put(
        &mut self,
        sheet: &str,
        (label, nth): (&str, usize),
        row: usize,
        text: impl Into<String>,
    ) {
        let cell = format!("{}{}", self.column(sheet, label, nth), FIRST_ROW + row);
        let before = self.sheets.entry(sheet.to_owned()).or_default().insert(cell, text.into());
        assert!(before.is_none(), "{sheet}: {label} is planned twice in row {row}");
    }

    /// Cells in all.
    pub(crate) fn len(&self) -> usize {
        self.sheets.values().map(BTreeMap::len).sum()
    }

    /// A text of the header.
    pub(crate) fn header(&mut self, sheet: &str, row: u32, column: u32) -> String {
        let range = self.book.worksheet_range(sheet).expect("the sheet");
        range.get_value((row - 1, column)).map(ToString::to_string).unwrap_or_default()
    }

    /// Both other programs read exactly these cells, as texts. The overview is not looked at.
    pub(crate) fn is_read_by_others(&self, world: &World, file: &str) {
        for (reader, said) in self.others(world, file) {
            assert_eq!(said, Ok(format!("ok: {} cells", self.len())), "{reader}");
        }
    }

    /// Both other programs notice a cell that is another one, one that is missing, and one that was not planned.
    pub(crate) fn others_notice_differences(&mut self, world: &World, file: &str) {
        let cells = self.sheets.values_mut().next().expect("a sheet");
        let mut names = cells.keys().cloned().collect::<Vec<_>>().into_iter();
        let [first, second] = [names.next(), names.next()].map(|name| name.expect("two cells"));
        cells.entry(first.clone()).and_modify(|text| text.push('.'));
        cells.remove(&second);
        cells.insert("B9999".to_owned(), "1".to_owned());
        for (reader, said) in self.others(world, file) {
            let said = said.expect_err(reader);
            assert!(said.contains("3 cells differ"), "{reader}: {said}");
            for cell in [&*first, &*second, "B9999"] {
                assert!(said.contains(&format!("!{cell}: ")), "{reader}: {said}");
            }
        }
    }

    fn others(&self, world: &World, file: &str) -> [(&'static str, Result<String, String>); 2] {
        let mut sheets = json!(self.sheets);
        if self.book.sheet_names().contains(&"Overview".to_owned()) {
            sheets["Overview"] = Value::Null;
        }
        let plan = world.file("expected.json", json!({"sheets": sheets, "first_row": FIRST_ROW}).to_string());
        ["check_workbook.py", "check_office.py"]
            .map(|reader| (reader, python(reader, &[&world.path(file), &plan])))
    }
}

/// `C` from 2.
fn letters(mut column: u32) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'A' + (column % 26) as u8));
        if column < 26 {
            return text;
        }
        column = column / 26 - 1;
    }
}

/// The filled workbook is the template, byte for byte, but for the rows of these parts and the shared strings.
pub(crate) fn only_rows_differ(world: &World, template: &str, filled: &str, changed: &[&str]) {
    let mut args = vec![world.path(template), world.path(filled)];
    args.extend(changed.iter().map(PathBuf::from));
    let args: Vec<&Path> = args.iter().map(PathBuf::as_path).collect();
    let said = python("check_parts.py", &args).unwrap_or_else(|said| panic!("{said}"));
    assert!(
        said.starts_with("ok: ") && said.ends_with(&format!("same, {} changed", changed.len())),
        "{said}"
    );
}

/// Runs one of the scripts and gives what it said; an error when it found something.
fn python(script: &str, args: &[&Path]) -> Result<String, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the build folder");
    let program = target.join("test-venv/bin/python");
    assert!(
        program.exists() && target.join("test-venv/made-from.txt").exists(),
        "the tests' Python environment is missing: run make venv (it installs openpyxl into the build folder)"
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
    let output = Command::new(program).arg(&script).args(args).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() { Ok(said) } else { Err(said + &String::from_utf8_lossy(&output.stderr)) }
}

/// Plans, approves and builds: gives what the plan said.
pub(crate) fn workbook(world: &World, plan: &[&str], out: &str) -> Value {
    let mut args = vec!["--json", "eib", "plan"];
    args.extend(plan);
    let said = custody(world, &args);
    let planned: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}", said.err));
    let hash =
        planned["plan"].as_str().unwrap_or_else(|| panic!("no plan: {}", planned["findings"])).to_owned();
    let said = custody(world, &["approve", &hash, "--show", "--yes", &hash[..8]]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = custody(world, &["eib", "build", &hash, "-o", out]);
    assert_eq!(said.code, 0, "{}", said.err);
    planned
}
