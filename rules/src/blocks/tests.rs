//! Tables, fields and letters over several lines, with the labels of all recognizers.

use super::{BlockFinder, BlockState, Earlier};
use crate::{Candidate, RuleSet, RuleSource, Scanner};
use proptest::prelude::*;
use std::fs;
use std::sync::{Arc, LazyLock};

struct World {
    scanner: Scanner,
    finder: BlockFinder,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recognizers");
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the folder of recognizers")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).expect("a file")))
        .collect();
    files.sort();
    let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
    let scanner = Scanner::new(Arc::new(RuleSet::load(&sources).expect("good files"))).expect("compiles");
    let finder = BlockFinder::new(&scanner);
    World { scanner, finder }
});

fn feed(state: &mut BlockState, line: &str) -> (Vec<Candidate>, Vec<Earlier>) {
    let (mut out, mut earlier) = (Vec::new(), Vec::new());
    WORLD.finder.line(WORLD.scanner.labels(), state, line, (&mut out, &mut earlier));
    (out, earlier)
}

/// `ENTITY value` of everything found, line by line; values of earlier lines begin with `^`.
fn found(text: &str) -> Vec<String> {
    let mut state = BlockState::default();
    let mut all = Vec::new();
    for line in text.lines() {
        let (out, earlier) = feed(&mut state, line);
        let name = |c: &Candidate| WORLD.scanner.rules().entity_name(c.entity).to_owned();
        all.extend(out.iter().map(|c| format!("{} {}", name(c), &line[c.start..c.end])));
        all.extend(earlier.iter().map(|e| format!("^{} {}", name(&e.candidate), e.text)));
    }
    all
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(found(text), expected, "{text}");
}

#[test]
fn tables_in_frames_are_read() {
    check(
        "run done\n| Name | SSN | City |\n|------|:----:|---|\n| Zxq Vrbl | 000-12 | - |\n| jj | n/a | Ulm |\nend | of | it",
        &["PERSON Zxq Vrbl", "US_SSN 000-12", "PERSON jj", "STREET_ADDRESS Ulm"],
    );
    check(
        "+-------+--------+\n| Employee ID | Team |\n+-------+--------+\n| qx | Blue |\n+-------+--------+\nINFO | qx | Blue |",
        &["EMPLOYEE_ID qx"],
    );
    check("┌────┬────┐\n│ Legal Name │ Team │\n├────┼────┤\n│ Zxq │ a │\n└────┴────┘", &["PERSON Zxq"]);
}

#[test]
fn tables_of_databases_are_read() {
    check(
        " id |   legal_name   |  salary \n----+--------------+---------\n  1 | Zxq Vrbl | 85000\n(1 row)\n\n  2 | Foo | 12",
        &["PERSON Zxq Vrbl", "COMPENSATION 85000"],
    );
    check("Legal Name | Team\n--- | ---\nzxq | blue\n\nabc | def", &["PERSON zxq"]);
    check("Legal Name | Nothing\nzxq | blue", &[]);
}

#[test]
fn tables_of_separated_values_are_read() {
    check(
        "Employee ID,Legal Name,Team\nqx7,\"Vrbl, Zxq\",Blue\nqx8,Vrbl, Foo,Blue\nall done\nqx9,Bar,Blue",
        &[
            "EMPLOYEE_ID qx7",
            "PERSON Vrbl, Zxq",
            "EMPLOYEE_ID qx8",
            "PERSON Vrbl",
            "EMPLOYEE_ID Vrbl",
            "PERSON Foo",
        ],
    );
    check("Personalnummer;Nachname;Abteilung\nqx7;Vrbl;Bau", &["EMPLOYEE_ID qx7", "PERSON Vrbl"]);
    check("Matricule\tNom de famille\nqx7\tVrbl", &["EMPLOYEE_ID qx7", "PERSON Vrbl"]);
    check(
        "2024-01-31T12:00:00Z INFO c.e.Report - Employee ID,Last Name\n2024-01-31T12:00:01Z INFO c.e.Report - qx7,Vrbl\n2024-01-31T12:00:01Z INFO c.e.Report - done",
        &["EMPLOYEE_ID qx7", "PERSON Vrbl"],
    );
}

#[test]
fn tables_in_columns_are_read() {
    check(
        "Legal Name       Employee ID  Team\n---------------  -----------  ----\nZxq Vrbl         qx7          Blue\n                 qx8          Red\n\nLegal Affairs    qx9          Red",
        &["PERSON Zxq Vrbl", "EMPLOYEE_ID qx7", "EMPLOYEE_ID qx8"],
    );
    check("Número de empleado   Apellidos   Puesto\nqx7   Vrbl   Jefe", &["EMPLOYEE_ID qx7", "PERSON Vrbl"]);
}

#[test]
fn two_tables_one_below_the_other() {
    check(
        "| Legal Name | Team |\n|---|---|\n| Zxq | a |\n| SSN | Email |\n| x1 | zz |\nnothing\n| Team | Grade |\n| Zxq | b |",
        &["PERSON Zxq", "US_SSN x1", "EMAIL_ADDRESS zz"],
    );
}

#[test]
fn what_programs_print_is_no_table() {
    for text in [
        "2024-01-31 12:00:00 | INFO | worker:run:12 - Name\n2024-01-31 12:00:01 | INFO | worker:run:12 - started",
        "NAME      READY   STATUS    RESTARTS   AGE\nweb-7d    1/1     Running   0          5d",
        "CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\nab12   web   \"x\"   2d   Up   80   blue",
        " Schema | Name | Type | Owner\n--------+------+------+-------\n public | worker | table | jobs",
        "Missing fields, name, email\nValidation failed, retrying, later",
        "cat report.txt | sort | uniq\na | b | c",
        "fn name(address: &str, city: &str)\nlet a, b, c",
        "Proto  Local Address  Foreign Address  State\ntcp  0.0.0.0:80  Foo  LISTEN",
        "INFO  [main] Loaded Manager\nINFO  [main] Loaded Worker",
    ] {
        check(text, &[]);
    }
}

#[test]
fn a_value_stands_below_its_label() {
    check("Legal Name:\n  Zxq Vrbl\n  Foo Bar", &["PERSON Zxq Vrbl"]);
    check("Legal Name\nZxq Vrbl", &["PERSON Zxq Vrbl"]);
    check("2024-01-31 12:00:00 INFO Legal Name:\n2024-01-31 12:00:00 INFO   Zxq Vrbl", &["PERSON Zxq Vrbl"]);
    check("**Numéro de matricule :**\n\n  qx7", &["EMPLOYEE_ID qx7"]);
    check(
        "managers:\n  - Zxq Vrbl\n  - Foo Bar\nother: x\n  - Baz Qux",
        &["PERSON Zxq Vrbl", "PERSON Foo Bar"],
    );
    check("legal_name: >-\n  Zxq Vrbl", &["PERSON Zxq Vrbl"]);
    check("if married, spouse name:\n  Zxq Vrbl", &["PERSON Zxq Vrbl"]);
    check(
        "Home Address:\n  Upper End 4\n  Zxqtown\n\n  Vrbl",
        &["STREET_ADDRESS Upper End 4", "STREET_ADDRESS Zxqtown"],
    );
    check("When I fill in \"Legal Name\" with:\n\"\"\"\nZxq Vrbl\n\"\"\"", &["PERSON Zxq Vrbl"]);
    for text in [
        "Legal Name:\n  required: true",
        "Legal Name:\nwas not found in the form of the page",
        "Employee ID:\n  pending",
        "email:\n  type: string",
        "Reason:\nconnection refused",
        "Legal Name:\n\n\nZxq Vrbl",
        "Address:\n    the remote address",
        "if not password:\n    raise ReplyError(resp)",
        "for root, dirs, files in walk('lib/email'):\n    print(root, \"consumes \")",
        "def login(self, user, password):\n    self.x9 = Foo(resp)",
    ] {
        check(text, &[]);
    }
}

#[test]
fn dates_alone_and_figures_stand_below_their_labels() {
    check("Date of Birth:\n04/12/1981", &["DATE_OF_BIRTH 04/12/1981"]);
    check("Geburtsdatum:\n1984-03-12", &["DATE_OF_BIRTH 1984-03-12"]);
    check("SSN\n000456789", &["US_SSN 000456789"]);
    check("Salary\n85000", &["COMPENSATION 85000"]);
    check("Gehalt\n5.400,00 €", &["COMPENSATION 5.400,00 €"]);
    check("Salary\nthe review of 2024 is done\n\nSalary\nnotes", &[]);
}

#[test]
fn a_value_stands_below_the_key_that_names_its_field() {
    check("- name: Legal Name\n  value: Zxq Vrbl\n- name: Team\n  value: Foo Bar", &["PERSON Zxq Vrbl"]);
    check("{\n  \"label\": \"Employee ID\",\n  \"value\": \"qx7\"\n}", &["EMPLOYEE_ID qx7"]);
    check(
        "Locator: getByLabel('Legal Name')\nExpected string: \"Zxq Vrbl\"\nReceived string: \"Foo Bar\"",
        &["PERSON Zxq Vrbl", "PERSON Foo Bar"],
    );
    check("await page.getByLabel('Last Name')\n  .click();\n  .fill(\"Vrbl\")", &[]);
    check("step 3: page.getByRole('textbox', { name: 'Last Name' })\n  fill(\"Vrbl\")", &["PERSON Vrbl"]);
    check("field: firstName\nold_value: Zxq\nnewValue: Foo", &["PERSON Zxq", "PERSON Foo"]);
    check("1. Enter Legal Name\n   Value: Zxq Vrbl", &["PERSON Zxq Vrbl"]);
    check("Feld: Nachname\nWert: Vrbl", &["PERSON Vrbl"]);
    check("champ : Nom de famille\nvaleur : Vrbl", &["PERSON Vrbl"]);
    check("campo: Apellidos\nvalor: Vrbl", &["PERSON Vrbl"]);
    for text in [
        "- name: PORT\n  value: 8080",
        "- name: email\n  in: query\n  type: string",
        "name: Legal Name\nvalue: ${legalName}",
        "name: Legal Name\n\nvalue: Zxq Vrbl",
        "value: Zxq Vrbl",
    ] {
        check(text, &[]);
    }
}

#[test]
fn letters_and_addresses_are_read() {
    check(
        "Best regards,\n\nZxq Vrbl\nPayroll Lead\n+1 202 555 0142\n555 0142 17 1",
        &["PERSON Zxq Vrbl", "PHONE_NUMBER +1 202 555 0142"],
    );
    check("Zxq Vrbl\nHR Manager\nTel. 0228 555 0142", &["PHONE_NUMBER 0228 555 0142", "^PERSON Zxq Vrbl"]);
    check(
        "Zxq Vrbl\nAm Alten Markt 7\n00000 Zxqstadt\nDeutschland",
        &[
            "STREET_ADDRESS 00000 Zxqstadt",
            "^STREET_ADDRESS Am Alten Markt 7",
            "^PERSON Zxq Vrbl",
            "STREET_ADDRESS Deutschland",
        ],
    );
    check("Thanks,\nZxqvrbl", &["PERSON Zxqvrbl"]);
    check(
        "12 Nether Rise\nApt. 4\nZxqtown, IL 00000",
        &["STREET_ADDRESS Zxqtown, IL 00000", "^STREET_ADDRESS 12 Nether Rise"],
    );
    for text in [
        "Thanks,\nthe team",
        "Best regards,\nPayroll Team",
        "Thanks,\nAnyway",
        "--\nZxqvrbl",
        "Finished in 12\n4711 Tests",
        "Step 3\n10000 Rows",
        "Running 12 Tests\n2024 Passed",
        "Deutschland",
    ] {
        check(text, &[]);
    }
}

#[test]
fn keys_that_were_cut_off_are_found_line_by_line() {
    const LINE: &str = "RVhBTVBMRTEyMzQ1Njc4OTBhYmNkZWYx";
    let found = format!("PRIVATE_KEY {LINE}");
    check(
        &format!("-----BEGIN RSA PRIVATE KEY-----\n{LINE}\n{LINE}\nEXA=\nend of paste"),
        &[&found, &found, "PRIVATE_KEY EXA="],
    );
    check(&format!("-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{LINE}"), &[&found]);
    check(&format!("Private-Lines: 1\n{LINE}\nPrivate-MAC: 00"), &[&found]);
    for text in ["-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----", "Public-Lines: 1", "a"] {
        check(&format!("{text}\n{LINE}"), &[]);
    }
    check(&format!("-----BEGIN PRIVATE KEY-----\nnothing here\n{LINE}"), &[]);
}

#[test]
fn what_a_redaction_left_is_no_value() {
    check("| Legal Name | SSN |\n|---|---|\n| <PERSON_1> | <US_SSN_2> |\nLegal Name:\n<PERSON_1>", &[]);
}

#[test]
fn the_state_is_of_bounded_size() {
    let mut state = BlockState::default();
    for at in 0..2_000 {
        let cells = (0..=at % 700).map(|n| format!("Legal Name{}", n % 9)).collect::<Vec<_>>().join(" | ");
        feed(&mut state, &format!("| {cells} |"));
        feed(&mut state, &"x".repeat(at * 10));
        assert!(state.size_bytes() < 64 << 10);
    }
}

const PIECES: [&str; 24] = [
    "| Legal Name | SSN |",
    "|---|---|",
    "| Zxq Vrbl | x1 |",
    "",
    "Legal Name:",
    "  Zxq Vrbl",
    "- name: Last Name",
    "  value: Vrbl",
    "Best regards,",
    "Zxq Vrbl",
    "Am Alten Markt 7",
    "00000 Zxqstadt",
    "Employee ID,Last Name",
    "qx7,Vrbl",
    "Locator: getByLabel('Legal Name')",
    "Expected: \"Foo Bar\"",
    "Tel. 0228 555 0142",
    "HR Manager",
    "2024-01-31 12:00:00 INFO done",
    "Last Name   Employee ID",
    "Vrbl   qx7",
    "Home Address:",
    "Deutschland",
    "- a",
];

proptest! {
    #[test]
    fn nothing_depends_on_where_a_text_is_cut(lines in proptest::collection::vec(0..PIECES.len(), 1..40), cut in 0usize..40) {
        let all = |cut: Option<usize>| {
            let mut state = BlockState::default();
            let mut found = Vec::new();
            for (at, &line) in lines.iter().enumerate() {
                if cut == Some(at) {
                    // What a second worker gets is a copy of the state.
                    state = state.clone();
                }
                found.push(feed(&mut state, PIECES[line]));
            }
            found
        };
        prop_assert_eq!(all(Some(cut)), all(None));
    }

    #[test]
    fn any_lines_are_read_without_panic(lines in proptest::collection::vec("[ |,;:\t\"'(){}+A-Za-z0-9äÖ│─\\-]{0,40}", 0..12)) {
        let mut state = BlockState::default();
        for line in &lines {
            for candidate in feed(&mut state, line).0 {
                prop_assert!(line.get(candidate.start..candidate.end).is_some_and(|value| !value.is_empty()));
            }
        }
    }
}

#[test]
fn names_in_parts_are_read_over_several_lines() {
    check("name:\n  first: Brannoc\n  last: Tewfik", &["PERSON Brannoc", "PERSON Tewfik"]);
    check(
        "{\n  \"name\": {\n    \"first\": \"Brannoc\",\n    \"last\": \"Tewfik\"\n  }",
        &["PERSON Brannoc", "PERSON Tewfik"],
    );
    check("manager:\n  id: 4\n  descriptor: Ysolde Wetherbeet", &["PERSON Ysolde Wetherbeet"]);
    check("location:\n  descriptor: Ysolde Wetherbeet", &[]);
    check("range:\n  first: Monday\n  last: Friday", &[]);
    check("page:\n  first: Alpha", &[]);
}

#[test]
fn a_heading_alone_on_its_line_counts_over_a_telling_value() {
    check("Account: 000123456789", &["BANK_ACCOUNT 000123456789"]);
    check("Base: 85003", &["COMPENSATION 85003"]);
    check("User: hquist", &["USER_NAME hquist"]);
    check("File Number: 048812", &["EMPLOYEE_ID 048812"]);
    for line in
        ["User: root", "Base: 1024", "First: Alpha", "Level: 3", "Union: all", "base: 85003", "File: a.csv"]
    {
        check(line, &[]);
    }
}

#[test]
fn headings_that_are_words_make_tables() {
    check(
        "First,Last,Base,Grade\nBrannoc,Tewfik,85003,M3",
        &["PERSON Brannoc", "PERSON Tewfik", "COMPENSATION 85003", "COMPENSATION M3"],
    );
    check("Seq,SIN\n1,123456782", &["CA_SIN 123456782"]);
    check("Branch | Base | Target\nmain | 12345 | dev", &[]);
    check("USER       PID %CPU COMMAND\nhquist     12  0.1  bash", &[]);
    check(
        "Name | Disability Status | Veteran\nZxq Vrbl | Yes | No",
        &["PERSON Zxq Vrbl", "DISABILITY Yes", "MILITARY_SERVICE No"],
    );
}
