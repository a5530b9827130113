//! XML and JSON of report web services.

use super::*;

const XML: &str = "<?xml version='1.0' encoding='UTF-8'?>\
<wd:Report_Data xmlns:wd=\"urn:com.workday.report/Some_Report\"><wd:Report_Entry>\
<wd:Worker wd:Descriptor=\"Doe, Jane &amp; Co\"><wd:ID wd:type=\"WID\">a1</wd:ID><wd:ID wd:type=\"Employee_ID\">021072</wd:ID></wd:Worker>\
<wd:Hire_Date>1988-01-03-08:00</wd:Hire_Date><wd:Is_Manager>1</wd:Is_Manager><wd:FTE>1</wd:FTE>\
<wd:Pay_group><wd:Plan wd:Descriptor=\"Base\"/><wd:Amount>1250.5</wd:Amount></wd:Pay_group>\
<wd:Pay_group><wd:Plan wd:Descriptor=\"Bonus\"/><wd:Amount>7</wd:Amount></wd:Pay_group>\
<wd:Skill wd:Descriptor=\"C\"/></wd:Report_Entry>\
<wd:Report_Entry/>\
<wd:Report_Entry><wd:Worker><wd:Descriptor>Bo</wd:Descriptor><wd:ID wd:type=\"Employee_ID\">3</wd:ID>\
<wd:ID wd:type=\"Employee_ID\">4</wd:ID></wd:Worker><wd:Hire_Date>2024-03-01</wd:Hire_Date><wd:Is_Manager>0</wd:Is_Manager>\
<wd:FTE>0</wd:FTE><wd:Note><![CDATA[a < b]]> &lt; c</wd:Note>\
<wd:Skill wd:Descriptor=\"D\"><wd:ID wd:type=\"Skill_ID\">d</wd:ID></wd:Skill><wd:Skill wd:Descriptor=\"E\"/></wd:Report_Entry>\
</wd:Report_Data>";

#[test]
fn instances_groups_and_repeated_fields() {
    let tables = tables(XML.as_bytes());
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(names, [("", Some(3)), ("Pay_group", Some(2)), ("Skill", Some(3))]);
    assert_eq!(
        shown(&tables[0]),
        [
            "_row: Int64 | Worker: Utf8 | Worker.WID: Utf8 | Worker.Employee_ID: Utf8 | Hire_Date: Date32 | \
             Is_Manager: Boolean | FTE: Int64 | Note: Utf8",
            "0 | Doe, Jane & Co | a1 | 021072 | 1988-01-03 | true | 1 | ∅",
            "1 | ∅ | ∅ | ∅ | ∅ | ∅ | ∅ | ∅",
            "2 | Bo | ∅ | 3; 4 | 2024-03-01 | false | 0 | a < b < c",
        ]
    );
    assert_eq!(
        shown(&tables[1]),
        ["_row: Int64 | Plan: Utf8 | Amount: Decimal128(38, 1)", "0 | Base | 1250.5", "0 | Bonus | 7.0"]
    );
    assert_eq!(
        shown(&tables[2]),
        ["_row: Int64 | Skill: Utf8 | Skill.Skill_ID: Utf8", "0 | C | ∅", "2 | D | d", "2 | E | ∅"]
    );
    assert_eq!(read(&tables[0], &[3, 0]).expect("sound"), [["021072", "0"], ["∅", "1"], ["3; 4", "2"]]);
}

#[test]
fn a_report_without_groups_has_one_table() {
    let xml = "<Report_Data><Report_Entry><A>x</A></Report_Entry><Report_Entry><A>y</A><B>z</B></Report_Entry></Report_Data>";
    assert_eq!(shown(&only(xml.as_bytes())), ["A: Utf8 | B: Utf8", "x | ∅", "y | z"]);
    let soap = format!(
        "<s:Envelope xmlns:s='a'><s:Header><t>secret</t></s:Header><s:Body>{xml}</s:Body></s:Envelope>"
    );
    assert_eq!(shown(&only(soap.as_bytes())), ["A: Utf8 | B: Utf8", "x | ∅", "y | z"]);
}

#[test]
fn json_entries() {
    let json = "{\"Report_Entry\":[{\"Worker\":\"Ann\",\"Employee_ID\":21072,\"Is_Manager\":\"1\",\"Pay\":1250.5,\
                \"Old\":null,\"Pay_group\":[{\"Plan\":\"Base\",\"Amount\":\"7\"}],\"Home\":{\"Town\":\"Ulm\"}},\n\
                {\"Worker\":\"Bo\\u00e9\",\"Is_Manager\":\"0\",\"Skill\":[\"C\",\"D\"],\"Done\":true,\"Empty\":\"\"}],\"total\":2}";
    let tables = tables(json.as_bytes());
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.rows)).collect();
    assert_eq!(names, [("", Some(2)), ("Pay_group", Some(1)), ("Skill", Some(2))]);
    assert_eq!(
        shown(&tables[0]),
        [
            "_row: Int64 | Worker: Utf8 | Employee_ID: Utf8 | Is_Manager: Boolean | Pay: Decimal128(38, 1) | Home.Town: Utf8 | \
             Done: Boolean",
            "0 | Ann | 21072 | true | 1250.5 | Ulm | ∅",
            "1 | Boé | ∅ | false | ∅ | ∅ | true",
        ]
    );
    assert_eq!(metadata(&tables[0], 2)[1], ("custody.note", "lead_zeros_possible"));
    assert_eq!(shown(&tables[1]), ["_row: Int64 | Plan: Utf8 | Amount: Decimal128(38, 0)", "0 | Base | 7"]);
    assert_eq!(shown(&tables[2]), ["_row: Int64 | Skill: Utf8", "1 | C", "1 | D"]);
}

#[test]
fn an_array_alone_and_one_object_a_line() {
    let expected = ["a: Utf8 | b: Int64", "x | 1", "y | ∅"];
    assert_eq!(shown(&only(b"[{\"a\":\"x\",\"b\":1},{\"a\":\"y\"}]")), expected);
    assert_eq!(shown(&only(b"{\"a\":\"x\",\"b\":1}\n{\"a\":\"y\"}\n")), expected);
}

#[test]
fn what_is_no_report_is_refused() {
    let reason = |text: &str| refused(text.as_bytes()).reason;
    for text in [
        "<a><b>1</b></a>",
        "<Report_Data><Other/></Report_Data>",
        "<Report_Data><Report_Entry>text</Report_Entry></Report_Data>",
        "{\"a\":1}",
        "{\"a\":[{\"b\":1}]}",
        "[1,2]",
        "{\"Report_Entry\":[{\"a\":[[1]]}]}",
        "{\"Report_Entry\":7}",
    ] {
        assert_eq!(reason(text), Reason::Unsupported, "{text}");
    }
    assert_eq!(reason("<Report_Data/>"), Reason::Empty);
    assert_eq!(reason("{\"Report_Entry\":[]}"), Reason::Empty);
    for text in [
        "{\"Report_Entry\":[{\"a\":1,}]}",
        "{\"Report_Entry\":[{\"a\":1}",
        "{\"Report_Entry\":[{\"a\" 1}]}",
        "{\"Report_Entry\":[{\"a\":1] }",
        "<Report_Data><Report_Entry><a>1</b></Report_Entry></Report_Data>",
        "<Report_Data><Report_Entry><a>1</a></Report_Entry>",
    ] {
        assert!(matches!(reason(text), Reason::Malformed | Reason::Truncated), "{text}");
    }
}

/// Text where entries stand is no report: it would be lost.
#[test]
fn text_between_entries_is_refused() {
    let xml = "<Report_Data><Report_Entry><A>x</A></Report_Entry>secret<Report_Entry><A>y</A></Report_Entry></Report_Data>";
    let refusal = refused(xml.as_bytes());
    assert!(!refusal.detail.contains("secret"), "{refusal}");
}

/// Several values in one field of an entry are joined, and what is joined is a text.
#[test]
fn joined_values_are_text() {
    let entry = |more: &str| format!("<Report_Entry><A>x</A><N>1</N>{more}</Report_Entry>");
    let xml = format!(
        "<Report_Data>{}{}</Report_Data>",
        entry(""),
        "<Report_Entry><A><ID type=\"T\">1</ID><ID type=\"T\">2</ID></A><N>2</N></Report_Entry>"
    );
    let table = only(xml.as_bytes());
    let schema = table.schema();
    let at = schema.index_of("A.T").expect("a column of IDs");
    assert_eq!(schema.field(at).data_type(), &DataType::Utf8);
    assert_eq!(read(&table, &[at]).expect("sound"), [["∅"], ["1; 2"]]);
}
