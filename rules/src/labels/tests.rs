//! The labels that are shipped, in every form they are written in, and what counts as their value.

use super::*;
use crate::RuleSource;
use std::sync::OnceLock;

fn rules() -> &'static RuleSet {
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

fn lexicon() -> &'static LabelLexicon {
    static LEXICON: OnceLock<LabelLexicon> = OnceLock::new();
    LEXICON.get_or_init(|| LabelLexicon::new(rules()))
}

fn found(text: &str) -> Vec<&str> {
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
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
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
                assert_eq!(lexicon.lookup(&form), slow.filter(|_| form.len() <= 120), "{form}");
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
        if let Some(quick) = lexicon.quick.label(text.as_bytes(), end).filter(|_| !closed) {
            proptest::prop_assert_eq!(quick, lexicon.label_before(&text, at, end), "{}", text);
        }
    }
}
