//! Delimited reports.

use super::*;
use proptest::prelude::*;
use std::fmt::Write as _;

#[test]
fn titles_prompts_spacers_and_duplicates() {
    let text = "\u{feff}Pay Report\nAs of,2026-11-23\n\nEmployee ID,Worker,Pay,Pay,Hire Date\n\
                ,,,,\n007,\"Doe, \"\"J\"\"\",1250.50,3,2024-03-01\n\n008,\"A\nB\",7,,\n";
    let table = only(text.as_bytes());
    assert_eq!(
        shown(&table),
        [
            "Employee ID: Utf8 | Worker: Utf8 | Pay: Decimal128(38, 2) | Pay (2): Decimal128(38, 0) | Hire Date: Date32",
            "007 | Doe, \"J\" | 1250.50 | 3 | 2024-03-01",
            "008 | A\nB | 7.00 | ∅ | ∅",
        ]
    );
    assert_eq!(table.rows, Some(2));
    assert_eq!(metadata(&table, 3), [("custody.heading", "Pay")]);
}

#[test]
fn encodings_and_delimiters() {
    for (text, delimiter) in [
        ("ID;Name\n1;René\n2;Zoë\n", ';'),
        ("ID\tName\n1\tRené\n2\tZoë\n", '\t'),
        ("ID|Name\n1|René\n2|Zoë\n", '|'),
    ] {
        let units = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            units(u16::to_le_bytes),
            units(u16::to_be_bytes),
        ] {
            assert_eq!(shown(&only(&bytes)), ["ID: Utf8 | Name: Utf8", "1 | René", "2 | Zoë"], "{delimiter}");
        }
    }
}

#[test]
fn ragged_rows() {
    let table = only(
        b"ID,Name,Level,,\n1,Ann,5,,\n2\n3,Bob\n4,Cy,6,,,,,\n5,Di,7,,\n6,Eve,8,,\n7,F,8,,\n8,G,8,,\n9,H,8,,\n10,I,8,,\n11,J,8,,\n",
    );
    let expected =
        ["ID: Utf8 | Name: Utf8 | Level: Int64", "1 | Ann | 5", "2 | ∅ | ∅", "3 | Bob | ∅", "4 | Cy | 6"];
    assert_eq!(shown(&table)[..5], expected);
    let long = refused(b"ID,Name,Level\n1,Ann,5\n2,Bob,6\n3,Doe, Jane,7\n4,Eve,8\n5,Fay,9\n6,G,1\n7,H,1\n8,I,1\n9,J,2\n10,K,2\n");
    assert_eq!(long.reason, Reason::Malformed);
    assert!(long.detail.starts_with("row 4 has values beyond the 3 columns"), "{}", long.detail);
    let quoted = refused(b"ID,Name,Level\n1,Ann,5\n2,Bob,6\n3,\"D\",e,7\n4,Eve,8\n5,Fay,9\n6,G,1\n7,H,1\n8,I,1\n9,J,2\n10,K,2\n");
    assert_eq!(quoted.detail, long.detail);
}

#[test]
fn a_table_without_headings_numbers_its_columns() {
    let table = only(b"1,Ann,ann@example.com\n2,Bob,bob@example.com\n");
    assert_eq!(shown(&table)[0], "Column 1: Int64 | Column 2: Utf8 | Column 3: Utf8");
    assert_eq!(table.rows, Some(2));
}

#[test]
fn unclear_dates_stay_text() {
    let table = only(b"ID,Start Date,End Date\n1,03/04/2024,13/04/2024\n2,05/06/2024,01/02/2024\n");
    assert_eq!(shown(&table)[0], "ID: Utf8 | Start Date: Utf8 | End Date: Date32");
    assert_eq!(shown(&table)[2], "2 | 05/06/2024 | 2024-02-01");
    assert_eq!(
        metadata(&table, 1),
        [("custody.heading", "Start Date"), ("custody.note", "date order unclear")]
    );
}

#[test]
fn many_values_stay_text() {
    let table = only(b"Worker,Skills\nAnn,a; b\nBob,\"c\nd\"\n");
    assert_eq!(shown(&table)[1..], ["Ann | a; b", "Bob | c\nd"]);
}

#[test]
fn a_value_that_the_sample_did_not_show_is_refused_by_its_place() {
    let mut text = "Worker,Level\n".to_owned();
    for row in 0..100 {
        writeln!(text, "w{row},{row}").expect("a text grows");
    }
    text.push_str("w,secret\n");
    let tables = open(text.as_bytes(), Typing::Sample { rows: 10 }, &Limits::default()).expect("a report");
    assert_eq!(tables[0].rows, None);
    assert_eq!(tables[0].schema().field(1).data_type(), &DataType::Int64);
    let refusal = read(&tables[0], &[1]).expect_err("a text among numbers");
    assert!(refusal.detail.starts_with("row 102, column 2: a value that is not a whole number"), "{refusal}");
    assert!(!refusal.detail.contains("secret"));
    assert_eq!(read(&tables[0], &[0]).expect("texts").len(), 101);
}

#[test]
fn what_is_no_report_is_refused() {
    assert_eq!(
        refused(b"2026-11-23 20:41:58 INFO a\n2026-11-23 20:41:59 WARN b\n").reason,
        Reason::Unsupported
    );
    assert_eq!(refused(b"ID,Name\n1,Ann\n2,\"Bob\n3,Cy\n").reason, Reason::Truncated);
    let limits = Limits { token_bytes_max: 100, ..Limits::default() };
    let long = format!("ID,Name\n1,Ann\n2,Bob\n3,{}\n", "x".repeat(200));
    assert_eq!(open(long.as_bytes(), Typing::Whole, &limits).expect_err("too long").reason, Reason::TooLarge);
}

#[test]
fn a_file_that_changed_is_refused() {
    use std::io::Write;
    let file = file(b"ID,Name\n1,Ann\n2,Bob\n");
    let tables = open_file(&file, Typing::Whole, &Limits::default()).expect("a report");
    (&file).write_all(b"3,Cy\n").expect("room for it");
    assert_eq!(tables[0].scan(&[0]).err().map(|refusal| refusal.reason), Some(Reason::Changed));
}

#[test]
fn no_column_at_all_still_counts_rows() {
    let tables = open(b"ID,Name\n1,Ann\n\n2,Bob\n,,\n", Typing::Whole, &Limits::default()).expect("a report");
    let mut source = tables[0].scan(&[]).expect("a scan");
    let batch = source.next_batch().expect("sound").expect("rows");
    assert_eq!((batch.num_rows(), batch.num_columns()), (2, 0));
}

#[test]
fn long_records_cross_blocks() {
    let note = "x, \"\"y\"\"\n".repeat(300_000);
    let plain = "z".repeat(3 << 20);
    let text = format!("ID,Note,Level\n1,a,2\n2,b,3\n3,\"{note}\",5\n4,{plain},6\n5,c,7\n");
    let table = only(text.as_bytes());
    let rows = read(&table, &[2, 1]).expect("sound");
    assert_eq!(
        rows[2..].iter().map(|row| (row[0].as_str(), row[1].len())).collect::<Vec<_>>(),
        [("5", 300_000 * "x, \"y\"\n".len()), ("6", 3 << 20), ("7", 1)]
    );
}

/// What a writer of CSV makes of a table: quotes where they are needed, or everywhere.
fn written(rows: &[Vec<String>], always: bool, line_end: &str) -> String {
    let mut text = String::new();
    for row in rows {
        let fields: Vec<String> = row
            .iter()
            .map(|field| {
                let quoted = always || field.contains([',', '"', '\n', '\r']) || field.is_empty();
                if quoted { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
            })
            .collect();
        text.push_str(&fields.join(","));
        text.push_str(line_end);
    }
    text
}

fn table_of_texts() -> impl Strategy<Value = Vec<Vec<String>>> {
    let field = prop_oneof![
        3 => "[a-z]{1,12}",
        1 => Just(String::new()),
        1 => "[a-z,\" \n\ré;]{1,20}x",
        1 => "[a-z ]{60,140}x",
    ];
    (2..7_usize).prop_flat_map(move |width| {
        let field = field.clone();
        let row = prop::collection::vec(field, width);
        prop::collection::vec(row, 3..40).prop_map(move |mut rows| {
            // The header row and one full row of texts make it a table that is known as one.
            rows.insert(
                0,
                (0..width).map(|column| format!("Name {}", char::from(b'A' + column as u8))).collect(),
            );
            rows.iter_mut().skip(1).for_each(|row| row[0].push('x'));
            rows
        })
    })
}

proptest! {
    #[test]
    fn what_a_writer_wrote_is_read_back_whole_and_in_part(
        rows in table_of_texts(), always in any::<bool>(), crlf in any::<bool>(), picks in prop::collection::vec(0..7_usize, 0..4),
    ) {
        let text = written(&rows, always, if crlf { "\r\n" } else { "\n" });
        let sniffed = Sniffed { kind: ArtifactKind::Csv, encoding: TextEncoding::Utf8, format: "csv" };
        let limits = Limits { batch_rows_max: 7, ..Limits::default() };
        let Ok(tables) = open_as(&file(text.as_bytes()), sniffed, Typing::Whole, &limits) else {
            // Ragged by luck of its line breaks: not known as a table.
            return Ok(());
        };
        let all: Vec<usize> = (0..rows[0].len()).collect();
        let found = read(&tables[0], &all).expect("sound");
        let expected: Vec<Vec<String>> = rows[1..].iter().map(|row| {
            row.iter().map(|field| if field.trim().is_empty() { "∅".to_owned() } else { field.clone() }).collect()
        }).collect();
        prop_assert_eq!(&found, &expected);
        let picks: Vec<usize> = picks.into_iter().map(|pick| pick % all.len()).collect();
        let some = read(&tables[0], &picks).expect("sound");
        if !picks.is_empty() {
            let cut: Vec<Vec<String>> = expected.iter().map(|row| picks.iter().map(|&pick| row[pick].clone()).collect()).collect();
            prop_assert_eq!(&some, &cut);
        }
    }

    /// Any text at all: the fast path and the reader of `cells` cut the same records.
    #[test]
    fn the_fast_path_cuts_as_the_slow_one_does(
        body in "([a-c ]{0,9}[,\r\n]|\"[a-c,\r\n]{0,9}(\"\")?\"[,\r\n]|[a-c]{50,90},|[a-c]\"|\"\n){0,40}",
    ) {
        let text = format!("Name,Town,Country\nAnn,Ulm,DE\nBob,Bonn,DE\n{body}");
        let sniffed = Sniffed { kind: ArtifactKind::Csv, encoding: TextEncoding::Utf8, format: "csv" };
        let read_with = |slow: bool| crate::report::csv::rows_for_tests(&text, slow);
        prop_assert_eq!(read_with(false), read_with(true));
        let _ = open_as(&file(text.as_bytes()), sniffed, Typing::Whole, &Limits::default());
    }
}

/// `1.234` is twelve hundred in one country and little more than one in another: without a column mate that tells, it
/// stays text.
#[test]
fn numbers_whose_point_may_part_thousands_stay_text() {
    let table = only(b"Worker,Budget,Share\na,1.234,1.25\nb,12.500,0.5\n");
    assert_eq!(table.schema().field(1).data_type(), &DataType::Utf8);
    assert_eq!(read(&table, &[1]).expect("sound"), [["1.234"], ["12.500"]]);
    assert!(
        metadata(&table, 1).iter().any(|(_, value)| value.contains("decimal")),
        "{:?}",
        metadata(&table, 1)
    );
    assert!(matches!(table.schema().field(2).data_type(), DataType::Decimal128(..)));
}
