//! Rows, spans and refusals of the CSV reader.

use super::super::text::Pieces;
use super::*;
use custody_rules::table::cell_rows;
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    place: (u32, u32),
    kind: CellKind,
    heading: Option<String>,
    syntax: Syntax,
    span: (usize, usize),
    raw: Option<String>,
    text: String,
}

fn read(text: &str, size: usize, limits: &Limits) -> Result<Vec<Vec<Cell>>, Refusal> {
    let mut source = open(Box::new(Pieces { bytes: text.as_bytes().to_vec(), at: 0, size }), limits)?;
    let mut batches = Vec::new();
    while let Some(batch) = source.next_batch()? {
        let cells = cell_rows(&batch).map(|cell| Cell {
            place: (cell.row, cell.column),
            kind: cell.kind,
            heading: cell.heading.map(str::to_owned),
            syntax: cell.syntax,
            span: (cell.start as usize, cell.end as usize),
            raw: cell.raw.map(str::to_owned),
            text: cell.text.to_owned(),
        });
        batches.push(cells.collect());
    }
    Ok(batches)
}

fn cells(text: &str) -> Vec<Cell> {
    read(text, 1 << 20, &Limits::default()).expect("a good table").concat()
}

/// What stands outside the fields may only be quotes, delimiters, line ends and a byte order mark.
fn outside(text: &str, cells: &[Cell]) -> String {
    let (mut outside, mut at) = (String::new(), 0);
    for cell in cells {
        outside.push_str(&text[at..cell.span.0]);
        let raw = &text[cell.span.0..cell.span.1];
        assert_eq!(cell.raw.as_deref().unwrap_or(&cell.text), raw);
        assert_eq!(cell.syntax.decode(raw).expect("quotes decode"), cell.text);
        at = cell.span.1;
    }
    outside.push_str(&text[at..]);
    outside
}

#[test]
fn headings_preamble_and_values() {
    let text = "\u{feff}Pay report,,\r\nID,\"Full \"\"Name\"\"\",Pay\r\n007,\"Ann, A\",5\r\n008,\"B\"\"b\",6,x\r\n009\r\n010,C,7\r\n011,D,8\r\n012,E,9\r\n";
    let cells = cells(text);
    let shown: Vec<_> =
        cells.iter().take(14).map(|c| (c.place, c.kind, c.heading.as_deref(), c.text.as_str())).collect();
    let name = Some("Full \"Name\"");
    let expected = [
        ((0, 0), CellKind::Preamble, None, "Pay report"),
        ((0, 1), CellKind::Preamble, None, ""),
        ((0, 2), CellKind::Preamble, None, ""),
        ((1, 0), CellKind::Heading, None, "ID"),
        ((1, 1), CellKind::Heading, None, "Full \"Name\""),
        ((1, 2), CellKind::Heading, None, "Pay"),
        ((2, 0), CellKind::Value, Some("ID"), "007"),
        ((2, 1), CellKind::Value, name, "Ann, A"),
        ((2, 2), CellKind::Value, Some("Pay"), "5"),
        ((3, 0), CellKind::Value, Some("ID"), "008"),
        ((3, 1), CellKind::Value, name, "B\"b"),
        ((3, 2), CellKind::Value, Some("Pay"), "6"),
        ((3, 3), CellKind::Value, None, "x"),
        ((4, 0), CellKind::Value, Some("ID"), "009"),
    ];
    assert_eq!(shown, expected);
    assert_eq!(cells[10].raw.as_deref(), Some("B\"\"b"));
    assert_eq!((cells[7].raw.as_deref(), cells[7].syntax), (None, Syntax::CsvQuoted));
    assert_eq!(outside(text, &cells), "\u{feff},,\r\n,\"\",\r\n,\"\",\r\n,\"\",,\r\n\r\n,,\r\n,,\r\n,,\r\n");
}

#[test]
fn the_delimiter_line_of_excel_is_preamble() {
    let cells = cells("sep=;\nName;Note\nAnn;a,b\n");
    assert_eq!((cells[0].kind, cells[0].text.as_str()), (CellKind::Preamble, "sep="));
    assert_eq!(cells.last().map(|c| (c.heading.as_deref(), c.text.as_str())), Some((Some("Note"), "a,b")));
}

#[test]
fn without_headings_every_cell_is_a_value() {
    let cells = cells("1,Ann,ann@example.com\n2,Bob,bob@example.com");
    assert!(cells.iter().all(|c| c.kind == CellKind::Value && c.heading.is_none()));
    assert_eq!(cells.len(), 6);
}

#[test]
fn records_stay_whole() {
    let limits = Limits { batch_rows_max: 4, ..Limits::default() };
    let text = format!("a,b,c\n{}", "1,2,3\n".repeat(5));
    let batches = read(&text, 5, &limits).expect("a good table");
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [3; 6]);
}

#[test]
fn broken_tables_are_refused() {
    let refused = |text: &str, limits: &Limits| read(text, 7, limits).expect_err("must be refused").reason;
    let limits = Limits { token_bytes_max: 20, ..Limits::default() };
    assert_eq!(refused("id,name\n1,Ann\n2,\"Bob\n3,Cy\n", &Limits::default()), Reason::Truncated);
    assert_eq!(refused(&format!("id,name\n1,{}\n", "x".repeat(30)), &limits), Reason::TooLarge);
    assert_eq!(refused(&format!("id,name\n1,\"{}", "x\n".repeat(30)), &limits), Reason::Truncated);
    assert_eq!(refused(&format!("a,b\n{}\n", ",".repeat(70_000)), &Limits::default()), Reason::TooLarge);
    let long = format!("id,name\n1,\"{}", "x\n".repeat(300_000));
    assert_eq!(refused(&long, &limits), Reason::TooLarge);
    let bytes = Box::new(&b"id,name\n1,\xff\n"[..]);
    assert_eq!(open(bytes, &limits).err().map(|refusal| refusal.reason), Some(Reason::InvalidEncoding));
}

#[test]
fn a_record_longer_than_the_sample_is_read() {
    let note = "long \"\"note\"\",\n".repeat(60_000);
    let text = format!("id,note\n1,x\n2,\"{note}\"\n3,y\n");
    for size in [1 << 12, 1 << 20] {
        let cells = read(&text, size, &Limits::default()).expect("a good table").concat();
        assert_eq!(cells.len(), 8);
        assert_eq!(cells[5].text.len(), 60_000 * "long \"note\",\n".len());
    }
}

proptest! {
    #[test]
    fn spans_and_what_is_outside_make_up_the_file(
        text in "(\u{feff})?([a-cé1 ]{0,3}[,;\t|\r\n]|\"[a-c,;\r\n]{0,4}(\"\")?\"[,;\r\n]|\"|id,name\n){0,30}",
        size in 1_usize..9,
    ) {
        let limits = Limits { batch_rows_max: 3, ..Limits::default() };
        let pieces = read(&text, size, &limits).map(|batches| batches.concat());
        let whole = read(&text, 1 << 20, &Limits::default()).map(|batches| batches.concat());
        prop_assert_eq!(&pieces, &whole);
        if let Ok(cells) = whole {
            let outside = outside(&text, &cells);
            prop_assert!(outside.chars().all(|c| ",;\t|\"\r\n\u{feff}".contains(c)), "{outside:?}");
        }
    }
}
