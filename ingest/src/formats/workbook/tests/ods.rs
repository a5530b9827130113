//! ODS: content written by hand; cells are compared with calamine's.

use super::support::{lines, package, read, reason};
use calamine::{Data, Ods, Reader, open_workbook_from_rs};
use custody_rules::Reason;
use custody_rules::table::CellKind;
use std::io::Cursor;

const NAMES: &str = "xmlns:office='o' xmlns:table='t' xmlns:text='x' xmlns:style='s' xmlns:dc='d' xmlns:xlink='l' xmlns:draw='w' xmlns:calcext='c'";

fn ods(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    package(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='m'/>"),
        ("content.xml", &content),
        (
            "meta.xml",
            "<o:meta xmlns:o='o' xmlns:dc='d' xmlns:meta='m'><dc:creator>Ann Lee</dc:creator><meta:user-defined meta:name='Owner'>Bo Ek</meta:user-defined></o:meta>",
        ),
        (
            "styles.xml",
            "<o:styles xmlns:o='o' xmlns:text='t'><text:p>Page <text:span>head</text:span></text:p></o:styles>",
        ),
    ])
}

const TABLE: &str = "<table:table table:name='Pay'>
  <table:table-column table:number-columns-repeated='2'/><table:table-column table:visibility='collapse'/>
  <table:table-header-rows><table:table-row>
    <table:table-cell office:value-type='string'><text:p>Worker</text:p></table:table-cell>
    <table:table-cell office:value-type='string'><text:p>ID</text:p></table:table-cell>
    <table:table-cell office:value-type='string'><text:p>Pay</text:p></table:table-cell>
    <table:table-cell office:value-type='string'><text:p>Hired</text:p></table:table-cell>
  </table:table-row></table:table-header-rows>
  <table:table-row table:number-rows-repeated='2'><table:table-cell table:number-columns-repeated='16384'/></table:table-row>
  <table:table-row table:number-rows-repeated='2'>
    <table:table-cell office:value-type='string' calcext:value-type='string'>
      <office:annotation><dc:creator>Note Author</dc:creator><dc:date>2024</dc:date><text:p>Note</text:p><text:p>two</text:p></office:annotation>
      <text:p>Ann<text:s text:c='2'/><text:span>Lee</text:span> &amp; Co<text:tab/>x</text:p><text:p>second</text:p>
    </table:table-cell>
    <table:table-cell office:value-type='float' office:value='123'><text:p>000123</text:p></table:table-cell>
    <table:table-cell office:value-type='currency' office:value='1250.50'><text:p>1.250,50 €</text:p></table:table-cell>
    <table:table-cell office:value-type='date' office:date-value='2020-02-29T00:00:00'><text:p>29.02.20</text:p></table:table-cell>
  </table:table-row>
  <table:table-row>
    <table:covered-table-cell/>
    <table:table-cell office:value-type='boolean' office:boolean-value='true' table:number-columns-repeated='2'><text:p>WAHR</text:p></table:table-cell>
    <table:table-cell office:value-type='string'><text:p><text:a xlink:href='mailto:ann@example.com'>mail</text:a></text:p></table:table-cell>
  </table:table-row>
  <table:table-row table:number-rows-repeated='1048570'><table:table-cell table:number-columns-repeated='16384'/></table:table-row>
</table:table>";

#[test]
fn cells_comments_and_properties_are_read() {
    let hidden =
        "<style:style style:name='ta1'><style:table-properties table:display='false'/></style:style>";
    let second = "<table:table table:name='Old' table:style-name='ta1'><table:table-row><table:table-cell office:value-type='string'><text:p>Name</text:p></table:table-cell></table:table-row><table:table-row><table:table-cell office:value-type='string'><text:p>Cy Dee</text:p></table:table-cell></table:table-row></table:table><table:named-expressions><table:named-range table:name='Defined_Name'/></table:named-expressions>";
    let rows = read(&ods(hidden, &format!("{TABLE}{second}")), "ods");
    let text = "Ann  Lee & Co\tx\nsecond";
    let expected = [
        format!("3,0 Worker={text}"),
        "3,1 ID=000123".to_owned(),
        "3,3 Hired=2020-02-29".to_owned(),
        format!("4,0 Worker={text}"),
        "4,1 ID=000123".to_owned(),
        "4,3 Hired=2020-02-29".to_owned(),
        "5,1 ID=TRUE".to_owned(),
        "5,3 Hired=mail".to_owned(),
    ];
    assert_eq!(lines(&rows, 0, &[CellKind::Value]), expected);
    assert_eq!(lines(&rows, 0, &[CellKind::Hidden]), ["3,2 Pay=1250.5", "4,2 Pay=1250.5", "5,2 Pay=TRUE"]);
    assert_eq!(lines(&rows, 0, &[CellKind::Comment]), ["3,0 Author=Note Author", "3,0 Note\ntwo"]);
    assert_eq!(lines(&rows, 1, &[CellKind::Hidden]), ["1,0 Name=Cy Dee"]);
    for text in ["mailto:ann@example.com", "Defined_Name", "Ann Lee", "Owner", "Bo Ek", "Page head"] {
        assert!(rows.iter().any(|row| row.kind == CellKind::Property && row.text == text), "{text}");
    }
}

#[test]
fn texts_are_where_calamine_sees_them() {
    // White space between elements is more than calamine takes.
    let table: String = TABLE.lines().map(str::trim_start).collect();
    let bytes = ods("", &table);
    let mut book: Ods<_> = open_workbook_from_rs(Cursor::new(bytes.clone())).expect("a workbook");
    let range = book.worksheet_range("Pay").expect("a sheet");
    let theirs: Vec<_> = range
        .used_cells()
        .filter_map(|(row, column, value)| match value {
            Data::String(text) => Some((row as u32, column as u32, text.clone())),
            _ => None,
        })
        .collect();
    let ours = read(&bytes, "ods");
    for (row, column, text) in theirs {
        let cell = ours.iter().find(|cell| cell.place == (0, row, column) && cell.kind != CellKind::Comment);
        assert_eq!(cell.map(|cell| cell.text.as_str()), Some(text.as_str()));
    }
}

#[test]
fn broken_and_endless_workbooks_are_refused() {
    let cell = "<table:table-cell office:value-type='string' table:number-columns-repeated='16000'><text:p>x</text:p></table:table-cell>";
    let endless = format!(
        "<table:table table:name='a'><table:table-row table:number-rows-repeated='1000000'>{cell}</table:table-row></table:table>"
    );
    assert_eq!(reason(&ods("", &endless), "ods"), Reason::TooLarge);
    let wide = endless.replace("16000", "4294967295");
    assert_eq!(reason(&ods("", &wide), "ods"), Reason::TooLarge);
    assert_eq!(reason(&ods("", &endless.replace("1000000", "0")), "ods"), Reason::Malformed);
    assert_eq!(reason(&ods("", ""), "ods"), Reason::Malformed);
    assert_eq!(reason(&package(&[("content.xml", "<a>")]), "ods"), Reason::Truncated);
    assert_eq!(reason(&package(&[("content.xml", "<!DOCTYPE a><a/>")]), "ods"), Reason::DocumentType);
    let manifest = "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>";
    assert_eq!(
        reason(&package(&[("META-INF/manifest.xml", manifest), ("content.xml", "x")]), "ods"),
        Reason::Encrypted
    );
    let whole = ods("", TABLE);
    for cut in [10, whole.len() / 2, whole.len() - 1] {
        assert_eq!(reason(&whole[..cut], "ods"), Reason::Truncated);
    }
}
