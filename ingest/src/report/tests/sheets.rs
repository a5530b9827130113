//! Workbooks.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

fn saved(workbook: &mut Workbook) -> Vec<u8> {
    workbook.save_to_buffer().expect("a workbook in memory")
}

fn book(fill: impl Fn(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    saved(&mut workbook)
}

fn row(sheet: &mut Worksheet, row: u32, texts: &[&str]) {
    for (column, text) in texts.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        sheet.write_string(row, column as u16, *text).expect("a text fits");
    }
}

#[test]
fn titles_types_spacers_and_notes() {
    let table = only(&book(|sheet| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let moment = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        let zeros = Format::new().set_num_format("00000");
        row(sheet, 0, &["All Workers"]);
        row(sheet, 1, &["Organization", "HR"]);
        row(
            sheet,
            3,
            &["Employee ID", "Worker", "Pay", "Pay", "Hire Date", "At", "Active", "Badge ID", "Skills"],
        );
        for (at, (id, name, pay)) in
            [(21_072.0, "Ann", 1_250.5), (3.0, "Bo <&> \"x\"", 1.0 / 3.0)].into_iter().enumerate()
        {
            let at = 4 + 2 * at as u32;
            sheet.write_number(at, 0, id).expect("a number");
            sheet.write_string(at, 1, name).expect("a text");
            sheet.write_number(at, 2, pay).expect("a number");
            sheet.write_number(at, 3, 7).expect("a number");
            let day = ExcelDateTime::parse_from_str("2024-03-01").expect("a day");
            sheet.write_datetime_with_format(at, 4, &day, &date).expect("a day");
            let at_noon = ExcelDateTime::parse_from_str("2024-03-01T12:30:00").expect("a moment");
            sheet.write_datetime_with_format(at, 5, &at_noon, &moment).expect("a moment");
            sheet.write_boolean(at, 6, id > 5.0).expect("a truth");
            sheet.write_number_with_format(at, 7, id, &zeros).expect("a number");
            sheet.write_string(at, 8, "a\nb").expect("a text");
            sheet.write_blank(at + 1, 0, &date).expect("a blank");
        }
    }));
    assert_eq!(
        shown(&table),
        [
            "Employee ID: Utf8 | Worker: Utf8 | Pay: Decimal128(38, 12) | Pay (2): Decimal128(38, 0) | Hire Date: Date32 | \
             At: Timestamp(ms) | Active: Boolean | Badge ID: Utf8 | Skills: Utf8",
            "21072 | Ann | 1250.500000000000 | 7 | 2024-03-01 | 2024-03-01 12:30:00 | true | 21072 | a\nb",
            "3 | Bo <&> \"x\" | 0.333333333333 | 7 | 2024-03-01 | 2024-03-01 12:30:00 | false | 00003 | a\nb",
        ]
    );
    assert_eq!(
        metadata(&table, 0),
        [("custody.heading", "Employee ID"), ("custody.note", "lead_zeros_possible")]
    );
    assert_eq!(metadata(&table, 7), [("custody.heading", "Badge ID")]);
    assert_eq!(read(&table, &[8, 0]).expect("sound"), [["a\nb", "21072"], ["a\nb", "3"]]);
}

#[test]
fn several_sheets_are_several_tables() {
    let mut workbook = Workbook::new();
    for name in ["Workers", "Empty", "Prompts"] {
        let sheet = workbook.add_worksheet().set_name(name).expect("a name");
        if name != "Empty" {
            row(sheet, 0, &["Worker", "Town"]);
            row(sheet, 1, &[name, "Ulm"]);
            row(sheet, 2, &["Bob", ""]);
        }
    }
    let tables = tables(&saved(&mut workbook));
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(names, [("Workers", Some(2)), ("Prompts", Some(2))]);
    assert_eq!(shown(&tables[1]), ["Worker: Utf8 | Town: Utf8", "Prompts | Ulm", "Bob | ∅"]);
    assert!(!format!("{tables:?}").contains("Workers"));
}

#[test]
fn merged_cells_stand_in_each_of_their_rows() {
    let table = only(&book(|sheet| {
        let plain = Format::new();
        row(sheet, 0, &["Report of something"]);
        sheet.merge_range(1, 0, 2, 0, "Worker", &plain).expect("an area");
        sheet.merge_range(1, 1, 1, 2, "Pay", &plain).expect("an area");
        row(sheet, 2, &["", "Amount", "Currency"]);
        sheet.merge_range(3, 0, 5, 0, "Ann", &plain).expect("an area");
        for at in 3..6 {
            sheet.write_number(at, 1, at).expect("a number");
            sheet.write_string(at, 2, "EUR").expect("a text");
        }
        row(sheet, 6, &["", "9", "USD"]);
    }));
    let expected = [
        "Worker: Utf8 | Amount: Decimal128(38, 0) | Currency: Utf8",
        "Ann | 3 | EUR",
        "Ann | 4 | EUR",
        "Ann | 5 | EUR",
        "∅ | 9 | USD",
    ];
    assert_eq!(shown(&table), expected);
    assert_eq!(read(&table, &[0]).expect("sound"), [["Ann"], ["Ann"], ["Ann"], ["∅"]]);
}

#[test]
fn a_sample_types_what_follows() {
    let bytes = book(|sheet| {
        row(sheet, 0, &["Worker", "Level"]);
        for at in 1..200 {
            sheet.write_string(at, 0, "Ann").expect("a text");
            sheet.write_number(at, 1, at).expect("a number");
        }
        sheet.write_string(200, 1, "secret").expect("a text");
    });
    let tables = open(&bytes, Typing::Sample { rows: 5 }, &Limits::default()).expect("a report");
    assert_eq!(tables[0].rows, None);
    let refusal = read(&tables[0], &[1]).expect_err("a text among numbers");
    assert!(refusal.detail.starts_with("row 201, column 2: a value that is not a whole number"), "{refusal}");
    assert_eq!(read(&tables[0], &[0]).expect("texts").len(), 200);
}

/// A heading whose values begin behind the sample is a column, with its values.
#[test]
fn a_column_may_begin_behind_the_sample() {
    let bytes = book(|sheet| {
        row(sheet, 0, &["Worker", "Grade", "Never"]);
        for at in 1..40 {
            row(sheet, at, &["Ann", if at > 30 { "G07" } else { "" }]);
        }
    });
    let tables = open(&bytes, Typing::Sample { rows: 5 }, &Limits::default()).expect("a report");
    let schema = tables[0].schema();
    let at = schema.index_of("Grade").expect("the column is there");
    let read = read(&tables[0], &[at]).expect("sound");
    assert_eq!(read.iter().filter(|row| row[0] == "G07").count(), 9);
    assert_eq!(read.len(), 39);
}

/// However few bytes fit into a batch, a row is in one of them, and none is lost.
#[test]
fn batches_may_be_as_small_as_a_row() {
    let small = Limits { batch_bytes_max: 64, ..Limits::default() };
    let long = "x".repeat(200);
    let workbook = book(|sheet| {
        row(sheet, 0, &["Worker", "Notes", "Team"]);
        (1..50).for_each(|at| row(sheet, at, &["Ann", &long, "Ops"]));
    });
    let csv = format!("Worker,Notes,Team\n{}", format!("Ann,{long},Ops\n").repeat(49));
    let xml = format!(
        "<Report_Data>{}</Report_Data>",
        format!("<Report_Entry><Worker>Ann</Worker><Notes>{long}</Notes><Team>Ops</Team></Report_Entry>")
            .repeat(49)
    );
    let json = format!(
        "{{\"Report_Entry\":[{}]}}",
        vec![format!("{{\"Worker\":\"Ann\",\"Notes\":\"{long}\",\"Team\":\"Ops\"}}"); 49].join(",")
    );
    for bytes in [workbook, csv.into_bytes(), xml.into_bytes(), json.into_bytes()] {
        let tables = open(&bytes, Typing::Whole, &small).expect("a report");
        let rows = read(&tables[0], &[0, 1, 2]).expect("sound");
        assert_eq!(rows.len(), 49);
        assert!(rows.iter().all(|row| row[0] == "Ann" && row[1] == long && row[2] == "Ops"));
        assert!(batches(&tables[0], &[1]).expect("sound").len() > 1);
    }
}

/// A package around one sheet's XML.
fn package(sheet: &str) -> Vec<u8> {
    use zip::write::SimpleFileOptions;
    let parts = [
        ("xl/worksheets/sheet1.xml", sheet),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
          xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
          <sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
          <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
          Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
          <Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>",
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("memory takes bytes");
    }
    zip.finish().expect("a package").into_inner()
}

fn as_xlsx(sheet: &str) -> Result<Vec<ReportTable>, Refusal> {
    let sniffed = Sniffed { kind: ArtifactKind::Workbook, encoding: TextEncoding::Utf8, format: "xlsx" };
    open_as(&file(&package(sheet)), sniffed, Typing::Whole, &Limits::default())
}

#[test]
fn odd_xml_is_read() {
    let tables = as_xlsx(
        "<?xml version=\"1.0\"?><x:worksheet xmlns:x='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><x:sheetData>\
         <x:row><x:c t='inlineStr'><x:is><x:t>Worker</x:t></x:is></x:c><x:c t=\"str\"><x:f>\"a&gt;b\"</x:f><x:v>Town &amp; Land</x:v></x:c>\
         </x:row><!-- </x:row> --><x:row r=\"4\"><x:c r=\"B4\" t=\"inlineStr\"><x:is><x:r><x:t>A</x:t></x:r><x:r><x:t>nn</x:t></x:r>\
         <x:rPh><x:t>no</x:t></x:rPh></x:is></x:c><x:c r=\"D4\"><x:v>5e-1</x:v></x:c></x:row>\
         <x:row r=\"5\"/><x:row r='6' ><x:c r='A6' t='inlineStr'><x:is><x:t><![CDATA[</x:row>]]></x:t></x:is></x:c></x:row>\
         </x:sheetData></x:worksheet>",
    )
    .expect("a report");
    assert_eq!(
        shown(&tables[0]),
        [
            "Worker: Utf8 | Town & Land: Utf8 | Column 3: Decimal128(38, 1)",
            "∅ | Ann | 0.5",
            "</x:row> | ∅ | ∅"
        ]
    );
}

#[test]
fn a_row_is_passed_over_as_a_whole_or_not_at_all() {
    let sheet = |cell: &str, end: &str| {
        let head = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Worker</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>Note\
                    </t></is></c></row>";
        let one = |row: u32| {
            format!(
                "<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>w{row}</t></is></c>\
                 <c r=\"B{row}\" t=\"inlineStr\"><is><t>{cell}</t></is></c>{end}"
            )
        };
        format!("<worksheet><sheetData>{head}{}{}{}</sheetData></worksheet>", one(2), one(3), one(4))
    };
    for cell in ["x", "<![CDATA[</row>]]>", "<!-- </row> -->", "a row, a row&gt;", "</t><!-- </row --><t>"] {
        for end in ["</row>", "</row >", "</row\n>"] {
            let tables = as_xlsx(&sheet(cell, end)).expect("a report");
            assert_eq!(read(&tables[0], &[0]).expect("sound"), [["w2"], ["w3"], ["w4"]], "{cell} {end}");
            assert_eq!(tables[0].rows, Some(3));
        }
    }
}

#[test]
fn broken_sheets_are_refused() {
    let head =
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Worker</t></is></c></row>";
    let reason = |rest: &str| as_xlsx(&format!("{head}{rest}")).err().map(|refusal| refusal.reason);
    let end = "</sheetData></worksheet>";
    assert_eq!(reason(&format!("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>{end}")), None);
    assert_eq!(reason("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>"), Some(Reason::Truncated));
    assert_eq!(reason("<row r=\"2\"><c r=\"A2\"><v>1"), Some(Reason::Truncated));
    for bad in [
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"A3\"><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"A2\"><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c></row>",
        "<row r=\"2\"><c r=\"A2\"><v>one</v></c></row>",
        "<row r=\"2\"><c r=\"A2\" t=\"odd\"><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"A2\" t=\"b\"><v>7</v></c></row>",
        "<row r=\"9999999\"><c><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"A2\"><v>1</v></c><row r=\"3\"><c r=\"A3\"><v>2</v></c></row>",
        "<row r=\"2\"><c r=\"A2\"><v>1</v></c>",
        "<row r=\"2\"/></row>",
        "<row r=\"2\"/><c r=\"A2\"><v>1</v></c>",
        "<row r=\"2\"><c r=\"A2\" t=\"str\"><v>&x;</v></c></row>",
    ] {
        assert_eq!(reason(&format!("{bad}{end}")), Some(Reason::Malformed), "{bad}");
    }
    assert_eq!(as_xlsx("<!DOCTYPE a><worksheet/>").err().map(|r| r.reason), Some(Reason::DocumentType));
    assert_eq!(as_xlsx("<worksheet><sheetData/></worksheet>").err().map(|r| r.reason), Some(Reason::Empty));
}

#[test]
fn open_document_sheets() {
    let cell = |text: &str| {
        format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
    };
    let number = |n: &str| {
        format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{n}\"><text:p>{n}</text:p></table:table-cell>"
        )
    };
    let day = "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-01\"><text:p>1.3.24</text:p></table:table-cell>";
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"One\">{}{}<table:table-row/>{}{}</table:table></office:spreadsheet></office:body>\
         </office:document-content>",
        row(&[cell("Title")]),
        row(&[cell("Worker"), cell("Pay"), cell("Hire Date")]),
        row(&[cell("Ann"), number("1250.5"), day.to_owned()]),
        row(&[cell("Bob"), number("7")]),
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    for (name, text) in [("mimetype", kind), ("content.xml", content.as_str())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("memory takes bytes");
    }
    let bytes = zip.finish().expect("a package").into_inner();
    let sniffed = Sniffed { kind: ArtifactKind::Workbook, encoding: TextEncoding::Utf8, format: "ods" };
    let tables = open_as(&file(&bytes), sniffed, Typing::Whole, &Limits::default()).expect("a report");
    let expected = [
        "Worker: Utf8 | Pay: Decimal128(38, 1) | Hire Date: Date32",
        "Ann | 1250.5 | 2024-03-01",
        "Bob | 7.0 | ∅",
    ];
    assert_eq!((tables.len(), shown(&tables[0])), (1, expected.map(str::to_owned).to_vec()));
    assert_eq!(read(&tables[0], &[2]).expect("sound"), [["2024-03-01"], ["∅"]]);
    let sampled =
        open_as(&file(&bytes), sniffed, Typing::Sample { rows: 1 }, &Limits::default()).expect("a report");
    assert_eq!(sampled[0].schema(), tables[0].schema());
}
