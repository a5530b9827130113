//! Tells a header row from a row of data, by its words and by what stands below. Errs on the side of data:
//! a row taken for data is scanned like any other, a row taken for headings lends its words to the columns.

/// Words of headings, lower case and in the singular. Whole words only: `Accountant` and `Finland` are values.
const WORDS: &[&str] = &[
    "account",
    "address",
    "adress",
    "age",
    "amount",
    "anrede",
    "apellido",
    "bank",
    "bic",
    "birth",
    "center",
    "centre",
    "city",
    "code",
    "comment",
    "company",
    "contact",
    "correo",
    "cost",
    "country",
    "currency",
    "date",
    "day",
    "department",
    "description",
    "dirección",
    "dob",
    "email",
    "employee",
    "empleado",
    "end",
    "event",
    "fecha",
    "fte",
    "gender",
    "grade",
    "group",
    "hire",
    "hours",
    "iban",
    "id",
    "ip",
    "job",
    "key",
    "land",
    "level",
    "license",
    "location",
    "mail",
    "manager",
    "message",
    "mitarbeiter",
    "mobile",
    "month",
    "naissance",
    "nin",
    "no",
    "nom",
    "nombre",
    "note",
    "nr",
    "number",
    "numéro",
    "ort",
    "passport",
    "pay",
    "percent",
    "period",
    "phone",
    "position",
    "postal",
    "prénom",
    "rate",
    "reason",
    "region",
    "salaire",
    "salary",
    "section",
    "sex",
    "ssn",
    "start",
    "state",
    "status",
    "street",
    "supervisor",
    "tax",
    "team",
    "telefon",
    "teléfono",
    "time",
    "title",
    "total",
    "type",
    "unit",
    "url",
    "user",
    "value",
    "wid",
    "worker",
    "year",
    "zip",
];
/// Ends and middles of compound headings: `Vorname`, `Geburtsdatum`, `username`, `costcenter`.
const PARTS: &[&str] = &[
    "adresse", "betrag", "center", "datum", "gehalt", "geburt", "kosten", "name", "nummer", "salari",
    "strasse", "straße",
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
    PARTS.iter().any(|part| lower.contains(part)) || words(cell).any(|word| WORDS.contains(&word.as_str()))
}

/// The words of a cell, lower case and in the singular, cut where `camelCase` has its humps.
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
    let words: Vec<String> = spaced
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| if word.len() > 3 { word.trim_end_matches('s') } else { word }.to_owned())
        .collect();
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
        assert!(vocabulary(&["Dear Ann", " Bob", "Accountant", "Finland"]) < 0.01);
    }
}
