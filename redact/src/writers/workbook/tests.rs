//! Tests of the workbook writer: what is written is read again with another library.

use super::*;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use custody_rules::CellsBuilder;
use std::io::{Cursor, Read, Seek};

struct Once(Option<arrow_array::RecordBatch>);

impl BatchSource for Once {
    fn next_batch(&mut self) -> Result<Option<arrow_array::RecordBatch>, Refusal> {
        Ok(self.0.take())
    }
}

type Cell<'a> = (u32, u32, u32, CellKind, &'a str);

fn source(cells: &[Cell<'_>]) -> Once {
    let mut builder = CellsBuilder::default();
    for &(sheet, row, column, kind, text) in cells {
        builder.push_cell((sheet, row, column), kind, None, text);
    }
    Once(Some(builder.finish()))
}

fn written(cells: &[Cell<'_>]) -> Result<Vec<u8>, Refusal> {
    let mut out = tempfile::tempfile().expect("a temporary file");
    let mut replace = |cell: &CellRow<'_>| Ok((cell.text == "Ann Lee").then(|| "<PERSON_1>".to_owned()));
    write(&mut source(cells), &mut replace, &out)?;
    let mut bytes = Vec::new();
    out.rewind().and_then(|()| out.read_to_end(&mut bytes)).expect("readable");
    Ok(bytes)
}

fn sheets(bytes: &[u8]) -> Vec<(String, Vec<(u32, u32, Data)>)> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.to_vec())).expect("a workbook");
    let visible = |sheet: &calamine::Sheet| sheet.visible == calamine::SheetVisible::Visible;
    assert!(book.sheets_metadata().iter().all(visible));
    let list = book.worksheets();
    list.into_iter()
        .map(|(name, range)| {
            let (top, left) = range.start().unwrap_or_default();
            let cell = |(row, column, data): (usize, usize, &Data)| {
                (top + row as u32, left + column as u32, data.clone())
            };
            (name, range.used_cells().map(cell).collect())
        })
        .collect()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn values_headings_and_names_are_written_and_nothing_else() {
    let name = SHEET_NAME_COLUMN;
    let bytes = written(&[
        (0, 0, name, CellKind::SheetName, "Ann Lee"),
        (0, 0, 0, CellKind::Preamble, "Report"),
        (0, 1, 0, CellKind::Heading, "Worker"),
        (0, 1, 1, CellKind::Heading, "2024"),
        (0, 2, 0, CellKind::Value, "Ann Lee"),
        (0, 2, 0, CellKind::Comment, "secret comment"),
        (0, 2, 1, CellKind::Value, "1250.5"),
        (0, 2, 2, CellKind::Value, "00123"),
        (0, 2, 3, CellKind::Value, "=1+1"),
        (0, 5, 300, CellKind::Hidden, "a <b> & \"c\"\n\u{1}_x0041_\u{ffff}é😀"),
        (1, 0, name, CellKind::SheetName, "ann lee"),
        (1, 3, 3, CellKind::Hidden, "-17"),
        (2, 0, name, CellKind::SheetName, "<person_1>"),
        (u32::MAX, 0, 0, CellKind::Property, "secret property"),
    ])
    .expect("written");
    let read = sheets(&bytes);
    assert_eq!(
        read.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["<PERSON_1>", "ann lee", "<person_1> (2)"]
    );
    let expected = vec![
        (0, 0, text("Report")),
        (1, 0, text("Worker")),
        (1, 1, text("2024")),
        (2, 0, text("<PERSON_1>")),
        (2, 1, Data::Float(1250.5)),
        (2, 2, text("00123")),
        (2, 3, text("=1+1")),
        (5, 300, text("a <b> & \"c\"\n\u{1}_x0041_\u{fffd}é😀")),
    ];
    assert_eq!(read[0].1, expected);
    assert_eq!(read[1].1, [(3, 3, Data::Float(-17.0))]);
    assert!(read[2].1.is_empty());
    for (part, content) in parts(&bytes) {
        assert!(!content.contains("secret") && !content.contains("Ann Lee"), "{part}");
        assert!(!content.contains("<f>"), "{part}");
    }
}

fn parts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    (0..zip.len())
        .map(|i| {
            let mut part = zip.by_index(i).expect("a part");
            let mut content = String::new();
            part.read_to_string(&mut content).expect("text");
            (part.name().expect("a name").into_owned(), content)
        })
        .collect()
}

#[test]
fn the_same_cells_give_the_same_bytes() {
    let cells = [(0, 0, SHEET_NAME_COLUMN, CellKind::SheetName, "a"), (0, 0, 0, CellKind::Value, "b")];
    assert_eq!(written(&cells), written(&cells));
    let properties = parts(&written(&cells).expect("written"));
    let core = properties.iter().find(|(name, _)| name == "docProps/core.xml").expect("core properties");
    assert!(core.1.contains("2000-01-01") && core.1.contains("<dc:creator></dc:creator>"), "{}", core.1);
}

#[test]
fn only_numbers_that_come_back_unchanged_are_numbers() {
    for number in ["0", "7", "-7", "1250.5", "0.25", "123456789012345"] {
        assert!(plain_number(number).is_some(), "{number}");
    }
    for other in [
        "",
        "-",
        "007",
        "+7",
        "1.50",
        "1e5",
        "1234567890123456",
        ".5",
        "5.",
        "-0",
        "1-2",
        "NaN",
        "inf",
        "1 000",
    ] {
        assert!(plain_number(other).is_none(), "{other}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let reason = |cell: Cell<'_>| {
        let first = (0, 0, SHEET_NAME_COLUMN, CellKind::SheetName, "a");
        written(&[first, (0, 4, 4, CellKind::Value, "x"), cell]).expect_err("refused").reason
    };
    assert_eq!(reason((0, 4, 3, CellKind::Value, "x")), Reason::Malformed);
    assert_eq!(reason((0, 4, 4, CellKind::Value, "x")), Reason::Malformed);
    assert_eq!(reason((0, 3, 9, CellKind::Value, "x")), Reason::Malformed);
    assert_eq!(reason((1, 9, 9, CellKind::Value, "x")), Reason::Malformed);
    assert_eq!(reason((0, 9, SHEET_NAME_COLUMN, CellKind::Value, "x")), Reason::Malformed);
    assert_eq!(reason((0, 1_048_576, 0, CellKind::Value, "x")), Reason::TooLarge);
    assert_eq!(reason((0, 5, 16_384, CellKind::Value, "x")), Reason::TooLarge);
    assert_eq!(reason((0, 5, 70_000, CellKind::Value, "x")), Reason::TooLarge);
    assert_eq!(reason((0, 5, 0, CellKind::Value, &"x".repeat(32_768))), Reason::TooLarge);
    assert_eq!(written(&[]).expect_err("refused").reason, Reason::Empty);
}

#[test]
fn many_sheets_do_not_use_up_the_descriptors() {
    let names: Vec<String> = (0..300).map(|i| format!("s{i}")).collect();
    let mut cells = Vec::new();
    for (i, name) in names.iter().enumerate() {
        cells.push((i as u32, 0, SHEET_NAME_COLUMN, CellKind::SheetName, name.as_str()));
        cells.push((i as u32, 0, 0, CellKind::Value, name.as_str()));
    }
    let read = sheets(&written(&cells).expect("written"));
    assert_eq!(read.len(), 300);
    assert_eq!(read[299], ("s299".to_owned(), vec![(0, 0, text("s299"))]));
}

#[test]
fn a_refusal_of_the_callback_ends_it() {
    let out = tempfile::tempfile().expect("a temporary file");
    let refusal = Refusal::new(Reason::Changed, "it changed");
    let mut replace = |_: &CellRow<'_>| Err(refusal.clone());
    let cells = [(0, 0, SHEET_NAME_COLUMN, CellKind::SheetName, "a")];
    assert_eq!(write(&mut source(&cells), &mut replace, &out), Err(refusal.clone()));
    let read_only = File::open("/proc/self/exe").expect("a file");
    let mut keep = |_: &CellRow<'_>| Ok(None);
    let reason = write(&mut source(&cells), &mut keep, &read_only).expect_err("refused").reason;
    assert_eq!(reason, Reason::Unwritable);
}
