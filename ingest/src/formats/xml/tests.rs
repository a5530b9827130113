//! Tests of the XML reader: headings, spans, records and limits.

use super::*;
use custody_rules::Reason;
use custody_rules::table::cell_rows;
use proptest::prelude::*;

/// A reader that gives a few bytes at a time.
struct Drip(std::io::Cursor<Vec<u8>>, usize);

impl Read for Drip {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
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

fn read_all(xml: &[u8], limits: &Limits, piece: usize) -> Result<Vec<Row>, Refusal> {
    let mut source = open(Box::new(Drip(std::io::Cursor::new(xml.to_vec()), piece)), limits)?;
    let mut rows = Vec::new();
    while let Some(batch) = source.next_batch()? {
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

/// All rows but those of names.
fn read_with(xml: &[u8], limits: &Limits, piece: usize) -> Result<Vec<Row>, Refusal> {
    let mut rows = read_all(xml, limits, piece)?;
    rows.retain(|row| row.kind != CellKind::Key);
    Ok(rows)
}

/// Reads in pieces of 1 byte and of 64 KiB: both must agree; checks every span.
fn read(xml: &str) -> Result<Vec<Row>, Refusal> {
    let rows = read_with(xml.as_bytes(), &Limits::default(), 1 << 16);
    let dripped = read_with(xml.as_bytes(), &Limits::default(), 1);
    assert_eq!(rows.as_ref().ok(), dripped.as_ref().ok());
    assert_eq!(rows.as_ref().err().map(|r| r.reason), dripped.as_ref().err().map(|r| r.reason));
    for row in rows.iter().flatten() {
        let raw = &xml[row.span.0..row.span.1];
        assert_eq!(row.syntax.decode(raw).as_deref(), Some(row.text.as_str()), "{raw}");
    }
    rows
}

/// `row heading=text` of every row.
fn lines(xml: &str) -> Vec<String> {
    let line = |r: &Row| format!("{} {}={}", r.row, r.heading.as_deref().unwrap_or("-"), r.text);
    read(xml).expect("well formed").iter().map(line).collect()
}

fn refused(xml: &str) -> Reason {
    read(xml).expect_err(xml).reason
}

const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<wd:Report_Data xmlns:wd="urn:com.workday.report/R">
  <!-- run by Ann Lee -->
  <wd:Report_Entry>
    <wd:Worker_group wd:Descriptor="Bo &amp; Co">
      <wd:ID wd:type="WID">00aa</wd:ID>
      <wd:ID wd:type='Employee_ID'>00123</wd:ID>
    </wd:Worker_group>
    <wd:Notes><![CDATA[a < b ]]></wd:Notes>
  </wd:Report_Entry>
  <wd:Report_Entry>
    <wd:Manager><wd:Descriptor>J&#233;r&#xF4;me &lt;x&gt;</wd:Descriptor></wd:Manager>
    <wd:Empty/><wd:Self wd:x=""/>
  </wd:Report_Entry>
</wd:Report_Data>
"#;

#[test]
fn reports_become_rows_with_local_headings() {
    let expected = [
        "0 wd=urn:com.workday.report/R",
        "0 -=run by Ann Lee",
        "0 Worker=Bo & Co",
        "0 type=WID",
        "0 WID=00aa",
        "0 type=Employee_ID",
        "0 Employee_ID=00123",
        "0 Notes=a < b",
        "1 Manager=Jérôme <x>",
        "1 x=",
    ];
    assert_eq!(lines(REPORT), expected);
    assert_eq!(lines(&format!("\u{feff}{REPORT}")), expected);
    assert_eq!(lines(&format!("\u{feff}{}", REPORT.split_once('\n').expect("two lines").1)), expected);
}

#[test]
fn a_part_of_a_name_has_the_element_around_it_in_its_heading() {
    assert_eq!(lines("<w><Name><First>a</First><Id>1</Id></Name></w>"), ["0 Name First=a", "0 Id=1"]);
}

#[test]
fn kinds_and_syntaxes_are_told_apart() {
    let rows = read("<a b='1'>2<!-- 3 --><![CDATA[4]]><?p 5?></a>").expect("well formed");
    let found: Vec<_> = rows.iter().map(|r| (r.text.as_str(), r.kind, r.syntax)).collect();
    let expected = [
        ("1", CellKind::Value, Syntax::XmlAttribute),
        ("2", CellKind::Value, Syntax::XmlText),
        ("3", CellKind::Comment, Syntax::Plain),
        ("4", CellKind::Value, Syntax::Plain),
        ("5", CellKind::Comment, Syntax::Plain),
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_name_is_a_row_once() {
    let xml = "<r><jane.roe wd:grade='7' x=\"1\">a</jane.roe><jane.roe wd:grade='8'/><é/></r>";
    let rows = read_all(xml.as_bytes(), &Limits::default(), 7).expect("well formed");
    let names: Vec<_> = rows.iter().filter(|row| row.kind == CellKind::Key).collect();
    assert_eq!(
        names.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(),
        ["r", "jane.roe", "wd:grade", "x", "é"]
    );
    assert!(names.iter().all(|row| xml[row.span.0..row.span.1] == row.text));
}

#[test]
fn envelopes_do_not_hide_records() {
    let xml = "<e:Envelope><e:Body><Get_Workers_Response><Response_Data><Worker>a</Worker><Worker>b</Worker>\
               </Response_Data></Get_Workers_Response></e:Body></e:Envelope>";
    assert_eq!(lines(xml), ["0 Worker=a", "1 Worker=b"]);
    assert_eq!(lines("<r>x<a>1</a><b>2<c>3</c></b></r>"), ["0 r=x", "0 a=1", "1 b=2", "1 c=3"]);
}

#[test]
fn white_space_around_a_text_is_not_part_of_it() {
    let xml = "<a>\n  Ann &amp; \n Bo&#32;\t</a>";
    let rows = read(xml).expect("well formed");
    assert_eq!(rows[0].text, "Ann & \n Bo ");
    assert_eq!(&xml[rows[0].span.0..rows[0].span.1], "Ann &amp; \n Bo&#32;");
}

#[test]
fn document_types_are_refused() {
    for xml in [
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!doctype a><a/>",
        "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY l1 \"&lol;&lol;\">]><lolz>&l1;</lolz>",
        "<!DOCTYPE a [",
    ] {
        assert_eq!(refused(xml), Reason::DocumentType, "{xml}");
    }
}

#[test]
fn malformed_text_is_refused() {
    for xml in [
        "<a>&secret;</a>",
        "<a b='&secret;'/>",
        "<a>&amp</a>",
        "<a>& </a>",
        "<a></b>",
        "</a>",
        "<a/><b/>",
        "x<a/>",
        "<a/>x",
        "<a b=1/>",
        "<a b/>",
        "<a b='1' b='2'/>",
        "<a b='1'c='2'/>",
        "<a b='<'/>",
        "<1/>",
        "< a/>",
        "<a><!ELEMENT></a>",
        " <a/><?xml version='1.0'?>",
        "",
        "<!-- only -->",
        "<a b='1'/ >",
        "<a>&#xD800;</a>",
        "<![CDATA[x]]><a/>",
        "\u{feff}\u{feff}<a/>",
        "<a\u{0}/>",
        "<a<b>></a>",
        "</>",
    ] {
        assert_eq!(refused(xml), Reason::Malformed, "{xml:?}");
    }
    let refusal = read("<a><Jane>x</Doe></a>").expect_err("refused");
    assert!(!refusal.detail.contains("Jane") && !refusal.detail.contains("Doe"), "{refusal}");
    let bytes = read_with(b"<a>\xff</a>", &Limits::default(), 100).expect_err("refused");
    assert_eq!(bytes.reason, Reason::InvalidEncoding);
}

#[test]
fn a_cut_document_is_refused_at_every_byte() {
    let end = REPORT.rfind('>').expect("markup");
    for cut in 0..end {
        if !REPORT.is_char_boundary(cut) {
            continue;
        }
        let reason = refused(&REPORT[..cut]);
        let references = REPORT[..cut].rsplit(';').next().is_some_and(|tail| tail.contains('&'));
        let expected = if references || !REPORT[..cut].contains("<wd:R") {
            Reason::Malformed
        } else {
            Reason::Truncated
        };
        assert!(reason == expected || reason == Reason::Truncated, "{cut}: {reason:?}");
    }
}

#[test]
fn limits_hold() {
    assert_eq!(refused(&"<a>".repeat(100_000)), Reason::TooDeep);
    let deepest = Limits::default().nesting_max;
    lines(&format!("{}1{}", "<a>".repeat(deepest), "</a>".repeat(deepest)));
    let small = Limits { token_bytes_max: 100, batch_rows_max: 2, ..Limits::default() };
    let long = |xml: String| read_with(xml.as_bytes(), &small, 16).map(|rows| rows.len());
    assert_eq!(long("<r><a>1</a><a>2</a><a>3</a></r>".to_owned()), Ok(3));
    for xml in [
        format!("<a>{}</a>", "x".repeat(1_000)),
        format!("<a>{}</a>", "x&amp;".repeat(100)),
        format!("<a b='{}'/>", "x".repeat(1_000)),
        format!("<{}/>", "x".repeat(1_000)),
        format!("<a><!--{}--></a>", "x".repeat(1_000)),
    ] {
        assert_eq!(long(xml).expect_err("refused").reason, Reason::TooLarge);
    }
}

fn any_xml() -> impl Strategy<Value = String> {
    let text = "[ a-z<&>\"'é😀\n]{0,12}";
    let leaf = prop_oneof![
        text.prop_map(|t| Syntax::XmlText.encode(&t)),
        "[a-z &<]{0,8}".prop_map(|t| format!("<![CDATA[{t}]]>")),
        "[a-zé ]{0,8}".prop_map(|t| format!("<!--{t}-->")),
        "[a-zé ]{0,8}".prop_map(|t| format!("<?p {t}?>")),
        "&#(x[1-9a-f]{2}|[1-9][0-9]);".prop_map(|t| t),
    ];
    let element = leaf.prop_recursive(4, 40, 6, move |inner| {
        let children = prop::collection::vec(inner, 0..5).prop_map(|list| list.concat());
        ("[a-z_]{1,6}(:[A-Z]{1,3})?", text, "[\"']", "[ \n]{0,2}", children).prop_map(
            |(name, value, quote, space, children)| {
                let value = Syntax::XmlAttribute.encode(&value);
                format!(
                    "<{name} {space}x{space}={space}{quote}{value}{quote}{space}>{children}</{name}{space}>"
                )
            },
        )
    });
    ("(\u{feff})?(<\\?xml version=\"1.0\"\\?>)?[ \n]{0,2}", element)
        .prop_map(|(head, body)| format!("{head}<root>{body}</root>\n"))
}

proptest! {
    #[test]
    fn any_document_is_read_and_its_spans_decode(xml in any_xml()) {
        prop_assert!(read(&xml).is_ok(), "{}", xml);
    }

    #[test]
    fn every_planted_text_is_read(texts in prop::collection::vec("[a-z<&>é]{1,12}", 1..8)) {
        let xml: String = texts.iter().map(|t| format!("<e v=\"{0}\">{0}</e>", Syntax::XmlText.encode(t))).collect();
        let rows = read(&format!("<r>{xml}</r>")).expect("well formed");
        let expected: Vec<_> = texts.iter().flat_map(|t| [t.as_str(), t.as_str()]).collect();
        prop_assert_eq!(rows.iter().map(|r| r.text.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn any_marks_are_read_or_refused(xml in "[<>/&;!?='\"a:#x\\[\\]C -]{0,40}") {
        let _ = read(&xml);
        let _ = read(&format!("<a>{xml}</a>"));
    }
}
