//! Tests of the JSON reader: grammar, spans, records and limits.

use super::*;
use custody_rules::table::cell_rows;
use proptest::prelude::*;

/// A reader that gives one byte at a time, so that every token crosses a border.
struct Drip(std::io::Cursor<Vec<u8>>);

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(&mut buffer[..1])
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    row: u32,
    column: u32,
    kind: CellKind,
    heading: Option<String>,
    syntax: Syntax,
    span: (usize, usize),
    text: String,
}

fn read_with(json: &[u8], limits: &Limits) -> Result<Vec<Row>, Refusal> {
    let mut source = open(Box::new(Drip(std::io::Cursor::new(json.to_vec()))), limits)?;
    let mut rows = Vec::new();
    while let Some(batch) = source.next_batch()? {
        assert!(batch.num_rows() <= limits.batch_rows_max);
        rows.extend(cell_rows(&batch).map(|cell| Row {
            row: cell.row,
            column: cell.column,
            kind: cell.kind,
            heading: cell.heading.map(str::to_owned),
            syntax: cell.syntax,
            span: (cell.start as usize, cell.end as usize),
            text: cell.text.to_owned(),
        }));
    }
    Ok(rows)
}

fn read(json: &str) -> Result<Vec<Row>, Refusal> {
    read_with(json.as_bytes(), &Limits::default())
}

fn refused(json: &str) -> Reason {
    read(json).expect_err("refused").reason
}

/// `row heading=text` of every value.
fn values(json: &str) -> Vec<String> {
    let rows = read(json).expect("well formed");
    for row in &rows {
        let raw = &json[row.span.0..row.span.1];
        assert_eq!(row.syntax.decode(raw).as_deref(), Some(row.text.as_str()), "{raw}");
    }
    let line = |r: &Row| format!("{} {}={}", r.row, r.heading.as_deref().unwrap_or("-"), r.text);
    rows.iter().filter(|row| row.kind == CellKind::Value).map(line).collect()
}

#[test]
fn report_entries_are_records() {
    let json = r#"{"total": 2, "Report_Entry":[
        {"Worker":"Ann Lee","Employee_ID":"00123","group":[{"Manager":"Bo Ek"},{"Manager":null}]},
        {"Worker":"Bo Ek","pay":1250.50,"active":true,"tags":["x","y"]}]}"#;
    let expected = [
        "0 total=2",
        "0 Worker=Ann Lee",
        "0 Employee_ID=00123",
        "0 Manager=Bo Ek",
        "1 Worker=Bo Ek",
        "1 pay=1250.50",
        "1 active=true",
        "1 tags=x",
        "1 tags=y",
    ];
    assert_eq!(values(json), expected);
    let rows = read(json).expect("well formed");
    let column =
        |heading: &str| rows.iter().find(|r| r.heading.as_deref() == Some(heading)).map(|r| r.column);
    assert_ne!(column("Worker"), column("Manager"));
    let workers = rows.iter().filter(|r| r.heading.as_deref() == Some("Worker"));
    assert_eq!(workers.map(|r| Some(r.column)).filter(|&c| c == column("Worker")).count(), 2);
}

#[test]
fn lines_and_elements_are_records() {
    assert_eq!(values("\u{feff}{\"a\":1}\n\n{\"a\":[2,3]}\r\n"), ["0 a=1", "1 a=2", "1 a=3"]);
    assert_eq!(values(r#"[{"a":"x"},{"a":"y","b":[{"c":"z"}]}]"#), ["0 a=x", "1 a=y", "1 c=z"]);
    assert_eq!(values(r#""x" 1 {"a":{"b":"y"}}{"b":"z"}"#), ["0 -=x", "1 -=1", "2 b=y", "3 b=z"]);
    assert_eq!(values(r#"{"a":"{\"name\":\"Ann\"}"}"#), [r#"0 a={"name":"Ann"}"#]);
}

#[test]
fn a_part_of_a_name_has_the_key_around_it_in_its_heading() {
    let nested = r#"{"name":{"first":"a","id":1},"workers":[{"descriptor":"b"}],"data":[{"descriptor":"c"}],"first":2}"#;
    let expected = ["0 name first=a", "0 id=1", "0 workers descriptor=b", "0 descriptor=c", "0 first=2"];
    assert_eq!(values(nested), expected);
}

#[test]
fn escapes_are_decoded_and_spans_stay_raw() {
    let json = r#"{"n":"J\u00e9r\u00f4me \ud83d\ude00","lone":"a\ud800b\udc00","\u0061b":"x"}"#;
    let expected = ["0 n=Jérôme 😀", "0 lone=a\u{fffd}b\u{fffd}", "0 ab=x"];
    assert_eq!(values(json), expected);
}

#[test]
fn keys_are_rows() {
    let json = r#"{"ann@example.com":1,"Ann Lee":2,"a_b.c":3,"Zo\u00eb":4,"123-45-6789":5,"wd:ID":6}"#;
    let rows = read(json).expect("well formed");
    let keys: Vec<_> = rows.iter().filter(|r| r.kind == CellKind::Key).collect();
    let texts: Vec<_> = keys.iter().map(|r| r.text.as_str()).collect();
    assert_eq!(texts, ["ann@example.com", "Ann Lee", "a_b.c", "Zoë", "123-45-6789", "wd:ID"]);
    assert!(keys.iter().all(|r| r.heading.is_none() && r.syntax == Syntax::JsonString));
    assert_eq!(&json[keys[3].span.0..keys[3].span.1], r"Zo\u00eb");
}

#[test]
fn malformed_text_is_refused_where_it_breaks() {
    for json in [
        "{a:1}",
        "[1,]",
        "{\"a\":1,}",
        "[1 2]",
        "{\"a\" 1}",
        "[01]",
        "[1.]",
        "[+1]",
        "[.5]",
        "[1e]",
        "nul1",
        "[\"a\nb\"]",
        "[\"\\x41\"]",
        "[\"\\u12g4\"]",
        "]",
        "}",
        "{]",
        "[}",
        "[tru]",
        "\"a\",",
        "[\"a\u{1}\"]",
        "\u{feff}\u{feff}1",
        "{\"a\":1}]",
        "[1]\0",
        "// x\n1",
        "NaN",
        "-",
        "[,1]",
        "{1:2}",
    ] {
        assert_eq!(refused(json), Reason::Malformed, "{json:?}");
    }
    let refusal = read("[1, \"Jane\" \"Doe\"]").expect_err("refused");
    assert!(refusal.detail.starts_with("byte 11:"), "{refusal}");
    assert!(!refusal.detail.contains("Doe"));
    assert_eq!(
        read_with(b"[\"\xff\"]", &Limits::default()).expect_err("refused").reason,
        Reason::InvalidEncoding
    );
}

#[test]
fn a_cut_document_is_truncated_at_every_byte() {
    let json = r#"{"Report_Entry":[{"n":"J\u00e9r","m":[true,{"o":"12"}]}]}"#;
    read(json).expect("well formed");
    assert_eq!(refused(""), Reason::Empty);
    for cut in 1..json.len() {
        assert_eq!(refused(&json[..cut]), Reason::Truncated, "{}", &json[..cut]);
    }
}

#[test]
fn limits_hold() {
    for open_mark in ["[", "{\"a\":"] {
        assert_eq!(refused(&open_mark.repeat(100_000)), Reason::TooDeep);
    }
    let deepest = Limits::default().nesting_max;
    values(&format!("{}1{}", "[".repeat(deepest), "]".repeat(deepest)));
    let small = Limits { token_bytes_max: 10, batch_rows_max: 2, ..Limits::default() };
    let long = |text: &str| read_with(text.as_bytes(), &small).map(|rows| rows.len());
    assert_eq!(long("[\"1234567890\",1,2,3,4]"), Ok(5));
    assert_eq!(long("[\"12345678901\"]").expect_err("refused").reason, Reason::TooLarge);
    assert_eq!(long("[12345678901]").expect_err("refused").reason, Reason::TooLarge);
}

fn any_json() -> impl Strategy<Value = String> {
    let text = "[ -~é😀\n\t\\\\]{0,12}".prop_map(|t| format!("\"{}\"", Syntax::JsonString.encode(&t)));
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,4})?",
        text
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[{}]", v.join(" ,\n")));
        let pair = ("[a-z @é]{0,8}", inner).prop_map(|(k, v)| format!("\"{k}\" : {v}"));
        let object = prop::collection::vec(pair, 0..5).prop_map(|v| format!("{{{}}}", v.join(",")));
        prop_oneof![array, object]
    })
}

proptest! {
    #[test]
    fn any_document_is_read_and_its_spans_decode(json in any_json()) {
        values(&json);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = read_with(&bytes, &Limits::default());
    }

    #[test]
    fn any_marks_are_read_or_refused(json in "[\\[\\]{}:,\"\\\\u0-9aentrfls .-]{0,40}") {
        let _ = read(&json);
    }
}
