//! Error attachments in the shapes that occur.

use super::*;
use rust_xlsxwriter::Workbook;
use std::io::{Seek, Write};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("it can be written");
    file.rewind().expect("it can be rewound");
    file
}

fn read(bytes: &[u8]) -> Result<Vec<u64>, String> {
    let transactions = (1..=9).collect();
    let sent = Sent { transactions: &transactions, main_rows: &[1, 2, 2, 3] };
    rejected(file(bytes), sent)
        .map(|rejected| rejected.transactions.into_iter().collect())
        .map_err(|error| error.to_string())
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write(row as u32, column as u16, *text).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[test]
fn a_list_of_keys_and_messages_is_read() {
    let text = "Spreadsheet Key,Error Message\n3,\"Planted, broken\"\n5,\n3,again\n7,\"no\nway\"\n";
    assert_eq!(read(text.as_bytes()), Ok(vec![3, 7]));
    assert_eq!(read(format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes()), Ok(vec![3, 7]));
    assert_eq!(read(b"Header Key;Worker;Exceptions\n2;x;bad\n"), Ok(vec![2]));
}

#[test]
fn a_copy_of_the_sheet_with_messages_beside_it_is_read() {
    let rows: [&[&str]; 8] = [
        &["Change Job"],
        &["Area", "All", "", "Errors"],
        &["Restrictions", "Required", "Required"],
        &["Format", "Text", "Employee_ID"],
        &["Fields", "Spreadsheet Key*", "Worker*"],
        &["", "1", "100"],
        &["", "2", "200", "Planted Person is not there"],
        &["", "4.0", "400", "no"],
    ];
    assert_eq!(read(&workbook(&rows)), Ok(vec![2, 4]));
}

#[test]
fn rows_are_told_by_what_was_sent() {
    assert_eq!(read(b"Row,Message\n6,a\n8,b\n"), Ok(vec![1, 2]));
    assert_eq!(
        read(b"Row,Message\n10,a\n"),
        Err("sheet 1, A2: no key of this plan; is it the right file?".into())
    );
}

#[test]
fn what_is_not_sure_is_refused() {
    for (text, expected) in [
        ("Spreadsheet Key,Worker\n1,2\n", "no column that says what was wrong"),
        ("Worker,Error\n1,2\n", "no column named Spreadsheet Key"),
        ("Spreadsheet Key,Error\n1,\n", "no row of the file has a message"),
        ("Spreadsheet Key,Error\n77,x\n", "sheet 1, A2: no key of this plan"),
        ("Spreadsheet Key,Error\nPlanted,x\n", "sheet 1, A2: no key of this plan"),
        ("Spreadsheet Key,Error\n,x\n", "sheet 1, A2: a message, and no key"),
        ("Spreadsheet Key,Error\n1,\"x\n", "no CSV"),
        ("", "no column named Spreadsheet Key"),
        ("PK\u{3}\u{4}", "not an XLSX workbook"),
    ] {
        let said = read(text.as_bytes()).expect_err(text);
        assert!(said.contains(expected) && !said.contains("Planted"), "{text:?}: {said}");
    }
}

#[test]
fn a_title_above_the_key_is_no_message() {
    let list = "Error Report,\nSpreadsheet Key,Error\n1,\n3,no\n";
    assert_eq!(read(list.as_bytes()), Ok(vec![3]));
    let beside = "Error Report,2026\nSpreadsheet Key,Error\n1,\n3,no\n";
    assert_eq!(read(beside.as_bytes()), Ok(vec![3]));
}

#[test]
fn no_sheet_is_passed_over() {
    let sheets = |count: usize| {
        let mut book = Workbook::new();
        for at in 1..=count {
            let sheet = book.add_worksheet().set_name(format!("Sheet {at}")).expect("a name");
            sheet.write(0, 0, "Spreadsheet Key").expect("a cell");
            sheet.write(0, 1, "Error").expect("a cell");
        }
        let last = book.worksheet_from_index(count - 1).expect("the last sheet");
        last.write(1, 0, "3").expect("a cell");
        last.write(1, 1, "no").expect("a cell");
        book.save_to_buffer().expect("a workbook")
    };
    assert_eq!(read(&sheets(100)), Ok(vec![3]));
    assert_eq!(read(&sheets(101)), Err("more than 100 sheets".into()));
}

#[test]
fn messages_are_not_shown() {
    let transactions = (1..=9).collect();
    let sent = Sent { transactions: &transactions, main_rows: &[] };
    let found = rejected(file(b"Key,Error\n1,Planted Person\n"), sent).expect("rejected rows");
    assert_eq!(found.messages[&1], ["Planted Person"]);
    assert!(!format!("{found:?}").contains("Planted"));
}
