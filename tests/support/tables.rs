//! The other reports: CSV in three dialects, JSON, NDJSON and RaaS XML.

use super::people::{Cast, Person};
use super::planted::{Place, Planter};
use std::fmt::Write as _;

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Commas, UTF-8, no byte order mark.
    CommaUtf8,
    /// Semicolons, Windows-1252; people whose names it cannot spell are left out.
    Semicolon1252,
    /// Tabs, UTF-16 little endian with a byte order mark.
    TabUtf16,
}

impl Dialect {
    /// The delimiter.
    pub fn delimiter(self) -> char {
        match self {
            Self::CommaUtf8 => ',',
            Self::Semicolon1252 => ';',
            Self::TabUtf16 => '\t',
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::CommaUtf8 => text.as_bytes().to_vec(),
            Self::Semicolon1252 => text.chars().map(latin).collect(),
            Self::TabUtf16 => {
                std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
            }
        }
    }
}

/// Windows-1252 of a character below U+0100 or a typographic apostrophe.
fn latin(c: char) -> u8 {
    match c {
        '’' => 0x92,
        c => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    }
}

const HEADINGS: [&str; 10] = [
    "Employee ID",
    "Worker",
    "Work Email",
    "Home Phone",
    "National ID",
    "IBAN",
    "Base Salary",
    "Job Profile",
    "Cost Center",
    "Comments",
];

/// A CSV report's bytes; notes what it hides.
pub fn csv(cast: &Cast, dialect: Dialect, planter: &mut Planter) -> Vec<u8> {
    let mut text = record(&HEADINGS.map(str::to_owned), dialect);
    let spelled = |p: &Person| dialect != Dialect::Semicolon1252 || p.is_latin() || p.name().contains('’');
    let people = cast.people.iter().enumerate().filter(|(_, p)| spelled(p));
    for (row, (index, p)) in (1..).zip(people) {
        let known = cast.is_on_roster(index);
        let comment = match index % 4 {
            0 => format!("moved in May;\nreports to \"{}\" now", p.name()),
            2 => "shift B, see policy 12.4".to_owned(),
            _ => String::new(),
        };
        let fields = [
            p.employee_id.clone(),
            format!("{} ({})", p.name(), p.employee_id),
            p.email.clone(),
            p.phone.clone(),
            p.ssn.clone(),
            p.iban.clone(),
            format!("{}.00", p.salary),
            p.job.to_owned(),
            p.cost_center.to_owned(),
            comment,
        ];
        let cell = |column| Place::Cell { sheet: 0, row, column };
        for (column, entity) in
            (2..).zip(["EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "IBAN_CODE", "COMPENSATION"])
        {
            planter.plant(entity, &fields[column as usize], known, cell(column));
        }
        planter.plant("EMPLOYEE_ID", &p.employee_id, known, cell(0));
        planter.plant("EMPLOYEE_ID", &p.employee_id, known, cell(1));
        planter.plant("PERSON", &p.name(), known, cell(1));
        if index % 4 == 0 {
            planter.plant("PERSON", &p.name(), known, cell(9));
        }
        text.push_str(&record(&fields, dialect));
    }
    dialect.encode(&text)
}

fn record(fields: &[String], dialect: Dialect) -> String {
    let special = |c: char| c == dialect.delimiter() || matches!(c, '"' | '\n' | '\r');
    let quoted = fields.iter().map(|field| {
        if field.contains(special) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.clone() }
    });
    let delimiter = dialect.delimiter().to_string();
    quoted.collect::<Vec<_>>().join(&delimiter) + "\r\n"
}

/// Fields of one record in JSON and XML: name, entity (none: harmless), text.
fn fields(p: &Person) -> [(&'static str, Option<&'static str>, String); 9] {
    [
        ("Employee_ID", Some("EMPLOYEE_ID"), p.employee_id.clone()),
        ("Legal_Name", Some("PERSON"), p.full_name()),
        ("Job_Profile", None, p.job.to_owned()),
        ("Work_Email", Some("EMAIL_ADDRESS"), p.email.clone()),
        ("Home_Phone", Some("PHONE_NUMBER"), p.phone.clone()),
        ("National_ID", Some("US_SSN"), p.ssn.clone()),
        ("Date_of_Birth", Some("DATE_OF_BIRTH"), p.date_of_birth.clone()),
        ("Total_Base_Pay", Some("COMPENSATION"), p.salary.to_string()),
        ("Home_Address", Some("STREET_ADDRESS"), p.address()),
    ]
}

fn plant_fields(p: &Person, known: bool, planter: &mut Planter) {
    for (_, entity, text) in fields(p) {
        if let Some(entity) = entity {
            planter.plant(entity, &text, known, Place::Anywhere);
        }
    }
}

fn json_object(p: &Person, manager: &Person) -> String {
    let mut text = String::from("{");
    for (name, _, value) in fields(p) {
        let _ = write!(text, "\"{name}\":{},", serde_json::Value::from(value));
    }
    let nested = serde_json::json!([{ "Descriptor": manager.name(), "Employee_ID": manager.employee_id }]);
    let _ = write!(text, "\"Active\":\"1\",\"FTE\":1.0,\"Manager_group\":{nested}}}");
    text
}

fn plant_record(cast: &Cast, index: usize, planter: &mut Planter) {
    let p = &cast.people[index];
    let (manager, manager_known) = cast.manager_of(p);
    plant_fields(p, cast.is_on_roster(index), planter);
    planter.plant("PERSON", &manager.name(), manager_known, Place::Anywhere);
    planter.plant("EMPLOYEE_ID", &manager.employee_id, manager_known, Place::Anywhere);
}

/// A RaaS JSON report, one record a line; notes what it hides.
pub fn json(cast: &Cast, planter: &mut Planter) -> Vec<u8> {
    let mut text = String::from("{\"Report_Entry\": [\n");
    for (index, p) in cast.people.iter().enumerate() {
        plant_record(cast, index, planter);
        let comma = if index + 1 < cast.people.len() { "," } else { "" };
        let _ = writeln!(text, "  {}{comma}", json_object(p, cast.manager_of(p).0));
    }
    text.push_str("]}\n");
    text.into_bytes()
}

/// The same as one object a line.
pub fn ndjson(cast: &Cast, planter: &mut Planter) -> Vec<u8> {
    let mut text = String::new();
    for (index, p) in cast.people.iter().enumerate() {
        plant_record(cast, index, planter);
        text.push_str(&json_object(p, cast.manager_of(p).0));
        text.push('\n');
    }
    text.into_bytes()
}

/// A RaaS XML report with descriptors and typed IDs; notes what it hides.
pub fn raas_xml(cast: &Cast, planter: &mut Planter) -> Vec<u8> {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<wd:Report_Data xmlns:wd=\"urn:com.workday.report/All_Workers\">\n",
    );
    for (index, p) in cast.people.iter().enumerate() {
        let (manager, _) = cast.manager_of(p);
        plant_record(cast, index, planter);
        planter.plant("WORKDAY_WID", &p.wid, cast.is_on_roster(index), Place::Anywhere);
        text.push_str("<wd:Report_Entry>\n");
        let _ = writeln!(text, " <wd:Worker wd:Descriptor=\"{}\">", escaped(&p.full_name()));
        let _ = writeln!(text, "  <wd:ID wd:type=\"WID\">{}</wd:ID>", p.wid);
        let _ = writeln!(text, "  <wd:ID wd:type=\"Employee_ID\">{}</wd:ID>\n </wd:Worker>", p.employee_id);
        for (name, _, value) in fields(p) {
            let _ = writeln!(text, " <wd:{name}>{}</wd:{name}>", escaped(&value));
        }
        let _ =
            writeln!(text, " <wd:Manager_group><wd:Manager wd:Descriptor=\"{}\">", escaped(&manager.name()));
        let _ = writeln!(
            text,
            "  <wd:ID wd:type=\"Employee_ID\">{}</wd:ID></wd:Manager></wd:Manager_group>\n</wd:Report_Entry>",
            manager.employee_id
        );
    }
    text.push_str("</wd:Report_Data>\n");
    text.into_bytes()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}
