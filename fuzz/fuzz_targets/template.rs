//! EIB templates: a sound package in which one part is replaced by the fuzzer's bytes, or the stored form of a template. What
//! is read holds together, and is the same when it is stored and read again.
#![no_main]

use custody_fuzz::template::{Template, compare, diff};
use custody_fuzz::{file, package_with};
use libfuzzer_sys::fuzz_target;

const PARTS: [(&str, &str); 7] = [
    (
        "xl/worksheets/sheet1.xml",
        "<worksheet><cols><col min=\"3\" max=\"9\" style=\"1\"/></cols><sheetData>\
         <row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Put</t></is></c></row>\
         <row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"s\"><v>4</v></c><c r=\"D2\" t=\"s\"><v>5</v></c></row>\
         <row r=\"3\"><c r=\"A3\" t=\"s\"><v>1</v></c><c r=\"B3\" t=\"s\"><v>6</v></c><c r=\"C3\" t=\"s\"><v>7</v></c><c r=\"D3\" t=\"s\"><v>6</v></c></row>\
         <row r=\"4\"><c r=\"A4\" t=\"s\"><v>2</v></c><c r=\"B4\" t=\"s\"><v>8</v></c><c r=\"C4\" t=\"s\"><v>9</v></c><c r=\"D4\" t=\"s\"><v>8</v></c></row>\
         <row r=\"5\"><c r=\"A5\" t=\"s\"><v>3</v></c><c r=\"B5\" t=\"s\"><v>10</v></c><c r=\"C5\" t=\"s\"><v>11</v></c><c r=\"D5\" t=\"s\"><v>12</v></c></row>\
         </sheetData><mergeCells><mergeCell ref=\"B2:C2\"/></mergeCells><dataValidations><dataValidation type=\"list\" \
         sqref=\"C4\"><formula1>\"WID,Employee_ID\"</formula1></dataValidation></dataValidations></worksheet>",
    ),
    (
        "xl/sharedStrings.xml",
        "<sst><si><t>Area</t></si><si><t>Restrictions</t></si><si><t>Format</t></si><si><t>Fields</t></si><si><t>All</t></si>\
         <si><t>Pay+</t></si><si><t>Required</t></si><si><t>Optional</t></si><si><t>Text</t></si><si><t>Employee_ID</t></si>\
         <si><t>Spreadsheet Key*</t></si><si><t>Employee</t></si><si><t>Row ID*</t></si></sst>",
    ),
    (
        "xl/workbook.xml",
        "<workbook><sheets><sheet name=\"Put\" sheetId=\"1\" r:id=\"rId1\" xmlns:r=\"r\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/></Relationships>",
    ),
    (
        "xl/styles.xml",
        "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"@\"/></numFmts><cellXfs><xf numFmtId=\"0\"/>\
         <xf numFmtId=\"164\"/></cellXfs></styleSheet>",
    ),
    (
        "_rels/.rels",
        "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    ("[Content_Types].xml", "<Types/>"),
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    // The last choices hand the bytes over as the whole file, and as the stored form.
    let replaced = usize::from(choice) % (PARTS.len() + 2);
    let template = if replaced > PARTS.len() {
        std::str::from_utf8(bytes).ok().and_then(|text| Template::from_json(text).ok())
    } else {
        let package =
            if replaced == PARTS.len() { bytes.to_vec() } else { package_with(&PARTS, replaced, bytes) };
        Template::import(file(&package)).ok().map(|imported| imported.template)
    };
    let Some(template) = template else { return };
    template.check().expect("what is read holds together");
    let stored = Template::from_json(&template.to_json().expect("it is small")).expect("its own text");
    assert_eq!(stored, template);
    assert_eq!(stored.fingerprint(), template.fingerprint());
    assert!(diff(&template, &stored).is_empty());
    for sheet in compare(&template, &stored) {
        assert!(sheet.matched <= sheet.of && sheet.groups <= sheet.matched);
    }
});
