//! Workbooks that are filled and made: what stays, what comes, what is refused.

mod support;

use super::*;
use crate::eib::Block;
use support::{cells, names, pack, package, parts, rows, template, unpack, write_all};

const ODD: [&str; 22] = [
    "=1+1",
    "+1 415-555-0100",
    "@SUM(A1)",
    "\u{645}\u{62d}\u{645}\u{62f}",
    "\u{738b}\u{5c0f}\u{660e}",
    "Müller-Lüdenscheidt",
    "O'Neil",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "  leading",
    "trailing  ",
    "two  blanks",
    "_x0041_",
    "_X00e9_ and _x005F_",
    "_x00_",
    "line\nfeed",
    "\ttab",
    "&<>\"'",
    "]]>",
    "&amp;",
    "000123",
    "1E5",
    "\u{a0}\u{3000}wide\u{2028}",
];

fn odd_block() -> (Block, Vec<String>) {
    let mut texts: Vec<String> = ODD.iter().map(|text| (*text).to_owned()).collect();
    texts.push("é".repeat(255));
    texts.push("\u{1f600}".repeat(16_383));
    let all: Vec<&str> = texts.iter().map(String::as_str).collect();
    (names(1, &all), texts)
}

fn check_odd(source: Source<'_>) {
    let (block, texts) = odd_block();
    let (written, files) =
        write_all(source, &Settings::default(), Limits::default(), vec![block]).expect("files");
    assert_eq!((written.files.len(), written.cells()), (1, texts.len() as u64 * 5));
    assert_eq!(written.files[0].rows_by_sheet, [texts.len() as u64, 0]);
    assert_eq!(written.files[0].blake3, blake3::hash(&files[0]).to_hex().to_string());
    assert_eq!(written.files[0].bytes, files[0].len() as u64);
    let cells = cells(&files[0], "Put Something");
    for (row, text) in (6..).zip(&texts) {
        assert_eq!(cells.get(&format!("D{row}")), Some(text), "row {row}");
        assert_eq!(cells[&format!("C{row}")], "000123");
        assert_eq!(cells.get(&format!("E{row}")), None);
    }
}

#[test]
fn odd_texts_are_read_as_they_were_planned() {
    check_odd(Source::Fill(&package()));
    check_odd(Source::Generate);
}

#[test]
fn all_that_is_not_filled_stays_the_same_bytes() {
    let original = package();
    let (_, files) = write_all(
        Source::Fill(&original),
        &Settings::default(),
        Limits::default(),
        vec![names(1, &["Ann", "Bob", "Ann"])],
    )
    .expect("files");
    let (before, after) = (unpack(&original), unpack(&files[0]));
    let changed = ["xl/sharedStrings.xml", "xl/worksheets/sheet2.xml"];
    assert_eq!(before.len(), after.len());
    for ((name, raw, text), (new_name, new_raw, new_text)) in before.iter().zip(&after) {
        assert_eq!(name, new_name);
        if !changed.contains(&name.as_str()) {
            assert_eq!((raw, text), (new_raw, new_text), "{name}");
            continue;
        }
        let end = if name.ends_with("Strings.xml") { "</sst>" } else { "</sheetData>" };
        let (head, tail) = text.split_once(end).expect("an end");
        let head = head
            .replace("ref='A1:G5'", "ref='A1:G8'")
            .replace("count=\"62\" uniqueCount=\"62\"", "count=\"77\" uniqueCount=\"70\"");
        assert!(new_text.starts_with(&head), "{name}: {}", &new_text[..200]);
        assert!(new_text.ends_with(&format!("{end}{tail}")), "{name}");
        assert!(new_text.len() > text.len() + 100);
    }
    // Local headers of the parts that stay keep every byte as well.
    let (_, raw, _) = &before[0];
    let until = original.windows(raw.len()).position(|part| part == raw).expect("it is stored") + raw.len();
    assert_eq!(original[..until], files[0][..until]);
}

#[test]
fn cells_of_the_header_are_set_where_they_may_be() {
    let settings = Settings {
        id_types: vec![IdTypeChoice { sheet: 1, column: 1, id_type: "Contingent_Worker_ID".to_owned() }],
        instructions: vec![
            Instruction {
                row: 7,
                instruction: Some("Automatic Processing".to_owned()),
                comment: Some("ok".to_owned()),
            },
            Instruction { row: 8, instruction: None, comment: Some("R&D".to_owned()) },
        ],
    };
    for source in [Source::Fill(&package()), Source::Generate] {
        let (_, files) =
            write_all(source, &settings, Limits::default(), vec![names(1, &["Ann"])]).expect("files");
        let overview = cells(&files[0], "Overview");
        assert_eq!(overview["C7"], "Automatic Processing");
        assert_eq!((overview["D7"].as_str(), overview["D8"].as_str()), ("ok", "R&D"));
        assert_eq!(overview.get("C8"), None);
        let pay = cells(&files[0], "Put Pay");
        assert_eq!((pay["C4"].as_str(), pay["B4"].as_str()), ("Contingent_Worker_ID", "Text"));
        let sheets = unpack(&files[0]);
        let xml =
            &sheets.iter().find(|(name, ..)| name == "xl/worksheets/sheet1.xml").expect("the overview").2;
        assert!(!xml.contains("spans='1:2'"), "{xml}");
    }
}

fn setting_error(settings: &Settings) -> String {
    let error = write_all(Source::Generate, settings, Limits::default(), vec![names(1, &["Ann"])]);
    error.expect_err("an odd setting").to_string()
}

#[test]
fn what_the_template_does_not_offer_is_not_set() {
    let choice = |column, id_type: &str| Settings {
        id_types: vec![IdTypeChoice { sheet: 0, column, id_type: id_type.to_owned() }],
        ..Settings::default()
    };
    let not_offered = "C4 of sheet \"Put Something\" cannot be set: the template does not offer this ID type";
    assert_eq!(setting_error(&choice(1, "Position_ID")), not_offered);
    assert!(setting_error(&choice(9, "WID")).ends_with("there is no such column"));
    let instruction = |row, instruction: &str| Settings {
        instructions: vec![Instruction { row, instruction: Some(instruction.to_owned()), comment: None }],
        ..Settings::default()
    };
    assert!(
        setting_error(&instruction(7, "Run Now")).ends_with("the template does not offer this instruction")
    );
    assert!(setting_error(&instruction(3, "Run Now")).ends_with("there is no process in this row"));
}

#[test]
fn files_are_parted_between_transactions() {
    // Transactions of 1, 2 and 3 rows in turn, on both sheets.
    let texts: Vec<Vec<Option<&str>>> = vec![vec![Some("k"), None, Some("Ann"), None, None, None]; 12];
    let numbers: Vec<u64> = (1..=6).flat_map(|n| vec![n; (n as usize - 1) % 3 + 1]).collect();
    let mut sheets = vec![rows(0, 1, &texts), rows(1, 1, &texts)];
    sheets.iter_mut().for_each(|sheet| sheet.transactions.clone_from(&numbers));
    let limits = Limits { rows_max: 5, ..Limits::default() };
    let (written, files) =
        write_all(Source::Generate, &Settings::default(), limits, vec![Block { sheets }]).expect("files");
    let parted: Vec<_> = written
        .files
        .iter()
        .map(|f| (f.rows_by_sheet.clone(), f.first_transaction, f.last_transaction))
        .collect();
    assert_eq!(parted, [(vec![3, 3], 1, 2), (vec![4, 4], 3, 4), (vec![5, 5], 5, 6)]);
    assert_eq!(files.len(), 3);
    let all: usize =
        files.iter().map(|file| cells(file, "Put Pay").keys().filter(|at| at.starts_with('D')).count()).sum();
    // Four cells of the header in each.
    assert_eq!(all - 3 * 4, 12);
}

/// Row 32,000 is the last one that a sheet takes: 31,995 below the header.
#[test]
fn a_sheet_is_full_with_its_last_row_and_not_before() {
    let all = vec!["Ann"; 31_996];
    for (rows, expected) in [(31_995, vec![31_995]), (31_996, vec![31_995, 1])] {
        let blocks = vec![names(1, &all[..rows])];
        let (written, files) =
            write_all(Source::Generate, &Settings::default(), Limits::default(), blocks).expect("files");
        let parted: Vec<u64> = written.files.iter().map(|file| file.rows_by_sheet[0]).collect();
        assert_eq!((parted, files.len()), (expected.clone(), expected.len()));
        let last = cells(&files[0], "Put Something").keys().filter_map(|at| at[1..].parse().ok()).max();
        assert_eq!(last, Some(32_000_u32));
    }
}

#[test]
fn a_transaction_that_no_file_can_hold_is_named() {
    let texts: Vec<Vec<Option<&str>>> = vec![vec![Some("k"), None, Some("Ann"), None, None, None]; 7];
    let mut sheet = rows(0, 1, &texts);
    sheet.transactions = vec![1, 2, 2, 2, 2, 2, 3];
    let limits = Limits { rows_max: 4, ..Limits::default() };
    let error =
        write_all(Source::Generate, &Settings::default(), limits, vec![Block { sheets: vec![sheet] }]);
    assert_eq!(
        error.expect_err("too long").to_string(),
        "transaction 2 does not fit into one file (the rows of a sheet)"
    );
}

#[test]
fn files_stay_below_their_bytes() {
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{:016x}", state ^ state >> 29)
    };
    let texts: Vec<String> = (0..1_200).map(|_| random()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let file_bytes_max = 20_000;
    let limits = Limits { file_bytes_max, ..Limits::default() };
    let blocks = || vec![names(1, &texts[..700]), names(701, &texts[700..])];
    let (written, _) = write_all(Source::Generate, &Settings::default(), limits, blocks()).expect("files");
    assert!(written.files.len() >= 3 && written.files.len() < 9, "{} files", written.files.len());
    assert!(written.files.iter().all(|file| file.bytes <= file_bytes_max));
    assert_eq!(written.files.iter().map(|file| file.rows_by_sheet[0]).sum::<u64>(), 1_200);
    let borders = written.files.windows(2).all(|two| two[0].last_transaction + 1 == two[1].first_transaction);
    assert!(borders);
    let again = write_all(Source::Generate, &Settings::default(), limits, blocks()).expect("files");
    assert_eq!(again.0, written);
    let limits = Limits { file_bytes_max: 2_000, ..Limits::default() };
    let error = write_all(Source::Generate, &Settings::default(), limits, blocks()).expect_err("too small");
    assert_eq!(error.to_string(), "transaction 1 does not fit into one file (the bytes of a file)");
}

fn fill_error(parts: &[(String, String)]) -> String {
    let bytes = pack(parts);
    let error =
        write_all(Source::Fill(&bytes), &Settings::default(), Limits::default(), vec![names(1, &["Ann"])]);
    error.expect_err("an odd package").to_string()
}

/// The parts of the package with a text replaced in one of them.
fn with(part: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let mut all = parts(&template());
    let one = all.iter_mut().find(|(name, _)| name.ends_with(part)).expect("the part");
    assert!(one.1.contains(from), "{part} has {from}");
    one.1 = one.1.replacen(from, to, 1);
    all
}

#[test]
fn odd_packages_are_refused() {
    let row = "<row r=\"6\"><c r=\"B6\"/></row></sheetData>";
    let has_rows =
        "sheet \"Put Pay\" has a row 6 already; fill a template as Workday generates it, without data";
    assert_eq!(fill_error(&with("sheet3.xml", "</sheetData>", row)), has_rows);
    let mut signed = parts(&template());
    signed.push(("_xmlsignatures/sig1.xml".to_owned(), String::new()));
    assert!(fill_error(&signed).contains("signed"));
    assert!(
        fill_error(&with("workbook.xml", "name=\"Put Pay\"", "name=\"Put Pay 2\"")).contains("is not there")
    );
    assert!(fill_error(&with("workbook.xml.rels", "sheet3.xml", "sheet9.xml")).contains("a part is missing"));
    let doctype = "<!DOCTYPE x><dimension";
    assert!(fill_error(&with("sheet2.xml", "<dimension", doctype)).contains("document type"));
    let prefixed = with("sheet2.xml", "<sheetData>", "<x:sheetData>");
    let prefixed: Vec<_> =
        prefixed.into_iter().map(|(n, t)| (n, t.replace("</sheetData>", "</x:sheetData>"))).collect();
    assert!(fill_error(&prefixed).contains("prefix"));
    let mut cut = package();
    cut.truncate(cut.len() - 30);
    let error =
        write_all(Source::Fill(&cut), &Settings::default(), Limits::default(), vec![names(1, &["Ann"])]);
    assert!(error.expect_err("cut off").to_string().contains("cut off"));
    let mut damaged = package();
    let at = damaged.windows(9).position(|part| part == b"worksheet").expect("a stored part");
    damaged[at] ^= 1;
    let error =
        write_all(Source::Fill(&damaged), &Settings::default(), Limits::default(), vec![names(1, &["Ann"])]);
    assert_eq!(
        error.expect_err("damaged").to_string(),
        "the template's file cannot be filled: a part is damaged"
    );
}

#[test]
fn a_package_without_shared_strings_gets_texts_in_its_cells() {
    let mut all = parts(&template());
    all.retain(|(name, _)| name != "xl/sharedStrings.xml");
    for (name, text) in &mut all {
        if name.ends_with("workbook.xml.rels") {
            let from = text.find("<Relationship Id=\"rId99\"").expect("the strings");
            let to = text.rfind("</Relationships>").expect("an end");
            text.replace_range(from..to, "");
        }
        // Without strings the header's cells are empty; the reader is not concerned with what they say.
        *text = text.replace(" t=\"s\"", "");
    }
    let bytes = pack(&all);
    let (block, texts) = odd_block();
    let (_, files) =
        write_all(Source::Fill(&bytes), &Settings::default(), Limits::default(), vec![block]).expect("files");
    let cells = cells(&files[0], "Put Something");
    for (row, text) in (6..).zip(&texts) {
        assert_eq!(cells.get(&format!("D{row}")), Some(text), "row {row}");
    }
    assert!(unpack(&files[0]).iter().all(|(name, ..)| !name.contains("sharedStrings")));
}

#[test]
fn texts_that_a_workbook_cannot_hold_are_named_by_their_cell() {
    for (odd, what) in
        [("a\u{7}b", "control character"), ("\u{ffff}", "control character"), ("\r\n", "control")]
    {
        let block = names(1, &["Ann", odd]);
        let error = write_all(Source::Generate, &Settings::default(), Limits::default(), vec![block]);
        let error = error.expect_err("odd").to_string();
        assert!(error.starts_with("D7 of sheet \"Put Something\": ") && error.contains(what), "{error}");
    }
    let long = "\u{1f600}".repeat(16_384);
    let error =
        write_all(Source::Generate, &Settings::default(), Limits::default(), vec![names(1, &[&long])]);
    assert!(error.expect_err("long").to_string().contains("longer than a cell"));
}

#[test]
fn rows_that_are_not_what_was_agreed_on_are_refused() {
    let write = |blocks| write_all(Source::Generate, &Settings::default(), Limits::default(), blocks);
    assert!(matches!(write(Vec::new()), Err(WriteError::NoRows)));
    let twice = vec![names(1, &["Ann", "Bob"]), names(2, &["Cy"])];
    assert!(matches!(write(twice), Err(WriteError::Rows { .. })));
    let mut falls = names(1, &["Ann", "Bob"]);
    falls.sheets[0].transactions = vec![2, 1];
    assert!(matches!(write(vec![falls]), Err(WriteError::Rows { .. })));
    let mut unknown = names(1, &["Ann"]);
    unknown.sheets[0].columns = vec![0, 1, 2, 3, 4, 17].into();
    assert!(matches!(write(vec![unknown]), Err(WriteError::Rows { .. })));
    let mut sheet = names(1, &["Ann"]);
    sheet.sheets[0].sheet = 5;
    assert!(matches!(write(vec![sheet]), Err(WriteError::Rows { .. })));
}

mod copies;
mod laws;
mod read_back;
