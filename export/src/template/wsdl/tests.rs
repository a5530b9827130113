//! Projections of a look-alike WSDL; broken and hostile ones are refused.

use super::*;
use crate::template::{Sheet, compare, lookalike, testing};

const WSDL: &str = include_str!("../../../tests/data/lookalike.wsdl");

fn project(operation: &str) -> Projected {
    from_wsdl(WSDL.as_bytes(), operation).expect("a template")
}

/// One line a column: area, label with marks, restriction, format, ID types, group.
fn shown(sheet: &Sheet) -> Vec<String> {
    let line = |c: &crate::template::Column| {
        let label = format!("{}{}", c.label, c.marks.text());
        let (restriction, types) = (c.restriction.text(), c.id_types.join(","));
        format!("{} | {label} | {restriction} | {} | {types} | {}", c.area, c.format, c.group)
    };
    sheet.columns.iter().map(line).collect()
}

#[test]
fn the_projection_is_the_template_that_is_generated() {
    let generated = testing::template(&lookalike::enlist());
    let Projected { template, cut } = project("Enlist Sailor");
    assert_eq!((template.operation.as_str(), template.version.as_deref()), ("Enlist Sailor", Some("v7.2")));
    assert_eq!(cut, Vec::<String>::new());
    for found in compare(&generated, &template) {
        let all = (found.matched, found.formats, found.areas, found.groups);
        assert_eq!(all, (found.of, found.of, found.of, found.of), "{}", found.sheet);
        // What is required on a condition stands in no WSDL.
        let conditional = usize::from(found.sheet == "Enlist Sailor");
        assert_eq!(found.restrictions, found.of - conditional, "{}", found.sheet);
    }
    let names: Vec<_> = template.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["Enlist Sailor", "Assign Berth and Hammock for th", "Set Watch"]);
    let (overview, real) = (template.overview.expect("one"), generated.overview.expect("one"));
    assert_eq!(overview.processes, real.processes);
    for (sheet, real) in template.sheets.iter().zip(&generated.sheets) {
        let types = |sheet: &Sheet| -> Vec<_> { sheet.columns.iter().map(|c| c.id_types.clone()).collect() };
        let texts = |sheet: &Sheet| -> Vec<_> { sheet.columns.iter().map(|c| c.as_text).collect() };
        assert_eq!((types(sheet), texts(sheet), &sheet.groups), (types(real), texts(real), &real.groups));
    }
}

#[test]
fn attributes_extensions_parents_and_texts_become_columns() {
    let Projected { template, cut } = project("put_harbour");
    assert!(template.overview.is_none());
    assert_eq!(
        shown(&template.sheets[0]),
        [
            "All | Spreadsheet Key* | Required | Text |  | 0",
            "All | Add Only | Optional | Y/N |  | 0",
            "Harbour Data (Put Harbour) | Place Name* | Required | Text |  | 0",
            "Harbour Data (Put Harbour) | Town | Optional | Town_Code | WID,Town_Code | 0",
            "Harbour Data (Put Harbour) | Coast 2 Code | Required | Coast-2_Code | WID,Coast-2_Code,Coast_ID | 0",
            "Harbour Data (Put Harbour) | Island | Optional | Text |  | 0",
            "Code Data (Put Harbour > Harbour Data) | System ID | Optional | Text |  | 0",
            "Code Data (Put Harbour > Harbour Data) | ID | Required | Text |  | 0",
            "Pier Line+ (Put Harbour > Harbour Data) | Row ID* | Required | Text |  | 1",
            "Pier Line+ (Put Harbour > Harbour Data) | Depth | Optional | Number (6,3) |  | 1",
            "Pier Line+ (Put Harbour > Harbour Data) | Pier Line | Optional | Text |  | 1",
            "Chart (Put Harbour > Harbour Data) | Sheet Number | Optional | Number |  | 0",
        ]
    );
    assert_eq!(cut, ["Put Harbour: Inner Harbour"]);
    assert!(!format!("{template:?}").contains("Words"), "documentation is not taken over");
}

#[test]
fn operations_are_listed_and_unknown_ones_refused() {
    let names = operations(WSDL.as_bytes()).expect("operations");
    assert_eq!(names, ["Enlist_Sailor", "Put_Harbour", "Log_Knots"]);
    let error = from_wsdl(WSDL.as_bytes(), "Sink Harbour").expect_err("unknown");
    assert_eq!(error.to_string(), "the WSDL has no operation \"Sink Harbour\"; similar ones: Put_Harbour");
    assert_eq!(operations("<a/>".as_bytes()), Err(WsdlError::NoOperation));
    assert_eq!(from_wsdl("<a/>".as_bytes(), "X"), Err(WsdlError::NoOperation));
    let error = from_wsdl(WSDL.as_bytes(), "Log Knots").expect_err("a type is missing");
    assert_eq!(error, WsdlError::Type("MissingType".to_owned()));
}

#[test]
fn broken_and_hostile_files_are_refused() {
    for broken in ["", "no XML", "<a>", &WSDL[..WSDL.len() / 2]] {
        assert_eq!(operations(broken.as_bytes()), Err(WsdlError::Xml(XmlError::Malformed)));
    }
    let entities = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
    assert_eq!(operations(entities.as_bytes()), Err(WsdlError::Xml(XmlError::DocumentType)));
    // Types that double the columns at every level; and such that hold no field in the end.
    let doubling: String = (0..40)
        .map(|level| {
            let next = format!("T{}", level + 1);
            format!(
                "<complexType name=\"T{level}\"><sequence><element name=\"A\" type=\"{next}\"/>\
                 <element name=\"B\" type=\"{next}\"/></sequence></complexType>"
            )
        })
        .collect();
    let text = |last: &str| {
        format!(
            "<d><schema>{doubling}<complexType name=\"T40\">{last}</complexType><element name=\"R\" type=\"T0\"/></schema><message name=\"M\"><part element=\"R\"/></message>\
         <portType><operation name=\"Op\"><input message=\"M\"/></operation></portType></d>"
        )
    };
    let fields = text("<sequence><element name=\"C\" type=\"x:string\"/></sequence>");
    assert_eq!(from_wsdl(fields.as_bytes(), "Op"), Err(WsdlError::Limit("columns")));
    assert_eq!(from_wsdl(text("").as_bytes(), "Op"), Err(WsdlError::Limit("elements")));
}
