//! The organisation's people beside the recognizers: what a text's shape tells of a roster is asked once, as
//! what it tells of patterns is.

use super::outline::Outline;
use super::shape::{Shapes, is_vague};
use super::{Scanner, Scratch};
use crate::{Candidate, Roster, RosterHit, RosterScratch};

/// A roster that is looked for while text is scanned.
#[derive(Debug)]
pub struct RosterPass<'a> {
    /// The people.
    pub roster: &'a Roster,
    /// What the thread needs for it.
    pub scratch: &'a mut RosterScratch,
    /// What was found is added here, as bytes of the text.
    pub hits: &'a mut Vec<RosterHit>,
}

impl Scanner {
    /// Does what [`Self::scan`] does, and [`Roster::find`].
    pub fn scan_with_roster(
        &self,
        (text, label): (&str, Option<&str>),
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
        people: &mut RosterPass<'_>,
    ) {
        let outline = self.scan_text(text, label, scratch, out);
        people.find((text, 0), outline.as_deref().map(|outline| (outline, &scratch.shapes)));
    }

    /// Does what [`Self::scan_lines`] does, and [`Roster::find`] for each line.
    pub fn scan_lines_with_roster(
        &self,
        text: &str,
        scratch: &mut Scratch,
        out: &mut Vec<Candidate>,
        people: &mut RosterPass<'_>,
    ) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            let outline = self.stretch((text, start, end), None, scratch, out);
            people.find(
                (&text[start..end], start),
                outline.as_deref().map(|outline| (outline, &scratch.shapes)),
            );
            start = end + 1;
        }
    }
}

impl RosterPass<'_> {
    /// `known`: what the text's shape tells, and the shapes, which have looked it up last.
    fn find(&mut self, (text, base): (&str, usize), known: Option<(&Outline, &Shapes)>) {
        let first = self.hits.len();
        let Self { roster, scratch, hits } = self;
        let places = known.map(|(outline, shapes)| {
            outline.people.get_or_init(|| (roster.id(), roster.places(shapes.shape(), is_vague, scratch)))
        });
        match places {
            Some((id, places)) if *id == roster.id() => roster.find_at((text, places), scratch, hits),
            _ => roster.find(text, scratch, hits),
        }
        for hit in &mut self.hits[first..] {
            hit.start += base;
            hit.end += base;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::scanner;
    use super::*;
    use crate::{RosterBuilder, RosterColumn};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// People whose values are easily taken for something else: hexadecimal numbers, times, words of any log.
    static ROSTER: LazyLock<Roster> = LazyLock::new(|| {
        let rules = scanner().rules();
        let id = RosterColumn::Id(rules.built_in_entity("EMPLOYEE_ID"));
        let columns = [
            ("Employee ID", Some(id)),
            ("First Name", Some(RosterColumn::GivenName)),
            ("Last Name", Some(RosterColumn::FamilyName)),
            ("Email", Some(RosterColumn::Email)),
            ("Phone", Some(RosterColumn::Phone)),
        ];
        let mut builder = RosterBuilder::new(&columns, rules, &[5; 32], [1; 16]).expect("columns");
        let rows = [
            ["900017", "Jane", "Doe", "jane.doe@example.org", "+1 (555) 010-0123"],
            ["ABCD-1234", "Abe", "Dade", "abe2@example.org", "206-555-0199"],
            ["E 77", "Page", "Read", "page7@example.org", "030 555 014 77"],
            ["20250610", "May", "Price", "may.price@example.org", "206-555-0142"],
        ];
        rows.iter().for_each(|row| builder.add(row, rules).expect("room"));
        let bytes = builder.finish().expect("a roster");
        Roster::from_bytes(bytes, &[5; 32], rules).expect("sound")
    });

    const FIXED: [&str; 14] = [
        "Jane",
        "Doe",
        "Abe",
        "Dade",
        "page",
        "Read",
        "May Price",
        "request",
        "E",
        "J.",
        "took",
        "worker",
        "ms",
        "Doe, Jane",
    ];
    const DIGITS: [&str; 14] = [
        "900017",
        "1234",
        "77",
        "2025-06-10",
        "2065550199",
        "206-555-0142",
        "(555) 010-0123",
        "+1 555 010 0123",
        "07:20:00.123",
        "1",
        "E77",
        "ABCD1234",
        "page7@example.org",
        "900018",
    ];
    const UUIDS: [&str; 4] = [
        "00900017-abcd-1234-0000-000000900017",
        "abcd1234-dade-4abe-8000-0123456789ab",
        "ABCD1234-0000-4000-8000-00000000DADE",
        "12345678-dade-abcd-1234-000000000077",
    ];
    const BETWEEN: [&str; 8] = [" ", " ", ", ", "=", ": ", "-", "/", "\t"];

    /// A line, and which of its bytes are digits of a hexadecimal number.
    fn line() -> impl Strategy<Value = (String, Vec<bool>)> {
        let part = prop_oneof![
            3 => proptest::sample::select(&FIXED[..]).prop_map(|text| (text, false)),
            3 => proptest::sample::select(&DIGITS[..]).prop_map(|text| (text, false)),
            1 => proptest::sample::select(&UUIDS[..]).prop_map(|text| (text, true)),
        ];
        proptest::collection::vec((part, proptest::sample::select(&BETWEEN[..])), 3..9).prop_map(|parts| {
            let (mut line, mut hex) = (String::new(), Vec::new());
            for ((text, is_hex), between) in parts {
                line.push_str(text);
                line.push_str(between);
                hex.extend(text.bytes().map(|byte| is_hex && byte != b'-'));
                hex.resize(line.len(), false);
            }
            (line, hex)
        })
    }

    /// A line of the same shape.
    fn like(line: &str, hex: &[bool], mut seed: u64) -> String {
        let capitals = line.contains("ABCD1234-0000");
        let mut next = |from: &[u8]| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(from[(seed >> 33) as usize % from.len()])
        };
        line.bytes()
            .zip(hex)
            .map(|(byte, &hex)| match byte {
                _ if hex && capitals && byte.is_ascii_uppercase() => next(b"ABCDEF0123456789"),
                _ if hex && !byte.is_ascii_uppercase() && !capitals => next(b"abcdef0123456789"),
                b'0'..=b'9' => next(b"0123456789"),
                byte => char::from(byte),
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn a_known_shape_hides_nobody((line, hex) in line(), seed: u64) {
            let (scanner, roster) = (scanner(), &*ROSTER);
            let (mut scratch, mut space) = (scanner.scratch(), RosterScratch::default());
            let (mut out, mut hits) = (Vec::new(), Vec::new());
            let others = (0..6).map(|turn| like(&line, &hex, seed ^ turn));
            for text in others.chain([line.clone(), like(&line, &hex, !seed)]) {
                out.clear();
                hits.clear();
                let mut people = RosterPass { roster, scratch: &mut space, hits: &mut hits };
                scanner.scan_with_roster((&text, None), &mut scratch, &mut out, &mut people);
                let (mut expected, mut plain) = (Vec::new(), Vec::new());
                roster.find(&text, &mut RosterScratch::default(), &mut expected);
                scanner.scan(&text, None, &mut scanner.scratch(), &mut plain);
                prop_assert_eq!(&hits, &expected, "{}", text);
                prop_assert_eq!(&out, &plain, "{}", text);
            }
        }
    }

    #[test]
    fn lines_of_a_buffer_are_those_of_each_alone() {
        let (scanner, roster) = (scanner(), &*ROSTER);
        let text: String =
            (0..12).map(|n| format!("2025-06-10T07:20:00.{n:03}Z worker {}\n", 900_010 + n)).collect();
        let (mut scratch, mut space) = (scanner.scratch(), RosterScratch::default());
        let (mut out, mut hits, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        let mut people = RosterPass { roster, scratch: &mut space, hits: &mut hits };
        scanner.scan_lines_with_roster(&text, &mut scratch, &mut out, &mut people);
        scanner.scan_lines(&text, &mut scratch, &mut plain);
        assert_eq!(out, plain);
        let spans: Vec<&str> = hits.iter().map(|hit| &text[hit.start..hit.end]).collect();
        assert_eq!(spans, ["900017"]);
    }

    #[test]
    fn another_roster_is_asked_anew() {
        let (scanner, rules) = (scanner(), scanner().rules());
        let of = |name: &str| {
            let columns = [Some(RosterColumn::GivenName), Some(RosterColumn::FamilyName)];
            Roster::build(&columns, &[vec![name.to_owned(), "Doe".to_owned()]], rules).expect("a roster")
        };
        let (mut scratch, mut space) = (scanner.scratch(), RosterScratch::default());
        let (one, two) = (of("Jane"), of("Joan"));
        for turn in 0..8 {
            for (roster, expected) in [(&one, 0), (&two, 1)] {
                let (mut out, mut hits) = (Vec::new(), Vec::new());
                let mut people = RosterPass { roster, scratch: &mut space, hits: &mut hits };
                let line = format!("request {turn} of Joan Doe");
                scanner.scan_with_roster((&line, None), &mut scratch, &mut out, &mut people);
                assert_eq!(hits.len(), expected, "{turn}");
            }
        }
    }
}
