//! XLSX: made with a library, changed by hand where it must be broken.

use super::support::{lines, package, read, read_with, reason};
use custody_rules::table::{CellKind, SHEET_NAME_COLUMN};
use custody_rules::{Limits, Reason};
use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, Formula, Note, Shape, Url, Workbook,
};
use std::io::{Cursor, Read, Write};

fn report() -> Workbook {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("Pay & <Bonus>").expect("named");
    sheet.write_string(0, 0, "All Workers").expect("written");
    sheet.write_string(1, 0, "Organization").expect("written");
    sheet.write_string(1, 1, "Bo Ek (On Leave)").expect("written");
    for (column, heading) in
        ["Worker", "Employee ID", "Hire Date", "Pay", "Active", "SSN", "Sum"].iter().enumerate()
    {
        sheet.write_string(3, column as u16, *heading).expect("written");
    }
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let ssn = Format::new().set_num_format("000-00-0000");
    for (row, worker) in [(4, "Ann Lee"), (6, "Jérôme <x> & y\nz")] {
        sheet.write_string(row, 0, worker).expect("written");
        sheet.write_string(row, 1, "00123").expect("written");
        let day = ExcelDateTime::from_ymd(2020, 2, 29).expect("a day");
        sheet.write_datetime_with_format(row, 2, &day, &date).expect("written");
        sheet.write_number(row, 3, 1250.5).expect("written");
        sheet.write_boolean(row, 4, true).expect("written");
        sheet.write_number_with_format(row, 5, 9_876_543, &ssn).expect("written");
        sheet.write_formula(row, 6, Formula::new("=1+1").set_result("2")).expect("written");
    }
    book
}

#[test]
fn a_report_is_read_with_its_headings() {
    let rows = read(&report().save_to_buffer().expect("saved"), "xlsx");
    assert_eq!(
        (rows[0].place, rows[0].kind, rows[0].text.as_str()),
        ((0, 0, SHEET_NAME_COLUMN), CellKind::SheetName, "Pay & <Bonus>")
    );
    let above = ["0,0 All Workers", "1,0 Organization", "1,1 Bo Ek (On Leave)"];
    assert_eq!(lines(&rows, 0, &[CellKind::Preamble]), above);
    assert_eq!(lines(&rows, 0, &[CellKind::Heading])[..2], ["3,0 Worker", "3,1 Employee ID"]);
    let values = [
        "4,0 Worker=Ann Lee",
        "4,1 Employee ID=00123",
        "4,2 Hire Date=2020-02-29",
        "4,3 Pay=1250.5",
        "4,4 Active=TRUE",
        "4,5 SSN=009-87-6543",
        "4,6 Sum=2",
        "6,0 Worker=Jérôme <x> & y\nz",
    ];
    assert_eq!(lines(&rows, 0, &[CellKind::Value])[..8], values);
}

#[test]
fn all_rows_of_a_template_s_header_are_headings() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let rows = ["Hire Employee", "Area|All|Worker Data|Name Data", "Restrictions|Required|Optional|Optional"];
    let rows = [
        rows[0],
        rows[1],
        rows[2],
        "Format|Text|Employee_ID|Text",
        "Fields|Spreadsheet Key*|Employee|First Name",
    ];
    for (row, line) in rows.iter().chain(&["|1|00123|Ann"]).enumerate() {
        for (column, text) in line.split('|').enumerate() {
            sheet.write_string(row as u32, column as u16, text).expect("written");
        }
    }
    let rows = read(&book.save_to_buffer().expect("saved"), "xlsx");
    assert!(lines(&rows, 0, &[CellKind::Preamble]).is_empty());
    assert_eq!(lines(&rows, 0, &[CellKind::Heading]).len(), 17);
    let values = ["5,1 Spreadsheet Key*=1", "5,2 Employee=00123", "5,3 First Name=Ann"];
    assert_eq!(lines(&rows, 0, &[CellKind::Value]), values);
}

#[test]
fn constant_memory_and_rich_text_are_read() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().expect("added");
    sheet.write_string(0, 0, "Worker").expect("written");
    let (plain, bold) = (Format::new(), Format::new().set_bold());
    sheet.write_rich_string(1, 0, &[(&plain, "Ann "), (&bold, "Lee")]).expect("written");
    let rows = read(&book.save_to_buffer().expect("saved"), "xlsx");
    assert_eq!(lines(&rows, 0, &[CellKind::Value]), ["1,0 Worker=Ann Lee"]);
}

#[test]
fn hidden_sheets_and_columns_are_read() {
    let mut book = report();
    book.worksheets_mut()[0].set_column_hidden(3).expect("hidden");
    book.add_worksheet()
        .set_name("Old")
        .expect("named")
        .set_hidden(true)
        .write_string(0, 0, "Name")
        .expect("written");
    book.worksheets_mut()[1].write_string(1, 0, "Bo Ek").expect("written");
    book.add_worksheet().set_very_hidden(true).write_string(7, 7, "Cy Dee").expect("written");
    let rows = read(&book.save_to_buffer().expect("saved"), "xlsm");
    assert_eq!(lines(&rows, 0, &[CellKind::Hidden]), ["4,3 Pay=1250.5", "6,3 Pay=1250.5"]);
    assert_eq!(lines(&rows, 1, &[CellKind::SheetName])[0].split_once(' ').map(|(_, name)| name), Some("Old"));
    assert_eq!(lines(&rows, 1, &[CellKind::Hidden]), ["1,0 Name=Bo Ek"]);
    assert_eq!(lines(&rows, 2, &[CellKind::Heading, CellKind::Hidden]), ["7,7 Cy Dee"]);
}

#[test]
fn whatever_else_can_hold_a_name_is_read() {
    let mut book = report();
    book.set_properties(
        &DocProperties::new()
            .set_author("Prop Author")
            .set_company("Prop Company")
            .set_custom_property("Owner", "Prop Custom"),
    );
    book.define_name("Defined_Name", "='Pay & <Bonus>'!$A$1").expect("defined");
    let sheet = &mut book.worksheets_mut()[0];
    sheet.insert_note(4, 0, &Note::new("Note text").set_author("Note Author")).expect("noted");
    sheet.insert_note(2, 9, &Note::new("Early note")).expect("noted");
    sheet.insert_note(90, 9, &Note::new("Late note")).expect("noted");
    sheet.set_header("&L&\"Arial\"Header Name").set_footer("&RFooter Name");
    sheet.write_url(9, 9, Url::new("https://example.com/link-name").set_tip("Tip name")).expect("written");
    sheet.insert_shape(12, 2, &Shape::textbox().set_text("Box name\nsecond")).expect("inserted");
    let list = DataValidation::new().allow_list_strings(&["List Name", "Other Name"]).expect("a list");
    sheet.add_data_validation(20, 0, 30, 0, &list).expect("added");
    let rows = read(&book.save_to_buffer().expect("saved"), "xlsx");
    let notes = lines(&rows, 0, &[CellKind::Comment]);
    let expected = ["2,9 Author=Author", "2,9 Author:\nEarly note"];
    assert_eq!(notes.len(), 6, "{notes:?}");
    assert_eq!(notes[..2], expected);
    assert!(
        notes[2] == "4,0 Author=Note Author"
            && notes[3].contains("Note text")
            && notes[5].contains("Late note")
    );
    let place = |text: &str| rows.iter().position(|row| row.text.contains(text)).expect(text);
    assert!(place("Early note") < place("Employee ID") && place("Ann Lee") < place("Note text"));
    assert!(place("Note text") < place("00123") && place("z") < place("Late note"));
    for text in
        ["Header Name", "Footer Name", "https://example.com/link-name", "Tip name", "List Name", "Other Name"]
    {
        let row = rows.iter().find(|row| row.kind == CellKind::Property && row.text == text).expect(text);
        assert_eq!((row.place.0, row.place.1), (0, u32::MAX));
    }
    for text in ["Prop Author", "Prop Company", "Prop Custom", "Owner", "Defined_Name", "Box name", "second"]
    {
        let row = rows.iter().find(|row| row.kind == CellKind::Property && row.text == text).expect(text);
        assert_eq!(row.place.0, u32::MAX);
    }
    let heading = |text: &str| rows.iter().find(|row| row.text == text).and_then(|row| row.heading.clone());
    assert_eq!(heading("Prop Author").as_deref(), Some("creator"));
    assert_eq!(heading("Prop Custom").as_deref(), Some("Owner"));
    let places: Vec<_> = rows.iter().filter(|r| r.kind != CellKind::SheetName).map(|r| r.place).collect();
    assert!(places.is_sorted());
}

#[test]
fn threaded_comments_and_persons_are_read() {
    let bytes = changed(
        &report().save_to_buffer().expect("saved"),
        &[],
        &[
            (
                "xl/worksheets/_rels/sheet1.xml.rels",
                "<Relationships><Relationship Id=\"r1\" Type=\"x/threadedComment\" Target=\"../threadedComments/threadedComment1.xml\"/></Relationships>",
            ),
            (
                "xl/threadedComments/threadedComment1.xml",
                "<ThreadedComments><threadedComment ref=\"B5\" personId=\"{1}\"><text>Ask Ann</text></threadedComment></ThreadedComments>",
            ),
            (
                "xl/persons/person.xml",
                "<personList><person displayName=\"Bo Ek\" id=\"{1}\" userId=\"bo@example.com\"/></personList>",
            ),
        ],
    );
    let rows = read(&bytes, "xlsx");
    assert_eq!(lines(&rows, 0, &[CellKind::Comment]), ["4,1 Ask Ann"]);
    assert!(
        rows.iter().any(|row| row.text == "Bo Ek") && rows.iter().any(|row| row.text == "bo@example.com")
    );
}

/// A package with texts replaced in its parts and parts added.
fn changed(bytes: &[u8], replace: &[(&str, &str, &str)], add: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content).expect("text");
        for (_, from, to) in replace.iter().filter(|(part, ..)| *part == name) {
            assert!(content.contains(from), "{from}");
            content = content.replace(from, to);
        }
        out.start_file(name, options).and_then(|()| Ok(out.write_all(content.as_bytes())?)).expect("written");
    }
    for (name, content) in add {
        out.start_file(*name, options)
            .and_then(|()| Ok(out.write_all(content.as_bytes())?))
            .expect("written");
    }
    out.finish().expect("finished").into_inner()
}

#[test]
fn broken_workbooks_are_refused() {
    let whole = report().save_to_buffer().expect("saved");
    let sheet = "xl/worksheets/sheet1.xml";
    let refused =
        |part: &str, from: &str, to: &str| reason(&changed(&whole, &[(part, from, to)], &[]), "xlsx");
    for cut in [1, 100, whole.len() / 2, whole.len() - 1] {
        assert_eq!(reason(&whole[..cut], "xlsx"), Reason::Truncated, "{cut}");
    }
    assert_eq!(
        refused("xl/sharedStrings.xml", "uniqueCount=\"", "uniqueCount=\"99999999999"),
        Reason::Malformed
    );
    assert_eq!(refused(sheet, "r=\"A2\"", "r=\"A9\""), Reason::Malformed);
    assert_eq!(refused(sheet, "r=\"B2\"", "r=\"A2\""), Reason::Malformed);
    assert_eq!(refused(sheet, "<worksheet", "<!DOCTYPE a><worksheet"), Reason::DocumentType);
    assert_eq!(refused(sheet, "<v>2</v>", "<v>2</w>"), Reason::Malformed);
    assert_eq!(refused(sheet, "</sheetData>", ""), Reason::Truncated);
    assert_eq!(refused("xl/workbook.xml", "r:id=\"rId1\"", "r:id=\"rId77\""), Reason::Malformed);
    assert_eq!(
        reason(&package(&[("xl/workbook.xml", "<workbook/>"), ("_rels/.rels", "<Relationships/>")]), "xlsx"),
        Reason::Malformed
    );
    assert_eq!(reason(&package(&[("x", "y")]), "xlsx"), Reason::Malformed);
    assert_eq!(reason(&package(&[("../x", "y")]), "xlsx"), Reason::PathEscape);
    let locked = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600]].concat();
    assert_ne!(reason(&locked, "xlsx"), Reason::Empty);
    let bomb = package(&[("xl/workbook.xml", &" ".repeat(40 << 20))]);
    assert_eq!(reason(&bomb, "xlsx"), Reason::ZipBomb);
}

#[test]
fn a_long_text_in_many_cells_is_a_bomb() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let text = "x".repeat(30_000);
    for row in 0..20 {
        for column in 0..20 {
            sheet.write_string(row, column, &text).expect("written");
        }
    }
    let bytes = book.save_to_buffer().expect("saved");
    let small = Limits { expanded_bytes_max: 10 << 20, ..Limits::default() };
    assert_eq!(read_with(&bytes, "xlsx", &small).expect_err("refused").reason, Reason::ZipBomb);
}

#[test]
fn a_reader_may_stop_early() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..50_000 {
        sheet.write_number(row, 0, row).expect("written");
    }
    let bytes = book.save_to_buffer().expect("saved");
    assert_eq!(read(&bytes, "xlsx").iter().filter(|row| row.kind == CellKind::Value).count(), 50_000);
    let mut source = crate::formats::workbook::open(super::support::file(&bytes), "xlsx", &Limits::default())
        .expect("opened");
    assert!(matches!(source.next_batch(), Ok(Some(_))));
}
