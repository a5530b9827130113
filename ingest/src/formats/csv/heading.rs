//! Tells a header row from a row of data, by its words and by what stands below. Errs on the side of data:
//! a row taken for data is scanned like any other, a row taken for headings lends its words to the columns.

/// Words of headings, lower case and in the singular. Whole words only: `Accountant` and `Finland` are values.
const WORDS: &[&str] = &[
    "abteilung",
    "abteilungsleiter",
    "account",
    "address",
    "adress",
    "age",
    "alter",
    "amount",
    "anrede",
    "anschrift",
    "apartment",
    "apellido",
    "area",
    "assignment",
    "bank",
    "base",
    "bereich",
    "besoldung",
    "betrieb",
    "bezüge",
    "bic",
    "birth",
    "birthday",
    "birthplace",
    "bonus",
    "branch",
    "brutto",
    "bu",
    "bureau",
    "business",
    "category",
    "cell",
    "center",
    "centre",
    "chef",
    "child",
    "city",
    "civil",
    "class",
    "client",
    "code",
    "comment",
    "commune",
    "company",
    "compensation",
    "component",
    "contact",
    "contract",
    "contrat",
    "correo",
    "cost",
    "country",
    "cp",
    "cuenta",
    "currency",
    "cve",
    "data",
    "date",
    "day",
    "deduction",
    "degree",
    "departamento",
    "departement",
    "department",
    "dependant",
    "dependent",
    "dept",
    "description",
    "diagnose",
    "diagnosis",
    "dirección",
    "direction",
    "disability",
    "discipline",
    "division",
    "dob",
    "doc",
    "document",
    "dossier",
    "duration",
    "département",
    "edad",
    "education",
    "effective",
    "eintritt",
    "email",
    "empleado",
    "employee",
    "employer",
    "end",
    "entgelt",
    "entity",
    "entry",
    "ethnicity",
    "etnia",
    "evaluation",
    "event",
    "extension",
    "fachbereich",
    "fax",
    "fecha",
    "file",
    "firm",
    "firma",
    "first",
    "fonction",
    "form",
    "freigabe",
    "fte",
    "function",
    "funktion",
    "gehalt",
    "gender",
    "geschlecht",
    "given",
    "grade",
    "group",
    "género",
    "handicap",
    "headcount",
    "health",
    "hire",
    "hours",
    "iban",
    "id",
    "industry",
    "initial",
    "insurance",
    "ip",
    "item",
    "jahr",
    "job",
    "joining",
    "jubilación",
    "key",
    "kind",
    "kontakt",
    "konto",
    "kostenstelle",
    "kst",
    "kunde",
    "land",
    "language",
    "last",
    "leave",
    "leiter",
    "letter",
    "level",
    "license",
    "line",
    "link",
    "local",
    "location",
    "login",
    "lohn",
    "maiden",
    "mail",
    "manager",
    "marital",
    "master",
    "matricule",
    "measure",
    "member",
    "merit",
    "mes",
    "message",
    "middle",
    "mitarbeiter",
    "mobile",
    "mode",
    "month",
    "motif",
    "municipio",
    "nacionalidad",
    "naissance",
    "name",
    "nationality",
    "nationalité",
    "netto",
    "nin",
    "no",
    "nom",
    "nombre",
    "note",
    "notes",
    "nr",
    "number",
    "numéro",
    "objet",
    "observation",
    "occupation",
    "office",
    "operation",
    "option",
    "order",
    "organisation",
    "organization",
    "origin",
    "ort",
    "overtime",
    "owner",
    "pais",
    "partner",
    "pass",
    "passport",
    "password",
    "passwort",
    "pay",
    "payment",
    "payroll",
    "pays",
    "país",
    "percent",
    "percentage",
    "perfil",
    "performance",
    "period",
    "permit",
    "person",
    "persona",
    "personal",
    "personalnummer",
    "phase",
    "phone",
    "photo",
    "plan",
    "plz",
    "pnr",
    "position",
    "postal",
    "postcode",
    "poste",
    "poststelle",
    "prefix",
    "priority",
    "proceso",
    "product",
    "profession",
    "profile",
    "program",
    "project",
    "projekt",
    "province",
    "provincia",
    "prozent",
    "prénom",
    "puesto",
    "purpose",
    "qualification",
    "quantity",
    "quarter",
    "race",
    "rang",
    "rank",
    "rate",
    "rating",
    "raza",
    "reason",
    "ref",
    "reference",
    "referenz",
    "region",
    "religion",
    "report",
    "request",
    "result",
    "revision",
    "role",
    "rolle",
    "room",
    "rut",
    "sachbearbeiter",
    "salaire",
    "salario",
    "salary",
    "scale",
    "schedule",
    "school",
    "score",
    "seat",
    "section",
    "sector",
    "sede",
    "segment",
    "seniority",
    "seq",
    "serial",
    "series",
    "service",
    "servicio",
    "session",
    "severance",
    "sex",
    "sexe",
    "sexo",
    "shift",
    "sin",
    "sindicato",
    "site",
    "situation",
    "skill",
    "source",
    "sparte",
    "ssn",
    "staat",
    "stadt",
    "standort",
    "start",
    "state",
    "status",
    "statut",
    "step",
    "steuer",
    "steuerklasse",
    "strasse",
    "street",
    "subject",
    "subsidiary",
    "suffix",
    "sum",
    "summary",
    "supervisor",
    "surname",
    "syndicat",
    "system",
    "tarif",
    "task",
    "tax",
    "team",
    "telefon",
    "telephone",
    "teléfono",
    "termination",
    "text",
    "ticket",
    "time",
    "timestamp",
    "tipo",
    "title",
    "token",
    "total",
    "tour",
    "town",
    "trabajador",
    "track",
    "training",
    "transaction",
    "travail",
    "type",
    "uhrzeit",
    "union",
    "unit",
    "unternehmen",
    "url",
    "urlaub",
    "user",
    "usuario",
    "uuid",
    "vacation",
    "value",
    "vendor",
    "verdienst",
    "version",
    "vertrag",
    "veteran",
    "view",
    "village",
    "ville",
    "visa",
    "vorgesetzter",
    "wage",
    "ward",
    "week",
    "weight",
    "werk",
    "wert",
    "wid",
    "worker",
    "year",
    "zeit",
    "zeitraum",
    "zip",
    "zone",
    "zulage",
    "zustand",
];
/// Ends and middles of compound headings: `Vorname`, `Geburtsdatum`, `username`, `costcenter`.
const PARTS: &[&str] = &[
    "adresse", "betrag", "center", "datum", "gehalt", "geburt", "kosten", "name", "nummer", "salari",
    "strasse", "straße",
];
/// Words that are nobody's value: one of them makes a row of headings of a row of words.
const FIELDS: &[&str] = &[
    "apellido",
    "contraseña",
    "diagnose",
    "diagnosis",
    "diagnóstico",
    "disability",
    "dob",
    "email",
    "employee",
    "ethnicity",
    "forename",
    "gehalt",
    "gewerkschaft",
    "iban",
    "id",
    "konfession",
    "nationality",
    "nombre",
    "passport",
    "password",
    "passwort",
    "personalnummer",
    "phone",
    "prénom",
    "religion",
    "religión",
    "salaire",
    "salario",
    "salary",
    "sexe",
    "ssn",
    "steuerklasse",
    "surname",
    "telefon",
    "teléfono",
    "worker",
];
/// Longest heading, in bytes.
const HEADING_BYTES_MAX: usize = 120;

/// Share of the filled cells that hold a word of headings, 0 to 1.
pub(super) fn vocabulary(row: &[&str]) -> f32 {
    let filled = row.iter().filter(|cell| !cell.trim().is_empty());
    let (known, all) =
        filled.fold((0, 0), |(known, all), cell| (known + usize::from(is_known(cell)), all + 1));
    if all == 0 { 0.0 } else { known as f32 / all as f32 }
}

fn is_known(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    PARTS.iter().any(|part| lower.contains(part)) || words(cell).any(|word| is_one_of(WORDS, &word))
}

/// Whether a list has a word, in the singular or as it is.
fn is_one_of(list: &[&str], word: &str) -> bool {
    let singular = if word.len() > 3 { word.trim_end_matches('s') } else { word };
    list.contains(&word) || list.contains(&singular)
}

/// Whether a cell names a field and can hardly be a value: `Nachname`, `Diagnosis`, `password`. A few words at most.
pub(super) fn names_field(cell: &str) -> bool {
    let lower = cell.to_lowercase();
    let few = cell.split_whitespace().count() <= 3;
    few && (PARTS.iter().any(|part| lower.contains(part)) || words(cell).any(|word| is_one_of(FIELDS, &word)))
}

/// The words of a cell, lower case, cut where `camelCase` has its humps.
fn words(cell: &str) -> impl Iterator<Item = String> {
    let mut spaced = String::with_capacity(cell.len() + 8);
    let mut was_lower = false;
    for c in cell.chars() {
        if was_lower && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.extend(c.to_lowercase());
        was_lower = c.is_lowercase();
    }
    let words: Vec<String> = spaced.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    words.into_iter()
}

/// Whether a row can be the header row of a table of so many columns: filled, in words, mostly distinct.
/// The first cell and the last ones may be empty, and years may be headings beside known words.
pub(super) fn may_be_header(row: &[&str], columns: usize) -> bool {
    let cells: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
    let last = cells.iter().rposition(|cell| !cell.is_empty()).unwrap_or(0);
    let inner = cells.get(1..last).unwrap_or_default();
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    if cells.len() != columns || filled * 2 < columns || inner.iter().any(|cell| cell.is_empty()) {
        return false;
    }
    let years = cells.iter().filter(|cell| is_year(cell)).count();
    let words = cells.iter().all(|cell| is_year(cell) || !looks_like_data(cell));
    let mut distinct: Vec<_> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    words && distinct.len() * 10 >= filled * 7 && (years == 0 || vocabulary(row) > 0.0)
}

fn is_year(cell: &str) -> bool {
    cell.parse().is_ok_and(|year: u32| (1900..2100).contains(&year))
}

/// Whether a cell is a value rather than a heading: digits, dates, addresses of all kinds, long text.
pub(super) fn looks_like_data(cell: &str) -> bool {
    let cell = cell.trim();
    // A heading that was redacted is still one: the output's table has the input's header row.
    if cell.starts_with('<') && custody_rules::is_replaced(cell) {
        return false;
    }
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    let begins_as_date = cell.len() >= 4 && cell.bytes().take(4).all(|b| b.is_ascii_digit());
    let marked = cell.contains(['@', '=', '<', '>', '\n']) || cell.contains("://") || cell.contains("**");
    let wordless = !cell.is_empty() && letters == 0 && !cell.contains(['#', '%', '$', '€', '£']);
    cell.len() > HEADING_BYTES_MAX || digits > letters || begins_as_date || marked || wordless
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_rows() {
        for row in [
            &["Employee ID", "Name", "Hire Date"][..],
            &["", "name", "q1", ""],
            &["Name", "2024", "2025"],
            &["Förnamn", "Efternamn", "Befattning"],
            &["%", "Address Line 1", "Total"],
            &["Employee ID", "Manager", "<PERSON_1>"],
        ] {
            assert!(may_be_header(row, row.len()), "{row:?}");
        }
        for row in [
            &["E-1001", "Ann", "2026-11-23"][..],
            &["Name", "", "Date"],
            &["Report", "", "", ""],
            &["ann@example.com", "Ann"],
            &["a", "a", "a", "a"],
            &["1985", "2001"],
            &["---", "---"],
        ] {
            assert!(!may_be_header(row, row.len()), "{row:?}");
        }
        assert!(!may_be_header(&["Name"], 2));
    }

    #[test]
    fn known_words() {
        assert!(vocabulary(&["Worker", "firstName", "ID", ""]) > 0.99);
        assert!(vocabulary(&["CostCenter", "hireDate", "Geburtsdatum", "E-Mails"]) > 0.99);
        assert!(vocabulary(&["Status", "Address", "Process Status"]) > 0.99);
        assert!(vocabulary(&["Dear Ann", " Bob", "Accountant", "Finland"]) < 0.01);
        assert!(names_field("Nachname") && names_field("First Name") && names_field("Worker IDs"));
        assert!(
            !names_field("Manager")
                && !names_field("Bob")
                && !names_field("a name that stands in a sentence")
        );
    }
}
