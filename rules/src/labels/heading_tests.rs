//! Headings that are words elsewhere, answers, groups of codes and parts of names.

use super::tests::{found, lexicon, rules};
use super::*;

#[test]
fn headings_that_are_words_count_over_values_that_look_right() {
    for (heading, value, entity) in HEADED {
        let said = lexicon().lookup_value(heading, value).map(|hit| rules().entity_name(hit.entity));
        assert_eq!(said, Some(*entity), "{heading}: {value}");
    }
    for (heading, value) in [
        ("base", "main"),
        ("Base", "12"),
        ("user", "42"),
        ("user", "root"),
        ("User", "svc_payroll"),
        ("first", "true"),
        ("first", "Monday"),
        ("last", "20"),
        ("level", "INFO"),
        ("Grade", "passed"),
        ("pay", "done"),
        ("sin", "0.8414709848"),
        ("SIN", "123456783"),
        ("uid", "1000"),
        ("run", "12345678"),
        ("account", "active"),
        ("Badge", "green"),
        ("str", "Hello"),
        ("union", "[a, b]"),
        ("login", "2024-01-02"),
        ("file", "report.csv"),
    ] {
        assert_eq!(lexicon().lookup_value(heading, value), None, "{heading}: {value}");
    }
}

#[test]
fn headings_that_are_words_say_nothing_in_running_text() {
    for text in [
        "First: Alpha, Last: Omega",
        "base=85003 target=90000",
        "account: 12345678",
        "level=3 grade=A1",
        "last: Tewfik",
        "pay: 12345",
        "union: Local 99",
        "file: 12345",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn answers_are_values_where_a_question_is_asked() {
    for (text, value) in [
        ("Disability: Yes", "Yes"),
        ("Veteran: No", "No"),
        ("Schwerbehindert: ja", "ja"),
        ("Pregnant = yes", "yes"),
        ("{\"veteran\":\"no\"}", "no"),
    ] {
        assert_eq!(found(text), [value], "{text}");
    }
    assert_eq!(found("disability=Yes veteran=No"), ["Yes", "No"]);
    for text in ["Disability: N/A", "Legal Name: Yes", "SSN: no", "Schwerbehindert", "Disability: unknown"] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn groups_of_a_code_belong_together_as_far_as_it_reaches() {
    for (text, value) in [
        ("BSN: 474 861 302", "474 861 302"),
        ("BSN: 474861302 200", "474861302"),
        ("PESEL: 871019 69089 ok", "871019 69089"),
        ("Personnummer: 850723 8668, ok", "850723 8668"),
        ("Codice fiscale: RZL FTT 09B03 H133 F", "RZL FTT 09B03 H133 F"),
        ("Codice fiscale: RZLFTT09B03H133F STATO 1", "RZLFTT09B03H133F"),
        ("SSN: 212-45-6789 200 12ms", "212-45-6789"),
        ("Employee ID: 4711 12 ms", "4711"),
        ("BSN: 474 86 1302 x", "474 86 1302"),
        ("/x?national_id=990101-12345 200", "990101-12345"),
    ] {
        assert_eq!(found(text), [value], "{text}");
    }
}

#[test]
fn control_codes_are_no_part_of_a_value() {
    assert_eq!(found("SSN: 212-45-6789\x1b[0m next"), ["212-45-6789"]);
    assert_eq!(found("Legal Name: Jane Doe\x1b[0m"), ["Jane Doe"]);
    assert_eq!(found("\"lastName\": \"Doe\x1b[0m\""), ["Doe"]);
    // A byte that was no UTF-8.
    assert_eq!(found("\"lastName\": \"M\x1aller\""), ["M\x1aller"]);
}

#[test]
fn keys_of_a_name_say_it_together() {
    for heading in
        ["name first", "legalName last", "contact given", "manager descriptor", "workers descriptor"]
    {
        let said = lexicon().lookup(heading).map(|hit| rules().entity_name(hit.entity));
        assert_eq!(said, Some("PERSON"), "{heading}");
    }
    for heading in ["location descriptor", "costCenter descriptor"] {
        assert_eq!(lexicon().lookup(heading), None, "{heading}");
    }
    let value = |heading, value| lexicon().lookup_value(heading, value).is_some();
    assert!(value("rows first", "Brannoc") && value("descriptor", "Brannoc Tewfik"));
    assert!(
        !value("page first", "20")
            && !value("range last", "Friday")
            && !value("descriptor", "Create Position")
    );
    assert_eq!(heading_below("data", "descriptor"), None);
    assert_eq!(heading_below("name", "first").as_deref(), Some("name first"));
    assert_eq!(heading_below("name", "id"), None);
}

/// Headings, a value below each, and what it is.
const HEADED: &[(&str, &str, &str)] = &[
    ("First", "Brannoc", "PERSON"),
    ("Last", "Tewfik", "PERSON"),
    ("Fname", "Brannoc", "PERSON"),
    ("LAST_NM", "Tewfik", "PERSON"),
    ("Achternaam", "Tewfik", "PERSON"),
    ("Cognome", "Tewfik", "PERSON"),
    ("Birth Dt", "01/02/1979", "DATE_OF_BIRTH"),
    ("D.O.B.", "01/02/1979", "DATE_OF_BIRTH"),
    ("Fecha Nac.", "02/01/1979", "DATE_OF_BIRTH"),
    ("GebDat", "02.01.1979", "DATE_OF_BIRTH"),
    ("Geburtsjahr", "1979", "DATE_OF_BIRTH"),
    ("Base", "85003", "COMPENSATION"),
    ("Pay", "85,003.00", "COMPENSATION"),
    ("Target %", "10", "COMPENSATION"),
    ("Merit %", "3.1", "COMPENSATION"),
    ("Brutto", "4.250,00", "COMPENSATION"),
    ("Bezüge", "4250", "COMPENSATION"),
    ("Grade", "M3", "COMPENSATION"),
    ("Entgeltgruppe", "E13", "COMPENSATION"),
    ("EG", "13", "COMPENSATION"),
    ("EMPLID", "48812", "EMPLOYEE_ID"),
    ("Emp #", "48812", "EMPLOYEE_ID"),
    ("Pernr", "00048812", "EMPLOYEE_ID"),
    ("MA-Nr", "48812", "EMPLOYEE_ID"),
    ("File Number", "048812", "EMPLOYEE_ID"),
    ("Account #", "000123456789", "BANK_ACCOUNT"),
    ("Konto", "0532013000", "BANK_ACCOUNT"),
    ("userid", "hquist", "USER_NAME"),
    ("NT ID", "hquist", "USER_NAME"),
    ("Term Reason", "Performance", "TERMINATION_REASON"),
    ("Union", "Local 99", "UNION_MEMBERSHIP"),
    ("Union Member", "No", "UNION_MEMBERSHIP"),
    ("Perf", "Exceeds", "PERFORMANCE_RATING"),
    ("KiSt", "rk", "RELIGION"),
    ("Str.", "Musterstr. 5", "STREET_ADDRESS"),
    ("SIN", "123456782", "CA_SIN"),
    ("UTR", "9000000001", "UK_UTR"),
    ("IdNr", "86095742719", "DE_TAX_ID"),
    ("NSS", "00000000018", "MX_NSS"),
    ("NSS", "010000000177", "ES_NSS"),
    ("SPI", "3000000003252", "FR_TAX_NUMBER"),
    ("RČ", "845229/9999", "CZ_RODNE_CISLO"),
    ("NN", "84.02.29-998.07", "BE_NATIONAL_NUMBER"),
    ("eGK-Nummer", "X000000000", "DE_HEALTH_INSURANCE"),
    ("Nº SS", "010000000177", "ES_NSS"),
];
