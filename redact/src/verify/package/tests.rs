//! Tests of the package's checks on workbooks that break them.

use super::*;
use rust_xlsxwriter::{DocProperties, Formula, Note, Url, Workbook};
use std::io::{Cursor, Seek, Write};

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
    file
}

fn book(change: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author(""));
    workbook.add_worksheet().write_string(0, 0, "Ann & Bo\r<x>").expect("written");
    change(&mut workbook);
    workbook.save_to_buffer().expect("saved")
}

fn faults(change: impl FnOnce(&mut Workbook)) -> Vec<String> {
    structure(file(&book(change))).expect("a package")
}

fn texts(bytes: &[u8], limits: &Limits) -> Result<Vec<(String, String)>, Refusal> {
    let mut list = Vec::new();
    part_texts(file(bytes), limits, &mut |part, text| {
        list.push((part.to_owned(), text.to_owned()));
        Ok(())
    })?;
    Ok(list)
}

#[test]
fn a_plain_workbook_has_no_faults() {
    assert_eq!(faults(|_| {}), Vec::<String>::new());
    assert_eq!(faults(|book| drop(book.add_worksheet_with_constant_memory())), Vec::<String>::new());
}

#[test]
#[allow(
    dropping_references,
    reason = "the builder hands itself back; what it says of an error is not of interest here"
)]
fn whatever_could_hold_more_is_named() {
    let check = |fault: &str, change: &dyn Fn(&mut Workbook)| {
        let found = faults(change);
        assert!(found.iter().any(|f| f == fault), "{fault}: {found:?}");
    };
    check("comments", &|book| drop(book.worksheets_mut()[0].insert_note(0, 0, &Note::new("x"))));
    check("hidden sheets", &|book| drop(book.add_worksheet().set_hidden(true)));
    check("hidden sheets", &|book| drop(book.add_worksheet().set_very_hidden(true)));
    check("hidden rows or columns", &|book| drop(book.worksheets_mut()[0].set_column_hidden(2)));
    check("hidden rows or columns", &|book| drop(book.worksheets_mut()[0].set_row_hidden(2)));
    check("formulas", &|book| drop(book.worksheets_mut()[0].write_formula(3, 0, Formula::new("=1+1"))));
    check("defined names", &|book| drop(book.define_name("x", "=Sheet1!$A$1")));
    check("hyperlinks", &|book| {
        drop(book.worksheets_mut()[0].write_url(3, 0, Url::new("https://example.com")));
    });
    check("links or objects of a sheet", &|book| {
        drop(book.worksheets_mut()[0].write_url(3, 0, Url::new("https://example.com")));
    });
    check("headers or footers", &|book| drop(book.worksheets_mut()[0].set_header("&Cx")));
    check("a document property", &|book| drop(book.set_properties(&DocProperties::new().set_author("x"))));
    check("custom document properties", &|book| {
        drop(book.set_properties(&DocProperties::new().set_custom_property("x", "y")));
    });
}

#[test]
fn texts_are_decoded() {
    let bytes = book(|book| {
        book.worksheets_mut()[0].set_name("Pay & <more>").expect("named");
    });
    let list = texts(&bytes, &Limits::default()).expect("a package");
    let has = |part: &str, text: &str| list.iter().any(|(p, t)| p == part && t == text);
    assert!(has("xl/sharedStrings.xml", "Ann & Bo\r<x>"));
    assert!(has("xl/workbook.xml", "Pay & <more>"));
    assert!(has("docProps/app.xml", "Pay & <more>"));
    assert!(list.iter().all(|(part, _)| part != THEME));
    assert_eq!(unescaped("a_x000D_b_xé_x12_"), "a\rb_xé_x12_");
}

#[test]
fn broken_and_foreign_packages_are_refused() {
    let bytes = book(|_| {});
    for cut in [0, 10, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(texts(&bytes[..cut], &Limits::default()).expect_err("refused").reason, Reason::Malformed);
    }
    let small = Limits { expanded_bytes_max: 2_000, ..Limits::default() };
    assert!(texts(&bytes, &small).is_err());
    let zipped = |name: &str, content: &str| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("started");
        zip.write_all(content.as_bytes()).expect("written");
        zip.finish().expect("finished").into_inner()
    };
    for content in ["<!DOCTYPE a><a/>", "<a>", "<a>&x;</a>", "<a b=c/>", &"<a>".repeat(1_000)] {
        assert!(texts(&zipped("xl/workbook.xml", content), &Limits::default()).is_err(), "{content}");
    }
    assert_eq!(
        structure(file(&zipped("xl/Jane Doe.bin", "x"))),
        Ok(vec!["a part of an unknown kind".to_owned()])
    );
    assert_eq!(structure(file(&zipped("xl/vbaProject.bin", "x"))), Ok(vec!["macros".to_owned()]));
    let other = texts(&zipped(THEME, "<a b='Shruti'/>"), &Limits::default()).expect("a package");
    assert_eq!(other, [(THEME.to_owned(), "Shruti".to_owned())]);
    let mut before = b"hidden".to_vec();
    before.extend_from_slice(&zipped("xl/workbook.xml", "<a/>"));
    assert!(!structure(file(&before)).is_ok_and(|faults| faults.is_empty()));
}
