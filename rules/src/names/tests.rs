//! The finder on sentences of every kind, and on lines that hold no name.

use super::Cue;
use super::NameFinder;
use super::table::{Class, Table};
use crate::{Candidate, RuleSet};
use proptest::prelude::*;

const FOUND: f32 = 0.5;

fn finder() -> NameFinder {
    NameFinder::new(&RuleSet::load(&[]).expect("an empty set"))
}

fn names<'t>(finder: &NameFinder, text: &'t str) -> Vec<&'t str> {
    let mut out: Vec<Candidate> = Vec::new();
    finder.find(text, None, 0, &mut out);
    out.retain(|c| c.score >= FOUND);
    out.sort_by_key(|c| (c.start, std::cmp::Reverse(c.end)));
    out.iter().map(|c| &text[c.start..c.end]).collect()
}

#[test]
fn names_are_found_by_what_stands_around_them() {
    let finder = finder();
    for (text, expected) in [
        ("Dear Ms. Okafor, your request was received", "Okafor"),
        ("Sehr geehrter Herr Müller,", "Müller"),
        ("je m'appelle Zoë", "Zoë"),
        ("My name is Qalvinda", "Qalvinda"),
        ("Ich heiße Tolvik Brandelmo.", "Tolvik Brandelmo"),
        ("Approved by Jonas van der Berg (21072)", "Jonas van der Berg"),
        ("the leave of Tomás Núñez was approved", "Tomás Núñez"),
        ("reported by JAMES OKONKWO", "JAMES OKONKWO"),
        ("Zabrik Toluvan <zabrik.toluvan@example.org>", "Zabrik Toluvan"),
        ("my daughter Qalvinda starts school", "Qalvinda"),
        ("Dr. Jane A. Doe", "Jane A. Doe"),
        ("spoke with Mr O'Brien", "O'Brien"),
        ("Hernandez-Lopez, Lucia", "Hernandez-Lopez, Lucia"),
        ("Best regards,\nInes Keller", "Ines Keller"),
        ("follow up with patricia keller today", "patricia keller"),
        ("von Katharina Weber genehmigt", "Katharina Weber"),
        ("this was sent to the Jane Keller of your team", "Jane Keller"),
        ("Mr. Okonkwo in HR", "Okonkwo"),
        ("entregado a Zabrik Toluvan ayer", "Zabrik Toluvan"),
        ("Okonkwo's formula for the bonus was approved", "Okonkwo"),
        ("we moved Okonkwo's vacation request to May", "Okonkwo"),
    ] {
        assert!(names(&finder, text).contains(&expected), "{text}: {:?}", names(&finder, text));
    }
}

#[test]
fn parts_of_a_name_are_found_again_in_the_same_text() {
    let found = names(&finder(), "Qalvinda M. Ibragimova resigned. We miss Qalvinda already.");
    assert_eq!(found, ["Qalvinda M. Ibragimova", "Qalvinda"]);
}

#[test]
fn words_of_programs_and_reports_stay() {
    let finder = finder();
    for text in [
        "Cost Center Summary by Supervisory Organization",
        "Grant Access to Mark Complete",
        "\tat org.example.jackson.ObjectMapper.readValue(ObjectMapper.java:42)",
        "2024-03-01 INFO Tomcat started on port 8080",
        "impl Martin for Jones<Vec<Maria>> { fn Anna() {} }",
        "Monday, March 3, New York",
        "Hello World",
        "Location San Francisco",
        "SELECT NAME FROM WORKERS",
        "/srv/Maria/Documents/Report.pdf",
        "return{name:\"Kotlin\",aliases:[\"kt\"]}",
        "{\"name\": \"Zabrikflow\", \"version\": \"1.0\"}",
        "We use the degree-7 Taylor approximation",
        "Construct a Ttk Combobox widget with the parent",
        "Represents a Ceph Filesystem mount on the host",
        "WHERE COL IN (1, 2)",
        "removes the named Dockerfile from the list",
        "computes Okonkwo's correlation coefficient of two inputs",
        "Cool, what's the address?",
        "<Maria>x</Maria> \"Anna\": 1",
    ] {
        assert!(names(&finder, text).is_empty(), "{text}: {:?}", names(&finder, text));
    }
}

#[test]
fn common_words_are_no_telling_parts() {
    let finder = finder();
    assert!(finder.is_telling_part("Okonkwo") && finder.is_telling_part("Núñez"));
    for word in ["May", "Long", "Price", "Ann", "Payroll", "complicated"] {
        assert!(!finder.is_telling_part(word), "{word}");
    }
}

#[test]
fn a_token_tells_whether_its_line_is_worth_a_visit() {
    let finder = finder();
    assert!(
        finder.cue(b"Maria") == Cue::Strong
            && finder.cue(b"OKONKWO") == Cue::Strong
            && finder.cue(b"Dear") == Cue::Strong
    );
    assert_eq!(
        (finder.cue(b"Zabrik"), finder.cue(b"zabrik"), finder.cue(b"ZABRIK")),
        (Cue::Weak, Cue::None, Cue::None)
    );
    for sentence in ["my daughter", "name: ", "can you", "is from "] {
        assert!(NameFinder::cues().contains(&sentence), "{sentence}");
    }
    assert!(finder.cue(b"completed") != Cue::Strong && finder.cue(b"ObjectMapper") != Cue::Strong);
}

#[test]
fn a_cell_under_a_heading_of_people_is_a_name() {
    let finder = finder();
    let mut out = Vec::new();
    finder.find("Zabrik Toluvan", Some("contact"), 0, &mut out);
    assert!(out.iter().any(|c| (c.start, c.end) == (0, 14) && c.score >= FOUND));
}

/// Strong names of five letters and more with the wanted flag, but not the other one.
fn listed(want: u16) -> Vec<String> {
    let table = Table::new();
    let mut found = Vec::new();
    super::table::each_name(|word| {
        let class = table.class(word);
        let rival = !(Class::GIVEN | Class::FAMILY);
        if word.len() > 4 && class.strong() && class.any(want) && !class.any(rival) {
            let (head, tail) = word.split_at(1);
            found.push(format!("{}{tail}", head.to_ascii_uppercase()));
        }
    });
    found
}

proptest! {
    #[test]
    fn planted_names_are_found_with_their_exact_spans(given in 0usize..1 << 20, family in 0usize..1 << 20, kind in 0usize..8) {
        static LISTS: std::sync::OnceLock<(Vec<String>, Vec<String>, NameFinder)> = std::sync::OnceLock::new();
        let (givens, families, finder) =
            LISTS.get_or_init(|| (listed(Class::GIVEN), listed(Class::FAMILY), finder()));
        let (given, family) = (&givens[given % givens.len()], &families[family % families.len()]);
        let name = match kind {
            0..=2 => format!("{given} {family}"),
            3 => format!("{given} Q. {family}"),
            4 => format!("{given} van der {family}"),
            5 => format!("{} {}", given.to_uppercase(), family.to_uppercase()),
            6 => given.clone(),
            _ => family.clone(),
        };
        let text = match kind {
            0 => format!("Dear {name}, your request was received"),
            1 => format!("the request was approved by {name} today"),
            2 => format!("{name} said nothing"),
            6 => format!("my name is {name}."),
            7 => format!("please ask Mrs. {name} about it"),
            _ => format!("we spoke to {name} yesterday"),
        };
        prop_assert!(names(finder, &text).contains(&name.as_str()), "{text}: {:?}", names(finder, &text));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,80}") {
        let _ = names(&finder(), &text);
    }
}
