//! What the tests of streams, elements and threads share: the shipped recognizers, and texts with values in them.

use super::Scanner;
use super::tests::shipped;
use proptest::prelude::*;
use std::sync::LazyLock;

/// A value, the text before and behind it, and its entity.
pub(super) const PLANTED: [(&str, &str, &str, &str); 10] = [
    ("Employee ID: ", "21072", " loaded", "EMPLOYEE_ID"),
    ("ssn=", "078-05-1120", "", "US_SSN"),
    ("mail to ", "jane.doe@example.org", ", again", "EMAIL_ADDRESS"),
    ("payment election iban=", "DE89370400440532013000", " ok", "IBAN_CODE"),
    ("login: username=svc password=", "hJ3kd9QpLw0ZxV1m", "", "PASSWORD"),
    ("Employee Name: ", "Jane Doe", "", "PERSON"),
    ("Worker: ", "Zoë Müller-Lüdenscheidt", "", "PERSON"),
    ("{\"lastName\":\"", "Żółćkowska", "\"}", "PERSON"),
    ("Home Address: ", "12 Example Street, Springfield, IL 62701", "", "STREET_ADDRESS"),
    ("from ", "192.0.2.17", " port 22", "IP_ADDRESS"),
];

/// Bytes that are not UTF-8: none of its own, the beginning of a character, the rest of one, Latin-1.
pub(super) const FOREIGN: [&[u8]; 7] =
    [b"\xff", b"\xc3", b"\x80", b"\x80\x80\x80\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xfc\xe4"];

/// The shipped recognizers, as the product compiles them.
pub(super) fn scanner() -> &'static Scanner {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(|| shipped(0.5));
    &SCANNER
}

/// Parts of lines: values with what names them, harmless words, characters of many bytes, long runs.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(&PLANTED[..]).prop_map(|(before, value, behind, _)| format!("{before}{value}{behind}")),
        2 => "[a-z]{1,8}( [a-zA-Z0-9=:/.]{1,8}){0,4}",
        1 => "[äß€😀é\u{1a}\t\"{},;']{1,6}",
        1 => (1_usize..300, "[a-z0-9 é]").prop_map(|(count, unit)| unit.repeat(count)),
    ]
}

/// Parts with what stands between them.
pub(super) fn text() -> impl Strategy<Value = String> {
    let between = proptest::sample::select(&["\n", "\n", "\r\n", " ", "; ", ", ", "", "\n\n"][..]);
    proptest::collection::vec((part(), between), 0..12)
        .prop_map(|parts| parts.into_iter().flat_map(|(part, between)| [part, between.to_owned()]).collect())
}

/// A text with some bytes in it that are not UTF-8, by place and kind.
pub(super) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let foreign = proptest::sample::select(&FOREIGN[..]);
    (text(), proptest::collection::vec((any::<proptest::sample::Index>(), foreign), 0..4)).prop_map(
        |(text, foreign)| {
            let mut bytes = text.into_bytes();
            for (at, what) in foreign {
                let at = at.index(bytes.len() + 1);
                bytes.splice(at..at, what.iter().copied());
            }
            bytes
        },
    )
}
