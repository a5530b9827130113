//! Chunks, windows and bytes that are not UTF-8: what a stream finds is what the whole gives.

use super::super::samples::{FOREIGN, PLANTED, bytes, scanner, text};
use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

fn whole(text: &str) -> Vec<Candidate> {
    let mut out = Vec::new();
    scanner().scan_lines(text, &mut scanner().scratch(), &mut out);
    out
}

fn streamed(chunks: &[&[u8]], window: usize) -> Vec<Candidate> {
    let (mut scratch, mut out) = (scanner().scratch(), Vec::new());
    let mut stream = ScanStream::with_window(scanner(), &mut scratch, window);
    for chunk in chunks {
        stream.push(chunk, &mut out);
        let bound = stream.window + 4;
        assert!(stream.tail.len() <= bound, "{} bytes are kept", stream.tail.len());
    }
    stream.finish(&mut out);
    out
}

fn buffer(bytes: &[u8]) -> Vec<Candidate> {
    let mut out = Vec::new();
    scanner().scan_bytes(bytes, &mut scanner().scratch(), &mut out);
    out
}

/// Cuts bytes in chunks; some are empty.
fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// Whether a finding of the entity holds the whole value.
fn covers(found: &[Candidate], entity: &str, (start, end): (usize, usize)) -> bool {
    let entity = scanner().rules().entity_id(entity).expect("known");
    found.iter().any(|c| c.entity == entity && c.start <= start && end <= c.end && c.score >= 0.5)
}

/// Candidates from the floor up; the scanner may or may not tell those below.
fn sorted(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.retain(|c| c.score >= scanner().floor());
    found.sort_by_key(|c| (c.start, c.end, c.recognizer, c.score.to_bits()));
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_split_finds_what_the_whole_text_gives(text in text(), cuts in proptest::collection::vec(any::<Index>(), 0..12)) {
        let expected = whole(&text);
        prop_assert_eq!(&streamed(&cut(text.as_bytes(), &cuts), WINDOW_BYTES), &expected);
        prop_assert_eq!(&buffer(text.as_bytes()), &expected);
    }

    #[test]
    fn any_split_of_any_bytes_finds_the_same(
        bytes in bytes(),
        cuts in proptest::collection::vec(any::<Index>(), 0..12),
        window in 64_usize..600,
    ) {
        let expected = streamed(&[&bytes], window);
        prop_assert_eq!(&streamed(&cut(&bytes, &cuts), window), &expected);
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(&streamed(&single, window), &expected);
        prop_assert_eq!(streamed(&single, WINDOW_BYTES), buffer(&bytes));
    }

    #[test]
    fn lines_with_foreign_bytes_are_scanned_as_their_mended_copies(bytes in bytes()) {
        let mut text = String::new();
        mend(&bytes, &mut text);
        prop_assert_eq!(text.len(), bytes.len());
        prop_assert_eq!(buffer(&bytes), whole(&text));
    }

    #[test]
    fn a_line_of_many_windows_hides_no_value(
        parts in proptest::collection::vec((proptest::sample::select(&PLANTED[..]), 1_usize..900), 1..20),
        cuts in proptest::collection::vec(any::<Index>(), 0..6),
    ) {
        let (mut line, mut hidden) = (String::new(), Vec::new());
        for ((before, value, behind, entity), filler) in parts {
            line.push_str(&"quiet é ".repeat(filler / 8 + 8));
            line.push_str(before);
            hidden.push((entity, (line.len(), line.len() + value.len())));
            line.push_str(value);
            line.push_str(behind);
            line.push_str(" ; ");
        }
        let found = streamed(&cut(line.as_bytes(), &cuts), 2_048);
        let whole = sorted(whole(&line));
        for (entity, span) in hidden {
            prop_assert!(covers(&whole, entity, span), "{} at {:?} of {}", entity, span, line.len());
        }
        prop_assert_eq!(sorted(found), whole);
    }
}

#[test]
fn what_is_planted_is_found_at_all() {
    for (before, value, behind, entity) in PLANTED {
        let line = format!("x\r\n{before}{value}{behind}\r\n");
        let start = 3 + before.len();
        assert!(covers(&whole(&line), entity, (start, start + value.len())), "{line}");
    }
}

#[test]
fn bytes_that_are_not_utf8_hide_nothing_beside_them() {
    for (foreign, gap) in FOREIGN.iter().flat_map(|foreign| [(foreign, ""), (foreign, " ")]) {
        for (before, value, behind, entity) in PLANTED {
            let start = 13 + foreign.len() + before.len();
            let line: [&[u8]; 8] = [
                b"first \xff line\n",
                foreign,
                before.as_bytes(),
                value.as_bytes(),
                gap.as_bytes(),
                foreign,
                behind.as_bytes(),
                b"\nnext line\n",
            ];
            let found = buffer(&line.concat());
            let span = (start, start + value.len());
            assert!(covers(&found, entity, span), "{entity} before {gap:?}, {foreign:x?}: {found:?}");
        }
    }
}

#[test]
fn a_character_may_be_cut_by_any_chunk() {
    let line = "Worker: Zoë Müller-Lüdenscheidt\nEmployee Name: Jane Doe";
    let expected = whole(line);
    assert!(!expected.is_empty());
    for at in 0..=line.len() {
        let (left, right) = line.as_bytes().split_at(at);
        assert_eq!(streamed(&[left, right], WINDOW_BYTES), expected, "cut at {at}");
    }
}

#[test]
fn lines_at_the_bound_are_scanned_whole_and_longer_ones_are_not_lost() {
    let value = "ssn=078-05-1120";
    for length in 250..270 {
        let line = format!("{}{value}", "x ".repeat(200)).split_off(400 + value.len() - length);
        let text = format!("{line}\n{line}\r\n{line}");
        let found = streamed(&[text.as_bytes()], 256);
        let starts = [length - 11, 2 * length - 10, 3 * length - 8];
        for start in starts {
            assert!(covers(&found, "US_SSN", (start, start + 11)), "{length}: {start}");
        }
        assert_eq!(found, whole(&text), "{length}");
    }
}

#[test]
fn windows_start_with_whole_characters_where_there_are_any() {
    let text = "aé€😀".as_bytes();
    let starts: Vec<usize> = (0..text.len()).map(|at| char_start(text, at)).collect();
    assert_eq!(starts, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6]);
    assert_eq!(char_start(&[0x80; 9], 8), 8);
}
