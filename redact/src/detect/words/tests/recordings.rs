//! Words of made-up recordings: what is found on the frames on which nothing but its place tells what it is.

use super::*;
use crate::detect::samples::detector;

const BADGE: &str = r#"
id = "badge"
entity = "EMPLOYEE_ID"
description = "numbers of badges"
source = "test"
labels = ["badge number"]
patterns = [{ name = "plain", regex = 'ZZZ[0-9]{9}', score = 0.9 }]
positive = [{ text = "ZZZ123456789", find = "ZZZ123456789" }, { text = "ZZZ123456780", find = "ZZZ123456780" }, { text = "ZZZ123456781", find = "ZZZ123456781" }]
negative = ["a", "b"]
"#;

/// One word: text, left and top, line, first and last frame.
type Drawn = (&'static str, (u32, u32), u32, (u32, u32));

fn findings(words: &[Drawn]) -> Vec<Region> {
    let mut builder = WordsBuilder::default();
    for &(text, (left, top), line, (first, last)) in words {
        builder.push(WordRow {
            block: line,
            line,
            confidence: 90.0,
            left,
            top,
            width: 8 * text.len() as u32,
            height: 12,
            since_frame: first,
            first_frame: first,
            last_frame: last,
            text,
            ..WordRow::default()
        });
    }
    let detector = detector(BADGE);
    let mut scratch = detector.lend();
    let found: Vec<Finding> =
        word_findings(&detector, (&[builder.finish()], Pass::First), None, &mut scratch);
    let region = |finding: &Finding| match finding.place {
        Place::Region(region) => Some(region),
        _ => None,
    };
    found.iter().filter_map(region).collect()
}

/// Rows of a table with a header, as far as they are below `top` when everything is `up` pixels higher.
fn table(up: u32, top: u32, frames: (u32, u32)) -> Vec<Drawn> {
    let rows = [
        ["Location", "Badge Number", "Status", "Currency"],
        ["Remote", "4471-A", "Active", "EUR"],
        ["Plant", "4472-B", "Active", "USD"],
        ["Remote", "4473-C", "Leave", "EUR"],
        ["Plant", "4474-D", "Active", "GBP"],
        ["Remote", "4475-E", "Active", "EUR"],
        ["Plant", "4476-F", "Leave", "USD"],
    ];
    let places = (0..).zip(rows).filter_map(|(number, row)| {
        let place = (100 + number * 30u32).checked_sub(up).filter(|&y| y >= top)?;
        Some((number, place, row))
    });
    let word = |(number, place, row): (u32, u32, [&'static str; 4])| {
        let cells = (0..4u32).zip(row);
        cells.flat_map(move |(column, text)| {
            // A heading of two words is two words of one line.
            let mut left = 220 + column * 160;
            text.split(' ')
                .map(|part| {
                    let drawn = (part, (left, place), number * 10 + column + up * 100, frames);
                    left += 8 * part.len() as u32 + 8;
                    drawn
                })
                .collect::<Vec<_>>()
        })
    };
    places.flat_map(word).collect()
}

fn covers(found: &[Region], (left, top): (u32, u32), frame: u32) -> bool {
    found.iter().any(|region| {
        (region.left..region.left + region.width).contains(&left)
            && (region.top..region.top + region.height).contains(&top)
            && (region.first_frame..=region.last_frame).contains(&frame)
    })
}

#[test]
fn cells_are_covered_when_their_header_has_scrolled_away() {
    let mut words = table(0, 100, (0, 40));
    words.extend(table(95, 100, (41, 90)));
    let found = findings(&words);
    for row in 1..=6 {
        assert!(covers(&found, (382, 102 + row * 30), 20), "row {row} below its header");
    }
    for row in 4..=6 {
        assert!(covers(&found, (382, 102 + row * 30 - 95), 60), "row {row} after the header: {found:?}");
    }
    assert!(found.iter().all(|region| region.left >= 370 && region.left < 390), "{found:?}");
}

#[test]
fn a_header_never_seen_tells_nothing() {
    assert_eq!(findings(&table(95, 100, (41, 90))), []);
    let mut other = table(0, 100, (0, 40));
    other.extend([
        ("Step", (250, 120), 900, (41, 90)),
        ("4473-C", (470, 120), 901, (41, 90)),
        ("Plant", (250, 150), 902, (41, 90)),
        ("4474-D", (470, 150), 903, (41, 90)),
    ]);
    assert!(findings(&other).iter().all(|region| region.last_frame <= 40));
}

#[test]
fn a_finding_covers_its_word_wherever_it_moves() {
    let step = |(number, frame): (u32, u32)| ("ZZZ123456789", (300, 200 - number * 9), 7, (frame, frame));
    let mut words: Vec<Drawn> = (0..8).zip(20..28).map(step).collect();
    words.push(("ZZZ123456789", (300, 128), 7, (28, 50)));
    let found = findings(&words);
    for (number, frame) in (0..8).zip(20..28) {
        assert!(covers(&found, (302, 202 - number * 9), frame), "{frame}: {found:?}");
    }
    assert!(covers(&found, (302, 130), 50));
    assert_eq!(found.len(), 9);
}
