//! The labels that are shipped, in every form they are written in, and what counts as their value.

use super::marks::marks_before;
use super::*;
use crate::RuleSource;
use std::sync::OnceLock;

pub(super) fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/recognizers");
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the recognizers are there") {
            let path = entry.expect("readable").path();
            files.push((path.display().to_string(), std::fs::read_to_string(&path).expect("readable")));
        }
        files.sort();
        let sources: Vec<_> = files.iter().map(|(name, text)| RuleSource { name, text }).collect();
        RuleSet::load(&sources).unwrap_or_else(|errors| panic!("{}", errors[0]))
    })
}

pub(super) fn lexicon() -> &'static LabelLexicon {
    static LEXICON: OnceLock<LabelLexicon> = OnceLock::new();
    LEXICON.get_or_init(|| LabelLexicon::new(rules()))
}

pub(super) fn found(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    lexicon().scan(text, &mut out);
    let mut spans: Vec<_> = out.iter().map(|c| (c.start, c.end)).collect();
    spans.sort_unstable();
    spans.dedup();
    spans.iter().map(|&(start, end)| &text[start..end]).collect()
}

#[test]
fn headings_are_normalised() {
    for (raw, expected) in [
        ("wd:Legal_Name", "legal name"),
        ("lastName", "last name"),
        ("Total Base Pay - Amount*", "total base pay amount"),
        ("Bonus Target - Local Currency (USD)", "bonus target local currency"),
        ("Prénom :", "prenom"),
        ("Annual Bonus Target %", "annual bonus target %"),
    ] {
        assert_eq!(normalise_label(raw), expected);
    }
}

#[test]
fn behind_a_label_nobody_mistakes_any_look_will_do() {
    for (text, expected) in [
        ("Employee ID: jdoe", "jdoe"),
        ("Employee ID: jdoe logged in", "jdoe"),
        ("Worker ID: ABC", "ABC"),
        ("2026-01-02 INFO employeeId=jdoe action=view", "jdoe"),
        ("worker_id: abc-x", "abc-x"),
        ("employee-id=ABC", "ABC"),
        ("National ID: ABCDEFG", "ABCDEFG"),
        ("Passport Number: XQZ", "XQZ"),
        ("Mitarbeiternummer: abc", "abc"),
        ("Badge Number: 7", "7"),
        ("numéro de matricule : abcx", "abcx"),
        ("{\"matricule\": abcx}", "abcx"),
        ("{\"national_id\":\"ABCDEFG\"}", "ABCDEFG"),
        ("<employeeId>jdoe</employeeId>", "jdoe"),
        ("INSERT INTO w (employee_id) VALUES ('jdoe')", "jdoe"),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
}

#[test]
fn states_prose_types_and_references_are_no_values() {
    for text in [
        "Employee ID: missing",
        "Employee ID: is not set",
        "please check the employee id: this field cannot be empty",
        "Employee ID: N/A",
        "employee_id: str",
        "employeeId: EmployeeId,",
        "employee_id = row.id",
        "employee_id = current",
        "employee_id=emp_id",
        "employee_id: employee_id",
        "Worker ID: not found",
        "worker_id=3",
        "National ID: required",
        "National ID: pending",
        "Personalnummer: fehlt",
        "Work phone: mobile",
        "matricule: inconnu",
        "{\"employee_id\": None}",
        "Employee ID: Name:",
        "address: addr,",
        "wheel_zip: ZipFile,",
        "potential_id: ItemId,",
        "conn, address = sock.accept()",
        "address = status",
        "const zip = (a, b) => a",
        "address: A string or integer representing the network",
        "def send(sock, address=None):",
        "address = 'http://' + host",
        "'.zip': 'application/zip',",
        "Address: newNodeOpts.Addr,",
        "username = password = None",
        "creds.username = userReg",
        "`Username:` + fmt.Sprintf(\"%v\", this.Username) + `,`,",
        "s = append(s, \"Username: \"+fmt.Sprintf(\"%#v\", this.Username)+\",\")",
        "\"username\": \"The name that uniquely identifies this user among all others\",",
        "full_name = \"%s.%s\" % (one, two)",
        "self.apps[app.application_id] = app",
        "inn = 'in'",
        "netlabel.MacAddress: mac,",
        "static ref USERNAME: Regex = Regex::new(\"x\");",
        "const char *username = path + 1;",
        "address = nameserver + \"/32\"",
        "env = append(env, \"WORKERS=\"+string(dt))",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn beside_what_programs_write_real_values_are_found() {
    for (text, expected) in [
        (
            "Address: 12 Example Street in the old part of Sampleton",
            "12 Example Street in the old part of Sampleton",
        ),
        ("home_address = \"The Old Mill, Sampleton\"", "The Old Mill, Sampleton"),
        ("username = jane.doe", "jane.doe"),
        ("username=janeDoe", "janeDoe"),
        ("echo 'Password: ' hunter2", "hunter2"),
        (
            "Address: the old mill at the end of the road in sampleton",
            "the old mill at the end of the road in sampleton",
        ),
        (
            "home_address = \"Flat above the bakery at the end of the long road\"",
            "Flat above the bakery at the end of the long road",
        ),
        ("msg=\"user name: \"jdoe\" is locked\"", "jdoe"),
        ("'password': 'hunter2', 'x': 1", "hunter2"),
        ("User Name: jDoe", "jDoe"),
        ("full_name=\"Jane Doe\"", "Jane Doe"),
        ("inn: 7707083893", "7707083893"),
        ("mac_address: aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
        ("print('Username:', 'x'); username='jdoe'", "jdoe"),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
}

/// A label in the forms in which keys, headings and forms write it.
fn written(label: &str) -> Vec<String> {
    let words: Vec<String> = label.split(' ').map(str::to_owned).collect();
    let capital = |word: &String| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    let pascal: Vec<String> = words.iter().map(capital).collect();
    let camel = words[0].clone() + &pascal[1..].concat();
    vec![
        label.to_owned(),
        label.to_uppercase(),
        pascal.join(" "),
        pascal.concat(),
        camel,
        words.join("_"),
        words.join("_").to_uppercase(),
        words.join("-"),
        words.join("."),
        pascal.join("_"),
        words.concat(),
        format!("wd:{}", pascal.join("_")),
        format!("the {label}"),
        format!("employee.{}", words.join("_")),
        format!("{label} *"),
        format!("{label} (legal)"),
        format!("{label} [1]"),
        format!("{} value", label),
        format!("{}_id_text", words.join("_")),
    ]
}

#[test]
fn the_quick_look_rejects_nothing_that_lookup_accepts() {
    let lexicon = lexicon();
    let mut accepted = 0;
    for recognizer in rules().recognizers() {
        for label in recognizer.syntax.labels.iter().flat_map(|l| [l.clone(), normalise_label(l)]) {
            for form in written(&label) {
                // What `lookup` says without its own quick look.
                let normal = normalise_label(&form);
                let slow = lexicon.lookup_words(&normal);
                assert_eq!(lexicon.lookup_label(&form), slow.filter(|_| form.len() <= 120), "{form}");
                if slow.is_none() || form.len() > LABEL_BYTES_MAX {
                    continue;
                }
                for text in [
                    format!("{form}: x"),
                    format!("{form} = x"),
                    format!("\"{form}\": \"x\""),
                    format!("\\\"{form}\\\":\\\"x\\\""),
                    format!("'{form}' => 'x'"),
                    format!("a=1&{form}=x"),
                    format!("{form}\tx"),
                    format!("Worker({form}=x)"),
                    format!("**{form}**: x"),
                ] {
                    let at = text.match_indices([':', '=', '\t']).map(|(at, _)| at);
                    let behind = text.find(form.as_str()).map_or(0, |at| at + form.len());
                    let at = at.into_iter().find(|&at| at >= behind).expect("a separator");
                    assert!(
                        quick_end(text.as_bytes(), at, |bytes, end| lexicon.quick.may_end_label(bytes, end))
                            .is_some(),
                        "{text}"
                    );
                    accepted += 1;
                }
            }
        }
    }
    assert!(accepted > 10_000, "{accepted}");
}

proptest::proptest! {
    #[test]
    fn the_quick_label_is_the_one_that_is_looked_up(picks in proptest::collection::vec((0usize..10_000, 0usize..17), 1..9)) {
        const MARKS: [&str; 17] = [" [x-1] ", " (y) ", "(z)", " ", " ", "_", "-", "", ".", "  ", "\"", ", ", "(", "[", "'", ") ", "/"];
        const WORDS: [&str; 16] = [
            "id", "local", "currency", "amount", "1", "full", "name", "Name", "file", "d'identité", "%", "x9", "Ms", "USD",
            "value", "number",
        ];
        let lexicon = lexicon();
        let labels: Vec<&String> = rules().recognizers().iter().flat_map(|r| &r.syntax.labels).collect();
        let mut text = String::new();
        for (word, mark) in picks {
            let word = if word % 3 == 0 { WORDS[word % WORDS.len()] } else { labels[word % labels.len()] };
            text.push_str(word);
            text.push_str(MARKS[mark]);
        }
        let at = text.len();
        text.push_str(": x");
        let end = marks_before(text.as_bytes(), at);
        let closed = text[end..at].contains([')', ']']);
        if let (Ok(quick), false) = (lexicon.quick.label(text.as_bytes(), end), closed) {
            proptest::prop_assert_eq!(quick, lexicon.label_before(&text, at, end), "{}", text);
        }
    }
}

/// Headings of HR systems and forms, by language, and what they say.
const ENGLISH: &[(&str, &str)] = &[
    ("Legal Name", "PERSON"),
    ("Preferred Name", "PERSON"),
    ("Last Name", "PERSON"),
    ("First Name", "PERSON"),
    ("Worker", "PERSON"),
    ("Manager", "PERSON"),
    ("Emergency Contact", "PERSON"),
    ("Employee ID", "EMPLOYEE_ID"),
    ("Worker ID", "EMPLOYEE_ID"),
    ("Date of Birth", "DATE_OF_BIRTH"),
    ("Birth Date", "DATE_OF_BIRTH"),
    ("Work Email", "EMAIL_ADDRESS"),
    ("Home Phone", "PHONE_NUMBER"),
    ("Mobile Phone", "PHONE_NUMBER"),
    ("Home Address", "STREET_ADDRESS"),
    ("Postal Code", "STREET_ADDRESS"),
    ("City", "STREET_ADDRESS"),
    ("Social Security Number", "US_SSN"),
    ("Passport Number", "PASSPORT"),
    ("National ID", "NATIONAL_ID"),
    ("IBAN", "IBAN_CODE"),
    ("Base Salary", "COMPENSATION"),
    ("Annual Salary", "COMPENSATION"),
    ("Gender", "GENDER"),
    ("Nationality", "NATIONALITY"),
    ("Citizenship", "NATIONALITY"),
    ("Marital Status", "MARITAL_STATUS"),
    ("Religion", "RELIGION"),
    ("Ethnicity", "ETHNICITY"),
    ("Performance Rating", "PERFORMANCE_RATING"),
    ("Termination Reason", "TERMINATION_REASON"),
    ("Disability Status", "DISABILITY"),
    ("Visa Status", "IMMIGRATION_STATUS"),
    ("User Name", "USER_NAME"),
];
const GERMAN: &[(&str, &str)] = &[
    ("Vorname", "PERSON"),
    ("Nachname", "PERSON"),
    ("Name des Mitarbeiters", "PERSON"),
    ("Vorgesetzter", "PERSON"),
    ("Notfallkontakt", "PERSON"),
    ("Ansprechpartner", "PERSON"),
    ("Personalnummer", "EMPLOYEE_ID"),
    ("Mitarbeiter-Nr.", "EMPLOYEE_ID"),
    ("Geburtsdatum", "DATE_OF_BIRTH"),
    ("E-Mail-Adresse", "EMAIL_ADDRESS"),
    ("Telefon", "PHONE_NUMBER"),
    ("Telefonnummer", "PHONE_NUMBER"),
    ("Handynummer", "PHONE_NUMBER"),
    ("Mobilnummer", "PHONE_NUMBER"),
    ("Anschrift", "STREET_ADDRESS"),
    ("Straße", "STREET_ADDRESS"),
    ("PLZ", "STREET_ADDRESS"),
    ("Wohnort", "STREET_ADDRESS"),
    ("Reisepassnummer", "PASSPORT"),
    ("Sozialversicherungsnummer", "DE_SOCIAL_SECURITY"),
    ("Steuer-ID", "DE_TAX_ID"),
    ("Gehalt", "COMPENSATION"),
    ("Bruttogehalt", "COMPENSATION"),
    ("Jahresgehalt", "COMPENSATION"),
    ("Geschlecht", "GENDER"),
    ("Staatsangehörigkeit", "NATIONALITY"),
    ("Familienstand", "MARITAL_STATUS"),
    ("Konfession", "RELIGION"),
    ("Kündigungsgrund", "TERMINATION_REASON"),
    ("Austrittsgrund", "TERMINATION_REASON"),
    ("Schwerbehinderung", "DISABILITY"),
    ("Leistungsbeurteilung", "PERFORMANCE_RATING"),
    ("Benutzername", "USER_NAME"),
    ("Aufenthaltstitel", "IMMIGRATION_STATUS"),
];
const FRENCH: &[(&str, &str)] = &[
    ("Nom", "PERSON"),
    ("Prénom", "PERSON"),
    ("Nom de famille", "PERSON"),
    ("Nom complet", "PERSON"),
    ("Supérieur hiérarchique", "PERSON"),
    ("Salarié", "PERSON"),
    ("Contact d'urgence", "PERSON"),
    ("Matricule", "EMPLOYEE_ID"),
    ("Date de naissance", "DATE_OF_BIRTH"),
    ("Adresse e-mail", "EMAIL_ADDRESS"),
    ("Courriel", "EMAIL_ADDRESS"),
    ("Téléphone", "PHONE_NUMBER"),
    ("Téléphone portable", "PHONE_NUMBER"),
    ("Numéro de téléphone", "PHONE_NUMBER"),
    ("Adresse", "STREET_ADDRESS"),
    ("Adresse postale", "STREET_ADDRESS"),
    ("Code postal", "STREET_ADDRESS"),
    ("Ville", "STREET_ADDRESS"),
    ("Numéro de passeport", "PASSPORT"),
    ("Numéro de sécurité sociale", "FR_NIR"),
    ("Salaire", "COMPENSATION"),
    ("Salaire de base", "COMPENSATION"),
    ("Salaire annuel", "COMPENSATION"),
    ("Sexe", "GENDER"),
    ("Genre", "GENDER"),
    ("Nationalité", "NATIONALITY"),
    ("Situation familiale", "MARITAL_STATUS"),
    ("Situation matrimoniale", "MARITAL_STATUS"),
    ("Motif de départ", "TERMINATION_REASON"),
    ("Motif de licenciement", "TERMINATION_REASON"),
    ("Nom d'utilisateur", "USER_NAME"),
    ("Titre de séjour", "IMMIGRATION_STATUS"),
    ("Handicap", "DISABILITY"),
];
const SPANISH: &[(&str, &str)] = &[
    ("Nombre", "PERSON"),
    ("Apellidos", "PERSON"),
    ("Nombre completo", "PERSON"),
    ("Empleado", "PERSON"),
    ("Jefe directo", "PERSON"),
    ("Contacto de emergencia", "PERSON"),
    ("Número de empleado", "EMPLOYEE_ID"),
    ("Fecha de nacimiento", "DATE_OF_BIRTH"),
    ("Correo electrónico", "EMAIL_ADDRESS"),
    ("Teléfono", "PHONE_NUMBER"),
    ("Teléfono móvil", "PHONE_NUMBER"),
    ("Número de teléfono", "PHONE_NUMBER"),
    ("Dirección", "STREET_ADDRESS"),
    ("Domicilio", "STREET_ADDRESS"),
    ("Código postal", "STREET_ADDRESS"),
    ("Ciudad", "STREET_ADDRESS"),
    ("Número de pasaporte", "PASSPORT"),
    ("DNI", "ES_NIF"),
    ("NIE", "ES_NIE"),
    ("Número de la seguridad social", "ES_NSS"),
    ("Salario", "COMPENSATION"),
    ("Salario base", "COMPENSATION"),
    ("Salario anual", "COMPENSATION"),
    ("Sexo", "GENDER"),
    ("Género", "GENDER"),
    ("Nacionalidad", "NATIONALITY"),
    ("Estado civil", "MARITAL_STATUS"),
    ("Motivo de baja", "TERMINATION_REASON"),
    ("Motivo de despido", "TERMINATION_REASON"),
    ("Nombre de usuario", "USER_NAME"),
    ("Discapacidad", "DISABILITY"),
    ("Permiso de residencia", "IMMIGRATION_STATUS"),
];

#[test]
fn usual_headings_are_known_in_four_languages() {
    let mut wrong = Vec::new();
    for (heading, entity) in [ENGLISH, GERMAN, FRENCH, SPANISH].concat() {
        let said = lexicon().lookup(heading).map(|hit| rules().entity_name(hit.entity));
        if said != Some(entity) {
            wrong.push(format!("{heading}: {said:?}, not {entity}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_that_say_there_is_none_stay() {
    for text in [
        "Passport number: pending",
        "Passport number: N/A",
        "Employee ID: TBD",
        "SSN: none",
        "Legal Name: Unknown",
        "Manager: To be determined",
        "Reisepassnummer: ausstehend",
        "Personalnummer: keine",
        "Nachname: Unbekannt",
        "Geburtsdatum: nicht angegeben",
        "Numéro de passeport : néant",
        "Matricule : en attente",
        "Nom de famille : Inconnu",
        "Número de pasaporte: pendiente",
        "Apellidos: Desconocido",
        "DNI: no consta",
        "Passport number: (none)",
        "passport_number=unknown",
        "\"passportNumber\": \"pending\"",
        "Passport number: required",
        "POSTAL_CODE: \"postalCode\"",
        "SURNAME: \"surname\"",
        "username: Unicode text of the user",
        "address: CFDataRef) -> CFSocketError",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
    for (text, value) in [
        ("Passport number: pendragon7", "pendragon7"),
        ("Legal Name: Nonette Unknownson", "Nonette Unknownson"),
        ("username: zxq logged in", "zxq"),
    ] {
        assert_eq!(found(text), [value]);
    }
}
