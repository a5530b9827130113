//! Values are found in every dress: a test over the whole detector, no code of its own.

use super::base64;
use super::samples::detector;
use super::text::Detector;
use custody_rules::ValueIndex;
use proptest::prelude::*;
use std::fmt::Write;

const EMAIL: &str = r#"
id = "email"
entity = "EMAIL_ADDRESS"
description = "addresses"
source = "test"
patterns = [{ name = "plain", regex = '\b[a-z0-9.+-]+@[a-z0-9.-]+\.[a-z]{2,}', score = 0.9 }]
positive = [{ text = "a@b.cc", find = "a@b.cc" }, { text = "a@b.cd", find = "a@b.cd" }, { text = "a@b.ce", find = "a@b.ce" }]
negative = ["a", "b"]
"#;

fn bytes(value: &str, mut write: impl FnMut(&mut String, u8)) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        write(&mut out, byte);
        out
    })
}

fn chars(value: &str, mut write: impl FnMut(&mut String, char)) -> String {
    value.chars().fold(String::new(), |mut out, c| {
        write(&mut out, c);
        out
    })
}

/// A value in every dress: as it is, and escaped in part or as a whole.
fn dresses(value: &str) -> Vec<String> {
    let percent = |out: &mut String, b: u8| {
        let plain = b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        _ = if plain { write!(out, "{}", char::from(b)) } else { write!(out, "%{b:02X}") };
    };
    let quoted = |out: &mut String, b: u8| {
        let plain = b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        _ = if plain { write!(out, "{}", char::from(b)) } else { write!(out, "={b:02X}") };
    };
    let json = |out: &mut String, c: char| {
        _ = if c.is_ascii_alphanumeric() { write!(out, "{c}") } else { write!(out, "\\u{:04x}", c as u32) };
    };
    let html = |out: &mut String, c: char| {
        _ = if c.is_ascii_alphanumeric() { write!(out, "{c}") } else { write!(out, "&#{};", c as u32) };
    };
    vec![
        value.to_owned(),
        bytes(value, percent),
        bytes(value, |out, b| _ = write!(out, "%{b:02x}")),
        bytes(&bytes(value, percent), percent),
        bytes(value, quoted),
        chars(value, json),
        chars(value, html),
        chars(value, |out, c| _ = write!(out, "&#x{:x};", c as u32)),
        base64::encode(value),
        base64::encode(&chars(value, json)),
    ]
}

fn found(detector: &Detector, line: &str) -> Vec<String> {
    let spans = detector.text(line, None, &mut detector.scratch());
    spans.iter().map(|span| line[span.start..span.end].to_owned()).collect()
}

proptest! {
    #[test]
    fn every_dress_of_a_value_is_found_where_it_stands(
        name in "[a-z]{4,9}",
        site in "[a-z]{4,9}",
        before in "[a-z]{0,5}[ :(]{1,2}",
        after in "[ ,)][a-z ]{0,9}",
    ) {
        let detector = detector(EMAIL);
        for dress in dresses(&format!("{name}.doe@{site}.example")) {
            let line = format!("{before}{dress}{after}");
            prop_assert_eq!(found(&detector, &line), [dress], "{}", line);
        }
    }

    #[test]
    fn a_value_of_the_bundle_is_found_in_every_dress(
        name in "[A-Z][a-z]{3,9} (Müller|Doe-Roe|O'Brien)",
        before in "[a-z]{0,5}[ :(]{1,2}",
        after in "[ ,)][a-z ]{0,9}",
    ) {
        let mut detector = detector(EMAIL);
        let mut builder = detector.value_builder();
        builder.add(&name, detector.ids().person, 1, 1);
        let mut values = ValueIndex::default();
        values.absorb(builder);
        detector.values = values;
        for dress in dresses(&name).into_iter().filter(|dress| dress.len() >= 16 || dress.contains(' ')) {
            let line = format!("{before}{dress}{after}");
            prop_assert_eq!(found(&detector, &line), [dress], "{}", line);
        }
    }
}

#[test]
fn a_value_is_found_in_bytes_that_are_no_text() {
    let mut detector = detector(EMAIL);
    let mut builder = detector.value_builder();
    builder.add("Jane Roe-Doe", detector.ids().person, 1, 1);
    let mut values = ValueIndex::default();
    values.absorb(builder);
    detector.values = values;
    // A length, the name, and three bytes that are no text; then the same one and two bytes later.
    for run in ["DEphbmUgUm9lLURvZQABAg", "AQxKYW5lIFJvZS1Eb2UAAQ", "AAEMSmFuZSBSb2UtRG9lAP8"] {
        let line = format!("blob {run} end");
        assert_eq!(found(&detector, &line).len(), 1, "{line}");
    }
}

#[test]
fn what_stands_encoded_in_one_line_is_known_in_the_others() {
    let mut detector = detector(EMAIL);
    let mut builder = detector.value_builder();
    let line = format!("sent {}", base64::encode("{\"to\":\"jane.doe@example.org\"}"));
    let spans = detector.text(&line, None, &mut detector.scratch());
    spans.iter().for_each(|span| detector.remember(span, &line[span.start..span.end], &mut builder));
    let mut values = ValueIndex::default();
    values.absorb(builder);
    detector.values = values;
    assert_eq!(found(&detector, "mail JANE.DOE(example.org) bounced"), ["JANE.DOE(example.org"]);
}
